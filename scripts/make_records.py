"""Write the synthetic records of the Joint Programme to `data/`, the same bytes each time.

The records behind the programme's public page are not public; `synthetic_records.py` invents rows
that add up to its figures. `--check` writes nothing and exits 1 if the files on disk differ.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.styles import Font
from synthetic_records import Row, make_tables

DATA = Path(__file__).resolve().parent.parent / "data"
FIXED_TIME = b"2026-11-23T00:00:00Z"  # stands for the time at which a workbook was saved
PARQUET = ("counselling_sessions",)
WORKBOOK = {"campaigns": "Campaigns", "campaign_events": "Events"}  # table: sheet


def text(value: object) -> str:
    """Return a value as a CSV cell: ISO 8601 dates, lower-case booleans, nothing for None."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """Return the rows as CSV: UTF-8, a header, line feeds."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows([text(value) for value in row.values()] for row in rows)
    return sheet.getvalue().encode()


def parquet_bytes(rows: Sequence[Row]) -> bytes:
    """Return the rows as Parquet, not compressed: a codec's bytes depend on its version."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink, compression="none")
    return sink.getvalue()


def workbook_bytes(sheets: Mapping[str, Sequence[Row]]) -> bytes:
    """Return an XLSX workbook with one sheet a table."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
        sheet.freeze_panes = "A2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column in sheet.columns:
            width = max(len(str(cell.value)) for cell in column)
            sheet.column_dimensions[column[0].column_letter].width = width + 2
            for cell in column:
                if isinstance(cell.value, date):
                    cell.number_format = "yyyy-mm-dd"
    saved = io.BytesIO()
    workbook.save(saved)
    return without_time(saved)


def without_time(saved: io.BytesIO) -> bytes:
    """Return the workbook without the time of saving and without compression."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"[-\d]{10}T[:\d]{8}Z", FIXED_TIME, content)
            target.writestr(zipfile.ZipInfo(name), content)
    return fixed.getvalue()


def make_files() -> dict[str, bytes]:
    """Return the content of every data file by its name."""
    tables = make_tables()
    files = {"campaigns.xlsx": workbook_bytes({s: tables[t] for t, s in WORKBOOK.items()})}
    for name, rows in tables.items():
        if name in PARQUET:
            files[f"{name}.parquet"] = parquet_bytes(rows)
        elif name not in WORKBOOK:
            files[f"{name}.csv"] = csv_bytes(rows)
    return files


def main() -> int:
    """Write the files, or compare them; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare with what is on disk")
    parser.add_argument("--output", type=Path, default=DATA, help="folder (default: data/)")
    arguments = parser.parse_args()
    folder: Path = arguments.output
    files = make_files()
    if arguments.check:
        differing = [
            name
            for name, content in files.items()
            if not (folder / name).is_file() or (folder / name).read_bytes() != content
        ]
        for name in differing:
            sys.stderr.write(f"{folder / name}: differs from what this script writes\n")
        return 1 if differing else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        sys.stdout.write(f"{folder / name}: {len(content):,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
