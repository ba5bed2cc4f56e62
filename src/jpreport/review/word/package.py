"""The parts of an OOXML package that somebody else wrote: bounded, and never more than XML."""

from __future__ import annotations

import hashlib
import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from jpreport.errors import OutputError, Place, Problem

# A report of 300 pages has 6 MB of XML.
_MOST_BYTES = 64 * 2**20
_MOST_MEDIA = 256 * 2**20  # photographs
_MOST_PARTS = 10_000
_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
    "http://schemas.microsoft.com/office/word/2012/wordml": "w15",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp",
}
_MAIN = "officeDocument"


def name_of(element: Element) -> str:
    """Return an element's name with the usual prefix: "w:p"; without one in other vocabularies."""
    space, _, name = element.tag.removeprefix("{").rpartition("}")
    prefix = _PREFIXES.get(space)
    return f"{prefix}:{name}" if prefix else name


def attribute(element: Element | None, name: str) -> str:
    """Return an attribute by its name without prefix; "" where there is none."""
    if element is None:
        return ""
    found = (value for key, value in element.items() if key.rpartition("}")[2] == name)
    return next(found, "")


def child(element: Element | None, *names: str) -> Element | None:
    """Return the descendant at a path of names, the first of each; None where there is none."""
    for name in names:
        if element is None:
            return None
        element = next((one for one in element if name_of(one) == name), None)
    return element


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a document by name, and the names of those that the main part leads to."""

    main: Element
    parts: Mapping[str, bytes] = field(repr=False)
    related: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    def targets(self, kind: str = "") -> dict[str, str]:
        """Return where a part leads, the main one for "", by the id of each relation.

        That is an address outside of the package, or the digest of a file in it.
        """
        name = self.related.get(kind, "") if kind else self.name
        return {
            attribute(one, "Id"): self.media.get(target, target)
            for one, target in _relations(self.parts, name)
        }

    def part(self, kind: str) -> Element | None:
        """Return the part that a relation of the main part leads to ("comments"), if there is."""
        content = self.parts.get(self.related.get(kind, ""))
        return None if content is None else _xml(content)

    def named(self, start: str) -> list[Element]:
        """Return the parts whose name starts so, in the order of their names."""
        return [_xml(self.parts[name]) for name in sorted(self.parts) if name.startswith(start)]


def open_package(content: bytes, where: Place) -> Package:
    """Return a DOCX as its parts.

    Raises OutputError for what is no DOCX, is encrypted or damaged, unpacks to more than 64 MB of
    text or 256 MB of pictures, or has a document type (and so might have entities).
    """
    hint = "save it as a Word document (.docx) and send that"
    try:
        parts, media = _unpacked(content)
        main = dict(_related(parts, "")).get(_MAIN, "")
        package = Package(_main(parts, main), parts, dict(_related(parts, main)), media, main)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
        said = "it is no ZIP archive" if isinstance(error, zipfile.BadZipFile) else str(error)
        raise OutputError(Problem(where, f"is no Word document: {said}", hint)) from None
    return package


def _main(parts: Mapping[str, bytes], name: str) -> Element:
    root = _xml(parts[name]) if name in parts else None
    if root is None or name_of(root) != "w:document":
        raise ValueError("it holds no text document")
    return root


def _unpacked(content: bytes) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the XML of an archive, and the digests of its other files."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > _MOST_PARTS:
            raise ValueError(f"it has {len(entries)} parts")
        left = {True: _MOST_BYTES, False: _MOST_MEDIA}
        parts: dict[str, bytes] = {}
        media: dict[str, str] = {}
        for entry in entries:
            is_xml = entry.filename.endswith((".xml", ".rels"))
            # What an archive says of its sizes is not to be trusted.
            with archive.open(entry) as file:
                read = file.read(left[is_xml] + 1)
            left[is_xml] -= len(read)
            if left[is_xml] < 0:
                raise ValueError("it unpacks to more than any report has")
            if is_xml:
                parts[entry.filename] = read
            else:
                media[entry.filename] = hashlib.sha256(read).hexdigest()
    return parts, media


def _xml(content: bytes) -> Element:
    """Return a part as read; raises ValueError."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        raise ValueError(f"a part of it is broken: {error}") from None
    return root


def _related(parts: Mapping[str, bytes], part: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of the parts that a part leads to, those inside the package only."""
    for relation, target in _relations(parts, part):
        if attribute(relation, "TargetMode") != "External":
            yield attribute(relation, "Type").rpartition("/")[2], target


def _relations(parts: Mapping[str, bytes], part: str) -> Iterator[tuple[Element, str]]:
    """Yield the relations of a part, each with the address or the name of what it leads to."""
    folder, name = posixpath.split(part)
    content = parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    for relation in () if content is None else _xml(content):
        target = attribute(relation, "Target")
        if attribute(relation, "TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        yield relation, target
