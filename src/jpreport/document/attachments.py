"""The files that come with a report: its figures as a table, and all that they were made from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from jpreport import __version__
from jpreport.document.blocks import Document, FigureSource

_COLUMNS = (
    *("id", "indicator", "unit", "qualifier", "value", "baseline", "target", "published"),
    *("period", "table", "filter", "measure", "records", "sha256"),
)
# A spreadsheet would take a text that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file; `relationship` is what PDF/A-3 calls its relation to the report."""

    name: str
    media_type: str
    relationship: str
    description: str
    content: bytes


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(source: FigureSource) -> Iterator[str]:
    numbers = (source.value, source.baseline, source.target, source.published)
    yield from map(_text, (source.id, source.title, source.unit, source.qualifier))
    yield from ("" if number is None else repr(number) for number in numbers)
    yield f"{source.period_start}/{source.period_end}"
    yield from map(_text, (source.table, source.where, source.measure))
    yield from ("" if source.records is None else str(source.records), source.digest)


def _indicators(document: Document) -> bytes:
    """Return the figures as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows(map(_row, document.sources))
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _source_json(source: FigureSource) -> dict[str, Any]:
    """Return what a source says that cannot be told from the rest.

    A part has only what it does not share with the figure that it is a part of, which stands
    before it. `quoted` has the places that quote it, as a reader calls them.
    """
    value = {**asdict(source), "quoted": [quote.words for quote in source.quotes]}
    if source.whole:
        names = ("id", "value", "text", "where", "records", "quoted")
        return {key: value[key] for key in names if value[key] not in (None, [])}
    left_out = {"name", "parents", "whole", "quotes", "published_text", "digest"}
    return {
        key: item
        for key, item in value.items()
        if key not in left_out and item not in (None, "", (), [])
    }


def _provenance(document: Document) -> bytes:
    front = document.front.to_json()
    # How a programme looks says nothing of where its figures come from.
    front.pop("brand", None)
    value = {
        "version": 2,
        "jpreport": document.made_from.get("jpreport", __version__),
        "title": document.title,
        "front": front,
        "parameters": dict(document.parameters),
        "made_from": dict(document.made_from),
        "files": {source.file: source.digest for source in document.sources if source.file},
        "sources": [_source_json(source) for source in document.sources],
    }
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode(errors="replace")


def attachments(document: Document) -> tuple[Attachment, ...]:
    """Return the files of a document; none where it quotes no figure that is known."""
    if not document.sources:
        return ()
    return (
        Attachment(
            "indicators.csv",
            "text/csv",
            "data",
            "the figures of this report as a table",
            _indicators(document),
        ),
        Attachment(
            "provenance.json",
            "application/json",
            "source",
            "parameters, files and derivations, for programs to read",
            _provenance(document),
        ),
    )
