"""Problems for machines: JSON, annotations of a workflow on GitHub, lines of files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jpreport.cli.lines import line_of
from jpreport.cli.main import main
from jpreport.cli.problems import annotation
from jpreport.errors import NOWHERE, Place, Problem
from programme_samples import edit_notebook, write_programme

COMMAND = re.compile(r"::(error|warning)(?: ([^:]*))?::(.*)", re.DOTALL)


def unescaped(text: str) -> str:
    """Read a workflow command as GitHub's runner does."""
    for char in ":,\n\r%":
        text = text.replace(f"%{ord(char):02X}", char)
    return text


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    return write_programme(tmp_path / "programme")


def test_an_annotation_names_file_line_column_and_title(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('id,name\n1,"two\nlines"\n2,x\n', "utf-8")
    (tmp_path / "d.json").write_text("{}", "utf-8")
    row = Problem(Place("a.csv").at(row=3, column="name"), '"x" is not text', "correct it")
    spot = Problem(Place("d.json").at(line=3, column=7), "is not valid JSON")
    root = tmp_path.as_posix()
    assert annotation(row, "error", tmp_path) == (
        f'::error file={root}/a.csv,line=4,title=row 3%2C column name::"x" is not text%0Acorrect it'
    )
    assert annotation(spot, "warning", tmp_path) == (
        f"::warning file={root}/d.json,line=3,col=7,title=line 3%2C column 7::is not valid JSON"
    )
    assert annotation(Problem(NOWHERE, "100%"), "error", tmp_path) == "::error::100%25"


@given(st.text(), st.text(), st.text(), st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_said_stays_one_command(
    tmp_path: Path, part: str, message: str, hint: str, column: str
) -> None:
    problem = Problem(Place("a.csv").at(part, row=9, column=column), message, hint)
    line = annotation(problem, "error", tmp_path)
    assert "\n" not in line
    assert "\r" not in line
    match = COMMAND.fullmatch(line)
    assert match
    said = dict(one.split("=", 1) for one in match[2].split(","))
    assert unescaped(said["title"]) == str(Place(steps=problem.where.steps))
    assert unescaped(match[3]) == "\n".join(filter(None, (message, hint)))


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_the_line_of_a_cell_is_found_however_the_notebook_is_written(
    indent: int | None, tmp_path: Path
) -> None:
    sources = [["# Title\n", "\n", "text ] } [ {"], [], ["a = 1\n", "b = 2"]]
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    text = json.dumps({"cells": cells, "metadata": {}}, indent=indent)
    (tmp_path / "n.ipynb").write_text(text, "utf-8")
    place, lines = Place("n.ipynb"), text.splitlines()
    found = line_of(tmp_path, place.at(cell=3).at(line=2))
    assert found
    assert '"b = 2"' in lines[found - 1]
    assert line_of(tmp_path, place.at(cell=9)) is None
    if indent:
        start = line_of(tmp_path, place.at(cell=2))
        assert start
        assert lines[start - 1].strip() == "{"


@pytest.mark.parametrize("style", ["text", "json", "github"])
def test_a_fault_of_an_indicator_has_its_line(
    style: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = root / "programme.toml"
    text = file.read_text("utf-8").replace("measure = ", "measure = 'sum(no_column)' # ", 1)
    file.write_text(text, "utf-8")
    line = 1 + next(n for n, one in enumerate(text.splitlines()) if "no_column" in one)
    assert main(["check", "--format", style, "--project", str(root)]) == 1
    captured = capsys.readouterr()
    if style == "json":
        [problem] = json.loads(captured.out)["problems"]
        assert problem["place"]["line"] == line
    else:
        said = f"programme.toml, line {line}, " if style == "text" else f",line={line},"
        assert said in captured.err + captured.out


def test_settings_that_are_no_toml_have_their_line(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "programme.toml").write_text("[programme]\ntitle = \n", "utf-8")
    assert main(["check", "--format", "github", "--project", str(root)]) == 1
    assert ",line=2,col=9," in capsys.readouterr().out


def test_check_prints_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    visits = root / "data" / "visits.csv"
    visits.write_text(visits.read_text("utf-8").replace("2020-", "in 2020-", 1), "utf-8")
    assert main(["check", "--json", "--project", str(root)]) == 1
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert (told["$type"], told["version"], told["sound"]) == ("jpreport.problems", 1, False)
    [problem] = told["problems"]
    assert problem["severity"] == "error"
    assert problem["place"]["file"] == "data/visits.csv"
    assert problem["place"]["row"] == 2
    assert problem["where"].startswith("data/visits.csv, row 2, column ")
    assert not captured.err


def test_json_of_a_sound_programme_has_its_warnings(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_notebook(root / "programme.toml", "published = 5", "published = 6")
    assert main(["check", "--format", "json", "--project", str(root)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sound"]
    assert [one["severity"] for one in told["problems"]] == ["warning"]


@pytest.mark.parametrize("verb", [["check", "--format"], ["build", "--problems"]])
def test_settings_that_cannot_be_read_are_annotated_at_their_line(
    verb: list[str], root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_notebook(root / "programme.toml", 'measure = "count(*)"', 'mesure = "count(*)"')
    assert main([*verb, "github", "--project", str(root)]) == 1
    lines = (root / "programme.toml").read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines, 1) if line.startswith("mesure"))
    said = capsys.readouterr().out
    assert f"::error file=programme/programme.toml,line={at},title=line {at}%2C " in said
