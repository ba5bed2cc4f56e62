"""The annex "Sources of figures" in words: what both formats say of each figure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jpreport.export.attachments import Attachment, attachments
from jpreport.export.blocks import Document, FigureSource
from jpreport.export.sql_words import condition_words, measure_words, name_words

TITLE = "Sources of figures"
NAME = "jp-sources"  # of the annex, as the target of links
_DIGEST_SHOWN = 12  # hex digits; enough to compare by eye, all of them are in the attachments
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Run(NamedTuple):
    """A piece of text: `to` is the name that it leads to, `name` its own; "" for none.

    `place` says that it leads to a place in the report, which has a page number in print.
    """

    text: str
    to: str = ""
    name: str = ""
    place: bool = False
    code: bool = False


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said of one figure: a heading, the value, lines of (term, text), and its SQL."""

    name: str
    number: str
    title: str
    value: str
    lines: tuple[tuple[str, Runs], ...]
    sql: str


@dataclass(frozen=True, slots=True)
class Annex:
    """The annex; `attached` are the files that come with it."""

    intro: str
    entries: tuple[Entry, ...]
    attached: tuple[Attachment, ...]


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}"


def _days(source: FigureSource) -> str:
    return f"{_day(source.period_start)} \u2013 {_day(source.period_end)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _joined(parts: Iterable[Sequence[Run]], between: str) -> Runs:
    out: list[Run] = []
    for part in parts:
        out += [*([Run(between)] if out else []), *part]
    return tuple(out)


def _number(source: FigureSource) -> str:
    """Return what a figure is called by: the indicator's id; a share of its own has none."""
    return "Share" if _is_share(source) else source.id.partition("[")[0]


def _is_share(source: FigureSource) -> bool:
    """Say whether a figure was made in the notebook from others, without an indicator."""
    return bool(source.made_from) and source.id == source.measure


def _apart(label: str) -> str:
    """Return a label; one that ends right to left does not draw what follows to its other side."""
    right_to_left = any(unicodedata.bidirectional(char) in {"R", "AL"} for char in label)
    return label + "\N{LEFT-TO-RIGHT MARK}" if right_to_left else label


def _group(source: FigureSource) -> tuple[str, str]:
    """Return the dimension and the label of a part, as its id says them."""
    dimension, _, label = source.id.partition("[")[2].removesuffix("]").partition("=")
    return dimension, "not recorded" if label == "None" else label


