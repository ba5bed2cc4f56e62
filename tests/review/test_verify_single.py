"""A report apart from its release: it says what it was made from, and a byte gives it away."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from jpreport.cli import main
from jpreport.document.provenance import read_provenance
from jpreport.errors import OutputError
from jpreport.files import digests, is_intact, seal_at, seal_of
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.review.verify import verify
from jpreport.review.verify.verdict import Verdict
from programme_samples import PROGRAMME, VISITS, edit_notebook, write_programme

SUMMARY = "notebooks/summary.ipynb"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in every format; one of its notebooks imports a module."""
    root = write_programme(tmp_path_factory.mktemp("built"))
    (root / "notebooks/helper.py").write_text("ANSWER = 42\n", encoding="utf-8")
    edit_notebook(root / SUMMARY, "answer = 42", "from helper import ANSWER")
    outcomes = build(Request(root, root / "outputs", formats=("docx", "html", "pdf")))
    assert not [problem for outcome in outcomes for problem in outcome.problems]
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """The programme folder on another path, without its reports."""
    ignore = shutil.ignore_patterns("outputs")
    return Path(shutil.copytree(built, tmp_path / "another place", ignore=ignore))


@pytest.fixture
def sent(built: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Puts one report into a folder of its own, as a mail would."""

    def send(name: str) -> Path:
        (tmp_path / "mail").mkdir(exist_ok=True)
        return Path(shutil.copy(built / "outputs" / name, tmp_path / "mail" / f"sent-{name}"))

    return send


def state(verdict: Verdict) -> str:
    [file] = verdict.files
    return file.state


def detail(verdict: Verdict) -> str:
    return verdict.files[0].detail


def causes(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(cause.kind, cause.name, cause.how) for cause in verdict.causes]


def rewrite(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new), encoding="utf-8")


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


BOTH = pytest.mark.parametrize("suffix", ["html", "pdf"])
Send = Callable[[str], Path]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["docx", "html", "pdf"])
def test_an_untouched_report_is_reproduced(suffix: str, sent: Send, root: Path) -> None:
    verdict = verify(sent(f"summary.{suffix}"), root)
    assert verdict.reproduced
    assert (verdict.causes, verdict.figures, verdict.problems) == ((), (), ())
    assert not (root / "outputs").exists()


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("part", [0.3, 0.6, 1.0])
def test_one_altered_byte_is_told_with_its_place(
    suffix: str, part: float, sent: Send, root: Path
) -> None:
    path = sent(f"donor-ada.{suffix}")
    content = path.read_bytes()
    # The last ones are in the seal itself.
    place = int(part * len(content)) if part < 1 else content.rindex(b"line: ") + 9
    flip(path, place)
    verdict = verify(path, root)
    assert (state(verdict), verdict.causes, verdict.figures) == ("altered", (), ())
    assert f"1 byte differs, the first is byte {place + 1:,}" in detail(verdict)


@pytest.mark.slow
@BOTH
def test_an_altered_report_is_told_apart_though_its_inputs_changed(
    suffix: str, sent: Send, root: Path
) -> None:
    path = sent(f"summary.{suffix}")
    (root / "data/visits.csv").write_text(VISITS + "6,2020-05-05,zoe,female\n", encoding="utf-8")
    verdict = verify(path, root)
    assert state(verdict) == "differs"
    assert causes(verdict) == [("data", "data/visits.csv", "changed")]
    assert [(change.id, change.texts) for change in verdict.figures] == [("1.1", ("5", "6"))]
    flip(path, path.stat().st_size // 3)
    verdict = verify(path, root)
    assert state(verdict) == "altered"
    assert ("data", "data/visits.csv", "changed") in causes(verdict)


@pytest.mark.slow
def test_an_altered_report_that_was_sealed_anew_is_found_by_the_same_inputs(
    sent: Send, root: Path
) -> None:
    path = sent("summary.html")
    page, _, _ = path.read_text(encoding="utf-8").rpartition("<!-- ")
    path.write_bytes(
        seal_at(page.replace("There were", "There are").encode(), opening="<!-- ", end=" -->")
    )
    verdict = verify(path, root)
    assert state(verdict) == "altered"
    assert "sealed anew" in detail(verdict)


def change_record(root: Path) -> None:
    (root / "data/visits.csv").write_text(VISITS.replace("bob", "ben"), encoding="utf-8")


def change_notebook(root: Path) -> None:
    edit_notebook(root / SUMMARY, "There were", "There have been")


def change_setting(root: Path) -> None:
    rewrite(root, "programme.toml", 'title = "Visits made"', 'title = "Visits paid"')


def change_style(root: Path) -> None:
    rewrite(
        root,
        "programme.toml",
        '[[report]]\nid = "summary"',
        '[style]\naccent = "#5b2c83"\n\n[[report]]\nid = "summary"',
    )


def change_module(root: Path) -> None:
    (root / "notebooks/helper.py").write_text("ANSWER = 43\n", encoding="utf-8")


def add_module(root: Path) -> None:
    (root / "notebooks/other.py").write_text("", encoding="utf-8")


def change_parameter(root: Path) -> None:
    (root / "programme.toml").write_text(
        PROGRAMME.replace(
            'notebook = "notebooks/summary.ipynb"\n',
            'notebook = "notebooks/summary.ipynb"\nparameters = { period_start = 2020-03-01 }\n',
        ),
        encoding="utf-8",
    )


SETTINGS = ("settings", "programme.toml", "changed")
CHANGES = [
    (change_record, [("data", "data/visits.csv", "changed")], "differs"),
    (change_notebook, [("notebook", SUMMARY, "changed")], "differs"),
    (change_setting, [SETTINGS], "differs"),
    (change_style, [SETTINGS], "differs"),
    (change_module, [("code", "notebooks/helper.py", "changed")], "unaffected"),
    (add_module, [("code", "notebooks/", "has other files beside the notebooks")], "unaffected"),
    (
        change_parameter,
        [SETTINGS, ("parameter", "summary, period_start", "was the notebook's own, is 2020-03-01")],
        "differs",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("change", "expected", "how"), CHANGES)
def test_each_changed_input_is_named(
    change: Callable[[Path], None],
    expected: list[tuple[str, str, str]],
    how: str,
    sent: Send,
    root: Path,
) -> None:
    change(root)
    verdict = verify(sent("summary.pdf"), root)
    assert causes(verdict) == expected
    assert state(verdict) == how
    # Another period is another figure.
    figures = [("5", ""), ("", "3")] if change is change_parameter else []
    assert [one.texts for one in verdict.figures if one.id == "1.1"] == figures


def another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version", "3.99.0 (main, Jan  1 2030, 00:00:00) [GCC 99.1.0]")


def another_template(monkeypatch: pytest.MonkeyPatch) -> None:
    read = digests.digest_file
    monkeypatch.setattr(
        digests, "digest_file", lambda path: "0" * 64 if path.name == "report.css" else read(path)
    )


def another_code(monkeypatch: pytest.MonkeyPatch) -> None:
    read = digests.digest_file
    monkeypatch.setattr(
        digests, "digest_file", lambda path: "0" * 64 if path.name == "tables.py" else read(path)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (another_release, "another Python"),
        (another_template, "another version of its exporters"),
        (another_code, "another version of its code"),
    ],
)
def test_another_environment_is_named_and_that_it_changed_nothing(
    change: Callable[[pytest.MonkeyPatch], None],
    words: str,
    sent: Send,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change(monkeypatch)
    verdict = verify(sent("donor-ada.pdf"), root)
    [cause] = verdict.causes
    assert words in cause.name
    assert state(verdict) == "unaffected"
    assert not verdict.figures


@pytest.mark.slow
def test_a_report_that_is_no_longer_made_is_told(sent: Send, root: Path) -> None:
    rewrite(root, "data/grants.csv", "Ada", "Eva")
    verdict = verify(sent("donor-ada.html"), root)
    assert not verdict.reproduced
    assert ("data", "data/grants.csv", "changed") in causes(verdict)
    assert 'there is no report "donor-ada"' in str(verdict.problems[0])


@pytest.mark.slow
def test_what_carries_no_provenance_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<p>277</p>", encoding="utf-8")
    with pytest.raises(OutputError, match="carries no provenance"):
        verify(page, tmp_path)
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(tmp_path / "a.pdf")
    with pytest.raises(OutputError, match="carries no provenance"):
        verify(tmp_path / "a.pdf", tmp_path)


@pytest.mark.slow
@BOTH
def test_a_number_in_a_report_alone_leads_to_its_derivation(
    suffix: str, sent: Send, root: Path, built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sent(f"summary.{suffix}")
    assert main(["trace", str(path), "5"]) == 0
    out = capsys.readouterr().out
    assert "1.1  Visits made" in out
    assert "SELECT count(*) AS value" in out
    assert "Section 1, cell 4 (text); Table 1, cell 5 (table)" in out
    # In its release it says the same.
    assert main(["trace", str(built / f"outputs/summary.{suffix}"), "5"]) == 0
    assert capsys.readouterr().out.startswith(out.partition("\n\n")[0])
    assert "The records are not at hand" in out
    assert ("pages with the text" in out) == (suffix == "pdf")
    assert main(["trace", str(path), "5", "--project", str(root)]) == 0
    assert "eve" in capsys.readouterr().out
    (root / "data/visits.csv").write_text(VISITS + "6,2020-05-05,zoe,female\n", encoding="utf-8")
    assert main(["trace", str(path), "5", "--project", str(root)]) == 0
    assert "1.1 would now be 6" in capsys.readouterr().out
    assert main(["trace", str(path), "77"]) == 1
    assert 'no figure reads "77"' in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_line_verifies_a_report_alone(
    sent: Send, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sent("summary.pdf")
    assert main(["verify", str(path), "--project", str(root)]) == 0
    assert "1 of 1 file reproduced byte for byte" in capsys.readouterr().out
    add_module(root)
    assert main(["verify", str(path), "--project", str(root)]) == 1
    out = capsys.readouterr().out
    assert "sent-summary.pdf: unaffected: inputs differ" in out
    assert "input that differs: notebooks/: has other files" in out


@pytest.mark.slow
def test_the_seal_is_that_of_the_file_without_its_line(sent: Send) -> None:
    for suffix in ("html", "pdf"):
        content = sent(f"summary.{suffix}").read_bytes()
        assert is_intact(content)
        lines = content.splitlines(keepends=True)
        [place] = [n for n, line in enumerate(lines) if b"without this line" in line]
        rest = b"".join(lines[:place] + lines[place + 1 :])
        assert digests.digest_bytes(rest) == seal_of(content)
    made = read_provenance(sent("summary.pdf")).made_from
    assert made == read_provenance(sent("summary.html")).made_from
    assert made["read"].keys() >= {"data/visits.csv", "notebooks/helper.py", "programme.toml"}


def test_a_file_without_a_seal_is_not_intact() -> None:
    assert seal_of(b"<p>277</p>") is None
    assert not is_intact(b"<p>277</p>")
    pdf = b"%PDF-1.7\nstartxref\n9\n%%EOF\n"
    assert is_intact(seal_at(b"<p>277</p>\n", opening="<!-- ", end=" -->"))
    assert is_intact(seal_at(pdf, pdf.index(b"startxref")))
    assert not is_intact(seal_at(pdf, pdf.index(b"startxref")) + b"\n")
