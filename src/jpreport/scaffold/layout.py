"""Where the table lies in a sheet: titles above, header, records, rows that are no records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jpreport.data.cleaning import column_names, tidy
from jpreport.data.contract import Cell, Cleaning, Merged
from jpreport.data.doubts import TOTALS, says_total, skeleton
from jpreport.scaffold.grids import Grid

_LOOKED_AT = 40  # rows from the top in which a header is looked for
_FEWEST = 2  # columns of a table


@dataclass(frozen=True, slots=True)
class Layout:
    """A grid's table: the steps that lead to it, its titles, header and numbered records.

    `below` is the row in which another table begins, 0 for none; `beside` are the first names of
    a table at the right, which is left out.
    """

    cleaning: Cleaning
    titles: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[int, Sequence[Cell]], ...]
    totals: tuple[tuple[int, str], ...] = ()
    notes: tuple[int, ...] = ()
    filled: tuple[str, ...] = ()
    counted_once: tuple[str, ...] = ()
    below: int = 0
    beside: tuple[str, ...] = ()

    def without(self, sums: Mapping[int, str]) -> Layout:
        """Return the layout without rows that add up others, by their column with a word for it.

        A row is left out by its word where it has one: its place changes as records are added.
        """
        lines = dict(self.rows)
        found = {row: lines[row][self.header.index(raw)] for row, raw in sums.items() if raw}
        words = {row: word for row, word in found.items() if not _empty(word)}
        leave = dict(self.cleaning.leave_out)
        for row, word in words.items():
            leave[sums[row]] = tuple(dict.fromkeys((*leave.get(sums[row], ()), str(word))))
        comments = self.cleaning.comment_rows | {row for row in sums if row not in words}
        return replace(
            self,
            cleaning=replace(self.cleaning, comment_rows=comments, leave_out=leave),
            rows=tuple(one for one in self.rows if one[0] not in sums),
            totals=(*self.totals, *((row, str(words.get(row, ""))) for row in sums)),
        )


def _empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_word(cell: Cell) -> bool:
    """Whether a cell can be the name of a column: a text that is no number and no day."""
    if not isinstance(cell, str) or _empty(cell):
        return False
    digits = sum(one.isdigit() for one in cell)
    return digits * 2 <= len(cell.strip()) or (cell.strip().isdecimal() is False and digits < 4)  # noqa: PLR2004


def layout_of(grid: Grid) -> Layout | None:
    """Return where the table of a grid lies; None where there is none."""
    lines = [list(line) for line in grid.lines]
    shown = _filled(lines, grid)
    edge = _edge(lines)
    beside = next((line[edge + 1 :] for line in shown if any(map(_is_word, line[edge + 1 :]))), [])
    shown, whole = [line[:edge] for line in shown], shown
    header = _header(shown)
    if header is None:
        return None
    rows = _header_rows(shown, grid, header)
    below = _other_below(shown, rows[-1])
    shown = shown[: below - 1] if below else shown
    last = rows[-1]
    width = sum(not _empty(cell) for cell in shown[header])
    titles = tuple(
        str(tidy(cell)) for line in lines[: rows[0]] for cell in line if not _empty(cell)
    )
    names = Cleaning(tuple(row + 1 for row in rows), trim=True)
    table = column_names(shown, names, [line for line in shown[last + 1 :] if not _lone(line)])
    found = tuple(str(one) for one in beside if not _empty(one))
    layout = Layout(names, titles, tuple(table), (), below=below, beside=found)
    layout = _bodied(layout, shown, last, width)
    others = {row for row in range(below, len(whole) + 1) if below}
    others |= {
        row
        for row, line in enumerate(shown[last + 1 :], start=last + 2)
        if all(map(_empty, line)) and not all(map(_empty, whole[row - 1]))
    }
    comments = layout.cleaning.comment_rows | others
    layout = replace(layout, cleaning=replace(layout.cleaning, comment_rows=comments))
    return _merged(layout, grid, last) if layout.rows else None


def _edge(lines: list[list[Cell]]) -> int:
    """Return the empty column before a table at the right of the first, else the width of all.

    A table of its own ends in another row, or has a name that the first has too; any other empty
    column only sets columns apart.
    """
    width = max(map(len, lines), default=0)
    several = [line for line in lines if not _lone(line)]
    filled = [
        {row for row, one in enumerate(several) if not _empty(one[at])} for at in range(width)
    ]
    for gap in range(1, width - 2):
        left, right = set().union(*filled[:gap]), set().union(*filled[gap + 1 :])
        if filled[gap] or not filled[gap + 1] or min(len(left), len(right)) < _FEWEST:
            continue
        head = several[min(right)]
        if max(left) != max(right) or {*head[:gap]} & {*head[gap + 1 :]} - {None, ""}:
            return gap
    return width


def _other_below(shown: list[list[Cell]], last: int) -> int:
    """Return the row in which another table begins, 0 for none.

    Behind an empty row, there are names where the records above have numbers or days.
    """
    for place in range(last + 3, len(shown) - 1):
        line = shown[place]
        named = [at for at, cell in enumerate(line) if not _empty(cell)]
        if not all(map(_empty, shown[place - 1])) or len(named) < _FEWEST:
            continue
        if all(_is_word(line[at]) for at in named) and not says_total(str(line[named[0]])):
            above = [[one[at] for one in shown[last + 1 : place]] for at in named]
            stated = [[cell for cell in cells if not _empty(cell)] for cells in above]
            if any(cells and not any(map(_is_word, cells)) for cells in stated):
                return place + 1
    return 0


def _filled(lines: list[list[Cell]], grid: Grid) -> list[list[Cell]]:
    """Return the lines as a reader of the sheet sees them: merged areas hold their value."""
    shown = [list(line) for line in lines]
    for (top, left), (bottom, right) in grid.merged:
        for row in range(top, min(bottom, len(shown)) + 1):
            for column in range(left, min(right, len(shown[row - 1])) + 1):
                shown[row - 1][column - 1] = lines[top - 1][left - 1]
    return shown


def _header(shown: list[list[Cell]]) -> int | None:
    """Return the last row of the header: the first with a name for most columns."""
    widths = [len({str(one) for one in line if not _empty(one)}) for line in shown]
    full = max(widths, default=0)
    first = next((place for place, width in enumerate(widths) if width), 0)
    for place, line in enumerate(shown[: first + _LOOKED_AT]):
        words = {str(cell) for cell in line if _is_word(cell)}
        cells = [cell for cell in line if not _empty(cell)]
        enough = len(words) >= max(_FEWEST if full >= _FEWEST else 1, 0.6 * full)
        if enough and len(words) >= 0.6 * len(cells) and place + 1 < len(shown):
            return place
    return None


def _header_rows(shown: list[list[Cell]], grid: Grid, header: int) -> list[int]:
    """Return the rows of the header: that above or below belongs to it where it groups columns."""

    def spans(row: int) -> bool:
        """Whether merged areas of a row join it with another, or group columns below it."""
        return any(
            top == row + 1 and (bottom > top or 0 < right - left < len(shown[row]) - 1)
            for (top, left), (bottom, right) in grid.merged
        )

    def words_only(row: int) -> bool:
        cells = [cell for cell in shown[row] if not _empty(cell)]
        return bool(cells) and all(map(_is_word, cells))

    if header and (spans(header - 1) or _completes(shown[header - 1], shown[header])):
        return [header - 1, header]
    below = header + 1
    grouped = below + 1 < len(shown) and words_only(below)
    if grouped and (spans(header) or _completes(shown[below], shown[header])):
        return [header, below]
    return [header]


def _completes(other: list[Cell], header: list[Cell]) -> bool:
    """Whether a row of words names columns that the header leaves without a name."""
    pairs = list(zip(other, header, strict=False))
    gaps = sum(not _empty(one) and _empty(name) for one, name in pairs)
    return gaps > 0 and all(_empty(one) or _is_word(one) for one in other)


def _lone(line: Sequence[Cell]) -> bool:
    return sum(not _empty(cell) for cell in line) <= 1


def _bodied(layout: Layout, shown: list[list[Cell]], last: int, width: int) -> Layout:
    """Return the layout with its records, and with what is none of them told apart."""
    records, totals, notes = [], [], []
    names = [skeleton(str(cell)) for cell in shown[last]]
    for row, raw in enumerate(shown[last + 1 :], start=last + 2):
        line = [tidy(cell) for cell in raw]
        if all(map(_empty, line)):
            continue
        words = [cell for cell in line if isinstance(cell, str)]
        word = next((one for one in words if skeleton(one).rstrip(" :.") in TOTALS), "")
        distinct = len({str(cell) for cell in line if not _empty(cell)})
        if word and (distinct > 1 or width <= _FEWEST):
            totals.append((row, word))
        elif (distinct <= 1 < width - 1) or [skeleton(str(cell)) for cell in raw] == names:
            notes.append(row)
        else:
            records.append((row, line))
    records, sums = _without_sums(records)
    leave: dict[str, tuple[str, ...]] = {}
    for row, word in totals:
        name = layout.header[[tidy(cell) for cell in shown[row - 1]].index(word)]
        leave[name] = tuple(dict.fromkeys((*leave.get(name, ()), word)))
    comments = frozenset((*notes, *sums))
    return replace(
        layout,
        cleaning=replace(layout.cleaning, comment_rows=comments, leave_out=leave),
        rows=tuple(records),
        totals=(*totals, *((row, "") for row in sums)),
        notes=tuple(notes),
    )


def _without_sums(
    records: list[tuple[int, list[Cell]]],
) -> tuple[list[tuple[int, list[Cell]]], list[int]]:
    """Take out a last row of sums that has no word: no text, and numbers that add up the others."""
    if len(records) < 3:  # noqa: PLR2004 (two that are added up, and their sum)
        return records, []
    row, line = records[-1]
    numbers = [
        place for place, cell in enumerate(line) if isinstance(cell, int | float) and cell != 0
    ]
    texts = [place for place, cell in enumerate(line) if isinstance(cell, str) and cell]
    others = [line for _, line in records[:-1]]

    def adds(place: int) -> bool:
        cells = [one[place] for one in others if isinstance(one[place], int | float)]
        return len(cells) > 1 and abs(sum(cells) - line[place]) < 1e-6 * max(1, abs(line[place]))

    if numbers and not texts and all(map(adds, numbers)):
        return records[:-1], [row]
    return records, []


def _merged(layout: Layout, grid: Grid, last: int) -> Layout:
    """Return the layout with what becomes of its merged areas: texts fill, numbers count once."""
    known = {row for row, _ in layout.rows}
    steps: dict[str, Merged] = {}
    for (top, left), (bottom, right) in grid.merged:
        if top - 1 <= last or not known.intersection(range(top, bottom + 1)):
            continue
        value = grid.lines[top - 1][left - 1]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        for place in range(left - 1, min(right, len(layout.header))):
            steps[layout.header[place]] = "first" if number else "fill"
    once = {place for place, name in enumerate(layout.header) if steps.get(name) == "first"}
    return replace(
        layout,
        cleaning=replace(layout.cleaning, merged=steps),
        rows=tuple(
            (
                row,
                [
                    tidy(grid.lines[row - 1][at]) if at in once else cell
                    for at, cell in enumerate(line)
                ],
            )
            for row, line in layout.rows
        ),
        filled=tuple(name for name, how in steps.items() if how == "fill"),
        counted_once=tuple(name for name, how in steps.items() if how == "first"),
    )
