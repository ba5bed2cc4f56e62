"""Two releases: nothing differs from itself, and every change is explained down to its key."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run_settings
from hypothesis import strategies as st

from jpreport.errors import OutputError
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.review.compare.comparison import Comparison, compare
from jpreport.review.compare.page import as_html, as_text
from jpreport.review.compare.prose import Passage, excerpts
from jpreport.review.compare.records import RecordChange
from jpreport.review.compare.side import open_side
from programme_samples import GRANTS, PROGRAMME, VISITS, edit_notebook, write_programme

SWAPPED = {"added": "removed", "removed": "added", "changed": "changed", "same": "same"}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_programme(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_programme(tmp_path / "new")


def compared(old: Path, new: Path) -> Comparison:
    return compare(open_side(old), open_side(new))


def rewrite(root: Path, name: str, text: str) -> None:
    (root / name).write_text(text, encoding="utf-8")


def test_a_programme_does_not_differ_from_itself(old: Path, new: Path) -> None:
    assert compared(old, old).empty
    assert compared(old, new).empty
    assert "no difference" in as_text(compared(old, new))


def test_added_removed_and_changed_records_are_told_by_key(old: Path, new: Path) -> None:
    text = VISITS.replace("2,2020-02-02,bob,male\n", "") + "6,2020-05-05,zoe,female\n"
    rewrite(
        new, "data/visits.csv", text.replace("eve,female", "eve,male") + "7,2020-06-06,x,male\n"
    )
    [one] = compared(old, new).figures
    assert (one.change.id, one.change.texts, one.difference) == ("1.1", ("5", "6"), "+1")
    assert {(change.key, change.how, change.counted) for change in one.why.records} == {
        ((("visit", "2"),), "removed", (True, False)),
        ((("visit", "5"),), "changed", (True, True)),
        ((("visit", "6"),), "added", (False, True)),
        ((("visit", "7"),), "added", (False, True)),
    }
    changed = next(change for change in one.why.records if change.how == "changed")
    assert changed.columns == (("sex", "female", "male"),)


def test_a_record_that_moved_out_of_the_period_no_longer_counts(old: Path, new: Path) -> None:
    rewrite(new, "data/visits.csv", VISITS.replace("2020-12-31", "2021-01-01"))
    [one] = compared(old, new).figures
    [change] = one.why.records
    assert (change.key, change.counted) == ((("visit", "5"),), (True, False))
    assert change.columns == (("day", "2020-12-31", "2021-01-01"),)


def test_a_changed_filter_is_told_with_the_records_that_it_drops(old: Path, new: Path) -> None:
    where = 'table = "visits"\nwhere = "sex = \'female\'"'
    rewrite(new, "programme.toml", PROGRAMME.replace('table = "visits"', where))
    [one] = compared(old, new).figures
    assert one.why.rule == (("where", "", "sex = 'female'"),)
    assert [(change.key, change.how) for change in one.why.records] == [
        ((("visit", "2"),), "same"),
        ((("visit", "4"),), "same"),
    ]
    text = as_text(compared(old, new))
    assert "1.1 Visits made: 5 \u2192 3 (\u22122)" in text
    assert "visits visit 2: unchanged, no longer counted" in text


def test_the_same_value_from_another_record_is_told(old: Path, new: Path) -> None:
    rewrite(new, "data/visits.csv", VISITS.replace("5,2020-12-31", "6,2020-12-31"))
    comparison = compared(old, new)
    # One record for another leaves every number of the figure as it is.
    assert not comparison.figures
    where = 'table = "visits"\nwhere = "visit > 0"'
    rewrite(new, "programme.toml", PROGRAMME.replace('table = "visits"', where))
    assert "5 \u2192 5 (the same, from other records or by another rule)" in as_text(
        compared(old, new)
    )


def test_records_without_a_key_are_told_whole(old: Path, new: Path) -> None:
    rewrite(new, "data/grants.csv", GRANTS.replace("200", "250") + "Ada,100.50\n")
    one = next(one for one in compared(old, new).figures if one.change.id == "R.1")
    assert one.difference == "+EUR\u00a0150.50"
    assert [(change.how, dict(change.key)) for change in one.why.records] == [
        ("removed", {"donor": "B and C", "amount": "200"}),
        ("added", {"donor": "Ada", "amount": "100.5"}),
        ("added", {"donor": "B and C", "amount": "250"}),
    ]


def test_indicators_that_come_and_go_and_another_period(old: Path, new: Path) -> None:
    text = PROGRAMME.replace('id = "1.1"', 'id = "1.2"').replace("2020-12-31", "2021-12-31")
    rewrite(new, "programme.toml", text)
    found = {one.change.id: one for one in compared(old, new).figures}
    assert found["1.1"].change.after is None
    assert found["1.2"].change.before is None
    # The contributions are not dated: a longer programme leaves them as they are.
    assert found.keys() == {"1.1", "1.2"}


def test_records_of_persons_are_never_told(
    old: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jpreport.review.compare.records.records_may_be_shown", lambda _: False)
    rewrite(new, "data/visits.csv", VISITS + "6,2020-05-05,z.o.e,female\n")
    comparison = compared(old, new)
    assert comparison.figures[0].why.records == ()
    text = as_text(comparison) + as_html(comparison) + str(comparison.to_json())
    assert "z.o.e" not in text
    assert "records of persons" in text


words = st.lists(st.sampled_from(["a", "b", "c"]), max_size=40).map(" ".join)


@given(words, words)
def test_an_excerpt_holds_all_that_differs(before: str, after: str) -> None:
    old, new = (
        text.removeprefix("\u2026 ").removesuffix(" \u2026")
        for text in excerpts(Passage("r", before, after))
    )
    assert old in before
    assert new in after
    if before and after and before != after:
        assert old != new
        assert len(before) - len(old) == len(after) - len(new)


def test_an_excerpt_leaves_out_what_did_not_change() -> None:
    around = " ".join(f"w{number}" for number in range(30))
    passage = Passage("r", f"{around} 5 **visits** {around}", f"{around} 6 **visits** {around}")
    old, new = excerpts(passage)
    assert old.startswith("\u2026 w20 ")
    assert " w29 5 visits w0 " in old
    assert " w29 6 visits w0 " in new
    assert old.endswith(" w8 \u2026")


def test_what_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is no release"):
        open_side(tmp_path)


days = st.dates(dt.date(2019, 12, 1), dt.date(2021, 1, 31))
visits = st.tuples(days, st.sampled_from(["ada", "bob"]), st.sampled_from(["female", "male"]))
rows = st.dictionaries(st.integers(1, 9), visits, max_size=6)


def table(rows: dict[int, tuple[dt.date, str, str]]) -> str:
    lines = [f"{key},{day},{person},{sex}" for key, (day, person, sex) in rows.items()]
    return "\n".join(["visit,day,person,sex", *lines, ""])


def swapped(change: RecordChange) -> tuple[object, ...]:
    columns = tuple((name, after, before) for name, before, after in change.columns)
    return (change.key, SWAPPED[change.how], change.counted[::-1], columns)


@pytest.mark.slow
@run_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=rows, after=rows)
def test_a_comparison_read_backwards_is_the_comparison_the_other_way(
    old: Path,
    new: Path,
    before: dict[int, tuple[dt.date, str, str]],
    after: dict[int, tuple[dt.date, str, str]],
) -> None:
    rewrite(old, "data/visits.csv", table(before))
    rewrite(new, "data/visits.csv", table(after))
    sides = open_side(old), open_side(new)
    assert compare(sides[0], sides[0]).empty
    there, back = compare(*sides), compare(*sides[::-1])
    assert [one.change.id for one in there.figures] == [one.change.id for one in back.figures]
    for one, other in zip(there.figures, back.figures, strict=True):
        assert one.change.texts == other.change.texts[::-1]
        assert (one.change.difference or 0) == -(other.change.difference or 0)
        assert [swapped(change) for change in one.why.records] == [
            (change.key, change.how, change.counted, change.columns) for change in other.why.records
        ]
        # What came in less what fell out is the change.
        net = sum(change.counted[1] - change.counted[0] for change in one.why.records)
        assert net == one.change.difference


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two releases that differ by one record and one sentence."""
    old = write_programme(tmp_path_factory.mktemp("old"))
    new = write_programme(tmp_path_factory.mktemp("new"))
    rewrite(new, "data/visits.csv", VISITS + "6,2020-05-05,zoe,female\n")
    edit_notebook(new / "notebooks/donor.ipynb", "You gave", "Thank you for")
    for root in (old, new):
        outcomes = build(Request(root, root / "outputs", formats=("html",)))
        assert not [problem for outcome in outcomes for problem in outcome.problems]
    return old, new


