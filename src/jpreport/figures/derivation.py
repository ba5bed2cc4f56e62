"""Where a number comes from: its table and period, its SQL, the cells that it is broken down to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from jpreport.figures.key import Days, FigureKey, Formula
from jpreport.language import Sentence, current, phrase

Number = int | float

FROM_CUBE = phrase("protected cube")  # how the source of a figure over sensitive records begins


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a figure covers, both included; `whole` if they span the programme."""

    start: dt.date
    end: dt.date
    whole: bool = True

    @property
    def days(self) -> Days:
        """The first and the last day, as a key has them."""
        return Days(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Source:
    """A table that takes part in a number: its name, its file and the file's SHA-256."""

    table: str
    source: str
    digest: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """Where a number comes from: records of `source` that satisfy `where`, put through `measure`.

    `dated_by` is the column by which the period selects records ("" if the table has none); of
    moments, `zone` is the time zone whose days are meant;
    `records` counts the records selected; `digest` is the SHA-256 of the file. A figure made
    from other figures has no table of its own: `measure` is the formula, `parents` are the ids of
    its terms, with their days where these are not those of the figure. `protection` says how the
    persons behind it are protected; nothing where the table is open.
    """

    table: str = ""
    where: str = ""
    measure: str = ""
    dated_by: str = ""
    sql: str = ""
    records: int = 0
    source: str = ""
    digest: str = ""
    parents: tuple[str, ...] = ()
    zone: str = ""
    further: tuple[Source, ...] = ()
    protection: tuple[Sentence, ...] = ()

    @property
    def formula(self) -> Formula | None:
        """How it is made from other figures; None where it is not."""
        return FigureKey.parse(self.measure).formula if self.parents else None

    @property
    def protected(self) -> bool:
        """Whether the number is read from a protected cube, not counted in records."""
        return self.source.startswith(FROM_CUBE)

    @property
    def file(self) -> str:
        """The source in the current language: a file, or the protected cube that is made of it."""
        if not self.protected:
            return self.source
        file = self.source.removeprefix(f"{FROM_CUBE} of ")
        return current().say("protected cube of {file}", file=file)


@dataclass(frozen=True, slots=True)
class Part:
    """One cell of a disaggregation: its label (None: not recorded), value and records.

    A suppressed value is None: it would let somebody be recognized. `before` is its baseline,
    `planned` its target.
    """

    label: str | None
    value: Number | None
    records: int
    condition: str
    suppressed: bool = False
    before: Number | None = None
    planned: Number | None = None


def select(derivation: Derivation, columns: str, where: str, period: Period) -> str:
    """Return the SQL that reads `columns` from the records of a derivation and period."""
    conditions = [f"({where}\n)"] if where else []
    if derivation.dated_by:
        start, end = period.start.isoformat(), period.end.isoformat()
        day = f'"{derivation.dated_by}"'
        day = f"CAST({day} AS DATE)" if derivation.zone else day
        conditions.append(f"{day} BETWEEN DATE '{start}' AND DATE '{end}'")
    condition = "\nWHERE " + "\n  AND ".join(conditions) if conditions else ""
    return f'SELECT {columns}\nFROM "{derivation.table}"{condition}'


def equals(column: str, label: str | None) -> str:
    """Return the SQL condition that a column has a label."""
    if label is None:
        return f'"{column}" IS NULL'
    text = label.replace("'", "''")
    return f"\"{column}\" = '{text}'"


def described(derivation: Derivation, period: Period, terms: Sequence[str], *, stated: bool) -> str:
    """Return a derivation in one sentence; `terms` are the figures that one is made from."""
    words = current()
    if derivation.parents:
        made_of = terms or derivation.parents
        listed = words.listing(made_of)
        return words.say(
            "Computed as {measure}, from {figures}.", measure=derivation.measure, figures=listed
        )
    records = words.count("{} record", "{} records", derivation.records)
    measure, source = derivation.measure, derivation.source
    if not stated and derivation.records and not derivation.protected:
        return words.say(
            "Not stated: {measure} gives no number for {records} in {source}: it divides by zero "
            "there, or nothing is recorded in them.",
            measure=measure,
            records=records,
            source=source,
        )
    where = words.say(" where {condition}", condition=derivation.where) if derivation.where else ""
    if derivation.protected:
        return words.say(
            "{measure}, read from the {cube}{where}.",
            measure=measure,
            cube=derivation.file,
            where=where,
        )
    days = f", {words.period(period.start, period.end)}" if derivation.dated_by else ""
    return words.say(
        "{measure} of {records} in {source}{where}{days}.",
        measure=measure,
        records=records,
        source=source,
        where=where,
        days=days,
    )
