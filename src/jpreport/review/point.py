"""Find the figure that somebody points at: by its id, or by its text in a published file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from jpreport.data import Resource
from jpreport.document.blocks import FigureSource, Quote
from jpreport.errors import NOWHERE, FigureError, Problem
from jpreport.figures import Figure, FigureKey, FigureRecord, Results
from jpreport.language import Wording

_FORMS = 'write it as a report does: 1.1, 1.1[sex=female], 1.1[place="Niš, Serbia"], 1.2 / C.1'


def records_may_be_shown(resource: Resource) -> bool:
    """Whether the records of a table may leave it; those of a sensitive table never do."""
    return not getattr(resource, "sensitive", None)


def figure_named(results: Results, name: str) -> Figure:
    """Return the figure of an id; raises FigureError for a text that is none."""
    try:
        key = FigureKey.parse(name)
    except ValueError as error:
        raise FigureError(
            Problem(NOWHERE, f'"{name}" is no id of a figure: {error}', _FORMS)
        ) from None
    return results.named(key)


def measured(results: Results, figure: Figure) -> Iterator[Figure]:
    """Yield the figures that are counted from records and that this one is made from, each once.

    A figure that is counted itself is yielded as it is.
    """
    if not figure.derivation.parents:
        yield figure
        return
    seen: set[FigureKey] = set()
    terms = map(FigureKey.parse, figure.derivation.parents)
    for parent in figure.parents or map(results.named, terms):
        for one in measured(results, parent):
            if one.dated not in seen:
                seen.add(one.dated)
                yield one


@dataclass(frozen=True, slots=True)
class Match:
    """A figure whose text somebody may have pointed at, with the quotes that read so.

    `pages` counts from 1 and is empty where the file has no pages or they cannot be read.
    """

    record: FigureRecord
    quotes: tuple[Quote, ...]
    pages: tuple[int, ...] = ()


def matches(
    text: str, sources: Iterable[FigureSource], pages: Sequence[str] = ()
) -> tuple[Match, ...]:
    """Return the figures of a report that read like a text, the same words first.

    "277" finds 277, "4,500" finds "at least 4,500", "0.5" does not find 50%. `pages` holds the
    text of the pages of a PDF, in which the words around the quotes are looked for.
    """
    squeezed = tuple(map(_squeezed, pages))
    found = [
        Match(source.record, quotes, tuple(_pages(quotes, squeezed)))
        for source in sources
        if (quotes := tuple(one for one in source.quotes if _reads_like(text, one.text, source)))
    ]
    return tuple(
        sorted(found, key=lambda one: not any(_same_words(text, q.text) for q in one.quotes))
    )


def pages_with(text: str, pages: Sequence[str]) -> tuple[int, ...]:
    """Return the pages, from 1, on which a text stands, whatever else it may be there."""
    words = " ".join(text.split())
    return tuple(
        number for number, page in enumerate(pages, start=1) if words in " ".join(page.split())
    )


def _same_words(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _reads_like(text: str, quoted: str, source: FigureSource) -> bool:
    stated, other = map(Wording(source.record.language).read, (text, quoted))
    same_number = stated == other is not None and ("%" in text) == ("%" in quoted)
    return same_number or _same_words(text, quoted)


def _squeezed(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _pages(quotes: tuple[Quote, ...], pages: tuple[str, ...]) -> Iterator[int]:
    """Yield the pages on which the words around one of the quotes stand."""
    sought = {
        around
        for quote in quotes
        for around in _surroundings(_squeezed(quote.context), _squeezed(quote.text))
    }
    for number, page in enumerate(pages, start=1):
        if any(around in page for around in sought):
            yield number


_REACH = 24  # letters and digits on each side: about four words


def _surroundings(context: str, text: str) -> Iterator[str]:
    """Yield the text with what stands before and after it, wherever it occurs in its context.

    References are numbered and links shortened in print: a side is enough.
    """
    place = context.find(text)
    while place >= 0 and text:
        end = place + len(text)
        before, after = context[max(0, place - _REACH) : end], context[place : end + _REACH]
        yield from (side for side in (before, after) if len(side) >= len(text) + _REACH // 2)
        if len(context) < len(text) + _REACH:
            yield context
        place = context.find(text, end)
