"""What of the sensitive tables must stand in no output: words, days, whole records."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pyarrow.compute as pc

from jpreport.audit.codes import built_alike, chosen, labels_of, worded
from jpreport.audit.words import dates, words
from jpreport.data import Package, Records
from jpreport.data.contract import Resource, quoted
from jpreport.disclosure.axes import label_of
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.errors import masked

Words = tuple[str, ...]

# Of a longer text, so many words in a row are enough to recognize it.
_RUN = 8
# Shorter values stand everywhere by chance; they are looked for where they stand alone.
_LETTERS, _NAME, _DIGITS = 4, 5, 6


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be told: the column that it is from, and what to show of it."""

    table: str
    column: str
    hint: str


@dataclass(slots=True)
class DaysOf:
    """The days of one table's column of dates, of which none must be told.

    `open_days` are known to everyone and stand for nothing; `rows` holds, for a day, what else
    its records say, as words.
    """

    table: str
    column: str
    open_days: frozenset[dt.date] = frozenset()
    days: set[dt.date] = field(default_factory=set)
    rows: dict[dt.date, list[frozenset[Words]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def density(self) -> float:
        """The share of all days, from the first to the last, that stand in the column."""
        if not self.days:
            return 0.0
        return len(self.days) / ((max(self.days) - min(self.days)).days + 1)


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes in one column that hardly stand anywhere by chance: digests of their words, sorted.

    `lengths` are the numbers of words that they have, `names` the words of the column's names,
    `hint` tells of the words of one what to show of it.
    """

    table: str
    column: str
    digests: Any
    lengths: frozenset[int]
    names: frozenset[Words]
    hint: Callable[[str], str]

    def found(self, text: Sequence[str]) -> Iterator[Secret]:
        """Yield those that stand in a sequence of words."""
        for length in self.lengths:
            ends = range(len(text) - length + 1)
            runs = [" ".join(text[at : at + length]) for at in ends]
            for at in self._among(runs) if runs else ():
                yield Secret(self.table, self.column, self.hint(runs[at]))

    def _among(self, runs: Sequence[str]) -> list[int]:
        digests = np.fromiter(map(hash, runs), np.int64, len(runs))
        places = np.searchsorted(self.digests, digests).clip(max=len(self.digests) - 1)
        return list(np.flatnonzero(self.digests[places] == digests))


@dataclass(slots=True)
class Watchlist:
    """Values to look for: anywhere, where they stand alone, or under their column's name.

    `lengths` tells, for a first word, how long the values are that begin with it. `codes` may be
    very many.
    """

    anywhere: dict[Words, Secret] = field(default_factory=dict)
    alone: dict[Words, Secret] = field(default_factory=dict)
    under: dict[tuple[Words, Words], Secret] = field(default_factory=dict)
    days: list[DaysOf] = field(default_factory=list)
    lengths: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    codes: list[Codes] = field(default_factory=list)

    def found(self, text: Sequence[str]) -> Iterator[Secret]:
        """Yield the secrets that stand in a sequence of words."""
        for at, word in enumerate(text):
            for length in self.lengths.get(word, ()):
                secret = self.anywhere.get(tuple(text[at : at + length]))
                if secret is not None:
                    yield secret
        for codes in self.codes:
            yield from codes.found(text)
        if text and (secret := self.alone.get(tuple(text))) is not None:
            yield secret

    def found_under(self, name: Words, value: Words) -> Secret | None:
        """Return the secret that a value is under the name of a column; None where it is none."""
        if (secret := self.under.get((name, value))) is not None:
            return secret
        own = (codes for codes in self.codes if name in codes.names and len(value) in codes.lengths)
        return next((secret for codes in own for secret in codes.found(value)), None)


def distinctive(value: Words) -> bool:
    """Whether a value hardly stands anywhere by chance."""
    whole = "".join(value)
    if whole.isdecimal():
        return len(whole) >= _DIGITS
    if len(value) == 1 and whole.isalpha():
        return len(whole) >= _NAME
    return len(whole) >= _LETTERS


def _runs(value: Words) -> Iterator[Words]:
    if len(value) <= _RUN:
        yield value
    else:
        yield from (value[at : at + _RUN] for at in range(len(value) - _RUN + 1))


@dataclass(frozen=True, slots=True)
class _Open:
    """What everyone may know: the words and the days that open tables and settings hold."""

    values: frozenset[Words]
    days: frozenset[dt.date]


def _opened(package: Package, records: Records, texts: Iterable[str]) -> _Open:
    values: set[Words] = set()
    days: set[dt.date] = set()
    for resource in package.resources.values():
        for column in resource.fields:
            values.update(tuple(words(str(value))) for value in column.enum)
        if resource.sensitive:
            continue
        for column in resource.fields:
            for (value,) in _distinct(records, resource.name, column.name):
                if isinstance(value, dt.date):
                    days.add(_day(value))
                elif isinstance(value, str):
                    values.add(tuple(words(value)))
    for text in texts:
        days |= dates(text)
    return _Open(frozenset(values), frozenset(days))


def _distinct(
    records: Records, table: str, *columns: str, where: str = "true"
) -> list[tuple[Any, ...]]:
    """Return the different values of columns of a table; all names are from the contract."""
    listed = ", ".join(map(quoted, columns))
    return records.query(f'SELECT DISTINCT {listed} FROM "{table}" WHERE {where}')  # noqa: S608


def _of_few(
    records: Records, declaration: Sensitive, name: str, others: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Return what the records of those days say that fewer persons have than the threshold."""
    day, unit = f'CAST("{name}" AS DATE)', f'"{declaration.unit}"'
    few = f'SELECT {day} FROM "{declaration.table}" GROUP BY 1 '  # noqa: S608 (of the contract)
    few += f"HAVING count(DISTINCT {unit}) < {declaration.threshold}"
    return _distinct(
        records, declaration.table, name, declaration.unit, *others, where=f"{day} IN ({few})"
    )


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


class _Gatherer:
    """Adds what one sensitive table holds to a watchlist."""

    def __init__(
        self, watchlist: Watchlist, declaration: Sensitive, resource: Resource, known: _Open
    ) -> None:
        self.list, self.declaration, self.resource = watchlist, declaration, resource
        self.known = known

    def column(self, name: str, rows: Iterable[tuple[Any, Any]]) -> None:
        """Take in a column's values, each with the person whose it is."""
        persons: dict[Words, set[Any]] = defaultdict(set)
        sharers: dict[Words, set[Any]] = defaultdict(set)
        values: dict[Words, str] = {}
        for cell, person in rows:
            value = tuple(words(label_of(cell))) if cell is not None else ()
            if value:
                values.setdefault(value, label_of(cell))
                persons[value].add(person)
                for run in _runs(value):
                    sharers[run].add(person)
        most = self.declaration.threshold
        for value, text in values.items():
            if len(persons[value]) < most and value not in self.known.values:
                shared = [run for run in _runs(value) if len(sharers[run]) < most]
                self._value(name, value, text, shared)

    def _value(self, name: str, value: Words, text: str, runs: Iterable[Words]) -> None:
        secret = Secret(self.resource.name, name, masked(text))
        self._under(name, self.resource.field(name).title, value, secret)
        if distinctive(value):
            for run in runs:
                self.list.anywhere[run] = secret
                self.list.lengths[run[0]].add(len(run))
        elif not "".join(value).isdecimal():
            self.list.alone[value] = secret

    def codes(self, name: str, blocks: Callable[[], Iterator[Any]]) -> None:
        """Take in a column of codes: each is a secret, whoever else has it."""
        digests, lengths = [np.zeros(0, np.int64)], set[int]()
        for block in blocks():
            labels = labels_of(block).unique()
            texts = worded(labels)
            alike = built_alike(texts)
            told = {one: one.split() for one in alike.dictionary.to_pylist()}
            rare = {o for o, own in told.items() if len(own) <= _RUN and distinctive(tuple(own))}
            lengths |= {len(told[one]) for one in rare}
            listed = chosen(texts, alike, rare.__contains__).to_pylist()
            digests.append(np.fromiter(map(hash, listed), np.int64, len(listed)))
            for text in chosen(labels, alike, lambda one: one not in rare).to_pylist():  # noqa: B023
                if value := tuple(words(text)):
                    self._value(name, value, text, _runs(value))
        title = self.resource.field(name).title

        def hint(said: str) -> str:
            for block in blocks():
                labels = labels_of(block)
                same = labels.filter(pc.equal(worded(labels), said))
                if len(same):
                    return masked(same[0].as_py())
            return masked(said)

        names = frozenset({tuple(words(name)), tuple(words(title))} - {()})
        every = np.unique(np.concatenate(digests))
        if len(every):
            found = Codes(self.resource.name, name, every, frozenset(lengths), names, hint)
            self.list.codes.append(found)

    def _under(self, name: str, title: str, value: Words, secret: Secret) -> None:
        for key in {tuple(words(name)), tuple(words(title))} - {()}:
            self.list.under[key, value] = secret

    def dates(self, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Take in a column of dates: each row is the date, the person, the dimensions' values."""
        persons: dict[dt.date, set[Any]] = defaultdict(set)
        found = DaysOf(self.resource.name, name, self.known.days)
        for value, person, *others in rows:
            if value is None:
                continue
            day = _day(value)
            persons[day].add(person)
            said = (tuple(words(label_of(other))) for other in others if other is not None)
            found.rows[day].append(frozenset(one for one in said if one))
        found.days = {
            day
            for day, whose in persons.items()
            if day not in self.known.days and len(whose) < self.declaration.threshold
        }
        title = self.resource.field(name).title
        for day, whose in persons.items():
            if len(whose) < self.declaration.threshold:
                secret = Secret(self.resource.name, name, f"a day of {day.year}")
                self._under(name, title, (day.isoformat(),), secret)
        self.list.days.append(found)


def watchlist(
    package: Package,
    records: Records,
    declarations: Mapping[str, Sensitive],
    cubes: Mapping[str, Cube],
    texts: Iterable[str],
) -> Watchlist:
    """Return what of a package's sensitive tables must stand in no output.

    Left out is what tells nobody apart: values that as many persons share as the threshold
    says, labels of the cubes, and, unless they are codes, values and days that open tables
    hold as well or (days) `texts`. Raises DataError.
    """
    known = _opened(package, records, texts)
    result = Watchlist()
    for table, declaration in declarations.items():
        resource = package.resources[table]
        labels = {tuple(words(label)) for axis in cubes[table].axes for label in axis.labels}
        own = _Open(known.values | labels, known.days)
        gatherer = _Gatherer(result, declaration, resource, own)
        others = [name for name in resource.field_names if name not in declaration.identifying]
        for name in declaration.identifying:
            kind = resource.field(name).type
            one_each = resource.field(name).unique or resource.primary_key == (name,)
            if name == declaration.unit or one_each:
                gatherer.codes(name, partial(records.blocks, table, name))
            elif kind != "date":
                gatherer.column(name, _distinct(records, table, name, declaration.unit))
            if kind in {"date", "datetime"}:
                rows = _of_few(records, declaration, name, others)
                gatherer.dates(name, rows)
    return result
