"""A figure: one published number with its derivation."""

from __future__ import annotations

import datetime as dt
import html
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from jpreport.errors import NOWHERE, FigureError, Problem, did_you_mean
from jpreport.figures.key import At, Days, FigureKey, Formula
from jpreport.figures.wording import ENGLISH, Stated
from jpreport.forms import mime
from jpreport.forms.tables import SUPPRESSED_WORD
from jpreport.programme.framework import Beneficiaries, Level, Qualifier

Number = int | float

NOT_STATED = "not stated"
NO_RECORDS = "no records"
SUPPRESSED = SUPPRESSED_WORD
FROM_CUBE = "protected cube"  # how the source of a figure over sensitive records begins
# From the firmest to the weakest: what is made of several figures is as firm as the weakest.
_FIRMNESS: tuple[Qualifier, ...] = ("exact", "at least", "estimated")


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
class Derivation:
    """Where a number comes from: records of `source` that satisfy `where`, put through `measure`.

    `dated_by` is the column by which the period selects records ("" if the table has none); of
    moments, `zone` is the time zone whose days are meant;
    `records` counts the records selected; `digest` is the SHA-256 of the file. A figure made
    from other figures has no table of its own: `measure` is the formula, `parents` are the ids of
    its terms, with their days where these are not those of the figure.
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

    @property
    def formula(self) -> Formula | None:
        """How it is made from other figures; None where it is not."""
        return FigureKey.parse(self.measure).formula if self.parents else None

    @property
    def protected(self) -> bool:
        """Whether the number is read from a protected cube, not counted in records."""
        return self.source.startswith(FROM_CUBE)


@dataclass(frozen=True, slots=True)
class Part:
    """One cell of a disaggregation: its label (None: not recorded), value and records.

    A suppressed value is None: it would let somebody be recognized.
    """

    label: str | None
    value: Number | None
    records: int
    condition: str
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report: what it says, how firmly, against what, and where it comes from.

    `value` is in `unit`; None means that no record was there to compute it from, or, if it is
    `suppressed`, that it would let somebody be recognized. `baseline`,
    `target` and `published` are None where the sources do not state them. `beneficiaries` says
    which of the two kinds it counts. `parents` are the figures that its derivation names, which it
    is made from. The key of a figure has no period.

    Figures add up, are subtracted and divided as `arithmetic` says; the result is a figure.
    """

    # What the signs do, and how it is written; `arithmetic` and `record`, which are made of
    # figures, say it.
    operations: ClassVar[Mapping[str, Callable[[Figure, Figure], Figure]]]
    written: ClassVar[Callable[[Figure], dict[str, Any]]]

    key: FigureKey
    title: str
    unit: str
    value: Number | None
    period: Period
    derivation: Derivation
    level: Level = "output"
    objective: str | None = None
    qualifier: Qualifier = "exact"
    baseline: Number | None = None
    target: Number | None = None
    published: Number | None = None
    published_in: str = ""
    verification: str = ""
    variance_reason: str = ""
    breakdown: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    suppressed: bool = False
    beneficiaries: Beneficiaries | None = None
    parents: tuple[Figure, ...] = ()

    def __str__(self) -> str:
        """Return the text, so that a figure can stand in an f-string."""
        return self.text

    def __add__(self, other: object) -> Figure:
        """Return the sum as a figure; raises FigureError as `arithmetic.total` does."""
        return self.operations["+"](self, self._operand(other, "added to"))

    def __radd__(self, other: object) -> Figure:
        """Begin a sum: `sum(figures)` starts with a zero."""
        if other == 0:
            return self
        return self._operand(other, "added to")

    def __sub__(self, other: object) -> Figure:
        """Return the difference; raises FigureError as `arithmetic.difference` does."""
        return self.operations["-"](self, self._operand(other, "subtracted from"))

    def __truediv__(self, other: object) -> Figure:
        """Return a share, or a rate of two units; raises FigureError as `arithmetic` does."""
        return self.operations["/"](self, self._operand(other, "divided into"))

    def _operand(self, other: object, done: str) -> Figure:
        if isinstance(other, Figure):
            return other
        raise FigureError(
            Problem(
                NOWHERE,
                f"{other!r} is {done} {self.id}, and nobody could say where it comes from",
                "declare it as an indicator; figures are reckoned with figures only",
            )
        )

    @property
    def id(self) -> str:
        """The key as text, as reports print it."""
        return str(self.key)

    @property
    def at(self) -> At:
        """Where it lies as a part: the label of each column that cuts it out."""
        return self.key.part

    @property
    def dated(self) -> FigureKey:
        """The key with the period, which tells it from the same figure of other days."""
        return self.key.over(self.period.days)

    @property
    def description(self) -> str:
        """What it counts and where it comes from, as JupyterLab shows it on hover."""
        return f"{self.title}. {describe(self)}"

    @property
    def text(self) -> str:
        """The number as a report prints it: "277", "at least 4,500", "USD 680,000", "50%"."""
        if self.suppressed:
            return SUPPRESSED
        if self.value is None:
            return NOT_STATED if self.derivation.parents else NO_RECORDS
        return ENGLISH.qualified(ENGLISH.number(self.value, self.unit), self.qualifier)

    @property
    def label(self) -> str:
        """The text without the currency, for charts that have the unit above them."""
        if self.suppressed or self.value is None:
            return self.text
        return ENGLISH.qualified(self.number, self.qualifier)

    @property
    def number(self) -> str:
        """The number alone, without currency and qualifier; "" where there is none to show."""
        if self.suppressed or self.value is None:
            return ""
        return ENGLISH.number(self.value, self.unit, bare=True)

    @property
    def published_text(self) -> str:
        """What was published, as firm as the figure itself; "" where nothing was."""
        return "" if self.published is None else replace(self, value=self.published).text

    @property
    def variance(self) -> Number | None:
        """Achieved minus target, in the figure's unit; None where either is not there.

        What two floats of one value differ by in their last digit is nothing.
        """
        if self.value is None or self.target is None:
            return None
        same = math.isclose(self.value, self.target, rel_tol=1e-12)
        return 0 if same else self.value - self.target

    @property
    def reconciles(self) -> bool | None:
        """Whether the computed value is the published one, at the published precision.

        None where nothing is published or the period covers only part of the programme.
        """
        if self.published is None or self.value is None or not self.period.whole:
            return None
        return Stated.of(self.published).fits(self.value)

    def part(self, dimension: str, label: str | None) -> Figure:
        """Return one cell of the disaggregation as a figure of its own.

        Raises FigureError where the indicator is not disaggregated by `dimension` or no record
        has that label.
        """
        where = NOWHERE.at(f"indicator {self.id}")
        if dimension not in self.breakdown:
            raise FigureError(
                Problem(
                    where,
                    f'is not disaggregated by "{dimension}"',
                    did_you_mean(dimension, self.breakdown)
                    or "name the column under `disaggregate` in programme.toml",
                )
            )
        for part in self.breakdown[dimension]:
            if part.label == label:
                return self.narrowed(((dimension, label),), part)
        labels = [part.label for part in self.breakdown[dimension] if part.label is not None]
        raise FigureError(
            Problem(where, f'no {dimension} is "{label}"', did_you_mean(str(label), labels))
        )

    def narrowed(self, at: At, part: Part) -> Figure:
        """Return a part of the figure, cut out at some labels, as a figure of its own."""
        derivation = self.derivation
        both = [text for text in (derivation.where, part.condition) if text]
        condition = " AND ".join(f"({text})" for text in both)
        if derivation.protected:
            joint = " AND " if " WHERE " in derivation.sql else " WHERE "
            sql = f"{derivation.sql}{joint}{part.condition}"
        else:
            sql = select(derivation, f"{derivation.measure} AS value", condition, self.period)
        return replace(
            self,
            key=replace(self.key, part=at),
            title=f"{self.title}: {', '.join(label or NOT_STATED for _, label in at)}",
            value=part.value,
            suppressed=part.suppressed,
            baseline=None,
            target=None,
            published=None,
            published_in="",
            variance_reason="",
            breakdown={},
            derivation=replace(derivation, where=condition, records=part.records, sql=sql),
        )

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        title = html.escape(self.description, quote=True)
        shown = html.escape(self.text)
        return {
            mime.FIGURE: self.written(),
            "text/html": f'<span class="jpreport-figure" title="{title}">{shown}</span>',
            "text/plain": self.text,
        }


def weakest(qualifiers: Collection[Qualifier]) -> Qualifier:
    """Return the weakest of some qualifiers: what is made of estimates is an estimate."""
    return max(qualifiers, key=_FIRMNESS.index)


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


def describe(figure: Figure) -> str:
    """Return the derivation of a figure in one sentence."""
    derivation = figure.derivation
    if derivation.parents:
        terms = (f"{one.id} ({one.text})" for one in figure.parents)
        made_of = [*terms] or [*derivation.parents]
        return f"Computed as {derivation.measure}, from {ENGLISH.listing(made_of)}."
    where = f" where {derivation.where}" if derivation.where else ""
    period = (
        f", {ENGLISH.period(figure.period.start, figure.period.end)}" if derivation.dated_by else ""
    )
    if derivation.protected:
        return f"{derivation.measure}, read from the {derivation.source}{where}."
    return (
        f"{derivation.measure} of "
        f"{ENGLISH.count('{} record', '{} records', derivation.records)} in "
        f"{derivation.source}{where}{period}."
    )
