"""Split CSV files into cells fast; whatever is not surely split as `scan` does, `scan` splits."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, open_csv

from jpreport.data.cleaning import column_names, left_out, tidy
from jpreport.data.contract import Cleaning, Resource
from jpreport.data.form import Form, Rows, Scan, filled_rows, is_blank

# So much is split at once. A row that is longer, `scan` reads.
_BYTES = 1 << 22
_HEADER = 1 << 16
_QUOTE = ord('"')
_BOM = codecs.BOM_UTF8
# A text that has no single plain spaces alone between its words.
_UNTIDY = r"^\s|\s$|\s\s|[\t-\r\x1c-\x1f]|[^\x00-\x7f]"


class UnsureError(Exception):
    """A file that another reader may split into other cells, or find at fault."""


class _Text:
    """A file as UTF-8, read onward; raises UnsureError for quotes that are not around values."""

    def __init__(self, file: BinaryIO, resource: Resource) -> None:
        self._file = file
        self._utf8 = resource.encoding == "utf-8"
        self._decoder = codecs.getincrementaldecoder(resource.encoding)()
        self._ends = np.frombuffer(f"{resource.delimiter}\r\n".encode(), np.uint8)
        self._left, self._inside = b"", 0
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end."""
        content = self._file.read(size)
        try:
            text = self._decoder.decode(content, final=not content)
        except UnicodeDecodeError:
            raise UnsureError from None
        content = content if self._utf8 else text.encode()
        self._check(content, last=not content)
        return content

    def close(self) -> None:
        """Say that nothing more is read."""
        self.closed = True

    def _check(self, content: bytes, *, last: bool) -> None:
        """Follow the quotes: a run of them opens, closes or stands for quotes within a value."""
        piece = self._left + content
        # Up to the end of a line no run is cut.
        end = len(piece) if last else piece.rfind(b"\n") + 1
        piece, self._left = piece[:end], piece[end:]
        if b'"' in piece:
            letters = np.frombuffer(b"\n" + piece + b"\n", np.uint8)
            at = np.flatnonzero(letters == _QUOTE)
            first = np.flatnonzero(np.diff(at, prepend=-1) > 1)
            length = np.diff(first, append=len(at))
            before = (first + self._inside) & 1
            after = (before + length) & 1
            opens = letters[at[first] - 1][before == 0]
            shuts = letters[at[first] + length][after == 0]
            shuts = shuts[((before == 0) | (length & 1 == 1))[after == 0]]
            if not (np.isin(opens, self._ends).all() and np.isin(shuts, self._ends).all()):
                raise UnsureError
            self._inside ^= len(at) & 1
        if last and self._inside:
            raise UnsureError


def _head(file: BinaryIO, resource: Resource) -> list[list[str]]:
    """Return the lines of the header, the file being left behind them; raises UnsureError."""
    if len(resource.delimiter.encode()) > 1 or ',"\r\n'.encode(resource.encoding) != b',"\r\n':
        raise UnsureError

    def lines() -> Iterator[str]:
        while line := file.readline(_HEADER):
            if len(line) == _HEADER:
                raise UnsureError
            yield line.removeprefix(_BOM).decode(resource.encoding)

    try:
        reader = csv.reader(lines(), delimiter=resource.delimiter, strict=True)
        return [next(reader) for _ in range(resource.header_row)]
    except (StopIteration, csv.Error, UnicodeDecodeError):
        raise UnsureError from None


def _tidied(column: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return a column of texts without space at their ends, as `tidy` does."""
    untidy = pc.match_substring_regex(column, _UNTIDY)
    if not pc.any(untidy).as_py():
        return column
    encoded = column.filter(untidy).dictionary_encode()
    tidied = pa.array(list(map(tidy, encoded.dictionary.to_pylist())), pa.string())
    return pc.replace_with_mask(column, untidy, tidied.take(encoded.indices))


def _records(
    columns: list[Any], rows: Rows, header: Sequence[str], cleaning: Cleaning
) -> tuple[list[Any], Rows]:
    """Return columns and rows after the steps that the contract declares."""
    if cleaning.trim:
        columns = [_tidied(column) for column in columns]
    out = np.isin(rows, list(cleaning.comment_rows))
    for at, values in left_out(header, cleaning).items():
        found = pc.is_in(columns[at], pa.array(values, pa.string()))
        out |= found.to_numpy(zero_copy_only=False)
    if not out.any():
        return columns, rows
    return [column.filter(pa.array(~out)) for column in columns], rows[~out]


def quick_scans(resource: Resource, file: BinaryIO) -> Iterator[Scan]:
    """Yield what `scans` does of a CSV file without faults of form, columns as Arrow of texts.

    Raises UnsureError where it may have some, or is written in an unusual way: nothing of what
    was yielded counts then.
    """
    file.seek(0)
    head, cleaning = _head(file, resource), resource.cleaning
    header = column_names(head, cleaning, ()) if cleaning else head[0]
    form = Form(resource, header)
    if form.faults or is_blank(header):
        raise UnsureError
    skipped: list[int] = []

    def uneven(row: Any) -> str:  # noqa: ANN401 (pyarrow has no types)
        # A row of separators alone is blank, however many there are.
        if row.number is None or row.text.strip(resource.delimiter):
            return "error"
        skipped.append(row.number)
        return "skip"

    names = [str(at) for at in range(len(header))]
    try:
        blocks = open_csv(
            _Text(file, resource),
            ReadOptions(use_threads=False, block_size=_BYTES, column_names=names),
            ParseOptions(
                delimiter=resource.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=uneven,
            ),
            ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        above, start = resource.header_row, 1
        for block in blocks:
            numbers = np.arange(start, start + len(block) + len(skipped))
            rows = numbers[~np.isin(numbers, skipped)][: len(block)]
            start = int(rows[-1]) + 1 if len(rows) else start
            skipped[:] = [number for number in skipped if number >= start]
            columns, rows = block.columns, rows + above
            if cleaning:
                columns, rows = _records(columns, rows, header, cleaning)
            yield _scan(form, columns, rows)
        if start == 1:
            raise UnsureError  # no record at all
    except pa.ArrowException:
        raise UnsureError from None


def _scan(form: Form, columns: list[Any], rows: Rows) -> Scan:
    if filled_rows({}, rows, [columns[at] for at in form.unnamed] or [pa.nulls(len(rows))])[
        1
    ].any():
        raise UnsureError
    wanted = {name: columns[at] for name, at in form.positions.items()}
    others = [column for at, column in enumerate(columns) if at not in form.positions.values()]
    wanted |= {name: pa.nulls(len(rows), pa.string()) for name in form.absent}
    wanted, rows = filled_rows(wanted, rows, others)
    return Scan(wanted, rows, whole=True)
