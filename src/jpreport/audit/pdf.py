"""Read a PDF: pages, every string of its objects, metadata, attachments."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pikepdf

from jpreport.audit.items import PAGE, SOFT, Inner, Item, Text, Unread
from jpreport.errors import Place
from jpreport.files.pdfium import PDFIUM

# How pdfium shows a hyphen at the end of a line.
_HYPHEN = re.compile(r"[\ufffe\x02]\s*")

# What the keys of a PDF's dictionaries are to a reader.
_KEYS = {
    "/Alt": "alternative text",
    "/ActualText": "replacement text",
    "/Contents": "annotation",
    "/Title": "title or bookmark",
    "/URI": "link",
    "/TU": "form field",
    "/V": "form field",
    "/Desc": "description of an attachment",
    "/UF": "name of an attachment",
    "/F": "name of an attachment",
}
# Streams that draw, or that say how to: glyphs, pixels, colours, maps of characters.
_DRAWN = {"/Image", "/Form", "/Type1C", "/CIDFontType0C", "/OpenType"}
_OF_FONTS = (pikepdf.Name.Font, pikepdf.Name.FontDescriptor)
_FONTS = ("/FontFile", "/FontFile2", "/FontFile3", "/ToUnicode", "/CIDToGIDMap", "/CIDSet")


# A mark within what is drawn, and what it says: a name, or a dictionary with nothing in it but
# strings. Marks of another form are left to a parser of all that is drawn, which takes its time.
_MARK = re.compile(rb"\b(?:BDC|DP)\b")
_SAID = re.compile(
    rb"(/[^\s<>()\[\]{}/%]+|<<(?:[^<>()]|\((?:[^\\()]|\\.)*\)|<[0-9A-Fa-f\s]*>)*>>)"
    rb"\s*(?:BDC|DP)\b",
    re.DOTALL,
)
# Where a string begins in what an object is written as.
_STRING = re.compile(rb"\(|(?<!<)<(?!<)")


def _strings(value: Any, key: str, depth: int = 0) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield (key, string) of a direct object; what it refers to is visited on its own."""
    if isinstance(value, pikepdf.String):
        yield key, str(value)
    elif isinstance(value, pikepdf.Array):
        for item in value:
            if not _indirect(item) and depth < 20:  # noqa: PLR2004 (deeper is no document)
                yield from _strings(item, key, depth + 1)
    elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        names = value.keys()
        for name in names:
            item = value[name]
            if not _indirect(item) and depth < 20:  # noqa: PLR2004
                yield from _strings(item, str(name), depth + 1)


def _indirect(value: Any) -> bool:  # noqa: ANN401 (numbers and names are no objects)
    return isinstance(value, pikepdf.Object) and value.is_indirect


def _drawing(document: pikepdf.Pdf) -> set[tuple[int, int]]:
    """Return the streams that hold glyphs or what is drawn; their words are read by page."""
    found: set[tuple[int, int]] = set()
    for page in document.pages:
        contents = page.obj.get("/Contents")
        parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        found |= {part.objgen for part in parts if isinstance(part, pikepdf.Object)}
    for thing in document.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") in _OF_FONTS:
            for key in _FONTS:
                value = thing.get(key)
                if isinstance(value, pikepdf.Object):
                    found.add(value.objgen)
    return found


def _marked(where: Place, drawn: pikepdf.Page | pikepdf.Stream) -> Iterator[Item]:
    """Yield the texts that marks within what is drawn put in its place."""
    content = _content(drawn)
    said = _SAID.findall(content)
    if len(_MARK.findall(content)) == len(said):
        marks = [pikepdf.Object.parse(one) for one in said if _STRING.search(one)]
    else:
        parsed = pikepdf.parse_content_stream(drawn, "BDC DP")
        of_marks = (one for one in parsed if isinstance(one, pikepdf.ContentStreamInstruction))
        marks = [operand for one in of_marks for operand in one.operands]
    for mark in marks:
        for key, text in _strings(mark, ""):
            yield Text(where.at(_KEYS.get(key, key)), text, key.lstrip("/"))


