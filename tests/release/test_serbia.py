"""The shipped programme: its records give the published figures, and nothing else is claimed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import frictionless
import pytest

from jpreport.cli import main
from jpreport.errors import DataError, FigureError
from jpreport.execute.run import run_notebook
from jpreport.notebook import Report, open_report

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SENSITIVE = ("assisted_persons", "counselling_sessions")
LABEL = re.compile(r"^#\| label: (\S+)$", re.MULTILINE)
ROLE = re.compile(r"\{eval\}`[^`]*`")
DATE_OR_LABEL = re.compile(r"\(#[^)]+\)|\[\^\w+\]|USD 1\.4 million")

# What the programme's page states, by indicator: the number, and how a report words it.
PAGE = {
    "1.1": (277, "277"),
    "1.2": (72, "72"),
    "1.3": (0.5, "50%"),
    "1.4": (1, "1"),
    "2.1": (5, "5"),
    "2.2": (4500, "at least 4,500"),
    "2.3": (9000, "an estimated 9,000"),
    "3.1": (160, "160"),
    "3.2": (3, "3"),
    "3.3": (90, "90"),
    "3.4": (1, "1"),
    "4.1": (6, "6"),
    "4.2": (3, "3"),
    "4.3": (85, "85"),
    "4.4": (900, "900"),
    "4.5": (2, "2"),
    "R.1": (680_000, "USD\N{NO-BREAK SPACE}680,000"),
    "R.2": (200_000, "USD\N{NO-BREAK SPACE}200,000"),
    "R.3": (530_000, "USD\N{NO-BREAK SPACE}530,000"),
    "R.4": (1_410_000, "USD\N{NO-BREAK SPACE}1,410,000"),
    "T.1": (29, "29"),
}


@pytest.fixture(scope="module")
def report() -> Report:
    return open_report(project=ROOT)


def copy_programme(target: Path) -> Path:
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, target / name)
    shutil.copy(ROOT / "programme.toml", target)
    return target


def cells(notebook: Path, kind: str) -> list[str]:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == kind]


def make_records(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "make_records.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", PAGE)
def test_records_give_the_figure_of_the_page(report: Report, name: str) -> None:
    value, text = PAGE[name]
    figure = report[name]
    assert figure.value == value
    assert figure.text == text
    assert figure.published == value
    assert figure.reconciles is True
    assert figure.published_in
    assert figure.verification


def test_nothing_is_published_that_the_page_does_not_state(report: Report) -> None:
    assert {one.id for one in report.figures() if one.published is not None} == set(PAGE)
    assert all(one.baseline is None and one.target is None for one in report.figures())


def test_breakdowns_add_up_to_their_totals(report: Report) -> None:
    for figure in report.figures():
        for dimension, parts in figure.breakdown.items():
            known = sum(part.value or 0 for part in parts)
            if any(part.suppressed for part in parts):
                assert known < figure.value, (figure.id, dimension)
            else:
                assert known == figure.value, (figure.id, dimension)


def test_direct_and_indirect_beneficiaries_are_never_added_up(report: Report) -> None:
    with pytest.raises(FigureError, match=r"2\.2 counts direct beneficiaries, 2\.3 indirect ones"):
        report.total("2.2", "2.3")
    with pytest.raises(FigureError, match=r"4\.3 counts persons, 4\.4 counts sessions"):
        report["4.3"] + report["4.4"]
    for indicator in report.indicators.values():
        columns = set(re.findall(r"\w+", indicator.measure))
        assert not {"direct_beneficiaries", "indirect_beneficiaries"} <= columns


@pytest.mark.parametrize(("indicator", "total"), [("4.3", 85), ("4.4", 900)])
def test_sensitive_figures_are_cells_of_one_protected_cube(
    report: Report, indicator: str, total: int
) -> None:
    figure = report[indicator]
    cube = report.cube(report.indicators[indicator].table)
    assert (figure.value, figure.reconciles) == (total, True)
    assert cube.suppressed
    assert figure.derivation.digest == cube.digest()
    for dimension, parts in figure.breakdown.items():
        shown = {part.label: part.value for part in parts}
        assert shown == cube.breakdown(dimension)
    for cell in report.cross(indicator, "sex", "age_group"):
        assert cell.suppressed == (cell.value is None)


def test_sums_shares_and_averages_of_figures_are_figures(report: Report) -> None:
    donors = [report["R.1"], report["R.2"], report["R.3"]]
    assert report.total(*donors).value == report["R.4"].value
    assert report.total("2.2", "1.1").text == "at least 4,777"
    assert report.average("1.1", "3.1").value == (277 + 160) / 2
    assert (report["R.4"] / report["1.1"]).unit == "USD / persons"
    assert report.share(report["2.2"].part("form", "Games"), "2.2").qualifier == "estimated"


def test_cells_of_open_tables_add_up_to_their_margins(report: Report) -> None:
    cells = report.cross("3.1", "profession", "sex")
    for column in ("profession", "sex"):
        for margin in report.cross("3.1", column):
            inside = [cell for cell in cells if margin.at[0] in cell.at]
            assert report.total(*inside).value == margin.value
    table = report["3.1"].by("profession", "sex").table().table
    assert table.rows[-1].cells[-1].text == "160"
    assert all(cell.figure for row in table.rows for cell in row.cells[1:])


@pytest.mark.slow
def test_a_number_typed_into_the_report_is_refused_with_cell_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    programme = copy_programme(tmp_path)
    notebook = programme / "notebooks" / "end_of_programme.ipynb"
    text = notebook.read_text(encoding="utf-8")
    old = '{eval}`rp[\\"1.1\\"]` social workers completed'
    assert old in text
    notebook.write_text(text.replace(old, "277 social workers completed"), encoding="utf-8")
    assert main(["check", "--project", str(programme)]) == 1
    err = capsys.readouterr().err
    place = "notebooks/end_of_programme.ipynb, cell 9, line 3"
    assert f'{place}: the number "277" is typed in, it comes from no figure' in err


@pytest.mark.parametrize("table", SENSITIVE)
def test_sensitive_records_stay_closed(report: Report, table: str) -> None:
    with pytest.raises(DataError, match="holds records of persons and stays closed"):
        report.table(table)
    with pytest.raises(DataError, match="stays closed"):
        report.records.query(f"select count(*) from {table}")  # noqa: S608 - our own name
    for notebook in NOTEBOOKS:
        code = "\n".join(cells(notebook, "code"))
        assert not any(table in code for table in SENSITIVE)


def test_one_changed_record_shows_in_the_reconciliation(tmp_path: Path) -> None:
    programme = copy_programme(tmp_path)
    file = programme / "data" / "training_participants.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(SW-\d+,[-\d]+),true", r"\1,false", text, count=1), encoding="utf-8")
    report = open_report(project=programme)
    assert report["1.1"].value == 276
    assert [one.id for one in report.figures() if one.reconciles is False] == ["1.1"]


def test_package_says_that_it_is_synthetic_and_describes_every_field() -> None:
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["jpreport"] == {"synthetic": True}
    assert "ynthetic" in package["description"]
    for resource in package["resources"]:
        assert resource["description"]
        for field in resource["schema"]["fields"]:
            assert field["description"], (resource["name"], field["name"])
            assert field["type"] != "integer" or field["unit"], (resource["name"], field["name"])


def test_records_fit_the_package_in_all_three_formats() -> None:
    result = frictionless.Package(str(ROOT / "data" / "datapackage.json")).validate()
    assert result.flatten(["type", "message"]) == []
    assert {task.place.rpartition(".")[2] for task in result.tasks} == {"csv", "xlsx", "parquet"}


def test_generator_writes_the_same_bytes(tmp_path: Path) -> None:
    assert make_records("--output", str(tmp_path)).returncode == 0
    written = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    kept = {file.name: file.read_bytes() for file in (ROOT / "data").iterdir()}
    assert kept.pop("datapackage.json")
    assert written == kept


def test_generator_check_names_the_file_that_differs(tmp_path: Path) -> None:
    assert make_records("--check").returncode == 0
    copy = copy_programme(tmp_path) / "data"
    with (copy / "students.csv").open("a") as file:
        file.write("x\n")
    result = make_records("--check", "--output", str(copy))
    assert result.returncode == 1
    assert "students.csv" in result.stderr
    assert "centres.csv" not in result.stderr


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_figure_is_typed_into_the_text(notebook: Path) -> None:
    for text in cells(notebook, "markdown"):
        prose = DATE_OR_LABEL.sub("", ROLE.sub("", text))
        assert not re.search(r"\d", prose), prose


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_table_and_chart_is_captioned_and_referred_to(notebook: Path) -> None:
    prose = "\n".join(cells(notebook, "markdown"))
    labels = [label for code in cells(notebook, "code") for label in LABEL.findall(code)]
    assert len(labels) == len(set(labels))
    assert set(labels) == set(re.findall(r"\[\]\(#([^)]+)\)", prose))
    for code in cells(notebook, "code"):
        assert ("#| label:" in code) == ("#| caption:" in code)


def test_end_of_programme_report_has_eight_tables_and_charts_and_more() -> None:
    code = "\n".join(cells(ROOT / "notebooks" / "end_of_programme.ipynb", "code"))
    assert len(LABEL.findall(code)) >= 8
    prose = "\n".join(cells(ROOT / "notebooks" / "end_of_programme.ipynb", "markdown"))
    missing = [name for name in PAGE if f'rp["{name}"]' not in prose]
    assert missing == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_committed_without_outputs(notebook: Path) -> None:
    text = notebook.read_text(encoding="utf-8")
    content = json.loads(text)
    assert text == json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("end_of_programme", {}),
        ("end_of_programme", {"period_start": date(2011, 1, 1), "period_end": date(2011, 12, 31)}),
        ("donor", {"donor": "UN Global Initiative to Fight Human Trafficking (UN.GIFT)"}),
        *(("objective", {"objective": name}) for name in ("SO1", "SO2", "SO3", "SO4")),
    ],
)
def test_notebook_runs_and_shows_all_that_it_labels(
    name: str, parameters: dict[str, object]
) -> None:
    done = run_notebook(ROOT / "notebooks" / f"{name}.ipynb", parameters, cwd=ROOT)
    for cell in done.cells:
        for value in cell.metadata.get("user_expressions", []):
            assert value["result"]["status"] == "ok"
        if cell.cell_type == "code":
            labelled = bool(LABEL.search(cell.source))
            assert [output.output_type for output in cell.outputs] == labelled * ["execute_result"]
