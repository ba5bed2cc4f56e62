"""Check records against their contract; every problem with file, row, column and value."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from jpreport.data.contract import Package, Resource
from jpreport.data.kept import Opened, Tables, code_digest, reading_of
from jpreport.errors import Problem
from jpreport.files import digest_json


class _Checks:
    """The tables of a package, each read and judged at most once."""

    def __init__(self, package: Package, cache: Path | None = None) -> None:
        from jpreport.data.keys import Asking  # needed where records are checked, and not before

        self.package = package
        self.ask = Asking()
        self._tables = Tables(cache)
        self._opened: dict[str, Opened] = {}

    def opened(self, name: str) -> Opened:
        """Return a table, also one that cannot be read: its faults say why."""
        from jpreport.data.reading import Reading

        if name not in self._opened:
            resource = self.package.resources[name]
            try:
                self._opened[name] = self._tables.open(resource)
            except OSError as error:
                message = f"cannot be read: {error.strerror or error}"
                self._opened[name] = Opened(Reading.failed(resource, message), "")
        return self._opened[name]

    def problems(self, name: str) -> list[Problem]:
        """Return all problems of a table, by row and column, the first ones in full."""
        from jpreport.data.keys import check_keys, check_reference
        from jpreport.data.reading import Found
        from jpreport.data.totals import totals

        resource, opened = self.package.resources[name], self.opened(name)
        found = Found(resource)
        found.add(opened.reading.found.first, opened.reading.found.count)
        check_keys(resource, opened, self.ask, found)
        found.add(totals(resource.fields, opened.reading.table))
        for key in resource.foreign_keys:
            target = self.package.resources[key.table]
            check_reference(resource, opened, key, target, self.opened(key.table), self.ask, found)
        return list(found.problems(resource))

    def doubts(self, name: str) -> Iterator[Problem]:
        """Yield what is likely to be wrong with a table that keeps its contract."""
        from jpreport.data.doubts import doubts_of
        from jpreport.data.reading import Found

        resource, opened = self.package.resources[name], self.opened(name)
        found = Found(resource)
        found.add(opened.reading.doubts)
        found.add(doubts_of(resource, opened, self.ask))
        yield from found.problems(resource)

    def marker(self, name: str, cache: Path | None) -> Path | None:
        """Return the file that stands for a table's check: its inputs' and programs' digest."""
        if cache is None:
            return None
        resource = self.package.resources[name]
        concerned = dict.fromkeys([name, *(key.table for key in resource.foreign_keys)])
        try:
            inputs = [self._input(self.package.resources[table]) for table in concerned]
        except OSError:
            return None
        return cache / digest_json([code_digest(), inputs])

    def _input(self, resource: Resource) -> list[object]:
        return reading_of(resource, self._tables.digest(resource))


def check_records(
    package: Package, cache: Path | None = None, *, only: str | None = None
) -> tuple[Problem, ...]:
    """Return what is wrong with the records of a package, table by table, row by row.

    At most 20 problems of a file are listed, then how many more there are. `cache` is a
    folder of markers and of the tables themselves: a file that passed is not checked again until
    it, its schema or a table that it refers to changes. `only` names the single table to check.
    """
    checks = _Checks(package, cache)
    problems: list[Problem] = []
    with checks.ask:
        for name in package.resources if only is None else (only,):
            marker = checks.marker(name, cache)
            if marker is not None and marker.exists():
                continue
            found = checks.problems(name)
            problems += found
            if marker is not None and not found:
                # A cache that cannot be written costs time, nothing else.
                with contextlib.suppress(OSError):
                    marker.parent.mkdir(parents=True, exist_ok=True)
                    marker.touch()
    return tuple(problems)


def record_doubts(package: Package, cache: Path | None = None) -> Iterator[Problem]:
    """Yield what breaks no rule and is likely to be wrong: a warning each, with counts.

    These are look-alike values, records without a date, and what a workbook hides.
    """
    checks = _Checks(package, cache)
    with checks.ask:
        for name in package.resources:
            yield from checks.doubts(name)
