"""A programme of another shape: targets, a missed one, an XLSX sheet, real records."""

from __future__ import annotations

from pathlib import Path

import pytest

import jpreport.scaffold
from jpreport.execute.run import run_notebook
from jpreport.notebook import Report, open_report

WATER = Path(jpreport.scaffold.__file__).with_name("water")


@pytest.fixture(scope="module")
def report() -> Report:
    return open_report(project=WATER)


def test_figures_come_from_csv_and_a_named_sheet(report: Report) -> None:
    values = {figure.id: figure.value for figure in report.figures()}
    assert values == {
        "A.1": 14,
        "A.2": 12,
        "A.3": pytest.approx(12 / 14),
        "A.4": 908,
        "B.1": 8,
        "B.2": pytest.approx(31 / 60),
        "C.1": 204_400,
    }


def test_variance_is_achieved_less_target_where_both_are_stated(report: Report) -> None:
    assert report["A.1"].variance == -2
    assert report["A.2"].variance is None
    assert report["A.3"].variance == pytest.approx(12 / 14 - 0.9)
    assert report["B.1"].variance == 0


def test_reconciliation_tells_agreement_difference_and_absence(report: Report) -> None:
    assert report["A.4"].reconciles is True
    assert report["B.1"].reconciles is False
    assert report["A.1"].reconciles is None


def test_wording_follows_unit_and_qualifier(report: Report) -> None:
    assert report["A.3"].text == "85.7%"
    assert report["A.4"].text == "an estimated 908"
    assert report["C.1"].text == "USD\N{NO-BREAK SPACE}204,400"


def test_records_are_not_illustrative(report: Report) -> None:
    assert report.illustrative is False


def test_unfinished_points_count_in_cost_only(report: Report) -> None:
    assert len(report.table("waterpoints")) == 14
    assert report["C.1"].derivation.records == 16


@pytest.mark.slow
@pytest.mark.parametrize("district", ["Upper Lorn", "Lower Lorn"])
def test_notebook_runs(district: str) -> None:
    notebook = WATER / "notebooks" / "district.ipynb"
    done = run_notebook(notebook, {"district": district, "goal": 0.9}, cwd=WATER)
    title = next(cell for cell in done.cells if cell.cell_type == "markdown")
    [value] = title.metadata["user_expressions"]
    assert value["result"]["data"]["text/plain"] == repr(district)
