"""The table of what stands behind a report: files, numbers of records, digests."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from jpreport.figures.derivation import FROM_CUBE
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.language import current
from jpreport.notebook import labels
from jpreport.notebook.frames import BLANK
from jpreport.notebook.output import ReportTable, in_languages

if TYPE_CHECKING:
    from jpreport.notebook.report import Report

DIGEST_SHOWN = 12  # hex digits; enough to compare by eye


@in_languages
def sources_table(report: Report) -> ReportTable:
    """Return the tables of records behind a report: file, number of records, nature, digest.

    Of a sensitive table only the protected cube stands behind the report: its digest is shown,
    and no number of records.
    """
    resources = report.records.package.resources
    closed = {name for name, resource in resources.items() if resource.sensitive}
    words = current()
    counts = words.column(
        [None if name in closed else report.records.count(name) for name in resources]
    )
    nature = words.say("illustrative (synthetic)" if report.illustrative else "as recorded")
    columns = (
        Column(words.say("Table")),
        Column(words.say("File")),
        Column(words.say("Records"), "number"),
        Column(words.say("Nature")),
        Column(words.say("Digest")),
    )
    rows = tuple(
        Row(
            (
                Cell(labels.heading(name)),
                Cell(labels.clean(resource.source)),
                Cell(count) if count else BLANK,
                Cell(f"{nature}, {words.say(FROM_CUBE)}" if name in closed else nature),
                Cell(_digest(report, name, closed)[:DIGEST_SHOWN]),
            )
        )
        for (name, resource), count in zip(resources.items(), counts, strict=True)
    )
    note = words.say(
        "Digest: the first {count} digits of the SHA-256 of the file, or of the protected cube."
        if closed
        else "Digest: the first {count} digits of the file's SHA-256.",
        count=DIGEST_SHOWN,
    )
    return ReportTable(Table(columns, rows, notes=(note,)), derived=True)


def _digest(report: Report, name: str, closed: Collection[str]) -> str:
    return report.cube(name).digest() if name in closed else report.records.digest(name)
