"""The files that come with a report: its figures as a table, and all that they were made from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jpreport.document.blocks import Document, FigureSource
from jpreport.document.provenance import NAME, Provenance
from jpreport.language import current

_COLUMNS = (
    *("id", "indicator", "unit", "qualifier", "value", "baseline", "target", "published"),
    *("period", "table", "filter", "measure", "records", "sha256"),
)
# A spreadsheet would take a text that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file; `relationship` is what PDF/A-3 calls its relation to the report."""

    name: str
    media_type: str
    relationship: str
    description: str
    content: bytes


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _row(source: FigureSource) -> Iterator[str]:
    record, origin = source.record, source.record.derivation
    numbers = (record.value, record.baseline, record.target, record.published)
    yield from map(_text, (record.id, record.title, record.unit, record.qualifier))
    yield from ("" if number is None else repr(number) for number in numbers)
    yield str(record.period.days)
    tables = (origin.table, *(one.table for one in origin.further))
    yield from map(_text, ("; ".join(tables), origin.where, origin.measure))
    digests = (origin.digest, *(one.digest for one in origin.further))
    yield from ("" if source.counted is None else str(source.counted), "; ".join(digests))


def _indicators(document: Document) -> bytes:
    """Return the figures as CSV (RFC 4180), with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows(map(_row, document.sources))
    return out.getvalue().encode("utf-8-sig", errors="replace")


@lru_cache(maxsize=8)
def attachments(document: Document) -> tuple[Attachment, ...]:
    """Return the files of a document, described in the current language.

    There are none where it quotes no figure that is known.
    """
    if not document.sources:
        return ()
    return (
        Attachment(
            "indicators.csv",
            "text/csv",
            "data",
            current().say("the figures of this report as a table"),
            _indicators(document),
        ),
        Attachment(
            NAME,
            "application/json",
            "source",
            current().say("parameters, files and derivations, for programs to read"),
            Provenance.of(document).to_bytes(),
        ),
    )
