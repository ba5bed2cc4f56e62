"""Check records against their contract; every problem with file, row, column and value."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jpreport.data.arrow import table_of
from jpreport.data.cellcheck import cell_judge, shower
from jpreport.data.cleaning import DeriveError
from jpreport.data.contract import ForeignKey, Package, Resource, Value
from jpreport.data.doubts import doubts_of, totals
from jpreport.data.kept import code_digest, reading_of
from jpreport.data.scan import Fault, Scan, scan_file
from jpreport.errors import Problem
from jpreport.files import digest_bytes, digest_json
from jpreport.files.inputs import read_input

# As many problems of one file are listed; then only how many more there are.
_LISTED = 20


@dataclass(slots=True)
class _Checked:
    """A table's values by column, row for row, and the faults found so far.

    `unread` are the columns with cells that have no meaning; their values are None there.
    """

    resource: Resource
    scan: Scan
    values: dict[str, list[Value]]
    faults: list[Fault]
    unread: frozenset[str]

    def keys(self, names: Sequence[str]) -> list[tuple[Value, ...]]:
        """Return the values of some columns, a tuple a row."""
        return list(zip(*(self.values[name] for name in names), strict=True))


def _check_cells(resource: Resource, scan: Scan) -> _Checked:
    """Judge every distinct cell of a column once."""
    faults = list(scan.faults)
    values: dict[str, list[Value]] = {}
    unread: set[str] = set()
    for field in resource.fields:
        if field.name not in scan.columns:
            continue
        cells = scan.columns[field.name]
        judge = cell_judge(field, resource, cells)
        # 1 and True are equal, but not the same cell.
        kinds = [(cell.__class__, cell) for cell in cells]
        verdicts = {kind: judge(kind[1]) for kind in dict.fromkeys(kinds)}
        values[field.name] = [verdicts[kind][0] for kind in kinds]
        bad = {kind: found for kind, (_, found) in verdicts.items() if found}
        if not bad:
            continue
        for row, kind in zip(scan.rows, kinds, strict=True):
            faults += [Fault(message, hint, row, field.name) for message, hint in bad.get(kind, ())]
        if any(verdicts[kind][0] is None for kind in bad):
            unread.add(field.name)
    return _Checked(resource, scan, values, faults, frozenset(unread))


def _derived(resource: Resource, scan: Scan) -> Scan:
    """Return a scan without faults together with the cells of its derived columns."""
    try:
        return replace(scan, columns={**scan.columns, **table_of(resource, scan)[1]})
    except DeriveError as error:
        name, kind, why = error.args
        message = f'"derive" gives an error: {kind if resource.sensitive else why}'
        fault = Fault(message, "correct it in datapackage.json", None, name)
        return replace(scan, faults=[fault])


def _repeated(checked: _Checked, names: Sequence[str], message: str, hint: str) -> Iterator[Fault]:
    """Find keys that stand in two rows; `message` has places for the key and the first row."""
    show = shower(checked.resource)
    first: dict[tuple[Value, ...], int] = {}
    for row, key in zip(checked.scan.rows, checked.keys(names), strict=True):
        if None in key:
            continue
        if key in first:
            pairs = zip(names, key, strict=True)
            named = ", ".join(f"{name} {show(value)}" for name, value in pairs)
            text = message.format(key=named, row=first[key])
            yield Fault(text, hint, row, ", ".join(names))
        else:
            first[key] = row


def _check_keys(resource: Resource, checked: _Checked) -> Iterator[Fault]:
    """Check the primary key and the unique columns."""
    primary = resource.primary_key
    for name in primary:
        field_is_silent = name in checked.values and name not in checked.unread
        if field_is_silent and not resource.field(name).required:
            for row, value in zip(checked.scan.rows, checked.values[name], strict=True):
                if value is None:
                    yield Fault("is empty, but is part of the primary key", "fill it in", row, name)
    if primary and all(name in checked.values for name in primary):
        message = "the primary key {key} stands in row {row} already"
        hint = "remove one of the two rows, or correct its key"
        yield from _repeated(checked, primary, message, hint)
    for field in resource.fields:
        if field.unique and field.name in checked.values and primary != (field.name,):
            message = "{key} stands in row {row} already, but each value may stand once"
            yield from _repeated(checked, (field.name,), message, "correct one of the two rows")


def _check_reference(
    checked: _Checked, key: ForeignKey, target: Resource, other: _Checked
) -> Iterator[Fault]:
    """Check that values stand in the table referred to.

    Where that table could not be read whole, a value that seems to be missing may be in what
    was not read: nothing is said then, the faults over there are.
    """
    readable = other.scan.whole and all(name in other.values for name in key.references)
    if not readable or other.unread & set(key.references):
        return
    if not all(name in checked.values for name in key.fields):
        return
    known = set(other.keys(key.references))
    place = f"{target.name}.{'+'.join(key.references)}"
    texts: list[str] | None = None
    for row, values in zip(checked.scan.rows, checked.keys(key.fields), strict=True):
        if None in values or values in known:
            continue
        if texts is None:
            texts = [str(value) for value, *rest in known if not rest and value is not None]
        # What stands nearest is a value of the other table, which may be about persons as well.
        hidden = checked.resource.sensitive or target.sensitive
        near = [] if hidden else difflib.get_close_matches(str(values[0]), texts, n=1)
        hint = f'did you mean "{near[0]}"?' if near else "correct it, or add the record over there"
        value = ", ".join(map(shower(checked.resource), values))
        message = f"{value} is not in {place} ({target.place})"
        yield Fault(message, hint, row, ", ".join(key.fields))


class _Tables:
    """The tables of a package, each read and judged at most once."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._contents: dict[str, bytes] = {}
        self._checked: dict[str, _Checked] = {}

    def content(self, name: str) -> bytes:
        """Return a file's bytes; raises OSError."""
        if name not in self._contents:
            self._contents[name] = read_input(self.package.resources[name].path)
        return self._contents[name]

    def checked(self, name: str) -> _Checked:
        """Return a table's values and faults, references left aside."""
        if name not in self._checked:
            resource = self.package.resources[name]
            try:
                scan = scan_file(resource, self.content(name))
            except OSError as error:
                scan = Scan.failed(f"cannot be read: {error.strerror or error}")
            checked = _check_cells(resource, scan)
            if not checked.faults and any(field.derive for field in resource.fields):
                checked = _check_cells(resource, _derived(resource, scan))
            checked.faults += _check_keys(resource, checked)
            checked.faults += totals(resource.fields, checked.values, scan.rows)
            self._checked[name] = checked
        return self._checked[name]

    def faults(self, name: str) -> list[Fault]:
        """Return all faults of a table."""
        resource, checked = self.package.resources[name], self.checked(name)
        dangling = (
            fault
            for key in resource.foreign_keys
            for fault in _check_reference(
                checked, key, self.package.resources[key.table], self.checked(key.table)
            )
        )
        return [*checked.faults, *dangling]

    def doubts(self, name: str) -> Iterator[Fault]:
        """Yield what is likely to be wrong with a table that keeps its contract."""
        checked = self.checked(name)
        yield from checked.scan.doubts
        yield from doubts_of(checked.resource, checked.values, checked.scan.rows)

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
        return reading_of(resource, digest_bytes(self.content(resource.name)))


