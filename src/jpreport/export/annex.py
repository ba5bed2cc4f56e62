"""The annex "Sources of figures" in words: what both formats say of each figure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jpreport.document.attachments import Attachment, attachments
from jpreport.document.blocks import Document, FigureSource
from jpreport.export.sql_words import condition_words, measure_words, name_words
from jpreport.figures import ENGLISH, SHARE, Operation, operation_of

TITLE = "Sources of figures"
NAME = "jp-sources"  # of the annex, as the target of links
_SIGNS: Mapping[Operation, str] = {
    "sum": " + ",
    "difference": " \N{MINUS SIGN} ",
    "ratio": " \N{DIVISION SIGN} ",
    "average": ", ",
}
_RECORDS = "{} record", "{} records"
_DIGEST_SHOWN = 12  # hex digits; enough to compare by eye, all of them are in the attachments


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


def _days(source: FigureSource) -> str:
    return ENGLISH.period(source.period_start, source.period_end)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _joined(parts: Iterable[Sequence[Run]], between: str) -> Runs:
    out: list[Run] = []
    for part in parts:
        out += [*([Run(between)] if out else []), *part]
    return tuple(out)


def _number(source: FigureSource) -> str:
    """Return what a figure is called by: the indicator's id, or what it is of others."""
    if not _is_formula(source):
        return source.id.partition("[")[0]
    operation = operation_of(source.measure, source.made_from) or "result"
    if operation == "ratio":
        return "Share" if source.unit == SHARE else "Rate"
    return _capital(operation)


def _is_formula(source: FigureSource) -> bool:
    """Say whether a figure was made in the notebook from others, without an indicator."""
    return bool(source.made_from) and source.id == source.measure


def _apart(label: str) -> str:
    """Return a label; one that ends right to left does not draw what follows to its other side."""
    right_to_left = any(unicodedata.bidirectional(char) in {"R", "AL"} for char in label)
    return label + "\N{LEFT-TO-RIGHT MARK}" if right_to_left else label


def _is_share(source: FigureSource) -> bool:
    return _is_formula(source) and operation_of(source.measure, source.made_from) == "ratio"


def _group(source: FigureSource) -> tuple[str, str]:
    """Return the columns and the labels that a part is cut out by."""
    names, labels = zip(*source.at, strict=True)
    return ", ".join(names), "/".join("not recorded" if one is None else one for one in labels)


