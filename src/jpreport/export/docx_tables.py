"""Tables for Word: as wide as their words ask, header rows repeated, only heads merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from jpreport.document.blocks import CellLinks
from jpreport.export.docx_marks import Around, Marks, run
from jpreport.export.typst import TABLE_SIZES_PT
from jpreport.export.typst_text import clean, rough_width
from jpreport.forms.tables import Cell, Column, Row, Table, note_letter
from jpreport.language import current

# Twips, twenty to a point: the measure of paragraphs, and the column beside them.
MEASURE, GUTTER = 7257, 2098
_PADDING = 170  # of a cell, both sides
_SHORT = 12  # rows
_LONGEST = 40  # em: a column that holds sentences asks for no more
_STATES = {"not stated": "NotStated", "suppressed": "Suppressed"}
_LINE = Markup('<w:{} w:val="single" w:sz="{}" w:space="0" w:color="auto"/>')


@dataclass(frozen=True, slots=True)
class Layout:
    """A table's columns, in twips, and what is said of it to those who do not see it."""

    widths: tuple[int, ...]
    right: tuple[bool, ...]
    small: str
    indent: int
    title: str
    stub: int = 1

    @classmethod
    def of(
        cls, rows: Sequence[Sequence[str]], right: Sequence[bool], title: str, stub: int = 1
    ) -> Layout:
        """Return the layout of rows of texts, the heads among them."""
        columns = [[row[x] for row in rows] for x in range(len(right))]
        least = [_least(texts, whole=number) for texts, number in zip(columns, right, strict=True)]
        usual = [max(_usual(texts), few) for texts, few in zip(columns, least, strict=True)]
        room = MEASURE + GUTTER
        fitting = (n for n, size in enumerate(TABLE_SIZES_PT) if sum(_twips(least, size)) <= room)
        step = next(fitting, len(TABLE_SIZES_PT) - 1)
        asked, few = (_twips(ems, TABLE_SIZES_PT[step]) for ems in (usual, least))
        narrow = sum(asked) <= MEASURE
        widths = _shared(few, asked, MEASURE if narrow else room)
        small = str(step) if step else ""
        return cls(widths, tuple(right), small, 0 if narrow else -GUTTER, title, stub)

    @property
    def start(self) -> Markup:
        """What begins the table."""
        grid = Markup("").join(Markup('<w:gridCol w:w="{}"/>').format(w) for w in self.widths)
        return Markup(
            '<w:tbl><w:tblPr><w:tblStyle w:val="ReportTable"/><w:tblW w:w="{}" w:type="dxa"/>'
            '<w:tblInd w:w="{}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            '<w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" '
            'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val="{}"/>'
            '<w:tblDescription w:val="{}"/></w:tblPr><w:tblGrid>{}</w:tblGrid>'
        ).format(sum(self.widths), self.indent, clean(self.title), clean(self.title), grid)

    @property
    def end(self) -> Markup:
        """What ends the table."""
        return Markup("</w:tbl>")

    def row(self, *, head: bool = False) -> Markup:
        """Return what begins a row."""
        again = "<w:tblHeader/>" if head else ""
        return Markup(f"<w:tr><w:trPr><w:cantSplit/>{again}</w:trPr>")  # noqa: S704 - our own

    def cell(self, x: int, across: int = 1, line: tuple[str, int] | None = None) -> Markup:
        """Return what begins a cell; `line` is a border of its own: its side and eighths of pt."""
        span = Markup('<w:gridSpan w:val="{}"/>').format(across) if across > 1 else ""
        border = Markup("<w:tcBorders>{}</w:tcBorders>").format(_LINE.format(*line)) if line else ""
        return Markup('<w:tc><w:tcPr><w:tcW w:w="{}" w:type="dxa"/>{}{}</w:tcPr>').format(
            sum(self.widths[x : x + across]), span, border
        )

    def side(self, x: int) -> str:
        """Return what the style's name of a column's paragraphs ends with."""
        return f"{' Right' if self.right[x] else ''}{self.small}"


def _least(texts: Iterable[str], *, whole: bool) -> float:
    """Return the widest word in em; of a column of numbers no text is broken but the head."""
    head, *body = texts
    words = [*head.split(), *(body if whole else [word for text in body for word in text.split()])]
    return max(map(rough_width, words), default=0)


def _usual(texts: Iterable[str]) -> float:
    lines = [rough_width(line) for text in texts for line in text.split("\n")]
    return min(max(lines, default=0), _LONGEST)


def _twips(ems: Iterable[float], size: float) -> list[int]:
    return [round(em * size * 1.08 * 20) + _PADDING for em in ems]


def _shared(least: list[int], asked: list[int], room: int) -> tuple[int, ...]:
    """Return widths that fill a room: each has the least, the rest by what they ask for."""
    more = [want - few for want, few in zip(asked, least, strict=True)]
    left = room - sum(least)
    if left < 0:
        shares = [few * room / sum(least) for few in least]
    elif sum(asked) <= room:
        shares = [want * room / sum(asked) for want in asked]
    else:
        shares = [few + left * part / sum(more) for few, part in zip(least, more, strict=True)]
    ends = [round(sum(shares[: x + 1])) for x in range(len(shares))]
    return tuple(end - start for start, end in zip([0, *ends], ends, strict=False))


