"""The law of the plan: whatever was edited, an incremental build gives what a clean one gives."""

import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jpreport.cli import main
from jpreport.document.provenance import read_provenance
from jpreport.errors import JpreportError
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.release.unchanged import nothing_changed, standing
from jpreport.review.verify import verify
from language_samples import translate
from pdf_reading import pages
from programme_samples import GRANTS, VISITS, edit_notebook, write_programme

pytestmark = pytest.mark.slow

Edit = Callable[[Path, int], None]


def replace(name: str, old: str, new: str) -> Edit:
    """Return an edit that replaces a text if it is there; {} stands for a number."""

    def edit(root: Path, number: int) -> None:
        path = root / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(old, new.format(number)), encoding="utf-8")

    return edit


def rewrite(name: str, text: str) -> Edit:
    def edit(root: Path, number: int) -> None:
        (root / name).write_text(text.format(number), encoding="utf-8")

    return edit


def damage(name: str) -> Edit:
    def edit(root: Path, _: int) -> None:
        if (root / "outputs" / name).exists():
            (root / "outputs" / name).write_bytes(b"damaged")

    return edit


def remove(name: str) -> Edit:
    def edit(root: Path, _: int) -> None:
        (root / "outputs" / name).unlink(missing_ok=True)

    return edit


SUMMARY = 'notebook = "notebooks/summary.ipynb"\n\n'


def asked(report: str, name: str) -> Edit:
    """Return a build of one report in one format, whatever the settings say."""

    def edit(root: Path, _: int) -> None:
        with suppress(JpreportError):
            build(Request(root, root / "outputs", reports=(report,), formats=(name,)))

    return edit


LANGUAGES = 'languages = ["en", "fr"]\n'


def translated(root: Path, number: int) -> None:
    """Translate the summary as it is now, one sentence each time otherwise."""
    with suppress(JpreportError):
        translate(root, "fr")
        # No number: a translation adds none.
        words = f"Bilan {'abcdefghij'[number]}"
        replace("notebooks/locale/fr/summary.po", "Results (fr)", words)(root, number)


def in_french(root: Path, number: int) -> None:
    translated(root, number)
    replace("programme.toml", SUMMARY, f"{SUMMARY[:-1]}{LANGUAGES}\n")(root, number)


EDITS: dict[str, Edit] = {
    "a record": rewrite("data/visits.csv", VISITS + "6,2020-05-0{0},zoe,male\n"),
    "a record back": rewrite("data/visits.csv", VISITS),
    "a donor": rewrite("data/grants.csv", GRANTS + "Dan,{0}\n"),
    "an amount": rewrite("data/grants.csv", "donor,amount\nAda,10{0}\nB and C,200\n"),
    "the prose": replace("notebooks/summary.ipynb", "There were", "There were {}"),
    "a value in the prose": replace("notebooks/summary.ipynb", "There were", "{{eval}}`{}` and"),
    "the code": replace("notebooks/summary.ipynb", "answer = 42", "answer = 4{}"),
    "a title": replace("programme.toml", 'title = "Visits made"', 'title = "Visits, {}"'),
    "the programme": replace("programme.toml", 'title = "Visits"', 'title = "Visits {}"'),
    "a filter": replace("programme.toml", "count(*)", "count(*) + {}"),
    "a parameter": replace("notebooks/donor.ipynb", 'donor: str = \\"Ada\\"', "donor: str"),
    "a module": rewrite("notebooks/helper.py", "WORD = 'w{0}'\n"),
    "a side file": rewrite("data/side.txt", "side {0}\n"),
    "a page damaged": damage("summary.html"),
    "a run damaged": damage("executed/donor-ada.ipynb"),
    "a page removed": remove("donor-ada.pdf"),
    "the index removed": remove("index.html"),
    "the manifest damaged": damage("manifest.json"),
    "a record of the store damaged": damage("../.jpreport/outputs/editions/summary.json"),
    "one format": replace("programme.toml", SUMMARY, f'{SUMMARY[:-1]}formats = ["html"]\n\n'),
    "the other format": replace("programme.toml", 'formats = ["html"]', 'formats = ["pdf"]'),
    "all formats": replace("programme.toml", 'formats = ["html"]\n', ""),
    "another language": in_french,
    "a translation": translated,
    "one language": replace("programme.toml", LANGUAGES, ""),
    "a format asked for": asked("summary", "pdf"),
    "nothing": lambda _root, _number: None,
}


