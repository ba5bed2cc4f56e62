"""What a Data Package declares of a sensitive table, parsed and checked.

It stands at the resource, `"jpreport": {"sensitive": {...}}`:

    "sensitive": {
      "unit": "person_id",
      "threshold": 5,
      "count": "persons",
      "keep": {"row": "first", "by": "provided_on"},
      "zeros": "publish",
      "groups": "state",
      "dimensions": [
        "sex",
        {"name": "age", "column": "age_group",
         "parents": [{"0-17": "Children", "18-25": "Adults", "26 and over": "Adults"}]},
        {"name": "place", "column": "shelter", "parents": ["region"]},
        {"name": "year", "column": "provided_on", "derive": "year"},
        {"name": "period", "column": "provided_on",
         "ranges": {"First half": ["2010-06-01", "2011-08-15"],
                    "Second half": ["2011-08-16", "2012-10-31"]}}
      ],
      "identifying": ["service_id", "person_id", "provided_on"],
      "audience": "restricted"
    }

`unit` and `dimensions` must be there. What the others mean, and what they are when absent:

- `threshold` (5): a cell of fewer persons is small; 3 or more.
- `count` ("persons"): what a cell says, "persons" or "records" (sessions, services). The
  threshold is a number of persons either way.
- `keep` ({"row": "refuse"}): which row of a person counts where several rows would put the
  person into several cells: the "first" or "last" row `by` a column (absent: by the order of the
  file), or "refuse". Of no use where records are counted.
- `zeros` ("publish"): an empty cell is published; or it may be suppressed to hide a small one,
  which leaves more totals readable in a sparse table ("cover"); or it is protected like a small
  one ("protect"). Use "cover" only where readers do not know from elsewhere which cells are empty.
- `groups` ("state"): where all persons of a group have the same value of a dimension (all of a
  region are women), the table tells it of each of them. That is always found and stated in the
  annex; with "suppress", which needs other `zeros` than "publish", an empty cell beside them is
  suppressed, so that nobody can tell.
- `width` (threshold - 1): how many counts, at least, must lie between the lowest and the highest
  that a suppressed cell can have by all that is published.
- `insider_width` (1): the same for someone who is the only person of a cell and knows it.
- `identifying`: columns whose values must stand in no output. Absent: the unit, all columns of
  dates, unique columns and free text (strings without `enum`) that are no dimension.
- `audience` ("restricted"): who may see records, "restricted" (a restricted edition) or "nobody".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from jpreport.data.contract import Field, Resource
from jpreport.data.descriptor import Faults, Node
from jpreport.disclosure.error import DisclosureError
from jpreport.errors import Place, did_you_mean

Count = Literal["persons", "records"]
Keep = Literal["first", "last", "refuse"]
Zeros = Literal["publish", "cover", "protect"]
Groups = Literal["state", "suppress"]
Audience = Literal["restricted", "nobody"]
Limit = int | float | dt.date | None

LOWEST_THRESHOLD = 3
DEFAULT_THRESHOLD = 5

_KEYS = ("unit", "threshold", "count", "keep", "zeros", "groups", "dimensions", "width",
         "insider_width", "identifying", "audience")  # fmt: skip
_DIMENSION_KEYS = ("name", "column", "title", "derive", "ranges", "parents")


@dataclass(frozen=True, slots=True)
class Dimension:
    """One axis of the cube: a column, or what is derived from it.

    `derive` is "year" (of dates) or "". `ranges` sorts dates or numbers: label -> (first, last),
    both included, None where open. `parents` leads upward, level by level: a column of the
    table, or a mapping from each value to its group.
    """

    name: str
    column: str
    title: str = ""
    derive: Literal["", "year"] = ""
    ranges: Mapping[str, tuple[Limit, Limit]] = field(default_factory=dict)
    parents: tuple[str | Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sensitive:
    """How one sensitive table is protected; the module's docstring says what each part means."""

    table: str
    unit: str
    dimensions: tuple[Dimension, ...]
    threshold: int = DEFAULT_THRESHOLD
    count: Count = "persons"
    keep: Keep = "refuse"
    keep_by: str = ""
    zeros: Zeros = "publish"
    groups: Groups = "state"
    width: int = DEFAULT_THRESHOLD - 1
    insider_width: int = 1
    identifying: tuple[str, ...] = ()
    audience: Audience = "restricted"

    @property
    def fewest(self) -> int:
        """The fewest persons of a small cell: 0 where empty cells are protected like small ones."""
        return 0 if self.zeros == "protect" else 1


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

    def parents(self, node: Node) -> tuple[str | Mapping[str, str], ...]:
        """Return the levels above a dimension's values."""
        levels: list[str | Mapping[str, str]] = []
        for raw in node.get("parents", list, []):
            if isinstance(raw, str):
                self.column(raw, node, '"parents"')
                levels.append(raw)
            elif isinstance(raw, dict) and all(isinstance(name, str) for name in raw.values()):
                levels.append(raw)
            else:
                node.fault(
                    '"parents" holds something other than levels',
                    "each level is a column, or an object from a value to its group",
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
            parents=self.parents(node),
        )

    def identifying(self, unit: str, dimensions: tuple[Dimension, ...]) -> tuple[str, ...]:
        """Return the columns that identify, as declared or by what they hold."""
        if "identifying" in self.node.raw:
            names = self.node.texts("identifying")
            for name in names:
                self.column(name, self.node, '"identifying"')
            if unit not in names:
                names = (unit, *names)
            return names
        used = {dimension.column for dimension in dimensions if not dimension.derive}
        used |= {level for d in dimensions for level in d.parents if isinstance(level, str)}
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
