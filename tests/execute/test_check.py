"""Notebooks are checked before a kernel starts: all problems at once, each with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.errors import Place
from jpreport.execute.check import check_notebook, tag_doubts
from jpreport.files.canonical import canonical_or_same

PARAMETERS = ("code", "donor: str = 'IOM'", ["parameters"])


def write(path: Path, *cells: tuple[Any, ...], **metadata: object) -> Path:
    made = [
        {"cell_type": kind, "source": source, "metadata": {"tags": tags[0] if tags else []}}
        for kind, source, *tags in cells
    ]
    nb = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made}
    path.write_text(json.dumps(nb), "utf-8")
    return path


def told(path: Path) -> list[str]:
    return [str(problem) for problem in check_notebook(path, Place("n.ipynb"))]


def test_a_sound_notebook_has_no_problem(tmp_path: Path) -> None:
    cells = [
        PARAMETERS,
        ("markdown", "# T {eval}`donor.upper()`"),
        ("code", "#| label: tbl-a\n%matplotlib inline\n!ls\nfiles = !ls\nawait f()\ndonor?"),
        ("code", "%%bash\nnot python at all (\n"),
        ("code", "#| label: tbl-b\n#| echo: false\n'\\d'"),
        ("raw", "((("),
    ]
    assert told(write(tmp_path / "n.ipynb", *cells)) == []


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    cells = [
        ("code", "a = {}", ["parameters"]),
        ("markdown", "# T\n\n{eval}`rp[`"),
        ("code", "#| label: tbl-a\nx = 1\nx = = 2"),
        ("code", "#| label: tbl-a\n#| captoin: c"),
        ("code", "\n\n!ls\nx = = 2"),
    ]
    found = "\n".join(told(write(tmp_path / "n.ipynb", *cells)))
    assert 'n.ipynb, cell 1, line 1: the default of "a" is not written out' in found
    assert "n.ipynb, cell 2, line 3: {eval}`rp[` is not a Python expression" in found
    assert "n.ipynb, cell 3 (tbl-a), line 3: SyntaxError: invalid syntax\n  > x = = 2" in found
    assert 'cell 4 (tbl-a): the label "tbl-a" is taken by cell 3' in found
    assert 'unknown cell option "captoin"\n  did you mean "caption"?' in found
    assert "n.ipynb, cell 5, line 4: SyntaxError" in found


ODD = st.sampled_from([None, True, 1.5, "", "x", [], {}, [None], [1.5, {}], {"a": []}])


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in list(items):
        yield value, key
        if isinstance(one, dict | list):
            yield from _places(one)


@given(st.data())
def test_whatever_a_notebook_file_holds_is_read_or_told(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "n.ipynb", PARAMETERS, ("markdown", ["# T\n", "x"]))
        nb = json.loads(path.read_bytes())
        nb["metadata"]["kernelspec"] = {"name": "python3", "language": "python"}
        holder, key = data.draw(st.sampled_from(list(_places(nb))))
        holder[key] = data.draw(ODD)
        path.write_text(json.dumps(nb), "utf-8")
        check_notebook(path)
        canonical_or_same(path.read_bytes())


def test_a_syntax_error_in_the_parameters_is_told_once(tmp_path: Path) -> None:
    [problem] = told(write(tmp_path / "n.ipynb", ("code", "a = (", ["parameters"])))
    assert "n.ipynb, cell 1, line 1: SyntaxError: '(' was never closed" in problem


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{,}", "n.ipynb, line 1: not JSON"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"[]", "not a notebook"),
        (b'{\n<<<<<<< HEAD\n"a": 1\n=======', "n.ipynb, line 2: a merge was not finished here"),
        (
            rb'{"nbformat":4,"cells":[{"cell_type":"raw","metadata":{},"source":"\ud800"}]}',
            "n.ipynb, cell 1: holds half of a character (U+D800, a lone surrogate)",
        ),
        (b'{"nbformat": 3}', "notebook format 3; this release reads 4"),
        (b'{"nbformat": 4, "cells": [{}]}', "a cell is malformed"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(content)
    [problem] = told(path)
    assert expected in problem


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    assert told(tmp_path / "n.ipynb") == ["n.ipynb: there is no such notebook"]
    assert "n.ipynb: cannot be read" in told(tmp_path)[0]


def test_another_language_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "n.ipynb", PARAMETERS, kernelspec={"language": "R"})
    assert told(path) == ["n.ipynb: written in R; reports are made from Python"]


def test_a_tag_that_does_nothing_is_told(tmp_path: Path) -> None:
    code = ("code", "a = 1", ["parameters", "slideshow"])
    path = write(tmp_path / "n.ipynb", code, ("markdown", "Text", ["remove_cell", "mine"]))
    told = [str(one).splitlines()[0] for one in tag_doubts(path, Place("n.ipynb"))]
    assert told == [
        'n.ipynb, cell 1: the tag "slideshow" does nothing in a report',
        'n.ipynb, cell 2: the tag "mine" does nothing in a report',
    ]
