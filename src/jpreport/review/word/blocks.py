"""A Word document as a reviewer returned it: its blocks, what was tracked, its comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from jpreport.document.myst import MASK
from jpreport.document.pieces import folded, signs

_MOST = 80  # letters of what is told
Kind = Literal["paragraph", "heading", "cell", "note", "alt", "contents"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Who made a tracked change or wrote a comment, and when (as the file says: ISO 8601)."""

    author: str
    date: str = ""

    def __str__(self) -> str:
        """Return both in words."""
        day, _, time = self.date.partition("T")
        return " ".join(filter(None, (self.author or "somebody without a name", day, time[:5])))


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text with one state; what is no text is a mask, `shown` says how it reads."""

    text: str
    shown: str = ""
    inserted: Mark | None = None
    deleted: Mark | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a table's cell, a footnote, or the words that stand for a picture.

    `names` are the bookmarks in it, `level` is that of a heading, or of an item of a list, from
    1. `section` is the heading above it. `place` counts table, row, cell and paragraph in it,
    each from 1. `formatted` is who changed only its form while that was tracked. `links` are the
    addresses that it leads to, in their order, `looks` the digests of a picture's files.
    """

    kind: Kind
    runs: tuple[Run, ...]
    names: tuple[str, ...] = ()
    level: int = 0
    item: bool = False
    section: str = ""
    place: tuple[int, int, int, int] | None = None
    formatted: tuple[Mark, ...] = ()
    links: tuple[str, ...] = ()
    looks: frozenset[str] = frozenset()

    @property
    def masked(self) -> tuple[str, ...]:
        """How what is no text in it reads: formulas and fields."""
        return tuple(run.shown for run in self.runs if run.shown and not run.deleted)

    @property
    def text(self) -> str:
        """Its words with every change accepted."""
        return "".join(run.text for run in self.runs if not run.deleted)

    @property
    def base(self) -> str:
        """Its words with every tracked change rejected."""
        return "".join(run.text for run in self.runs if not run.inserted)

    @property
    def deleted(self) -> str:
        """Its words that were tracked as taken out."""
        return "".join(run.text for run in self.runs if run.deleted)

    @property
    def rejected(self) -> Block:
        """The same with every tracked change rejected."""
        runs = (replace(run, deleted=None) for run in self.runs if not run.inserted)
        return replace(self, runs=tuple(runs), formatted=())

    @property
    def shown(self) -> str:
        """Its words as a person reads them, on one line."""
        read = (run.shown or run.text for run in self.runs if not run.deleted)
        return " ".join("".join(read).replace(MASK, " ").split())

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Whose tracked changes are in it, each once."""
        return distinct(mark for run in self.runs for mark in (run.inserted, run.deleted))

    def marks_in(self, start: int, end: int) -> tuple[Mark, ...]:
        """Return whose tracked changes touch a stretch of its text."""
        found: list[Mark | None] = []
        at = 0
        for run in self.runs:
            if run.deleted:
                found += [run.deleted] if start <= at <= end else []
                continue
            if run.inserted and at < end and start < at + len(run.text):
                found.append(run.inserted)
            at += len(run.text)
        return distinct(found)


def read(text: str) -> str:
    """Return a text as readers see it: folded, no blanks around it."""
    return signs(folded(text)).strip()


def is_by(author: str, marks: Iterable[Mark]) -> bool:
    """Whether somebody of a name made one of some changes; of no name, whether anybody did."""
    return not author or author in {mark.author for mark in marks}


def distinct(marks: Iterable[Mark | None]) -> tuple[Mark, ...]:
    """Return marks, each author and minute once."""
    return tuple({str(mark): mark for mark in marks if mark}.values())


def short(text: str) -> str:
    """Return a text, or how it begins."""
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}\N{HORIZONTAL ELLIPSIS}"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its replies; `anchor` are the words that it stands at."""

    mark: Mark
    text: str
    anchor: str = ""
    section: str = ""
    resolved: bool = False
    replies: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class WordText:
    """A Word document as read; `unread` names what of it cannot be compared.

    `running` are the texts at the top and the foot of its pages, `properties` those that its file
    says of itself: its report, language and build.
    """

    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...] = ()
    running: tuple[Block, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
