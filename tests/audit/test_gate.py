"""A whole release with a sensitive table, built with real kernels, and then audited."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from audit_samples import COUNTS, STORY, package_of, write_house
from jpreport.audit import Release, audit_release
from jpreport.audit.leaks import Search
from jpreport.cli import main
from jpreport.errors import DisclosureError, Place, Problem
from jpreport.files import digest_file
from jpreport.release import auditing
from jpreport.release.auditing import EarlyAudit
from jpreport.release.job import Outcome
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.release.survey import survey_programme
from programme_samples import edit_notebook, notebook, write_programme

pytestmark = pytest.mark.slow

CELLS = [
    ("parameters", "from datetime import date\n\nperiod_start: date | None = None"),
    (
        "code",
        (
            "from jpreport.notebook import breakdown_table, open_report, performance_table\n"
            "rp = open_report(period_start)"
        ),
    ),
    ("markdown", '# Final report\n\n## Results\n\nThere were {eval}`rp["1.1"]` persons.'),
    (
        "code",
        '#| label: tbl-age\n#| caption: Persons by age\nbreakdown_table(rp["1.1"], "age_group")',
    ),
    (
        "code",
        "#| label: tbl-performance\n#| caption: Indicators\nperformance_table(rp.figures())",
    ),
]


LEAK = ("markdown", f"## Stories\n\nOne of them, VX-7409, {STORY}.")


def make(root: Path, *cells: tuple[str, str]) -> list[Outcome]:
    """Build with the notebook's usual cells and some more."""
    notebook(root / "notebooks/final.ipynb", [*CELLS, *cells])
    return build(Request(root=root, output=root / "outputs", workers=1))


def files(root: Path) -> set[str]:
    """What lies in the outputs and may be sent."""
    output = root / "outputs"
    return {p.relative_to(output).as_posix() for p in output.rglob("*") if p.is_file()}


MADE = {"executed/final.ipynb", "final.html", "final.pdf"}
WHOLE = MADE | {
    "cubes/persons.json", "index.html", "manifest.json", "notebooks/final.ipynb",
    "ro-crate-metadata.json",
}  # fmt: skip
HELD = {f"failed/audit/{name}" for name in MADE}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_house(tmp_path_factory.mktemp("programme") / "house")
    assert [outcome.state for outcome in make(root)] == ["built"]
    return root


