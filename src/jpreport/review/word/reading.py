"""WordprocessingML to blocks, as Word and LibreOffice write it: changes tracked, runs joined."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from jpreport.document.myst import MASK
from jpreport.errors import OutputError, Place, Problem
from jpreport.review.word.blocks import Block, Comment, Kind, Mark, Run, WordText
from jpreport.review.word.package import Package, attribute, child, name_of, open_package

_INSERTED, _DELETED = ("w:ins", "w:moveTo"), ("w:del", "w:moveFrom")
# What only holds other things, within a paragraph or around several.
_AROUND = (
    *("w:hyperlink", "w:smartTag", "w:customXml", "w:dir", "w:bdo", "w:sdtContent"),
    *_INSERTED, *_DELETED,
)  # fmt: skip
_CHARACTERS = {
    "w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-",
}  # fmt: skip
_NOTES = {"w:footnoteReference": "footnotes", "w:endnoteReference": "endnotes"}
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_CONTENTS = re.compile(r"(toc|contents|table of)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Paragraph:
    """A paragraph as far as it is read; `ended` is who deleted its end."""

    runs: list[Run] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    formatted: list[Mark] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[tuple[str, Mark | None, Mark | None]] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Reads one document; what `author` did not change counts as rejected, unless it is ""."""

    package: Package
    author: str
    styles: dict[str, tuple[int, bool, bool]] = field(default_factory=dict)
    notes: dict[tuple[str, str], Element] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # bookmarks between paragraphs
    fields: list[str] = field(default_factory=list)  # the codes of those that are open
    results: list[bool] = field(default_factory=list)  # whether their result is being read
    open: set[str] = field(default_factory=set)  # comments
    anchors: dict[str, list[str]] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)  # of comments
    section: str = ""
    tables: int = 0
    pictures: int = 0
    unread: list[str] = field(default_factory=list)

    def mark(self, element: Element) -> Mark:
        return Mark(attribute(element, "author"), attribute(element, "date"))

    # Blocks

    def read(self, elements: Iterable[Element], place: tuple[int, int, int] | None = None) -> None:
        """Read what a body, a cell or a footnote holds; `place` is that of the cell."""
        held: Block | None = None
        for element in elements:
            name = name_of(element)
            if name == "w:p":
                held = self._paragraph(element, place, held)
            elif name == "w:tbl":
                self._table(element, place)
            elif name == "w:sdt":
                self.read(child(element, "w:sdtContent") or (), place)
            elif name in _AROUND:
                self.read(element, place)
            elif name == "w:bookmarkStart":
                self.waiting.append(attribute(element, "name"))
            elif name == "w:commentRangeStart":
                self._open(element)
            elif name == "w:commentRangeEnd":
                self.open.discard(attribute(element, "id"))
            elif name == "w:altChunk":
                self.unread.append("a document within the document")
        if held is not None:
            self._keep(held)

    def _table(self, table: Element, outer: tuple[int, int, int] | None) -> None:
        if outer is None:
            self.tables += 1
        number = self.tables
        for y, row in enumerate(_all(table, "w:tr"), start=1):
            for x, cell in enumerate(_all(row, "w:tc"), start=1):
                # A table within a cell belongs to it.
                self.read(cell, outer or (number, y, x))

    def _paragraph(
        self, element: Element, place: tuple[int, int, int] | None, held: Block | None
    ) -> Block | None:
        """Read a paragraph; return it where its end is deleted, so that the next one goes on."""
        properties = child(element, "w:pPr")
        within = bool(self.fields) and _CONTENTS.match(self.fields[0].strip())
        found = _Paragraph(names=self.waiting)
        self.waiting = []
        kind, level, item = self._kind(properties)
        contents = bool(within) or kind == "contents"
        self._inline(element, found, None, None)
        if kind == "heading":
            words = "".join(run.shown or run.text for run in found.runs if not run.deleted)
            self.section = " ".join(words.replace(MASK, " ").split()) or self.section
        counted = self._counted(place)
        block = Block(
            "contents" if contents else "cell" if place else kind,
            tuple(found.runs),
            tuple(found.names),
            level,
            item,
            self.section,
            counted,
            tuple(found.formatted),
        )
        if held is not None:
            block = _joined(held, block)
        for text, inserted, deleted in found.pictures:
            words = (Run(text, "", inserted, deleted),)
            self.blocks.append(Block("alt", words, (), 0, False, self.section))  # noqa: FBT003
        end = child(properties, "w:rPr", "w:del") or child(properties, "w:rPr", "w:moveFrom")
        end = child(properties, "w:rPr", "w:del")
        if end is not None and self._counts(self.mark(end)):
            self._notes(found)
            return block
        self._keep(block)
        self._notes(found)
        return None

    def _counted(self, place: tuple[int, int, int] | None) -> tuple[int, int, int, int] | None:
        if place is None:
            return None
        before = self.blocks[-1].place if self.blocks else None
        return (*place, before[3] + 1 if before and before[:3] == place else 1)

    def _keep(self, block: Block) -> None:
        if block.kind == "contents":
            return
        if "".join(run.text for run in block.runs).strip() or block.names or block.place:
            self.blocks.append(block)

    def _notes(self, found: _Paragraph) -> None:
        """Read the footnotes of a paragraph behind it."""
        for kind, number in found.notes:
            note = self.notes.pop((kind, number), None)
            if note is not None:
                start = len(self.blocks)
                self.read(note)
                self.blocks[start:] = [
                    replace(one, kind="note") if one.kind == "paragraph" else one
                    for one in self.blocks[start:]
                ]

    def _kind(self, properties: Element | None) -> tuple[Kind, int, bool]:
        style = attribute(child(properties, "w:pStyle"), "val")
        heading, contents, listed = self.styles.get(style, (0, False, False))
        own = child(properties, "w:outlineLvl")
        if own is not None and attribute(own, "val").isdecimal():
            heading = int(attribute(own, "val")) + 1
            heading = 0 if heading > 9 else heading  # noqa: PLR2004 - the tenth is body text
        number = child(properties, "w:numPr")
        if contents:
            return "contents", 0, False
        if heading:
            return "heading", heading, False
        item = attribute(child(number, "w:numId"), "val") != "0" if number is not None else listed
        depth = attribute(child(number, "w:ilvl"), "val")
        return "paragraph", int(depth) + 1 if item and depth.isdecimal() else int(item), item

    # What stands in a paragraph

    def _counts(self, mark: Mark) -> bool:
        return not self.author or mark.author == self.author

    def _inline(
        self, parent: Element, found: _Paragraph, inserted: Mark | None, deleted: Mark | None
    ) -> None:
        for element in parent:
            name = name_of(element)
            if name == "w:r":
                self._run(element, found, inserted, deleted)
            elif name in _INSERTED:
                self._inline(element, found, self.mark(element), deleted)
            elif name in _DELETED:
                self._inline(element, found, inserted, self.mark(element))
            elif name == "w:sdt":
                self._inline(child(element, "w:sdtContent") or parent[:0], found, inserted, deleted)
            elif name == "w:fldSimple":
                shown = "".join(one.text or "" for one in element.iter() if name_of(one) == "w:t")
                self._text(found, MASK, inserted, deleted, shown)
            elif name in ("m:oMath", "m:oMathPara"):
                words = "".join(one.text or "" for one in element.iter() if name_of(one) == "m:t")
                self._text(found, MASK, inserted, deleted, words)
            elif name == "mc:AlternateContent":
                self._inline(_chosen(element), found, inserted, deleted)
            elif name == "w:bookmarkStart":
                found.names.append(attribute(element, "name"))
            elif name == "w:commentRangeStart":
                self._open(element)
            elif name == "w:commentRangeEnd":
                self.open.discard(attribute(element, "id"))
            elif name in _AROUND:
                self._inline(element, found, inserted, deleted)
            elif name == "w:pPr":
                change = child(element, "w:pPrChange")
                self._formatted(change, found)

    def _formatted(self, change: Element | None, found: _Paragraph) -> None:
        if change is not None and self._counts(self.mark(change)):
            found.formatted.append(self.mark(change))

    def _open(self, element: Element) -> None:
        number = attribute(element, "id")
        self.open.add(number)
        self.anchors.setdefault(number, [])
        self.sections.setdefault(number, self.section)

    def _run(
        self, run: Element, found: _Paragraph, inserted: Mark | None, deleted: Mark | None
    ) -> None:
        self._formatted(child(run, "w:rPr", "w:rPrChange"), found)
        for element in run:
            name = name_of(element)
            if name == "w:fldChar":
                self._field(attribute(element, "fldCharType"), found, inserted, deleted)
            elif name in ("w:instrText", "w:delInstrText") and self.fields:
                self.fields[-1] += element.text or ""
            elif name in ("w:t", "w:delText"):
                self._text(found, element.text or "", inserted, deleted)
            elif name in _CHARACTERS and attribute(element, "type") not in ("page", "column"):
                self._text(found, _CHARACTERS[name], inserted, deleted)
            elif name == "w:sym":
                self._text(found, MASK, inserted, deleted, "(a symbol)")
            elif name in _NOTES:
                if not deleted:
                    found.notes.append((_NOTES[name], attribute(element, "id")))
                self._text(found, MASK, inserted, deleted)
            elif name == "mc:AlternateContent":
                self._run(_chosen(element), found, inserted, deleted)
            elif name in ("w:drawing", "w:pict", "w:object"):
                self._picture(element, found, inserted, deleted)
            elif name == "w:commentReference":
                self.anchors.setdefault(attribute(element, "id"), [])
                self.sections.setdefault(attribute(element, "id"), self.section)

    def _field(
        self, kind: str, found: _Paragraph, inserted: Mark | None, deleted: Mark | None
    ) -> None:
        """Follow a field: its result is a mask, but for a link's and those of the contents."""
        if kind == "begin":
            self.fields.append("")
            self.results.append(False)
        elif self.fields and kind == "separate":
            self.results[-1] = True
        elif self.fields and kind == "end":
            if not self._is_link(self.fields[-1]):
                self._text(found, MASK, inserted, deleted, final=True)
            self.fields.pop()
            self.results.pop()

    @staticmethod
    def _is_link(code: str) -> bool:
        return code.strip().upper().startswith("HYPERLINK")

    def _text(  # noqa: PLR0913 (what a run is)
        self,
        found: _Paragraph,
        text: str,
        inserted: Mark | None,
        deleted: Mark | None,
        shown: str = "",
        *,
        final: bool = False,
    ) -> None:
        if inserted and not self._counts(inserted):
            return
        if deleted and not self._counts(deleted):
            deleted = None
        inside = [code for code in self.fields if not self._is_link(code)]
        if inside and not final:
            # The words of a field's result are told by its mask.
            if not deleted and self.results[-1]:
                self._said(text)
            return
        if not deleted:
            self._said(shown or text)
        found.runs.append(Run(text, shown, inserted, deleted))

    def _said(self, text: str) -> None:
        for number in self.open:
            self.anchors[number].append(text)

    def _picture(
        self, element: Element, found: _Paragraph, inserted: Mark | None, deleted: Mark | None
    ) -> None:
        boxes = [one for one in element.iter() if name_of(one) == "w:txbxContent"]
        for box in boxes[:1]:
            self.read(box)
        if boxes:
            return
        self.pictures += not deleted
        told = next((one for one in element.iter() if name_of(one) == "wp:docPr"), None)
        words = attribute(told, "descr") or attribute(told, "title")
        if not words:
            shapes = (one for one in element.iter() if name_of(one) == "shape")
            words = next((attribute(one, "alt") for one in shapes), "")
        found.pictures.append((words, inserted, deleted))


