"""WordprocessingML to blocks, as Word and LibreOffice write it: changes tracked, runs joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from xml.etree.ElementTree import Element

from jpreport.document.myst import MASK
from jpreport.errors import OutputError, Place, Problem
from jpreport.review.word.beside import (
    CONTENTS,
    Anchor,
    Field,
    Style,
    comments_of,
    embedded,
    mark_of,
    properties_of,
    styles_of,
)
from jpreport.review.word.blocks import Block, Kind, Mark, Run, WordText
from jpreport.review.word.package import Package, attribute, child, name_of, open_package

_INSERTED, _DELETED = ("w:ins", "w:moveTo"), ("w:del", "w:moveFrom")
# What only holds other things, within a paragraph or around several.
_AROUND = ("w:hyperlink", "w:smartTag", "w:customXml", "w:dir", "w:bdo", "w:sdt", "w:sdtContent")
_CHARACTERS = {
    "w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-",
}  # fmt: skip
_NOTES = {"w:footnoteReference": "footnotes", "w:endnoteReference": "endnotes"}
_PICTURES = ("w:drawing", "w:pict", "w:object")
_BODY_LEVEL = 10

# Of a cell: table, row, column.
Cell = tuple[int, int, int]


class _Tracked(NamedTuple):
    """Who inserted, and who deleted, what is being read."""

    inserted: Mark | None = None
    deleted: Mark | None = None


@dataclass(slots=True)
class _Paragraph:
    """A paragraph as far as it is read."""

    runs: list[Run] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    formatted: list[Mark] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[tuple[Run, frozenset[str]]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Reads one document; what `author` did not track counts as rejected, unless it is ""."""

    package: Package
    author: str
    styles: dict[str, Style]
    notes: dict[tuple[str, str], Element]
    targets: Mapping[str, str]  # of the part that is being read
    blocks: list[Block] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # bookmarks between paragraphs
    fields: list[Field] = field(default_factory=list)
    open: set[str] = field(default_factory=set)  # comments
    anchors: dict[str, Anchor] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)  # of the anchors
    section: str = ""
    tables: int = 0
    unread: list[str] = field(default_factory=list)

    # Blocks

    def read(self, elements: Iterable[Element], cell: Cell | None = None) -> None:
        """Read what a body, a cell or a footnote holds."""
        held: Block | None = None
        for element in _flat(elements):
            name = name_of(element)
            if name == "w:p":
                held = self._paragraph(element, cell, held)
            elif name == "w:tbl":
                self._table(element, cell)
            elif name == "w:bookmarkStart":
                self.waiting.append(attribute(element, "name"))
            elif name == "w:altChunk":
                self.unread.append("a document within the document")
            else:
                self._comment(name, element)
        if held is not None:
            self._keep(held)

    def _table(self, table: Element, outer: Cell | None) -> None:
        # A table within a cell belongs to it.
        self.tables += outer is None
        number = self.tables
        for y, row in enumerate(_all(table, "w:tr"), start=1):
            for x, cell in enumerate(_all(row, "w:tc"), start=1):
                self.read(cell, outer or (number, y, x))

    def _paragraph(self, element: Element, cell: Cell | None, held: Block | None) -> Block | None:
        """Read a paragraph; return it where its end is deleted, so that the next one goes on."""
        properties = child(element, "w:pPr")
        within = bool(self.fields) and CONTENTS.match(self.fields[0].code.strip())
        found = _Paragraph(names=self.waiting)
        self.waiting = []
        kind, level, item = self._kind(properties)
        self._inline(element, found, _Tracked())
        if kind == "heading":
            words = "".join(run.shown or run.text for run in found.runs if not run.deleted)
            self.section = " ".join(words.replace(MASK, " ").split()) or self.section
        block = Block(
            "contents" if within else "cell" if cell else kind,
            tuple(found.runs),
            tuple(found.names),
            level,
            item,
            self.section,
            self._counted(cell),
            tuple(found.formatted),
            tuple(found.links),
        )
        for run, looks in found.pictures:
            self.blocks.append(Block("alt", (run,), section=self.section, looks=looks))
        block = block if held is None else _joined(held, block)
        end = child(properties, "w:rPr", "w:del")
        if end is None or not self._counts(mark_of(end)):
            self._keep(block)
            held = None
        else:
            held = block
        self._notes(found)
        return held

    def _counted(self, cell: Cell | None) -> tuple[int, int, int, int] | None:
        if cell is None:
            return None
        before = self.blocks[-1].place if self.blocks else None
        return (*cell, before[3] + 1 if before and before[:3] == cell else 1)

    def _keep(self, block: Block) -> None:
        if "".join(run.text for run in block.runs).strip() or block.names or block.place:
            self.blocks.append(block)

    def _notes(self, found: _Paragraph) -> None:
        """Read the footnotes of a paragraph behind it."""
        for key in found.notes:
            if (note := self.notes.pop(key, None)) is not None:
                start, targets = len(self.blocks), self.targets
                self.targets = self.package.targets(key[0])
                self.read(note)
                self.targets = targets
                self.blocks[start:] = [
                    replace(one, kind="note") if one.kind == "paragraph" else one
                    for one in self.blocks[start:]
                ]

    def _kind(self, properties: Element | None) -> tuple[Kind, int, bool]:
        style = self.styles.get(attribute(child(properties, "w:pStyle"), "val"), Style())
        own = attribute(child(properties, "w:outlineLvl"), "val")
        heading = (int(own) + 1) % _BODY_LEVEL if own.isdecimal() else style.heading
        if style.contents:
            return "contents", 0, False
        if heading:
            return "heading", heading, False
        number = child(properties, "w:numPr")
        item = style.item if number is None else attribute(child(number, "w:numId"), "val") != "0"
        depth = attribute(child(number, "w:ilvl"), "val")
        return "paragraph", int(depth) + 1 if item and depth.isdecimal() else int(item), item

    # What stands in a paragraph

    def _counts(self, mark: Mark) -> bool:
        return not self.author or mark.author == self.author

    def _inline(self, parent: Iterable[Element], found: _Paragraph, tracked: _Tracked) -> None:
        """Read runs and what stands between them."""
        for element in parent:
            name = name_of(element)
            if name in _INSERTED:
                self._inline(element, found, tracked._replace(inserted=mark_of(element)))
            elif name in _DELETED:
                self._inline(element, found, tracked._replace(deleted=mark_of(element)))
            elif name in _AROUND:
                found.links += filter(None, [self.targets.get(attribute(element, "id"))])
                self._inline(element, found, tracked)
            elif name == "w:r":
                self._run(element, found, tracked)
            elif name == "mc:AlternateContent":
                self._inline(_chosen(element), found, tracked)
            elif name in ("w:fldSimple", "m:oMath", "m:oMathPara"):
                words = (one.text or "" for one in element.iter() if name_of(one)[1:] == ":t")
                self._text(found, MASK, tracked, "".join(words))
            elif name == "w:bookmarkStart":
                found.names.append(attribute(element, "name"))
            elif name == "w:pPr":
                self._formatted(child(element, "w:pPrChange"), found)
            else:
                self._comment(name, element)

    def _comment(self, name: str, element: Element) -> None:
        """Follow where a comment begins and ends; what is not one says nothing."""
        number = attribute(element, "id")
        if name == "w:commentRangeEnd":
            self.open.discard(number)
        elif name in ("w:commentRangeStart", "w:commentReference"):
            self.anchors.setdefault(number, Anchor(self.words.setdefault(number, []), self.section))
            if name == "w:commentRangeStart":
                self.open.add(number)

    def _formatted(self, change: Element | None, found: _Paragraph) -> None:
        if change is not None and self._counts(mark_of(change)):
            found.formatted.append(mark_of(change))

    def _run(self, run: Element, found: _Paragraph, tracked: _Tracked) -> None:
        self._formatted(child(run, "w:rPr", "w:rPrChange"), found)
        for element in run:
            name = name_of(element)
            if name in ("w:t", "w:delText"):
                self._text(found, element.text or "", tracked)
            elif name in _CHARACTERS and attribute(element, "type") not in ("page", "column"):
                self._text(found, _CHARACTERS[name], tracked)
            elif name == "w:fldChar":
                self._field(attribute(element, "fldCharType"), found, tracked)
            elif name in ("w:instrText", "w:delInstrText") and self.fields:
                self.fields[-1].code += element.text or ""
            elif name in _NOTES:
                if not tracked.deleted:
                    found.notes.append((_NOTES[name], attribute(element, "id")))
                self._text(found, MASK, tracked)
            else:
                self._other(name, element, found, tracked)

    def _other(self, name: str, element: Element, found: _Paragraph, tracked: _Tracked) -> None:
        if name in _PICTURES:
            self._picture(element, found, tracked)
        elif name == "mc:AlternateContent":
            self._run(_chosen(element), found, tracked)
        elif name == "w:sym":
            self._text(found, MASK, tracked, "(a symbol)")
        else:
            self._comment(name, element)

    def _field(self, kind: str, found: _Paragraph, tracked: _Tracked) -> None:
        """Follow a field: its result is one mask, but for a link's."""
        if kind == "begin":
            self.fields.append(Field())
        elif self.fields and kind == "separate":
            self.fields[-1].result = True
        elif self.fields and kind == "end":
            ended = self.fields.pop()
            found.links += ended.addresses
            if not ended.is_words:
                self._text(found, MASK, tracked, ended.shown)

    def _text(self, found: _Paragraph, text: str, tracked: _Tracked, shown: str = "") -> None:
        inserted, deleted = tracked
        if inserted and not self._counts(inserted):
            return
        if deleted and not self._counts(deleted):
            deleted = None
        inside = [one for one in self.fields if not one.is_words]
        if not deleted and (not inside or inside[-1].result):
            for number in self.open:
                self.words[number].append(shown or text)
        # The words of a field's result are told by its mask.
        if not inside:
            found.runs.append(Run(text, shown, inserted, deleted))
        elif inside[-1].result and not deleted:
            inside[-1].shown += shown or text

    def _picture(self, element: Element, found: _Paragraph, tracked: _Tracked) -> None:
        box = next((one for one in element.iter() if name_of(one) == "w:txbxContent"), None)
        if box is not None:
            self.read(box)
            return
        told = next((one for one in element.iter() if name_of(one) == "wp:docPr"), None)
        shape = next((one for one in element.iter() if name_of(one) == "shape"), None)
        words = attribute(told, "descr") or attribute(told, "title") or attribute(shape, "alt")
        files = map(self.targets.get, embedded(element))
        found.pictures.append((Run(words, "", *tracked), frozenset(filter(None, files))))


