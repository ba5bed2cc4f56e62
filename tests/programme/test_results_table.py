"""A results framework in a table: CSV and XLSX, every fault with its row and column."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from jpreport.errors import ProjectError
from jpreport.programme.framework import Indicator
from jpreport.programme.settings import read_settings

HEAD = '[programme]\ntitle = "W"\nstart = 2020-01-01\nend = 2021-12-31\n'
FILE = """\
[framework]
file = "data/results.{}"
table = "values"
measure = "sum(value)"
where = "indicator = '{{id}}'"
level = "output"
"""
HEADER = [
    *("Indicator code", "Indicator", "Unit", "Baseline", "Baseline year", "Target", "Target 2020"),
    *("Direction", "Source of verification", "Reason for variance", "Part"),
]
ROWS: list[list[Any]] = [
    [
        "1.1",
        "Persons trained",
        "persons",
        0,
        2019,
        "80 - 90",
        40,
        "increasing",
        "Lists",
        "Rain",
        None,
    ],
    ["1.1", None, None, 5, None, 50, None, None, None, None, "sex=Female"],
    ["1.2", "Deaths", "persons", 1763, None, 1577, None, "Decreasing", "Register", None, None],
    ["1.3", "Share of it's kind", "share", "12.5%", None, 0.05, None, None, None, None, None],
]


def written(
    folder: Path, rows: list[list[Any]], kind: str, more: str = "", head: str = FILE
) -> Path:
    (folder / "data").mkdir(exist_ok=True)
    path = folder / f"data/results.{kind}"
    if kind == "xlsx":
        book = Workbook()
        assert book.active is not None
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        lines = (",".join("" if one is None else str(one) for one in row) for row in rows)
        path.write_text("\n".join(lines), encoding="utf-8")
    (folder / "programme.toml").write_text(HEAD + head.format(kind) + more, encoding="utf-8")
    return folder


def faults(folder: Path, rows: list[list[Any]], more: str = "") -> str:
    with pytest.raises(ProjectError) as caught:
        read_settings(written(folder, rows, "csv", more))
    return str(caught.value)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_rows_are_indicators(tmp_path: Path, kind: str) -> None:
    one, two, three = read_settings(written(tmp_path, [HEADER, *ROWS], kind)).indicator
    assert (one.id, one.title, one.unit, one.level) == (
        "1.1",
        "Persons trained",
        "persons",
        "output",
    )
    assert (one.baseline, one.baseline_year, one.target, one.target_upper) == (0, 2019, 80, 90)
    assert (one.milestones, one.targets) == ({"2020": 40}, {"sex=Female": 50})
    assert one.baselines == {"sex=Female": 5}
    assert (one.verification, one.variance_reason) == ("Lists", "Rain")
    assert (one.table, one.measure, one.where) == ("values", "sum(value)", "indicator = '1.1'")
    assert (two.direction, two.target, str(two.place)) == (
        "decreasing",
        1577,
        f"data/results.{kind}, row 4",
    )
    assert (three.baseline, three.target) == (0.125, 0.05)


def test_what_the_settings_say_is_added(tmp_path: Path) -> None:
    more = '[[indicator]]\nid = "1.2"\nobjective = "SO1"\nqualifier = "estimated"\n'
    more += '[[indicator]]\nid = "2.1"\nlevel = "output"\ntitle = "T"\nunit = "u"\n'
    more += 'table = "values"\nmeasure = "count(*)"\n[[objective]]\nid = "SO1"\ntitle = "O"\n'
    settings = read_settings(written(tmp_path, [HEADER, *ROWS], "csv", more))
    assert {one.id for one in settings.indicator} == {"1.1", "1.2", "1.3", "2.1"}
    two: Indicator = settings.indicators["1.2"]
    assert (two.objective, two.qualifier, two.baseline) == ("SO1", "estimated", 1763)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Target": "many"}, 'row 4, column target: "many" is not a number'),
        ({"Baseline": "1_2"}, 'row 4, column baseline: "1_2" is not a number'),
        ({"Direction": "sideways"}, "row 4, column direction: input should be 'increasing' or"),
        ({"Indicator code": "1.1"}, 'row 4, column id: "1.1" stands in a row above already'),
        ({"Indicator": ""}, "row 4, column title: is missing"),
        ({"Part": "sex=Male", "Target": ""}, "row 4, column part: needs an indicator above"),
        ({"Target 2020": "soon"}, 'row 4, column target 2020: "soon" is not a number'),
    ],
)
def test_every_fault_has_its_row_and_column(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    row = [change.get(name, cell) for name, cell in zip(HEADER, ROWS[2], strict=True)]
    assert f"data/results.csv, {told}" in faults(tmp_path, [HEADER, *ROWS[:2], row])


def test_faults_of_the_form_are_told(tmp_path: Path) -> None:
    assert 'row 1, column Tarhet: there is no "Tarhet"' in faults(
        tmp_path, [["id", "title", "Tarhet"]]
    )
    assert 'the column "title" is missing' in faults(tmp_path, [["id"]])
    assert "is empty" in faults(tmp_path, [])
    unknown = '[[indicator]]\nid = "1.2"\ntitle = "Other"\n'
    assert "row 4, column title: programme.toml says another" in faults(
        tmp_path, [HEADER, *ROWS], unknown
    )
    objective = [[*HEADER, "Objective"], [*ROWS[2], "SO9"]]
    assert 'row 2, column objective: there is no objective "SO9"' in faults(tmp_path, objective)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    head = 'framework = "data/result.csv"\n'
    (tmp_path / "data").mkdir()
    (tmp_path / "programme.toml").write_text(head + HEAD, encoding="utf-8")
    with pytest.raises(ProjectError, match="is not there"):
        read_settings(tmp_path)
    (tmp_path / "programme.toml").write_text('framework = "../x.csv"\n' + HEAD, encoding="utf-8")
    with pytest.raises(ProjectError, match="not in the programme folder"):
        read_settings(tmp_path)
