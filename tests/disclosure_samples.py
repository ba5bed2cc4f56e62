from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from jpreport.data import Field, Resource
from jpreport.disclosure import TOTAL, Axis, Cube, Sensitive, build_cube, read_sensitive
from jpreport.disclosure.cube import _tally
from jpreport.errors import Place

FIELDS = (
    Field("service_id", unique=True),
    Field("person_id"),
    Field("sex", enum=("Female", "Male")),
    Field("age", type="integer"),
    Field("shelter", enum=("Belgrade", "Niš", "Novi Sad")),
    Field("region"),
    Field("provided_on", type="date"),
    Field("note"),
)
RESOURCE = Resource("services", Path("services.csv"), "services.csv", "csv", FIELDS)
REGIONS = {"Belgrade": "North", "Novi Sad": "North", "Niš": "South"}
_TYPES = {"integer": "BIGINT", "date": "DATE"}


class Rows:
    """Records in DuckDB, as `jpreport.data.Records` hands them out."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self.connection = duckdb.connect()
        columns = ", ".join(f'"{f.name}" {_TYPES.get(f.type, "VARCHAR")}' for f in FIELDS)
        self.connection.execute(f"CREATE TABLE services ({columns})")
        marks = ", ".join("?" * len(FIELDS))
        for row in rows:
            values = [row.get(field.name) for field in FIELDS]
            self.connection.execute(f"INSERT INTO services VALUES ({marks})", values)  # noqa: S608

    def query(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, list(params)).fetchall()


def declared(**raw: Any) -> Sensitive:  # noqa: ANN401
    base = {"unit": "person_id", "dimensions": ["sex", "shelter"]}
    return read_sensitive({**base, **raw}, RESOURCE, Place("data/datapackage.json"))


def counted(rows: Iterable[Mapping[str, Any]], **raw: Any) -> Cube:  # noqa: ANN401
    return build_cube(declared(**raw), RESOURCE, Rows(rows))


def rules(**settings: Any) -> Sensitive:  # noqa: ANN401
    return Sensitive(table="t", unit="person_id", dimensions=(), **settings)


def table(counts: Mapping[tuple[str, ...], int], *parents: Mapping[str, str]) -> Cube:
    """A cube of persons from the counts of its inner cells; `parents` by axis, {} for none."""
    size = len(next(iter(counts)))
    axes = []
    for place in range(size):
        leaves = dict.fromkeys(key[place] for key in counts)
        groups = dict(parents[place]) if place < len(parents) else {}
        axes.append(
            Axis(
                f"d{place}",
                f"d{place}",
                {leaf: groups.get(leaf, TOTAL) for leaf in leaves}
                | dict.fromkeys(dict.fromkeys(groups.values()), TOTAL),
            )
        )
    persons: dict[str, Counter[tuple[str, ...]]] = {}
    for key, number in counts.items():
        for _ in range(number):
            persons[str(len(persons))] = Counter([key])
    return Cube("t", "persons", tuple(axes), _tally(axes, persons))
