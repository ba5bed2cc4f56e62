"""Read every file of a folder down to its texts, whatever is packed into it."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jpreport.audit.items import PAGE, Data, Grid, Item, Text, Unread, numbered
from jpreport.audit.markup import read_markup
from jpreport.audit.pictures import PNG, read_png, read_strings
from jpreport.document.formats import load_format
from jpreport.errors import Place
from jpreport.programme.formats import registered_formats

_DEEPEST = 8
_SHORT, _REMEMBERED = 1000, 50_000
_MOST = 256 * 1024 * 1024
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}(?:[ \t]*\r?\n[A-Za-z0-9+/_-]{4,})*={0,2}")
_TAG = re.compile(r"<(?:[a-zA-Z/!?])[^<]*>")
_FONTS = (b"wOF2", b"wOFF", b"OTTO", b"\0\1\0\0", b"true", b"ttcf")
_TABLES = (".csv", ".tsv")
_DATA = (".json", ".ipynb")
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
# More of them than this, and the bytes are no text.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MOST_CONTROL = 0.1


def _embedded(item: Text, depth: int) -> Iterator[Item]:
    """Yield what is written in a text as base64, in a data: URL or by itself."""
    for match in _BASE64.finditer(item.text):
        coded = re.sub(r"[\s=]+", "", match[0]).replace("-", "+").replace("_", "/")
        if len(coded) % 4 == 1:
            continue
        content = base64.b64decode(coded + "=" * (-len(coded) % 4))
        if _kind(content) != "unknown":
            yield from read_bytes(item.where.at("base64"), "", content, depth + 1)


def read_text(where: Place, text: str, key: str = "", depth: int = 0) -> Iterator[Item]:
    """Yield a text, and all that is in it: markup, percent-encoding, base64, JSON."""
    whole = Text(where, text, key)
    yield whole
    if depth > _DEEPEST or (len(text) <= _SHORT and _is_plain(text)):
        return
    if _ESCAPED.search(text):
        yield Text(where, unquote(text), key)
    if _TAG.search(text):
        for item in read_markup(where, text):
            if isinstance(item, Text):
                yield from read_text(item.where, item.text, item.key, depth + 1)
            else:
                yield item
        return
    if text.lstrip()[:1] in {"{", "["} and (value := _json(text)) is not None:
        yield from _read_json(where, value, depth + 1)
    yield from _embedded(whole, depth)


@lru_cache(_REMEMBERED)
def _is_plain(text: str) -> bool:
    """Whether there is nothing in a text but what can be read; a release repeats most of its."""
    coded = (_ESCAPED, _TAG, _BASE64)
    return text.lstrip()[:1] not in {"{", "["} and not any(one.search(text) for one in coded)


def _json(text: str) -> Any:  # noqa: ANN401
    """Return the object or list that a text holds as JSON, None for any other text."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _read_json(where: Place, value: Any, depth: int) -> Iterator[Item]:  # noqa: ANN401
    yield Data(where, value)
    yield from _values(where, value, "", depth)


def _values(where: Place, value: Any, key: str, depth: int) -> Iterator[Item]:  # noqa: ANN401
    """Yield keys and values of JSON; a text that is kept as a list of lines is one text."""
    if isinstance(value, dict):
        for name, item in value.items():
            place = where.at(key=_short(name))
            yield Text(where.at("a name"), name)
            yield from _values(place, item, name, depth)
    elif isinstance(value, list):
        if _is_lines(value):
            yield from read_text(where, "".join(value), key, depth)
            return
        for number, item in numbered(value):
            yield from _values(where.item(number), item, key, depth)
    elif isinstance(value, str):
        yield from read_text(where, value, key, depth)
    elif value is not None and not isinstance(value, bool):
        yield Text(where, repr(value), key)


def _is_lines(value: list[Any]) -> bool:
    """Whether a list is how notebooks keep a text."""
    return (
        bool(value)
        and all(isinstance(item, str) for item in value)
        and all(item.endswith("\n") for item in value[:-1])
    )


def _short(name: str) -> str:
    return {"cells": "cell", "outputs": "output"}.get(name, name)


