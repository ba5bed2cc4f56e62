"""The workbook of a report: cover, contents, notes, its tables, the sources of its figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from babel import Locale

from jpreport.document.blocks import ChartBlock, Document, TableBlock
from jpreport.document.sources import numbered
from jpreport.errors import NOWHERE, ExportError, Problem
from jpreport.export.html_prose import region_name
from jpreport.export.sheets.bodies import Bodies, Body, sources_body
from jpreport.export.sheets.workbook import (
    NOT_IN_XML,
    Sheet,
    Value,
    Workbook,
    sheet_name,
    table_name,
    unique_heads,
)
from jpreport.forms.tables import SUPPRESSED_SIGN
from jpreport.language import Wording, speaking

# What Excel takes: characters in a cell, rows of a sheet.
_LONGEST_TEXT, _MOST_ROWS = 32_767, 1_000_000


def workbook_of(document: Document) -> Workbook:
    """Return the tables of a document, and the data behind its charts, as a workbook.

    Raises ExportError for a table that no spreadsheet takes.
    """
    with speaking(document.wording) as wording:
        return _Maker(document, wording).workbook()


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the contents; `sheet` is None for a chart whose data are not known."""

    title: str
    about: str
    sheet: Sheet | None = None


@dataclass(slots=True)
class _Maker:
    """Makes the sheets of a document one by one; no two have a name, or a table of one name."""

    document: Document
    wording: Wording
    bodies: Bodies = field(init=False)
    names: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take the figures of the document."""
        self.bodies = Bodies(self.wording, {one.name: one for one in self.document.sources})

    def workbook(self) -> Workbook:
        """Return the workbook; the contents and the notes list what stands behind them."""
        front, say = self.document.front, self.wording.say
        cover, contents, notes = map(self._name, (say("Cover"), say("Contents"), say("Notes")))
        back = Value(say("Back to the contents"), to=contents)
        first = self._sheet(cover, self.document.title, self._cover())
        entries = [*self._shown(back)]
        if self.document.sources:
            title = say("Sources of figures")
            about = self.wording.count("{} figure", "{} figures", len(self.document.sources))
            sheet = self._sheet(self._name(title), title, sources_body(self.bodies), back)
            entries.append(_Entry(title, about, sheet))
        noted = self._sheet(notes, say("Notes"), self._notes(), back)
        about = say("Notes on the tables, and what words and signs mean in them")
        entries.insert(0, _Entry(noted.title, about, noted))
        listed = self._sheet(contents, say("Contents"), self._contents(entries))
        return Workbook(
            title=self.document.title,
            subject=front.programme,
            authors=tuple(one.name for one in front.organizations if one.role == "participating"),
            language=self.wording.language,
            date=front.date,
            sheets=(first, listed, *(one.sheet for one in entries if one.sheet)),
        )

    def _name(self, words: str) -> str:
        self.names.append(sheet_name(words, self.names))
        return self.names[-1]

    def _sheet(self, name: str, title: str, body: Body, *lines: Value) -> Sheet:
        mark = self.document.front.mark
        said = [Value(title), *([Value(f"{mark[0]}. {mark[1]}")] if mark else [])]
        if body.notes:
            notes = self.wording.listing(body.notes)
            said.append(Value(self.wording.say("Notes on this table: {notes}", notes=notes)))
        self.tables.append(table_name(title, self.tables))
        made = Sheet(
            name,
            self.tables[-1],
            (*said, *lines),
            unique_heads(body.heads, self.wording.say("Item")),
            tuple(
                tuple(one if one.text else self.bodies.nothing for one in row) for row in body.rows
            ),
            frozenset(body.numeric),
            frozenset(body.totals),
        )
        if len(made.rows) > _MOST_ROWS:
            raise _refused(made, "has more rows than a sheet can have")
        texts = [*(line.text for line in made.lines), *made.heads]
        texts += [cell.text for row in made.rows for cell in row]
        if any(len(text) > _LONGEST_TEXT for text in texts):
            raise _refused(made, "has a text that is too long for the cell of a sheet")
        if any(map(NOT_IN_XML.search, texts)):
            raise _refused(made, "has a character that no workbook can hold")
        return made

    def _cover(self) -> Body:
        say, front, wording = self.wording.say, self.document.front, self.wording
        partners = (one.name for one in front.organizations if one.role == "participating")
        tag = wording.language
        said = (
            (say("Programme"), front.programme),
            (say("Objective"), front.objective),
            (say("Participating organizations"), "\n".join(partners)),
            (say("Country"), front.country),
            (say("Programme period"), wording.period(front.start, front.end)),
            (say("Period of the report"), wording.period(front.period_start, front.period_end)),
            (say("Report date"), wording.date(front.date)),
            (say("Status"), front.status),
            (say("Language"), Locale.parse(tag, sep="-").get_display_name() or tag),
            (say("Name of the report"), front.slug),
            (
                say("Other formats"),
                say(
                    "The report itself, with its text and charts, is published under the same name."
                ),
            ),
        )
        rows = ((Value(item), Value(text or say("not stated"))) for item, text in said)
        return Body((say("Item"), say("Details")), tuple(rows))

    def _contents(self, entries: Iterable[_Entry]) -> Body:
        say = self.wording.say
        rows = (
            (
                Value(one.sheet.name, to=one.sheet.name) if one.sheet else Value(say("no sheet")),
                Value(one.title),
                Value(one.about),
            )
            for one in entries
        )
        return Body((say("Sheet"), say("Title"), say("What it holds")), tuple(rows))

    def _notes(self) -> Body:
        say = self.wording.say
        numbered = {
            mark: text.removeprefix(SUPPRESSED_SIGN).strip()
            for text, mark in self.bodies.notes.items()
        }
        suppressed = say(
            "{sign} suppressed: the number is small enough for somebody to be recognized, or would "
            "give such a number away.",
            sign="",
        )
        legend = {
            SUPPRESSED_SIGN: numbered.pop(SUPPRESSED_SIGN, suppressed.strip()),
            say("not stated"): say("no source states it; nothing was inferred."),
            self.bodies.nothing.text: say("the report has nothing to say in this cell."),
        }
        said = numbered | legend
        rows = ((Value(sign), Value(text)) for sign, text in said.items())
        return Body((say("Note"), say("Text")), tuple(rows))

    def _shown(self, back: Value) -> Iterator[_Entry]:
        """Yield the tables and the charts of the document."""
        wording, say = self.wording, self.wording.say
        for block in self.document.blocks:
            if isinstance(block, TableBlock):
                name = numbered(block) if block.number else say("Other table")
                caption = block.caption or region_name(one.label for one in block.table.columns)
                body = self.bodies.body(block.table, block.links)
                sheet = self._sheet(
                    self._name(name), self.bodies.labelled(name, caption), body, back
                )
                about = wording.count("{} row", "{} rows", len(body.rows))
                yield _Entry(sheet.title, about, sheet)
            elif isinstance(block, ChartBlock):
                name = numbered(block) if block.number else say("Other chart")
                title = self.bodies.labelled(name, block.caption)
                if block.data is None:
                    yield _Entry(title, block.alt)
                else:
                    body = self.bodies.body(block.data, block.links)
                    behind = say("{chart} (the data behind the chart)", chart=title)
                    yield _Entry(
                        behind, block.alt, self._sheet(self._name(name), behind, body, back)
                    )


def _refused(sheet: Sheet, why: str) -> ExportError:
    hint = "leave it out of the workbook: make the report in other formats"
    return ExportError(Problem(NOWHERE.at(sheet.name), f"{why}", hint))
