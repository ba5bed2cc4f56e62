"""A release build: kernels never have the records of a sensitive table, only its cube."""

import json
import shutil
from pathlib import Path

import pytest

from jpreport.cli import main
from jpreport.errors import FigureError
from jpreport.figures import FigureRecord
from jpreport.files import digest_file
from jpreport.notebook import breakdown_table, open_report
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.release.staging import staged
from jpreport.release.survey import survey_programme
from jpreport.review.compare.comparison import compare
from jpreport.review.compare.side import open_side
from jpreport.review.verify import verify
from programme_samples import SUMMARY, notebook
from sensitive_samples import CASES, INDICATOR, programme

PROBE = (
    "from pathlib import Path\n"
    "import os\n"
    "found = [p for p in Path(os.environ['JPREPORT_PROJECT']).rglob('*')"
    " if p.is_file() and b'C-0' + b'01' in p.read_bytes()]\n"
    "assert not found, found"
)


def refusal(root: Path, old: str, new: str) -> str:
    programme(root, INDICATOR.replace(old, new))
    with pytest.raises(FigureError) as caught:
        open_report(project=root).figure("2.1")
    return str(caught.value)


def test_stage_holds_cubes_and_open_tables_only(tmp_path: Path) -> None:
    root = programme(tmp_path / "programme")
    survey = survey_programme(root)
    assert not survey.all_problems
    with staged(survey, tmp_path / "out") as staging:
        stage = staging.folder
        assert not stage.is_relative_to(root)
        names = {p.relative_to(stage).as_posix() for p in stage.rglob("*") if p.is_file()}
        assert {"cubes/cases.json", "data/visits.csv", "programme.toml"} <= names
        assert not [p for p in stage.rglob("*") if p.is_file() and b"C-001" in p.read_bytes()]
        assert "data/cases.csv" not in names
        assert stage.parent.stat().st_mode & 0o077 == 0
        here, there = open_report(project=root), open_report(project=stage)
        assert FigureRecord.of(here["2.1"]) == FigureRecord.of(there["2.1"])
    assert not stage.parent.exists()


def test_what_a_run_writes_into_an_open_table_is_not_in_the_original(tmp_path: Path) -> None:
    root = programme(tmp_path / "programme")
    original = root / "data/visits.csv"
    before = original.read_bytes()
    with staged(survey_programme(root), tmp_path / "out") as stage:
        copy = stage.folder / "data/visits.csv"
        assert copy.read_bytes() == before
        assert copy.stat().st_mode & 0o222 == 0
        copy.chmod(0o600)
        copy.write_text("spoilt", encoding="utf-8")
        assert original.read_bytes() == before
    assert original.stat().st_mode & 0o200
    assert not copy.exists()


def test_tables_say_what_is_suppressed_and_keep_the_total(tmp_path: Path) -> None:
    report = open_report(project=programme(tmp_path))
    assert report["2.1"].text == "80"
    table = report["2.1"].by("place", "sex").table().table
    states = {cell.state for row in table.rows for cell in row.cells}
    assert "suppressed" in states
    assert table.rows[-1].cells[-1].text == "80"
    assert table.notes[0].startswith("[c] suppressed:")
    assert breakdown_table(report["2.1"], "place").table.rows[-1].cells[1].text == "80"
    hidden = next(f for f in report.cross("2.1", "place", "sex") if f.suppressed)
    assert (hidden.value, hidden.text) == (None, "suppressed")
    assert report.share(hidden, report["2.1"]).suppressed
    assert "FROM" not in hidden.derivation.sql


def test_a_cell_of_a_cube_is_traced_without_its_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = programme(tmp_path)
    report = open_report(project=root)
    for cell in report.cross("2.1", "place", "sex", "year"):
        assert main(["trace", cell.id, "--project", str(root)]) == 0
        out = capsys.readouterr().out
        assert "read from the protected cube of data/cases.csv where" in out
        assert "cases by sex, place, year; threshold 5 persons" in out
        assert "its records are about persons and are not shown" in out
        assert ("The number is suppressed" in out) == cell.suppressed
        assert "C-0" not in out
    target = root / "records.csv"
    assert main(["trace", cell.id, "--project", str(root), "--csv", str(target)]) == 1
    assert not target.exists()


def test_label_may_hold_the_word_that_joins_conditions(tmp_path: Path) -> None:
    root = programme(tmp_path, INDICATOR + "where = \"place = 'north' AND sex = 'female'\"\n")
    cases = root / "data/cases.csv"
    cases.write_text(CASES.replace("north", "north and east"), encoding="utf-8")
    settings = root / "programme.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("'north'", "'north and east'"), encoding="utf-8")
    figure = open_report(project=root).figure("2.1")
    assert figure.suppressed or figure.value == 24


def test_years_are_answered_and_parts_of_years_refused(tmp_path: Path) -> None:
    import datetime as dt

    root = programme(tmp_path)
    year = open_report(dt.date(2020, 1, 1), dt.date(2020, 12, 31), project=root)
    assert year["2.1"].value == 40
    half = open_report(dt.date(2020, 1, 1), dt.date(2020, 6, 30), project=root)
    with pytest.raises(FigureError, match="answers whole years"):
        half.figure("2.1")


