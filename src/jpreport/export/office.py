"""Office Open XML: the figures of a report in a part of its file, and its seal."""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from jpreport.document.attachments import attachments
from jpreport.document.blocks import Document
from jpreport.document.provenance import NAME
from jpreport.files.archive import zipped

# Custom XML: what Word, and LibreOffice if it has its name and its properties, keep when they save.
_PART, _PROPERTIES = "customXml/item1.xml", "customXml/itemProps1.xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_RELATION = f'<Relationship Id="rIdFigures" Target="../{{}}" Type="{_OFFICE}/relationships/{{}}"/>'
_RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
_ITEM = (
    f'<ds:datastoreItem xmlns:ds="{_OFFICE}/customXml" '
    'ds:itemID="{6E9C1F0A-0B5B-4F0B-9C1E-0D5B7E3A9C11}"><ds:schemaRefs/></ds:datastoreItem>'
)
_TYPE = (
    f'<Override PartName="/{_PROPERTIES}" ContentType='
    '"application/vnd.openxmlformats-officedocument.customXmlProperties+xml"/>'
)
_FIGURES = '<figures xmlns="urn:jpreport:figures" type="application/zip">{}</figures>'
_CODED = re.compile(rb">([\w+/=]*)</figures>")


def office_file(members: Mapping[str, bytes], document: Document, main: str) -> bytes:
    """Return the file of a document from the parts of its package, sealed.

    `main` is the part that the others belong to, such as "xl/workbook.xml".
    """
    parts = dict(members)
    if files := attachments(document):
        packed = base64.b64encode(zipped({file.name: file.content for file in files}))
        parts[_PART] = _FIGURES.format(packed.decode()).encode()
        parts[_PROPERTIES] = _ITEM.encode()
        of_item = _RELATION.format(_PROPERTIES, "customXmlProps")
        parts["customXml/_rels/item1.xml.rels"] = f"{_RELATIONS}{of_item}</Relationships>".encode()
        folder, _, name = main.rpartition("/")
        for part, more in (
            (f"{folder}/_rels/{name}.rels", _RELATION.format(_PART, "customXml")),
            ("[Content_Types].xml", _TYPE),
        ):
            opening, end, rest = parts[part].rpartition(b"</")
            parts[part] = opening + more.encode() + end + rest
    return zipped(parts, sealed=True)


def office_provenance(content: bytes) -> bytes:
    """Return the provenance that a file of `office_file` carries, b"" where there is none.

    Raises ValueError for what is no such file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if _PART not in archive.namelist():
                return b""
            coded = _CODED.search(archive.read(_PART))
            packed = base64.b64decode(coded[1] if coded else b"", validate=True)
            with zipfile.ZipFile(io.BytesIO(packed)) as figures:
                return figures.read(NAME)
    except (ValueError, zipfile.BadZipFile, zlib.error, KeyError, EOFError):
        raise ValueError(f"its {NAME} was altered, or it is no Office file") from None
