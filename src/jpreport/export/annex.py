"""The annex "Sources of figures" in words: what both formats say of each figure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jpreport.document.attachments import Attachment, attachments
from jpreport.document.blocks import Document, FigureSource
from jpreport.export.annex_words import (
    DIGEST_SHOWN,
    Run,
    Runs,
    counted_words,
    days_words,
    declared_words,
    file_words,
    is_rounded,
    measured,
    published_words,
    records_words,
    sentence,
)
from jpreport.export.sql_words import name_words
from jpreport.figures import FigureKey, FigureRecord, Operation
from jpreport.language import SHARE, current, phrase

NAME = "jp-sources"  # of the annex, as the target of links
_SIGNS: Mapping[Operation, str] = {
    "sum": " + ",
    "difference": " \N{MINUS SIGN} ",
    "ratio": " \N{DIVISION SIGN} ",
    "average": ", ",
}
_MADE: Mapping[Operation, str] = {
    "sum": phrase("Sum"),
    "difference": phrase("Difference"),
    "ratio": phrase("Rate"),
    "average": phrase("Average"),
}


@dataclass(frozen=True, slots=True)
class AnnexEntry:
    """What is said of one figure: a heading, the value, lines of (term, text), and its SQL."""

    name: str
    number: str
    title: str
    value: str
    lines: tuple[tuple[str, Runs], ...]
    sql: str


@dataclass(frozen=True, slots=True)
class Annex:
    """The annex under its title; `attached` are the files that come with it.

    `protection` says, a paragraph for each table of persons, what is hidden of it and what is not.
    """

    title: str
    intro: str
    protection: tuple[str, ...]
    entries: tuple[AnnexEntry, ...]
    attached: tuple[Attachment, ...]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _joined(parts: Iterable[Sequence[Run]], between: str) -> Runs:
    out: list[Run] = []
    for part in parts:
        out += [*([Run(between)] if out else []), *part]
    return tuple(out)


def _number(record: FigureRecord) -> str:
    """Return what a figure is called by: the indicator's id, or what it is of others."""
    formula = record.key.formula
    if formula is None:
        return str(record.key.whole)
    share = formula.operation == "ratio" and record.unit == SHARE
    return current().say("Share") if share else current().say(_MADE[formula.operation])


def _apart(label: str) -> str:
    """Return a label; one that ends right to left does not draw what follows to its other side."""
    right_to_left = any(unicodedata.bidirectional(char) in {"R", "AL"} for char in label)
    return label + "\N{LEFT-TO-RIGHT MARK}" if right_to_left else label


def _is_share(record: FigureRecord) -> bool:
    """Say whether a figure was divided in the notebook, without an indicator."""
    return record.key.formula is not None and record.key.formula.operation == "ratio"


def _columns(key: FigureKey) -> str:
    """Return the columns that a part is cut out by."""
    return current().listing([name_words(name) for name, _ in key.part])


def _labels(key: FigureKey) -> str:
    """Return the labels that a part is cut out by."""
    unknown = current().say("not recorded")
    return "/".join(unknown if one is None else current().term(one) for _, one in key.part)


def key_words(key: FigureKey) -> str:
    """Return which figure a key is of, in words: "1.1 Belgrade \u00f7 1.1"."""
    if key.formula:
        terms = [
            f"({key_words(one)})" if one.formula else key_words(one) for one in key.formula.terms
        ]
        said = _SIGNS[key.formula.operation].join(terms)
        if key.formula.operation == "average":
            said = current().say("average of {terms}", terms=said)
    else:
        said = " ".join(filter(None, (key.indicator, _labels(key))))
    return f"{said}; {current().period(*key.period)}" if key.period else said