def test_a_condition_and_a_part_that_exclude_each_other_have_no_cell(tmp_path: Path) -> None:
    import datetime as dt

    root = programme(tmp_path, INDICATOR + "where = \"sex = 'female'\"\n")
    report = open_report(project=root)
    assert {dict(cell.at)["sex"] for cell in report.cross("2.1", "sex", "place")} == {"female"}
    year = open_report(dt.date(2020, 1, 1), dt.date(2020, 12, 31), project=root)
    assert {dict(cell.at)["year"] for cell in year.cross("2.1", "year")} == {"2020"}


def test_a_condition_on_another_year_than_the_period_is_refused(tmp_path: Path) -> None:
    import datetime as dt

    root = programme(tmp_path, INDICATOR + 'where = "year = 2021"\n')
    year = open_report(dt.date(2020, 1, 1), dt.date(2020, 12, 31), project=root)
    with pytest.raises(FigureError, match="year cannot be 2021 in a period of 2020"):
        year.figure("2.1")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("count(distinct person)", "count(*)", "counts persons"),
        ('["sex", "place"]', '["person"]', 'has no dimension "person"'),
        ('table = "cases"', 'table = "cases"\nwhere = "case > \'C-010\'"', "does not answer"),
        ('table = "cases"', 'table = "cases"\nwhere = "sex = \'femal\'"', 'no sex is "femal"'),
        (
            'table = "cases"',
            "table = \"cases\"\nwhere = \"sex = 'female' and sex = 'male'\"",
            'sex cannot be both "female" and "male"',
        ),
    ],
)
def test_what_the_cube_does_not_answer_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert message in refusal(tmp_path, old, new)


def test_an_open_table_in_the_file_of_a_closed_one_is_refused(tmp_path: Path) -> None:
    root = programme(tmp_path)
    path = root / "data/datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    again = {**package["resources"][-1], "name": "again", "jpreport": {"date": "seen"}}
    package["resources"].append(again)
    path.write_text(json.dumps(package), encoding="utf-8")
    (problem,) = survey_programme(root).problems
    assert str(problem.where) == "data/cases.csv"
    assert 'the table "again" stands in one file with "cases"' in problem.message


@pytest.mark.slow
def test_digests_of_records_of_persons_are_not_told_and_yet_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = programme(tmp_path / "programme")
    records = root / "data/cases.csv"
    secret = digest_file(records)
    request = Request(root, root / "outputs", reports=("summary",), workers=1)
    assert [one.problems for one in build(request)] == [()]
    manifest = json.loads((root / "outputs/manifest.json").read_text("utf-8"))
    assert manifest["protected"] == ["data/cases.csv"]
    assert len(manifest["inputs"]["data/cases.csv"]) == 64
    told = [path for path in (root / "outputs").rglob("*") if path.is_file()]
    assert not [path for path in told if secret.encode() in path.read_bytes()]

    def causes(release: Path) -> list[str]:
        return [f"{one.name} {one.how}" for one in verify(release, root).causes]

    # One person is seen a day later: the cube, and so all that is told, stays as it was.
    other = tmp_path / "other"
    shutil.copytree(root, other)
    shutil.copytree(root / "outputs", tmp_path / "sent")
    assert causes(root / "outputs") == causes(tmp_path / "sent") == []
    records.write_text(CASES.replace("2020-03-01", "2020-03-02", 1), encoding="utf-8")
    assert causes(root / "outputs") == ["data/cases.csv changed"]
    assert causes(tmp_path / "sent") == []
    capsys.readouterr()
    assert [one.problems for one in build(request)] == [()]
    again = json.loads((root / "outputs/manifest.json").read_text("utf-8"))
    assert again["inputs"] == manifest["inputs"]
    assert compare(open_side(other), open_side(root)).files == (("data/cases.csv", "changed"),)
    # Many more persons: whoever has the release alone sees that too.
    more = "".join(f"D-{n:03},Q-{n:03},female,north,2020-05-05\n" for n in range(40))
    records.write_text(CASES + more, encoding="utf-8")
    assert "data/cases.csv changed" in causes(tmp_path / "sent")


@pytest.mark.slow
def test_kernel_of_a_release_has_no_records_of_persons(tmp_path: Path) -> None:
    root = programme(tmp_path / "programme")
    cells = [*SUMMARY[:2], ("code", PROBE), *SUMMARY[3:]]
    cells.append(
        (
            "code",
            ('#| label: tbl-cases\n#| caption: Persons seen\nrp["2.1"].by("place", "sex").table()'),
        )
    )
    notebook(root / "notebooks/summary.ipynb", cells)
    request = Request(root=root, output=tmp_path / "out", workers=1, reports=("summary",))
    (outcome,) = build(request)
    assert outcome.problems == ()
    assert (outcome.state, build(request)[0].state) == ("built", "unchanged")
    page = (tmp_path / "out/summary.html").read_text(encoding="utf-8")
    assert "suppressed" in page
    records = root / "data/cases.csv"
    text = records.read_text(encoding="utf-8")
    records.write_text(text + "C-900,P-900,female,north,2020-01-01\n", encoding="utf-8")
    assert build(request)[0].state == "built"
