"""Which records explain that a figure is not what it was: by key, column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from jpreport.data import Records, programme_package
from jpreport.errors import JpreportError
from jpreport.figures import Figure, FigureRecord, Results
from jpreport.programme.settings import Settings, read_settings
from jpreport.review.changes import period_words
from jpreport.review.point import measured, records_may_be_shown

# Not even how many: the difference of two counts can single somebody out.
_CLOSED = "records of persons: what changed in them is not shown"

How = Literal["added", "removed", "changed", "same"]
Key = tuple[tuple[str, str], ...]
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A record that made a difference: what became of it, and whether it counted before and after.

    `key` is its primary key, or all its columns where the table has none; `columns` has
    (name, before, after) of those that changed. "same" is a record that is selected otherwise.
    """

    table: str
    key: Key
    how: How
    counted: tuple[bool, bool]
    columns: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a figure differs: `rule` has (what, before, after), `missing` what cannot be compared."""

    rule: tuple[tuple[str, str, str], ...] = ()
    records: tuple[RecordChange, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The records of a programme folder, for figures of any period."""

    settings: Settings
    records: Records

    def closed(self, table: str) -> bool:
        """Whether the records of a table must not be shown."""
        resource = self.records.package.resources.get(table)
        return resource is not None and not records_may_be_shown(resource)

    def results(self, record: FigureRecord) -> Results:
        """Return the programme's figures for the period of a record."""
        return Results(self.settings, self.records, *record.period.days)


@contextmanager
def evidence_of(root: Path) -> Iterator[Evidence]:
    """Open the records of a programme folder; raises ProjectError or DataError."""
    settings = read_settings(root)
    with Records(programme_package(settings)) as records:
        yield Evidence(settings, records)


def explain(
    before: Evidence | None,
    after: Evidence | None,
    old: FigureRecord,
    new: FigureRecord,
) -> Explanation:
    """Return why a figure differs between two releases.

    Records are compared where both programme folders are at hand and hold the very files
    that the two were computed from.
    """
    rule = tuple(_rule(old, new))
    if before is None or after is None:
        return Explanation(rule, missing="the records of both releases are not at hand")
    pairs = ((before, old), (after, new))
    if any(evidence.closed(record.derivation.table) for evidence, record in pairs):
        return Explanation(rule, missing=_CLOSED)
    try:
        sides = [_Selection(evidence.results(record), record) for evidence, record in pairs]
    except JpreportError as error:
        return Explanation(rule, missing=str(error.problems[0].message))
    if stale := next((side.stale for side in sides if side.stale), ""):
        return Explanation(rule, missing=stale)
    found: list[RecordChange] = []
    tables = dict.fromkeys((*sides[0].tables, *sides[1].tables))
    closed = [table for table in tables if before.closed(table) or after.closed(table)]
    for table in tables:
        if table not in closed:
            found += _changes(table, *sides)
    return Explanation(rule, tuple(found), _CLOSED if closed else "")


def _rule(old: FigureRecord, new: FigureRecord) -> Iterator[tuple[str, str, str]]:
    for name, before, after in zip(
        ("table", "where", "measure", "dated_by", "made from", "unit", "qualifier", "period"),
        _rule_of(old),
        _rule_of(new),
        strict=True,
    ):
        if before != after:
            yield name, before, after


def _rule_of(record: FigureRecord) -> tuple[str, ...]:
    rule, parents = record.derivation, " and ".join(record.derivation.parents)
    read = rule.table, rule.where, rule.measure, rule.dated_by
    return (*read, parents, record.unit, record.qualifier, period_words(record))


class _Selection:
    """The records behind one figure on one side."""

    def __init__(self, results: Results, record: FigureRecord) -> None:
        self.results = results
        figure = results.named(record.key)
        self.figures = tuple(measured(results, figure))
        self.tables = tuple(dict.fromkeys(one.derivation.table for one in self.figures))
        self.stale = ""
        if figure.derivation != record.derivation:
            self.stale = (
                "the programme folder is not as it was when the release was built: "
                f"{figure.id} would now be {figure.text}"
            )

    @property
    def _resources(self) -> Mapping[str, Any]:
        return self.results.records.package.resources

    def primary_key(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table's primary key; empty where it has none."""
        return self._resources[table].primary_key if table in self._resources else ()

    def all(self, table: str) -> list[Row]:
        """Return all records of a table."""
        if table not in self._resources:
            return []
        # The name was found in the contract.
        rows = self.results.records.query(f'SELECT * FROM "{table}"')  # noqa: S608
        return [_row(self._resources[table].field_names, row) for row in rows]

    def counted(self, table: str) -> list[Row]:
        """Return the records of a table that the figure counts; of several figures, those of any.

        A record that two of them count (as part and whole do) is there once.
        """
        found: dict[tuple[tuple[str, str], ...], list[Row]] = {}
        for figure in self.figures:
            if figure.derivation.table != table:
                continue
            mine = self._of(figure)
            counts = Counter(tuple(row.items()) for row in mine)
            for items, count in counts.items():
                if count > len(found.get(items, ())):
                    found[items] = [dict(items)] * count
        return [row for rows in found.values() for row in rows]

    def _of(self, figure: Figure) -> list[Row]:
        names, rows = self.results.records_of(figure)
        return [_row(tuple(names), row) for row in rows]


def _row(names: tuple[str, ...], values: tuple[Any, ...]) -> Row:
    return {name: _text(value) for name, value in zip(names, values, strict=True)}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float | Decimal) and value == int(value):
        return str(int(value))
    return str(value)


def _changes(table: str, before: _Selection, after: _Selection) -> Iterator[RecordChange]:
    key = before.primary_key(table) or after.primary_key(table)
    if not key or not _shared(key, table, before, after):
        yield from _unkeyed(table, before, after)
        return
    old_all, new_all, old, new = (
        {tuple((name, row[name]) for name in key): row for row in rows}
        for rows in (
            before.all(table), after.all(table), before.counted(table), after.counted(table),
        )
    )  # fmt: skip
    for name in sorted({*old, *new}):
        one, other = old_all.get(name), new_all.get(name)
        counted = (name in old, name in new)
        if one is None or other is None:
            yield RecordChange(table, name, "added" if one is None else "removed", counted)
        elif one != other:
            columns = tuple(
                (column, one.get(column, ""), other.get(column, ""))
                for column in dict.fromkeys((*one, *other))
                if one.get(column, "") != other.get(column, "")
            )
            yield RecordChange(table, name, "changed", counted, columns)
        elif counted[0] != counted[1]:
            yield RecordChange(table, name, "same", counted)


def _shared(key: tuple[str, ...], table: str, before: _Selection, after: _Selection) -> bool:
    """Whether both sides of a table have the columns of the key (a new table has no other side)."""
    for side in (before, after):
        rows = side.all(table)
        if rows and not set(key) <= set(rows[0]):
            return False
    return True


def _unkeyed(table: str, before: _Selection, after: _Selection) -> Iterator[RecordChange]:
    """Compare records that nothing but their content tells apart."""
    old, new = (
        Counter(tuple(row.items()) for row in side.counted(table)) for side in (before, after)
    )
    gone: tuple[tuple[How, Counter[Key]], ...] = (("removed", old - new), ("added", new - old))
    for how, found in gone:
        for key in sorted(found.elements()):
            yield RecordChange(table, key, how, (how == "removed", how == "added"))
