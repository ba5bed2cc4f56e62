"""The record of a figure: the one form in which notebooks, manifests and reports keep it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache, lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from jpreport.figures.derivation import Derivation, Number, Part, Period
from jpreport.figures.figure import Figure
from jpreport.figures.key import FigureKey
from jpreport.language import ENGLISH, current, speaking
from jpreport.programme.framework import Beneficiaries, Direction, Level, Qualifier, Scale

# What a record is, and of which version: it stands in each.
TYPE = "jpreport.figure/2"


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRecord:
    """A figure as it is written down: what `Figure` says, and the words that a report prints.

    `id` is the key as text, without the period. `text`, `published_text`, `variance` and
    `reconciles` follow from the rest. `parents` are the records of what it is made from, as far
    as they stand beside it. A suppressed value is None, whatever the figure has. `language` is
    that of the words.
    """

    id: str
    title: str
    text: str
    unit: str
    value: Number | None
    qualifier: Qualifier
    suppressed: bool
    period: Period
    derivation: Derivation
    level: Level
    objective: str | None
    beneficiaries: Beneficiaries | None
    baseline: Number | None
    target: Number | None
    variance: Number | None
    variance_reason: str
    published: Number | None
    published_text: str
    published_in: str
    reconciles: bool | None
    verification: str
    breakdown: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    parents: tuple[FigureRecord, ...] = ()
    direction: Direction = "increasing"
    decimals: int | None = None
    scale: Scale = ""
    baseline_year: int | None = None
    target_upper: Number | None = None
    statement: str = ""
    baseline_statement: str = ""
    target_statement: str = ""
    declared_in: str = ""
    language: str = ENGLISH.language

    @classmethod
    def of(cls, figure: Figure, *, parts: bool = True) -> FigureRecord:
        """Return the record of a figure, with or without its breakdown."""
        if figure.suppressed and figure.value is not None:
            return cls.of(replace(figure, value=None), parts=parts)
        said = {name: getattr(figure, name) for name in _SAID}
        said |= {name: current().term(said[name]) for name in _WORDS} | {"title": figure.name}
        return cls(
            **said,
            language=current().language,
            breakdown=figure.breakdown if parts else {},
            parents=tuple(cls.of(one, parts=False) for one in figure.parents),
        )

    @classmethod
    def from_json(cls, value: object) -> FigureRecord:
        """Return the record that `to_json` wrote; raises ValueError, with the reason, for others.

        What no figure says of itself is such a reason: a text of another number than the value,
        an unknown key.
        """
        return _read(json.dumps(_untyped(value), allow_nan=False))

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values, dates in ISO 8601."""
        value = _plain(replace(self, parents=()))
        start, end = map(dt.date.isoformat, self.period.days)
        return {
            "$type": TYPE,
            **value,
            "period": {"start": start, "end": end, "whole": self.period.whole},
            "derivation": {**value["derivation"], "parents": list(self.derivation.parents)},
            "parents": [one.to_json() for one in self.parents],
        }

    def figure(self) -> Figure:
        """Return the figure that was recorded; raises ValueError where its id is none."""
        said = {name: getattr(self, name) for name in _SAID if name not in _FOLLOWING}
        parents = tuple(one.figure() for one in self.parents)
        return Figure(key=self.key, breakdown=self.breakdown, parents=parents, **said)

    @property
    def key(self) -> FigureKey:
        """The key, without the period."""
        return FigureKey.parse(self.id)

    @property
    def dated(self) -> FigureKey:
        """The key with the period: what two records of one figure have in common."""
        return self.key.over(self.period.days)

    @property
    def terms(self) -> tuple[FigureKey, ...]:
        """The keys, with their periods, of what it is made from."""
        keys = map(FigureKey.parse, self.derivation.parents)
        return tuple(one if one.period else one.over(self.period.days) for one in keys)

    @property
    def alone(self) -> FigureRecord:
        """The record without those of its parts and of what it is made from."""
        return replace(self, breakdown={}, parents=())


# What is written only where it says more than what most figures say.
_IF_SAID: Mapping[str, Any] = {
    "direction": "increasing",
    "decimals": None,
    "scale": "",
    "baseline_year": None,
    "target_upper": None,
    "statement": "",
    "baseline_statement": "",
    "target_statement": "",
    "declared_in": "",
    "zone": "",
    "further": (),
    "before": None,
    "planned": None,
    "language": ENGLISH.language,
}


@cache
def _fields(kind: Hashable) -> tuple[str, ...] | None:
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else None


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a record
    """Return what a record or a part of it says, as JSON has it.

    `dataclasses.asdict` copies every text, which takes most of the time of an audit.
    """
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if (names := _fields(value.__class__)) is None:
        return value
    said = ((name, getattr(value, name)) for name in names)
    return {k: _plain(one) for k, one in said if k not in _IF_SAID or one != _IF_SAID[k]}


# What both a figure and its record have by one name; of these, what a figure works out.
_OTHERWISE = ("breakdown", "parents", "language")
_SAID = tuple(one.name for one in fields(FigureRecord) if one.name not in _OTHERWISE)
# The words of the programme in it.
_WORDS = (
    *("verification", "variance_reason", "published_in"),
    *("statement", "baseline_statement", "target_statement"),
)
_FOLLOWING = ("id", "text", "published_text", "variance", "reconciles")


Figure.written = lambda figure: FigureRecord.of(figure).to_json()


def _untyped(value: object) -> dict[str, Any]:
    """Return the JSON of a record without what says that it is one; raises ValueError for none."""
    if not isinstance(value, Mapping) or value.get("$type") != TYPE:
        raise ValueError(f"is no figure of this version of jpreport ({TYPE})")
    plain = {key: one for key, one in value.items() if key != "$type"}
    return {**plain, "parents": [_untyped(one) for one in plain.get("parents", ())]}


@cache
def _adapter() -> TypeAdapter[FigureRecord]:
    return TypeAdapter(FigureRecord)


@lru_cache(4096)  # a release repeats its figures
def _read(plain: str) -> FigureRecord:
    try:
        record = _adapter().validate_json(plain, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}") from None
    formula = record.derivation.formula
    terms = tuple(map(str, formula.terms)) if formula else ()
    with speaking(record.language):
        again = _untyped(FigureRecord.of(record.figure()).to_json())
    if terms != record.derivation.parents or again != json.loads(plain):
        raise ValueError("says what does not follow from its value, or what no figure says")
    return record


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a record; its parts are under `$defs`."""
    made = _adapter().json_schema()
    made["$defs"]["FigureRecord"]["properties"]["$type"] = {"const": TYPE}
    for part in made["$defs"].values():
        # What is written has all its keys, but for those that say nothing, and no other.
        part["required"] = sorted(part["properties"].keys() - _IF_SAID.keys())
        part["additionalProperties"] = False
    return made