def _joined(held: Block, block: Block) -> Block:
    """Return two paragraphs whose end between them is deleted; the one with words lasts."""
    lasting = held if held.text.strip() else block
    names = (*held.names, *block.names)
    return replace(lasting, runs=(*held.runs, *block.runs), names=names)


def _chosen(alternatives: Element) -> Element:
    found = child(alternatives, "mc:Choice")
    return alternatives if found is None else found


def _all(parent: Element, wanted: str) -> Iterator[Element]:
    """Yield rows of a table or cells of a row, those within content controls too."""
    for element in parent:
        name = name_of(element)
        if name == wanted:
            yield element
        elif name in ("w:sdt", *_AROUND):
            yield from _all(element, wanted)


def read_word(content: bytes, where: Place, author: str = "") -> WordText:
    """Return a DOCX as its blocks and comments.

    With an `author`, what others tracked counts as rejected. Raises OutputError for what is no
    Word document, or nested deeper than any person's.
    """
    try:
        package = open_package(content, where)
        reader = _Reader(package, author)
        reader.styles = dict(_styles(package.part("styles")))
        for kind in _NOTES.values():
            for note in package.part(kind) or ():
                reader.notes[kind, attribute(note, "id")] = note
        reader.read(child(package.main, "w:body") or ())
        comments = tuple(_comments(package, reader))
    except ValueError as error:
        raise OutputError(Problem(where, f"is no Word document: {error}")) from None
    except RecursionError:
        raise OutputError(Problem(where, "is nested too deep to be read")) from None
    return WordText(
        tuple(reader.blocks),
        comments,
        reader.pictures,
        tuple(_properties(package)),
        tuple(dict.fromkeys(reader.unread)),
    )


