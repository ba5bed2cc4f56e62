"""Two people's edits of one notebook merge; what Git is told of a programme's folder holds."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jpreport.files.canonical import canonical
from jpreport.programme.git_setup import GIT_FILES


def after_run(sources: list[str], person: str) -> bytes:
    """Return the canonical form of what a person's JupyterLab holds after Run All."""
    ran: dict[str, Any] = {"execution": {"iopub.status.busy": person}, "collapsed": True}
    result = [{"expression": "x", "result": {"status": "ok", "data": {"text/plain": person}}}]
    output = {"output_type": "stream", "name": "stdout", "text": [person]}
    cells: list[dict[str, Any]] = []
    for number, source in enumerate(sources):
        cell = {"id": f"c{number}", "source": source.splitlines(keepends=True)}
        if number % 2:
            cells.append({**cell, "cell_type": "code", "metadata": ran, "outputs": [output]})
            cells[-1]["execution_count"] = len(person) + number
        else:
            values = {"user_expressions": result}
            cells.append({**cell, "cell_type": "markdown", "metadata": values})
    kernel = {"name": person, "display_name": f"Python of {person}", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python", "version": person}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return canonical(json.dumps(notebook).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.text('ab{}"\\\n', max_size=12), min_size=2, max_size=6), st.data())
def test_edits_of_different_cells_merge(
    tmp_path: Path, sources: list[str], data: st.DataObject
) -> None:
    mine, theirs = data.draw(
        st.lists(st.sampled_from(range(len(sources))), min_size=2, max_size=2, unique=True)
    )
    texts = {"base": sources, "ada": [*sources], "bob": [*sources], "both": [*sources]}
    for name, place in (("ada", mine), ("bob", theirs)):
        for text in (texts[name], texts["both"]):
            text[place] += f"\nwritten by {name}"
    for name, text in texts.items():
        (tmp_path / name).write_bytes(after_run(text, name))
    files = [tmp_path / name for name in ("ada", "base", "bob")]
    merged = subprocess.run(["git", "merge-file", "-p", *files], capture_output=True, check=True)
    assert merged.stdout == (tmp_path / "both").read_bytes()


def test_git_takes_what_it_is_told(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        told = subprocess.run(
            ["git", *arguments], cwd=tmp_path, capture_output=True, check=True, text=True
        )
        return told.stdout

    git("init", "-q")
    for name, text in GIT_FILES.items():
        (tmp_path / name).write_text(text)
    assert "merge: jupyternotebook" in git("check-attr", "merge", "notebooks/a.ipynb")
    assert git("check-ignore", ".jpreport/secret", "outputs/a.pdf").count("\n") == 2


def test_this_repository_does_as_programmes_are_told() -> None:
    own = Path(__file__).parents[2] / ".gitattributes"
    assert own.read_text("utf-8") == GIT_FILES[".gitattributes"]
