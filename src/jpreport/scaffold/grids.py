"""Read a file that nobody has described: its tables as lines of cells, and how it is written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jpreport.data.cleaning import squared
from jpreport.data.contract import Cell
from jpreport.data.parquet import ParquetError, open_parquet
from jpreport.errors import DataError, Place, Problem
from jpreport.files.sheets import At, Sheet
from jpreport.files.workbook import BROKEN, read_sheets

READABLE = (".xlsx", ".ods", ".csv", ".tsv", ".txt", ".parquet")
_DELIMITERS = ",;\t|"
_CODE_PAGES = ["cp1252", "cp1250", "cp1251", "cp1256", "utf_16"]
# Letters with a caron, an acute or an ogonek in cp1250: without them its others are Western ones.
_CENTRAL = {0x8A, 0x8E, 0x9A, 0x9E, 0x9F, 0xB9}
_SAMPLE = 200  # lines that tell how a text file is separated


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet or file as lines of cells; `dialect` and `encoding` are how to read it again.

    `merged` are areas by their first and last cell; `hidden` says in words what is not seen.
    """

    path: Path
    kind: str
    lines: Sequence[Sequence[Cell]]
    sheet: str = ""
    dialect: dict[str, Any] = field(default_factory=dict)
    encoding: str = "utf-8"
    merged: tuple[tuple[At, At], ...] = ()
    hidden: tuple[str, ...] = ()

    def from_row(self, row: int) -> Grid:
        """Return the grid with nothing above a row, which keeps its number."""
        lines = [*([None] * len(line) for line in self.lines[: row - 1]), *self.lines[row - 1 :]]
        merged = tuple(area for area in self.merged if area[0][0] >= row)
        return replace(self, lines=lines, merged=merged)


def files_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files that can be read, those of folders by name; raises DataError for others."""
    found: list[Path] = []
    problems = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.suffix.lower() in READABLE)
            found += [one for one in inside if not one.name.startswith(("~$", "."))]
            if not inside:
                hint = f"it can read {', '.join(READABLE)}"
                problems.append(Problem(Place(str(path)), "holds no file of records", hint))
        elif not path.is_file():
            problems.append(Problem(Place(str(path)), "is not there", "correct the name"))
        elif path.suffix.lower() not in READABLE:
            hint = f"save it as one of {', '.join(READABLE)}"
            message = f'the format "{path.suffix or path.name}" cannot be read'
            problems.append(Problem(Place(str(path)), message, hint))
        else:
            found.append(path)
    if problems:
        raise DataError(problems)
    return found


def grids_of(path: Path) -> Iterator[Grid]:
    """Yield the tables of a file; raises DataError where it cannot be read."""
    content = path.read_bytes()
    match path.suffix.lower():
        case ".xlsx" | ".ods":
            yield from _sheets(path, content)
        case ".parquet":
            yield _parquet(path, content)
        case _:
            yield _text(path, content)


def _sheets(path: Path, content: bytes) -> Iterator[Grid]:
    try:
        for sheet in read_sheets(content):
            yield _sheet(path, sheet)
    except BROKEN:
        hint = f"open it in Excel or LibreOffice and save it as {path.suffix}, without a password"
        raise DataError(Problem(Place(str(path)), "is no workbook", hint)) from None


def _sheet(path: Path, sheet: Sheet) -> Grid:
    hidden = []
    if not sheet.visible:
        hidden.append("the sheet is hidden")
    if sheet.hidden_rows:
        hidden.append(f"hidden rows: {_listed(sheet.hidden_rows)}; they count like all others")
    if sheet.hidden_columns:
        hidden.append(f"hidden columns: {_listed(sheet.hidden_columns)}; they are read")
    if sheet.uncalculated:
        hidden.append(f"{len(sheet.uncalculated)} formulas without a result: save it in Excel")
    return Grid(
        path,
        path.suffix[1:].lower(),
        squared(sheet.lines),
        sheet.name,
        {"sheetName": sheet.name},
        merged=tuple(sheet.merged),
        hidden=tuple(hidden),
    )


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return f"{shown} and {len(numbers) - 5} more" if len(numbers) > 5 else shown  # noqa: PLR2004


def _parquet(path: Path, content: bytes) -> Grid:
    try:
        schema, blocks = open_parquet(io.BytesIO(content))
        columns = [[column.to_pylist() for column in block] for block in blocks]
    except ParquetError:
        raise DataError(Problem(Place(str(path)), "is not a Parquet file")) from None
    rows = (row for block in columns for row in zip(*block, strict=True))
    return Grid(path, "parquet", [schema.names, *rows])


def _text(path: Path, content: bytes) -> Grid:
    from charset_normalizer import from_bytes

    encoding = "utf-8"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Short texts tell little: the code pages of the languages of the field come first.
        best = from_bytes(content, cp_isolation=_CODE_PAGES).best() or from_bytes(content).best()
        if best is None:
            message = "is no text in an encoding that is known"
            raise DataError(Problem(Place(str(path)), message, 'save it as "CSV UTF-8"')) from None
        encoding = best.encoding.replace("_", "-")
        if encoding == "cp1250" and not _CENTRAL & set(content):
            encoding = "cp1252"
        text = content.decode(encoding)
    delimiter = _delimiter(text)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    dialect = {} if delimiter == "," else {"delimiter": delimiter}
    return Grid(path, "csv", lines, dialect=dialect, encoding=encoding)


def _delimiter(text: str) -> str:
    """Return the character that cuts most lines into the same number of parts, the most of them."""
    best, most = ",", (0, 0)
    for delimiter in _DELIMITERS:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = [len(row) for row, _ in zip(rows, range(_SAMPLE), strict=False) if any(row)]
        usual = max(set(widths), key=widths.count, default=1)
        score = (widths.count(usual) if usual > 1 else 0, usual)
        if score > most:
            best, most = delimiter, score
    return best
