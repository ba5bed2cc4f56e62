"""Find the figure that somebody points at: by its id, or by its text in a published file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path
from typing import Any

from jpreport.data import Resource
from jpreport.document.quotes import Quote, figure_entry
from jpreport.errors import NOWHERE, FigureError, OutputError, Place, Problem
from jpreport.figures import (
    ENGLISH,
    SUPPRESSED,
    Derivation,
    Figure,
    Period,
    Results,
    average,
    difference,
    quotient,
    total,
)

_SIGNS = {" / ": quotient, " + ": lambda one, other: total([one, other]), " - ": difference}
_BETWEEN = "; "
_DAYS = re.compile(r"(?P<name>.+)@(?P<start>\d{4}-\d\d-\d\d)/(?P<end>\d{4}-\d\d-\d\d)", re.DOTALL)
# A column's name within the brackets of a part, as in "[sex=female, region=North]".
_COLUMN = re.compile(r", ([^=\[\],]+)=")
_FORMS = "write it as a report does: 1.1, 1.1[sex=female], 1.2 / C.1"


def records_may_be_shown(resource: Resource) -> bool:
    """Whether the records of a table may leave it; those of a sensitive table never do."""
    return not getattr(resource, "sensitive", None)


def figure_named(results: Results, name: str) -> Figure:
    """Return the figure of an id as reports print it.

    That is an indicator, a part of one, or a formula of such: "1.1", "1.1[sex=female]",
    "1.1[sex=female, region=North]", "1.2 / C.1", "(1.1 + 3.1) / 1.2", "average(1.1; 3.1)",
    "1.1@2011-01-01/2011-12-31". Raises FigureError for an id that names no figure.
    """
    return _Reader(results).named(name)


class _Reader:
    """Reads ids. Any sign may stand within a label, so each reading is tried, and tried once."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._unreadable: dict[str, FigureError] = {}

    def named(self, name: str) -> Figure:
        if name in self._unreadable:
            raise self._unreadable[name]
        try:
            return self._read(name)
        except FigureError as error:
            self._unreadable[name] = error
            raise

    def _read(self, name: str) -> Figure:
        if name in self._results.settings.indicators:
            return self._results.figure(name)
        readings = (self._formula(name), self._enclosed(name), self._dated(name))
        for figure in chain(*readings):
            # Brackets and days may be written where a report leaves them out.
            return figure
        return self._part(name)

    def _formula(self, name: str) -> Iterator[Figure]:
        """Yield what a name is as a formula; its first sign divides it, as sums have several."""
        inside = name.removeprefix("average(").removesuffix(")")
        if name == f"average({inside})":
            with suppress(FigureError):
                yield average(self._listed(inside))
        for sign, made in _SIGNS.items():
            place = name.find(sign)
            while place >= 0:
                with suppress(FigureError):
                    yield made(self.named(name[:place]), self.named(name[place + len(sign) :]))
                place = name.find(sign, place + 1)

    def _listed(self, names: str) -> list[Figure]:
        """Return the figures of a list; raises FigureError where there is none by a name."""
        place = names.find(_BETWEEN)
        while place >= 0:
            with suppress(FigureError):
                first = self.named(names[:place])
                return [first, *self._listed(names[place + len(_BETWEEN) :])]
            place = names.find(_BETWEEN, place + 1)
        return [self.named(names)]

    def _enclosed(self, name: str) -> Iterator[Figure]:
        if name.startswith("(") and name.endswith(")"):
            with suppress(FigureError):
                yield self.named(name[1:-1])

    def _dated(self, name: str) -> Iterator[Figure]:
        match = _DAYS.fullmatch(name)
        if match:
            with suppress(FigureError, ValueError):
                start, end = (dt.date.fromisoformat(match[key]) for key in ("start", "end"))
                yield figure_named(self._results.over(start, end), match["name"])

    def _part(self, name: str) -> Figure:
        """Return a part of an indicator, by one dimension or column or by several."""
        whole, bracket, rest = name.partition("[")
        figure = self._results.figure(whole)
        columns = _COLUMN.findall(f", {rest}")
        if not (bracket and columns and name.endswith("]")):
            raise FigureError(Problem(NOWHERE, f'"{name}" names no figure', _FORMS))
        dimension, label = columns[0], rest.removesuffix("]").partition("=")[2]
        labels = {str(part.label): part.label for part in figure.breakdown.get(dimension, ())}
        if label in labels:
            return figure.part(dimension, labels[label])
        for count in range(len(columns), 0, -1):
            for chosen in combinations(columns, count):
                with suppress(FigureError):
                    for cell in self._results.cross(whole, chosen):
                        if cell.id == name:
                            return cell
        return figure.part(dimension, label)  # which says what labels there are


