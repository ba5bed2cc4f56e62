"""A Markdown text that has been read: its expressions, formulas and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jpreport.document.formulas import Formula
from jpreport.errors import Place, Problem

ROLE = "eval"


@dataclass(frozen=True, slots=True)
class Role:
    """One expression in prose; `line` counts the text's lines from 1."""

    expression: str
    line: int

    def __str__(self) -> str:
        """Return the role as it stands in the text."""
        return f"{{{ROLE}}}`{self.expression}`"


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, heading or table cell; `line` counts the text's lines from 1.

    Code, values, references and pictures are a mask character each; lines are kept.
    """

    text: str
    line: int
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What of a text is translated as a whole: a paragraph, heading, list item, table cell, title.

    `text` is as it is written, with its roles, its lines joined; `line` counts from 1. `span` is
    where it stands, as (row, column) of its first character and behind its last, from 0; None
    where that is not known. Within a table pipes are escaped.
    """

    text: str
    line: int
    span: tuple[tuple[int, int], tuple[int, int]] | None = None
    table: bool = False


@dataclass(frozen=True, slots=True)
class MarkdownText:
    """A Markdown text that has been read.

    `marked` is the text with an opaque mark in place of each role and formula, its `inserts`;
    `pandoc` is the same with its callouts as pandoc's divisions, each with its heading as its
    first paragraph. `sign` is the character that makes the marks unlike any other word of the
    text; `faults` are (line, message, hint). `messages` are what a translation replaces, `shape`
    the kinds of the blocks, which it must not change.
    """

    inserts: tuple[Role | Formula, ...] = ()
    passages: tuple[Passage, ...] = ()
    marked: str = ""
    pandoc: str = ""
    sign: str = "\ue000"
    faults: tuple[tuple[int, str, str], ...] = ()
    messages: tuple[Message, ...] = ()
    shape: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[Role, ...]:
        """The expressions in the text, in its order."""
        return tuple(one for one in self.inserts if isinstance(one, Role))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas in the text, in its order."""
        return tuple(one for one in self.inserts if isinstance(one, Formula))

    def pieces(self, text: str) -> Iterator[tuple[str, int | None]]:
        """Split a text at its marks: yield words with None, and marks with their number."""
        found = re.split(f"\u27e6{self.sign}(\\d+){self.sign}\u27e7", text)
        for place, piece in enumerate(found):
            if place % 2:
                yield "", int(piece)
            elif piece:
                yield piece, None

    def filled(self, shown: Callable[[Role], str], text: str | None = None) -> str:
        """Return the text, or a part of `marked`, with what `shown` gives in place of each role."""

        def put(number: int) -> str:
            insert = self.inserts[number]
            return shown(insert) if isinstance(insert, Role) else str(insert)

        pieces = self.pieces(self.marked if text is None else text)
        return "".join(words if n is None else put(n) for words, n in pieces)

    def problems(self, place: Place) -> list[Problem]:
        """Return what no report can show, with the lines at fault."""
        return [Problem(place.at(line=line), what, hint) for line, what, hint in self.faults]
