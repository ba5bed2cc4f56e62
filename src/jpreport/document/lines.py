"""Where the lines of an inline text stand in its source, which has marks and indents around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Marks of quotations, lists, definitions and footnotes before what begins in their line.
_MARKS = re.compile(r"\s*(?:(?:>|[-+*:~](?=\s)|\d+[.)](?=\s)|\[\^[^\]\s]+\]:)\s*)*")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that begins at `start` of the text; `column` is -1 where it is not found."""

    row: int
    column: int
    start: int


@dataclass(frozen=True, slots=True)
class Located:
    """An inline text with the lines that it stands on; rows and columns count from 0.

    Within a table, a pipe of the text is an escaped one in the source.
    """

    text: str
    lines: tuple[_Line, ...]
    table: bool

    def line(self, offset: int) -> _Line:
        """Return the line of a character."""
        before = (line for line in reversed(self.lines) if line.start <= offset)
        return next(before, self.lines[0])

    def place(self, offset: int) -> tuple[int, int]:
        """Return where a character stands."""
        line = self.line(offset)
        pipes = self.text.count("|", line.start, offset) if self.table else 0
        return line.row, line.column + offset - line.start + pipes

    @property
    def span(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Where the text begins and ends, None if a line of it is not found."""
        if not self.text or min(line.column for line in self.lines) < 0:
            return None
        row, column = self.place(len(self.text))
        return self.place(0), (row, column)


def locate(
    text: str, row: int, source: Sequence[str], cursors: dict[int, int] | None = None
) -> Located:
    """Find an inline text whose first line is a row of the source.

    Within a table, `cursors` says how much of each row has been read.
    """
    lines, start = [], 0
    for number, line in enumerate(text.split("\n"), start=row):
        told = line.strip(" \t")
        indent = len(line) - len(line.lstrip(" \t"))
        if cursors is None:
            column = _at_end(told, source[number])
        else:
            written = told.replace("|", "\\|")
            begin = cursors.get(number)
            if begin is None:
                begin = _MARKS.match(source[number]).end()  # type: ignore[union-attr] # may be ""
            column = source[number].find(written, begin)
            if column < 0:
                column = source[number].find(written)
            cursors[number] = max(begin, column + len(written))
        lines.append(_Line(number, column, start + indent))
        start += len(line) + 1
    return Located(text, tuple(lines), cursors is not None)


def _at_end(told: str, line: str) -> int:
    """Return where a line's text begins: it ends the line, but for what closes a heading."""
    line = line.rstrip()
    if not line.endswith(told):
        line = re.sub(r"\s#+$", "", line).rstrip()
    return len(line) - len(told) if line.endswith(told) else line.find(told)


def joined(text: str, breaks: Iterable[int]) -> str:
    """Return a text with spaces for the line breaks at some offsets; the wrapping says nothing."""
    for offset in sorted(breaks, reverse=True):
        text = f"{text[:offset].rstrip(' ')} {text[offset + 1 :].lstrip()}"
    return text
