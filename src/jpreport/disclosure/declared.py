"""Read what a Data Package declares of a sensitive table, with every fault."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from jpreport.data.contract import Field, Resource
from jpreport.data.descriptor import Faults, Node
from jpreport.disclosure.declaration import (
    DEFAULT_THRESHOLD,
    LOWEST_THRESHOLD,
    P_PERCENT,
    Audience,
    Count,
    Dimension,
    Groups,
    Keep,
    Level,
    Limit,
    Method,
    Sensitive,
    Zeros,
)
from jpreport.errors import DisclosureError, Place, did_you_mean

_KEYS = ("unit", "threshold", "count", "keep", "zeros", "groups", "method", "base", "sums",
         "p_percent", "dominance", "dimensions", "width", "insider_width", "identifying",
         "audience")  # fmt: skip
_DIMENSION_KEYS = ("name", "column", "title", "derive", "ranges", "parents")


class _Reader:
    """Reads one declaration against the table's columns; notes every fault."""

    def __init__(self, raw: Mapping[str, Any], resource: Resource, package: Place) -> None:
        self.resource = resource
        place = package.at(f"resource {resource.name}", key="sensitive")
        self.node = Node(raw, place, Faults())

    def column(self, name: str, node: Node, what: str) -> Field | None:
        """Return a column of the table, or note that it is not there."""
        try:
            return self.resource.field(name)
        except KeyError:
            hint = did_you_mean(name, self.resource.field_names)
            node.fault(f'{what} names the column "{name}", which is not there', hint)
            return None

    def choice(self, node: Node, key: str, kind: Any, default: str) -> Any:  # noqa: ANN401 (a Literal)
        """Return one of the words that a Literal type allows."""
        value = node.get(key, str, default)
        if value not in get_args(kind):
            node.fault(f'"{key}" cannot be "{value}"', did_you_mean(value, get_args(kind)))
            return default
        return value

    def number(self, key: str, default: int, lowest: int) -> int:
        """Return a whole number that is not under the lowest allowed."""
        value = self.node.get(key, int, default)
        if value < lowest:
            self.node.fault(f'"{key}" is {value}', f"use {lowest} or more")
            return default
        return value

    def keep(self) -> tuple[Keep, str]:
        """Return which row of a person counts, and the column that orders them."""
        node = self.node.child("keep")
        node.only(("row", "by"), 'in "keep", the property')
        row: Keep = self.choice(node, "row", Keep, "refuse")
        by = node.get("by", str, "")
        if by:
            self.column(by, node, '"keep"')
            if row == "refuse":
                node.fault('"keep" has "by", but no row to keep', 'add "row": "first" or "last"')
        return row, by

    def limit(self, node: Node, value: object, kind: str) -> Limit:
        """Return one end of a range as the column's type has it."""
        if value is None:
            return None
        if kind in {"date", "datetime"} and isinstance(value, str):
            try:
                return dt.date.fromisoformat(value)
            except ValueError:
                node.fault(f'"{value}" in "ranges" is no date', 'such as "2011-05-31"')
                return None
        if kind in {"integer", "number", "year"} and type(value) in {int, float}:
            return value  # type: ignore[return-value]
        node.fault(f'{value!r} in "ranges" does not fit a column of type {kind}')
        return None

    def ranges(self, node: Node, column: Field) -> dict[str, tuple[Limit, Limit]]:
        """Return the declared ranges; those that overlap are a fault."""
        found: dict[str, tuple[Limit, Limit]] = {}
        for label, raw in node.get("ranges", dict, {}).items():
            if not isinstance(raw, list) or len(raw) != 2:  # noqa: PLR2004 (from, to)
                node.fault(f'the range "{label}" is not [first, last]', "null leaves an end open")
                continue
            first, last = (self.limit(node, end, column.type) for end in raw)
            if first is not None and last is not None and first > last:  # type: ignore[operator]
                node.fault(f'the range "{label}" ends before it begins')
            found[label] = (first, last)
        pairs = list(found.items())
        for number, (label, one) in enumerate(pairs):
            for other_label, other in pairs[number + 1 :]:
                if _overlap(one, other):
                    node.fault(f'the ranges "{label}" and "{other_label}" overlap')
        return found

    def hierarchies(self, node: Node) -> tuple[tuple[Level, ...], ...]:
        """Return the levels above a dimension's values: one list of them, or several."""
        raw = node.get("parents", list, [])
        several = raw if raw and all(isinstance(one, list) for one in raw) else [raw]
        found = (self.levels(node, levels) for levels in several)
        return tuple(levels for levels in found if levels)

    def levels(self, node: Node, raws: Iterable[object]) -> tuple[Level, ...]:
        """Return the levels of one hierarchy, upward."""
        levels: list[Level] = []
        for raw in raws:
            if isinstance(raw, str):
                self.column(raw, node, '"parents"')
                levels.append(raw)
            elif isinstance(raw, dict) and all(isinstance(name, str) for name in raw.values()):
                levels.append(raw)
            else:
                node.fault(
                    '"parents" holds something other than levels',
                    "each level is a column, or an object from a value to its group; of several "
                    "hierarchies each is a list of levels",
                )
        return tuple(levels)

    def dimension(self, raw: object, number: int) -> Dimension | None:
        """Return one declared dimension."""
        if isinstance(raw, str):
            raw = {"name": raw}
        place = self.node.place.at(f"dimension {number}")
        if not isinstance(raw, dict):
            self.node.faults.add(place, "is neither a column nor an object")
            return None
        node = Node(raw, place, self.node.faults)
        node.only(_DIMENSION_KEYS, "the property")
        name = node.get("name", str, "") or node.get("column", str, "")
        if not name:
            node.fault('has no "name"')
            return None
        column = self.column(node.get("column", str, name), node, f'dimension "{name}"')
        if column is None:
            return None
        derive = node.get("derive", str, "")
        if derive not in {"", "year"}:
            node.fault(f'"derive" cannot be "{derive}"', 'only "year"; for others use "ranges"')
        if derive == "year" and column.type not in {"date", "datetime"}:
            node.fault(f'the year of "{column.name}" is asked for, which holds no dates')
        ranges = self.ranges(node, column)
        if derive and ranges:
            node.fault('has both "derive" and "ranges"', "declare two dimensions")
        return Dimension(
            name=name,
            column=column.name,
            title=node.get("title", str, "") or column.label,
            derive="year" if derive == "year" else "",
            ranges=ranges,
            hierarchies=self.hierarchies(node),
        )

    def sums(self) -> tuple[str, ...]:
        """Return the columns of which sums may be told: whole numbers."""
        for name in self.node.texts("sums") if "sums" in self.node.raw else ():
            column = self.column(name, self.node, '"sums"')
            if column is not None and column.type != "integer":
                hint = "keep whole units (such as cents) in a column of integers"
                self.node.fault(f'"sums" names "{name}", which holds no whole numbers', hint)
        return self.node.texts("sums") if "sums" in self.node.raw else ()

    def percent(self, node: Node, key: str, default: float) -> float:
        """Return a percentage over 0, at most 100."""
        value = node.raw.get(key, default)
        if type(value) not in {int, float}:
            node.fault(f'"{key}" is no number', "such as 10")
            return default
        if key in node.raw and not 0 < value <= 100:  # noqa: PLR2004 (percent)
            node.fault(f'"{key}" is {value}', "use a percentage over 0, at most 100")
        return float(value)

    def base(self, method: Method, threshold: int) -> int:
        """Return the base of rounding; what else is declared must fit it."""
        width = self.number("width", threshold - 1, 1)
        insider_width = self.number("insider_width", 1, 0)
        for key in ("sums", "groups"):
            if key in self.node.raw:
                self.node.fault(f'"{key}" is not for "method": "{method}"', "leave it out")
        if self.node.get("count", str, "persons") != "persons":
            self.node.fault("only counts of persons are rounded: one may have many records")
        return self.number("base", threshold, max(width + 1, insider_width + 2))

    def dominance(self) -> tuple[int, float]:
        """Return n and k of the dominance rule; that of nobody where there is none."""
        if "dominance" not in self.node.raw:
            return 0, 100
        node = self.node.child("dominance")
        node.only(("n", "k"), 'in "dominance", the property')
        n = node.get("n", int, 0)
        if n < 1:
            node.fault('"dominance" has no "n" of 1 or more', "such as 1 or 2 persons")
        return n, self.percent(node, "k", 100)

    def identifying(self, unit: str, dimensions: tuple[Dimension, ...]) -> tuple[str, ...]:
        """Return the columns that identify, as declared or by what they hold."""
        if "identifying" in self.node.raw:
            names = self.node.texts("identifying")
            for name in names:
                self.column(name, self.node, '"identifying"')
            if unit not in names:
                names = (unit, *names)
            return names
        used = {name for one in dimensions for name in one.columns[bool(one.derive) :]}
        return tuple(
            column.name
            for column in self.resource.fields
            if column.name == unit
            or column.unique
            or column.type in {"date", "datetime"}
            or (column.type == "string" and not column.enum and column.name not in used)
        )

    def read(self) -> Sensitive:
        """Return the declaration; what is faulty has its default."""
        node = self.node
        node.only(_KEYS, "the property")
        unit = node.get("unit", str, "")
        if unit:
            self.column(unit, node, '"unit"')
        else:
            node.fault('has no "unit"', "name the column that holds the code of the person")
        raw = node.get("dimensions", list, [])
        if not raw:
            node.fault('has no "dimensions"', "list the columns that a report may break down by")
        found = (self.dimension(entry, number) for number, entry in enumerate(raw, 1))
        dimensions = tuple(dimension for dimension in found if dimension is not None)
        names = [dimension.name for dimension in dimensions]
        for name in {name for name in names if names.count(name) > 1}:
            node.fault(f'the dimension "{name}" is declared twice', "give each its own name")
        if unit in {dimension.column for dimension in dimensions}:
            node.fault(f'the unit "{unit}" cannot be a dimension', "it would count each person")
        threshold = self.number("threshold", DEFAULT_THRESHOLD, LOWEST_THRESHOLD)
        row, by = self.keep()
        zeros: Zeros = self.choice(node, "zeros", Zeros, "publish")
        groups: Groups = self.choice(node, "groups", Groups, "state")
        if groups == "suppress" and zeros == "publish":
            hint = 'add "zeros": "cover" or "protect"'
            node.fault('"groups" cannot be suppressed where empty cells are published', hint)
        sums = self.sums()
        method: Method = self.choice(node, "method", Method, "suppress")
        if method == "suppress" and "base" in node.raw:
            node.fault('has a "base", and no "method": "round"', "add it, or leave the base out")
        return Sensitive(
            table=self.resource.name,
            unit=unit,
            dimensions=dimensions,
            threshold=threshold,
            count=self.choice(node, "count", Count, "persons"),
            keep=row,
            keep_by=by,
            zeros=zeros,
            groups=groups,
            method=method,
            base=self.base(method, threshold) if method == "round" else 0,
            sums=sums,
            p_percent=self.percent(node, "p_percent", P_PERCENT if sums else 0),
            dominance=self.dominance(),
            width=self.number("width", threshold - 1, 1),
            insider_width=self.number("insider_width", 1, 0),
            identifying=self.identifying(unit, dimensions),
            audience=self.choice(node, "audience", Audience, "restricted"),
        )


def _overlap(one: tuple[Limit, Limit], other: tuple[Limit, Limit]) -> bool:
    def reaches(first: Limit, last: Limit) -> bool:
        return first is None or last is None or first <= last  # type: ignore[operator]

    return reaches(one[0], other[1]) and reaches(other[0], one[1])


def read_sensitive(raw: Mapping[str, Any], resource: Resource, place: Place) -> Sensitive:
    """Return what the descriptor at `place` says under "sensitive" of a resource.

    Raises DisclosureError with every problem: unknown properties, words and columns, a threshold
    under 3, ranges that overlap, a unit that is a dimension.
    """
    reader = _Reader(raw, resource, place)
    declaration = reader.read()
    if problems := reader.node.faults.problems:
        raise DisclosureError(dict.fromkeys(problems))
    return declaration
