"""A notebook has one form: what runs and editors left in it changes nothing and goes nowhere."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.cli.main import main
from jpreport.files.canonical import canonical, canonical_or_same
from jpreport.files.file_digests import FileDigests
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.release.staging import _copy
from programme_samples import write_programme


def saved(content: bytes, text: str = "ada 5") -> bytes:
    """Return a notebook as JupyterLab saves it after a run."""
    nb = json.loads(content)
    nb["metadata"] = {
        **nb["metadata"],
        "kernelspec": {
            "name": "python3",
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
        },
        "language_info": {"name": "python", "version": "3.12.1", "codemirror_mode": {"version": 3}},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a": text}}},
    }
    for number, cell in enumerate(nb["cells"], start=1):
        cell["metadata"] |= {"scrolled": True, "jupyter": {"source_hidden": True}, "trusted": True}
        cell["metadata"]["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            data = {"text/plain": [text]}
            cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
        else:
            result = {"status": "ok", "data": {"text/plain": text}, "metadata": {}}
            cell["metadata"]["user_expressions"] = [{"expression": "x", "result": result}]
    return json.dumps(nb, indent=2).encode()


def plain(*cells: dict[str, Any]) -> bytes:
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": spec, "language_info": {"name": "python"}}
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return json.dumps(made).encode()


SOURCES = st.lists(st.text(), min_size=1, max_size=4)


@given(SOURCES, st.sampled_from(["code", "markdown", "raw"]), st.text(min_size=1))
def test_a_saved_notebook_and_its_stripped_twin_have_one_form(
    sources: list[str], kind: str, text: str
) -> None:
    cells = [
        {"cell_type": kind, "id": f"c{n}", "source": source, "metadata": {"tags": ["hide"]}}
        for n, source in enumerate(sources)
    ]
    twin = plain(*copy.deepcopy(cells))
    form = canonical(twin)
    assert canonical(saved(twin, text)) == form == canonical(form)
    read = json.loads(form)["cells"]
    assert ["".join(cell["source"]) for cell in read] == sources
    assert [(cell["id"], cell["metadata"]) for cell in read] == [
        (cell["id"], {"tags": ["hide"]}) for cell in cells
    ]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[]", b'{"nbformat": 3}', b'{"nbformat": 4}']
)
def test_what_is_no_notebook_is_refused_and_kept(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        canonical(content)
    assert canonical_or_same(content) == content


def test_a_saved_notebook_has_the_digest_of_its_stripped_twin(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    twin = plain({"cell_type": "code", "id": "a", "source": "x", "metadata": {}})
    digests = set()
    for content in (twin, saved(twin), canonical(twin)):
        path.write_bytes(content)
        digests.add(FileDigests().digest_input(path))
    assert digests == {FileDigests().digest(path)}


def test_the_verb_strips_all_notebooks_and_names_what_it_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_programme(tmp_path)
    summary, donor = root / "notebooks/summary.ipynb", root / "notebooks/donor.ipynb"
    summary.write_bytes(saved(summary.read_bytes()))
    before = summary.read_bytes()
    donor.write_text("{", encoding="utf-8")
    assert main(["strip", "--check", "--project", str(root)]) == 1
    assert "summary.ipynb: is not stripped" in capsys.readouterr().out
    assert summary.read_bytes() == before
    assert main(["strip", "--project", str(root)]) == 1
    assert "not JSON" in capsys.readouterr().err
    assert donor.read_text(encoding="utf-8") == "{"
    assert summary.read_bytes() == canonical(before)
    assert main(["strip", "--check", str(summary)]) == 0


def test_what_runs_left_in_notebooks_is_not_staged(tmp_path: Path) -> None:
    root = write_programme(tmp_path / "programme")
    path = root / "notebooks/summary.ipynb"
    path.write_bytes(saved(path.read_bytes(), "planted 4711"))
    (root / "notebooks/broken.ipynb").write_text('{"planted": 4711', encoding="utf-8")
    stage = tmp_path / "stage"
    stage.mkdir()
    _copy(root, stage, set(), lambda _: False)
    assert (stage / "notebooks/summary.ipynb").read_bytes() == canonical(path.read_bytes())
    staged = [one for one in stage.rglob("*") if one.is_file()]
    assert not [one for one in staged if b"planted" in one.read_bytes()]


@pytest.mark.slow
def test_a_saved_notebook_and_its_stripped_twin_give_one_release(tmp_path: Path) -> None:
    root = write_programme(tmp_path / "programme")
    outputs = []
    for number in (1, 2):
        output = tmp_path / str(number)
        assert {one.state for one in build(Request(root, output))} == {"built"}
        files = sorted(path for path in output.rglob("*") if path.is_file())
        outputs.append(
            {
                path.relative_to(output).as_posix(): path.read_bytes()
                for path in files
                if ".cache" not in path.parts
            }
        )
        for path in (root / "notebooks").glob("*.ipynb"):
            path.write_bytes(saved(path.read_bytes(), "planted 4711"))
        if number == 1:
            assert {one.state for one in build(Request(root, output))} == {"unchanged"}
    assert outputs[0] == outputs[1]
    assert not [name for name, content in outputs[1].items() if b"planted" in content]
