"""Row headers and suppressed cells in the tags of a PDF: what Typst cannot say yet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from jpreport.export.pdf_glyphs import tell_marks_apart
from jpreport.forms.tables import SUPPRESSED_WORD
from jpreport.language import current

# Elements of the structure tree are dictionaries of a PDF, of any shape.
Element = Any


def listed(element: Element, key: str) -> list[Any]:
    """Return what an element has under a key: nothing, one object, or an array of them."""
    found = element.get(key)
    if isinstance(found, Array):
        return list(found)
    return [] if found is None else [found]


def kids_of(element: Element) -> list[Element]:
    """Return the structure elements below one, without the content they mark."""
    found = listed(element, "/K")
    return [kid for kid in found if isinstance(kid, Dictionary) and "/S" in kid]


def _tables(root: Element) -> Iterator[Element]:
    """Yield the tables in reading order."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.get("/S") == Name.Table:
            yield element
        else:
            waiting += reversed(kids_of(element))


def _attributes(cell: Element) -> Element:
    """Return the attributes that a cell has as a part of a table; made where there are none."""
    owned = listed(cell, "/A")
    for item in owned:
        if item.get("/O") == Name.Table:
            return item
    cell.A = Array([*owned, Dictionary(O=Name.Table)])
    return cell.A[-1]


def _is_row_header(cell: Element) -> bool:
    """Say whether a data cell holds one Strong and nothing else: the mark of the template."""
    kids = listed(cell, "/K")
    return len(kids) == 1 and isinstance(kids[0], Dictionary) and kids[0].get("/S") == Name.Strong


def _overlined(element: Element) -> bool:
    return any(item.get("/TextDecorationType") == Name.Overline for item in listed(element, "/A"))


def _say_suppressed(cell: Element) -> None:
    """Let the sign of a suppressed cell be read out as a word: it has the template's own line."""
    waiting = kids_of(cell)
    while waiting:
        element = waiting.pop()
        if _overlined(element):
            element.ActualText = String(current().say(SUPPRESSED_WORD))
            del element.A
        else:
            waiting += kids_of(element)


class _Marker:
    """Gives the cells of one table their headers; `names` collects the new IDs."""

    def __init__(self, number: int, names: dict[bytes, Element]) -> None:
        self.number = number
        self.names = names
        self.columns: dict[int, list[String]] = {}
        self.section: list[String] = []
        self.row = 0

    def mark(self, table: Element) -> None:
        for group in kids_of(table):
            # A table without column headers has its rows directly below it.
            rows = [group] if Name.TR == group.S else kids_of(group)
            for row in rows:
                if row.get("/S") == Name.TR:
                    self._mark_row(kids_of(row), head=Name.THead == group.S)
                    self.row += 1

    def _mark_row(self, cells: list[Element], *, head: bool) -> None:
        place = 0
        beside: list[String] = []
        for cell in cells:
            _say_suppressed(cell)
            attributes = _attributes(cell)
            span = int(attributes.get("/ColSpan", 1))
            if head:
                # The cell above columns of no group has no content.
                covered = range(place, place + span) if listed(cell, "/K") else ()
                for column in covered:
                    self.columns.setdefault(column, []).append(cell.ID)
            elif Name.TH == cell.S:  # it spans the table: the rows below are under it
                self.section = [cell.ID]
                attributes.Headers = Array([])
            else:
                above = [*self.columns.get(place, []), *self.section]
                # Row headers stand together at the start of a row.
                if len(beside) == place and _is_row_header(cell):
                    beside.append(self._promote(cell, attributes, place))
                    attributes.Headers = Array(above)
                else:
                    attributes.Headers = Array([*above, *beside])
            place += span

    def _promote(self, cell: Element, attributes: Element, place: int) -> String:
        name = f"R{self.number}x{place}y{self.row}"
        cell.S = Name.TH
        cell.ID = String(name)
        attributes.Scope = Name.Row
        self.names[name.encode()] = cell
        return String(name)


def _index(root: Element, names: dict[bytes, Element]) -> None:
    """Write the new IDs into the tree of IDs, which is sorted by its bytes."""
    tree = root.get("/IDTree")
    old = list(tree.get("/Names", [])) if tree is not None else []
    known = {bytes(name): element for name, element in zip(old[::2], old[1::2], strict=True)}
    known.update(names)
    flat = [
        item for name in sorted(known) for item in (String(name.decode("latin-1")), known[name])
    ]
    root.IDTree = Dictionary(Names=Array(flat))


def _name_languages(document: pikepdf.Pdf, tags: Mapping[str, str]) -> None:
    """Let a file say its languages as the report does: Typst knows no scripts."""
    tags = {code: tag for code, tag in tags.items() if code != tag}
    if not tags:
        return
    info = document.Root.Metadata
    own = str(document.Root.Lang)
    said, new = (f"<rdf:li>{one}</rdf:li>".encode() for one in (own, tags.get(own, own)))
    info.write(info.read_bytes().replace(said, new))
    waiting = [document.Root, document.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop()
        if (tag := tags.get(str(element.get("/Lang")))) is not None:
            element.Lang = String(tag)
        waiting += kids_of(element)
    for page in document.pages:
        content = page.Contents.read_bytes()
        for code, tag in tags.items():
            content = content.replace(f"/Lang({code})>>".encode(), f"/Lang({tag})>>".encode())
        page.Contents.write(content)


def tagged(pdf: bytes, languages: Mapping[str, str]) -> tuple[bytes, int]:
    """Return a PDF whose tables name their row headers, and its number of pages.

    `languages` are tags of BCP 47, as the file is to say them, by the codes that it has.

    In the template a row header is a cell that holds one Strong. It becomes a TH of scope Row,
    and each cell lists all headers that apply to it: columns, groups, section and row.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root.StructTreeRoot
        names: dict[bytes, Element] = {}
        for number, table in enumerate(_tables(root), start=1):
            _Marker(number, names).mark(table)
        if names:
            _index(root, names)
        tell_marks_apart(document)
        _name_languages(document, languages)
        out = io.BytesIO()
        document.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            # Encoding the same bytes again could differ between releases of zlib.
            recompress_flate=False,
        )
        return out.getvalue(), len(document.pages)