def measured(results: Results, figure: Figure) -> Iterator[Figure]:
    """Yield the figures that are counted from records and that this one is made from, each once.

    A figure that is counted itself is yielded as it is.
    """
    if not figure.derivation.parents:
        yield figure
        return
    seen: set[tuple[str, Period]] = set()
    for parent in figure.parents or map(_Reader(results).named, figure.derivation.parents):
        for one in measured(results, parent):
            if (one.id, one.period) not in seen:
                seen.add((one.id, one.period))
                yield one


@dataclass(frozen=True, slots=True)
class Candidate:
    """A figure whose text somebody may have pointed at, as the report quotes it.

    `pages` counts from 1 and is empty where the file has no pages or they cannot be read.
    """

    entry: Mapping[str, Any]
    quotes: tuple[Quote, ...] = ()
    pages: tuple[int, ...] = field(default=())


def candidates(
    text: str, quoted: Iterable[Quote], pages: Sequence[str] = ()
) -> tuple[Candidate, ...]:
    """Return the figures among some quotes that read like a text, the same words first.

    "277" finds 277, "4,500" finds "at least 4,500", "0.5" does not find 50%. `pages` holds the
    text of the pages of a PDF, in which the words around the quotes are looked for.
    """
    found: dict[tuple[str, str], list[Quote]] = {}
    for quote in quoted:
        if quote.figure and (_same_words(text, quote.text) or _same_number(text, quote.text)):
            found.setdefault((quote.id, str(quote.figure["period"])), []).append(quote)
    ordered = sorted(
        found.values(), key=lambda many: not any(_same_words(text, one.text) for one in many)
    )
    squeezed = tuple(map(_squeezed, pages))
    return tuple(
        Candidate(figure_entry(many[0].figure), tuple(many), tuple(_pages(many, squeezed)))
        for many in ordered
    )


def recorded_quotes(entries: Iterable[Mapping[str, Any]]) -> tuple[Quote, ...]:
    """Return the quotes that a manifest records of a report; it knows no words around them."""
    return tuple(
        Quote(entry["id"], place["text"], place["cell"], place["in"], "", entry)
        for entry in entries
        if entry["derivation"]
        for place in entry["quoted"]
    )


def pages_with(text: str, pages: Sequence[str]) -> tuple[int, ...]:
    """Return the pages, from 1, on which a text stands, whatever else it may be there."""
    words = " ".join(text.split())
    return tuple(
        number for number, page in enumerate(pages, start=1) if words in " ".join(page.split())
    )


def figure_of(entry: Mapping[str, Any]) -> Figure:
    """Return the figure that a manifest's entry records: value, period and derivation."""
    period, derivation = entry["period"], entry["derivation"]
    first, last = (dt.date.fromisoformat(period[key]) for key in ("start", "end"))
    return Figure(
        id=entry["id"],
        title=entry["title"],
        unit=entry["unit"],
        value=entry["value"],
        qualifier=entry["qualifier"],
        published=entry["published"],
        published_in=entry["published_in"],
        suppressed=entry["text"] == SUPPRESSED,
        period=Period(first, last, period["whole"]),
        derivation=Derivation(**{**derivation, "parents": tuple(derivation["parents"])}),
    )


def read_pages(path: Path) -> tuple[str, ...] | None:
    """Return the text of every page of a PDF; None where no reader of PDFs is installed.

    Raises OutputError for a file that is no PDF.
    """
    try:
        import pypdfium2  # type: ignore[import-untyped]
    except ImportError:
        return None
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        raise OutputError(Problem(Place(str(path)), "cannot be read as a PDF")) from None
    try:
        return tuple(str(page.get_textpage().get_text_bounded()) for page in document)
    finally:
        document.close()


def _same_words(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _same_number(one: str, other: str) -> bool:
    stated = ENGLISH.read(one)
    return stated == ENGLISH.read(other) is not None and ("%" in one) == ("%" in other)


def _squeezed(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _pages(quotes_of_one: list[Quote], pages: tuple[str, ...]) -> Iterator[int]:
    """Yield the pages on which the words around one of the quotes stand."""
    sought = {
        around
        for quote in quotes_of_one
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
