"""What the annex says of a figure in sentences: pieces of text, some of which lead somewhere."""

from __future__ import annotations

import re
from typing import NamedTuple

from jpreport.document.blocks import FigureSource
from jpreport.export.sql_words import condition_words, measure_words, name_words
from jpreport.figures import Derivation, FigureRecord
from jpreport.language import current, phrase

DIGEST_SHOWN = 12  # hex digits; enough to compare by eye, all of them are in the attachments


class Run(NamedTuple):
    """A piece of text: `to` is the name that it leads to, `name` its own; "" for none.

    `place` says that it leads to a place in the report, which has a page number in print.
    """

    text: str
    to: str = ""
    name: str = ""
    place: bool = False
    code: bool = False


Runs = tuple[Run, ...]


def days_words(record: FigureRecord) -> str:
    """Return the days that a figure covers."""
    return current().period(record.period.start, record.period.end)


def counted_words(number: int) -> str:
    """Return a number of records."""
    return current().count("{} record", "{} records", number)


def sentence(text: str, **values: Runs) -> Runs:
    """Return one of our sentences with pieces of text in its braces."""
    kept = {name: f"{{{name}}}" for name in values}
    pieces = re.split(r"\{(\w+)\}", current().say(text, **kept))
    runs = [values[one] if place % 2 else (Run(one),) for place, one in enumerate(pieces) if one]
    return tuple(run for group in runs for run in group)


def measured(origin: Derivation) -> Runs:
    """Return measure and filter in words, as far as there are words for them."""
    measure = measure_words(origin.measure)
    counted = Run(measure) if measure else Run(origin.measure, code=True)
    table = (Run(name_words(origin.table)),)
    if not origin.where:
        return sentence(phrase("{measure} in {table}"), measure=(counted,), table=table)
    condition = condition_words(origin.where)
    if not condition:
        said = phrase("{measure} in {table}, filtered as the SQL says")
        return sentence(said, measure=(counted,), table=table)
    return sentence(
        phrase("{measure} in {table}, where {condition}"),
        measure=(counted,),
        table=table,
        condition=(Run(condition),),
    )


def records_words(source: FigureSource) -> str:
    """Return how many records a figure was computed from, and of which days."""
    record, say = source.record, current().say
    if source.counted is None:
        return say("protected: they are about persons; {days}", days=days_words(record))
    records, dated = counted_words(source.counted), name_words(record.derivation.dated_by)
    if not dated:
        return say("{records}, of any date", records=records)
    return say("{records}, {column} {days}", records=records, column=dated, days=days_words(record))


def file_words(origin: Derivation) -> str:
    """Return the files behind a number, or a protected cube, with the digits that tell them."""
    files = ((origin.file, origin.digest), *((one.source, one.digest) for one in origin.further))
    said = [f"{file}, SHA-256 {digest[:DIGEST_SHOWN]}" for file, digest in files]
    return current().say("; ").join(dict.fromkeys(said))


def is_rounded(record: FigureRecord) -> bool:
    """Whether the number of a figure is printed with fewer digits than it has."""
    figure = record.figure()
    value = figure.value
    return value is not None and figure.worded(value, declared=True) != figure.worded(value)


def declared_words(record: FigureRecord) -> str:
    """Return where the framework's table declares a figure: "" where it is in the settings."""
    file, _, row = record.declared_in.rpartition(", row ")
    return current().say("{file}, row {row}", file=file, row=row) if file else ""


def published_words(record: FigureRecord) -> str:
    """Return what was published, and whether it is what was computed."""
    say = current().say
    if record.published is None:
        return say("not stated")
    agreement = {
        True: phrase("{published} (agrees)"),
        False: phrase("{published} (differs from the computed value)"),
        None: phrase("{published} (not compared)"),
    }
    said = say(agreement[record.reconciles], published=record.published_text)
    place = current().term(record.published_in)
    return current().series((said, place)) if place else said
