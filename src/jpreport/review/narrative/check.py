"""Check a notebook's narrative before it runs: typed numbers, captions, what cannot be set."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jpreport.document.markdown import unprintable
from jpreport.document.myst import read_caption, read_markdown
from jpreport.errors import Place, Problem
from jpreport.execute.check import cell_place
from jpreport.execute.parameters import source_of
from jpreport.forms.cell_options import is_hidden, read_options
from jpreport.review.narrative.numbers import Scanner

_HINT = (
    'quote a figure, such as {eval}`rp["1.1"]`, or declare the words in programme.toml: '
    '[[literal]] text = "...", reason = "..."'
)
# What marks a passage that is still to be written; `jpreport init` puts it where one is.
TO_WRITE = "**To write:**"
_SHOWN = re.compile(r"\w+_(table|chart)|small_multiples")
_PLOTTED = re.compile(r"\b(plt|ax|axes|fig)\.\w|\.plot\b|\bimport matplotlib\b")


def check_narrative(
    notebook: Mapping[str, Any], where: Place, scanner: Scanner
) -> tuple[Problem, ...]:
    """Return what keeps a notebook from being evidence: typed numbers, outputs, lone labels.

    What no report can show is told as well: values in formulas, pictures in Markdown.
    Only what a reader sees is read: Markdown, captions and alternative texts of cells that
    are not tagged `hide`.
    """
    problems: list[Problem] = []
    prose: list[tuple[Place, str]] = []
    left: list[str] = []
    for number, cell in enumerate(notebook["cells"], start=1):
        place = cell_place(cell, number, where)
        if cell["cell_type"] == "code" and (cell.get("outputs") or cell.get("execution_count")):
            left.append(str(number))
        if is_hidden(cell) or cell["cell_type"] == "raw":
            continue
        if cell["cell_type"] == "markdown":
            problems += _typed(source_of(cell), place, scanner)
            prose.append((place, source_of(cell)))
        else:
            problems += _in_options(cell, place, scanner)
    problems += unprintable(prose)
    if left:
        cells = f"cell{'s' if len(left) > 1 else ''} {', '.join(left)}"
        message = f"{cells} hold{'' if len(left) > 1 else 's'} what an earlier run left"
        problems.append(Problem(where, message, "take it out: jpreport strip"))
    return tuple(problems)


def caption_warnings(notebook: Mapping[str, Any], where: Place) -> tuple[Problem, ...]:
    """Return the tables and charts that have no caption, and plots without alternative text."""
    return tuple(
        problem
        for number, cell in enumerate(notebook["cells"], start=1)
        if cell["cell_type"] == "code" and not is_hidden(cell)
        for problem in _uncaptioned(cell, cell_place(cell, number, where))
    )


def unwritten(notebook: Mapping[str, Any], where: Place) -> tuple[Problem, ...]:
    """Return the passages that are marked as still to be written."""
    return tuple(
        Problem(
            cell_place(cell, number, where).at(line=line),
            f"is still to be written: {text.partition(TO_WRITE)[2].strip()}",
            f"write the passage in place of the one that begins with {TO_WRITE}",
        )
        for number, cell in enumerate(notebook["cells"], start=1)
        if cell["cell_type"] == "markdown" and not is_hidden(cell)
        for line, text in enumerate(source_of(cell).splitlines(), start=1)
        if TO_WRITE in text
    )


def last_call(source: str) -> str:
    """Return the name of the function whose result a cell shows; "" where it is no call."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ""  # told by the check of the code, or IPython's own
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
        return ""
    function = last.value.func
    return getattr(function, "id", getattr(function, "attr", ""))


def _typed(source: str, place: Place, scanner: Scanner) -> Iterator[Problem]:
    for passage in read_markdown(source).passages:
        for found in scanner.find(passage.text, heading=passage.heading):
            line = passage.line + passage.text.count("\n", 0, found.start)
            message = f'the number "{found.text}" is typed in, it comes from no figure'
            yield Problem(place.at(line=line), message, _HINT)


def _in_options(cell: Mapping[str, Any], place: Place, scanner: Scanner) -> Iterator[Problem]:
    options, _ = read_options(cell, place)
    for key, text in (("caption", options.caption), ("alternative text", options.alt)):
        told = " ".join(passage.text for passage in read_caption(text).passages)
        for found in scanner.find(told):
            message = f'the number "{found.text}" is typed into the {key}'
            yield Problem(place, message, "leave it out, or declare it as a [[literal]]")
    if options.label and not options.caption:
        yield Problem(place, "a label without a caption", "add a line `#| caption: ...`")


def _uncaptioned(cell: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    options, _ = read_options(cell, place)
    name = last_call(options.source)
    if _SHOWN.fullmatch(name) and not options.caption:
        yield Problem(place, f"{name} without a caption", "add a line `#| caption: ...`")
    plotted = _PLOTTED.search(options.source) and not _SHOWN.fullmatch(name)
    if plotted and options.caption and not options.alt:
        yield Problem(place, "a plot without alternative text", "add a line `#| alt: ...`")
