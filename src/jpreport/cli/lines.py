"""Find the line of a file that a place stands on, for tools that know lines only."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from jpreport.errors import Place
from jpreport.programme.folder import entry_of
from jpreport.programme.toml_lines import line_of_entry

_CELLS = re.compile(r'"cells"\s*:\s*\[')
_SOURCE = re.compile(r'"source"\s*:\s*\[')


def line_of(root: Path, place: Place) -> int | None:
    """Return the line (from 1) of a place in its file below `root`; None where it has none.

    A notebook's cell is found in the JSON of its file, a row of a CSV file past values that run
    over several lines.
    """
    file, path = place.file, root / place.file
    line, cell, row = place.get("line"), place.get("cell"), place.get("row")
    line = line if isinstance(line, int) else None
    try:
        if isinstance(cell, int) and file.endswith(".ipynb"):
            return _line_of_cell(path.read_text("utf-8"), cell, line)
        if isinstance(row, int) and file.endswith(".csv"):
            return _line_of_row(path, row)
    except (OSError, ValueError, csv.Error):
        return None
    return line


def with_line(root: Path, place: Place) -> Place:
    """Return a place in an entry of the settings with its line; every other as it is."""
    entry = None if place.get("line") else entry_of(place)
    if entry is None:
        return place
    try:
        line = line_of_entry((root / place.file).read_text("utf-8"), *entry)
    except (OSError, ValueError):
        return place
    return Place(place.file, (*Place().at(line=line).steps, *place.steps))


def _line_of_row(path: Path, row: int) -> int | None:
    # Quotation marks and line ends are the same bytes in every encoding that keeps ASCII.
    with path.open(encoding="latin-1", newline="") as file:
        reader, start = csv.reader(file), 1
        for number, _ in enumerate(reader, start=1):
            if number == row:
                return start
            start = reader.line_num + 1
    return None


def _line_of_cell(text: str, cell: int, line: int | None) -> int | None:
    """Return where a cell begins, or the line of its source that is asked for."""
    cells = _CELLS.search(text)
    start = _item(text, cells.end(), cell) if cells else None
    if start is None:
        return None
    if line:
        _, end = json.JSONDecoder().raw_decode(text, start)
        source = _SOURCE.search(text, start, end)
        start = (_item(text, source.end(), line) if source else None) or start
    return text.count("\n", 0, start) + 1


def _item(text: str, start: int, number: int) -> int | None:
    """Return where an item of a JSON list begins, whose first one follows `start`."""
    decoder = json.JSONDecoder()
    for _ in range(number):
        while text[start : start + 1].isspace() or text[start : start + 1] == ",":
            start += 1
        if text[start : start + 1] in {"]", ""}:
            return None
        begin = start
        _, start = decoder.raw_decode(text, start)
    return begin
