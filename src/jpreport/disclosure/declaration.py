"""What a Data Package declares of a sensitive table, parsed and checked.

It stands at the resource, `"jpreport": {"sensitive": {...}}`:

    "sensitive": {
      "unit": "person_id",
      "threshold": 5,
      "count": "persons",
      "keep": {"row": "first", "by": "provided_on"},
      "zeros": "publish",
      "groups": "state",
      "sums": ["amount"],
      "p_percent": 10,
      "dominance": {"n": 1, "k": 75},
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
- `parents` of a dimension: the groups above its values, level by level: a column, or an object
  from each value to its group. Where values are grouped in several ways (places by region, and by
  kind of area), a list for each: [["region"], ["kind"]]; the values must be listed then.
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
- `method` ("suppress"): or "round": every count is rounded to a multiple of `base` (threshold),
  sums hold, and none is missing; for tables of persons so sparse that little of them would be left.
  See `rounding`.
- `sums`: columns of whole numbers (money in cents, hours) of which reports may give the sum.
- `p_percent` (10 if there are sums) and `dominance`: when a sum, or a count of records, is not
  shown though enough persons are in it, because one of them makes most of it: see `primary`.
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
from typing import Literal

Count = Literal["persons", "records"]
# What the cells of a cube hold: what is counted, or the sum of a column.
Measured = Literal["persons", "records", "sum"]
Keep = Literal["first", "last", "refuse"]
Zeros = Literal["publish", "cover", "protect"]
Method = Literal["suppress", "round"]
Groups = Literal["state", "suppress"]
Audience = Literal["restricted", "nobody"]
Limit = int | float | dt.date | None
# Groups: a column of the table, or a mapping from each value to its group.
Level = str | Mapping[str, str]

LOWEST_THRESHOLD = 3
DEFAULT_THRESHOLD = 5
P_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Dimension:
    """One axis of the cube: a column, or what is derived from it.

    `derive` is "year" (of dates) or "". `ranges` sorts dates or numbers: label -> (first, last),
    both included, None where open. Each of the `hierarchies` leads upward, level by level.
    """

    name: str
    column: str
    title: str = ""
    derive: Literal["", "year"] = ""
    ranges: Mapping[str, tuple[Limit, Limit]] = field(default_factory=dict)
    hierarchies: tuple[tuple[Level, ...], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is made of: its own, then those of groups."""
        levels = (level for levels in self.hierarchies for level in levels)
        return (self.column, *(level for level in levels if isinstance(level, str)))


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
    method: Method = "suppress"
    base: int = 0
    sums: tuple[str, ...] = ()
    p_percent: float = 0
    dominance: tuple[int, float] = (0, 100)
    width: int = DEFAULT_THRESHOLD - 1
    insider_width: int = 1
    identifying: tuple[str, ...] = ()
    audience: Audience = "restricted"

    @property
    def fewest(self) -> int:
        """The fewest persons of a small cell: 0 where empty cells are protected like small ones."""
        return 0 if self.zeros == "protect" else 1
