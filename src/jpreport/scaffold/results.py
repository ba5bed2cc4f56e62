"""Indicators of what was found: those of a results framework, or counts and sums of records."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jpreport.data.contract import Value
from jpreport.figures.derivation import equals
from jpreport.scaffold.columns import Column
from jpreport.scaffold.persons import is_age
from jpreport.scaffold.tables import Table

_PARTS = {
    "title": r"^(indicator|indicator_(name|title|statement|description)|title|result_indicator"
    r"|indicateur|indikator|indicador)$",
    "code": r"^(id|code|no|nr|number|ref|indicator_(id|code|no|number|ref)|indicator_2)$",
    "baseline": r"^baseline(_value)?$|^base_line$",
    "target": r"^((end|final|overall|total|annual|planned)_)?target(_value)?$"
    r"|^(planned|cible|meta)$",
    "achieved": r"^(achieved|achievement|actual|actuals|result|results|progress|reached|current"
    r"|value|endline|cumulative|realise)(_(value|to_date|result|total|achievement))?$",
    "unit": r"^(unit|units|unit_of_measure(ment)?|uom|measure|unite|jedinica)$",
    "direction": r"^(direction|desired_(direction|change)|polarity|trend|wanted)$",
    "place": r"^(place|location|district|region|province|governorate|area|country|site|county"
    r"|municipality)$",
    "period": r"^(period|year|quarter|month|reporting_period|half_year|semester)$",
    "objective": r"^(objective|outcome|component|pillar|sector|strategic_objective|output|goal"
    r"|specific_objective|output_statement|outcome_statement)$",
    "level": r"^(level|type|result_level|indicator_(level|type))$",
    "verification": r"^(means_of_verification|mov|verification|source|data_source"
    r"|source_of_verification|sources?_of_data)$",
    "variance_reason": r"^(reason(s)?_for_variance|variance_reason|remarks|comments?|explanation)$",
}
_LEVELS = ("context", "input", "output", "outcome", "impact")
_DOWN = re.compile(r"(?i)decreas|descend|down|lower|reduc|less|fewer|\u2193|minus|smaller|baisse")
_NOT_ADDED = re.compile(
    r"(^|_)(age|year|lat|lon|lng|latitude|longitude|altitude|precision|percent\w*|pct|rate|ratio"
    r"|share|average|avg|mean|score|index|rank|level|price|distance|phone|zip|code|id|no|number"
    r"|week|month|day|date|datum|jour|fecha|version|status|temperature|ph|gps)(_|$)"
)
# What such a column says of a period holds what came before.
_RUNNING = re.compile(r"cumulative|to_date|running")
_SHORT = 3  # letters of a word that is no plural
_PER_CENT = ("%", "percent", "per cent", "percentage", "pct")
_MOST_SUMS, _MOST_LISTS, _MOST_LABELS, _MOST_FLAGS = 6, 3, 25, 3


@dataclass(frozen=True, slots=True)
class Framework:
    """Indicators as programme.toml states them, and the objectives that they are of.

    `skipped` says why a row or a column gives no indicator; `added` are the titles of those whose
    rows of several periods are added up.
    """

    indicators: tuple[Mapping[str, Any], ...]
    objectives: tuple[Mapping[str, str], ...] = ()
    skipped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def parts_of(table: Table) -> dict[str, Column]:
    """Return the columns of a results framework by their part; none where it is no framework."""
    found: dict[str, Column] = {}
    for part, pattern in _PARTS.items():
        for column in table.columns:
            if column not in found.values() and re.search(pattern, column.name):
                found[part] = column
                break
    stated = {"title", "achieved"} <= set(found) and {"baseline", "target"} & set(found)
    number = "achieved" in found and found["achieved"].field.type in {"integer", "number"}
    return found if stated and number and not table.persons else {}


def framework_of(table: Table, parts: Mapping[str, Column]) -> Framework:
    """Return an indicator for each code or title of a results framework, over its own rows."""
    key = parts.get("code", parts["title"])
    groups: dict[Value, list[int]] = defaultdict(list)
    for place, value in enumerate(key.values):
        if value is not None:
            groups[value].append(place)
    objectives = _objectives(parts.get("objective"))
    in_fractions = _in_fractions(parts)
    running = bool(_RUNNING.search(parts["achieved"].name))
    indicators, skipped, added, taken = [], [], list[str](), set[str]()
    for value, places in groups.items():
        row = _Row(parts, places)
        unit = row.text("unit") or parts["achieved"].field.unit or "units"
        if len(places) > 1 and unit.lower() in _PER_CENT:
            skipped.append(f'"{row.text("title")}": its {len(places)} rows in {unit} do not add up')
            continue
        if row.total("achieved") is None:
            skipped.append(f'"{row.text("title")}": nothing is achieved by any row')
            continue
        if row.several_periods and running:
            skipped.append(f'"{row.text("title")}": running totals of several periods')
            continue
        if row.several_periods:
            added.append(row.text("title"))
        name = _identifier(str(value), taken, len(taken) + 1)
        by = [parts[one].name for one in ("place", "period") if one in parts and len(places) > 1]
        baseline, target = row.stated("baseline"), row.stated("target")
        measure = f"sum({parts['achieved'].name})"
        if unit.lower() in _PER_CENT:
            # A workbook keeps 45% as 0.45; a text keeps it as 45.
            unit = "share"
            if not in_fractions:
                measure += " / 100"
                baseline, target = _hundredth(baseline), _hundredth(target)
        said = {
            "id": name,
            "objective": objectives.get(row.text("objective"), {}).get("id"),
            "level": next((one for one in _LEVELS if one in row.text("level").lower()), "output"),
            "title": row.text("title") or str(value),
            "unit": unit,
            "table": table.name,
            "where": equals(key.name, str(value))
            if isinstance(value, str)
            else f"{key.name} = {value}",
            "measure": measure,
            "disaggregate": by,
            "direction": "decreasing" if row.is_down(baseline, target) else None,
            "baseline": baseline,
            "target": target,
            "verification": row.text("verification"),
            "variance_reason": row.text("variance_reason"),
        }
        indicators.append({k: v for k, v in said.items() if v not in (None, "", [])})
    stated = tuple(objectives.values())
    return Framework(tuple(indicators), stated, tuple(skipped), tuple(added))


@dataclass(frozen=True, slots=True)
class _Row:
    """What the rows of one indicator say."""

    parts: Mapping[str, Column]
    places: Sequence[int]

    def text(self, part: str) -> str:
        """Return the first text of a part that is stated."""
        column = self.parts.get(part)
        values = (column.values[place] for place in self.places) if column else ()
        return next((str(value) for value in values if value is not None), "")

    @property
    def several_periods(self) -> bool:
        """Whether one place has rows of more than one period."""
        periods = self.parts.get("period")
        named = {periods.values[place] for place in self.places} if periods else ()
        return len(named) > 1 and len(self._by_place()) < len(self.places)

    def _by_place(self) -> dict[Value, list[int]]:
        where, found = self.parts.get("place"), defaultdict[Value, list[int]](list)
        for place in self.places:
            found[where.values[place] if where else None].append(place)
        return found

    def stated(self, part: str) -> int | float | None:
        """Return a baseline or a target, of all places together.

        One that each period repeats is stated once; a target of each period is added up as what is
        achieved is, and baselines that differ from period to period are none.
        """
        column = self.parts.get(part)
        if column is None or not self.several_periods:
            return self.total(part)
        groups = [*self._by_place().values()]
        if all(len({column.values[place] for place in group}) == 1 for group in groups):
            return replace(self, places=[group[0] for group in groups]).total(part)
        return None if part == "baseline" else self.total(part)

    def total(self, part: str) -> int | float | None:
        """Return the sum of a part over the rows; None where a row does not state it."""
        column = self.parts.get(part)
        if column is None or column.field.type not in {"integer", "number"}:
            return None
        values = [column.values[place] for place in self.places]
        if part == "achieved":
            values = [value for value in values if value is not None]
        if not values or None in values:
            return None
        exact = sum((Decimal(str(value)) for value in values), Decimal())
        return int(exact) if exact == int(exact) else float(exact)

    def is_down(self, baseline: float | None, target: float | None) -> bool:
        """Whether less is better: as stated, else where the target lies below the baseline."""
        if "direction" in self.parts and self.text("direction"):
            return bool(_DOWN.search(self.text("direction")))
        return baseline is not None and target is not None and target < baseline


def _in_fractions(parts: Mapping[str, Column]) -> bool:
    """Whether rows in per cent say 0.45, as Excel keeps 45%."""
    units = parts["unit"].values if "unit" in parts else ()
    achieved = parts["achieved"].values
    shares = [
        value
        for unit, value in zip(units, achieved, strict=False)
        if isinstance(unit, str) and unit.lower() in _PER_CENT and isinstance(value, Decimal)
    ]
    return bool(shares) and all(abs(value) <= 1 for value in shares)


def _hundredth(value: float | None) -> float | None:
    return None if value is None else float(Decimal(str(value)) / 100)


def _objectives(column: Column | None) -> dict[str, dict[str, str]]:
    """Return the objectives that a column names, by its text."""
    found: dict[str, dict[str, str]] = {}
    for value in dict.fromkeys(column.known if column else ()):
        text = str(value)
        stated = re.match(r"([A-Z]{0,3}\s?\d[\d.]*)\s*[:.\u2013-]?\s+(.+)", text)
        name = re.sub(r"\s", "", stated[1]).rstrip(".") if stated else f"O{len(found) + 1}"
        title = stated[2] if stated else text
        found[text] = {"id": name, "title": title}
    return found


def _identifier(text: str, taken: set[str], number: int) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")
    name = plain if 0 < len(plain) <= 16 else str(number)  # noqa: PLR2004 (longer ones are titles)
    while name in taken:
        name += "b"
    taken.add(name)
    return name


def counted(table: Table, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield indicators of plain records: how many there are, and what can be added up."""
    lists = [name for name, count in table.lists() if count <= _MOST_LABELS]
    if table.sensitive:
        yield {
            "id": f"{prefix}1",
            "level": "output",
            "title": f"Persons recorded in {table.title}",
            "unit": "persons",
            "table": table.name,
            "measure": f"count(distinct {table.key})",
            "disaggregate": list(table.sensitive["dimensions"]),
        }
        return
    shared: dict[str, Any] = {"level": "output", "table": table.name}
    if lists:
        shared["disaggregate"] = lists[:_MOST_LISTS]
    yield {
        "id": f"{prefix}1",
        "title": f"{table.title}: records",
        "unit": "records",
        "measure": "count(*)",
        **shared,
    }
    number = 1
    for column in _added(table):
        number += 1
        words = column.name.split("_")
        # "Households reached" are households.
        plural = (word for word in words if len(word) > _SHORT and word.endswith("s"))
        unit = column.field.unit or next(plural, words[-1])
        yield {
            "id": f"{prefix}{number}",
            "title": _words(column),
            "unit": unit,
            "measure": f'sum("{column.name}")',
            **shared,
        }
    for column in [one for one in table.columns if one.field.type == "boolean"][:_MOST_FLAGS]:
        number += 1
        yield {
            "id": f"{prefix}{number}",
            "title": f"{_words(column)}: yes",
            "unit": "records",
            "where": f'"{column.name}"',
            "measure": "count(*)",
            **shared,
        }


def _words(column: Column) -> str:
    text = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", column.field.title or column.name)
    words = re.sub(r"[_\s]+", " ", text.rpartition("/")[2]).strip()
    return words[:1].upper() + words[1:]


def _added(table: Table) -> list[Column]:
    """Return the columns of amounts, which add up."""
    return [
        column
        for column in table.columns
        if column.field.type in {"integer", "number"}
        and not (column.is_code or is_age(column) or _NOT_ADDED.search(column.name))
        and column.field.unit.lower() not in _PER_CENT
        and column.known
        and all(isinstance(value, int | Decimal) and value >= 0 for value in column.known)
    ][:_MOST_SUMS]
