"""The index of a programme's reports: a document like the others, made of links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from jpreport.document.blocks import Document, Prose
from jpreport.document.cover import FrontMatter
from jpreport.export.html import render_html
from jpreport.files import EditionRecord
from jpreport.language import Wording, current, speaking
from jpreport.programme.formats import registered_formats

Node = dict[str, Any]

_PLAIN = ["", [], []]
_MOST = 100  # reports of a table


def render_index(
    front: FrontMatter, entries: Mapping[str, EditionRecord], folder: Path | None = None
) -> str:
    """Return the page that lists reports, by slug, in the order given.

    Where they are many, it has a section for each hundred of a notebook's, which its contents lead
    to by the first and the last of them. `folder` is the programme's.
    """
    front = replace(front, report_id="", slug="index", period_start="", period_end="", languages=())
    with speaking(front.language):
        title, blocks = current().say("Reports"), tuple(_blocks([*entries.values()]))
    return render_html(Document(title, front, (Prose(blocks),), 0), folder)


def _blocks(records: Sequence[EditionRecord]) -> Iterator[Node]:
    if 0 < len(records) <= _MOST:
        yield _table(records)
        return
    number = 0
    for _, group in groupby(records, key=lambda one: one.report):
        waiting = [*group]
        while waiting:
            number += 1
            some, waiting = waiting[:_MOST], waiting[_MOST:]
            names = dict.fromkeys((some[0].title, some[-1].title))
            yield {
                "t": "Header",
                "c": [1, [f"reports-{number}", [], []], _text(" \N{EN DASH} ".join(names))],
            }
            yield _table(some)


def _table(records: Iterable[EditionRecord]) -> Node:
    rows = [row for one in records for row in _editions(one)]
    made = {name.rpartition(".")[2] for _, _, links in rows for name in links}
    formats = [name for name in registered_formats() if name in made]
    several = any(tag for tag, _, _ in rows)
    say = current().say
    texts = [say("Report"), *([say("Language")] if several else []), *map(str.upper, formats)]
    numbers = (say("Pages"), say("Figures"))
    aligned = [
        [{"t": align}, {"t": "ColWidthDefault"}]
        for align, names in (("AlignLeft", texts), ("AlignRight", numbers))
        for _ in names
    ]
    head = [_PLAIN, [_row([_text(name) for name in (*texts, *numbers)])]]
    cells = []
    for tag, (title, pages, figures), links in rows:
        pages_text = "" if pages is None else current().number(pages)
        spoken = [_text(Wording(tag).name, tag) if tag else []] if several else []
        found = [_link(links, name) for name in formats]
        shown = _text(current().number(figures))
        cells.append(_row([_text(title, tag), *spoken, *found, _text(pages_text), shown]))
    body = [_PLAIN, 1, [], cells]
    return {"t": "Table", "c": [_PLAIN, [None, []], aligned, head, [body], [_PLAIN, []]]}


Edition = tuple[str, tuple[str, int | None, int], list[str]]


def _editions(record: EditionRecord) -> Iterator[Edition]:
    """Yield language, title with numbers of pages and figures, and files of a report, each once.

    Where it is there in one language only, that is "".
    """
    files: dict[str, list[str]] = {}
    for name in record.outputs:
        if name != record.executed:
            files.setdefault(name.partition(".")[2].rpartition(".")[0], []).append(name)
    own = record.language if record.translations else ""
    yield own, (record.title, record.pages, record.figures), files.get("", [])
    for tag, one in record.translations.items():
        yield tag, (str(one["title"]), one["pages"], record.figures), files.get(tag, [])


def _link(links: Sequence[str], suffix: str) -> list[Node]:
    found = [name for name in links if name.endswith(f".{suffix}")]
    return [{"t": "Link", "c": [_PLAIN, _text(suffix.upper()), [name, ""]]} for name in found]


def _text(text: str, language: str = "") -> list[Node]:
    said = {"t": "Str", "c": text}
    return [{"t": "Span", "c": [["", [], [["lang", language]]], [said]]} if language else said]


def _row(cells: list[list[Node]]) -> list[Any]:
    return [
        _PLAIN,
        [
            [_PLAIN, {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": inlines}] if inlines else []]
            for inlines in cells
        ],
    ]
