"""The index of a programme's reports: a document like the others, made of links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jpreport.document.blocks import Document, Prose
from jpreport.document.cover import FrontMatter
from jpreport.export.html import render_html
from jpreport.files import EditionRecord
from jpreport.language import current, speaking
from jpreport.programme.formats import registered_formats

Node = dict[str, Any]

_PLAIN = ["", [], []]


def render_index(
    front: FrontMatter, entries: Mapping[str, EditionRecord], folder: Path | None = None
) -> str:
    """Return the page that lists reports, by slug, in the order given.

    `folder` is the programme's.
    """
    front = replace(front, report_id="", slug="index", period_start="", period_end="")
    with speaking(front.language):
        title, blocks = current().say("Reports"), (_table(entries),) if entries else ()
    return render_html(Document(title, front, (Prose(blocks),), 0), folder)


def _table(entries: Mapping[str, EditionRecord]) -> Node:
    made = {name for slug, one in entries.items() for name in _formats(slug, one)}
    formats = [name for name in registered_formats() if name in made]
    say = current().say
    texts = (say("Report"), *map(str.upper, formats))
    numbers = (say("Pages"), say("Figures"))
    aligned = [
        [{"t": align}, {"t": "ColWidthDefault"}]
        for align, names in (("AlignLeft", texts), ("AlignRight", numbers))
        for _ in names
    ]
    head = [_PLAIN, [_row([_text(name) for name in (*texts, *numbers)])]]
    body = [_PLAIN, 1, [], [_row(_cells(slug, one, formats)) for slug, one in entries.items()]]
    return {"t": "Table", "c": [_PLAIN, [None, []], aligned, head, [body], [_PLAIN, []]]}


def _formats(slug: str, record: EditionRecord) -> set[str]:
    return {name.removeprefix(f"{slug}.") for name in record.outputs if name != record.executed}


def _cells(slug: str, record: EditionRecord, formats: Sequence[str]) -> list[list[Node]]:
    return [
        _text(record.title),
        *(_link(record, f"{slug}.{name}") for name in formats),
        _text("" if record.pages is None else current().number(record.pages)),
        _text(current().number(record.figures)),
    ]


def _link(record: EditionRecord, name: str) -> list[Node]:
    if name not in record.outputs:
        return []
    return [{"t": "Link", "c": [_PLAIN, _text(name.rpartition(".")[2].upper()), [name, ""]]}]


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
