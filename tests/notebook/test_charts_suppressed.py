"""Charts of figures that are suppressed or have no value: words for them, nothing to measure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chart_samples import figure
from jpreport.design.style import DEFAULT
from jpreport.errors import FigureError
from jpreport.figures import (
    Figure,
    FigureKey,
    FigureRecord,
    total,
)
from jpreport.notebook.charts import (
    bar_chart,
    cumulative_chart,
    grouped_bar_chart,
    progress_chart,
    share_chart,
    small_multiples,
    stacked_bar_chart,
)
from jpreport.notebook.charts.canvas import Canvas, Point
from jpreport.notebook.charts.horizontal_bars import HorizontalBars
from jpreport.notebook.charts.reading import read
from jpreport.notebook.output import ReportChart

TOWNS = ("Niš", "Bor")
SEXES = ("women", "men")
LAST = f"{TOWNS[1]}, {SEXES[1]}"


def hidden(value: float | None = None) -> Figure:
    """Return a suppressed figure; a `value` that it holds all the same must never be seen."""
    return figure("4", value, suppressed=True)


EMPTY = figure("4", None)


def crossed(last: Figure) -> pd.DataFrame:
    places = [(town, sex) for town in TOWNS for sex in SEXES]
    figures = [figure("1", 20), figure("2", 5), figure("3", 22), last]
    rows = [(*place, one) for place, one in zip(places, figures, strict=True)]
    return pd.DataFrame(rows, columns=["town", "sex", "n"])


def listed(last: Figure) -> pd.DataFrame:
    return crossed(last).assign(town=[f"{town}, {sex}" for town in TOWNS for sex in SEXES])


def dated(last: Figure) -> pd.DataFrame:
    days = pd.to_datetime(["2010-06-01", "2011-01-15", "2011-06-01", "2012-03-02"])
    return listed(last).assign(day=days)


CHARTS: dict[str, Callable[[Figure], ReportChart]] = {
    "bars": lambda last: bar_chart(listed(last), "town", "n"),
    "columns": lambda last: bar_chart(listed(last), "town", "n", horizontal=False),
    "grouped": lambda last: grouped_bar_chart(crossed(last), "town", "n", "sex"),
    "grouped columns": lambda last: grouped_bar_chart(
        crossed(last), "town", "n", "sex", horizontal=False
    ),
    "stacked": lambda last: stacked_bar_chart(crossed(last), "town", "n", "sex"),
    "stacked columns": lambda last: stacked_bar_chart(
        crossed(last), "town", "n", "sex", horizontal=False
    ),
    "small": lambda last: small_multiples(crossed(last), "sex", "n", "town"),
    "share": lambda last: share_chart(listed(last), "town", "n"),
    "cumulative": lambda last: cumulative_chart(dated(last), "day", "n"),
    "cumulative by": lambda last: cumulative_chart(dated(last), "day", "n", by="sex"),
    "progress": lambda last: progress_chart(
        [replace(one, target=30) for one in (figure("1", 20), last)]
    ),
    "progress of units": lambda last: progress_chart(
        [replace(figure("1", 20), unit="clinics", target=30), replace(last, target=30)]
    ),
    "nothing else": lambda last: bar_chart(pd.DataFrame({"town": ["Bor"], "n": [last]}), "town",
                                           "n"),
}  # fmt: skip
# Of these nothing is drawn where one number is missing: the others would measure it.
ALL_OR_NOTHING = ("share", "cumulative", "cumulative by", "nothing else")


@pytest.fixture(params=list(CHARTS))
def chart(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written into charts, in its order: an SVG holds outlines of letters only."""
    written: list[str] = []
    text = Canvas.text

    def record(canvas: Canvas, at: Point, words: str, **options: object) -> None:
        written.append(words)
        text(canvas, at, words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Canvas, "text", record)
    return written


def numbers(texts: list[str]) -> set[str]:
    return {found for text in texts for found in re.findall(r"\d[\d,.]*", text)}


# What is drawn and told


def test_a_suppressed_figure_is_drawn_as_a_word(chart: str, words: list[str]) -> None:
    drawn = CHARTS[chart](hidden())
    assert any("suppressed" in word for word in words)
    assert "suppressed" in drawn.alt
    cells = [cell for row in drawn.table.rows for cell in row.cells if cell.state == "suppressed"]
    assert [(cell.text, cell.figure) for cell in cells] == [("[c]", None)]
    assert drawn.table.notes[-1].startswith("[c] suppressed: the number is small enough")


