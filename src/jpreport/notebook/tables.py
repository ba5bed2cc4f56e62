"""The tables of a report, built from figures: performance, reconciliation, breakdown, sources."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jpreport.errors import did_you_mean
from jpreport.figures import (
    NOT_STATED,
    Figure,
    share,
)
from jpreport.forms.tables import Cell, Column, Row, State, Table
from jpreport.language import SHARE, current, is_currency
from jpreport.notebook import labels
from jpreport.notebook.frames import (
    BLANK,
    SUPPRESSED_CELL,
    frame_table,
    number_cell,
    suppressed_note,
    unstated,
)
from jpreport.notebook.output import ReportTable, in_languages

if TYPE_CHECKING:
    from jpreport.programme.framework import Objective

__all__ = [
    "breakdown_table",
    "breakdowns_table",
    "contributions_table",
    "frame_table",
    "performance_table",
    "reconciliation_table",
]

# Records are divided among the rows. What they have in common is counted in each of its rows, once
# in the total; averages and extremes add up to nothing.
_DISTINCT = re.compile(r"\s*count\s*\(\s*distinct\b", re.IGNORECASE)
_ADDED = re.compile(r"\s*(?:count|sum)\s*\(", re.IGNORECASE)


@in_languages
def performance_table(
    figures: Iterable[Figure], *, objectives: Iterable[Objective] = ()
) -> ReportTable:
    """Return the indicator-based performance assessment: achieved against baseline and target.

    Figures of several objectives stand in sections, under the titles that `objectives` gives.
    The variance (achieved minus target) has a column where any target is stated.
    """
    chosen = _some(figures, "performance_table")
    with_variance = any(figure.target is not None for figure in chosen)
    say = current().say
    columns = [
        Column(say("Indicator")),
        Column(say("Baseline"), "number"),
        Column(say("Target"), "number"),
        Column(say("Achieved"), "number"),
        *([Column(say("Variance"), "number")] if with_variance else []),
        Column(say("Reason for variance")),
        Column(say("Source of verification")),
    ]
    notes = []
    if with_variance:
        notes.append(say("Variance is what was achieved less the target."))
    if any(figure.direction == "decreasing" and figure.variance for figure in chosen):
        notes.append(say("Where less is better, the variance says whether it is."))
    if any(not figure.target_text for figure in chosen):
        notes.append(say("Where no target is stated, no variance can be given."))
    notes += suppressed_note(chosen)
    rows = _sectioned(
        chosen,
        {objective.id: objective.title for objective in objectives},
        lambda figure: _performance(figure, with_variance=with_variance),
    )
    return ReportTable(Table(tuple(columns), tuple(rows), notes=tuple(notes)), chosen, derived=True)


@in_languages
def reconciliation_table(figures: Iterable[Figure]) -> ReportTable:
    """Return what the records give beside what was published, and whether the two agree."""
    chosen = _some(figures, "reconciliation_table")
    say = current().say
    columns = (
        Column(say("Indicator")),
        Column(say("Computed from the records"), "number"),
        Column(say("Published"), "number"),
        Column(say("Agreement")),
        Column(say("Where published")),
    )
    rows = [
        Row(
            (
                Cell(_name(figure), figure=figure.id),
                _achieved(figure),
                _published(figure),
                Cell(_agreement(figure)),
                Cell(labels.said(figure.published_in)) if figure.published_in else BLANK,
            )
        )
        for figure in chosen
    ]
    table = Table(columns, tuple(rows), notes=suppressed_note(chosen))
    return ReportTable(table, chosen, derived=True)


@in_languages
def breakdown_table(
    figure: Figure, dimension: str, *, label: str = "", top: int | None = None
) -> ReportTable:
    """Return a figure's disaggregation by one dimension: label, value and share of the total.

    `label` heads the first column (default: the dimension's name). With `top`, the largest parts
    come first, and the sum of all others last. Shares and a total are given
    where the parts add up to the figure; where they overlap, a note says so. Raises ValueError
    for a dimension that the indicator is not disaggregated by.
    """
    if dimension not in figure.breakdown:
        hint = did_you_mean(dimension, figure.breakdown) or "it is not disaggregated at all"
        raise ValueError(f'indicator {figure.id} is not disaggregated by "{dimension}"; {hint}')
    parts = _parts(figure, dimension)
    if top is not None:
        largest = figure.top(dimension, top)
        others = len(parts) - top
        parts = [(one.at[0][1] or labels.NOT_RECORDED, one) for one in largest[:top]]
        parts += [(current().count("{} other", "{} others", others), one) for one in largest[top:]]
    return _breakdown(figure, parts, labels.said(label) or labels.heading(dimension))


@in_languages
def breakdowns_table(figures: Iterable[Figure]) -> ReportTable:
    """Return all disaggregations of several figures, a row for each part, with its unit."""
    import pandas as pd

    rows = [
        (
            figure.id,
            labels.heading(name),
            part or labels.NOT_RECORDED,
            one,
            current().term(figure.unit),
        )
        for figure in figures
        for name, parts in figure.breakdown.items()
        for part, one in ((part.label, figure.part(name, part.label)) for part in parts)
    ]
    say = current().say
    columns = [say("Indicator"), say("By"), say("Category"), say("Value"), say("Counted in")]
    return frame_table(pd.DataFrame(rows, columns=columns), stub=3)


@in_languages
def contributions_table(figure: Figure) -> ReportTable:
    """Return the contributions by donor: amount and share, the largest first, and their sum.

    `figure` is the indicator of contributions; its first dimension is the donor. Raises
    ValueError where it has none.
    """
    if not figure.breakdown:
        raise ValueError(
            f"indicator {figure.id} is not disaggregated; name the donor's column under "
            "`disaggregate` in programme.toml"
        )
    parts = _parts(figure, next(iter(figure.breakdown)))
    parts.sort(key=lambda part: -(part[1].value or 0))
    return _breakdown(figure, parts, current().say("Donor"))


def _some(figures: Iterable[Figure], function: str) -> tuple[Figure, ...]:
    chosen = tuple(figures)
    if not chosen:
        raise ValueError(f"{function}: there are no figures to show")
    return chosen


def _name(figure: Figure) -> str:
    """Return an indicator as a table names it: number, title, and the unit its values lack."""
    return labels.clean(f"{figure.id} {current().with_unit(figure.name, figure.unit)}")


def _variance(figure: Figure) -> Cell:
    """Return the variance with its sign, and in words where less is better."""
    if figure.variance is None:
        return BLANK
    sign = "+" if figure.variance > 0 else ""
    number = f"{sign}{figure.worded(figure.variance)}"
    if figure.direction == "decreasing" or figure.target_upper is not None:
        if figure.better:
            number = current().say("{number}, better", number=number)
        elif figure.better is False:
            number = current().say("{number}, worse", number=number)
    return Cell(number)


def _sectioned(
    figures: Sequence[Figure], titles: Mapping[str, str], row: Callable[[Figure], Row]
) -> Iterator[Row]:
    """Yield rows, under a heading for each objective where there are several."""
    objectives = dict.fromkeys(figure.objective for figure in figures)
    for objective in objectives:
        if len(objectives) > 1:
            title = current().term(titles.get(objective or "", ""))
            heading = " ".join(filter(None, (objective, title)))
            heading = heading or current().say("Programme-wide")
            yield Row((Cell(labels.clean(heading)),), "section")
        yield from (row(figure) for figure in figures if figure.objective == objective)


def _performance(figure: Figure, *, with_variance: bool) -> Row:
    achieved = _achieved(figure)
    return Row(
        (
            Cell(_name(figure), figure=figure.id),
            Cell(figure.baseline_text) if figure.baseline_text else unstated(),
            Cell(figure.target_text) if figure.target_text else unstated(),
            achieved,
            *([_variance(figure)] if with_variance else []),
            _reason(figure),
            Cell(labels.said(figure.verification)) if figure.verification else unstated(),
        )
    )


def _achieved(figure: Figure) -> Cell:
    """Return what the records give."""
    if figure.suppressed:
        return SUPPRESSED_CELL
    there = figure.value is not None or figure.statement
    state: State = "value" if there else "not stated"
    return Cell(figure.text, state=state, figure=figure.id)


def _reason(figure: Figure) -> Cell:
    """Return why a target was missed or passed; a dash where there is nothing to explain."""
    if figure.variance_reason:
        return Cell(labels.said(figure.variance_reason))
    return unstated() if figure.variance else BLANK


def _published(figure: Figure) -> Cell:
    """Return what was published, as firm as the indicator says that it is."""
    if figure.published is None:
        return BLANK
    return Cell(figure.published_text)


def _agreement(figure: Figure) -> str:
    say = current().say
    if figure.published is None:
        return say("not published")
    if not figure.period.whole:
        return say("not compared (part of the programme)")
    if figure.suppressed:
        return say("not compared (suppressed)")
    if figure.value is None:
        return say("no records to compare with")
    if figure.reconciles:
        return say("agrees")
    return say("differs by {number}", number=figure.worded(abs(figure.value - figure.published)))


def _parts(figure: Figure, dimension: str) -> list[tuple[str, Figure]]:
    """Return what a figure consists of by one dimension, each part a figure of its own."""
    return [
        (part.label or labels.NOT_RECORDED, figure.part(dimension, part.label))
        for part in figure.breakdown[dimension]
    ]


def _breakdown(figure: Figure, parts: Sequence[tuple[str, Figure]], label: str) -> ReportTable:
    """Return parts as rows; the total is the figure's own value, never a sum of overlaps."""
    words = current()
    values = [part.value for _, part in parts]
    known = [amount for amount in values if amount is not None]
    whole = figure.value
    hidden = any(part.suppressed for _, part in parts)
    additive = bool(known) and whole is not None and math.isclose(math.fsum(known), whole)
    # Cells of a protected cube add up, whether or not all of them can be shown.
    additive = additive or (hidden and whole is not None)
    shares = bool(additive and whole and figure.unit != SHARE)
    portions = [share(part, figure) for _, part in parts] if shares else []
    percents = list(_percents(portions))
    rows = [
        Row((Cell(labels.said(name)), number_cell(part), *percents[n : n + 1]))
        for n, (name, part) in enumerate(parts)
    ]
    if additive:
        total = (Cell(words.say("Total")), number_cell(figure))
        rows.append(Row((*total, *([Cell(words.number(1, SHARE))] if shares else [])), "total"))
    share_column = Column(words.say("Share"), "number")
    columns = (Column(label), _value_column(figure.unit), *([share_column] if shares else []))
    notes = [*_breakdown_notes(figure, known, portions, additive=additive)]
    notes += suppressed_note(part for _, part in parts)
    if any(part.text == words.say(NOT_STATED) for _, part in parts):
        notes.append(
            words.say("Not stated: there is nothing to divide by, or nothing is recorded.")
        )
    figures = (*(part for _, part in parts), *portions, figure)
    return ReportTable(Table(columns, tuple(rows), notes=tuple(notes)), figures, derived=True)


def _percents(portions: Sequence[Figure]) -> Iterator[Cell]:
    """Yield the cells of a column of shares, with equally many decimals."""
    texts = current().column([one.value for one in portions], SHARE)
    for one, text in zip(portions, texts, strict=True):
        cell = number_cell(one)
        yield replace(cell, text=text) if text and cell.figure else cell


def _value_column(unit: str) -> Column:
    """Return the header of a column of one unit: "Amount (USD)", "Persons"."""
    if is_currency(unit):
        return Column(current().say("Amount"), "number", unit)
    said = current().say("Value") if unit == SHARE else labels.said(unit)
    return Column(said[:1].upper() + said[1:], "number")


def as_firm(whole: Figure) -> str:
    """Return the note on the parts of a figure that is not exact."""
    return current().say(
        "The total is {total}; its parts are as firm as the total.", total=whole.text
    )


def _breakdown_notes(
    figure: Figure, known: Sequence[float], portions: Sequence[Figure], *, additive: bool
) -> Iterator[str]:
    words = current()
    if not additive and figure.value is not None and known:
        measure = figure.derivation.measure
        if math.fsum(known) > figure.value and _DISTINCT.match(measure):
            yield words.say(
                "The rows add up to more than the total of {total}: one can stand in several.",
                total=figure.text,
            )
        elif math.fsum(known) < figure.value and _ADDED.match(measure):
            yield words.say("The rows add up to less than the total of {total}.", total=figure.text)
    elif figure.qualifier != "exact":
        yield as_firm(figure)
    yield from words.shares_note(one.value for one in portions if one.value is not None)
