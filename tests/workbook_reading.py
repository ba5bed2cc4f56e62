"""Workbooks as those who read them see them, for the tests of what is written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import openpyxl  # type: ignore[import-untyped]

ODF = {
    one: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
    for one, name in (
        *(("office", "office"), ("table", "table"), ("text", "text"), ("style", "style")),
        *(("config", "config"), ("number", "datastyle"), ("fo", "xsl-fo-compatible")),
        ("meta", "meta"),
    )
} | {"dc": "http://purl.org/dc/elements/1.1/"}


@dataclass(frozen=True)
class Page:
    """A sheet of a file as its reader sees it."""

    name: str
    rows: list[list[object]]
    styles: list[str]
    wrapped: bool
    merged: int
    hidden: bool
    table: str
    area: str
    filters: bool
    frozen: int
    selected: str


@dataclass(frozen=True)
class Opened:
    """A file as its reader sees it."""

    pages: list[Page]
    active: str
    about: dict[str, str]


def opened(name: str, made: bytes) -> Opened:
    return _xlsx(made) if name == "xlsx" else _ods(made)


def _xlsx(made: bytes) -> Opened:
    book = openpyxl.load_workbook(io.BytesIO(made))
    pages = []
    for sheet in book.worksheets:
        [marked] = sheet.tables.values()
        top = sheet[marked.ref][0][0].row
        pages.append(
            Page(
                sheet.title,
                [[cell.value for cell in row] for row in sheet.iter_rows()],
                [row[0].style for row in sheet.iter_rows()],
                all(cell.alignment.wrap_text for row in sheet[marked.ref] for cell in row),
                len(sheet.merged_cells.ranges),
                sheet.sheet_state != "visible"
                or any(one.hidden for one in sheet.row_dimensions.values())
                or any(one.hidden for one in sheet.column_dimensions.values()),
                marked.displayName,
                marked.ref,
                marked.autoFilter is not None,
                int(sheet.freeze_panes[1:]) - 1,
                sheet.sheet_view.selection[-1].activeCell,
            )
        )
        assert sheet.print_title_rows == f"${top}:${top}"
        assert [one.name for one in marked.tableColumns] == [c.value for c in sheet[marked.ref][0]]
    about = {
        key: getattr(book.properties, key) or ""
        for key in ("title", "subject", "language", "creator", "created", "modified")
    }
    return Opened(pages, book.active.title, about)


def _ods(made: bytes) -> Opened:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        body, view, meta, styles = (
            ET.fromstring(archive.read(f"{one}.xml"))  # noqa: S314 (our own)
            for one in ("content", "settings", "meta", "styles")
        )
    named = {one.get(quoted("style", "name")): one for one in body.iterfind(".//style:style", ODF)}
    titles = {
        one.get(quoted("style", "name")): one.get(quoted("style", "display-name"), "")
        for one in styles.iterfind(".//style:style", ODF)
    }
    ranges = {
        one.get(quoted("table", "target-range-address"), "").partition(".")[0].strip("'"): one
        for one in body.iterfind(".//table:database-range", ODF)
    }
    pages = []
    for sheet in body.iterfind(".//table:table", ODF):
        title = sheet.get(quoted("table", "name"), "")
        marked = ranges[title]
        rows = [[*row] for row in sheet.iter(quoted("table", "table-row"))]
        parents = [
            named[key].get(quoted("style", "parent-style-name"), "") if key in named else key
            for row in rows
            for key in [row[0].get(quoted("table", "style-name"), "")]
        ]
        settings_ = {
            one.get(quoted("config", "name")): one.text
            for entry in view.iterfind(".//config:config-item-map-entry", ODF)
            if entry.get(quoted("config", "name")) == title
            for one in entry
        }
        top = len(rows) - len([*_below(rows)])
        pages.append(
            Page(
                title,
                [[_cell(cell) for cell in row] for row in rows],
                [titles[one] for one in parents],
                all(
                    named[cell.get(quoted("table", "style-name"), "")]
                    .find("style:table-cell-properties", ODF)
                    .get(quoted("fo", "wrap-option"))  # type: ignore[union-attr]
                    == "wrap"
                    for row in rows[top:]
                    for cell in row
                ),
                sum(
                    quoted("table", "number-columns-spanned") in cell.attrib
                    for row in rows
                    for cell in row
                ),
                any(one.get(quoted("table", "visibility")) for one in sheet.iter()),
                marked.get(quoted("table", "name"), ""),
                marked.get(quoted("table", "target-range-address"), "").replace(f"'{title}'.", ""),
                marked.get(quoted("table", "display-filter-buttons")) != "false",
                int(settings_["VerticalSplitPosition"] or 0),
                "A1" if settings_["CursorPositionX"] == settings_["CursorPositionY"] == "0" else "",
            )
        )
        header = sheet.find("table:table-header-rows", ODF)
        assert header is not None
        assert len(header) == 1
    [active] = [
        one.text or ""
        for one in view.iterfind(".//config:config-item", ODF)
        if one.get(quoted("config", "name")) == "ActiveTable"
    ]
    default = styles.find(".//style:default-style/style:text-properties", ODF)
    assert default is not None
    said = {key: meta.findtext(f".//{key}", "", ODF) for key in ("dc:title", "dc:subject")}
    about = {
        "title": said["dc:title"],
        "subject": said["dc:subject"],
        "language": meta.findtext(".//dc:language", "", ODF),
        "creator": meta.findtext(".//dc:creator", "", ODF),
        "spoken": default.get(quoted("fo", "language"), ""),
    }
    return Opened(pages, active, about)


def quoted(space: str, name: str) -> str:
    return f"{{{ODF[space]}}}{name}"


def _below(rows: list[list[ET.Element]]) -> Iterator[list[ET.Element]]:
    widest = max(map(len, rows))
    yield from (row for row in rows if len(row) == widest)


def _cell(cell: ET.Element) -> object:
    number = cell.get(quoted("office", "value"))
    if number is not None:
        return float(number)
    return "\n".join("".join(one.itertext()) for one in cell.iterfind("text:p", ODF))