def test_a_figure_without_a_value_says_why(chart: str, words: list[str]) -> None:
    drawn = CHARTS[chart](EMPTY)
    assert any("no records" in word.lower() for word in words)
    assert "no records" in drawn.alt.lower()
    cells = [cell for row in drawn.table.rows for cell in row.cells if cell.figure == "4"]
    assert [(cell.text, cell.state) for cell in cells] == [("no records", "not stated")]
    assert drawn.table.notes == ()
    assert "suppressed" not in "".join((*words, drawn.alt))


def test_a_zero_is_no_gap(chart: str, words: list[str]) -> None:
    drawn = CHARTS[chart](figure("4", 0))
    assert not any("suppressed" in word or "no records" in word.lower() for word in words)
    if chart != "nothing else":
        assert "suppressed" not in drawn.alt
        assert all(cell.state == "value" for row in drawn.table.rows for cell in row.cells)


def test_no_sum_and_no_share_is_told_beside_a_suppressed_part(chart: str, words: list[str]) -> None:
    drawn = CHARTS[chart](hidden(3))
    shown = {cell.text for row in drawn.table.rows for cell in row.cells}
    told = numbers([*words, drawn.alt, *shown]) - {"20.", "22."}
    # 22 beside the hidden 3: no 25 of Bor, no 50 of all, and no per cent of them.
    assert not told & {"3", "25", "50", "47", "44", "40%", "10%", "6%", "42%"} - (
        {"25"} if chart.startswith("stacked") else set()
    )
    if chart in ALL_OR_NOTHING:
        assert not numbers(words)


values = (
    st.none() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9)
    | st.sampled_from([float("nan"), float("inf"), 0, 0.5])
)  # fmt: skip


@pytest.mark.parametrize("kind", list(CHARTS))
@given(value=values)
@settings(max_examples=15, deadline=None)
def test_a_hidden_value_changes_no_byte(kind: str, value: float | None) -> None:
    without, with_value = CHARTS[kind](hidden()), CHARTS[kind](hidden(value))
    assert with_value.svg == without.svg
    assert with_value.alt == without.alt
    assert with_value.table == without.table
    shown, expected = (json.dumps(one._repr_mimebundle_()) for one in (with_value, without))
    assert shown == expected


# What stands for it


def test_a_stack_has_no_sum_without_its_suppressed_part(words: list[str]) -> None:
    drawn = CHARTS["stacked"](hidden())
    assert "suppressed: men" in words
    assert "25" in words
    assert "22" in words
    assert drawn.alt.endswith("In all: Niš: 25; Bor: suppressed.")


def test_a_stack_is_as_long_as_its_known_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    bars: list[tuple[float, str]] = []

    def record(_: Canvas, __: Point, size: Point, fill: str, edge: str = "none") -> None:  # noqa: ARG001
        bars.append((size[0], fill))

    monkeypatch.setattr(Canvas, "rectangle", record)
    grid = read(crossed(hidden(1000)), "town", "n", "sex")
    body = HorizontalBars(grid, DEFAULT.series[:2], stacked=True)
    body.draw(Canvas(500), (0, 0))
    _, unit = body.scale
    assert [round(width / unit) for width, _ in bars] == [20, 5, 22]
    assert [fill for _, fill in bars] == [*DEFAULT.series[:2], DEFAULT.series[0]]


def test_where_the_word_finds_no_room_a_sign_stands_and_is_explained(words: list[str]) -> None:
    many = pd.DataFrame({"place": [f"P{n}" for n in range(20)], "n": [5] * 20}).astype(object)
    many.loc[3, "n"] = hidden()
    bar_chart(many, "place", "n", horizontal=False)
    assert words[0] == "[c] suppressed"
    assert words.count("[c]") == 1
    assert "suppressed" not in words
    with pytest.raises(ValueError, match="has no room at its bar; use horizontal=True"):
        grouped_bar_chart(
            pd.DataFrame(
                [(place, by, hidden() if place == 3 else 5) for place in range(30) for by in "abc"],
                columns=["place", "by", "n"],
            ),
            "place", "n", "by", horizontal=False,
        )  # fmt: skip


def test_of_many_values_the_text_counts_those_that_are_suppressed() -> None:
    rows = [(f"P{n}", figure(str(n), n + 1) if n > 1 else hidden()) for n in range(20)]
    drawn = bar_chart(pd.DataFrame(rows, columns=["place", "n"]), "place", "n")
    assert "18 of 20 values stated (2 suppressed), from 3 (P2) to 20 (P19)" in drawn.alt


def test_the_authors_words_do_not_stand_for_a_suppressed_figure(words: list[str]) -> None:
    frame = listed(hidden()).assign(words=["twenty", "five", "many", "three"])
    drawn = bar_chart(frame, "town", "n", text="words")
    assert "three" not in "".join((*words, drawn.alt))
    assert f"{LAST}: suppressed" in drawn.alt
    assert "many" in words


