"""Read a sheet of a workbook of Excel or OpenDocument."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import iterparse

from jpreport.files.opendocument import is_opendocument, opendocument_sheets
from jpreport.files.sheets import At, Sheet

# What openpyxl lets through from its parsers, of which it may use either of two.
BROKEN = (
    zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, TypeError, OSError,
    EOFError, AttributeError, IndexError,
)  # fmt: skip


def read_sheet(content: bytes, wanted: str | int) -> Sheet | Sequence[str]:
    """Return a sheet by its name or number (from 1); the names of the sheets if it is not there.

    Raises one of `BROKEN` for what is no workbook.
    """
    if is_opendocument(content):
        sheets = {sheet.name: sheet for sheet in opendocument_sheets(content)}
        return sheets.get(_named([*sheets], wanted), [*sheets])
    pages = _pages(content)
    name = _named([*pages], wanted)
    return _sheet(content, pages[name]) if name in pages else [*pages]


def read_sheets(content: bytes) -> Iterator[Sheet]:
    """Yield the sheets of a workbook; raises one of `BROKEN` for what is none."""
    if is_opendocument(content):
        yield from opendocument_sheets(content)
    else:
        for page in _pages(content).values():
            yield _sheet(content, page)


def is_workbook(content: bytes) -> bool:
    """Say whether an archive is a workbook of either kind."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return is_opendocument(content) or "xl/workbook.xml" in archive.namelist()


def _named(names: list[str], wanted: str | int) -> str:
    return wanted if isinstance(wanted, str) else "".join(names[wanted - 1 : wanted])


def _pages(content: bytes) -> dict[str, Any]:
    """Return the sheets of a workbook of Excel by name, as openpyxl has them."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import (  # type: ignore[import-untyped]
        InvalidFileException,
    )

    # openpyxl warns of what it does not keep (validation lists, styles): we only read.
    with warnings.catch_warnings(action="ignore"):
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        except InvalidFileException as error:
            raise ValueError from error
    return {page.title: page for page in book.worksheets}


def _sheet(content: bytes, page: Any) -> Sheet:  # noqa: ANN401 (of openpyxl)
    # What some programs write as the sheet's size is wrong.
    page.reset_dimensions()
    with warnings.catch_warnings(action="ignore"):
        lines = list(page.iter_rows(values_only=True))
    found = Sheet(page.title, page.sheet_state == "visible", lines)
    # openpyxl tells of merged, hidden and uncalculated cells only if it loads all styles.
    archive = zipfile.ZipFile(io.BytesIO(content))
    with archive, archive.open(page._worksheet_path) as xml:  # noqa: SLF001
        _read_form(found, xml)
    return found


def _read_form(sheet: Sheet, xml: Any) -> None:  # noqa: ANN401 (a binary file)
    from openpyxl.utils.cell import (  # type: ignore[import-untyped]
        coordinate_to_tuple,
        range_boundaries,
    )

    for _, element in iterparse(xml):  # noqa: S314 (openpyxl has parsed it before)
        match element.tag.rpartition("}")[2]:
            case "c" if (
                element.find("{*}f") is not None
                and not element.findtext("{*}v")
                and element.get("t") != "str"  # an empty text is a result
            ):
                sheet.uncalculated.append(coordinate_to_tuple(element.get("r")))
            case "row":
                if _true(element.get("hidden")):
                    sheet.hidden_rows.append(int(element.get("r", 0)))
                element.clear()
            case "col" if _true(element.get("hidden")):
                columns = range(int(element.get("min", 1)), int(element.get("max", 1)) + 1)
                sheet.hidden_columns += columns
            case "mergeCell":
                left, top, right, bottom = range_boundaries(element.get("ref"))
                sheet.merged.append(((top, left), (bottom, right)))


def _true(value: str | None) -> bool:
    return value in {"1", "true"}


def cell_name(at: At) -> str:
    """Return a cell as Excel names it: B3."""
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    return f"{get_column_letter(at[1])}{at[0]}"


def areas(sheet: Sheet, rows: Sequence[int], columns: Sequence[int]) -> Iterator[str]:
    """Yield the names of the merged areas that lie in some rows and columns."""
    for first, last in sheet.merged:
        if any(first[0] <= row <= last[0] for row in rows) and any(
            first[1] <= column <= last[1] for column in columns
        ):
            yield f"{cell_name(first)}:{cell_name(last)}"
