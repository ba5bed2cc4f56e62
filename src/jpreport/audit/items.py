"""What a file of a release is made of, for whoever searches it: texts, tables, data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jpreport.errors import Place

# The key of a page's words: they are broken where its lines end.
PAGE = "page"

# Stands in a text where words may be joined or not: an inline tag, a hyphen at a line's end.
SOFT = "\u2060"


@dataclass(frozen=True, slots=True)
class Text:
    """A text and the place where it stands, from the outside in.

    `key` is what it is called there: an attribute, a JSON key, a column's header. The `source`
    of a page or picture is how it is written; what that says follows, part by part.
    """

    where: Place
    text: str
    key: str = ""
    source: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as its texts, row by row, the header row first."""

    where: Place
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Data:
    """A JSON value."""

    where: Place
    value: Any


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read, and why."""

    where: Place
    why: str


Item = Text | Grid | Data | Unread

# Takes an item in; returns whether there is nothing in it that has to be looked at again where it
# stands a second time.
Take = Callable[[Item], bool]


class Anywhere(Place):
    """Stands for all places, where only those of what is found are of interest, and later."""

    __slots__ = ()

    def at(self, *_: object, **__: object) -> Anywhere:
        """Return itself."""
        return self

    def item(self, _: object) -> Anywhere:
        """Return itself."""
        return self


def numbered(items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the items of a JSON list with their numbers, a notebook's cells as authors count."""
    count = 0
    for item in items:
        tags = item.get("metadata", {}) if isinstance(item, dict) else {}
        injected = isinstance(tags, dict) and "injected-parameters" in (tags.get("tags") or ())
        count += not injected
        yield "of parameters" if injected else str(count), item


# Reads what is within something else: the place, a file name ("" for none), the bytes.
Inner = Callable[[Place, str, bytes], None]
