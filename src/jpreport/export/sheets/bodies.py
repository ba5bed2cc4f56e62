"""The rows of a sheet from a table of the report: one table, one row of heads, no empty cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jpreport.document.blocks import CellLinks, FigureSource
from jpreport.export.annex import Entries, key_words
from jpreport.export.annex_words import days_words, measured
from jpreport.export.sheets.display import as_number
from jpreport.export.sheets.workbook import Value
from jpreport.export.sql_words import name_words
from jpreport.forms.tables import SUPPRESSED_SIGN, Cell, Column, Table
from jpreport.language import DASH, SHARE, Wording


@dataclass(frozen=True, slots=True)
class Body:
    """Heads and rows of a sheet; `numeric` columns and rows of `totals` are counted from 0.

    `notes` are the marks of those that hold for the whole table.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    numeric: tuple[int, ...] = ()
    totals: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bodies:
    """Makes rows from tables in a language; `notes` are those of all tables, with their marks."""

    wording: Wording
    sources: Mapping[str, FigureSource]
    notes: dict[str, str] = field(default_factory=dict)

    def body(self, table: Table, links: CellLinks) -> Body:
        """Return the rows of a table.

        What stands in rows or headers over several others is said in each: the sections of a
        table are its first column. The last one has the notes that cells call.
        """
        say, nothing = self.wording.say, self.nothing
        sectioned = any(row.role == "section" for row in table.rows)
        heads = [self._head(column) for column in table.columns]
        called: set[int] = set()
        rows: list[list[Value]] = []
        marks: list[str] = []
        totals = []
        section, of_section = nothing, ""
        for y, row in enumerate(table.rows):
            calls = [
                (head, cell.note) for head, cell in zip(heads, row.cells, strict=False) if cell.note
            ]
            called.update(note for _, note in calls)
            said = [(head, self.mark(table.notes[note - 1])) for head, note in calls]
            if row.role == "section":
                section = Value(row.cells[0].text)
                of_section = "".join(mark for _, mark in said)
                continue
            if row.role == "total":
                totals.append(len(rows))
                section, of_section = nothing, ""
            cells = [
                self.value(cell, column, links, (y, x))
                for x, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True))
            ]
            rows.append([section, *cells] if sectioned else cells)
            own = (self.labelled(head, mark) for head, mark in said)
            marks.append(", ".join(filter(None, (of_section, *own))))
        if not rows:
            rows, marks = [[Value(say("No records")), *[nothing] * (len(heads) - 1)]], [""]
        if sectioned:
            heads.insert(0, say("Section"))
        numeric = [x + sectioned for x, one in enumerate(table.columns) if one.kind == "number"]
        if any(marks):
            heads.append(say("Notes"))
            rows = [
                [*cells, Value(mark or say("no note"))]
                for cells, mark in zip(rows, marks, strict=True)
            ]
        general = [note for n, note in enumerate(table.notes, 1) if n not in called]
        return Body(
            tuple(heads),
            tuple(map(tuple, rows)),
            tuple(numeric),
            tuple(totals),
            tuple(map(self.mark, general)),
        )

    def labelled(self, label: str, text: str) -> str:
        """Return a label and what it is of; one of them alone where the other is ""."""
        if not label or not text:
            return label or text
        return self.wording.say("{label}: {text}", label=label, text=text)

    def _head(self, column: Column) -> str:
        """Return what stands above a column, in one text."""
        unit = column.unit if column.unit.casefold() != column.group.casefold() else ""
        label = f"{column.label} ({unit})" if unit else column.label
        return self.labelled(column.group, label)

    @property
    def nothing(self) -> Value:
        """What stands in a cell that has nothing to say."""
        return Value(self.wording.say("no entry"))

    def mark(self, note: str) -> str:
        """Return the mark of a note: one text has one, in whichever tables.

        What is said of the sign for suppressed numbers has that sign.
        """
        if note.startswith(SUPPRESSED_SIGN):
            return self.notes.setdefault(note, SUPPRESSED_SIGN)
        number = sum(mark != SUPPRESSED_SIGN for mark in self.notes.values()) + 1
        return self.notes.setdefault(note, self.wording.say("[note {number}]", number=number))

    def value(self, cell: Cell, column: Column, links: CellLinks, at: tuple[int, int]) -> Value:
        """Return a cell of a table; a number where the column has numbers, or it is a figure."""
        if cell.state == "suppressed":
            text = cell.text.removeprefix(SUPPRESSED_SIGN)
            return Value(f"{SUPPRESSED_SIGN} {text}".strip())
        if cell.text.strip() in {"", DASH}:
            return (
                Value(self.wording.say("not stated"))
                if cell.state == "not stated"
                else self.nothing
            )
        link = links.get(at)
        if column.kind != "number" and link is None:
            return Value(cell.text)
        return self.number(cell.text, self.sources.get(link.to) if link else None)

    def number(self, text: str, source: FigureSource | None) -> Value:
        """Return a text as the number that it states, if it does.

        It is the value of a figure to its last digit only if the figure is of no table of persons.
        """
        value = source.record.value if source else None
        exact = source is not None and not self._is_protected(source)
        found = as_number(text, self.wording, value, exact=exact)
        return Value(text, *found) if found else Value(text)

    def _is_protected(self, source: FigureSource) -> bool:
        """Whether a figure is of persons, or made from one that is, or from one not known."""
        if source.record.derivation.protected:
            return True
        parents = [self.sources.get(name) for name in source.parents]
        return any(one is None or self._is_protected(one) for one in parents)


def sources_body(bodies: Bodies) -> Body:
    """Return a row for each figure of a document: what it is, and where it comes from."""
    wording = bodies.wording
    say = wording.say
    heads = (
        *(say("Figure"), say("Title"), say("Value"), say("Unit"), say("Period")),
        *(say("Derivation"), say("Table"), say("Records"), say("File"), say("SHA-256")),
        *(say("Quoted in"), say("Identifier")),
    )
    entries = Entries([*bodies.sources.values()])
    rows = (tuple(_source(bodies, entries, one)) for one in bodies.sources.values())
    return Body(heads, tuple(rows), (2, 7))


def _source(bodies: Bodies, entries: Entries, source: FigureSource) -> Iterator[Value]:
    record, origin, wording = source.record, source.record.derivation, bodies.wording
    yield Value(key_words(record.key))
    yield Value(record.title)
    if record.suppressed:
        yield Value(SUPPRESSED_SIGN)
    else:
        yield bodies.number(record.text, source)
    yield Value(wording.say("share") if record.unit == SHARE else wording.term(record.unit))
    yield Value(days_words(record))
    said = entries.formula(source) if origin.parents else measured(origin)
    yield Value("".join(one.text for one in said))
    yield Value(name_words(origin.table))
    if source.counted is not None:
        yield bodies.number(wording.number(source.counted), None)
    else:
        yield Value(wording.say("protected") if origin.protected else "")
    yield Value(origin.file)
    yield Value(origin.digest)
    yield Value("\n".join(dict.fromkeys(quote.place for quote in source.quotes)))
    yield Value(record.id)
