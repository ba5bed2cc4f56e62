"""Search all files of a release for what tells of persons, and of the machine that built it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from jpreport.audit.items import PAGE, Data, Grid, Item, Text, Unread
from jpreport.audit.traces import Traces
from jpreport.audit.watchlist import DaysOf, Secret, Watchlist
from jpreport.audit.words import dates, readings, words
from jpreport.document.cover import RESTRICTED
from jpreport.errors import Place, Problem
from jpreport.forms.mime import FRONT_MATTER
from jpreport.language import in_every_language

# How seldom so many days of a sensitive table would stand in a file by chance.
_CHANCE = 1e-4
# So many of a record's other values beside its day make it the record.
_BESIDE = 2

_EDITION = in_every_language(RESTRICTED[1])

_SHORT, _REMEMBERED = 1000, 50_000
# Pictures and typefaces within a text; what is in them is read by itself.
_CODED = re.compile(r"[A-Za-z0-9+/]{2000,}={0,2}")
# So much of a name is shown where the name itself tells something.
_NAMED = 6

_MEND = "take it out of the notebook or the settings, and build again"
_OPEN = 'if it tells nobody apart, name the columns that do under "identifying"'


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one look at a text shows."""

    words: tuple[str, ...]
    secrets: tuple[Secret, ...]
    days: frozenset[date]
    traces: tuple[str, ...]


