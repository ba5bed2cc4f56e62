"""The index of a programme's reports: a document like the others, made of links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jpreport.document.blocks import Document, Prose
from jpreport.document.cover import FrontMatter
from jpreport.export.html import render_html

Node = dict[str, Any]

_PLAIN = ["", [], []]
_COLUMNS = ("Report", "HTML", "PDF", "Pages", "Figures")
_NUMBERS = ("Pages", "Figures")


def render_index(
    front: FrontMatter, entries: Sequence[Mapping[str, Any]], folder: Path | None = None
) -> str:
    """Return the page that lists reports in the order given; `folder` is the programme's.

    An entry has `slug`, `title`, `figures`, `pages` (None without a PDF) and `outputs`, whose
    keys are the files that are there.
    """
    front = replace(front, report_id="", slug="index", period_start="", period_end="")
    blocks = (_table(entries),) if entries else ()
    return render_html(Document("Reports", front, (Prose(blocks),), 0), folder)


def _table(entries: Sequence[Mapping[str, Any]]) -> Node:
    aligned = [
        [{"t": "AlignRight" if name in _NUMBERS else "AlignLeft"}, {"t": "ColWidthDefault"}]
        for name in _COLUMNS
    ]
    head = [_PLAIN, [_row([_text(name) for name in _COLUMNS])]]
    body = [_PLAIN, 1, [], [_row(_cells(entry)) for entry in entries]]
    return {"t": "Table", "c": [_PLAIN, [None, []], aligned, head, [body], [_PLAIN, []]]}


def _cells(entry: Mapping[str, Any]) -> list[list[Node]]:
    pages = entry["pages"]
    return [
        _text(entry["title"]),
        _link(entry, "html"),
        _link(entry, "pdf"),
        _text("" if pages is None else str(pages)),
        _text(str(entry["figures"])),
    ]


def _link(entry: Mapping[str, Any], suffix: str) -> list[Node]:
    name = f"{entry['slug']}.{suffix}"
    if name not in entry["outputs"]:
        return []
    return [{"t": "Link", "c": [_PLAIN, _text(suffix.upper()), [name, ""]]}]


def _text(text: str) -> list[Node]:
    return [{"t": "Str", "c": text}]


def _row(cells: list[list[Node]]) -> list[Any]:
    return [
        _PLAIN,
        [
            [_PLAIN, {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": inlines}] if inlines else []]
            for inlines in cells
        ],
    ]
