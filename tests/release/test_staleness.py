"""Editions and staleness: every difference is a reason, and nothing else is."""

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from jpreport.files import EditionRecord
from jpreport.programme.framework import ForEach
from jpreport.programme.settings import Report
from jpreport.release.staleness import Inputs, expand, plain, staleness

DONORS = ForEach(source="grants.donor")
REPORT = Report(id="donor", notebook="notebooks/donor.ipynb", for_each={"donor": DONORS})

digests = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["1", "2"]))
EXECUTED = "executed/x.ipynb"


def record(**changes: dict[str, str]) -> EditionRecord:
    files = {"x.html": "h", "x.pdf": "p", EXECUTED: "e"}
    built = EditionRecord("x", "x.ipynb", {}, "X", 0, [], 1, {}, {}, {}, EXECUTED, files)
    return replace(built, **changes)


def alike(*values: str) -> dict[str, str]:
    """Return values that name their files themselves."""
    return dict(zip(values, values, strict=True))


def on_disk(**changes: str) -> dict[str, str]:
    return {"x.html": "h", "x.pdf": "p", EXECUTED: "e", **changes}


def reasons(
    before: EditionRecord, inputs: Inputs, files: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return staleness(inputs, before, files, ("html", "pdf"))


def test_one_edition_a_value_named_by_its_slug() -> None:
    editions, problems = expand([REPORT], lambda _: alike("Government of Belgium", "УН.ГИФТ"))
    assert not problems
    assert [edition.slug for edition in editions] == [
        "donor-government-of-belgium",
        "donor-un-gift",
    ]
    assert editions[0].parameters == {"donor": "Government of Belgium"}


def test_several_lists_give_every_combination() -> None:
    each = {"a": ForEach(source="t.a"), "b": ForEach(source="t.b")}
    report = Report(id="r", notebook="n.ipynb", for_each=each)
    editions, _ = expand([report], lambda each: alike(*("12" if each.source == "t.a" else "xy")))
    assert [edition.slug for edition in editions] == ["r-1-x", "r-1-y", "r-2-x", "r-2-y"]


def test_for_each_over_nothing_is_a_problem() -> None:
    editions, problems = expand([REPORT], lambda _: {})
    assert editions == []
    assert '"grants.donor" has no values' in str(problems[0])


def test_two_reports_with_one_slug_are_a_problem() -> None:
    other = Report(id="donor-a-b", notebook="n.ipynb")
    editions, problems = expand([REPORT, other], lambda _: alike("a/b", "c"))
    assert [edition.slug for edition in editions] == ["donor-c"]
    assert '2 reports would be written to "donor-a-b"' in str(problems[0])


@given(digests, digests, digests)
def test_what_is_the_same_is_up_to_date(
    execution: dict[str, str], rendering: dict[str, str], read: dict[str, str]
) -> None:
    before = record(execution=execution, rendering=rendering, read=read)
    assert reasons(before, Inputs(execution, rendering), on_disk(**read)) == ((), ())


@given(digests, digests)
def test_every_changed_input_of_the_run_is_a_reason_to_execute(
    before: dict[str, str], now: dict[str, str]
) -> None:
    execute, render = reasons(record(execution=before), Inputs(now, {}), on_disk())
    changed = {name for name in before | now if before.get(name) != now.get(name)}
    assert {reason.split()[0] for reason in execute} == changed
    assert render == ()


@given(digests, digests)
def test_a_changed_template_is_a_reason_to_render_only(
    before: dict[str, str], now: dict[str, str]
) -> None:
    execute, render = reasons(record(rendering=before), Inputs({}, now), on_disk())
    changed = {name for name in before | now if before.get(name) != now.get(name)}
    assert (execute, {reason.split()[0] for reason in render}) == ((), changed)


@given(digests, digests)
def test_only_files_that_were_read_count(before: dict[str, str], now: dict[str, str]) -> None:
    execute, _ = reasons(record(read=before), Inputs({}, {}), on_disk(**now))
    wrong = {name for name, digest in before.items() if now.get(name) != digest}
    assert {reason.split()[0] for reason in execute} == wrong


def test_outputs_that_are_missing_or_altered() -> None:
    nothing = Inputs({}, {})
    assert reasons(record(), nothing, on_disk(**{"x.pdf": ""})) == ((), ("x.pdf is missing",))
    assert reasons(record(), nothing, on_disk(**{"x.html": "?"})) == ((), ("x.html was altered",))
    assert reasons(record(), nothing, on_disk(**{EXECUTED: "?"})) == (
        (f"{EXECUTED} was altered",),
        (),
    )
    one = record(outputs={"x.html": "h", EXECUTED: "e"})
    assert reasons(one, nothing, on_disk()) == ((), ("pdf was not made",))


def test_a_format_that_is_not_asked_for_any_more_is_a_reason_to_render() -> None:
    nothing = Inputs({}, {})
    more = ((), ("pdf is no longer made",))
    assert staleness(nothing, record(), on_disk(), ("html",)) == more
    assert staleness(nothing, record(), on_disk(), ("html",), alone=False) == ((), ())


def test_what_cannot_be_seen_is_never_up_to_date() -> None:
    execute, _ = reasons(record(read={"network": ""}), Inputs({}, {}), on_disk(network=""))
    assert execute == ("reads from the network, which may have changed",)


def test_the_first_build_is_a_reason() -> None:
    nothing = Inputs({}, {})
    assert staleness(nothing, None, {}, ()) == (("not built before",), ())


def test_dates_are_kept_as_text() -> None:
    assert plain({"day": dt.date(2020, 1, 2), "n": 3}) == {"day": "2020-01-02", "n": 3}
