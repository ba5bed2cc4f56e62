"""Charts of the notebook door: honest lengths, legible colours, the same bytes, a text for each."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import itertools
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import numpy as np
import pandas as pd
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure as Drawing
from nbclient import NotebookClient

from chart_samples import WHOLE, figure
from jpreport.design import colour
from jpreport.design.style import DEFAULT
from jpreport.forms import mime
from jpreport.forms.tables import Table
from jpreport.notebook import inline, svg, theme
from jpreport.notebook.charts import (
    bar_chart,
    cumulative_chart,
    grouped_bar_chart,
    progress_chart,
    share_chart,
    small_multiples,
    stacked_bar_chart,
)
from jpreport.notebook.charts.axes import TimeAxis, ValueAxis
from jpreport.notebook.charts.canvas import Canvas, Point, width_of, wrapped
from jpreport.notebook.charts.cumulative import _apart
from jpreport.notebook.charts.horizontal_bars import HorizontalBars
from jpreport.notebook.charts.progress import ProgressBars
from jpreport.notebook.charts.reading import read
from jpreport.notebook.charts.vertical_bars import VerticalBars
from jpreport.notebook.output import ReportChart

DONORS = pd.DataFrame(
    {"donor": ["Belgium", "UN.GIFT", "Switzerland"], "amount": [680_000, 530_000, 200_000]}
)
PEOPLE = pd.DataFrame(
    [("Niš", "women", 20), ("Niš", "men", 5), ("Novi Sad", "women", 22), ("Novi Sad", "men", 6)],
    columns=["town", "sex", "students"],
)
DAYS = pd.DataFrame(
    {
        "held_on": pd.to_datetime(["2010-06-01", "2011-01-15", "2011-01-15", "2012-03-02"]),
        "centre": ["A", "B", "A", "B"],
        "sessions": [1, 2, 3, 4],
    }
)


GALLERY: dict[str, Callable[[], ReportChart]] = {
    "bar": lambda: bar_chart(DONORS, "donor", "amount", unit="USD"),
    "columns": lambda: bar_chart(DONORS, "donor", "amount", unit="USD", horizontal=False),
    "grouped": lambda: grouped_bar_chart(PEOPLE, "town", "students", "sex"),
    "stacked": lambda: stacked_bar_chart(PEOPLE, "town", "students", "sex"),
    "stacked columns": lambda: stacked_bar_chart(
        PEOPLE, "town", "students", "sex", horizontal=False
    ),
    "cumulative": lambda: cumulative_chart(DAYS, "held_on", unit="sessions"),
    "cumulative by": lambda: cumulative_chart(DAYS, "held_on", "sessions", by="centre"),
    "share": lambda: share_chart(DONORS, "donor", "amount", unit="USD"),
    "progress": lambda: progress_chart([figure("1", 277, target=300), figure("2", 90)]),
    "small": lambda: small_multiples(PEOPLE, "sex", "students", "town"),
}


@pytest.fixture(params=list(GALLERY))
def draw(request: pytest.FixtureRequest) -> Callable[[], ReportChart]:
    return GALLERY[request.param]


class Recorder(Canvas):
    """A canvas that remembers what was drawn on it."""

    def __init__(self) -> None:
        super().__init__(2000)
        self.bars: list[tuple[float, float, float, float, str]] = []
        self.words: list[tuple[float, float, str]] = []

    def rectangle(self, corner: Point, size: Point, fill: str, edge: str = "none") -> None:
        self.bars.append((*corner, *size, fill))
        super().rectangle(corner, size, fill, edge)

    def text(self, at: Point, text: str, **options: Any) -> None:  # noqa: ANN401
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[options.get("align", "left")]
        width = width_of(text, options.get("size", theme.LABEL), options.get("weight", "normal"))
        self.words.append((at[0] - share * width, at[0] + (1 - share) * width, text))
        super().text(at, text, **options)


# What every chart is


def test_a_chart_carries_its_text_and_its_data(draw: Callable[[], ReportChart]) -> None:
    chart = draw()
    bundle = chart._repr_mimebundle_()
    assert bundle["text/plain"] == bundle[mime.CHART]["alt"] == repr(chart)
    assert bundle[mime.CHART]["version"] == 1
    assert Table.from_json(bundle[mime.CHART]["table"]) == chart.table
    root = fromstring(bundle["image/svg+xml"])
    assert (root.get("role"), root.get("aria-label")) == ("img", chart.alt)
    assert abs(float(root.get("width", "")[:-2]) - 165 / 25.4 * 72) < 0.01


def test_the_svg_is_small_and_needs_no_style_sheet(draw: Callable[[], ReportChart]) -> None:
    text = draw().svg
    assert len(text) < 60_000
    assert not re.search(r"style|<text|<script|xlink|http(?!://www\.w3\.org/2000/svg)|<!", text)
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', text)) == set(ids)


def test_charts_of_one_page_share_no_ids() -> None:
    ids = [set(re.findall(r' id="([^"]+)"', one().svg)) for one in GALLERY.values()]
    assert all(not one & other for one, other in itertools.combinations(ids, 2))


def test_a_chart_has_the_same_bytes_every_time(draw: Callable[[], ReportChart]) -> None:
    first = draw()
    with mpl.rc_context(
        {"font.size": 30, "svg.fonttype": "none", "svg.hashsalt": None, "lines.linewidth": 9,
         "axes.facecolor": "red", "savefig.facecolor": "red", "text.usetex": False,
         "savefig.bbox": "tight", "path.sketch": (1, 100, 2)}
    ):  # fmt: skip
        second = draw()
    assert first == second


def test_charts_can_be_drawn_in_threads() -> None:
    alone = [one().svg for one in GALLERY.values()]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda one: one().svg, GALLERY.values()))
    assert together == alone


@pytest.mark.slow
def test_a_chart_does_not_depend_on_the_process() -> None:
    code = textwrap.dedent(
        """
        import hashlib, pandas as pd
        from jpreport.notebook.charts import stacked_bar_chart
        frame = pd.DataFrame(
            [("Niš", "women", 20), ("Niš", "men", 5), ("Novi Sad", "women", 22)],
            columns=["town", "sex", "students"],
        )
        svg = stacked_bar_chart(frame, "town", "students", "sex", title="Čas").svg
        print(hashlib.sha256(svg.encode()).hexdigest())
        """
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("0", "UTC"), ("4711", "Asia/Tokyo"))
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == hashlib.sha256().digest_size * 2


def test_the_typeface_comes_with_the_package() -> None:
    for weight in ("normal", "semibold"):
        found = mpl.font_manager.findfont(
            mpl.font_manager.FontProperties(family=DEFAULT.sans, weight=weight)
        )
        assert "font_source_sans_pro" in found


@pytest.mark.parametrize("label", ["$x$ and $y$", "<b>&amp;", "-->", "a\nb", "\x00", r"\frac{1}"])
def test_labels_are_drawn_as_they_are(label: str) -> None:
    chart = bar_chart(pd.DataFrame({"a": [label], "n": [1]}), "a", "n", title=label)
    root = fromstring(chart.svg)
    drawn = sum(1 for element in root.iter() if element.tag.endswith("use"))
    # Every character that has ink is drawn, twice (name and title): nothing was taken as a formula.
    shown = "".join(label.replace("\x00", "").split())
    assert drawn >= 2 * len(shown)


# Honest lengths


amounts = st.integers(0, 10**9) | st.floats(0, 10**6).map(lambda value: round(value, 2))
names = st.text(st.characters(codec="latin-1", categories=["L", "Nd", "Zs"]), min_size=1)


@given(st.lists(st.tuples(names, amounts | st.none()), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_lengths_are_in_proportion_and_words_stay_on_the_sheet(
    pairs: list[tuple[str, float | None]],
) -> None:
    named = [(f"{name} {number}", value) for number, (name, value) in enumerate(pairs)]
    if all(value is None for _, value in named):
        return
    grid = read(pd.DataFrame(named, columns=["a", "n"], dtype=object), "a", "n")
    canvas = Recorder()
    body = HorizontalBars(grid, [DEFAULT.accent])
    body.draw(canvas, (0, 0))
    zero, unit = body.scale
    longest = max(value or 0 for _, value in named)
    drawn = [bar for bar in canvas.bars if bar[4] == DEFAULT.accent]
    expected = [value for _, value in named if value and value * unit]
    assert all(bar[0] == zero for bar in drawn)
    for bar, value in zip(drawn, expected, strict=True):
        assert bar[2] == pytest.approx(value * unit)
    if longest:
        assert longest * unit >= canvas.width * 0.2
    assert all(left >= -0.01 and right <= canvas.width + 0.01 for left, right, _ in canvas.words)


def test_negative_values_go_the_other_way() -> None:
    grid = read(pd.DataFrame({"a": ["x", "y"], "n": [-10, 20]}), "a", "n")
    canvas, body = Recorder(), HorizontalBars(grid, [DEFAULT.accent])
    body.draw(canvas, (0, 0))
    zero, unit = body.scale
    (left, _, width, *_), (right, *_) = canvas.bars
    assert left + width == pytest.approx(zero) == pytest.approx(right)
    assert width == pytest.approx(10 * unit)
    assert "−10" in [word for *_, word in canvas.words]


def test_stacked_parts_add_up_to_the_bar() -> None:
    grid = read(PEOPLE, "town", "students", "sex")
    canvas, body = Recorder(), HorizontalBars(grid, DEFAULT.series[:2], stacked=True)
    body.draw(canvas, (0, 0))
    _, unit = body.scale
    first = canvas.bars[:2]
    assert first[1][0] + first[1][2] - first[0][0] == pytest.approx(25 * unit, abs=1.3)
    assert [word for *_, word in canvas.words if word in {"25", "28"}] == ["25", "28"]


def test_standing_bars_start_at_zero_and_carry_an_axis_where_values_find_no_room() -> None:
    few = read(DONORS, "donor", "amount")
    many = read(pd.DataFrame({"a": range(30), "n": range(10**6, 10**6 + 30)}), "a", "n")
    for grid in (few, many):
        canvas = Recorder()
        VerticalBars(grid, [DEFAULT.accent]).draw(canvas, (0, 0))
        feet = {round(y + height, 6) for _, y, _, height, _ in canvas.bars}
        assert len(feet) == 1
        heights = [height for *_, height, _ in canvas.bars]
        values = [value for value in grid.amounts[0] if value]
        assert heights[0] / heights[1] == pytest.approx(values[0] / values[1])
        assert all(left >= -0.01 for left, *_ in canvas.words)
    assert "1,000,000" in [word for *_, word in canvas.words]
    assert "1,000,029" not in [word for *_, word in canvas.words]


def test_small_multiples_have_one_scale() -> None:
    frame = pd.DataFrame(
        [("a", "x", 5), ("b", "x", 1_000), ("a", "y", 5), ("b", "y", 123_456)],
        columns=["a", "by", "n"],
    )
    text = small_multiples(frame, "a", "n", "by").svg
    widths = [
        float(found[2]) - float(found[1])
        for found in re.finditer(r'd="M([\d.]+) [\d.]+L([\d.]+) [^"]*" fill="#0b4f6c"', text)
    ]
    assert len(widths) == 4
    assert widths[3] / widths[1] == pytest.approx(123.456, rel=0.05)


def test_progress_draws_no_mark_where_no_target_is_stated() -> None:
    stated, unstated = figure("1", 277, target=300), figure("2", 90)
    canvas = Recorder()
    ProgressBars([stated, unstated]).draw(canvas, (0, 0))
    fills = [bar[4] for bar in canvas.bars]
    assert fills == [DEFAULT.tint, DEFAULT.accent, DEFAULT.ink, DEFAULT.accent]
    words = [word for *_, word in canvas.words]
    assert "of 300 (92.3%)" in words
    assert "target not stated" in words


def test_progress_over_several_units_draws_only_what_has_a_target() -> None:
    rows = [figure("1", 277, target=300), figure("2", 3, unit="clinics"), figure("3", None)]
    canvas = Recorder()
    body = ProgressBars(rows)
    body.draw(canvas, (0, 0))
    assert [bar[4] for bar in canvas.bars].count(DEFAULT.accent) == 1
    assert "no records" in [word for *_, word in canvas.words]
    assert not progress_chart([figure("2", 90)]).svg.count(DEFAULT.tint)


def test_a_share_that_finds_no_room_gets_a_bar_of_its_own() -> None:
    wide = share_chart(DONORS, "donor", "amount")
    narrow = share_chart(pd.DataFrame({"a": ["x", "a long name"], "n": [9999, 1]}), "a", "n")
    assert wide.svg.count(DEFAULT.series[1]) == 1
    assert DEFAULT.tint in narrow.svg
    assert DEFAULT.series[1] not in narrow.svg
    assert "a long name: 0.01% (1)" in narrow.alt
    assert narrow.table.notes == ("Shares are rounded and may not add up to 100%.",)


def test_a_running_total_ends_with_its_total() -> None:
    chart = cumulative_chart(
        DAYS, "held_on", "sessions", start=WHOLE.start, end=WHOLE.end, unit="sessions"
    )
    shown = [[cell.text for cell in row.cells] for row in chart.table.rows]
    assert shown[0] == ["30 June 2010", "1"]
    assert shown[2] == ["31 December 2010", "1"]
    assert shown[3] == ["31 March 2011", "6"]
    assert shown[-1] == ["31 October 2012", "10"]
    assert "10 in all, half of it by 15 January 2011" in chart.alt


heights = st.lists(st.tuples(st.floats(0, 150), st.floats(5, 20)), min_size=1, max_size=6)


@given(heights)
def test_labels_at_line_ends_do_not_overlap(ends: list[tuple[float, float]]) -> None:
    wanted, highs = [y for y, _ in ends], [high for _, high in ends]
    places = _apart(wanted, highs, 0, 150)
    order = sorted(range(len(places)), key=lambda number: places[number])
    for one, other in itertools.pairwise(order):
        assert places[other] - places[one] >= (highs[one] + highs[other]) / 2 - 1e-6
    assert min(place - high / 2 for place, high in zip(places, highs, strict=True)) >= -1e-6


# Axes


@given(st.integers(1, 10**9))
def test_an_axis_has_a_few_round_ticks_from_zero(high: int) -> None:
    ticks = ValueAxis(0, high).ticks
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 7
    assert all(float(tick).is_integer() for tick in ticks)
    assert ticks[-1] <= high * (1 + 1e-9)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 40_000))
def test_a_calendar_has_readable_ticks_within_its_days(start: dt.date, days: int) -> None:
    calendar = TimeAxis(start, start + dt.timedelta(days=days))
    assert all(calendar.start <= day <= calendar.end for day, *_ in calendar.ticks)
    assert len(calendar.ticks) <= 20


def test_quarters_of_the_programme_are_named() -> None:
    ticks = [(upper, lower) for _, upper, lower in TimeAxis(WHOLE.start, WHOLE.end).ticks]
    assert ticks[:4] == [("Jul", "2010"), ("Oct", ""), ("Jan", "2011"), ("Apr", "")]
    years = TimeAxis(dt.date(2001, 1, 1), dt.date(2010, 12, 31)).ticks
    assert [upper for _, upper, _ in years] == [str(year) for year in range(2001, 2011)]


@given(st.text(st.characters(codec="latin-1", categories=["L", "Zs"])), st.integers(30, 200))
@settings(deadline=None)
def test_wrapped_lines_are_no_wider_than_allowed(text: str, width: int) -> None:
    lines = wrapped(text, width, most=2)
    assert len(lines) <= 2
    assert all(width_of(line) <= width for line in lines)


# Texts


@pytest.mark.parametrize(
    ("chart", "alt"),
    [
        (
            "bar",
            (
                "Bar chart: Amount by donor, USD. "
                "Belgium: 680,000; UN.GIFT: 530,000; Switzerland: 200,000."
            ),
        ),
        (
            "stacked",
            (
                "Stacked bar chart: Students by town and sex. women – Niš: 20; Novi Sad: 22. "
                "men – Niš: 5; Novi Sad: 6. In all: Niš: 25; Novi Sad: 28."
            ),
        ),
        (
            "cumulative",
            (
                "Line chart of a running total: Sessions, 1 June 2010 \u2013 2 March 2012. "
                "4 in all, half of it by 15 January 2011."
            ),
        ),
        (
            "share",
            (
                "Shares of a whole: Amount by donor, USD. Belgium: 48.2% (680,000); "
                "UN.GIFT: 37.6% (530,000); Switzerland: 14.2% (200,000)."
            ),
        ),
        (
            "progress",
            "Achieved against target. Title 1: 277 of 300 (92.3%); Title 2: 90, target not stated.",
        ),
    ],
)
def test_the_text_says_what_the_chart_shows(chart: str, alt: str) -> None:
    assert GALLERY[chart]().alt == alt


def test_of_many_values_the_text_gives_the_extremes() -> None:
    frame = pd.DataFrame({"a": [f"C{n}" for n in range(20)], "n": [5, 900, *range(10, 28)]})
    frame.loc[3, "n"] = None
    alt = bar_chart(frame, "a", "n", title="Sessions").alt
    assert alt == "Bar chart: Sessions. 19 of 20 values stated, from 5 (C0) to 900 (C1)."


def test_an_author_can_say_it_better() -> None:
    chart = bar_chart(DONORS, "donor", "amount", alt='Half from "Belgium"')
    assert chart.alt == 'Half from "Belgium"'
    assert 'aria-label="Half from &quot;Belgium&quot;"' in chart.svg


def test_qualifiers_and_gaps_are_said() -> None:
    frame = pd.DataFrame(
        {"a": ["x", "y"], "n": [4500, None], "t": ["at least 4,500", "not stated"]}
    )
    assert bar_chart(frame, "a", "n", text="t").alt.endswith("x: at least 4,500; y: not stated.")
    chart = bar_chart(frame, "a", "n")
    assert chart.table.rows[1].cells[1].state == "not stated"
    lacking = grouped_bar_chart(PEOPLE.iloc[:3], "town", "students", "sex")
    assert lacking.table.rows[1].cells[2].state == "empty"


# Refusals


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: bar_chart(DONORS, "doner", "amount"), 'no column "doner"; did you mean "donor"'),
        (lambda: bar_chart(DONORS, "amount", "donor"), "holds 'Belgium'; it must hold numbers"),
        (lambda: bar_chart(PEOPLE, "town", "students"), '"Niš" stands in several rows; sum them'),
        (lambda: bar_chart(DONORS, "donor", "amount", highlight="Belgum"), 'mean "Belgium"'),
        (lambda: bar_chart(pd.DataFrame({"a": range(60), "n": 1}), "a", "n"), "60 categories are"),
        (lambda: bar_chart(pd.DataFrame({"a": ["x"], "n": [np.inf]}), "a", "n"), "has no length"),
        (lambda: bar_chart(
            pd.DataFrame({"a": ["x" * 99, "y"], "n": 1}), "a", "n", horizontal=False,
        ), "use horizontal=True"),
        (lambda: stacked_bar_chart(PEOPLE.assign(students=-1), "town", "students", "sex"),
         "negative values"),
        (lambda: share_chart(DONORS.assign(amount=-1), "donor", "amount"), "negative values"),
        (lambda: share_chart(DONORS.assign(amount=[1, 2, None]), "donor", "amount"), "missing"),
        (lambda: cumulative_chart(DAYS.assign(held_on=pd.NaT), "held_on"), "without a date"),
        (lambda: cumulative_chart(DAYS, "held_on", end=dt.date(2011, 1, 1)), "beyond the axis"),
        (lambda: progress_chart([]), "no figures"),
        (lambda: progress_chart([figure("1", -1)]), "indicator 1 is negative"),
        (lambda: small_multiples(PEOPLE, "sex", "students", "town", across=9), "1 to 5 panels"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_with_a_reason(
    draw: Callable[[], ReportChart], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        draw()


NONE = PEOPLE[:0]


@pytest.mark.parametrize(
    ("draw", "said", "rows"),
    [
        (lambda: bar_chart(DONORS[:0], "donor", "amount", title="Gifts"), "No records", 0),
        (lambda: bar_chart(pd.DataFrame([]), "donor", "amount"), "No records", 0),
        (lambda: grouped_bar_chart(NONE, "town", "students", "sex"), "No records", 0),
        (lambda: stacked_bar_chart(NONE, "town", "students", "sex"), "No records", 0),
        (lambda: small_multiples(NONE, "town", "students", "sex"), "No records", 0),
        (lambda: share_chart(DONORS[:0], "donor", "amount", highlight="x"), "No records", 0),
        (lambda: cumulative_chart(DAYS[:0], "held_on", unit="persons"), "No records", 0),
        (lambda: bar_chart(pd.DataFrame({"a": ["x"], "n": [None]}), "a", "n"), "No values", 1),
        (lambda: share_chart(DONORS.assign(amount=0), "donor", "amount"), "The sum is zero", 3),
    ],
)
def test_nothing_to_draw_is_no_fault_and_the_chart_says_so(
    draw: Callable[[], ReportChart], said: str, rows: int
) -> None:
    chart = draw()
    assert said in chart.alt
    assert chart.svg == draw().svg
    assert chart.svg.startswith('<svg role="img"')
    assert len(chart.table.rows) == rows
    assert chart.table.columns[-1].kind == "number"


def test_alt_of_a_chart_of_nothing_names_its_subject() -> None:
    assert bar_chart(DONORS[:0], "donor", "amount", title="Gifts").alt == (
        "Bar chart: Gifts. No records in this period."
    )
    assert cumulative_chart(DAYS[:0], "held_on", alt="Own words").alt == "Own words"


def test_what_is_no_frame_or_date_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="needs a pandas DataFrame, not list"):
        bar_chart([], "a", "b")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="it must hold dates"):
        cumulative_chart(DONORS, "donor")


# Colours


def test_text_and_marks_have_contrast() -> None:
    for fill in (*DEFAULT.series, DEFAULT.accent):
        assert colour.contrast(theme.text_on(fill), fill) >= colour.TEXT_CONTRAST
        assert colour.contrast(theme.outline(fill), DEFAULT.paper) >= colour.MARK_CONTRAST
    for text in (DEFAULT.ink, DEFAULT.muted):
        assert colour.contrast(text, DEFAULT.paper) >= colour.TEXT_CONTRAST
    assert colour.contrast("#000000", "#ffffff") == pytest.approx(21)


# Plain figures of an analyst


def plain() -> str:
    drawing = Drawing(layout="constrained")
    axes = drawing.subplots()
    axes.plot([1, 2, 3], [3, 1, 2])
    axes.set_title("Sessions & <more>")
    buffer = io.BytesIO()
    drawing.savefig(buffer, format="svg", backend=svg.BACKEND)
    return buffer.getvalue().decode()


def test_a_plain_figure_leaves_by_the_same_way(tmp_path: Path) -> None:
    text = plain()
    assert text == plain()
    assert not re.search(r"style=|<style|<metadata|<!|xlink", text)
    fromstring(text)
    Drawing().savefig(tmp_path / "a.svg", backend=svg.BACKEND)
    assert (tmp_path / "a.svg").read_text().startswith("<svg ")


def test_what_svg_has_no_attribute_for_stays_a_style() -> None:
    before = (
        '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><g style="fill: red; font: 9px x"/></svg>'
    )
    assert 'fill="red" style="font: 9px x"' in svg.tidied(before)


def test_settings_are_matplotlib_settings() -> None:
    with mpl.rc_context():
        mpl.rcParams.update(theme.settings())
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle[0] == DEFAULT.series[0]
    assert all(colour.contrast(one, DEFAULT.paper) >= colour.MARK_CONTRAST for one in cycle)


def test_outside_a_kernel_nothing_is_configured() -> None:
    before = dict(mpl.rcParams)
    inline.configure()
    assert dict(mpl.rcParams) == before


@pytest.mark.slow
@pytest.mark.parametrize("first", ["", "import matplotlib.pyplot as plt"])
def test_a_kernel_shows_plain_figures_as_svg(first: str) -> None:
    cells = [
        first,
        "from jpreport.notebook.inline import configure\nconfigure()",
        textwrap.dedent(
            """
            import matplotlib.pyplot as plt
            fig, ax = plt.subplots()
            ax.plot([1, 2, 3])
            ax.set_title("Čas")
            plt.tight_layout()
            plt.show()
            """
        ),
        "import pandas as pd\npd.Series([3, 1, 2]).plot.bar();",
    ]
    shown = []
    for _ in range(2):
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        NotebookClient(book, kernel_name="python3", timeout=60).execute()
        outputs = [output for cell in book.cells for output in cell.outputs]
        assert {output.output_type for output in outputs} == {"display_data"}
        shown.append([output.data["image/svg+xml"] for output in outputs])
    assert shown[0] == shown[1]
    assert len(shown[0]) == 2
    assert all(text.startswith("<svg ") and "style" not in text for text in shown[0])


def test_a_ratio_is_drawn_in_per_cent() -> None:
    chart = bar_chart(pd.DataFrame({"a": ["x", "y"], "n": [0.5, 0.25]}), "a", "n", unit="share")
    assert chart.alt == "Bar chart: N by a. x: 50%; y: 25%."
    rows = ProgressBars([replace(figure("1", 0.5, unit="share"), target=0.8)])
    assert rows.remark == ""


def test_a_chart_draws_nothing_of_a_suppressed_figure_and_says_so() -> None:
    seen = figure("1", 277, target=300)
    hidden = replace(figure("2", None, target=300), suppressed=True)
    canvas = Recorder()
    ProgressBars((seen, hidden)).draw(canvas, (0, 0))
    assert sum(fill == theme.style().accent for *_, fill in canvas.bars) == 1
    assert "suppressed" in [word for *_, word in canvas.words]
    both = progress_chart([seen, hidden])
    assert "suppressed of 300" in both.alt
    cell = both.table.rows[1].cells[1]
    assert (cell.text, cell.state) == ("[c]", "suppressed")


def test_a_chart_of_figures_keeps_their_derivation() -> None:
    hidden = replace(figure("3", None), suppressed=True)
    frame = pd.DataFrame(
        {"town": ["Niš", "Bor", "Čačak"], "n": [figure("1", 4), figure("2", 5), hidden]}
    )
    for chart in (bar_chart(frame, "town", "n"), bar_chart(frame, "town", "n", horizontal=False)):
        cells = [row.cells[1] for row in chart.table.rows]
        assert [(cell.text, cell.figure) for cell in cells] == [
            ("4", "1"), ("5", "2"), ("[c]", None),
        ]  # fmt: skip
        assert cells[2].state == "suppressed"
        assert [one.id for one in chart.figures] == ["1", "2", "3"]
        assert chart.table.columns[1].unit == figure("1", 4).unit
        assert "Čačak: suppressed" in chart.alt
    plain = frame.assign(n=[4, 5, None])
    unit = figure("1", 4).unit
    assert "suppressed" not in bar_chart(plain, "town", "n", unit=unit).alt


def test_parts_of_a_whole_may_be_figures() -> None:
    frame = pd.DataFrame({"town": ["Niš", "Bor"], "n": [figure("1", 3), figure("2", 1)]})
    chart = share_chart(frame, "town", "n")
    assert [cell.figure for cell in chart.table.rows[0].cells] == [None, "1", "1 / (1 + 2)"]
    assert "Niš: 75% (3)" in chart.alt


def test_a_letter_that_no_typeface_has_is_told() -> None:
    drawing = Drawing()
    drawing.text(0.5, 0.5, "A \u6f22")
    with pytest.raises(ValueError, match='the chart says "\u6f22"'):
        drawing.savefig(io.BytesIO(), format="svg", backend=svg.BACKEND)
