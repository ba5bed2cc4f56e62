"""Read every file of a folder down to its texts, whatever is packed into it."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jpreport.audit.items import PAGE, Anywhere, Data, Grid, Item, Take, Text, Unread, numbered
from jpreport.audit.markup import read_markup
from jpreport.audit.pictures import PNG, read_png, read_strings
from jpreport.document.formats import load_format
from jpreport.errors import Place
from jpreport.files.json_parts import parts
from jpreport.files.workbook import BROKEN, is_workbook, read_sheets
from jpreport.programme.formats import registered_formats

_DEEPEST = 8
_SHORT = 1000
_MOST = 256 * 1024 * 1024
_BASE64 = re.compile(
    r"(?:(?<=;base64,)[A-Za-z0-9+/_-]{4,}|[A-Za-z0-9+/_-]{8,})"
    r"(?:[ \t]*\r?\n[A-Za-z0-9+/_-]{4,})*={0,2}"
)
_TAG = re.compile(r"<(?:[a-zA-Z/!?])[^<]*>")
_FONTS = (b"wOF2", b"wOFF", b"OTTO", b"\0\1\0\0", b"true", b"ttcf")
_TABLES = (".csv", ".tsv")
_DATA = (".json", ".ipynb")
_SHORTER = {"cells": "cell", "outputs": "output"}
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
# More of them than this, and the bytes are no text.
_CONTROL = bytes({*range(0x20), 0x7F} - {*b"\t\n\f\r"})
_MOST_CONTROL = 0.1


class Reader:
    """Gives `take` every text, table and JSON value that files hold, whatever it is packed into.

    What cannot be read comes as `Unread`. A text is read once in which `take` finds nothing: the
    files of a release repeat nearly all of theirs. Without `placed`, no item says where it
    stands, which takes most of the time.
    """

    def __init__(self, take: Take, *, placed: bool = True) -> None:
        self._take, self._placed = take, placed
        self._found = 0
        self._done: set[tuple[str | bytes, str]] = set()

    def file(self, name: str, content: bytes) -> None:
        """Read one file, its name included."""
        where = Place(name) if self._placed else Anywhere()
        self.text(where.at("its name"), name)
        read = _reader_of(name, content)
        if read is None or _kind(content) != "unknown":
            for part in parts(content) if name.endswith(".json") else (content,):
                self.bytes(where, name.rpartition("/")[2], part)
        else:
            self._strings(where, content)
        try:
            for number, text in enumerate(read(content) if read else (), 1):
                self._give(Text(where.at(f"page {number}"), text, PAGE))
        except ValueError as error:
            self._give(Unread(where, str(error)))

    def _give(self, item: Item) -> None:
        self._found += not self._take(item)

    def text(self, where: Place, text: str, key: str = "", depth: int = 0) -> None:
        """Read a text, and all that is in it: markup, percent-encoding, base64, JSON."""
        known = (
            text if len(text) <= _SHORT else sha256(text.encode("utf-8", "replace")).digest(),
            key,
        )
        if known in self._done:
            return
        before = self._found
        markup = bool(_TAG.search(text))
        self._give(Text(where, text, key, source=markup))
        self._within(where, text, key, depth, markup=markup)
        if self._found == before and key != PAGE:
            self._done.add(known)

    def _within(self, where: Place, text: str, key: str, depth: int, *, markup: bool) -> None:
        if depth > _DEEPEST:
            self._found += 1  # where it stands less deep, it has to be read again
            return
        if markup:
            for item in read_markup(where, text):
                if isinstance(item, Text):
                    self.text(item.where, item.text, item.key, depth + 1)
                else:
                    self._give(item)
            return
        if _ESCAPED.search(text):
            self._give(Text(where, unquote(text), key))
        if text.lstrip()[:1] in {"{", "["} and (value := _json(text)) is not None:
            self._json(where, value, depth + 1)
        for match in _BASE64.finditer(text):
            coded = re.sub(r"[\s=]+", "", match[0]).replace("-", "+").replace("_", "/")
            if len(coded) % 4 == 1:
                continue
            content = base64.b64decode(coded + "=" * (-len(coded) % 4))
            if _kind(content) != "unknown":
                self.bytes(where.at("base64"), "", content, depth + 1)

    def _json(self, where: Place, value: Any, depth: int) -> None:  # noqa: ANN401
        self._give(Data(where, value))
        self._values(where, value, "", depth)

    def _values(self, where: Place, value: Any, key: str, depth: int) -> None:  # noqa: ANN401
        """Read keys and values of JSON; a text that is kept as a list of lines is one text."""
        if isinstance(value, str):
            if (value, key) not in self._done:
                self.text(where, value, key, depth)
        elif isinstance(value, dict):
            for name, item in value.items():
                if (name, "") not in self._done:
                    self.text(where.at("a name"), name, "", depth)
                self._values(where.at(key=_SHORTER.get(name) or name), item, name, depth)
        elif isinstance(value, list):
            if _is_lines(value):
                self.text(where, "".join(value), key, depth)
                return
            for number, item in numbered(value):
                self._values(where.item(number), item, key, depth)
        elif value is not None and not isinstance(value, bool):
            self.text(where, repr(value), key, depth)

    def _rows(self, where: Place, text: str, depth: int) -> None:
        """Read the cells of a CSV file, each with its column, and the table."""
        first = text.partition("\n")[0]
        delimiter = max(",;\t|", key=first.count)
        try:
            rows = [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
        except csv.Error as error:
            self._give(Unread(where, f"the table cannot be read: {error}"))
            return
        header = rows[0] if rows else ()
        for number, row in enumerate(rows, 1):
            for at, cell in enumerate(row):
                name = header[at] if at < len(header) and number > 1 else ""
                self.text(where.at(row=number, column=name or at + 1), cell, name, depth + 1)
        if rows:
            self._give(Grid(where, tuple(rows)))

    def _zip(self, where: Place, content: bytes, depth: int) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.comment:
                self._strings(where.at("comment"), archive.comment)
            for entry in archive.infolist():
                place = where.at(entry.filename)
                self.text(where.at("a name"), entry.filename)
                if entry.file_size > _MOST:
                    self._give(Unread(place, "is too large to be looked into"))
                elif not entry.is_dir():
                    self.bytes(place, entry.filename, archive.read(entry), depth + 1)

    def _sheets(self, where: Place, content: bytes) -> None:
        """Read the tables of a workbook: what stands in more than one column of its sheets."""
        for sheet in read_sheets(content):
            place = where.at(f'sheet "{sheet.name}"')
            texts = [tuple("" if one is None else str(one) for one in line) for line in sheet.lines]
            for several, rows in groupby(texts, key=lambda row: sum(map(bool, row)) > 1):
                if several:
                    self._give(Grid(place, tuple(rows)))

    def _pdf(self, where: Place, content: bytes, depth: int) -> None:
        from jpreport.audit.pdf import read_pdf

        def inner(place: Place, name: str, data: bytes) -> None:
            self.bytes(place, name, data, depth + 1)

        for item in read_pdf(where, content, inner):
            if isinstance(item, Text) and item.key != PAGE:
                self.text(item.where, item.text, item.key, depth + 1)
            else:
                self._give(item)

    def _strings(self, where: Place, content: bytes) -> None:
        for item in read_strings(where, content):
            self._give(item)

    def _unpack(self, where: Place, kind: str, content: bytes, depth: int) -> None:
        try:
            if kind == "zip":
                self._zip(where, content, depth)
                if is_workbook(content):
                    self._sheets(where, content)
            else:
                unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(_MOST)
                self.bytes(where.at("unpacked"), "", unpacked, depth + 1)
        except (*BROKEN, RuntimeError) as error:
            self._give(Unread(where, f"cannot be unpacked: {error}"))

    def bytes(self, where: Place, name: str, content: bytes, depth: int = 0) -> None:
        """Read what bytes hold: texts, tables, data, and what could not be read."""
        if depth > _DEEPEST:
            self._give(Unread(where, "is packed too deep to be looked into"))
            return
        match _kind(content):
            case "text":
                self._whole_text(where, name, _decoded(content) or "", depth)
            case "pdf":
                self._pdf(where, content, depth)
            case "png":
                for item in read_png(where, content):
                    self._give(item)
            case "zip" | "gzip" as kind:
                self._unpack(where, kind, content, depth)
            case "strings":
                self._strings(where, content)
            case "unknown":
                self._strings(where, content)
                if not depth:
                    why = "is of a kind that is not read, only searched for its words"
                    self._give(Unread(where, why))

    def _whole_text(self, where: Place, name: str, text: str, depth: int) -> None:
        if name.lower().endswith(_TABLES):
            self._rows(where, text, depth)
        elif (value := _json(text)) is not None:
            self._json(where, value, depth + 1)
        else:
            if name.lower().endswith(_DATA):
                self._give(Unread(where, "is not JSON"))
            self.text(where, text, "", depth)
            if _is_table(text):
                self._rows(where, text, depth)  # whatever it is called, or packed into


def _json(text: str) -> Any:  # noqa: ANN401
    """Return the object or list that a text holds as JSON, None for any other text."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _is_table(text: str) -> bool:
    """Whether a text without a name is a table: all of its lines have equally many cells."""
    lines = [line for line in text.splitlines() if line.strip()]
    cells = {sign: {line.count(sign) for line in lines} for sign in ",;\t|"}
    alike = any(len(counts) == 1 and counts != {0} for counts in cells.values())
    return len(lines) > 1 and not _TAG.search(text) and alike


def _is_lines(value: list[Any]) -> bool:
    """Whether a list is how notebooks keep a text."""
    return (
        bool(value)
        and all(isinstance(item, str) for item in value)
        and all(item.endswith("\n") for item in value[:-1])
    )


def _decoded(content: bytes) -> str | None:
    """Return bytes as text; None where they are none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    control = len(content) - len(content.translate(None, _CONTROL))
    return text if control <= _MOST_CONTROL * len(text) else None


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


def _reader_of(name: str, content: bytes) -> Callable[[bytes], Sequence[str]] | None:
    """Return what reads the pages of a report whose format is not read here; None for others."""
    suffix = name.rpartition(".")[2]
    if "/" in name or suffix not in registered_formats() or _kind(content) == "pdf":
        return None
    return load_format(suffix).texts


def names_in(folder: Path) -> frozenset[str]:
    """Return the names of all files below a folder, relative to it, with slashes."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return frozenset(path.relative_to(folder).as_posix() for path in paths)