def _styles(part: Element | None) -> Iterator[tuple[str, tuple[int, bool, bool]]]:
    """Yield of each style the level of its heading, whether it is of contents, and of lists."""
    found = {attribute(style, "styleId"): style for style in part or ()}

    def inherited(name: str, told: Callable[[Element], int]) -> int:
        seen = set()
        while name in found and name not in seen:
            seen.add(name)
            if value := told(found[name]):
                return value
            name = attribute(child(found[name], "w:basedOn"), "val")
        return 0

    for name in found:
        yield (
            name,
            (
                inherited(name, _heading_level),
                bool(_CONTENTS.match(attribute(child(found[name], "w:name"), "val"))),
                bool(inherited(name, lambda one: child(one, "w:pPr", "w:numPr") is not None)),
            ),
        )


def _heading_level(style: Element) -> int:
    match = _HEADING.fullmatch(attribute(child(style, "w:name"), "val"))
    return int(match[1]) if match else 0


def _properties(package: Package) -> Iterator[str]:
    """Yield the texts among the properties of the file, one of which may name its report."""
    for name in sorted(package.parts):
        if name.startswith("docProps/"):
            for element in _parsed(package.parts[name]):
                yield from filter(None, ((element.text or "").strip(),))


def _parsed(content: bytes) -> Sequence[Element]:
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

    return list(fromstring(content, forbid_dtd=True).iter())


