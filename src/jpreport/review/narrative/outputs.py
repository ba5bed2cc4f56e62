"""Find the numbers of an executed notebook that nobody could trace to a figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from jpreport.document.myst import read_markdown
from jpreport.document.quotes import numbered_cells, shown_text, text_of, values_of
from jpreport.errors import Place, Problem
from jpreport.forms.cell_options import is_hidden, read_options
from jpreport.forms.mime import CHART, FIGURE, TABLE
from jpreport.forms.tables import Table
from jpreport.review.narrative.check import last_call
from jpreport.review.narrative.numbers import Scanner

_WHOLE = "100%"
_DIGIT = re.compile(r"\d")
_CELL = re.compile(r"<td\b[^>]*>(.*?)(?=<(?:/?td|/?tr|/?table)\b)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_NUMBER = re.compile(r"[-\u2212]?[A-Z$€£]{0,3}\s?[\d,.\s]*\d\s?%?")
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_FIGURE_HINT = "return a figure, or build the table with `figure.by(...).table()`"


def underived(notebook: Mapping[str, Any], where: Place, scanner: Scanner) -> tuple[Problem, ...]:
    """Return the outputs of an executed notebook that hold numbers without derivation.

    One problem an output: prose values that are no figures, printed text, data frames, and
    tables and charts whose cells have numbers but name no figure. A picture that code of an own
    drew is not looked into.
    """
    problems: list[Problem] = []
    for number, cell in numbered_cells(notebook):
        place = where.at(cell=number)
        if is_hidden(cell):
            continue
        if cell["cell_type"] == "markdown":
            problems += _values(cell, place, scanner)
        elif cell["cell_type"] == "code":
            options, _ = read_options(cell, place)
            place = where.at(cell=number, label=options.label)
            problems += _outputs(cell, place, scanner) if options.output else ()
    return tuple(problems)


def _values(cell: Mapping[str, Any], place: Place, scanner: Scanner) -> Iterator[Problem]:
    for expression, data in values_of(cell).items():
        found = () if FIGURE in data else scanner.find(shown_text(data))
        if found:
            message = f'{{eval}}`{expression}` gives the number "{found[0].text}" and no figure'
            yield Problem(place, message, "let the expression return a figure")


def _outputs(cell: Mapping[str, Any], place: Place, scanner: Scanner) -> Iterator[Problem]:
    call = last_call(text_of(cell["source"]))
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if output["output_type"] == "stream" and output.get("name") == "stdout":
            count, kind = len(scanner.find(text_of(output["text"]))), "printed text"
        elif TABLE in data or data.get(CHART, {}).get("table"):
            shown = data[TABLE] if TABLE in data else data[CHART]
            table = Table.from_json(shown if TABLE in data else shown["table"])
            # A mark of the notebook door, never a name in the source, says what is derived.
            count = 0 if shown.get("derived") is True else _loose_cells(table)
            kind = "table" if TABLE in data else "chart"
            kind = f"the {kind} of {call}" if call else f"a {kind}"
        elif not data or FIGURE in data or CHART in data or any(one in data for one in _PICTURES):
            continue
        elif "text/html" in data:
            count, kind = _numbers_in_html(text_of(data["text/html"])), "a data frame"
        elif "text/markdown" in data:
            passages = read_markdown(text_of(data["text/markdown"])).passages
            count, kind = sum(len(scanner.find(one.text)) for one in passages), "shown text"
        else:
            count, kind = len(scanner.find(shown_text(data))), "shown text"
        if count:
            message = f"{kind} has {count} number{'s' if count > 1 else ''} without derivation"
            yield Problem(place, message, _FIGURE_HINT)


def _loose_cells(table: Table) -> int:
    """Count the numbers that no figure stands behind.

    A row whose heading names a figure is about that figure, and a whole is 100% of itself.
    """
    rows = [row for row in table.rows if row.role != "section"]
    return sum(
        1
        for row in rows
        if not any(cell.figure for cell in row.cells[: table.stub])
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.kind == "number" and _DIGIT.search(cell.text)
        if not cell.figure
        if not (row.role == "total" and cell.text == _WHOLE)
    )


def _numbers_in_html(text: str) -> int:
    """Count the table cells that are numbers; headings (`th`) are none."""
    cells = (unescape(_TAG.sub("", cell)).strip() for cell in _CELL.findall(text))
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in cells)
