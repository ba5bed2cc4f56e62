"""The results framework: objectives and indicators as declared, parsed and checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Qualifier = Literal["exact", "at least", "estimated"]
Beneficiaries = Literal["direct", "indirect"]
Level = Literal["context", "input", "output", "outcome", "impact"]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Text = Annotated[str, Field(min_length=1)]
# TOML has arrays where we keep tuples; everything within them is checked strictly.
Names = Annotated[tuple[Text, ...], Field(strict=False)]


class Declared(BaseModel):
    """A part of `programme.toml`: frozen, typed without conversion, unknown keys refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


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
    qualifier: Qualifier = "exact"
    beneficiaries: Beneficiaries | None = None
    baseline: float | int | None = None
    target: float | int | None = None
    published: float | int | None = None
    published_in: str = ""
    verification: str = ""
    variance_reason: str = ""

    @property
    def is_ratio(self) -> bool:
        """Whether the indicator divides two others."""
        return bool(self.numerator)

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