@pytest.mark.slow
def test_two_releases_differ_by_record_and_sentence(releases: tuple[Path, Path]) -> None:
    comparison = compared(*releases)
    [one] = comparison.figures
    assert [change.key for change in one.why.records] == [(("visit", "6"),)]
    assert ("data/visits.csv", "changed") in comparison.files
    assert ("notebooks/donor.ipynb", "changed") in comparison.files
    passages = {(passage.report, passage.before): passage.after for passage in comparison.passages}
    assert passages["summary", "There were 5 visits; see [](#tbl-r)."].startswith("There were 6")
    assert passages["donor-ada", "You gave EUR 100.50."] == "Thank you for EUR 100.50."
    assert compared(releases[0], releases[0]).empty


@pytest.mark.slow
def test_a_page_holds_what_the_text_holds(releases: tuple[Path, Path]) -> None:
    page = as_html(compared(*releases))
    for words in ("What changed", "1.1 Visits made", "visit 6: added", "Thank you for"):
        assert words in page


@pytest.mark.slow
def test_manifests_alone_tell_figures_but_no_records(
    releases: tuple[Path, Path], tmp_path: Path
) -> None:
    paths = []
    for name, root in zip(("a.json", "b.json"), releases, strict=True):
        paths.append(tmp_path / name)
        shutil.copy(root / "outputs/manifest.json", paths[-1])
    comparison = compared(*paths)
    [one] = comparison.figures
    assert (one.change.texts, one.why.missing) == (
        ("5", "6"),
        "the records of both releases are not at hand",
    )
    assert comparison.passages == ()
    assert "the text of" in as_text(comparison)
    explained = compare(open_side(paths[0], releases[0]), open_side(paths[1], releases[1]))
    assert len(explained.figures[0].why.records) == 1


@pytest.mark.slow
def test_records_that_are_not_those_of_the_release_explain_nothing(
    releases: tuple[Path, Path], tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(releases[1], tmp_path / "copy"))
    rewrite(copy, "data/visits.csv", VISITS)
    [one] = compared(releases[0], copy).figures
    assert one.why.records == ()
    assert "not as it was when the release was built" in one.why.missing