def paragraph(
    style: str, content: Markup, *, next_too: bool = False, indent: int = 0, centred: bool = False
) -> Markup:
    """Return a paragraph in a style; `next_too` keeps the next one on its page."""
    keep = Markup("<w:keepNext/>") if next_too else ""
    left = Markup('<w:ind w:left="{}"/>').format(indent) if indent else ""
    middle = Markup('<w:jc w:val="center"/>') if centred else ""
    return Markup('<w:p><w:pPr><w:pStyle w:val="{}"/>{}{}{}</w:pPr>{}</w:p>').format(
        style, keep, left, middle, content
    )


class _Writer:
    def __init__(self, table: Table, layout: Layout, marks: Marks, links: CellLinks) -> None:
        self.table, self.layout, self.marks, self.links = table, layout, marks, links
        self.first: Around | None = marks.paragraph()
        self.keep = True  # the row on the page of the next one

    def _cell(
        self,
        x: int,
        style: str,
        content: Markup,
        across: int = 1,
        line: tuple[str, int] | None = None,
    ) -> Markup:
        if self.first:  # the bookmark of the table
            content, self.first = self.first.start + content + self.first.end, None
        side = self.layout.side(x).strip() if across == 1 else self.layout.small
        middle = across > 1 and style == "TableHead"
        said = paragraph(f"{style}{side}", content, next_too=self.keep, centred=middle)
        return self.layout.cell(x, across, line) + said + Markup("</w:tc>")

    def heads(self) -> Markup:
        """Return the header rows: that of the groups, where there are any, and the columns'."""
        columns, out = self.table.columns, Markup("")
        if not any(column.label or column.group for column in columns):
            return out
        if any(column.group for column in columns):
            out += self.layout.row(head=True)
            at = 0
            for label, count in self.table.groups:
                line = ("bottom", 4) if label else None
                spans = [(at, count)] if label else [(x, 1) for x in range(at, at + count)]
                for x, across in spans:
                    words = run(label)
                    out += self._cell(x, "TableHead", words, across, line)
                at += count
            out += Markup("</w:tr>")
        out += self.layout.row(head=True)
        for x, column in enumerate(columns):
            out += self._cell(x, "TableHead", _head(column), line=("bottom", 5))
        return out + Markup("</w:tr>")

    def row(self, y: int, row: Row) -> Markup:
        """Return a row of the body; a short table stands on one page, and so do notes and end."""
        last = y == len(self.table.rows) - 1
        short = len(self.table.rows) <= _SHORT
        self.keep = bool(self.table.notes) if last else short or row.role == "section"
        out = self.layout.row()
        if row.role == "section":
            words, all_of_them = self._said(y, 0, row.cells[0]), len(self.table.columns)
            out += self._cell(0, "TableSection", words, all_of_them)
            return out + Markup("</w:tr>")
        for x, cell in enumerate(row.cells):
            total = row.role == "total"
            style = "TableHead" if total else "TableText"
            line = ("top", 5) if total else None
            out += self._cell(x, style, self._said(y, x, cell), line=line)
        return out + Markup("</w:tr>")

    def _said(self, y: int, x: int, cell: Cell) -> Markup:
        to = self.links.get((y, x))
        words = run(cell.text, "QuotedFigure" if to else _STATES.get(cell.state, ""))
        if to or (cell.figure and cell.state == "value"):
            start, end = self.marks.figure(cell.figure or "", to)
            words = start + words + end
        return words + run(note_letter(cell.note), "NoteSign") if cell.note else words


def _head(column: Column) -> Markup:
    unit = run(f"\n{column.unit}" if column.label else column.unit, "Unit") if column.unit else ""
    return run(column.label) + unit


def layout_of(table: Table, title: str) -> Layout:
    """Return the layout of a table; `title` says what it shows."""
    body = [row for row in table.rows if row.role != "section"]
    heads = [f"{column.label}\n{column.unit}" for column in table.columns]
    texts = [heads, *([cell.text for cell in row.cells] for row in body)]
    right = [column.kind == "number" for column in table.columns]
    return Layout.of(texts, right, title, table.stub)


def write_table(table: Table, layout: Layout, marks: Marks, links: CellLinks) -> Markup:
    """Return a table and its notes."""
    writer = _Writer(table, layout, marks, links)
    out = layout.start + writer.heads()
    for y, row in enumerate(table.rows):
        out += writer.row(y, row)
    if not table.rows:
        words = run(current().say("No records"), "NotStated")
        every = len(table.columns)
        out += layout.row() + writer._cell(0, "TableText", words, every)  # noqa: SLF001
        out += Markup("</w:tr>")
    out += layout.end
    called = {cell.note for row in table.rows for cell in row.cells}
    for number, note in enumerate(table.notes, 1):
        sign = run(note_letter(number), "NoteSign") + run(" ") if number in called else Markup("")
        out += paragraph("TableNote", sign + run(note), indent=layout.indent)
    return out + paragraph("TableEnd", Markup(""))