def _joined(held: Block, block: Block) -> Block:
    """Return two paragraphs whose end between them is deleted; the one with words lasts."""
    lasting = held if held.text.strip() else block
    names = (*held.names, *block.names)
    return replace(lasting, runs=(*held.runs, *block.runs), names=names)


def _chosen(alternatives: Element) -> Element:
    found = child(alternatives, "mc:Choice")
    return alternatives if found is None else found


def _flat(elements: Iterable[Element]) -> Iterator[Element]:
    """Yield blocks, those within content controls and tracked stretches too."""
    for element in elements:
        if name_of(element) in (*_AROUND, *_INSERTED, *_DELETED):
            yield from _flat(element)
        else:
            yield element


def _all(parent: Iterable[Element], wanted: str) -> Iterator[Element]:
    """Yield rows of a table or cells of a row."""
    return (one for one in _flat(parent) if name_of(one) == wanted)


def read_word(content: bytes, where: Place, author: str = "") -> WordText:
    """Return a DOCX as its blocks and comments.

    With an `author`, what others tracked counts as rejected. Raises OutputError for what is no
    Word document, or nested deeper than any person's.
    """
    package = open_package(content, where)
    try:
        notes = {
            (kind, attribute(note, "id")): note
            for kind in _NOTES.values()
            for note in package.part(kind) or ()
        }
        reader = _Reader(package, author, styles_of(package), notes, package.targets())
        reader.read(child(package.main, "w:body") or ())
        blocks = tuple(reader.blocks)
        reader.blocks = []
        for part in (*package.named("word/header"), *package.named("word/footer")):
            reader.read(part)
        comments = tuple(comments_of(package, reader.anchors))
        properties = properties_of(package)
    except ValueError as error:
        raise OutputError(Problem(where, f"is no Word document: {error}")) from None
    except RecursionError:
        raise OutputError(Problem(where, "is nested too deep to be read")) from None
    unread = tuple(dict.fromkeys(reader.unread))
    return WordText(blocks, comments, tuple(reader.blocks), properties, unread)
