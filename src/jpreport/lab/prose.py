"""A notebook's prose as its report will have it; runs in the kernel, asked by the extension."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from IPython.core.getipython import get_ipython

from jpreport.data import programme_package
from jpreport.document import pandoc
from jpreport.document.blocks import ChartBlock, Prose, TableBlock
from jpreport.document.markdown import Node, map_nodes
from jpreport.document.markdown_text import Role
from jpreport.document.myst import read_caption, read_markdown
from jpreport.document.reading import Reading, read_notebook
from jpreport.document.sources import SourceBook
from jpreport.errors import NOWHERE, JpreportError, Place, Problem, ProjectError
from jpreport.execute.prose import worded
from jpreport.export.html_prose import UniqueNames, html_blocks, raw
from jpreport.forms.cell_options import read_options
from jpreport.notebook.closing import close_records
from jpreport.programme.folder import find_programme
from jpreport.programme.settings import read_settings

# By cell: the source that was evaluated, and the results of its roles as a notebook keeps them.
_evaluated: dict[str, tuple[str, list[dict[str, Any]]]] = {}

_CELL = re.compile(r"<!--cell (\d+)-->")
_NOTE = re.compile(r'<li id="fn(\d+)">')
_CALL = re.compile(r'href="#fn(\d+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What the extension is told, as JSON."""

    content: Mapping[str, Any]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {"text/plain": "", "application/json": self.content}


def enter() -> None:
    """Let the cells that run from now on see of the programme what they see in a build.

    The records of persons are closed to them, whether or not they have opened the report yet.
    """
    with suppress(JpreportError):  # what is wrong is told by the cell that opens the report
        _close(find_programme(Path.cwd()))


@cache
def _close(root: Path) -> None:
    close_records(programme_package(read_settings(root)))


def evaluate(cell: str, kind: str, source: str) -> None:
    """Evaluate the roles of a cell now, between the cells around it; of code, its captions'."""
    shell = get_ipython()
    assert shell is not None  # noqa: S101 - this runs in a kernel
    roles = _roles(kind, source)
    found = shell.user_expressions({str(n): role.expression for n, role in enumerate(roles)})  # type: ignore[no-untyped-call]
    results = [
        {"expression": role.expression, "result": _worded(result, role.expression)}
        for role, result in zip(roles, found.values(), strict=True)
    ]
    _evaluated[cell] = source, results


def _roles(kind: str, source: str) -> tuple[Role, ...]:
    if kind == "markdown":
        return read_markdown(source).roles
    options, _ = read_options({"cell_type": kind, "source": source}, NOWHERE)
    return tuple(r for text in (options.alt, options.caption) for r in read_caption(text).roles)


def _worded(result: dict[str, Any], expression: str) -> dict[str, Any]:
    if result["status"] != "ok":
        return result
    try:
        return {**result, "data": worded(result["data"], expression)}
    except ValueError as error:
        return {"status": "error", "ename": "ValueError", "evalue": str(error)}


def page(notebook: str) -> Answer:
    """Return the HTML of the Markdown cells, captions and faults of the code cells, by cell.

    `notebook` is JSON: `cells` as in a notebook, pictures left out. A value that is not there
    yet shows as its expression; what is at fault stands below its cell. JupyterLab's own Markdown
    stays outside of programme folders.
    """
    try:
        find_programme(Path.cwd())
    except ProjectError:
        return Answer({"prose": {}, "captions": {}, "faults": {}})
    cells = json.loads(notebook)["cells"]
    for cell in cells:
        source, results = _evaluated.get(cell["id"], ("", []))
        if source == cell["source"]:
            cell["metadata"]["user_expressions"] = results
    reading = read_notebook(SimpleNamespace(cells=cells, metadata={}))
    html = _html(reading)
    for number, problems in _problems(reading, cells).items():
        html[number] = html.get(number, "") + "".join(problems)
    ids = {number: cell["id"] for number, cell in enumerate(cells, start=1)}
    return Answer(
        {
            "prose": {ids[number]: text for number, text in html.items()},
            "captions": {ids[number]: told for number, told in _captions(reading)},
            "faults": {
                cell["id"]: "".join(map(_shown, problems))
                for cell in cells
                if cell["cell_type"] == "code"
                for problems in [read_options(cell, NOWHERE)[1]]
                if problems
            },
        }
    )


def _number(place: Place) -> int:
    return int(place.get("cell") or 0)


def _html(reading: Reading) -> dict[int, str]:
    """Return the HTML of each Markdown cell by its number, with the footnotes that it calls."""
    names, book = UniqueNames(), reading.book
    nodes: list[Node] = []
    for placed in reading.blocks:
        if isinstance(placed.block, Prose) and not placed.output:
            blocks = map_nodes(list(placed.block.blocks), lambda node: _titled(node, book))
            nodes.append(raw(f"<!--cell {_number(placed.where)}-->"))
            nodes += html_blocks(Prose(tuple(blocks)), names)
    body, _, notes = pandoc.write(nodes, to="html5").partition('<section id="footnotes"')
    pieces = _NOTE.split(notes.rpartition("</ol>")[0])[1:]
    texts = dict(zip(map(int, pieces[::2]), pieces[1::2], strict=True))
    parts = _CELL.split(body)[1:]
    html = dict(zip(map(int, parts[::2]), parts[1::2], strict=True))
    for number, text in html.items():
        called = [int(note) for note in _CALL.findall(text)]
        items = "".join(f'<li id="fn{note}" value="{note}">{texts[note]}' for note in called)
        html[number] = f'{text}<ol class="jpreport-notes">{items}</ol>' if items else text
    if title := _number(reading.titled):
        html[title] = f"<h1>{escape(reading.title)}</h1>{html.get(title, '')}"
    return html


def _titled(node: Node, book: SourceBook) -> Node:
    """Return a quoted figure with what it counts, to be read on hover; there is no annex here."""
    if node["t"] != "Span" or not (key := dict(node["c"][0][2]).get("data-source")):
        return node
    name, classes, _ = node["c"][0]
    return {"t": "Span", "c": [[name, classes, [["title", book.known[key].title]]], node["c"][1]]}


def _captions(reading: Reading) -> Iterator[tuple[int, Mapping[str, str]]]:
    for placed in reading.blocks:
        block = placed.block
        if isinstance(block, TableBlock | ChartBlock) and block.number:
            kind = "Table" if isinstance(block, TableBlock) else "Chart"
            number = f"{kind} {block.number}"
            told = {"label": block.label, "number": number, "caption": block.caption}
            yield _number(placed.where), told


def _problems(reading: Reading, cells: list[dict[str, Any]]) -> dict[int, list[str]]:
    """Return what is at fault in the Markdown cells whose values are known, as HTML."""
    waiting = {
        options.label
        for cell in cells
        if cell["cell_type"] == "code" and not cell["outputs"]
        for options, _ in [read_options(cell, NOWHERE)]
    }
    found: dict[int, list[str]] = {}
    for problem in (*reading.problems, *reading.book.problems):
        number = _number(problem.where)
        if not number or cells[number - 1]["cell_type"] != "markdown":
            continue
        if any(f'"{label}"' in problem.message for label in waiting if label):
            continue
        if "user_expressions" in cells[number - 1]["metadata"]:
            found.setdefault(number, []).append(_shown(problem))
    return found


def _shown(problem: Problem) -> str:
    hint = f" <em>{escape(problem.hint)}</em>" if problem.hint else ""
    return f'<p class="jpreport-problem" role="alert">{escape(problem.message)}{hint}</p>'
