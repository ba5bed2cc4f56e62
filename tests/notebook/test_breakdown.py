"""A figure divided by columns: labels that align, totals that are the figure's, charts of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jpreport.errors import FigureError
from jpreport.notebook import open_report, side_by_side
from jpreport.notebook.report import Report

SERBIA = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report() -> Report:
    return open_report(project=SERBIA)


def test_it_is_a_list_of_figures_found_by_label(report: Report) -> None:
    sexes = report["1.1"].by("sex")
    assert sum(sexes[1:], sexes[0]).value == report["1.1"].value
    assert sexes["Female"] is sexes[0]
    assert sexes["Female"].value + sexes["Male"].value == 277
    with pytest.raises(FigureError, match=r'no sex is Femal\n  did you mean "Female"\?'):
        sexes["Femal"]


def test_tables_have_the_totals_of_the_figure(report: Report) -> None:
    whole = report["1.1"]
    one, two = whole.by("region").table(), whole.by("age_group", "sex").table()
    for made in (one, two):
        assert made.table.rows[-1].role == "total"
        assert whole.text in [cell.text for cell in made.table.rows[-1].cells]
    assert whole.by("region").table(labels={"region": "Where"}).table.columns[0].label == "Where"


def test_sums_and_differences_align_by_label(report: Report) -> None:
    covered, centres = report["1.2"].by("region"), report["C.1"].by("region")
    left = centres - covered
    for place, at in enumerate(left.cells):
        had = covered.cells[at].value if at in covered.cells else 0
        assert left[place].value == centres.cells[at].value - had
    assert [one.value for one in (covered + left)] == [
        left.cells[at].value + covered.cells[at].value for at in covered.cells
    ]
    shares = covered / centres
    assert all(one.unit == "share" for one in shares)
    with pytest.raises(FigureError, match="figures by region and figures by sex do not align"):
        centres - report["1.1"].by("sex")


def test_measures_stand_side_by_side(report: Report) -> None:
    names = {"Direct": "2.2", "Indirect": "2.3"}
    both = side_by_side({name: report[one].by("target_group") for name, one in names.items()})
    made = both.sorted("Direct").table().table
    assert [column.label for column in made.columns] == ["Target group", "Direct", "Indirect"]
    assert [cell.text for cell in made.rows[-1].cells][1:] == [
        report[one].text for one in names.values()
    ]
    direct = [both.sorted("Direct").cells[(*at, "Direct")].value for at in _places(both.sorted())]
    assert direct == sorted(direct, reverse=True)


def _places(both: object) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(at[:-1] for at in both.cells))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (("sex",), "bars"),
        (("age_group", "sex"), "bars"),
        (("age_group", "sex"), "stacked"),
        (("age_group", "sex"), "panels"),
        (("sex",), "shares"),
        (("sex",), "over_time"),
    ],
)
def test_each_chart_shows_every_figure(report: Report, columns: tuple[str, ...], kind: str) -> None:
    divided = report["1.1"].by(*columns)
    chart = getattr(divided, kind)()
    assert {one.id for one in divided} <= {one.id for one in chart.figures}
    assert chart.alt


def test_indicators_of_one_measure_run_over_time_together(report: Report) -> None:
    both = report["1.1"].by("profession") + report["3.1"].by("profession")
    assert {one.id for one in both} <= {one.id for one in both.over_time().figures}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda rp: rp["1.1"].part("sex", "Female").by("region"), "is divided already"),
        (lambda rp: rp["C.1"].by("region").over_time(), "this runs over no time"),
        (lambda rp: rp["1.1"].by("sex", "region").shares(), "takes one column"),
        (lambda rp: rp["1.1"].by("sex").stacked(), "takes two columns"),
        (lambda rp: (rp["1.1"] + rp["3.1"]).by("sex"), "cannot be divided|divided already"),
        (
            lambda rp: side_by_side(
                {"a": rp["C.2"].by("target_group"), "b": rp["2.2"].by("target_group")}
            ).bars(),
            "stand on no common axis",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(report: Report, made: object, expected: str) -> None:
    with pytest.raises(FigureError, match=expected):
        made(report)  # type: ignore[operator]


def test_a_year_is_a_column(report: Report) -> None:
    years = report.by_year("1.1", "3.1")
    assert list(years.columns) == ["2010", "2011", "2012"]
    assert sum(years.iloc[0].tolist()[1:], years.iloc[0].tolist()[0]).value is not None
