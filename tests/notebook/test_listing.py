"""What a report lists reads as a short table, and stays the list that it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jpreport.errors import short_traceback
from jpreport.forms.mime import TABLE
from jpreport.notebook import breakdown_table, open_report
from jpreport.notebook.report import Report
from programme_samples import write_programme


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return open_report(project=write_programme(tmp_path))


def test_a_cross_is_a_list_of_figures_and_shows_their_labels(report: Report) -> None:
    crossed = report.cross("1.1", "sex")
    assert [figure.value for figure in crossed] == [3, 2]
    assert repr(crossed).splitlines()[0].split() == ["Sex", "Value"]
    assert repr(crossed).splitlines()[2].split() == ["female", "3"]
    bundle = crossed._repr_mimebundle_()
    assert [one["id"] for one in bundle[TABLE]["figures"]] == [one.id for one in crossed]
    assert "<table" in bundle["text/html"]


def test_indicators_are_a_mapping_and_show_a_line_each(report: Report) -> None:
    assert list(report.indicators) == ["1.1", "R.1"] == report._ipython_key_completions_()
    lines = repr(report.indicators).splitlines()
    assert len(lines) == 4
    assert lines[2].split() == ["1.1", "Visits", "made", "visits", "output", "sex"]


def test_a_report_shows_what_is_in_it(report: Report) -> None:
    assert repr(report.indicators) in repr(report)
    assert report._repr_mimebundle_()[TABLE] == report.indicators._repr_mimebundle_()[TABLE]


def test_what_the_door_refuses_is_told_in_two_lines(report: Report) -> None:
    cell = compile('breakdown_table(figure, "sexx")', "<cell>", "exec")
    with pytest.raises(ValueError, match="sexx") as refused:
        exec(cell, {"breakdown_table": breakdown_table, "figure": report["1.1"]})  # noqa: S102
    assert short_traceback(refused.value)[-1].startswith("ValueError: indicator 1.1 is not")
    assert InteractiveShell.initialized() is False
