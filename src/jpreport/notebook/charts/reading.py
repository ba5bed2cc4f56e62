"""What a chart takes from a tidy frame: read, checked, or refused with the reason."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from jpreport.errors import did_you_mean
from jpreport.figures import (
    NO_RECORDS,
    NOT_STATED,
    SUPPRESSED,
    Figure,
)
from jpreport.language import DASH, current, phrase
from jpreport.notebook import labels
from jpreport.notebook.charts.chart_data import ChartData, Value

MOST_CATEGORIES = 40
MOST_SERIES = 6
NO_ROWS = phrase("No records in this period")
NO_VALUES = phrase("No values are stated")
ALL_SUPPRESSED = phrase("All values are suppressed")
NONE_SHOWN = phrase("No values can be shown: they are suppressed or not stated")


class NothingToDraw(Exception):  # noqa: N818 - no error: the chart says it in place of marks
    """There is nothing to draw; the text says why."""


def read(  # noqa: PLR0913 - the columns of a chart
    frame: pd.DataFrame,
    x: str,
    y: str,
    by: str | None = None,
    *,
    unit: str = "",
    text: str | None = None,
    positive: bool = False,
) -> ChartData:
    """Read a tidy frame; raises ValueError that says what is wrong with it for this chart.

    A value may be a figure; where all are, their unit is the chart's unless it has one. Raises
    NothingToDraw for a frame without rows or values.
    """
    wanted = [x, y, *([by] if by else []), *([text] if text else [])]
    check_columns(frame, wanted)
    values = read_values(frame, y, positive=positive)
    across = [label(value) for value in frame[x].tolist()]
    down = [label(value) for value in frame[by].tolist()] if by else [""] * len(across)
    categories, series = tuple(dict.fromkeys(across)), tuple(dict.fromkeys(down))
    cells: dict[tuple[int, int], Value] = {}
    figures: dict[tuple[int, int], Figure] = {}
    for category, name, value, given in zip(across, down, values, frame[y].tolist(), strict=True):
        place = series.index(name), categories.index(category)
        if place in cells:
            names = f'"{category}"' + (f' and "{name}"' if by else "")
            keys = f'["{x}", "{by}"]' if by else f'"{x}"'
            raise ValueError(
                f"{names} stands in several rows; sum them first, "
                f'e.g. frame.groupby({keys}, as_index=False)["{y}"].sum()'
            )
        cells[place] = value
        if isinstance(given, Figure):
            figures[place] = given
    check_number("categories", len(categories), MOST_CATEGORIES)
    grid = [(s, c) for s in range(len(series)) for c in range(len(categories))]
    return ChartData(
        x=labels.heading(x),
        y=labels.heading(y),
        by=labels.heading(by) if by else "",
        unit=unit or unit_of(frame[y].tolist()),
        categories=categories,
        series=series,
        amounts=tuple(
            tuple(cells.get((s, c)) for c in range(len(categories))) for s in range(len(series))
        ),
        absent=frozenset(place for place in grid if place not in cells),
        given=(tuple(label(value) for value in frame[text].tolist()),) if text else (),
        figures=figures,
    )


def unit_of(values: Sequence[object]) -> str:
    """Return the unit that all values are figures of, "" where there is none."""
    units = {value.unit if isinstance(value, Figure) else "" for value in values}
    return units.pop() if len(units) == 1 else ""


def check_columns(frame: pd.DataFrame, wanted: Sequence[str]) -> None:
    """Refuse what is no frame, or one without the columns that a chart needs.

    Raises NothingToDraw for no rows. A frame made of none has no columns either.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"needs a pandas DataFrame, not {type(frame).__name__}")
    names = list(frame.columns)
    if not names and frame.empty:
        raise NothingToDraw(current().say(NO_ROWS))
    for name in wanted:
        if name not in names:
            hint = did_you_mean(str(name), map(str, names))
            raise ValueError(f'the frame has no column "{name}"; {hint}')
        if names.count(name) > 1:
            raise ValueError(f'the frame has several columns "{name}"')
    if frame.empty:
        raise NothingToDraw(current().say(NO_ROWS))


def read_values(frame: pd.DataFrame, y: str, *, positive: bool = False) -> list[Value]:
    """Return a column as floats, None where missing or suppressed.

    Raises ValueError for what is no number, NothingToDraw where all are missing.
    """
    values = list(_values(frame, y))
    known = [value for value in values if value is not None]
    if not known:
        raise NothingToDraw(_why_none(frame[y].tolist()))
    if positive and min(known) < 0:
        raise ValueError(
            f'column "{y}" has negative values (lowest {min(known):g}); parts of a '
            "whole cannot be negative, bar_chart shows them"
        )
    return values


def _why_none(values: Sequence[object]) -> str:
    """Return why none of the values can be drawn."""
    say = current().say
    said = {value.text if isinstance(value, Figure) else say(NOT_STATED) for value in values}
    if said == {say(NO_RECORDS)}:
        return say(NO_ROWS)
    if say(SUPPRESSED) not in said:
        return say(NO_VALUES)
    return say(ALL_SUPPRESSED if said == {say(SUPPRESSED)} else NONE_SHOWN)


def check_whole(frame: pd.DataFrame, y: str, so: str) -> None:
    """Refuse a column that lacks numbers where a chart adds up all of them.

    `so` says what that leads to, in English. Raises NothingToDraw for a figure that is
    suppressed or without a value: what is drawn of the others would measure it. Raises ValueError
    for another gap.
    """
    values = frame[y].tolist()
    figures = [value for value in values if isinstance(value, Figure)]
    if pd.isna([value for value in values if not isinstance(value, Figure)]).any():
        raise ValueError(f'column "{y}" has missing values, {so}')
    if any(figure.suppressed for figure in figures):
        words = current()
        raise NothingToDraw(words.say("A value is suppressed, {so}", so=words.say(so)))
    lacking = [figure.text for figure in figures if figure.value is None]
    if lacking:
        words, why = current(), lacking[0]
        raise NothingToDraw(
            words.say("A value is missing ({why}), {so}", why=why, so=words.say(so))
        )


def _values(frame: pd.DataFrame, y: str) -> Iterator[Value]:
    for given in frame[y].tolist():
        value = shown(given) if isinstance(given, Figure) else given
        if pd.api.types.is_scalar(value) and pd.isna(value):
            yield None
        elif isinstance(value, numbers.Number) and not isinstance(value, bool | complex):
            exact = float(value)  # type: ignore[arg-type]
            if not math.isfinite(exact):
                raise ValueError(f'column "{y}" holds {value}, which has no length')
            yield int(value) if isinstance(value, numbers.Integral) else exact
        else:
            raise ValueError(f'column "{y}" holds {value!r}; it must hold numbers')


def shown(figure: Figure) -> Value:
    """Return a figure's value as far as it may be drawn: None where it is suppressed."""
    return None if figure.suppressed else figure.value


def check_number(things: str, count: int, most: int) -> None:
    """Refuse more bars, lines or panels than a page can show."""
    if count > most:
        raise ValueError(
            f"{count} {things} are too many to tell apart (at most {most}); "
            "show the largest and sum up the rest, or use frame_table"
        )


def label(value: Any) -> str:  # noqa: ANN401 - whatever a frame holds
    """Return the name of a category on one line; a year has no thousands separator."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return labels.said(labels.NOT_RECORDED)
    return " ".join(labels.cell_text(value).split()) or DASH