class _Writer:
    """Writes the entries; parts and shares stand in that of the figure that they belong to."""

    def __init__(self, sources: Sequence[FigureSource]) -> None:
        self.sources: Mapping[str, FigureSource] = {source.name: source for source in sources}
        self.inside: dict[str, list[FigureSource]] = {}
        for source in sources:
            self.inside.setdefault(self._host(source), []).append(source)

    def _host(self, source: FigureSource) -> str:
        """Return the name of the entry that a figure stands in, "" where it has its own."""
        if source.whole:
            return source.whole
        base = self.sources.get(source.parents[-1]) if _is_share(source) else None
        if base is None:
            return ""
        return base.name if not self._host(base) else ""

    def entries(self) -> Iterator[Entry]:
        ids = [source.id for source in self.inside.get("", ())]
        for source in self.inside.get("", ()):
            doubled = ids.count(source.id) > 1
            title = f"{source.title}, {_days(source)}" if doubled else source.title
            if source.unit not in source.text and not source.text.endswith("%"):
                title += f" ({source.unit})"
            yield Entry(
                name=source.name,
                number=_number(source),
                title=title,
                value=source.text,
                lines=tuple(self._lines(source)),
                sql=_tidy(source),
            )

    def _lines(self, source: FigureSource) -> Iterator[tuple[str, Runs]]:
        if source.made_from:
            yield "Computed", self._formula(source)
        else:
            yield "Measure", _measured(source)
            yield "Records", (Run(_records(source)),)
            yield "File", (Run(f"{source.file}, SHA-256 {source.digest[:_DIGEST_SHOWN]}"),)
        yield "Published", (Run(_published(source)),)
        inside = self.inside.get(source.name, ())
        groups: dict[str, list[FigureSource]] = {}
        for part in inside:
            if part.whole:
                groups.setdefault(_group(part)[0], []).append(part)
        if groups:
            yield "Parts", _joined(map(self._parts, groups.items()), ". ")
        for share in inside:
            if not share.whole:
                yield "Share", (*_back(share, share.text), Run(" is "), *self._formula(share))
        if source.quotes:
            places = [[Run(quote.words, quote.name, place=True)] for quote in source.quotes]
            yield "Quoted in", _joined(places, ", ")
        users = [one for one in self.sources.values() if source.name in one.parents]
        if users and not source.quotes:
            yield "Used for", _joined(([Run(_number(one), one.name)] for one in users), ", ")

    def _parts(self, group: tuple[str, list[FigureSource]]) -> Runs:
        dimension, parts = group
        return (
            Run(f"By {name_words(dimension).replace(',', ' and')}: "),
            *_joined(map(self._part, parts), "; "),
        )

    def _part(self, part: FigureSource) -> Runs:
        label = _apart(_group(part)[1].replace(", ", "/"))
        said = _back(part, f"{label}: {part.text}")
        return said if part.records is None else (*said, Run(f" ({_count(part.records)})"))

    def _formula(self, source: FigureSource) -> Runs:
        return _joined(map(self._term, source.made_from, source.parents), " \u00f7 ")

    def _term(self, name: str, entry: str) -> Runs:
        """Return a figure that another is made from, linked where it has an entry."""
        parent = self.sources.get(entry)
        if parent is None:
            return (Run(name),)
        label = f" {_group(parent)[1]}" if parent.whole or name.endswith("]") else ""
        return (Run(_number(parent) + label, parent.name), Run(f" ({parent.text})"))


def _back(source: FigureSource, text: str) -> Runs:
    """Return a figure within another's entry: its name, its text, the way to where it stands."""
    first, *others = [quote.name for quote in source.quotes] or [""]
    more = [Run(f" [{count}]", to) for count, to in enumerate(others, start=2)]
    return (Run(text, first, source.name), *more)


def _measured(source: FigureSource) -> Runs:
    """Return measure and filter in words, as far as there are words for them."""
    measure = measure_words(source.measure)
    counted = (
        Run(_capital(measure)) if measure else Run(source.measure, code=True),
        Run(f" in {name_words(source.table)}"),
    )
    if not source.where:
        return counted
    condition = condition_words(source.where)
    return (*counted, Run(f", where {condition}" if condition else ", filtered as the SQL says"))


def _count(records: int) -> str:
    return f"{records:,} {'record' if records == 1 else 'records'}"


def _records(source: FigureSource) -> str:
    if source.records is None:
        return f"protected: they are about persons; {_days(source)}"
    dated = name_words(source.dated_by)
    days = f", {dated} {_days(source)}" if source.dated_by else ", of any date"
    return _count(source.records) + days


def _published(source: FigureSource) -> str:
    if source.published is None:
        return "not stated"
    agreement = {True: "agrees", False: "differs from the computed value", None: "not compared"}
    where = f"; {source.published_in}" if source.published_in else ""
    return f"{source.published_text} ({agreement[source.reconciles]}){where}"


def _tidy(source: FigureSource) -> str:
    """Return the SQL without the line end that keeps a comment of the author's to itself."""
    return source.sql if "--" in source.where else re.sub(r"\n\)", ")", source.sql)


def write_annex(document: Document) -> Annex | None:
    """Return the annex of a document; None where it quotes no figure that is known."""
    if not document.sources:
        return None
    intro = (
        "A number with a dotted underline leads to its entry here, and the entry leads back to "
        "where the number is quoted. An entry names the measure and its filter, the records that "
        f"it was computed from, and their file with the first {_DIGEST_SHOWN} digits of its "
        "SHA-256 digest."
    )
    return Annex(intro, tuple(_Writer(document.sources).entries()), attachments(document))