class _Writer:
    """Writes the entries; parts and shares stand in that of the figure that they belong to."""

    def __init__(self, sources: Sequence[FigureSource]) -> None:
        self.sources: Mapping[str, FigureSource] = {source.name: source for source in sources}
        self.periods = dict(_periods(sources))
        self.inside: dict[str, list[FigureSource]] = {}
        for source in sources:
            self.inside.setdefault(self._host(source), []).append(source)
        # The share of a part in its whole stands beside the part.
        self.shares: Mapping[str, FigureSource] = {
            source.parents[0]: source
            for source in sources
            if _is_share(source) and self._part_of(source.parents[0]) == source.parents[1]
        }

    def _part_of(self, name: str) -> str | None:
        """Return the name of the figure that one is a part of; None where it is no part."""
        source = self.sources.get(name)
        return (source.whole or None) if source else None

    def _host(self, source: FigureSource) -> str:
        """Return the name of the entry that a figure stands in, "" where it has its own."""
        if source.whole:
            return source.whole
        if source.name in self.periods:
            return self.periods[source.name]
        if not _is_formula(source):
            return ""
        # A share is said of its whole, what is made from parts of what the first is a part of.
        base = self.sources.get(source.parents[-1 if _is_share(source) else 0])
        if base and base.whole and not _is_share(source):
            base = self.sources.get(base.whole)
        return base.name if base and not self._host(base) else ""

    def entries(self) -> Iterator[Entry]:
        ids = [source.id for source in self.inside.get("", ())]
        for source in self.inside.get("", ()):
            doubled = ids.count(source.id) > 1
            title = f"{source.title}, {_days(source)}" if doubled else source.title
            yield Entry(
                name=source.name,
                number=_number(source),
                title=ENGLISH.with_unit(title, source.unit),
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
        periods = [one for one in inside if one.name in self.periods]
        if periods:
            yield "Periods", _joined((self._part(one, _days(one)) for one in periods), "; ")
        yield from self._made(inside)
        if source.quotes:
            places = [[Run(quote.words, quote.name, place=True)] for quote in source.quotes]
            yield "Quoted in", _joined(places, ", ")
        users = [one for one in self.sources.values() if source.name in one.parents]
        if users and not source.quotes:
            yield "Used for", _joined(([Run(_number(one), one.name)] for one in users), ", ")

    def _made(self, inside: Sequence[FigureSource]) -> Iterator[tuple[str, Runs]]:
        """Yield what is made from a figure and its parts, a line for each operation."""
        made: dict[str, list[Runs]] = {}
        for one in inside:
            if _is_formula(one) and one not in self.shares.values():
                said = (*_back(one, one.text), Run(" is "), *self._formula(one))
                made.setdefault(_number(one), []).append(said)
        for term, runs in made.items():
            yield term, _joined(runs, "; ")

    def _parts(self, group: tuple[str, list[FigureSource]]) -> Runs:
        dimension, parts = group
        return (
            Run(f"By {name_words(dimension).replace(',', ' and')}: "),
            *_joined((self._part(part, _group(part)[1]) for part in parts), "; "),
        )

    def _part(self, part: FigureSource, label: str) -> Runs:
        said = _back(part, f"{_apart(label)}: {part.text}")
        aside: list[Sequence[Run]] = []
        if part.records is not None:
            aside.append([Run(ENGLISH.count(*_RECORDS, part.records))])
        if part.name in self.shares:
            share = self.shares[part.name]
            of = self.sources[share.parents[1]].text
            aside.append(_back(share, f"{share.text} of {of}"))
        return (*said, Run(" ("), *_joined(aside, "; "), Run(")")) if aside else said

    def _formula(self, source: FigureSource) -> Runs:
        """Return what a figure is made from, each term linked: "1.2 (72) \u00f7 C.1 (144)"."""
        operation = operation_of(source.measure, source.made_from) or "ratio"
        terms = _joined(
            (
                self._term(source, name, entry)
                for name, entry in zip(source.made_from, source.parents, strict=True)
            ),
            _SIGNS[operation],
        )
        return (Run("average of "), *terms) if operation == "average" else terms

    def _term(self, source: FigureSource, name: str, entry: str) -> Runs:
        """Return a figure that another is made from, linked where it has an entry."""
        parent = self.sources.get(entry)
        if parent is None:
            return (Run(name),)
        label = f" {_group(parent)[1]}" if parent.at else ""
        same = (parent.period_start, parent.period_end) == (source.period_start, source.period_end)
        days = "" if same else f"; {_days(parent)}"
        return (Run(_number(parent) + label, parent.name), Run(f" ({parent.text}{days})"))


def _periods(sources: Sequence[FigureSource]) -> Iterator[tuple[str, str]]:
    """Yield (name, name of its entry) of the figures that another has for more days.

    They are counted alike, so that one entry says it of all.
    """
    with_parts = {name for source in sources for name in (source.whole, *source.parents)}
    firsts: dict[str, FigureSource] = {}
    for source in sources:
        first = firsts.setdefault(source.id, source)
        within = first.period_start <= source.period_start and (
            source.period_end <= first.period_end
        )
        alone = source.name not in with_parts and not (source.at or source.made_from)
        if first is not source and within and alone and source.where == first.where:
            yield source.name, first.name


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


def _records(source: FigureSource) -> str:
    if source.records is None:
        return f"protected: they are about persons; {_days(source)}"
    dated = name_words(source.dated_by)
    days = f", {dated} {_days(source)}" if source.dated_by else ", of any date"
    return ENGLISH.count(*_RECORDS, source.records) + days


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