def _read_rows(where: Place, text: str, depth: int) -> Iterator[Item]:
    """Yield the cells of a CSV file, each with its column, and the table."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error as error:
        yield Unread(where, f"the table cannot be read: {error}")
        return
    header = rows[0] if rows else ()
    for number, row in enumerate(rows, 1):
        for at, cell in enumerate(row):
            name = header[at] if at < len(header) and number > 1 else ""
            place = where.at(row=number, column=name or at + 1)
            yield from read_text(place, cell, name, depth + 1)
    if rows:
        yield Grid(where, tuple(rows))


def _zipped(where: Place, content: bytes, depth: int) -> Iterator[Item]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if archive.comment:
            yield from read_strings(where.at("comment"), archive.comment)
        for entry in archive.infolist():
            place = where.at(entry.filename)
            yield Text(where.at("a name"), entry.filename)
            if entry.file_size > _MOST:
                yield Unread(place, "is too large to be looked into")
            elif not entry.is_dir():
                yield from read_bytes(place, entry.filename, archive.read(entry), depth + 1)


def _pdf(where: Place, content: bytes, depth: int) -> Iterator[Item]:
    from jpreport.audit.pdf import read_pdf

    def inner(place: Place, name: str, data: bytes) -> Iterator[Item]:
        yield from read_bytes(place, name, data, depth + 1)

    yield from read_pdf(where, content, inner)


def _decoded(content: bytes) -> str | None:
    """Return bytes as text; None where they are none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text if len(_CONTROL.findall(text)) <= _MOST_CONTROL * len(text) else None


def _kind(content: bytes) -> str:
    """Return what bytes are by what they begin with, else "text" or "unknown"."""
    if content.lstrip()[:5] == b"%PDF-":
        return "pdf"
    beginnings = {
        PNG: "png",
        b"PK\x03\x04": "zip",
        b"\x1f\x8b\x08": "gzip",
        b"\xff\xd8\xff": "strings",
        b"GIF8": "strings",
        b"RIFF": "strings",
        b"II*\0": "strings",
        b"MM\0*": "strings",
        **dict.fromkeys(_FONTS, "font"),
    }
    for beginning, kind in beginnings.items():
        if content.startswith(beginning):
            return kind
    return "unknown" if _decoded(content) is None else "text"


def _whole_text(where: Place, name: str, text: str, depth: int) -> Iterator[Item]:
    if name.lower().endswith(_TABLES):
        yield from _read_rows(where, text, depth)
    elif (value := _json(text)) is not None:
        yield from _read_json(where, value, depth + 1)
    else:
        if name.lower().endswith(_DATA):
            yield Unread(where, "is not JSON")
        yield from read_text(where, text, "", depth)


def _unpacked(where: Place, kind: str, content: bytes, depth: int) -> Iterator[Item]:
    try:
        if kind == "zip":
            yield from _zipped(where, content, depth)
        else:
            unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(_MOST)
            yield from read_bytes(where.at("unpacked"), "", unpacked, depth + 1)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        yield Unread(where, f"cannot be unpacked: {error}")


def read_bytes(where: Place, name: str, content: bytes, depth: int = 0) -> Iterator[Item]:
    """Yield what bytes hold: texts, tables, data, and what could not be read."""
    if depth > _DEEPEST:
        yield Unread(where, "is packed too deep to be looked into")
        return
    match _kind(content):
        case "text":
            yield from _whole_text(where, name, _decoded(content) or "", depth)
        case "pdf":
            yield from _pdf(where, content, depth)
        case "png":
            yield from read_png(where, content)
        case "zip" | "gzip" as kind:
            yield from _unpacked(where, kind, content, depth)
        case "strings":
            yield from read_strings(where, content)
        case "unknown":
            yield from read_strings(where, content)
            if not depth:
                yield Unread(where, "is of a kind that is not read, only searched for its words")


def read_folder(folder: Path, names: Iterable[str] | None = None) -> Iterator[tuple[str, Item]]:
    """Yield (file, item) for all that the files below a folder hold, names included.

    Files are named relative to the folder, with slashes; `names` are those to be read (None:
    all). What cannot be read comes as `Unread`.
    """
    if names is None:
        paths = (path for path in folder.rglob("*") if path.is_file())
        names = (path.relative_to(folder).as_posix() for path in paths)
    for name in sorted(names):
        try:
            content = (folder / name).read_bytes()
        except OSError as error:
            yield name, Text(Place(name).at("its name"), name)
            yield name, Unread(Place(name), f"cannot be read: {error.strerror or error}")
            continue
        yield from read_file(name, content)


def read_file(name: str, content: bytes) -> Iterator[tuple[str, Item]]:
    """Yield (file, item) for all that one file holds, its name included."""
    yield name, Text(Place(name).at("its name"), name)
    read = list(read_bytes(Place(name), name.rpartition("/")[2], content))
    if (texts := _texts(name, content)) is not None:
        if _kind(content) == "unknown":  # not to its own reader
            read = [one for one in read if not isinstance(one, Unread)]
        read += texts
    yield from ((name, item) for item in read)


def _texts(name: str, content: bytes) -> list[Item] | None:
    """Return what readers see in a report of a format that is not read here; None for others."""
    suffix = name.rpartition(".")[2]
    if "/" in name or suffix not in registered_formats() or _kind(content) == "pdf":
        return None
    made = load_format(suffix)
    if made.texts is None:
        return None
    try:
        texts = made.texts(content)
    except ValueError as error:
        return [Unread(Place(name), str(error))]
    return [Text(Place(name).at(f"page {number}"), text, PAGE) for number, text in numbered(texts)]