def _problems(resource: Resource, faults: Sequence[Fault]) -> list[Problem]:
    """Return a file's faults by row and column, the first ones in full."""
    order = {name: position for position, name in enumerate(resource.field_names)}

    def place(fault: Fault) -> tuple[int, int]:
        return fault.row or 0, order.get(fault.column.partition(",")[0], -1)

    problems = []
    for fault in sorted(faults, key=place)[:_LISTED]:
        where = resource.place.at(row=fault.row, column=fault.column or None)
        problems.append(Problem(where, fault.message, fault.hint))
    more = len(faults) - _LISTED
    if more > 0:
        text = f"and {more} more problem{'s' if more > 1 else ''}"
        problems.append(Problem(resource.place, text, "mend these first"))
    return problems


def check_records(
    package: Package, cache: Path | None = None, *, only: str | None = None
) -> tuple[Problem, ...]:
    """Return what is wrong with the records of a package, table by table, row by row.

    At most 20 problems of a file are listed, then how many more there are. `cache` is a
    folder of markers: a file that passed is not checked again until it, its schema or a
    table that it refers to changes. `only` names the single table to check.
    """
    tables = _Tables(package)
    problems: list[Problem] = []
    for name in package.resources if only is None else (only,):
        marker = tables.marker(name, cache)
        if marker is not None and marker.exists():
            continue
        faults = tables.faults(name)
        problems += _problems(package.resources[name], faults)
        if marker is not None and not faults:
            # A cache that cannot be written costs time, nothing else.
            with contextlib.suppress(OSError):
                marker.parent.mkdir(parents=True, exist_ok=True)
                marker.touch()
    return tuple(problems)


def record_doubts(package: Package) -> Iterator[Problem]:
    """Yield what breaks no rule and is likely to be wrong: a warning each, with counts.

    These are look-alike values, records without a date, and what a workbook hides.
    """
    tables = _Tables(package)
    for name, resource in package.resources.items():
        yield from _problems(resource, list(tables.doubts(name)))