@dataclass(slots=True)
class _Finds:
    """What was found, gathered so that one place gives one problem for each column."""

    secrets: dict[tuple[Place, str, str], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    others: dict[Problem, None] = field(default_factory=dict)

    def secret(self, where: Place, secret: Secret) -> None:
        self.secrets[where, secret.table, secret.column].add(secret.hint)

    def other(self, where: Place, message: str, hint: str) -> None:
        self.others[Problem(where, message, hint)] = None

    def problems(self) -> Iterator[Problem]:
        """Yield what was found, each thing at the innermost of its places."""
        places: dict[Place, set[Place]] = defaultdict(set)
        for place in (*(key[0] for key in self.secrets), *(one.where for one in self.others)):
            for outer in place.outer:
                places[outer].add(place)
        for (where, table, column), hints in self.secrets.items():
            inner = (self.secrets.get((one, table, column), set()) for one in places[where])
            if hints <= set().union(*inner):
                continue
            shown = min(hints)
            count = f"{len(hints)} values" if len(hints) > 1 else "a value"
            yield Problem(
                where, f'tells {count} of "{column}" in "{table}" ({shown})', f"{_MEND}; {_OPEN}"
            )
        for one in self.others:
            if not any(replace(one, where=place) in self.others for place in places[one.where]):
                yield one


def _tail(found: int, total: int, density: float) -> float:
    """Return how probable it is that so many or more of all days hit by chance."""
    return sum(
        math.comb(total, hits) * density**hits * (1 - density) ** (total - hits)
        for hits in range(found, total + 1)
    )


def _is_restricted(value: object) -> bool:
    """Whether a JSON value is the executed notebook of a restricted edition."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    front = metadata.get(FRONT_MATTER) if isinstance(metadata, dict) else None
    return isinstance(front, dict) and bool(front.get("restricted"))


class Search:
    """Goes through the items of a release for secrets and traces."""

    def __init__(self, watchlist: Watchlist, traces: Traces) -> None:
        self.list, self.traces = watchlist, traces
        self.finds = _Finds()
        self._seen = lru_cache(_REMEMBERED)(self._look)
        self._days: dict[str, set[date]] = defaultdict(set)

    def item(self, file: str, item: Item) -> bool:
        """Take in one item of a file; return whether there is nothing in it."""
        match item:
            case Text():
                return self._text(file, item)
            case Grid():
                self._grid(item)
            case Data() if _is_restricted(item.value):
                self._restricted(item.where)
            case Unread():
                self.finds.other(
                    item.where, item.why, "remove it, or look into it yourself before release"
                )
            case _:
                pass
        return False

    def _text(self, file: str, item: Text) -> bool:
        harmless = True
        if any(mark in item.text for mark in _EDITION):
            self._restricted(item.where)
            harmless = False
        for reading in readings(item.text):
            look = self._seen if len(reading) <= _SHORT else self._look
            # The numbers by which a picture is drawn are no days.
            sight = look(reading, days=not item.source)
            for secret in sight.secrets:
                self.finds.secret(item.where, secret)
            found = bool(item.key) and self._under(item.where, item.key, sight)
            harmless = harmless and not (found or sight.secrets or sight.days or sight.traces)
            self._days[file] |= sight.days
            self._machine(item.where, sight.traces)
        if item.key == PAGE:
            # A path that is longer than the line goes on in the next one.
            joined = re.sub(r"\s+", "", item.text)
            self._machine(item.where, tuple(self.traces.found(joined)))
        return harmless

    def _restricted(self, where: Place) -> None:
        what = "is of a restricted edition, which may show records of persons"
        self.finds.other(where, what, "remove it: it is not for publication")

    def _machine(self, where: Place, traces: tuple[str, ...]) -> None:
        for what in traces:
            self.finds.other(where, f"tells {what}", _MEND)

    def _look(self, text: str, *, days: bool = True) -> _Sight:
        text = _CODED.sub(" ", text)
        found = tuple(words(text))
        return _Sight(
            found,
            tuple(self.list.found(found)),
            frozenset(dates(text)) if days and self.list.days else frozenset(),
            tuple(self.traces.found(text)),
        )

    def _under(self, where: Place, key: str, sight: _Sight) -> bool:
        name, found = self._seen(key).words, False
        for value in (sight.words, *((day.isoformat(),) for day in sight.days)):
            if (secret := self.list.found_under(name, value)) is not None:
                self.finds.secret(where, secret)
                found = True
        return found

    def _grid(self, item: Grid) -> None:
        header, *rows = item.rows
        for number, row in enumerate(rows, 2):
            place = item.where.at(row=number)
            for name, cell in zip(header, row, strict=False):
                self._under(place, name, self._seen(cell))
            cells = {self._seen(cell).words for cell in row}
            days = set().union(*(self._seen(cell).days for cell in row))
            for one in self.list.days:
                if any(
                    len(said & cells) >= _BESIDE
                    for day in days & one.days
                    for said in one.rows[day]
                ):
                    message = f'shows a record of "{one.table}": its day and what else it says'
                    self.finds.other(place, message, _MEND)

    def finish(self) -> tuple[Problem, ...]:
        """Return what was found, sorted by place, with what takes a look at a file as a whole.

        No problem repeats what was found: it names the column, a first character and a length.
        """
        for file, days in self._days.items():
            for one in self.list.days:
                self._days_in(file, days, one)
        found = (replace(one, where=self._masked(one.where)) for one in self.finds.problems())
        return tuple(sorted(dict.fromkeys(found)))

    def _masked(self, where: Place) -> Place:
        """Return a place without what it tells itself, such as the name of a file."""

        def masked(word: str) -> str:
            telling = any(self.list.found(words(word)))
            return f"{word[:_NAMED]}\N{HORIZONTAL ELLIPSIS}" if telling else word

        return where.reworded(masked)

    def _days_in(self, file: str, days: set[date], one: DaysOf) -> None:
        """Note a file in which more days of a sensitive table stand than chance explains."""
        if not one.days:
            return
        first, last = min(one.days), max(one.days)
        within = {day for day in days - one.open_days if first <= day <= last}
        hits = within & one.days
        if hits and _tail(len(hits), len(within), one.density) < _CHANCE:
            self.finds.other(
                Place(file),
                f'names {len(hits)} days of "{one.column}" in "{one.table}", '
                "more than chance explains",
                f"exact days tell persons apart: show years or months instead, or {_MEND}",
            )