@pytest.fixture
def copy(house: Path, tmp_path: Path) -> Path:
    """A programme with its release, to spoil."""
    return Path(shutil.copytree(house, tmp_path / "copy"))


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit that a test can watch: what a process of its own would have begun is lost."""
    monkeypatch.setattr(EarlyAudit, "begin", lambda *_: None)


def test_a_release_as_it_is_built_is_sound(house: Path) -> None:
    assert files(house) == WHOLE
    result = audit_release(house / "outputs", package_of(house), house)
    assert result.problems == ()
    (table,) = result.tables
    assert table.truth
    assert table.compared > 5


def test_a_build_with_a_finding_releases_nothing(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (outcome,) = make(copy, LEAK)
    assert outcome.state == "withheld"
    assert files(copy) == HELD
    for name in ("final.html, line ", "final.pdf, page ", "executed/final.ipynb, cell 6"):
        told = [p.message for p in outcome.problems if str(p.where).startswith(name)]
        assert {message.split('"')[1] for message in told} == {"person_id", "story"}

    executed = (copy / "outputs/failed/audit/executed/final.ipynb").stat().st_mtime_ns
    assert main(["build", "--project", str(copy)]) == 1
    told = capsys.readouterr()
    assert "withheld" in told.out
    assert "nothing is released" in told.err
    assert "its files are in failed/audit, not for publication" in told.err
    assert "VX-7409" not in told.out + told.err
    assert files(copy) == HELD
    again = (copy / "outputs/failed/audit/executed/final.ipynb").stat().st_mtime_ns
    assert again == executed  # audited again, not run again
    assert main(["build", "--dry-run", "--project", str(copy)]) == 0
    assert "final: up to date" in capsys.readouterr().out

    assert [one.state for one in make(copy)] == ["built"]
    assert files(copy) == WHOLE
    assert main(["build", "--project", str(copy)]) == 0
    assert "1 report is up to date" in capsys.readouterr().out


def test_where_the_process_of_the_audit_is_lost_the_gate_audits_itself(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = EarlyAudit.file

    def killed(audit: EarlyAudit, name: str, content: bytes) -> None:
        whole(audit, name, content)
        auditing._process().kill()

    monkeypatch.setattr(EarlyAudit, "file", killed)
    (outcome,) = make(copy, LEAK)
    assert outcome.state == "withheld"
    assert files(copy) == HELD
    assert [one.state for one in make(copy)] == ["built"]
    assert files(copy) == WHOLE


def test_an_audit_answers_the_build_that_began_it_and_no_other(copy: Path) -> None:
    survey = survey_programme(copy)
    first, second = EarlyAudit(), EarlyAudit()
    first.begin(survey, copy / "outputs", copy / ".jpreport/checked")
    second.begin(survey, copy / "outputs", copy / ".jpreport/checked")
    leak = b"VX-7409"
    (copy / "outputs/final.txt").write_bytes(leak)
    first.file("final.txt", leak)
    digests = {name: digest_file(copy / "outputs" / name) for name in files(copy)}
    release = Release(copy / "outputs", frozenset(digests))
    assert first.problems(release, digests, ()) is None
    assert second.problems(release, digests, ())
    assert second.problems(release, digests, ()) is None  # it is said once


@pytest.mark.usefixtures("in_this_process")
def test_a_second_audit_reads_only_what_changed(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("nothing changed, and yet it is audited again")

    with monkeypatch.context() as patch:
        patch.setattr("jpreport.audit.audit_release", refused)
        assert [one.state for one in make(copy)] == ["unchanged"]
    searched: set[str] = set()
    item = Search.item
    monkeypatch.setattr(
        Search, "item", lambda self, file, found: searched.add(file) or item(self, file, found)
    )
    page = copy / "outputs/final.html"
    page.unlink()
    request = Request(copy, copy / "outputs", formats=("html",))
    assert [one.state for one in build(request)] == ["built"]
    assert "final.pdf" not in searched
    # Other records, and every file is searched again.
    table = copy / "data/persons.csv"
    table.write_text(table.read_text("utf-8").replace(STORY, "fled at night"), encoding="utf-8")
    assert [one.state for one in build(request)] == ["unchanged"]
    assert "final.pdf" in searched


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    "error", [DisclosureError(Problem(Place("persons"), "no solver")), KeyError("x")]
)
def test_what_cannot_be_audited_is_not_released(
    error: Exception, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("jpreport.audit.audit_release", fails)
    cells = ("markdown", "## More\n\nText.")
    if isinstance(error, KeyError):
        with pytest.raises(KeyError):
            make(copy, cells)
    else:
        (outcome,) = make(copy, cells)
        assert next(p.message for p in outcome.problems) == "no solver"
    assert files(copy) == HELD


def test_a_programme_without_persons_is_searched_for_traces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_programme(tmp_path / "visits")
    request = Request(root, root / "outputs", reports=("summary",), formats=("html",))
    monkeypatch.setenv("SITE_CODE", "blue-heron-42")
    assert [one.state for one in build(request)] == ["built"]
    edit_notebook(
        root / "notebooks/summary.ipynb",
        "answer = 42",
        "import os; print(os.getcwd(), os.environ['SITE_CODE'])",
    )
    (outcome,) = build(request)
    messages = {problem.message for problem in outcome.problems}
    assert "tells the value of the environment variable SITE_CODE" in messages
    assert any("the path of" in message for message in messages)
    assert not (root / "outputs/summary.html").exists()


FIRST = 'previous_releases = ["releases/first"]\n'
RECORDED = "# what jpreport publish recorded is taken by itself\n"
NOTHING = "attack on the release and the one before it: nothing found"


@pytest.mark.parametrize(
    ("added", "named", "told"),
    [
        (0, "", NOTHING),
        (1, "", "added between two releases: known exactly"),
        (1, FIRST, NOTHING),
        (1, RECORDED, NOTHING),
        (7, FIRST, NOTHING),
    ],
)
def test_two_releases_are_attacked_together(  # noqa: PLR0913, PLR0917 (a case and its fixtures)
    added: int,
    named: str,
    told: str,
    house: Path,
    copy: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = copy / "data/persons.csv"
    new = "".join(
        f"VX-9{n:03},Nobody Else {n},{900 + n},Female,26 and over,Serbia,2021-05-05,\n"
        for n in range(added)
    )
    table.write_text(table.read_text("utf-8") + new, encoding="utf-8")
    where = ["--project", str(copy)]
    if named == RECORDED:
        shutil.copytree(house / "outputs", copy / "outputs", dirs_exist_ok=True)
        assert main(["publish", "first", "--project", str(house)]) == 0
        shutil.move(house / "releases", copy / "releases")
    else:
        shutil.copytree(house / "outputs", copy / ("releases/first" if named else "elsewhere"))
    settings = copy / "programme.toml"
    text = settings.read_text("utf-8").replace("[programme]\n", f"[programme]\n{named}", 1)
    settings.write_text(text, encoding="utf-8")
    assert main(["build", *where]) == 0
    assert main(["audit", *where]) == 0
    capsys.readouterr()
    assert main(["audit", *where, "--previous", str(house / "outputs")]) == (told != NOTHING)
    shown = capsys.readouterr()
    assert told in shown.out + shown.err
    assert "VX-9" not in shown.out + shown.err


EDITIONS = """
[[report]]
id = "{language}-{name}"
notebook = "notebooks/{language}.ipynb"
formats = ["html"]
{parameters}
"""
PERIODS = {
    "whole": "",
    "first": "parameters = { period_end = 2020-12-31 }",
    "second": "parameters = { period_start = 2021-01-01 }",
}
WORDS = {"en": "Final report", "sr": "Завршни извештај"}


def test_two_languages_and_three_editions_tell_no_more_than_one_cube(tmp_path: Path) -> None:
    root = write_house(tmp_path / "house")
    with (root / "programme.toml").open("a", encoding="utf-8") as file:
        for language in WORDS:
            for name, parameters in PERIODS.items():
                file.write(EDITIONS.format(language=language, name=name, parameters=parameters))
    start = "from datetime import date\n\nperiod_start: date | None = None"
    opening = CELLS[1][1].replace("(period_start)", "(period_start, period_end)")
    for language, title in WORDS.items():
        cells = [
            ("parameters", f"{start}\nperiod_end: date | None = None"),
            ("code", opening),
            ("markdown", f'# {title}\n\n## 1\n\n{{eval}}`rp["1.1"]`'),
            *CELLS[3:],
        ]
        notebook(root / f"notebooks/{language}.ipynb", cells)
    chosen = tuple(f"{language}-{name}" for language in WORDS for name in PERIODS)
    request = Request(root, root / "outputs", reports=chosen, workers=2)
    assert [(one.state, one.problems) for one in build(request)] == [("built", ())] * 6
    reports = json.loads((root / "outputs/manifest.json").read_text("utf-8"))["reports"]
    told = {
        slug: {(one["figure"]["id"], one["figure"]["text"]) for one in record["quoted"]}
        for slug, record in reports.items()
    }
    assert all(told[f"en-{name}"] == told[f"sr-{name}"] for name in PERIODS)
    assert len({frozenset(one) for one in told.values()}) == 3
    result = audit_release(root / "outputs", package_of(root), root)
    assert result.problems == ()
    assert result.tables[0].compared > 60

    # What all suppress, not even one of them may tell.
    page = root / "outputs/sr-second.html"
    counts: Counter[tuple[str, int]] = Counter()
    for (_, age, year), count in COUNTS.items():
        counts[age, year] += count
    rows = "".join(
        f"<tr><th>{age}</th><td>{counts[age, 2020]}</td><td>{counts[age, 2021]}</td></tr>"
        for age in dict.fromkeys(age for age, _ in counts)
    )
    typed = f"<table><tr><th>Age</th><th>2020</th><th>2021</th></tr>{rows}</table></main>"
    page.write_text(page.read_text("utf-8").replace("</main>", typed), encoding="utf-8")
    result = audit_release(root / "outputs", package_of(root), root)
    assert any(
        str(one.where).startswith("sr-second.html") and "2 cells" in one.message
        for one in result.numbers
    )
    assert result.attacks  # those of the other year follow


def test_where_protection_fails_no_report_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_house(tmp_path / "house")
    notebook(root / "notebooks/final.ipynb", CELLS)
    monkeypatch.setenv("JPREPORT_SECRET", "short")
    assert main(["build", "--project", str(root)]) == 1
    assert "the secret is no hexadecimal number" in capsys.readouterr().err
    assert files(root) == set()
