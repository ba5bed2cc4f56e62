"""A figure: one published number with its derivation."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from jpreport.errors import NOWHERE, FigureError, Problem, did_you_mean
from jpreport.figures.against import AgainstPlan
from jpreport.figures.derivation import Derivation, Number, Part, Period, described, select
from jpreport.figures.key import At, FigureKey
from jpreport.figures.titles import NOT_STATED, part_title, rest_title, title_of
from jpreport.forms import mime
from jpreport.forms.tables import SUPPRESSED_WORD
from jpreport.language import current, in_each, phrase
from jpreport.programme.framework import Beneficiaries, Direction, Level, Qualifier, Scale

NO_RECORDS = phrase("no records")
SUPPRESSED = SUPPRESSED_WORD
# From the firmest to the weakest: what is made of several figures is as firm as the weakest.
_FIRMNESS: tuple[Qualifier, ...] = ("exact", "at least", "rounded", "estimated")


@dataclass(frozen=True, slots=True)
class Figure(AgainstPlan):
    """One number of a report: what it says, how firmly, against what, and where it comes from.

    `value` is in `unit`; None means that no record was there to compute it from, or, if it is
    `suppressed`, that it would let somebody be recognized. `baseline`, `target` and `published` are
    None where the sources do not state them. `beneficiaries` says which of the two kinds it counts.
    `parents` are the figures that its derivation names, which it is made from. The key of a figure
    has no period. Less is better if `direction` is "decreasing"; from `target` to `target_upper` is
    a range. `statement` is what is achieved in words, if that is no number. `declared_in` is where
    the framework says the rest. `absent` are parts that the contract lists and no record has.
    `divided` answers `by`: who opened the programme gives it.

    Figures compare by value, if they have one and are of one unit. `round(figure, 1)` and
    `f"{figure:,.1f}"` print it with that many decimals, and keep where it comes from.
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
    direction: Direction = "increasing"
    decimals: int | None = None
    scale: Scale = ""
    baseline_year: int | None = None
    target_upper: Number | None = None
    statement: str = ""
    baseline_statement: str = ""
    target_statement: str = ""
    declared_in: str = ""
    absent: Mapping[str, tuple[Part, ...]] = field(default_factory=dict, compare=False, repr=False)
    divided: Callable[[Figure, Sequence[str]], Any] | None = field(
        default=None, compare=False, repr=False
    )

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

    def __lt__(self, other: object) -> bool:
        """Compare by value; raises FigureError where there is none, or another unit."""
        mine, others = self._values(other)
        return mine < others

    def __le__(self, other: object) -> bool:
        """Compare by value, as `<` does."""
        return not self > other

    def __gt__(self, other: object) -> bool:
        """Compare by value, as `<` does."""
        mine, others = self._values(other)
        return mine > others

    def __ge__(self, other: object) -> bool:
        """Compare by value, as `<` does."""
        return not self < other

    def _values(self, other: object) -> tuple[Number, Number]:
        alike = isinstance(other, int | float) or (
            isinstance(other, Figure) and other.unit == self.unit
        )
        values = [one.value if isinstance(one, Figure) else one for one in (self, other)]
        if not alike or self.suppressed or getattr(other, "suppressed", False) or None in values:
            message = f"{self.id} ({self.text}, {self.unit}) is compared with {other}"
            hint = "figures with a value compare if they are of one unit; leave the others out"
            raise FigureError(Problem(NOWHERE, message, hint))
        return values[0], values[1]  # type: ignore[return-value]

    def __round__(self, decimals: int = 0) -> Figure:
        """Return the same figure, printed with so many decimals."""
        return replace(self, decimals=max(decimals, 0))

    def __format__(self, spec: str) -> str:
        """Return the text, with the decimals of a format such as ",.1f"; ValueError for others."""
        if not spec:
            return FigureText(self)
        match = re.fullmatch(r",?(?:\.(\d{1,2}))?[f%]?|,?d", spec)
        if match is None:
            raise ValueError(f'a figure takes a format such as ",.1f", not "{spec}"')
        given = match[1] or ("0" if spec.endswith("d") else "6" if spec[-1] in "f%" else None)
        return FigureText(self if given is None else round(self, int(given)))

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
    def name(self) -> str:
        """The title as it reads in the language that is spoken."""
        return title_of(self)

    @property
    def description(self) -> str:
        """What it counts and where it comes from, as JupyterLab shows it on hover."""
        return f"{self.name}. {self.origin}"

    @property
    def origin(self) -> str:
        """Where it comes from, in one sentence."""
        terms = [f"{one.id} ({one.text})" for one in self.parents]
        return described(self.derivation, self.period, terms, stated=self.value is not None)

    @property
    def text(self) -> str:
        """The number as a report prints it: "277", "at least 4,500", "USD 680,000", "50%"."""
        words = current()
        if self.suppressed:
            return words.say(SUPPRESSED)
        if self.value is None and self.statement:
            return words.term(self.statement)
        if self.value is None:
            made = self.derivation.parents or self.derivation.records
            return words.say(NOT_STATED if made else NO_RECORDS)
        return words.qualified(self.worded(self.value), self.qualifier)

    def worded(self, value: Number, *, declared: bool = False, bare: bool = False) -> str:
        """Return a value of this figure's kind, as it is printed; what is declared in full."""
        decimals = None if declared else self.decimals
        return current().number(
            value, self.unit, bare=bare, decimals=decimals, scale=self.scale, declared=declared
        )

    @property
    def label(self) -> str:
        """The text without the currency, for charts that have the unit above them."""
        if self.suppressed or self.value is None:
            return self.text
        return current().qualified(self.number, self.qualifier)

    @property
    def number(self) -> str:
        """The number alone, without currency and qualifier; "" where there is none to show."""
        if self.suppressed or self.value is None:
            return ""
        return self.worded(self.value, bare=True)

    @property
    def published_text(self) -> str:
        """What was published, as firm as the figure itself; "" where nothing was."""
        if self.published is None:
            return ""
        return current().qualified(self.worded(self.published, declared=True), self.qualifier)

    def by(self, *columns: str) -> Any:  # noqa: ANN401 - a Breakdown, which the notebook door makes
        """Return the figure by columns of its table: a table, a chart, a frame (see `Breakdown`).

        Of a sensitive table, the columns are dimensions of its protected cube. Raises FigureError
        where there is no such column, and for a figure that is no indicator as it stands.
        """
        if self.divided is None:
            hint = 'divide an indicator: rp["1.1"].by("sex")'
            raise FigureError(Problem(NOWHERE, f"{self.id} cannot be divided", hint))
        return self.divided(self, columns)

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
        for part in (*self.breakdown[dimension], *self.absent.get(dimension, ())):
            if part.label == label:
                return self.narrowed(((dimension, label),), part)
        labels = [part.label for part in self.breakdown[dimension] if part.label is not None]
        raise FigureError(
            Problem(where, f'no {dimension} is "{label}"', did_you_mean(str(label), labels))
        )

    def top(self, dimension: str, count: int = 10) -> tuple[Figure, ...]:
        """Return the largest parts of one dimension, and the sum of all others as the last.

        Raises FigureError as `part` does, and where the parts cannot be added up.
        """
        if dimension not in self.breakdown:
            self.part(dimension, None)
        parts = [self.part(dimension, part.label) for part in self.breakdown[dimension]]
        parts.sort(key=lambda one: -math.inf if one.value is None else one.value, reverse=True)
        rest = parts[count:]
        if not rest:
            return tuple(parts)
        others = sum(rest[1:], rest[0])
        named = rest_title(self.title, len(rest))
        return (*parts[:count], replace(others, title=named) if len(rest) > 1 else others)

    def narrowed(self, at: At, part: Part) -> Figure:
        """Return a part of the figure, cut out at some labels, as a figure of its own."""
        derivation = self.derivation
        both = [text for text in (derivation.where, part.condition) if text]
        condition = " AND ".join(f"({text})" for text in both)
        if derivation.protected:
            joint = " AND " if " WHERE " in derivation.sql else " WHERE "
            sql = f"{derivation.sql}{joint}{part.condition}"
        else:
            measure = derivation.measure
            if part.value == 0 and not part.records and not measure.lower().startswith("count"):
                measure = f"coalesce({measure}, 0)"  # the sum of nothing has no value in SQL
            sql = select(derivation, f"{measure} AS value", condition, self.period)
        return replace(
            self,
            key=replace(self.key, part=at),
            title=part_title(self.title, [label for _, label in at]),
            value=part.value,
            suppressed=part.suppressed,
            baseline=part.before,
            baseline_year=None if part.before is None else self.baseline_year,
            target=part.planned,
            target_upper=None,
            published=None,
            published_in="",
            variance_reason="",
            breakdown={},
            absent={},
            derivation=replace(derivation, where=condition, records=part.records, sql=sql),
        )

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        title = html.escape(self.description, quote=True)
        shown = html.escape(self.text)
        further = in_each(lambda _: {mime.FIGURE: self.written(), "text/plain": self.text})
        return {
            mime.FIGURE: self.written(),
            "text/html": f'<span class="jpreport-figure" title="{title}">{shown}</span>',
            "text/plain": self.text,
            **({mime.LANGUAGES: further} if further else {}),
        }


class FigureText(str):
    """The text of a figure in an f-string that holds nothing else; it shows itself as one."""

    figure: Figure
    __slots__ = ("figure",)

    def __new__(cls, figure: Figure) -> Self:
        """Return the text of a figure."""
        text = super().__new__(cls, figure.text)
        text.figure = figure
        return text

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401
        return self.figure._repr_mimebundle_(**options)


def weakest(qualifiers: Collection[Qualifier]) -> Qualifier:
    """Return the weakest of some qualifiers: what is made of estimates is an estimate."""
    return max(qualifiers, key=_FIRMNESS.index)
