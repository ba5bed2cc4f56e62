"""The spine with real kernels: whole, stale, failed, twice the same bytes."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jpreport.document.blocks import Document
from jpreport.errors import NOWHERE, ExportError, JpreportError, Problem, ProjectError
from jpreport.export.rendering import render
from jpreport.release.job import Event, Outcome
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.release.survey import survey_programme
from kernel_samples import wait_until
from programme_samples import edit_notebook, write_programme

pytestmark = pytest.mark.slow


def request_for(root: Path, **changes: object) -> Request:
    return Request(root=root, output=root / "outputs", workers=2, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    root = write_programme(tmp_path_factory.mktemp("built"))
    events: list[Event] = []
    build(request_for(root), events.append)
    return root, events


@pytest.fixture
def copied(built: tuple[Path, list[Event]], tmp_path: Path) -> Path:
    """A built programme in another folder, to be changed."""
    return Path(shutil.copytree(built[0], tmp_path / "copy"))


def states(root: Path, **changes: object) -> dict[str, str]:
    return {outcome.slug: outcome.state for outcome in build(request_for(root, **changes))}


def test_every_edition_has_its_files(built: tuple[Path, list[Event]]) -> None:
    outputs = built[0] / "outputs"
    names = {path.relative_to(outputs).as_posix() for path in outputs.rglob("*") if path.is_file()}
    assert names == {
        "index.html",
        "manifest.json",
        "notebooks/donor.ipynb",
        "notebooks/summary.ipynb",
        "ro-crate-metadata.json",
        *(
            name
            for slug in ("summary", "donor-ada", "donor-b-and-c")
            for name in (f"{slug}.html", f"{slug}.pdf", f"executed/{slug}.ipynb")
        ),
    }


def test_manifest_names_what_went_in_and_came_out(built: tuple[Path, list[Event]]) -> None:
    manifest = json.loads((built[0] / "outputs/manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["inputs"]) == {
        "data/datapackage.json",
        "data/grants.csv",
        "data/visits.csv",
        "notebooks/donor.ipynb",
        "notebooks/summary.ipynb",
        "programme.toml",
    }
    entry = manifest["reports"]["donor-ada"]
    assert entry["parameters"] == {"donor": "Ada"}
    assert set(entry["outputs"]) == {
        "donor-ada.html",
        "donor-ada.pdf",
        "executed/donor-ada.ipynb",
    }
    assert str(built[0]) not in json.dumps(manifest)


def test_progress_names_every_edition_and_cell(built: tuple[Path, list[Event]]) -> None:
    mine = [event for event in built[1] if event.slug == "summary"]
    assert next(event.state for event in mine) == "waiting"
    assert [event.state for event in mine][-2:] == ["rendering", "built"]
    cells = [(event.cell, event.cells) for event in mine if event.state == "running"]
    assert cells == [(number, len(cells)) for number in range(1, len(cells) + 1)]


def test_other_folder_gives_the_same_bytes(built: tuple[Path, list[Event]], tmp_path: Path) -> None:
    twin = write_programme(tmp_path / "elsewhere, far")
    build(Request(root=twin, output=tmp_path / "out", workers=1))
    for path in sorted((built[0] / "outputs").rglob("*")):
        if path.is_file():
            name = path.relative_to(built[0] / "outputs")
            assert (tmp_path / "out" / name).read_bytes() == path.read_bytes(), name


def test_nothing_changed_runs_nothing(copied: Path) -> None:
    assert set(states(copied).values()) == {"unchanged"}


@pytest.mark.parametrize(
    ("change", "stale"),
    [
        (lambda root: (root / "outputs/donor-ada.pdf").write_bytes(b"x"), {"donor-ada"}),
        (lambda root: (root / "outputs/donor-ada.html").unlink(), {"donor-ada"}),
        (
            lambda root: edit_notebook(root / "notebooks/summary.ipynb", "Visits", "All visits"),
            {"summary"},
        ),
    ],
)
def test_only_what_is_stale_runs(
    copied: Path, change: Callable[[Path], None], stale: set[str]
) -> None:
    change(copied)
    found = states(copied)
    assert {slug for slug, state in found.items() if state == "built"} == stale
    assert {slug for slug, state in found.items() if state != "built"} == found.keys() - stale


def test_changed_record_reaches_the_page(copied: Path) -> None:
    records = copied / "data/visits.csv"
    text = records.read_text(encoding="utf-8")
    records.write_text(text + "6,2020-05-05,zoe,female\n", encoding="utf-8")
    assert states(copied)["summary"] == "built"
    page = (copied / "outputs/summary.html").read_text(encoding="utf-8")
    assert "differs by 1" in page


def test_failing_cell_leaves_no_file_and_the_others_are_built(copied: Path) -> None:
    edit_notebook(copied / "notebooks/summary.ipynb", "answer = 42", "answer = 1 / 0")
    outcomes = {outcome.slug: outcome for outcome in build(request_for(copied, force=True))}
    assert {slug: outcome.state for slug, outcome in outcomes.items()} == {
        "summary": "failed",
        "donor-ada": "built",
        "donor-b-and-c": "built",
    }
    (problem,) = outcomes["summary"].problems
    assert str(problem.where).startswith("notebooks/summary.ipynb, cell 3")
    assert "ZeroDivisionError: division by zero" in problem.message
    outputs = copied / "outputs"
    assert not list(outputs.glob("summary.*"))
    assert not (outputs / "executed/summary.ipynb").exists()
    assert "ZeroDivisionError" in (outputs / "failed/summary.ipynb").read_text(encoding="utf-8")
    manifest = json.loads((outputs / "manifest.json").read_text(encoding="utf-8"))
    assert "summary" not in manifest["reports"]
    edit_notebook(copied / "notebooks/summary.ipynb", "answer = 1 / 0", "answer = 42")
    assert states(copied)["summary"] == "built"
    assert not (outputs / "failed/summary.ipynb").exists()


def test_what_a_library_warns_of_is_not_kept(copied: Path) -> None:
    warns = "import sys\\nprint(sys.prefix, sys.executable, file=sys.stderr)\\nanswer = 42"
    edit_notebook(copied / "notebooks/summary.ipynb", "answer = 42", warns)
    assert states(copied)["summary"] == "built"
    executed = (copied / "outputs/executed/summary.ipynb").read_text(encoding="utf-8")
    assert "stderr" not in json.dumps([c.get("outputs") for c in json.loads(executed)["cells"]])


def test_a_file_that_cannot_be_made_leaves_the_others(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, document: Document, root: Path) -> object:
        if name == "pdf" and document.title == "Visits":
            raise ExportError(Problem(NOWHERE, "a letter is missing"))
        return render(name, document, root)

    outputs = copied / "outputs"
    with monkeypatch.context() as patched:
        patched.setattr("jpreport.export.rendering.render", refuse)
        (outputs / "summary.pdf").write_bytes(b"altered")
        (outcome, *_) = build(request_for(copied))
    assert [one.message for one in outcome.problems] == ["a letter is missing"]
    assert (outputs / "summary.html").is_file()
    assert not (outputs / "summary.pdf").exists()
    assert (
        "summary.html"
        in json.loads((outputs / "manifest.json").read_text("utf-8"))["reports"]["summary"][
            "outputs"
        ]
    )
    assert states(copied)["summary"] == "built"
    assert (outputs / "summary.pdf").is_file()


def test_faulty_notebook_keeps_only_itself_from_being_built(copied: Path) -> None:
    path = copied / "notebooks/summary.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("answer = 42", "answer ="))
    outcomes = {outcome.slug: outcome for outcome in build(request_for(copied))}
    assert outcomes["summary"].state == "failed"
    assert "SyntaxError" in str(outcomes["summary"].problems[0])
    assert outcomes["donor-ada"].state == "unchanged"


def test_edition_that_is_no_longer_declared_is_removed(copied: Path) -> None:
    settings = copied / "programme.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('id = "summary"', 'id = "overview"'), encoding="utf-8")
    assert "overview" in states(copied)
    assert not list((copied / "outputs").glob("summary.*"))
    assert (copied / "outputs/overview.pdf").is_file()


def test_one_report_and_one_format_can_be_chosen(tmp_path: Path) -> None:
    root = write_programme(tmp_path)
    assert states(root, reports=("donor-ada",), formats=("html",)) == {"donor-ada": "built"}
    assert sorted(path.name for path in (root / "outputs").glob("donor*")) == ["donor-ada.html"]
    with pytest.raises(ProjectError, match='did you mean "donor"'):
        build(request_for(root, reports=("doner",)))


def test_records_are_checked_before_anything_runs(tmp_path: Path) -> None:
    root = write_programme(tmp_path)
    records = root / "data/visits.csv"
    text = records.read_text(encoding="utf-8")
    records.write_text(text + "1,2020-13-01,zoe,none\n", encoding="utf-8")
    with pytest.raises(JpreportError) as caught:
        build(request_for(root))
    text = str(caught.value)
    assert "data/visits.csv, row 7, column day" in text
    assert "data/visits.csv, row 7, column sex" in text
    assert not list((root / "outputs").glob("*.html"))


def test_survey_finds_the_faults_of_all_notebooks_at_once(tmp_path: Path) -> None:
    root = write_programme(tmp_path)
    edit_notebook(root / "notebooks/summary.ipynb", "answer = 42", "answer = = 42")
    edit_notebook(root / "notebooks/donor.ipynb", "donor: str", "doner: str")
    problems = survey_programme(root).all_problems
    text = "\n".join(map(str, problems))
    assert "notebooks/summary.ipynb" in text
    assert 'did you mean "doner"?' in text


def outcomes_with(root: Path, code: str) -> dict[str, Outcome]:
    """Build everything anew, with another first cell in the summary."""
    edit_notebook(root / "notebooks/summary.ipynb", '"answer = 42"', json.dumps(code))
    return {outcome.slug: outcome for outcome in build(request_for(root, force=True))}


def test_what_cannot_be_set_is_told_with_its_notebook_and_cell(copied: Path) -> None:
    """Cells are counted as the author does: the one with the parameters' values is not theirs."""
    edit_notebook(copied / "notebooks/donor.ipynb", "## Thanks", "[](#nowhere)\\n\\n## Thanks")
    outcomes = build(request_for(copied))
    failed = {one.slug: one.problems for one in outcomes if one.state == "failed"}
    assert failed.keys() == {"donor-ada", "donor-b-and-c"}
    for (problem,) in failed.values():
        assert str(problem.where) == "notebooks/donor.ipynb, cell 3"
        assert problem.message == 'a reference to "nowhere", which is not there'


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel writes into /proc")
def test_report_whose_kernel_is_killed_for_memory_says_so_and_the_others_are_built(
    copied: Path, tmp_path: Path
) -> None:
    """The kernel is killed while it fills memory, from outside, as the system does it."""
    told = tmp_path / "pid"
    code = (
        f"import os; kept = []; open({str(told)!r}, 'w').write(str(os.getpid()))\n"
        "while True: kept.append(bytearray(1000))\n"
    )

    def kill() -> None:
        assert wait_until(lambda: told.is_file() and told.read_text() != "")
        os.kill(int(told.read_text()), signal.SIGKILL)

    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(kill)
        outcomes = outcomes_with(copied, code)
        killed.result()
    assert {slug: outcome.state for slug, outcome in outcomes.items()} == {
        "summary": "failed",
        "donor-ada": "built",
        "donor-b-and-c": "built",
    }
    (problem,) = outcomes["summary"].problems
    assert str(problem.where) == "notebooks/summary.ipynb, cell 3"
    assert "killed, most likely because memory ran out" in problem.message
    assert "--jobs 1" in problem.hint
    assert not list((copied / "outputs").glob("summary.*"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_report_that_asks_for_more_memory_than_it_may_have_fails_alone(copied: Path) -> None:
    code = (
        "import resource; now = int(open('/proc/self/statm').read().split()[0]) * 4096\n"
        "resource.setrlimit(resource.RLIMIT_AS, (now + 2**28, now + 2**28))\n"
        "kept = bytearray(2**30)\n"
    )
    outcomes = outcomes_with(copied, code)
    assert [outcome.state for outcome in outcomes.values()].count("built") == 2
    (problem,) = outcomes["summary"].problems
    assert str(problem.where) == "notebooks/summary.ipynb, cell 3, line 3"
    assert problem.message.startswith("MemoryError")
