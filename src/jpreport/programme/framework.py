"""The results framework: objectives and indicators as declared, parsed and checked."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from jpreport.errors import Place

Qualifier = Literal["exact", "at least", "rounded", "estimated"]
Beneficiaries = Literal["direct", "indirect"]
Level = Literal["context", "input", "output", "outcome", "impact"]
Direction = Literal["increasing", "decreasing"]
Scale = Literal["", "thousand", "million", "billion"]
Number = int | float
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Text = Annotated[str, Field(min_length=1)]
# TOML has arrays where we keep tuples; everything within them is checked strictly.
Names = Annotated[tuple[Text, ...], Field(strict=False)]


class Declared(BaseModel):
    """A part of `programme.toml`: frozen, typed without conversion, unknown keys refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


def milestone_days(name: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of a milestone: of a year, or as stated; ValueError."""
    start, _, end = name.partition("/")
    if not end:
        return dt.date(int(name), 1, 1), dt.date(int(name), 12, 31)
    return dt.date.fromisoformat(start), dt.date.fromisoformat(end)


class Organization(Declared):
    """A body that takes part in the programme."""

    name: Text
    """Its full name."""
    short_name: str = ""
    """Its abbreviation."""
    role: Literal["participating", "government", "implementing", "other"]
    """What it does in the programme."""


class Objective(Declared):
    """A specific objective of the programme."""

    id: Identifier
    """Its code."""
    title: Text
    """Its short name."""
    statement: str = ""
    """Its full text."""


class Indicator(Declared):
    """An indicator of the results framework, declared rather than programmed.

    Either a measure (an SQL aggregate over the records of `table` that satisfy `where`) or a
    ratio of two other indicators. None means that the programme's sources do not state a value.
    Of kind "text", `baseline` and `target` are texts too.
    """

    id: Identifier
    """Its code, by which notebooks quote it: `rp["1.1"]`."""
    objective: Identifier | None = None
    """The code of its objective."""
    level: Level
    """Its level in the results chain; `context` is what is no result, such as the whole that a
    share is taken of."""
    title: Text
    """Its name."""
    unit: Text
    """What is counted, or the currency (ISO 4217); `share` prints in per cent."""
    table: str = ""
    """The table that is counted."""
    where: str = ""
    """The records that count, as an SQL condition."""
    measure: str = ""
    """What is computed of them, as an SQL aggregate: `count(*)`, `sum(amount)`."""
    disaggregate: Names = ()
    """Columns that it is divided by."""
    date: str | None = None
    """The column by which a period selects records; without it, the table's own; "" for all
    records in any period."""
    numerator: str = ""
    """Of a ratio: the indicator above the line."""
    denominator: str = ""
    """Of a ratio: the indicator below the line."""
    kind: Literal["number", "text"] = "number"
    """"text" for a rating or a statement, which the measure gives."""
    qualifier: Qualifier = "exact"
    """How firm its numbers are."""
    beneficiaries: Beneficiaries | None = None
    """Whether it counts direct or indirect ones, which are never added up."""
    direction: Direction = "increasing"
    """Whether more or less is better."""
    decimals: Annotated[int, Field(ge=0, le=12)] | None = None
    """Decimals that are printed; without it, as many as the value needs, two at most."""
    scale: Scale = ""
    """Large amounts in thousands, millions or billions."""
    currency: str = ""
    """The column that says which currency an amount is in."""
    baseline: Number | str | None = None
    """The value before the programme, where the sources state one."""
    baseline_year: int | None = None
    """The year of the baseline."""
    target: Number | str | None = None
    """The value aimed at, where the sources state one."""
    target_upper: Number | None = None
    """The upper end of a target that is a range."""
    milestones: dict[str, Number] = Field(default_factory=dict)
    """Targets of parts of the programme: by year ("2011") or days ("2011-01-01/2011-06-30")."""
    baselines: dict[str, Number] = Field(default_factory=dict)
    """Baselines of parts, by label: "sex=Female"."""
    targets: dict[str, Number] = Field(default_factory=dict)
    """Targets of parts, by label: "sex=Female"."""
    published: float | int | None = None
    """A value that was published before, to be reconciled."""
    published_in: str = ""
    """Where it was published."""
    verification: str = ""
    """The source of verification."""
    variance_reason: str = ""
    """Why target and achievement differ."""
    _place: Place | None = PrivateAttr(None)

    @property
    def place(self) -> Place | None:
        """The row of the framework's table that declares it; None for one of programme.toml."""
        return self._place

    @property
    def is_ratio(self) -> bool:
        """Whether the indicator divides two others."""
        return bool(self.numerator)

    @model_validator(mode="after")
    def _has_one_kind(self) -> Indicator:
        text = self.kind == "text"
        for key in ("baseline", "target"):
            value = getattr(self, key)
            if value is not None and isinstance(value, str) is not text:
                raise ValueError(
                    f'`{key}` is {value!r}, but the indicator is of kind "{self.kind}"'
                )
        for name in self.milestones:
            try:
                milestone_days(name)
            except ValueError:
                message = f'the milestone "{name}" is neither a year nor two days such as '
                raise ValueError(f"{message}2011-01-01/2011-06-30") from None
        if self.target_upper is not None and (
            not isinstance(self.target, int | float) or self.target_upper < self.target
        ):
            raise ValueError("`target_upper` needs a `target` that is not above it")
        return self

    @model_validator(mode="after")
    def _has_one_definition(self) -> Indicator:
        measured = bool(self.table), bool(self.measure)
        ratio = bool(self.numerator), bool(self.denominator)
        if any(measured) == any(ratio) or not (all(measured) or all(ratio)):
            raise ValueError("needs either `table` and `measure`, or `numerator` and `denominator`")
        if any(ratio) and (self.where or self.disaggregate or self.date is not None):
            raise ValueError(
                "a ratio takes `where`, `disaggregate` and `date` from its two indicators"
            )
        return self


class Currencies(Declared):
    """What a unit of other currencies is worth in `unit`, on a day; `source` says who says so."""

    unit: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    """The currency that amounts are converted to (ISO 4217)."""
    date: dt.date
    """The day of the rates."""
    source: str = ""
    """Who states them."""
    rates: dict[Annotated[str, Field(pattern="^[A-Z]{3}$")], Annotated[Number, Field(gt=0)]]
    """What one unit of each other currency is worth."""


class ForEach(Declared):
    """The values that editions are made for: those of a source, or a list."""

    source: str = ""
    """A column of a table ("grants.donor"), or of a list of these settings ("objective.id")."""
    values: Annotated[tuple[str | int, ...], Field(strict=False)] = ()
    """A list, in place of a source."""
    where: str = ""
    """The records of the source that count, as an SQL condition."""
    label: str = ""
    """The column whose value names the files of an edition."""
    limit: Annotated[int, Field(gt=0)] | None = None
    """Keeps the first values only."""

    @model_validator(mode="after")
    def _has_one_origin(self) -> ForEach:
        if bool(self.source) == bool(self.values):
            raise ValueError("needs either a `source` or `values`")
        if self.values and (self.where or self.label):
            raise ValueError("`where` and `label` go with a `source`")
        return self

    def __str__(self) -> str:
        """Return what it says, for messages."""
        return self.source or ", ".join(map(str, self.values))


def _for_each(value: object) -> object:
    """Return the long form of a source or a list that stands alone."""
    if isinstance(value, list):
        return {"values": value}
    return {"source": value} if isinstance(value, str) else value


Source = Annotated[ForEach, BeforeValidator(_for_each)]
