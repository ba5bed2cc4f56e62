"""What was found in somebody's files, and what is made of it, in words for whoever has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jpreport.data.doubts import skeleton
from jpreport.scaffold.framework import Framework, parts_of
from jpreport.scaffold.grids import Grid
from jpreport.scaffold.persons import coordinates
from jpreport.scaffold.tables import Table
from jpreport.scaffold.tools import is_own, tool_of


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found; `look` says that somebody should decide whether it is right."""

    what: str
    made_of_it: str
    look: bool = False


def of_table(table: Table) -> Iterator[Finding]:
    """Yield what was found in a table."""
    layout = table.layout
    header = " and ".join(map(str, layout.cleaning.header_rows))
    plural = "s" if len(layout.cleaning.header_rows) > 1 else ""
    yield Finding(
        f"{len(layout.rows)} records, {len(table.columns)} columns",
        f'the table "{table.name}"; header in row{plural} {header}',
    )
    if tool := tool_of(table.columns, table.grid.path.name):
        own = _listed([one.raw for one in table.columns if is_own(one)])
        made = f"its own columns are kept, and not counted: {own}" if own else ""
        yield Finding(f"an export of {tool}", made)
    if layout.titles:
        yield Finding(f"titles above: {_listed(layout.titles)}", "no records")
    if layout.totals:
        rows = _listed([f"{row} ({word})" if word else str(row) for row, word in layout.totals])
        yield Finding(f"rows of totals: {rows}", "left out: they would count everything twice")
    if layout.notes:
        yield Finding(f"notes or headings among the rows: {_listed(layout.notes)}", "left out")
    if layout.filled:
        yield Finding(f"merged cells in {_listed(layout.filled)}", "each row has the value")
    if layout.beside:
        yield Finding(
            f"another table at the right: {_listed(layout.beside)}",
            "left out: put it on a sheet of its own",
            look=True,
        )
    if layout.below:
        yield Finding(f"another table from row {layout.below} on", "a table of its own", look=True)
    for name in layout.counted_once:
        yield Finding(f"merged numbers in {name}", "counted once, in the first row", look=True)
    yield from (Finding(one, "", look=True) for one in table.grid.hidden)
    yield from _of_text(table)
    lines = [tuple(cells) for _, cells in layout.rows]
    if again := len(lines) - len(set(lines)):
        made = "all count: remove them if they are the same record twice"
        yield Finding(f"{again} rows are the same as another in every column", made, look=True)
    yield from _of_columns(table)
    yield from _of_persons(table)


def _of_text(table: Table) -> Iterator[Finding]:
    """Yield how a text file is encoded, where it had to be guessed, with a word to see it by."""
    if table.grid.encoding == "utf-8":
        return
    cells = (*table.layout.header, *(cell for _, line in table.layout.rows for cell in line))
    words = [one for one in cells if isinstance(one, str) and not one.isascii()]
    seen = "" if table.persons or not words else f": {words[0]}"
    made = "save it as CSV UTF-8 if its letters are others"
    yield Finding(f"written in {table.grid.encoding}{seen}", made, look=True)


def _of_columns(table: Table) -> Iterator[Finding]:
    doubled = [one.raw for one in table.columns if one.raw.endswith(")") and " (" in one.raw]
    again = [raw for raw in doubled if raw.rpartition(" (")[0] in table.layout.header]
    if again:
        yield Finding(f"doubled names: {_listed(again)}", "numbered", look=True)
    for column in table.columns:
        declared = column.field
        if declared.type in {"date", "datetime"} and declared.format != "default":
            yield Finding(
                f"{column.name}: days written {_pattern(declared.format)}", "read as days"
            )
        if declared.decimal_char != "." or declared.group_char:
            signs = [f'decimals "{declared.decimal_char}"'] if declared.type == "number" else []
            signs += [f'thousands "{declared.group_char}"'] if declared.group_char else []
            yield Finding(f"{column.name}: {', '.join(signs)}", "read as numbers")
        words = [word for word in declared.missing_values if word]
        if words:
            yield Finding(f"{column.name}: {_listed(words)}", "read as missing")
        for doubt in column.doubts if column.known or not is_own(column) else ():
            # An example may be of a person.
            shown = doubt.partition(":")[0] if table.persons else doubt
            yield Finding(f"{column.name}: {shown}", "correct it in the contract if not", look=True)
    lists = [one.name for one in table.columns if one.field.enum]
    if lists:
        yield Finding(f"few values, again and again: {_listed(lists)}", "closed lists")
    if table.key:
        yield Finding(f"{table.key} is different in each row", "the key")
    for declared in table.derived:
        yield Finding(f"{declared.name}: {declared.description}", "a new column, computed")


def _of_persons(table: Table) -> Iterator[Finding]:
    for column in table.persons:
        yield Finding(f"{column.name}: {column.person}", "never published", look=True)
    if table.sensitive:
        axes = _listed(table.sensitive["dimensions"])
        yield Finding(
            "records of persons", f"sensitive: only counts by {axes} leave, protected", look=True
        )
    elif places := coordinates(table.columns):
        made = "declare the table sensitive if these are homes"
        yield Finding(f"{_listed(places)}: where something is", made, look=True)


def of_framework(table: Table, framework: Framework) -> Iterator[Finding]:
    """Yield what was made of a results framework."""
    parts = ", ".join(
        f"{part} ({', '.join(column.name for column in columns)})"
        for part, columns in parts_of(table).items()
    )
    made = f"{len(framework.indicators)} indicators"
    if framework.file:
        made += ", which stay in the file (framework in programme.toml)"
    yield Finding(f"a results framework: {parts}", made)
    down = sum(one.get("direction") == "decreasing" for one in framework.indicators)
    if down:
        yield Finding(f"{down} indicators of which less is better", 'direction "decreasing"')
    if framework.added:
        yield Finding(
            f"numbers of several periods: {_listed(framework.added)}",
            "added up: take the last instead if they are running totals",
            look=True,
        )
    if framework.skipped:
        yield Finding(f"no indicator: {_listed(framework.skipped)}", "", look=True)


def of_hidden(grids: Sequence[Grid]) -> Iterator[Finding]:
    """Yield the sheets that are left out because nobody sees them."""
    for grid in grids:
        if "the sheet is hidden" in grid.hidden:
            yield Finding(f'the sheet "{grid.sheet}" is hidden', "left out", look=True)


def _listed(items: Sequence[object], most: int = 4) -> str:
    shown = ", ".join(str(one) for one in items[:most])
    return f"{shown} and {len(items) - most} more" if len(items) > most else shown


def _pattern(text: str) -> str:
    names = {"%d": "day", "%m": "month", "%Y": "year", "%y": "year", "%B": "month", "%b": "month"}
    for sign, name in names.items():
        text = text.replace(sign, name)
    return skeleton(text)