def _content(drawn: pikepdf.Page | pikepdf.Stream) -> bytes:
    if isinstance(drawn, pikepdf.Stream):
        return drawn.read_bytes()
    contents = drawn.obj.get("/Contents", pikepdf.Array())
    parts = contents if isinstance(contents, pikepdf.Array) else [contents]
    return b"\n".join(part.read_bytes() for part in parts if isinstance(part, pikepdf.Stream))


def _stream(where: Place, stream: pikepdf.Stream, inner: Inner) -> Iterator[Item]:
    kind = str(stream.get("/Type", ""))
    subtype = str(stream.get("/Subtype", ""))
    if kind in {"/XRef", "/ObjStm"}:
        return
    if subtype == "/Image":
        # The bytes of a JPEG picture stand in the file as they are, with what it says of itself.
        if "/DCTDecode" in str(stream.get("/Filter", "")):
            inner(where.at("picture"), "", stream.read_raw_bytes())
        return
    if subtype == "/Form":
        yield from _marked(where, stream)
        return
    content = stream.read_bytes()
    if subtype in _DRAWN or "/N" in stream or b"begincmap" in content[:400]:
        return
    place = where.at("metadata") if kind == "/Metadata" else where.at("stream")
    if kind != "/EmbeddedFile":  # those are read by their names
        inner(place, "", content)


def _objects(where: Place, document: pikepdf.Pdf, inner: Inner) -> Iterator[Item]:
    drawing = _drawing(document)
    everything: Iterable[Any] = document.objects  # numbers among them
    for thing in everything:
        if not isinstance(thing, pikepdf.Object):
            continue
        # Most of a tagged document says how it is built, and nothing else.
        stream = thing if isinstance(thing, pikepdf.Stream) else None
        if stream is None and not _STRING.search(thing.unparse(resolved=True)):
            continue
        for key, text in _strings(thing, ""):
            place = where.at(_KEYS.get(key, key.lstrip("/") or "text"))
            yield Text(place, text, key.lstrip("/"))
        if stream is not None and stream.objgen not in drawing:
            try:
                yield from _stream(where, stream, inner)
            except pikepdf.PdfError as error:
                yield Unread(where, f"a stream cannot be read: {error}")
    # Direct objects of the trailer, such as the document's information.
    for key, text in _strings(document.trailer, ""):
        if key != "/ID":
            yield Text(where.at(key.lstrip("/")), text, key.lstrip("/"))


def _attachments(where: Place, document: pikepdf.Pdf, inner: Inner) -> Iterator[Item]:
    for name, specification in document.attachments.items():
        place = where.at(f"attachment {name}")
        yield Text(place, name)
        try:
            content = specification.get_file().read_bytes()
        except (pikepdf.PdfError, ValueError, KeyError) as error:
            yield Unread(place, str(error))
        else:
            inner(place, name, content)


def _pages(where: Place, content: bytes) -> Iterator[Item]:
    try:
        import pypdfium2  # type: ignore[import-untyped]
    except ImportError:
        yield Unread(where, "the pages of a PDF cannot be read without pypdfium2")
        return
    try:
        with PDFIUM, pypdfium2.PdfDocument(content) as document:
            texts = [page.get_textpage().get_text_range() for page in document]
    except pypdfium2.PdfiumError as error:
        yield Unread(where, f"the pages cannot be read: {error}")
        return
    for number, text in enumerate(texts, 1):
        yield Text(where.at(f"page {number}"), _HYPHEN.sub(SOFT, text), PAGE)


def read_pdf(where: Place, content: bytes, inner: Inner) -> Iterator[Item]:
    """Yield all texts of a PDF; `inner` reads what is attached to it or embedded in it."""
    try:
        document = pikepdf.open(io.BytesIO(content))
    except pikepdf.PdfError as error:
        yield Unread(where, f"the PDF cannot be read: {error}")
        return
    with document:
        yield from _pages(where, content)
        for number, page in enumerate(document.pages, 1):
            yield from _marked(where.at(f"page {number}"), page)
        yield from _objects(where, document, inner)
        yield from _attachments(where, document, inner)
