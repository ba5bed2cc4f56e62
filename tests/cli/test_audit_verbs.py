"""The auditor's verbs on the command line: exit codes, words, JSON, pages."""

import json
from pathlib import Path

import pytest

from jpreport.cli import main
from jpreport.release.request import Request
from jpreport.release.spine import build
from programme_samples import edit_notebook, write_programme


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_programme(tmp_path / "programme")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_programme(tmp_path_factory.mktemp("built"))
    build(Request(root, root / "outputs", formats=("html",)))
    build(Request(root, root / "outputs", reports=("summary",), formats=("docx", "html", "pdf")))
    return root


def test_a_number_typed_into_prose_is_refused_with_cell_and_line(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_notebook(root / "notebooks/summary.ipynb", "There were", "In all 1,234 cases there were")
    assert main(["check", "--project", str(root)]) == 1
    err = capsys.readouterr().err
    assert 'notebooks/summary.ipynb, cell 4, line 5: the number "1,234" is typed in' in err
    assert "[[literal]]" in err


def test_a_declared_number_is_let_pass(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_notebook(root / "notebooks/summary.ipynb", "There were", "By the 4 Ps there were")
    with (root / "programme.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[literal]]\ntext = "4 Ps"\nreason = "the name of an approach"\n')
    assert main(["check", "--project", str(root)]) == 0
    assert "all as declared" in capsys.readouterr().out


def test_trace_takes_a_part_and_a_period(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["trace", "1.1[sex=female]", "--project", str(root), "--end", "2020-06-30"]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "2 (visits, exact)" in out
    assert "ada" in out
    assert "cyd" in out
    assert "eve" not in out


def test_trace_of_a_share_names_what_it_is_made_from(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "1.1[sex=female] / 1.1"
    assert main(["trace", name, "--project", str(root)]) == 0
    out = capsys.readouterr().out
    assert "60%" in out
    assert "Visits made: female" in out
    assert main(["trace", name, "--project", str(root), "--csv", str(root / "x.csv")]) == 1
    assert "is made from other figures" in capsys.readouterr().err


def test_records_of_persons_are_neither_shown_nor_written(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("jpreport.cli.trace_verb.records_may_be_shown", lambda _: False)
    assert main(["trace", "1.1", "--project", str(root)]) == 0
    out = capsys.readouterr().out
    assert "5 (visits, exact)" in out
    assert "The table is sensitive" in out
    assert "eve" not in out
    target = root / "records.csv"
    assert main(["trace", "1.1", "--project", str(root), "--csv", str(target)]) == 1
    assert not target.exists()


def test_a_day_that_is_none_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["trace", "1.1", "--start", "2012-13-01"])
    assert caught.value.code == 2
    assert "is no day" in capsys.readouterr().err


def test_diff_of_programme_folders(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_programme(tmp_path / "other")
    with (other / "data/visits.csv").open("a", encoding="utf-8") as file:
        file.write("6,2020-05-05,zoe,female\n")
    assert main(["diff", str(root), str(other), "--json"]) == 0
    [figure] = json.loads(capsys.readouterr().out)["figures"]
    assert (figure["id"], figure["difference"]) == ("1.1", 1)
    [record] = figure["why"]["records"]
    assert (record["how"], record["key"]) == ("added", [["visit", "6"]])
    page = tmp_path / "page.html"
    assert main(["diff", str(root), str(other), "--html", str(page)]) == 0
    assert "visit 6: added" in page.read_text(encoding="utf-8")


def test_what_cannot_be_verified_or_compared_is_told(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--project", str(root)]) == 1
    assert "outputs: belongs to no release" in capsys.readouterr().err
    assert main(["diff", str(root / "data"), str(root)]) == 1
    assert "is no release" in capsys.readouterr().err
    assert main(["trace", str(root / "programme.toml")]) == 1
    assert "which number?" in capsys.readouterr().err


@pytest.mark.slow
def test_verify_says_yes_and_no(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(built / "outputs")]) == 0
    assert "13 of 13 files reproduced byte for byte" in capsys.readouterr().out
    page = built / "outputs/donor-ada.html"
    content = page.read_bytes()
    page.write_bytes(content.replace(b"You gave", b"You give"))
    try:
        assert main(["verify", str(page), "--json"]) == 1
        verdict = json.loads(capsys.readouterr().out)
        assert verdict["reproduced"] is False
        assert verdict["files"][0]["state"] == "altered"
        assert main(["verify", str(page)]) == 1
        assert "donor-ada.html: altered" in capsys.readouterr().out
    finally:
        page.write_bytes(content)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["docx", "html", "pdf"])
def test_a_number_in_a_file_leads_to_its_records(
    built: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = built / f"outputs/summary.{suffix}"
    assert main(["trace", str(file), "5"]) == 0
    out = capsys.readouterr().out
    assert "1.1  Visits made" in out
    assert "cell 4 (text)" in out
    assert "SELECT count(*) AS value" in out
    assert "eve" in out
    assert ("pages" in out) == (suffix == "pdf")
    assert main(["trace", str(file), "6"]) == 1
    assert 'no figure reads "6"' in capsys.readouterr().err


@pytest.mark.slow
def test_a_page_narrows_the_search(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(built / "outputs/summary.pdf")
    assert main(["trace", file, "5"]) == 0
    out = capsys.readouterr().out
    pages = next(line for line in out.splitlines() if line.split()[:1] == ["pages"])
    page = pages.split()[1].rstrip(",")
    assert main(["trace", file, "5", "--page", page]) == 0
    assert main(["trace", file, "5", "--page", "99"]) == 1
    assert main(["trace", file.replace(".pdf", ".html"), "5", "--page", "1"]) == 1
    capsys.readouterr()


@pytest.mark.slow
def test_a_strict_build_refuses_a_typed_number(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_notebook(root / "notebooks/summary.ipynb", "visits; see", "visits by 1,234 people; see")
    where = ["--project", str(root)]
    assert main(["build", "summary", "--format", "html", "--strict", *where]) == 1
    assert 'the number "1,234" is typed in, it comes from no figure' in capsys.readouterr().err


@pytest.mark.slow
def test_strict_refuses_numbers_without_derivation(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_notebook(root / "notebooks/summary.ipynb", "answer = 42", "print(40 + 2)")
    where = ["--project", str(root)]
    assert main(["build", "summary", "--format", "html", *where]) == 0
    assert main(["check", *where]) == 0
    told = "executed/summary.ipynb, cell 3: printed text has 1 number without derivation"
    assert f"warning: {told}" in capsys.readouterr().err
    assert main(["check", "--strict", *where]) == 1
    assert told in capsys.readouterr().err
    assert main(["build", "summary", "--format", "html", "--strict", *where]) == 1
    assert told in capsys.readouterr().err