def _comments(package: Package, reader: _Reader) -> Iterator[Comment]:
    """Yield the comments in the order of the text, replies with what they answer."""
    threads: dict[str, tuple[str, bool]] = {}
    for one in package.part("commentsExtended") or ():
        threads[attribute(one, "paraId")] = (
            attribute(one, "paraIdParent"),
            attribute(one, "done") in ("1", "true"),
        )
    found: dict[str, tuple[str, Comment]] = {}
    last: dict[str, str] = {}  # paragraph -> comment
    for element in package.part("comments") or ():
        number = attribute(element, "id")
        paragraphs = [one for one in element.iter() if name_of(one) == "w:p"]
        identity = attribute(paragraphs[-1], "paraId") if paragraphs else ""
        parent, resolved = threads.get(identity, ("", False))
        last[identity] = number
        text = "\n".join(
            "".join(one.text or "" for one in paragraph.iter() if name_of(one) == "w:t")
            for paragraph in paragraphs
        )
        anchor = " ".join("".join(reader.anchors.get(number, ())).replace(MASK, " ").split())
        section = reader.sections.get(number, "")
        comment = Comment(reader.mark(element), text.strip(), anchor, section, resolved)
        found[number] = (parent, comment)
    order = [*reader.anchors, *(one for one in found if one not in reader.anchors)]
    for number in order:
        if number in found and last.get(found[number][0], "") not in found:
            replies = tuple(
                reply for parent, reply in found.values() if parent and last.get(parent) == number
            )
            yield replace(found[number][1], replies=replies)
