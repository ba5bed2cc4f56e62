"""Where a table's file stands, and how it is read: path, format, dialect, encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, cast, get_args

from jpreport.data.contract import WORKBOOKS, Format
from jpreport.data.descriptor import Node

_FORMATS = get_args(Format)

# What the standard's dialect says by default may be said; anything else would go unheeded.
_DIALECT_DEFAULTS: Mapping[str, tuple[Any, ...]] = {
    "header": (True,), "quoteChar": ('"',), "doubleQuote": (True,), "skipInitialSpace": (False,),
    "lineTerminator": ("\n", "\r\n"), "csvddfVersion": (1.0, 1.2),
}  # fmt: skip


def table_file(node: Node, folder: Path, root: Path) -> tuple[Path, str] | None:
    """Return the table's file and its name in messages; None with a fault noted."""
    given = node.raw.get("path")
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if "data" in node.raw or not isinstance(given, str) or not given:
        node.fault("names no single file", 'give its "path", relative to datapackage.json')
        return None
    inside = PurePosixPath(given)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", given):
        node.fault(
            f'the path "{given}" is remote', "put a copy of the file beside datapackage.json"
        )
        return None
    path = folder / inside
    # A link may lead out of the folder as well as "..".
    if "\\" in given or not path.resolve().is_relative_to(folder.resolve()):
        hint = "keep data files beside datapackage.json or below it; separate folders with /"
        node.fault(f'the path "{given}" leads out of the folder of the package', hint)
        return None
    return path, source_of(path, root)


def source_of(path: Path, root: Path) -> str:
    """Return how messages name a file: relative to the programme folder where it lies in it."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def format_of(node: Node, path: Path) -> Format | None:
    """Return the format of a table's file; None with a fault noted."""
    given = node.get("format", str, path.suffix.removeprefix(".")).lower()
    if given in _FORMATS:
        return cast(Format, given)
    node.fault(f'the format "{given}" is not supported', f"save as {', '.join(_FORMATS)}")
    return None


def dialect_of(node: Node, kind: str) -> tuple[str, str | int]:
    """Return delimiter and sheet, as the standard (v1, v2) or frictionless would state them."""
    dialect = node.child("dialect")
    parts = {"csv": dialect.child("csv"), "excel": dialect.child("excel")}
    known = (
        *("delimiter", "sheet", "sheetName", "sheetNumber", "$schema", "csv", "excel"),
        *("headerRows", "headerJoin", "commentRows"),  # see `cleaning`
    )
    said: dict[str, Any] = {}
    for part in (dialect, *parts.values()):
        part.only((*known, *_DIALECT_DEFAULTS), "the dialect property")
        for key, value in part.raw.items():
            if key in _DIALECT_DEFAULTS and value not in _DIALECT_DEFAULTS[key]:
                part.fault(f'the dialect property "{key}" cannot be {value!r} here')
        said |= {key: value for key, value in part.raw.items() if key not in parts}
    delimiter = said.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        node.fault(f"the delimiter {delimiter!r} is not one character")
        delimiter = ","
    sheet = said.get("sheet", said.get("sheetName", said.get("sheetNumber", 1)))
    if not isinstance(sheet, str | int) or isinstance(sheet, bool) or sheet in ("", 0):
        node.fault(f"the sheet {sheet!r} is neither a name nor a number from 1")
        sheet = 1
    if kind not in WORKBOOKS and {"sheet", "sheetName", "sheetNumber"} & set(said):
        node.fault(f"names a sheet, but a {kind} file has none")
    return delimiter, sheet


def encoding_of(node: Node) -> str:
    """Return the name that Python has for the encoding of a text file."""
    given = node.get("encoding", str, "utf-8")
    try:
        return codecs.lookup(given).name
    except LookupError:
        node.fault(f'the encoding "{given}" is not known', 'leave it out for UTF-8, or "cp1250", …')
        return "utf-8"
