"""Indicators of a results framework that somebody keeps: each over its own rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from jpreport.data.contract import Value
from jpreport.data.styles import NumberStyle, number_styles
from jpreport.figures.derivation import equals
from jpreport.programme.headings import PARTS, coded, direction_of, is_per_cent, level_of
from jpreport.scaffold.columns import Column
from jpreport.scaffold.tables import Table

_NUMBERS = ("baseline", "target", "target_upper", "achieved")
_PERIOD = (
    r"((19|20)\d\d(_?[qsh][1-4])?|(q|quarter|s|h|semester)_?[1-4](_(19|20)\d\d)?|y(ear)?_?\d\d?"
    r"|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(_(19|20)?\d\d)?)"
)
_OF_PERIODS = {
    "target": rf"(target|planned|cible|meta)_{_PERIOD}|{_PERIOD}_(target|planned)",
    "achieved": rf"((achieved|actual|result|reached|value|progress)_|n)?{_PERIOD}(_(achieved|actual"
    r"|result|reached|value|progress))?",
}
_INDICATOR = re.compile(r"indic|measure|indik|pokazatelj")
# What such a column says of a period holds what came before.
_RUNNING = re.compile(r"cumulative|to_date|running")
_NOT_ADDED = re.compile(
    r"(?i)%|\b(per ?cent|percentage|share|proportion|rates?|ratio|average|mean|index|score|taux"
    r"|prevalence|median)\b"
)
_NUMBER = re.compile(r"[+-]?\d[\d.,' \u00a0\u202f]*\s*%?")
_LONGEST_ID, _MOST_LISTS = 16, 3

Parts = Mapping[str, Sequence[Column]]


@dataclass(frozen=True, slots=True)
class Framework:
    """Indicators as programme.toml states them, and the objectives that they are of.

    `skipped` says why a row or a column gives no indicator; `added` are the titles of those whose
    numbers of several periods are added up. `file` is what `framework` says in programme.toml
    where the file itself says the same of `indicators`.
    """

    indicators: tuple[Mapping[str, Any], ...]
    objectives: tuple[Mapping[str, str], ...] = ()
    skipped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    file: Mapping[str, Any] | None = None


class _Cells:
    """The cells of a column, as numbers where they are numbers."""

    def __init__(self, column: Column) -> None:
        self.column, self.values = column, column.values
        texts = {one for one in self.values if isinstance(one, str) and _NUMBER.fullmatch(one)}
        styles = number_styles({one.rstrip("% \u00a0") for one in texts}) if texts else []
        usual = [one for one in styles if one.decimal == "."]
        self.style: NumberStyle | None = next(iter([*usual, *styles]), None)

    def number(self, place: int) -> Decimal | None:
        """Return the number of a cell, "45%" as 0.45; None for a text and an empty cell."""
        value = self.values[place]
        if isinstance(value, str):
            if self.style is None or not _NUMBER.fullmatch(value):
                return None
            found = self.style.read(value.rstrip("% \u00a0"))
            return found / 100 if found is not None and value.endswith("%") else found
        return Decimal(str(value)) if isinstance(value, int | Decimal) else None

    @property
    def any_number(self) -> bool:
        """Whether a cell of it is a number."""
        return any(self.number(place) is not None for place in range(len(self.values)))

    @property
    def sql(self) -> str:
        """The number of a cell, in SQL; of a text without its sign of per cent."""
        if self.column.field.type != "string":
            return f'"{self.column.name}"'
        text = f"""replace("{self.column.name}", '%', '')"""
        if self.style and self.style.group:
            text = f"replace({text}, '{self.style.group.replace(chr(39), chr(39) * 2)}', '')"
        if self.style and self.style.decimal != ".":
            text = f"replace({text}, '{self.style.decimal}', '.')"
        return f"TRY_CAST({text} AS DECIMAL(18, 6))"


def parts_of(table: Table) -> Parts:
    """Return the columns of a results framework by their part; none where it is no framework."""
    if table.persons:
        return {}
    found: dict[str, Sequence[Column]] = {}
    for part, pattern in PARTS.items():
        fits = _fitting(table, pattern, found, numbers=part in _NUMBERS)
        if fits:
            found[part] = fits[:1]
    for part, pattern in _OF_PERIODS.items() if "title" in found else ():
        if part not in found and (fits := _fitting(table, pattern, found, numbers=True)):
            found[part] = fits
    if not {"title", "achieved"} <= set(found):
        return {}
    named = _INDICATOR.search(found["title"][0].name)
    return found if named or {"baseline", "target"} & set(found) else {}


def _fitting(table: Table, pattern: str, taken: Parts, *, numbers: bool) -> list[Column]:
    used = [column for columns in taken.values() for column in columns]
    return [
        column
        for column in table.columns
        if column not in used
        and any(re.fullmatch(pattern, n) for n in (column.name, column.name.removesuffix("_value")))
        and (not numbers or _Cells(column).any_number)
    ]


def framework_of(table: Table, parts: Parts) -> Framework:
    """Return an indicator for each code or title of a results framework, over its own rows."""
    (key,) = parts.get("id", parts["title"])
    groups: dict[Value, list[int]] = defaultdict(list)
    for place, value in enumerate(key.values):
        if value is not None:
            groups[value].append(place)
    cells = {part: [_Cells(one) for one in columns] for part, columns in parts.items()}
    objectives = _objectives(parts.get("objective", ()))
    hundreds = not _in_fractions(cells)
    running = any(_RUNNING.search(column.name) for column in parts["achieved"])
    indicators, skipped, added, taken = [], [], list[str](), set[str]()
    for value, places in groups.items():
        row = _Row(cells, places)
        if reason := row.unfit(running=running):
            skipped.append(f'"{row.text("title")}": {reason}')
            continue
        if row.several_periods:
            added.append(row.text("title"))
        said = row.indicator(table, hundreds=hundreds) | {
            "id": _identifier(str(value), taken, len(taken) + 1),
            "objective": objectives.get(row.text("objective"), {}).get("id"),
            "title": row.text("title") or str(value),
            "where": equals(key.name, str(value))
            if isinstance(value, str)
            else f"{key.name} = {value}",
        }
        ordered = ("id", "objective", "level", "title", "unit", "kind", "table", "where")
        said = {name: said.get(name) for name in (*ordered, *said)}
        indicators.append({k: v for k, v in said.items() if v not in (None, "", [])})
    stated = tuple(objectives.values())
    return Framework(tuple(indicators), stated, tuple(skipped), tuple(added))


@dataclass(frozen=True)
class _Row:
    """What the rows of one indicator say."""

    cells: Mapping[str, Sequence[_Cells]]
    places: Sequence[int]

    def text(self, part: str) -> str:
        """Return the first text of a part that is stated."""
        values = (c.values[place] for place in self.places for c in self.cells.get(part, ()))
        return next((str(value) for value in values if value is not None), "")

    @cached_property
    def is_text(self) -> bool:
        """Whether what was achieved is said in words."""
        return self.total("achieved") is None and bool(self.text("achieved"))

    def unfit(self, *, running: bool) -> str:
        """Return why the rows give no indicator, "" where they do."""
        several = len(self.places) * len(self.cells["achieved"])
        if not self.text("achieved"):
            return "nothing is achieved by any row"
        rate = _NOT_ADDED.search(f"{self.text('unit')} {self.text('title')}")
        if several > 1 and (rate or self._signed):
            return f"its {several} numbers do not add up"
        if len(self.places) > 1 and self.is_text:
            return f"its {len(self.places)} rows are texts"
        if self.several_periods and running:
            return "running totals of several periods"
        return ""

    def indicator(self, table: Table, *, hundreds: bool) -> dict[str, Any]:
        """Return what the rows say of an indicator; `hundreds` where 45 per cent is said as 45."""
        said: dict[str, Any] = {
            "level": level_of(self.text("level")) or "output",
            "unit": self.text("unit") or self.cells["achieved"][0].column.field.unit or "units",
            "table": table.name,
            "verification": self.text("verification"),
            "variance_reason": self.text("variance_reason"),
        }
        columns = self.cells["achieved"]
        if self.is_text:
            texts = {part: self.text(part) for part in ("baseline", "target")}
            measure = f'max("{columns[0].column.name}")'
            return said | {"kind": "text", "measure": measure, **texts}
        sums = [f"coalesce({c.sql}, 0)" if len(columns) > 1 else c.sql for c in columns]
        said["measure"] = f"sum({' + '.join(sums)})"
        stated = {part: self.stated(part) for part in ("baseline", "target", "target_upper")}
        if self._signed or is_per_cent(said["unit"]):
            said["unit"] = "share"
            if self._signed or hundreds:
                said["measure"] += " / 100"
            if hundreds and not self._signed:
                stated = {part: _hundredth(value) for part, value in stated.items()}
        baseline, target = stated["baseline"], stated["target"]
        down = direction_of(self.text("direction"))
        if down is None and baseline is not None and target is not None and target < baseline:
            down = "decreasing"
        parts = [c.column.name for part in ("place", "period") for c in self.cells.get(part, ())]
        used = [one.column.name for several in self.cells.values() for one in several]
        lists = [name for name, _ in table.lists() if name not in used]
        return said | {
            "disaggregate": [*parts, *lists][:_MOST_LISTS] if len(self.places) > 1 else [],
            "direction": down if down == "decreasing" else None,
            **stated,
        }

    @cached_property
    def _signed(self) -> bool:
        """Whether what was achieved is written with the sign of per cent."""
        values = [c.values[place] for place in self.places for c in self.cells["achieved"]]
        return is_per_cent("", [str(value) for value in values if value is not None])

    @property
    def several_periods(self) -> bool:
        """Whether one place has numbers of more than one period."""
        if len(self.cells["achieved"]) > 1:
            return True
        periods = self.cells.get("period")
        named = {periods[0].values[place] for place in self.places} if periods else ()
        return len(named) > 1 and len(self._by_place()) < len(self.places)

    def _by_place(self) -> dict[Value, list[int]]:
        where, found = self.cells.get("place"), defaultdict[Value, list[int]](list)
        for place in self.places:
            found[where[0].values[place] if where else None].append(place)
        return found

    def stated(self, part: str) -> int | float | None:
        """Return a baseline or a target, of all places together.

        One that each period repeats is stated once; a target of each period is added up as what is
        achieved is, and baselines that differ from period to period are none.
        """
        columns = self.cells.get(part, ())
        if len(self.places) == 1 or not columns or not self.several_periods:
            return self.total(part)
        groups = [*self._by_place().values()]
        numbers = columns[0].number
        if all(len({numbers(place) for place in group}) == 1 for group in groups):
            return replace(self, places=[group[0] for group in groups]).total(part)
        return None if part == "baseline" else self.total(part)

    def total(self, part: str) -> int | float | None:
        """Return the sum of a part over the rows; None where a row does not state it."""
        columns = self.cells.get(part, ())
        found = [column.number(place) for place in self.places for column in columns]
        values = [value for value in found if value is not None]
        if not values or (len(values) < len(found) and part != "achieved"):
            return None
        exact = sum(values, Decimal())
        return int(exact) if exact == int(exact) else float(exact)


def _in_fractions(cells: Mapping[str, Sequence[_Cells]]) -> bool:
    """Whether rows in per cent say 0.45, as Excel keeps 45%."""
    units = cells["unit"][0].values if "unit" in cells else ()
    achieved = cells["achieved"][0]
    shares = [
        achieved.number(place)
        for place, unit in enumerate(units)
        if isinstance(unit, str) and is_per_cent(unit)
    ]
    stated = [value for value in shares if value is not None]
    whole = all(value == int(value) for value in stated)
    return bool(stated) and not whole and all(abs(value) <= 1 for value in stated)


def _hundredth(value: float | None) -> float | None:
    return None if value is None else float(Decimal(str(value)) / 100)


def _objectives(columns: Sequence[Column]) -> dict[str, dict[str, str]]:
    """Return the objectives that a column names, by its text."""
    found: dict[str, dict[str, str]] = {}
    for value in dict.fromkeys(value for column in columns for value in column.known):
        code, title = coded(str(value))
        found[str(value)] = {"id": code or f"O{len(found) + 1}", "title": title}
    return found


def _identifier(text: str, taken: set[str], number: int) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")
    name = plain if 0 < len(plain) <= _LONGEST_ID else str(number)  # longer ones are titles
    while name in taken:
        name += "b"
    taken.add(name)
    return name
