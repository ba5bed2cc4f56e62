"""The key of a figure, which says which number it is, and its id: the key as text.

An id is read and written here and nowhere else. Its grammar:

    key       = term, or terms of one sign: " + ", " - " or " / "
    term      = (indicator [part] | "(" key ")" | "average(" key {"; " key} ")") ["@" period]
    part      = "[" column "=" label {", " column "=" label} "]"
    period    = first day "/" last day, ISO 8601

A name or a label with a sign of this grammar in it stands in quotation marks, as a JSON string; so
does the label "None", because None without them is a label that was not recorded.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

Operation = Literal["sum", "difference", "ratio", "average"]
# Where a part lies: the label of each column that cuts it out (None: not recorded).
At = tuple[tuple[str, str | None], ...]

_SIGNS: dict[Operation, str] = {"sum": " + ", "difference": " - ", "ratio": " / "}
_OPERATIONS = {sign: operation for operation, sign in _SIGNS.items()}
_AVERAGE = "average("
_INDICATOR = re.compile(r"[\w.-]+")
_LABEL = re.compile(r'[^"\[\],=]+')
_SIGN = re.compile(r" [-+/] ")
_PERIOD = re.compile(r"@(\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d)")
_NOT_RECORDED = "None"
_NONE = re.compile(rf"{_NOT_RECORDED}(?=[\],])")


class Days(NamedTuple):
    """The first and the last day that a figure covers."""

    start: dt.date
    end: dt.date

    def __str__(self) -> str:
        """Return an ISO 8601 interval."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    @classmethod
    def parse(cls, text: str) -> Days:
        """Return the days of such an interval; raises ValueError for another text."""
        start, _, end = text.partition("/")
        return cls(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


@dataclass(frozen=True, slots=True)
class Formula:
    """How a figure is made from others: two of a difference or a ratio, two or more of a sum."""

    operation: Operation
    terms: tuple[FigureKey, ...]

    def __post_init__(self) -> None:
        """Refuse another number of terms."""
        count = len(self.terms)
        fits = {"sum": count > 1, "average": count > 0}.get(self.operation, count == 2)  # noqa: PLR2004
        if not fits:
            raise ValueError(f"a {self.operation} of {count} figures")

    def __str__(self) -> str:
        """Return the formula in ids, a term in brackets where it is a formula itself."""
        terms = [
            f"({term})" if term.formula and not term.period else str(term) for term in self.terms
        ]
        if self.operation == "average":
            return f"{_AVERAGE}{'; '.join(terms)})"
        return _SIGNS[self.operation].join(terms)


@dataclass(frozen=True, slots=True)
class FigureKey:
    """Which number a figure is: an indicator, a part of one, or a formula of such.

    `period` is None where the figure covers the days of what it stands in: of the report, or of
    the formula. Raises ValueError for what is both an indicator and a formula, or neither, and
    for a part of a formula.
    """

    indicator: str = ""
    part: At = ()
    period: Days | None = None
    formula: Formula | None = None

    def __post_init__(self) -> None:
        """Refuse what names no figure."""
        if bool(self.indicator) == (self.formula is not None) or (self.part and self.formula):
            raise ValueError("a figure is of one indicator, or a formula of others")

    def __str__(self) -> str:
        """Return the id."""
        name = str(self.formula) if self.formula else _quoted(self.indicator, _INDICATOR)
        if self.part:
            cuts = (f"{_label(column)}={_label(label)}" for column, label in self.part)
            name += f"[{', '.join(cuts)}]"
        if self.period is None:
            return name
        return f"({name})@{self.period}" if self.formula else f"{name}@{self.period}"

    @staticmethod
    @lru_cache(4096)
    def parse(text: str) -> FigureKey:
        """Return the key whose id a text is; raises ValueError, with the reason, for no id.

        Brackets may be written where an id has none.
        """
        try:
            return _Reader(text).whole()
        except RecursionError:
            raise ValueError("has too many brackets") from None

    def over(self, period: Days | None) -> FigureKey:
        """Return the key of the same figure for other days."""
        return replace(self, period=period)

    @property
    def whole(self) -> FigureKey:
        """The key of the figure that this one is a part of; of another, its own."""
        return replace(self, part=())

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicators that it is, or is made from, each once."""
        return tuple(dict.fromkeys(leaf.indicator for leaf in self.leaves()))

    def leaves(self) -> Iterator[FigureKey]:
        """Yield the keys of what it is made from that are no formulas; of another, itself."""
        if self.formula is None:
            yield self
        else:
            for term in self.formula.terms:
                yield from term.leaves()

    @property
    def bare(self) -> FigureKey:
        """The same figure of whole indicators, without its parts and periods."""
        if self.formula is None:
            return FigureKey(self.indicator)
        terms = tuple(term.bare for term in self.formula.terms)
        return FigureKey(formula=Formula(self.formula.operation, terms))

    @property
    def order(self) -> tuple[list[str | int], bool]:
        """What sorts keys: 1.10 behind 1.9, a figure before its parts and what is made of them."""
        name = str(self)
        base = name.partition("[")[0]
        pieces = re.split(r"(\d+)", base)
        return [int(p) if n % 2 else p for n, p in enumerate(pieces)], base != name


def _label(label: str | None) -> str:
    return _NOT_RECORDED if label is None else _quoted(label, _LABEL)


def _quoted(text: str, bare: re.Pattern[str]) -> str:
    """Return a name as it stands in an id: in quotation marks where it could be misread."""
    plain = bare.fullmatch(text) and text.isprintable() and text.strip() == text
    return text if plain and text != _NOT_RECORDED else json.dumps(text, ensure_ascii=False)


class _Reader:
    """Reads an id from left to right; each method takes what its name says."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def whole(self) -> FigureKey:
        key = self.key()
        if self.at < len(self.text):
            raise self.fault()
        return key

    def key(self) -> FigureKey:
        terms = [self.term()]
        sign = self.take(_SIGN)
        if sign is None:
            return terms[0]
        terms.append(self.term())
        while self.skip(sign[0]):
            terms.append(self.term())
        return self.made(_OPERATIONS[sign[0]], terms)

    def term(self) -> FigureKey:
        if self.skip(_AVERAGE):
            terms = [self.key()]
            while self.skip("; "):
                terms.append(self.key())
            key = self.made("average", terms)
            self.expect(")")
        elif self.skip("("):
            key = self.key()
            self.expect(")")
        else:
            key = FigureKey(self.name(_INDICATOR), self.part())
        days = self.take(_PERIOD)
        if days is None:
            return key
        if key.period is not None:
            raise self.fault()
        return key.over(Days.parse(days[1]))

    def made(self, operation: Operation, terms: list[FigureKey]) -> FigureKey:
        return FigureKey(formula=Formula(operation, tuple(terms)))

    def part(self) -> At:
        if not self.skip("["):
            return ()
        cuts = [self.cut()]
        while self.skip(", "):
            cuts.append(self.cut())
        self.expect("]")
        return tuple(cuts)

    def cut(self) -> tuple[str, str | None]:
        column = self.name(_LABEL)
        self.expect("=")
        return column, None if self.take(_NONE) else self.name(_LABEL)

    def name(self, bare: re.Pattern[str]) -> str:
        if self.text.startswith('"', self.at):
            try:
                name, self.at = json.JSONDecoder().raw_decode(self.text, self.at)
            except json.JSONDecodeError:
                raise self.fault() from None
            return str(name)
        match = self.take(bare)
        if match is None:
            raise self.fault()
        return match[0]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return match

    def skip(self, literal: str) -> bool:
        found = self.text.startswith(literal, self.at)
        self.at += len(literal) * found
        return found

    def expect(self, literal: str) -> None:
        if not self.skip(literal):
            raise self.fault(f', where "{literal}" is expected')

    def fault(self, expected: str = "") -> ValueError:
        rest = self.text[self.at :]
        return ValueError(f'cannot be read from "{rest}" on{expected}' if rest else "is not whole")
