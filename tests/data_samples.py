"""Small Data Packages for the tests of the room `data`."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow as pa
from openpyxl import Workbook
from pyarrow import parquet

from jpreport.data import Package, read_package
from jpreport.files.archive import zipped
from jpreport.files.opendocument import MEDIA_TYPE

Fields = Sequence[Mapping[str, Any]]


def field(name: str, kind: str = "string", **constraints: object) -> dict[str, Any]:
    return {"name": name, "type": kind, "constraints": constraints}


def resource(name: str, fields: Fields, path: str = "", **more: object) -> dict[str, Any]:
    """Return a resource; keys of the schema (primaryKey, ...) are told by their names."""
    keys = ("primaryKey", "foreignKeys", "missingValues")
    schema = {"fields": list(fields), **{key: more.pop(key) for key in keys if key in more}}
    return {"name": name, "path": path or f"{name}.csv", "schema": schema, **more}


def write_package(folder: Path, *resources: Mapping[str, Any], **more: object) -> Path:
    path = folder / "data/datapackage.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"name": "p", "resources": resources, **more}), encoding="utf-8")
    return path


def open_package(folder: Path, *resources: Mapping[str, Any], **more: object) -> Package:
    return read_package(write_package(folder, *resources, **more), folder)


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / "data" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def write_xlsx(
    folder: Path, name: str, rows: Sequence[Sequence[object]], sheet: str = "Sheet1"
) -> Path:
    path = write(folder, name, b"")
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def write_parquet(folder: Path, name: str, columns: Mapping[str, Any]) -> Path:
    path = write(folder, name, b"")
    parquet.write_table(pa.table(dict(columns)), path)
    return path


def write_ods(
    folder: Path, name: str, rows: Sequence[Sequence[object]], sheet: str = "Sheet1"
) -> Path:
    """Write a workbook as LibreOffice does: what repeats itself stands once, with its count."""
    space = " ".join(
        f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"'
        for one in ("office", "table", "text")
    )

    def repeated(items: Iterable[str], what: str) -> str:
        runs = ((one, len(list(same))) for one, same in groupby(items))
        return "".join(
            one.replace(" ", f' table:number-{what}-repeated="{count}" ', 1) for one, count in runs
        )

    lines = (
        f"<table:table-row >{repeated(map(_ods_cell, row), 'columns')}</table:table-row>"
        for row in rows
    )
    body = (
        f'<table:table table:name="{escape(sheet)}">{repeated(lines, "rows")}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    content = (
        f"<office:document-content {space}><office:body><office:spreadsheet>{body}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return write(
        folder,
        name,
        zipped({"mimetype": MEDIA_TYPE.encode(), "content.xml": content.encode()}),
    )


def _ods_cell(value: object) -> str:
    match value:
        case None:
            return "<table:table-cell />"
        case bool():
            kind = f'boolean" office:boolean-value="{str(value).lower()}'
        case int() | float():
            kind = f'float" office:value="{value}'
        case dt.date():
            kind = f'date" office:date-value="{value.isoformat()}'
        case dt.time():
            kind = f'time" office:time-value="PT{value:%HH%MM%SS}'
        case _:
            # Runs of spaces are elements; one line is a paragraph.
            paragraphs = "".join(
                f"<text:p>{re.sub('  +', _spaces, escape(line))}</text:p>"
                for line in str(value).split("\n")
            )
            return (
                '<table:table-cell office:value-type="string"><office:annotation><text:p>a remark'
                f"</text:p></office:annotation>{paragraphs}</table:table-cell>"
            )
    return f'<table:table-cell office:value-type="{kind}"><text:p>shown</text:p></table:table-cell>'


def _spaces(match: re.Match[str]) -> str:
    return f'<text:s text:c="{len(match[0])}"/>'