def test_where_all_are_hidden_the_chart_says_so() -> None:
    frame = crossed(hidden())[["town", "sex"]].assign(n=[hidden()] * 4)
    for drawn in (
        stacked_bar_chart(frame, "town", "n", "sex"),
        small_multiples(frame, "town", "n", "sex"),
        grouped_bar_chart(frame, "town", "n", "sex"),
    ):
        assert drawn.alt.endswith("All values are suppressed.")
        assert all(row.cells[-1].text == "[c]" for row in drawn.table.rows)
    mixed = frame.assign(n=[hidden(), EMPTY, hidden(), hidden()])
    assert "they are suppressed or not stated" in grouped_bar_chart(mixed, "town", "n", "sex").alt


# Shares and running totals of figures


def test_the_share_of_a_figure_is_a_figure() -> None:
    frame = pd.DataFrame({"town": TOWNS, "n": [figure("1", 3), figure("2", 1)]})
    drawn = share_chart(frame, "town", "n")
    assert [[(cell.text, cell.figure) for cell in row.cells[1:]] for row in drawn.table.rows] == [
        [("3", "1"), ("75%", "1 / (1 + 2)")],
        [("1", "2"), ("25%", "2 / (1 + 2)")],
        [("4", "1 + 2"), ("100%", None)],
    ]
    assert [one.value for one in drawn.figures] == [3, 1, 0.75, 0.25, 4]
    whole = share_chart(frame, "town", "n", whole=figure("C", 4))
    assert [row.cells[2].figure for row in whole.table.rows] == ["1 / C", "2 / C", None]
    assert whole.svg == drawn.svg


def test_what_does_not_make_the_whole_is_refused() -> None:
    frame = pd.DataFrame({"town": TOWNS, "n": [figure("1", 3), figure("2", 1)]})
    with pytest.raises(ValueError, match="the parts add up to 4, the whole C is 5"):
        share_chart(frame, "town", "n", whole=figure("C", 5))
    with pytest.raises(ValueError, match="its parts are no figures"):
        share_chart(frame.assign(n=[3, 1]), "town", "n", whole=figure("C", 4))
    with pytest.raises(FigureError, match="1 would be added up twice"):
        share_chart(frame.assign(n=[figure("1", 3)] * 2), "town", "n")
    drawn = share_chart(frame, "town", "n", whole=replace(figure("C", 4), suppressed=True))
    assert drawn.alt.endswith("The whole is suppressed, so there are no shares.")


RECORDS = pd.DataFrame(
    {
        "day": pd.to_datetime(["2010-06-01", "2011-01-15", "2011-01-15", "2012-03-02"]),
        "centre": ["A", "B", "A", "B"],
        "n": [1, 2, 3, 4],
    }
)


def test_a_running_total_ends_with_its_figure() -> None:
    drawn = cumulative_chart(RECORDS, "day", "n", total=figure("1", 10))
    cells = [row.cells[1] for row in drawn.table.rows]
    assert (cells[-1].text, cells[-1].figure) == ("10", "1")
    assert {cell.figure for cell in cells[:-1]} == {None}
    assert drawn.table.notes[0].startswith("Each row counts what the figures in the last row")
    assert [one.id for one in drawn.figures] == ["1"]
    ends = {"A": figure("1", 4), "B": figure("2", 6), "C": figure("3", None)}
    by = cumulative_chart(RECORDS, "day", "n", by="centre", total=ends)
    assert [cell.figure for cell in by.table.rows[-1].cells] == [None, "1", "2"]
    assert by.svg == cumulative_chart(RECORDS, "day", "n", by="centre").svg


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ({"A": figure("1", 5), "B": figure("2", 6)}, 'the rows of "A" make 4, 1 is 5;'),
        ({"A": figure("1", 4)}, '`total` has no figure for "B"; known: A'),
        ({"A": figure("1", 4), "B": figure("2", 6), "D": figure("3", 1)}, 'no line for "D"'),
        ({"A": figure("1", 4), "B": hidden(6)}, "4 is suppressed: its records cannot be drawn"),
        ({"A": figure("1", 4), "B": EMPTY}, 'the rows of "B" make 6, 4 is no records'),
    ],
)
def test_an_end_that_is_not_the_figure_is_refused(ends: dict[str, Figure], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        cumulative_chart(RECORDS, "day", "n", by="centre", total=ends)


def test_a_suppressed_value_is_not_in_the_json_of_a_figure() -> None:
    record = FigureRecord.of(replace(hidden(987_654), target=10, published=5)).to_json()
    assert "987" not in json.dumps(record)
    assert (record["value"], record["variance"], record["reconciles"]) == (None, None, None)
    summed = total([figure("1", 4), replace(hidden(987_654), key=FigureKey("5"))])
    assert "987" not in json.dumps(FigureRecord.of(summed).to_json())
