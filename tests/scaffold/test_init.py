"""`jpreport init`: from somebody's file to a first report, right to the last digit."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest

from jpreport.audit import audit_release
from jpreport.cli.main import main
from jpreport.data import Records, programme_package
from jpreport.errors import DataError, ProjectError
from jpreport.figures import Results
from jpreport.programme.settings import read_settings
from jpreport.scaffold.start import look, start
from pdf_reading import pages
from scaffold_samples import PLANTED, framework, survey, workbook


def begun(source: Path, folder: Path) -> Path:
    start(look([source]), folder)
    return folder


def told(source: Path) -> list[str]:
    return [one.what for _, several in look([source]).findings for one in several if one.look]


def values(root: Path) -> dict[str, object]:
    settings = read_settings(root)
    with Records(programme_package(settings)) as records:
        results = Results(settings, records)
        return {one: results.figure(one).value for one in settings.indicators}


def test_a_messy_workbook_gives_the_right_numbers(tmp_path: Path) -> None:
    source = tmp_path / "trainings.xlsx"
    said = workbook(source)
    root = begun(source, tmp_path / "p")
    assert [*values(root).values()] == [*said.values()]
    assert (root / "data/trainings.xlsx").read_bytes() == source.read_bytes()
    assert read_settings(root).programme.title == "Rural Water Programme in Lorn"
    assert main(["check", "--project", str(root)]) == 0
    # The places to write are still there.
    assert main(["check", "--strict", "--project", str(root)]) == 1


def test_a_trace_leads_to_the_row_of_the_raw_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, root = tmp_path / "trainings.xlsx", tmp_path / "p"
    workbook(source)
    begun(source, root)
    assert main(["trace", "A1", "--csv", str(tmp_path / "a.csv"), "--project", str(root)]) == 0
    assert "21 records written" in capsys.readouterr().out
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [int(row["file_row"]) for row in csv.DictReader(file)] == [*range(6, 27)]


def test_a_framework_gives_its_indicators(tmp_path: Path) -> None:
    source = tmp_path / "results.csv"
    framework(source)
    root = begun(source, tmp_path / "p")
    settings, found = read_settings(root), values(root)
    assert [*found] == [f"1.{number}" for number in range(1, 301)]
    for number, one in enumerate(settings.indicator, start=1):
        down = number % 10 == 0
        assert found[one.id] == number * (5 if down else 11)
        assert (one.baseline, one.target) == (
            (number * 10, number * 4) if down else (number, number * 12)
        )
        assert one.direction == ("decreasing" if down else "increasing")
    assert [one.id for one in settings.objective] == ["SO2", "SO3", "SO4", "SO1"]


def test_rows_of_several_periods_are_added_up_and_told(tmp_path: Path) -> None:
    source = tmp_path / "results.csv"
    rows = ["Code,Indicator,District,Quarter,Baseline,Target,Achieved"]
    for quarter, (one, two) in enumerate(((3, 4), (5, 6), (7, 8)), start=1):
        rows += [
            f"1.1,Wells dug,North,Q{quarter},2,40,{one}",
            f"1.1,Wells dug,South,Q{quarter},3,50,{two}",
        ]
        rows += [f"1.2,Pumps set,North,Q{quarter},{quarter},10,{one}"]
    source.write_text("\n".join(rows), encoding="utf-8")
    root = begun(source, tmp_path / "p")
    first, second = read_settings(root).indicator
    assert values(root) == {"1.1": 33, "1.2": 15}
    # Repeated in each quarter, they are stated once; baselines that differ are none.
    assert (first.baseline, first.target) == (5, 90)
    assert (second.baseline, second.target) == (None, 10)
    assert "numbers of several periods: Wells dug, Pumps set" in told(source)
    source.write_text("\n".join(rows).replace("Achieved", "Achieved to date"), encoding="utf-8")
    assert any("running totals of several periods" in one for one in told(source))


def test_columns_about_persons_are_closed(tmp_path: Path) -> None:
    source = tmp_path / "survey.csv"
    survey(source)
    root = begun(source, tmp_path / "p")
    (table,) = programme_package(read_settings(root)).resources.values()
    assert table.sensitive is not None
    assert table.sensitive["dimensions"] == ["sex", "age_group", "district"]
    hidden = {"respondent_name", "phone", "deviceid", "birth_date", "gps_latitude"}
    assert hidden <= {*table.sensitive["identifying"]}


def test_findings_never_quote_a_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "survey.csv"
    survey(source)
    assert main(["init", str(source), "--yes", "--no-build", "--project", str(tmp_path / "p")]) == 0
    said = capsys.readouterr().out
    assert "sensitive" in said
    assert [one for one in PLANTED if one in said] == []


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path) -> None:
    source, root = tmp_path / "trainings.xlsx", tmp_path / "p"
    workbook(source)
    root.mkdir()
    (root / "programme.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"programme\.toml: is there already"):
        begun(source, root)
    assert [path.name for path in root.iterdir()] == ["programme.toml"]
    assert (root / "programme.toml").read_text(encoding="utf-8") == "mine"


def test_all_files_that_cannot_be_read_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_text("x", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        look([tmp_path / "a.doc", tmp_path / "b.csv"])
    assert len(caught.value.problems) == 2


def test_editors_find_the_schema(tmp_path: Path) -> None:
    start(None, tmp_path / "p")
    source = tmp_path / "trainings.xlsx"
    workbook(source)
    root = begun(source, tmp_path / "q")
    text = (root / "programme.toml").read_text(encoding="utf-8")
    assert text.startswith("#:schema ./programme.schema.json\n")
    schema = json.loads((root / "programme.schema.json").read_text(encoding="utf-8"))
    assert set(tomllib.loads(text)) <= set(schema["properties"])
    assert "root" not in schema["properties"]


def test_a_workflow_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    start(None, tmp_path / "p", ci="github")
    text = (tmp_path / "p/.github/workflows/reports.yml").read_text(encoding="utf-8")
    assert "jpreport diff" in text


@pytest.mark.parametrize(
    "arguments", [["indicator", "A.9"], ["report", "donor"], ["table", "more.xlsx"]]
)
def test_what_is_added_keeps_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    root = tmp_path / "p"
    start(None, root)
    before = (root / "programme.toml").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    workbook(tmp_path / "more.xlsx")
    assert main(["add", *arguments, "--project", str(root)]) == 0
    after = (root / "programme.toml").read_text(encoding="utf-8")
    assert len(after) > len(before)
    assert all(line in after for line in before.splitlines())
    assert main(["check", "--project", str(root)]) == 0
    assert main(["add", *arguments, "--project", str(root)]) == 1


@pytest.mark.slow
def test_a_survey_is_released_without_its_persons(tmp_path: Path) -> None:
    source, root = tmp_path / "survey.csv", tmp_path / "p"
    survey(source)
    assert main(["init", str(source), "--yes", "--project", str(root)]) == 0
    assert main(["build", "--strict", "--project", str(root)]) == 0
    outputs = root / "outputs"
    package = programme_package(read_settings(root))
    assert audit_release(outputs, package, root).problems == ()
    shown = "".join(pages((outputs / "report.pdf").read_bytes()))
    assert "240" in shown
    everything = shown.encode() + b"".join(
        path.read_bytes() for path in outputs.rglob("*") if path.is_file()
    )
    assert [one for one in PLANTED if one.encode() in everything] == []


@pytest.mark.slow
def test_a_workbook_becomes_a_report(tmp_path: Path) -> None:
    source, root = tmp_path / "trainings.xlsx", tmp_path / "p"
    said = workbook(source)
    assert main(["init", str(source), "--yes", "--project", str(root)]) == 0
    page = (root / "outputs/report.html").read_text(encoding="utf-8")
    assert all(f"{number:,}" in page for number in said.values())
    assert main(["build", "--strict", "--project", str(root)]) == 0
