"""No chart shrinks its type below what can be read: it goes on in the next page, or is refused."""

from __future__ import annotations

import io
import re
from zipfile import ZipFile

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure as Plain

from jpreport.design.page import LEAST_TYPE, TEXT_WIDTH, shrunk
from jpreport.document.blocks import ChartBlock, Document
from jpreport.document.drawings import in_parts, unreadable
from jpreport.document.formats import load_format
from jpreport.export.pdf_things import pdf_things
from jpreport.notebook import bar_chart, grouped_bar_chart, small_multiples, stacked_bar_chart
from jpreport.notebook.output import ReportChart
from jpreport.notebook.svg import BACKEND

BODY = "word/document.xml"
KINDS = (bar_chart, grouped_bar_chart, stacked_bar_chart, small_multiples)


def frame(categories: int, series: int, label: str) -> pd.DataFrame:
    """Return a value for each series of each category, the names of which have a stem."""
    rows = [(f"{label}{c}", f"s{s}", 1 + c) for c in range(categories) for s in range(series)]
    return pd.DataFrame(rows, columns=["x", "by", "y"])


def size(svg: bytes) -> tuple[float, float]:
    """Return the width and the height of an SVG, in points."""
    said = dict(re.findall(r'\b(width|height)="([\d.]+)pt"', svg.decode().partition(">")[0]))
    return float(said["width"]), float(said["height"])


@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(
    st.sampled_from(range(len(KINDS))),
    st.integers(1, 40),
    st.integers(1, 6),
    st.sampled_from(("", "A district ", "A long name of something that was never shortened " * 3)),
)
def test_every_part_of_a_chart_is_set_as_it_was_drawn(
    kind: int, categories: int, series: int, label: str
) -> None:
    draw = KINDS[kind]
    try:
        if draw is bar_chart:
            chart = bar_chart(frame(categories, 1, label), "x", "y")
        else:
            chart = draw(frame(categories, series, label), "x", "y", "by")
    except ValueError as refused:
        assert draw is small_multiples
        assert "show fewer" in str(refused)
        return
    sizes = [size(part) for part in in_parts(chart.svg.encode())]
    assert {shrunk(*one) for one in sizes} == {1.0}
    assert sum(height for _, height in sizes) == pytest.approx(size(chart.svg.encode())[1], abs=1)


def tall() -> ReportChart:
    """Return a chart of three pages."""
    return grouped_bar_chart(frame(30, 3, "A district "), "x", "y", "by")


@pytest.mark.parametrize("name", ["pdf", "docx"])
def test_a_chart_goes_on_in_the_next_page(name: str) -> None:
    chart = tall()
    drawing = chart.svg.encode()
    block = ChartBlock("image/svg+xml", drawing, chart.alt, chart.table, "cht-a", "All", 1)
    made = load_format(name).render(Document("A report", blocks=(block,)), None).content
    assert len(in_parts(drawing)) == 3
    if name == "pdf":
        held = {one.kind: count for one, count in pdf_things(made).items()}
    else:
        held = {"picture": len(re.findall(rb"<wp:docPr", ZipFile(io.BytesIO(made)).read(BODY)))}
    assert held["picture"] == 3


def test_a_plain_figure_that_could_not_be_read_is_refused() -> None:
    def saved(width: float, size: float) -> None:
        figure = Plain(figsize=(width, 4))
        figure.text(0.5, 0.5, "words", fontsize=size)
        figure.savefig(io.BytesIO(), format="svg", backend=BACKEND)

    saved(TEXT_WIDTH / 72, LEAST_TYPE)
    saved(2 * TEXT_WIDTH / 72, 2 * LEAST_TYPE)
    with pytest.raises(ValueError, match=r"type would be 4.2 points high; draw it 6.5 by 4.0 in"):
        saved(2 * TEXT_WIDTH / 72, 8.5)


@pytest.mark.parametrize(
    ("root", "size", "fine"),
    [
        ('width="400" height="300"', "10px", True),
        ('width="400" height="300"', "7px", False),
        ('width="1400px" height="300px"', "11px", False),
        ('width="400pt" height="300pt" viewBox="0 0 800 600"', "11px", False),
        ('viewBox="0 0 800 600"', "11px", True),
    ],
)
def test_type_of_a_drawing_is_measured_as_it_is_printed(root: str, size: str, fine: bool) -> None:  # noqa: FBT001
    svg = f'<svg {root}><text font-size="{size}">words</text></svg>'
    assert (unreadable(svg) == "") is fine
