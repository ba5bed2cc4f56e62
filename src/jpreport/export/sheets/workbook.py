"""A workbook as data: sheets of one table each, their cells as text and as numbers."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count
from textwrap import wrap

from slugify import slugify

from jpreport.export.sheets.display import Display, Number

# The typeface and its sizes; how high a line is, in points.
FACE, SIZE_PT, TITLE_PT, LINE_PT = "Arial", 12, 16, 16
# In characters: what a column has at least and at most; its text wraps.
_NARROW, _WIDE = 10, 44
# What XML holds no character of, so that no file of these formats does.
NOT_IN_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")
# What Excel takes of a sheet's name.
_LONGEST_NAME = 31
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
# A table's name begins with a letter, and is no address of a cell.
_LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True)
class Value:
    """A cell: its text and, where that is a number, the number and how it reads.

    `to` is the name of the sheet that it leads to, "" for none.
    """

    text: str
    number: Number | None = None
    display: Display | None = None
    to: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: lines of text in its first column, the first its title, and one table below them.

    `name` is on its tab, `table` is the name of the table. `numeric` are the columns that are set
    flush right, `totals` the rows that stand out, both counted from 0.
    """

    name: str
    table: str
    lines: tuple[Value, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    numeric: frozenset[int] = frozenset()
    totals: frozenset[int] = frozenset()

    @property
    def title(self) -> str:
        """Its first line."""
        return self.lines[0].text

    @property
    def top(self) -> int:
        """The row of the heads, counted from 1."""
        return len(self.lines) + 1

    @property
    def end(self) -> int:
        """The last row of the table, counted from 1."""
        return self.top + len(self.rows)

    @property
    def widths(self) -> list[int]:
        """How wide each column is, in characters."""
        bold = [f"{head}  " for head in self.heads]
        columns = zip(bold, *([cell.text for cell in row] for row in self.rows), strict=True)
        longest = (max(len(line) for text in one for line in text.split("\n")) for one in columns)
        return [min(max(length + 2, _NARROW), _WIDE) for length in longest]

    @property
    def heights(self) -> list[int]:
        """How many lines of text the heads and each row have, with their text wrapped.

        They are counted here because not every program does when it opens a file.
        """
        widths = self.widths
        rows = [self.heads, *([cell.text for cell in row] for row in self.rows)]
        return [max(map(_lines, row, widths)) for row in rows]


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of a report, and what its file says of itself; `date` is a day in ISO 8601."""

    title: str
    subject: str
    authors: tuple[str, ...]
    language: str
    date: str
    sheets: tuple[Sheet, ...]

    @property
    def author(self) -> str:
        """Who made it: the organizations, else the programme."""
        return "; ".join(self.authors) or self.subject or self.title


def _lines(text: str, width: int) -> int:
    """Return how many lines a text needs; a word that does not fit begins a new one."""
    if len(text) <= width and "\n" not in text:
        return 1
    return sum(max(1, len(wrap(line, width))) for line in text.split("\n"))


def sheet_name(words: str, taken: Collection[str]) -> str:
    """Return a name for a sheet that no other has, whatever the case of its letters."""
    plain = " ".join(_NOT_IN_A_NAME.sub(" ", words).split()) or "-"
    return _unique(plain, taken, _LONGEST_NAME, " ")


def table_name(words: str, taken: Collection[str]) -> str:
    """Return a name for a table that no other has: letters, digits and lines."""
    slug = slugify(words, separator="_", max_length=_LONGEST_SLUG, word_boundary=True)
    return _unique(f"t_{slug}".rstrip("_"), taken, _LONGEST_SLUG + 2, "_")


def unique_heads(heads: Collection[str], unnamed: str) -> tuple[str, ...]:
    """Return the heads of a table, each with a text that no other has."""
    found: list[str] = []
    for head in heads:
        found.append(_unique(" ".join(head.split()) or unnamed, found, len(head) + 99, " "))
    return tuple(found)


def _unique(words: str, taken: Collection[str], longest: int, between: str) -> str:
    known = {name.casefold() for name in taken}
    for number in count(1):
        mark = "" if number == 1 else f"{between}{number}"
        name = f"{words[: longest - len(mark)].rstrip()}{mark}"
        if name.casefold() not in known:
            return name
    raise AssertionError  # there is always a further number
