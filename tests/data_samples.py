"""Small Data Packages for the tests of the room `data`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from pyarrow import parquet

from jpreport.data import Package, read_package

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
