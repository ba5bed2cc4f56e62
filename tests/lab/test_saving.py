"""Jupyter's server writes the canonical form of a programme's notebooks, and nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
from nbformat import v4

from jpreport.files.canonical import canonical
from jpreport.lab.saving import keep_canonical
from programme_samples import write_programme


def ran(text: str = "x = 1\ny = 2") -> dict[str, Any]:
    """Return what JupyterLab sends when a notebook that was run is saved."""
    output = v4.new_output("stream", text="a\n")
    cells = [
        v4.new_code_cell(text, outputs=[output], execution_count=3, id="a"),
        v4.new_markdown_cell("# T\n\nText", id="b"),
    ]
    sent: dict[str, Any] = json.loads(json.dumps(v4.new_notebook(cells=cells)))
    return sent


def saved(root: Path, path: str, content: object, kind: str = "notebook") -> object:
    model: dict[str, Any] = {"type": kind, "content": content}
    manager = SimpleNamespace(root_dir=str(root))
    keep_canonical(model=model, path=path, contents_manager=manager)
    written: object = model["content"]
    return written


def test_what_jupyter_writes_is_the_canonical_form_byte_for_byte(tmp_path: Path) -> None:
    write_programme(tmp_path / "p")
    content = saved(tmp_path, "/p/notebooks/new.ipynb", ran())
    file = tmp_path / "p/notebooks/new.ipynb"
    with file.open("w", encoding="utf-8") as out:
        nbformat.write(nbformat.from_dict(content), out, version=nbformat.NO_CONVERT)
    assert (
        file.read_bytes() == canonical(file.read_bytes()) == canonical(json.dumps(ran()).encode())
    )


def test_what_is_no_notebook_of_a_programme_is_left_as_it_is(tmp_path: Path) -> None:
    write_programme(tmp_path / "p")
    assert saved(tmp_path, "elsewhere.ipynb", ran()) == ran()
    assert saved(tmp_path, "p/data/visits.csv", "text", "file") == "text"
    assert saved(tmp_path, "p/new.ipynb", None) is None
    old = {"nbformat": 3, "worksheets": []}
    assert saved(tmp_path, "p/old.ipynb", old) == old


def test_make_lab_passes_flags_on() -> None:
    command = ["make", "--no-print-directory", "-n", "lab", "ARGS=--no-browser --port=9"]
    told = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, check=True, text=True
    )
    assert told.stdout.rstrip().endswith("--no-browser --port=9")
