"""Editions and staleness: every difference is a reason, and nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from jpreport.plan import expand, fingerprint, staleness
from jpreport.project import Report

REPORT = Report(id="donor", notebook="notebooks/donor.ipynb", for_each={"donor": "grants.donor"})

digests = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["1", "2"]))


def test_one_edition_a_value_named_by_its_slug() -> None:
    editions, problems = expand([REPORT], lambda _: ["Government of Belgium", "УН.ГИФТ"])
    assert not problems
    assert [edition.slug for edition in editions] == [
        "donor-government-of-belgium",
        "donor-un-gift",
    ]
    assert editions[0].parameters == {"donor": "Government of Belgium"}


def test_several_lists_give_every_combination() -> None:
    report = Report(id="r", notebook="n.ipynb", for_each={"a": "t.a", "b": "t.b"})
    editions, _ = expand([report], lambda source: ["1", "2"] if source == "t.a" else ["x", "y"])
    assert [edition.slug for edition in editions] == ["r-1-x", "r-1-y", "r-2-x", "r-2-y"]


def test_for_each_over_nothing_is_a_problem() -> None:
    editions, problems = expand([REPORT], lambda _: [])
    assert editions == []
    assert '"grants.donor" has no values' in str(problems[0])


def test_two_reports_with_one_slug_are_a_problem() -> None:
    other = Report(id="donor-a-b", notebook="n.ipynb")
    editions, problems = expand([REPORT, other], lambda _: ["a/b", "c"])
    assert [edition.slug for edition in editions] == ["donor-c"]
    assert '2 reports would be written to "donor-a-b"' in str(problems[0])


@given(digests, digests)
def test_up_to_date_exactly_if_inputs_and_outputs_are_the_same(
    inputs: dict[str, str], outputs: dict[str, str]
) -> None:
    recorded = {"inputs": inputs, "outputs": outputs}
    assert staleness(inputs, recorded, outputs, force=False) == ()


@given(digests, digests)
def test_every_changed_input_is_named(before: dict[str, str], now: dict[str, str]) -> None:
    reasons = staleness(now, {"inputs": before, "outputs": {}}, {}, force=False)
    changed = {name for name in before | now if before.get(name) != now.get(name)}
    assert {reason.split()[0] for reason in reasons} == changed


@given(digests, digests)
def test_every_missing_or_altered_output_is_named(
    recorded: dict[str, str], found: dict[str, str]
) -> None:
    reasons = staleness({}, {"inputs": {}, "outputs": recorded}, found, force=False)
    wrong = {name for name, digest in recorded.items() if found.get(name) != digest}
    assert {reason.split()[0] for reason in reasons} == wrong


def test_force_and_first_build_are_reasons() -> None:
    assert staleness({}, {"inputs": {}}, {}, force=True) == ("forced",)
    assert staleness({}, {}, {}, force=False) == ("not built before",)


def test_parameters_and_notebook_are_part_of_the_fingerprint() -> None:
    (one, two), _ = expand([REPORT], lambda _: ["a", "b"])
    first = fingerprint(one, {"settings": "s"}, "n")
    assert first != fingerprint(two, {"settings": "s"}, "n")
    assert first != fingerprint(one, {"settings": "s"}, "m")
    assert first == fingerprint(one, {"settings": "s"}, "n")