NO_CHANGES = {
    *("nothing", "a record back", "the other format", "all formats", "a format asked for"),
    *("a translation", "one language"),
}


def prepared(root: Path) -> Path:
    """The tiny programme, whose summary also imports a module and reads a file."""
    write_programme(root)
    rewrite("notebooks/helper.py", "WORD = 'w'\n")(root, 0)
    rewrite("data/side.txt", "side\n")(root, 0)
    edit_notebook(
        root / "notebooks/summary.ipynb",
        '"answer = 42"',
        "\"import helper; answer = 42; print(helper.WORD, open('../data/side.txt').read())\"",
    )
    return root


def published(output: Path) -> dict[str, bytes]:
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = prepared(tmp_path_factory.mktemp("incremental") / "programme")
    build(Request(root=root, output=root / "outputs", workers=2))
    return root


@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(1, 9)), max_size=4))
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_incremental_build_gives_what_a_clean_build_gives(
    start: Path, tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("edited")
    root = Path(shutil.copytree(start, folder / "programme"))
    for name, number in edits:
        EDITS[name](root, number)
    standing = nothing_changed(root, root / "outputs")
    try:
        outcomes = build(Request(root=root, output=root / "outputs", workers=2))
    except JpreportError as error:
        with pytest.raises(JpreportError) as clean:
            build(Request(root=root, output=folder / "clean", workers=2))
        assert clean.value.problems == error.problems
        assert standing is None
        return
    incremental = published(root / "outputs")
    build(Request(root=root, output=folder / "clean", workers=2))
    assert incremental == published(folder / "clean")
    if standing is not None:
        assert incremental == published(start / "outputs")
    # What could not be made is tried again.
    whole = not any(outcome.problems for outcome in outcomes)
    assert (nothing_changed(root, root / "outputs") is not None) is whole


@pytest.mark.parametrize(
    "names",
    [
        ["one format"],
        ["one format", "the other format"],
        ["one format", "a format asked for"],
        ["a record", "a format asked for"],
        ["one format", "a record of the store damaged"],
        ["another language", "a format asked for"],
        ["another language", "a translation", "one format"],
        ["another language", "one language"],
    ],
)
def test_formats_are_an_edit_like_any_other(start: Path, tmp_path: Path, names: list[str]) -> None:
    root = Path(shutil.copytree(start, tmp_path / "programme"))
    for name in names:
        EDITS[name](root, 1)
        build(Request(root=root, output=root / "outputs"))
    build(Request(root=root, output=tmp_path / "clean"))
    assert published(root / "outputs") == published(tmp_path / "clean")
    assert verify(root / "outputs", root).reproduced


@pytest.mark.parametrize("name", sorted(set(EDITS) - NO_CHANGES))
def test_every_edit_is_noticed_without_reading_what_it_means(
    start: Path, tmp_path: Path, name: str
) -> None:
    root = Path(shutil.copytree(start, tmp_path / "programme"))
    assert nothing_changed(root, root / "outputs") is not None
    EDITS[name](root, 7)
    assert nothing_changed(root, root / "outputs") is None


def test_a_check_that_is_kept_says_what_a_check_says(
    start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(shutil.copytree(start, tmp_path / "programme"))

    def checked() -> tuple[int, str]:
        return main(["check", "--json", "--project", str(root)]), capsys.readouterr().out

    assert checked() == checked()
    assert standing("check", root, root / "outputs") is not None
    for name, edit in EDITS.items():
        edit(root, 3)
        kept = checked()
        (root / ".jpreport/outputs/verdict-check.json").unlink(missing_ok=True)
        assert checked() == kept, name


def test_a_report_that_is_named_is_up_to_date_whatever_the_others_are(
    start: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(start, tmp_path / "programme"))
    output = root / "outputs"
    assert set(nothing_changed(root, output, ["donor"]) or ()) == {"donor-ada", "donor-b-and-c"}
    assert nothing_changed(root, output, ["summary", "nothing"]) is None
    damage("summary.html")(root, 0)
    assert nothing_changed(root, output, ["donor-ada"]) is not None
    assert nothing_changed(root, output, ["donor-ada", "summary"]) is None
    edit_notebook(root / "notebooks/summary.ipynb", "There were", "Seen were")
    build(Request(root, output, reports=("donor",)))
    assert nothing_changed(root, output, ["donor"]) is not None
    assert nothing_changed(root, output) is None
    assert nothing_changed(root, output, ["summary"]) is None


def test_a_release_that_is_out_is_noticed(start: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(start, tmp_path / "programme"))
    (root / "releases/first").mkdir(parents=True)
    assert nothing_changed(root, root / "outputs") is None


def test_only_the_reports_that_read_a_table_run(start: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(start, tmp_path / "programme"))
    EDITS["a record"](root, 1)
    outcomes = build(Request(root=root, output=root / "outputs", workers=2))
    states = {outcome.slug: outcome.state for outcome in outcomes}
    assert states == {"summary": "built", "donor-ada": "unchanged", "donor-b-and-c": "unchanged"}


def words_of(root: Path, slug: str) -> tuple[str, ...]:
    """Return what a report's page and PDF say, without the files that they carry."""
    page = (root / f"outputs/{slug}.html").read_text("utf-8")
    texts = pages((root / f"outputs/{slug}.pdf").read_bytes())
    return re.sub(r"<!--.*?-->|<[^>]*>", "", page, flags=re.DOTALL), *texts


def carried(path: Path) -> dict[str, Any]:
    carried: dict[str, Any] = json.loads(read_provenance(path).to_bytes())
    return carried


def test_a_sentence_is_set_without_a_kernel(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(start, tmp_path / "programme"))
    edit_notebook(root / "notebooks/summary.ipynb", "There were", "Counted were")

    def no_kernel(*_: object, **__: object) -> None:
        raise AssertionError("a kernel was started")

    monkeypatch.setattr("jpreport.execute.run.run_notebook", no_kernel)
    monkeypatch.setattr("jpreport.release.spine.prewarm", no_kernel)
    outcomes = build(Request(root=root, output=root / "outputs", workers=2))
    states = {outcome.slug: outcome.state for outcome in outcomes}
    assert states == {"summary": "built", "donor-ada": "unchanged", "donor-b-and-c": "unchanged"}
    assert "Counted were" in words_of(root, "summary")[0]
    edit_notebook(root / "notebooks/summary.ipynb", "Counted were", "Seen were")
    assert nothing_changed(root, root / "outputs") is None


def test_template_change_renders_without_a_kernel(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(start, tmp_path / "programme"))
    from jpreport.files import environment_digests
    from jpreport.release import planning

    changed = {**environment_digests(), "templates": "other"}
    monkeypatch.setattr(planning, "environment_digests", lambda: changed)

    def no_kernel(*_: object, **__: object) -> None:
        raise AssertionError("a kernel was started")

    monkeypatch.setattr("jpreport.execute.run.run_notebook", no_kernel)
    outcomes = build(Request(root=root, output=root / "outputs", workers=2))
    assert {outcome.state for outcome in outcomes} == {"built"}
    for slug in (outcome.slug for outcome in outcomes):
        assert words_of(root, slug) == words_of(start, slug)
        # Each report says which templates it was set with; all else that it carries is as it was.
        for ending in ("html", "pdf"):
            before, after = (carried(place / f"outputs/{slug}.{ending}") for place in (start, root))
            assert after["made_from"]["rendering"].pop("templates") == "other"
            del before["made_from"]["rendering"]["templates"]
            assert after == before