class Entries:
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
            if _is_share(source.record) and self._part_of(source.parents[0]) == source.parents[1]
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
        if source.record.key.formula is None:
            return ""
        # A share is said of its whole, what is made from parts of what the first is a part of.
        base = self.sources.get(source.parents[-1 if _is_share(source.record) else 0])
        if base and base.whole and not _is_share(source.record):
            base = self.sources.get(base.whole)
        return base.name if base and not self._host(base) else ""

    def entries(self) -> Iterator[AnnexEntry]:
        """Yield an entry for each figure that stands in no other's."""
        ids = [source.record.id for source in self.inside.get("", ())]
        for source in self.inside.get("", ()):
            record = source.record
            doubled = ids.count(record.id) > 1
            title = f"{record.title}, {days_words(record)}" if doubled else record.title
            yield AnnexEntry(
                name=source.name,
                number=_number(record),
                title=current().with_unit(title, record.unit),
                value=record.text,
                lines=tuple(self._lines(source)),
                sql=_tidy(record),
            )

    def _lines(self, source: FigureSource) -> Iterator[tuple[str, Runs]]:
        origin, say = source.record.derivation, current().say
        if origin.parents:
            yield say("Computed"), self.formula(source)
        else:
            yield say("Measure"), measured(origin)
            yield say("Records"), (Run(records_words(source)),)
            yield say("File"), (Run(file_words(origin)),)
        if declared := declared_words(source.record):
            yield say("Declared in"), (Run(declared),)
        yield say("Published"), (Run(published_words(source.record)),)
        inside = self.inside.get(source.name, ())
        groups: dict[str, list[FigureSource]] = {}
        for part in inside:
            if part.whole:
                groups.setdefault(_columns(part.record.key), []).append(part)
        if groups:
            yield say("Parts"), _joined(map(self._parts, groups.items()), ". ")
        between = current().say("; ")
        periods = [one for one in inside if one.name in self.periods]
        if periods:
            yield (
                say("Periods"),
                _joined((self._part(one, days_words(one.record)) for one in periods), between),
            )
        yield from self._made(inside)
        if source.quotes:
            # What only a caption or a link quotes has no name to come back to.
            shown = source.places or source.quotes[:1]
            places = [[Run(one.place, one.name, place=bool(one.name))] for one in shown]
            yield say("Quoted in"), _joined(places, ", ")
        users = [one for one in self.sources.values() if source.name in one.parents]
        if users and not source.quotes:
            yield (
                say("Used for"),
                _joined(([Run(_number(one.record), one.name)] for one in users), ", "),
            )

    def _made(self, inside: Sequence[FigureSource]) -> Iterator[tuple[str, Runs]]:
        """Yield what is made from a figure and its parts, a line for each operation."""
        made: dict[str, list[Runs]] = {}
        for one in inside:
            if one.record.key.formula and one not in self.shares.values():
                said = sentence(
                    phrase("{value} is {formula}"),
                    value=_back(one, one.record.text),
                    formula=self.formula(one),
                )
                made.setdefault(_number(one.record), []).append(said)
        for term, runs in made.items():
            yield term, _joined(runs, current().say("; "))

    def _parts(self, group: tuple[str, list[FigureSource]]) -> Runs:
        dimension, parts = group
        return sentence(
            phrase("By {columns}: {parts}"),
            columns=(Run(dimension),),
            parts=_joined(
                (self._part(part, _labels(part.record.key)) for part in parts), current().say("; ")
            ),
        )

    def _part(self, part: FigureSource, label: str) -> Runs:
        said = _back(part, current().labelled(_apart(label), part.record.text))
        aside: list[Sequence[Run]] = []
        if part.counted is not None:
            aside.append([Run(counted_words(part.counted))])
        if part.name in self.shares:
            share = self.shares[part.name]
            of = self.sources[share.parents[1]].record.text
            said_of = current().say("{share} of {whole}", share=share.record.text, whole=of)
            aside.append(_back(share, said_of))
        return (*said, Run(" ("), *_joined(aside, current().say("; ")), Run(")")) if aside else said

    def formula(self, source: FigureSource) -> Runs:
        """Return what a figure is made from, each term linked: "1.2 (72) \u00f7 C.1 (144)"."""
        origin = source.record.derivation
        operation = origin.formula.operation if origin.formula else "ratio"
        terms = _joined(
            (
                self._term(source.record, name, entry)
                for name, entry in zip(origin.parents, source.parents, strict=True)
            ),
            _SIGNS[operation],
        )
        if operation == "average":
            return sentence(phrase("average of {terms}"), terms=terms)
        return terms

    def _term(self, user: FigureRecord, name: str, entry: str) -> Runs:
        """Return a figure that another is made from, linked where it has an entry."""
        source = self.sources.get(entry)
        if source is None:
            return (Run(key_words(FigureKey.parse(name))),)
        term = source.record
        label = f" {_labels(term.key)}" if term.key.part else ""
        days = "" if term.period.days == user.period.days else f"; {days_words(term)}"
        return (Run(_number(term) + label, source.name), Run(f" ({term.text}{days})"))


def _periods(sources: Sequence[FigureSource]) -> Iterator[tuple[str, str]]:
    """Yield (name, name of its entry) of the figures that another has for more days.

    They are counted alike, so that one entry says it of all.
    """
    names = {source.record.dated: source.name for source in sources}
    with_parts = {name for source in sources for name in (source.whole, *source.parents)}
    firsts: dict[str, FigureRecord] = {}
    for source in sources:
        record = source.record
        first = firsts.setdefault(record.id, record)
        within = first.period.start <= record.period.start and (
            record.period.end <= first.period.end
        )
        own = record.key.part or record.derivation.parents
        alone = source.name not in with_parts and not own
        alike = record.derivation.where == first.derivation.where
        if first is not record and within and alone and alike:
            yield source.name, names[first.dated]


def _back(source: FigureSource, text: str) -> Runs:
    """Return a figure within another's entry: its name, its text, the way to where it stands."""
    first, *others = [quote.name for quote in source.places] or [""]
    more = [Run(f" [{count}]", to) for count, to in enumerate(others, start=2)]
    return (Run(text, first, source.name), *more)


def _tidy(record: FigureRecord) -> str:
    """Return the SQL without the line end that keeps a comment of the author's to itself."""
    origin, read = record.derivation, current().say("read from the protected cube")
    if origin.protected:
        return origin.sql.replace("read from the protected cube", read, 1)
    return origin.sql if "--" in origin.where else re.sub(r"\n\)", ")", origin.sql)


def write_annex(document: Document) -> Annex | None:
    """Return the annex of a document in the current language.

    None where it quotes no figure that is known.
    """
    if not document.sources:
        return None
    intro = current().say(
        "A number with a dotted underline leads to its entry here, and the entry leads back to "
        "where the number is quoted. An entry names the measure and its filter, the records that "
        "it was computed from, and their file with the first {number} digits of its "
        "SHA-256 digest.",
        number=DIGEST_SHOWN,
    )
    if any(is_rounded(source.record) for source in document.sources):
        intro += " " + current().say(
            "Numbers are rounded, halves away from zero, to two decimals at most and shares to a "
            "tenth of a per cent, unless their indicator has other decimals; small ones keep two "
            "significant digits. Baselines and targets stand as they were stated."
        )
    entries = tuple(Entries(document.sources).entries())
    title = current().say("Sources of figures")
    return Annex(title, intro, tuple(_protection(document)), entries, attachments(document))


def _protection(document: Document) -> Iterator[str]:
    """Yield how each table of persons is protected, once."""
    origins = (source.record.derivation for source in document.sources)
    said = {one.table: one.protection for one in origins if one.protection}
    for table, sentences in said.items():
        yield current().labelled(_capital(name_words(table)), " ".join(map(str, sentences)))
