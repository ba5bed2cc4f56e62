"""A comparison as a page that a reviewer can read, and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jpreport.document.blocks import Block, Document, Prose, TableBlock
from jpreport.figures import NOT_STATED
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.review.changes import FigureChange
from jpreport.review.compare.comparison import Comparison, ExplainedChange, one_line
from jpreport.review.compare.prose import excerpts
from jpreport.review.compare.records import RecordChange

_SHOWN = 20
_SAME = "the same, from other records or by another rule"
_COUNTED = {
    (True, True): "counted before and after",
    (True, False): "no longer counted",
    (False, True): "now counted",
    (False, False): "not counted",
}


def figure_name(change: FigureChange) -> str:
    """Return what a figure is called: a part by its label, one of other days with these."""
    record = change.record
    if record is None:
        return change.id
    days = "" if record.period.whole else f", {change.period}"
    # A share of parts is called what its notebook calls it.
    if not record.key.part:
        return f"{change.id} {change.title}{days}"
    cuts = (
        f"{column.replace('_', ' ')} {NOT_STATED if label is None else label}"
        for column, label in record.key.part
    )
    return f"{record.key.indicator}, {', '.join(cuts)}{days}"


def _difference(one: ExplainedChange) -> str:
    if one.difference or one.change.before is None or one.change.after is None:
        return one.difference
    same = one.change.texts[0] == one.change.texts[1]
    return "same value" if same else "other wording"


def _explained(comparison: Comparison) -> Iterator[ExplainedChange]:
    """Yield the figures that are explained: of a figure and its parts, the figure."""
    known = {(one.change.id, one.change.period) for one in comparison.figures}
    for one in comparison.figures:
        record = one.change.record
        if record and not (record.key.part and (str(record.key.whole), one.change.period) in known):
            yield one


def record_line(change: RecordChange) -> str:
    """Return what became of a record: its key, and each column that changed."""
    key = ", ".join(f"{name} {value}" for name, value in change.key)
    how = "unchanged" if change.how == "same" else change.how
    columns = "".join(
        f"; {name}: {before or '(empty)'} \N{RIGHTWARDS ARROW} {after or '(empty)'}"
        for name, before, after in change.columns
    )
    return f"{change.table} {key}: {how}, {_COUNTED[change.counted]}{columns}"


def reasons(one: ExplainedChange) -> Iterator[str]:
    """Yield why a figure differs, a line each: the rule, the records, what cannot be shown."""
    if one.change.before is None or one.change.after is None:
        yield "the indicator is new" if one.change.before is None else "the indicator is gone"
        return
    for what, before, after in one.why.rule:
        yield f"{what}: {before or '(none)'} \N{RIGHTWARDS ARROW} {after or '(none)'}"
    yield from (record_line(change) for change in one.why.records[:_SHOWN])
    more = len(one.why.records) - _SHOWN
    if more > 0:
        yield f"and {more} more records"
    if one.why.missing:
        yield one.why.missing


def as_text(comparison: Comparison) -> str:
    """Return the comparison as lines for a terminal."""
    lines = [f"{comparison.before} \N{RIGHTWARDS ARROW} {comparison.after}"]
    if comparison.empty:
        lines.append("no difference")
    for one in comparison.figures:
        change = one.change
        values = f"{one_line(change.before)} \N{RIGHTWARDS ARROW} {one_line(change.after)}"
        said = one.difference or (_SAME if change.texts[0] == change.texts[1] else "")
        difference = f" ({said})" if said else ""
        lines += ["", f"{figure_name(change)}: {values}{difference}"]
        lines += [f"  {reason}" for reason in reasons(one)]
    for title, pairs in (("inputs", comparison.files), ("reports", comparison.reports)):
        lines += ["", title, *(f"  {name}: {how}" for name, how in pairs)] if pairs else []
    for passage in comparison.passages:
        lines += ["", passage.report]
        lines += [f"  - {passage.before}"] if passage.before else []
        lines += [f"  + {passage.after}"] if passage.after else []
    lines += ["", *comparison.notes] if comparison.notes else []
    return "\n".join(lines)


def as_html(comparison: Comparison) -> str:
    """Return the comparison as an HTML page of the reports' own design."""
    from jpreport.export.html import render_html

    return render_html(Document("What changed", blocks=tuple(_blocks(comparison))))


def _blocks(comparison: Comparison) -> Iterator[Block]:
    yield _prose(f"Before: {comparison.before}. After: {comparison.after}.")
    if comparison.empty:
        yield _prose("Nothing differs.")
    if comparison.figures:
        yield _heading("Figures")
        yield _figures(comparison)
        for place, one in enumerate(_explained(comparison), start=1):
            if why := tuple(reasons(one)):
                yield _heading(figure_name(one.change), f"figure-{place}", level=2)
                yield _list(why)
    for title, pairs in (("Inputs", comparison.files), ("Reports", comparison.reports)):
        if pairs:
            yield _heading(title)
            yield _table(("Name", "What happened"), pairs)
    if comparison.passages:
        yield _heading("Text")
        rows = [(one.report, *excerpts(one)) for one in comparison.passages]
        yield _table(("Report", "Before", "After"), rows)
    if comparison.notes:
        yield _heading("Notes")
        yield _list(comparison.notes)


def _figures(comparison: Comparison) -> TableBlock:
    rows = [
        (
            figure_name(one.change),
            one_line(one.change.before),
            one_line(one.change.after),
            _difference(one),
        )
        for one in comparison.figures
    ]
    return _table(("Figure", "Before", "After", "Change"), rows, numbers=True)


def _table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = False
) -> TableBlock:
    columns = tuple(
        Column(head, "number" if numbers and place else "text") for place, head in enumerate(heads)
    )
    cells = (tuple(Cell(text) for text in row) for row in rows)
    return TableBlock(Table(columns, tuple(Row(row) for row in cells)))


def _prose(text: str) -> Prose:
    return Prose(({"t": "Para", "c": [{"t": "Str", "c": text}]},))


def _heading(text: str, name: str = "", level: int = 1) -> Prose:
    attributes = [name or f"all-{text.lower()}", ["unnumbered"], []]
    header = [level, attributes, [{"t": "Str", "c": text}]]
    return Prose(({"t": "Header", "c": header},))


def _list(lines: Sequence[str]) -> Prose:
    items = [[{"t": "Plain", "c": [{"t": "Str", "c": line}]}] for line in lines]
    return Prose(({"t": "BulletList", "c": items},))
