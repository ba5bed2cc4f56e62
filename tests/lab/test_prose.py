"""What JupyterLab is told of a notebook: the report's prose, captions and numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import figure_samples as figures
from jpreport.figures import FigureRecord
from jpreport.forms.mime import FIGURE, TABLE
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.lab import prose

TABLE_OUTPUT = {
    "output_type": "execute_result",
    "metadata": {},
    "data": {TABLE: {**Table((Column("A"),), (Row((Cell("1"),)),)).to_json(), "figures": []}},
}


@pytest.fixture(autouse=True)
def _forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "programme.toml").touch()
    monkeypatch.chdir(tmp_path)
    prose._evaluated.clear()
    yield
    prose._evaluated.clear()


def evaluated(cell: str, source: str, **values: dict[str, Any]) -> None:
    """Keep values as a kernel would that was asked to evaluate a cell."""
    prose._evaluated[cell] = (
        source,
        [{"expression": name, "result": result} for name, result in values.items()],
    )


def value(text: str, **more: object) -> dict[str, Any]:
    return {"status": "ok", "data": {"text/plain": text, **more}}


def told(*cells: str | tuple[str, list[Any]]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return prose and captions; a Markdown cell is a text, a code cell has outputs."""
    made = [
        {"id": f"c{n}", "cell_type": "markdown", "source": cell, "metadata": {}}
        if isinstance(cell, str)
        else {
            "id": f"c{n}",
            "cell_type": "code",
            "source": cell[0],
            "metadata": {},
            "outputs": cell[1],
        }
        for n, cell in enumerate(cells, start=1)
    ]
    answer = prose.page(json.dumps({"cells": made}))._repr_mimebundle_()["application/json"]
    return answer["prose"], answer["captions"]


def test_titles_sections_and_footnotes_are_numbered_as_in_the_report() -> None:
    shown, _ = told(
        "# T & t\n\nA[^1].\n\n[^1]: one\n\n## First", "## Second\n\nB[^1].\n\n[^1]: two"
    )
    assert shown["c1"].startswith("<h1>T &amp; t</h1>")
    assert '<span class="number">2</span> Second' in shown["c2"]
    assert 'value="1"><p>one' in shown["c1"]
    assert 'value="2"><p>two' in shown["c2"]
    assert "two" not in shown["c1"]


def test_a_reference_has_its_number_once_the_cell_has_run() -> None:
    code = "#| label: tbl-a\n#| caption: All of them\nf()"
    shown, captions = told("# T\n\nSee [](#tbl-a).", (code, [TABLE_OUTPUT]))
    assert ">Table 1</a>" in shown["c1"]
    assert captions == {
        "c2": {"label": "tbl-a", "number": "Table 1", "caption": "All of them"},
    }
    evaluated("c1", "# T\n\nSee [](#tbl-a) and [](#tbl-b).")
    shown, captions = told("# T\n\nSee [](#tbl-a) and [](#tbl-b).", (code, []))
    assert ">tbl-a</a>" in shown["c1"]
    assert captions == {}
    # What has not run yet is no fault; what is nowhere is one.
    assert shown["c1"].count("jpreport-problem") == 1
    assert "a reference to &quot;tbl-b&quot;, which is not there" in shown["c1"]


def test_a_value_stands_in_its_place_and_an_old_one_does_not() -> None:
    source = "# T\n\n{eval}`n` and {eval}`lost`"
    assert '<code class="no-value">n</code>' in told(source)[0]["c1"]
    failed = {"status": "error", "ename": "NameError", "evalue": "name 'lost' is <gone>"}
    evaluated("c1", source, n=value("'&lt;'"), lost=failed)
    [shown] = told(source)[0].values()
    assert "<p>&amp;lt; and " in shown
    assert "raised NameError: name &#x27;lost&#x27; is &lt;gone&gt;" in shown
    [shown] = told(f"{source}.")[0].values()
    assert '<code class="no-value">n</code>' in shown
    assert "NameError" not in shown


def test_a_figure_says_what_it_counts() -> None:
    source = '# T\n\n{eval}`rp["1.1"]` trained'
    record = FigureRecord.of(figures.TRAINED).to_json()
    evaluated("c1", source, **{'rp["1.1"]': value("277", **{FIGURE: record})})
    [shown] = told(source)[0].values()
    assert f'<span class="figure" title="{figures.TRAINED.title}">277</span> trained' in shown


def test_a_role_without_words_says_why() -> None:
    result = prose._worded(value("None"), "x")
    assert result["evalue"] == "is None, which has no form in a sentence"
    assert prose._worded(value("1234567"), "x")["data"]["text/plain"] == "'1,234,567'"


def test_a_mistyped_option_or_tag_is_told_at_its_cell() -> None:
    cells = [
        {"id": "a", "source": "#| captoin: C\n1", "metadata": {}},
        {"id": "b", "source": "1", "metadata": {"tags": ["hied", "mine"]}},
        {"id": "c", "source": "#| label: tbl-a\n1", "metadata": {"tags": ["hide"]}},
    ]
    sent = {"cells": [{"cell_type": "code", "outputs": [], **cell} for cell in cells]}
    faults = prose.page(json.dumps(sent))._repr_mimebundle_()["application/json"]["faults"]
    assert {*faults} == {"a", "b"}
    assert "unknown cell option" in faults["a"]
    assert "did you mean &quot;caption&quot;?" in faults["a"]
    assert "did you mean &quot;hide&quot;?" in faults["b"]


def test_notebooks_of_no_programme_are_left_to_jupyterlab() -> None:
    Path("programme.toml").unlink()
    assert told("# T", ("f()", [TABLE_OUTPUT])) == ({}, {})
