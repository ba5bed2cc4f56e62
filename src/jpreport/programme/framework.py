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
    short_name: str = ""
    role: Literal["participating", "government", "implementing", "other"]


class Objective(Declared):
    """A specific objective of the programme."""

    id: Identifier
    title: Text
    statement: str = ""


class Indicator(Declared):
    """An indicator of the results framework, declared rather than programmed.

    Either a measure (an SQL aggregate over the records of `table` that satisfy `where`) or a
    ratio of two other indicators. `baseline`, `target` and `published` are in `unit`; None
    means that the programme's sources do not state them. Level `context` is for what is not a
    result, such as the whole that a share is taken of. `date` is the column by which a
    period selects records: None takes the table's own, "" counts all records in any period.
    `beneficiaries` says that direct or indirect ones are counted, which are never added up.

    `direction` says whether more or less is better. With `target_upper`, the target is a range.
    `milestones` are targets of parts of the programme, by year ("2011") or by days ("2011-01-01/
    2011-06-30"); `targets` are those of parts, by label ("sex=Female"). `decimals` and `scale` say
    how values are printed. `currency` is the column that says which currency an amount is in.
    Of kind "text", what is achieved is a text, such as a rating, that the measure gives;
    `baseline` and `target` are texts then.
    """

    id: Identifier
    objective: Identifier | None = None
    level: Level
    title: Text
    unit: Text
    table: str = ""
    where: str = ""
    measure: str = ""
    disaggregate: Names = ()
    date: str | None = None
    numerator: str = ""
    denominator: str = ""
    kind: Literal["number", "text"] = "number"
    qualifier: Qualifier = "exact"
    beneficiaries: Beneficiaries | None = None
    direction: Direction = "increasing"
    decimals: Annotated[int, Field(ge=0, le=12)] | None = None
    scale: Scale = ""
    currency: str = ""
    baseline: Number | str | None = None
    baseline_year: int | None = None
    target: Number | str | None = None
    target_upper: Number | None = None
    milestones: dict[str, Number] = Field(default_factory=dict)
    targets: dict[str, Number] = Field(default_factory=dict)
    published: float | int | None = None
    published_in: str = ""
    verification: str = ""
    variance_reason: str = ""
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
    date: dt.date
    source: str = ""
    rates: dict[Annotated[str, Field(pattern="^[A-Z]{3}$")], Annotated[Number, Field(gt=0)]]


class ForEach(Declared):
    """The values that editions are made for: those of a source, or a list.

    `source` is a column of a table or of a list of the settings, such as "grants.donor"; of its
    records, those that satisfy `where` count. `label` is another column, whose value names the
    files of an edition. `limit` keeps the first values only.
    """

    source: str = ""
    values: Annotated[tuple[str | int, ...], Field(strict=False)] = ()
    where: str = ""
    label: str = ""
    limit: Annotated[int, Field(gt=0)] | None = None

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
