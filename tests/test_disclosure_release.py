from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import SECRET, protect, rules, table
from jpreport import disclosure
from jpreport.disclosure import (
    TOTAL,
    Cube,
    DisclosureError,
    Protection,
    Sensitive,
    audit,
    protect_once,
)

SEXES, PLACES = ("Female", "Male"), ("Belgrade", "Niš", "Novi Sad")
KEYS = [(sex, place) for sex in SEXES for place in PLACES]
FIRST = dict(zip(KEYS, (24, 17, 9, 12, 8, 15), strict=True))
AT = ("Female", "Niš")


def later(first: dict[tuple[str, str], int], *added: tuple[str, str]) -> Cube:
    return table({key: number + added.count(key) for key, number in first.items()})


def test_one_new_record_is_found_by_comparing_two_releases() -> None:
    before = protect(table(FIRST), rules()).cube
    now = later(FIRST, AT)
    naive = protect(now, rules()).cube
    assert before.suppressed == naive.suppressed == ()
    seen = audit(naive, previous=[before])
    assert {one.edition for one in seen} == {"change"}
    assert {one.cell for one in seen} == {AT, (TOTAL, "Niš"), ("Female", TOTAL), (TOTAL, TOTAL)}
    assert {str(one.interval) for one in seen} == {"1"}


def test_with_the_previous_release_at_hand_nothing_is_found() -> None:
    before = protect(table(FIRST), rules()).cube
    now = later(FIRST, AT)
    found = protect(now, rules(), previous=[before])
    assert found.cube.cells[AT] is None
    assert found.cube.cells[TOTAL, TOTAL] is None
    assert audit(found.cube, previous=[before]) == ()
    assert audit(found.cube, previous=[before], truth=now) == ()


def test_a_later_release_can_expose_an_earlier_one() -> None:
    # Men in Niš were hidden to hide others; that nobody joined them is told by a later release.
    first = dict(zip(KEYS, (20, 4, 2, 7, 9, 20), strict=True))
    before = protect(table(first), rules()).cube
    assert audit(before) == ()
    added = [key for key, times in zip(KEYS, (8, 7, 6, 8, 0, 7), strict=True) for _ in range(times)]
    now = later(first, *added)
    naive = protect(now, rules()).cube
    assert naive.suppressed == ()
    told = {one.cell: str(one.interval) for one in audit(naive, previous=[before])}
    assert told["Female", "Niš"] == "4 to 5"
    assert told["Female", "Novi Sad"] == "1 to 2"
    found = protect(now, rules(), previous=[before])
    assert audit(found.cube, previous=[before]) == ()


def test_what_was_withdrawn_is_no_contradiction() -> None:
    before = protect(table(FIRST), rules()).cube
    fewer = later(dict(FIRST) | {AT: 11})
    found = protect(fewer, rules(), previous=[before])
    assert audit(found.cube, previous=[before], truth=fewer) == ()


def test_releases_of_other_dimensions_cannot_be_compared() -> None:
    before = protect(table({("Female",): 20, ("Male",): 30}), rules()).cube
    with pytest.raises(DisclosureError, match="has the dimensions d0, this one d0, d1"):
        audit(protect(table(FIRST), rules()).cube, previous=[before])


def test_a_new_value_had_no_records_before() -> None:
    first = {key: number for key, number in FIRST.items() if key[1] != "Niš"}
    before = protect(table(first), rules()).cube
    found = protect(table(FIRST), rules(), previous=[before])
    assert audit(found.cube, previous=[before]) == ()


numbers = st.lists(st.integers(0, 12), min_size=6, max_size=6)
additions = st.lists(st.sampled_from(KEYS), max_size=12)
rule_sets = st.sampled_from([rules(), rules(zeros="protect"), rules(threshold=3, width=2)])


@given(numbers, additions, rule_sets)
@settings(max_examples=40, deadline=None)
def test_law_two_releases_tell_no_more_than_one(
    first: list[int], added: list[tuple[str, str]], rule: Sensitive
) -> None:
    start = dict(zip(KEYS, first, strict=True))
    before = protect(table(start), rule)
    now = later(start, *added)
    found = protect(now, rule, previous=[before.cube])
    assert audit(found.cube, previous=[before.cube], truth=now) == ()
    for key, value in found.cube.published.items():
        assert value == now.cells[key].value
        change = value - (before.cube.cells[key] if before.cube.cells[key] is not None else value)
        assert not 0 < change < rule.threshold


def test_the_same_counts_are_protected_once(tmp_path: Path) -> None:
    asked: list[Cube] = []

    def counting(cube: Cube, declaration: Sensitive, **more: object) -> Protection:
        asked.append(cube)
        return disclosure.protect(cube, declaration, **more)  # type: ignore[arg-type]

    cube = table(FIRST)
    one = protect_once(cube, rules(), tmp_path, protector=counting, secret=SECRET)
    assert protect_once(cube, rules(), tmp_path, protector=counting, secret=SECRET) == one
    assert len(asked) == 1
    protect_once(cube, rules(threshold=10, width=9), tmp_path, protector=counting, secret=SECRET)
    protect_once(later(FIRST, AT), rules(), tmp_path, protector=counting, secret=SECRET)
    protect_once(later(FIRST, AT), rules(), tmp_path, protector=counting, previous=[one.cube], secret=SECRET)
    assert len(asked) == 4


def test_the_cache_tells_nothing_of_the_counts(tmp_path: Path) -> None:
    cube = table(FIRST | {AT: 3})
    protect_once(cube, rules(), tmp_path / "a", secret=SECRET)
    protect_once(cube, rules(), tmp_path / "b", secret=SECRET[::-1])
    names = [{path.name for path in (tmp_path / folder).glob("*.json")} for folder in ("a", "b")]
    assert not names[0] & names[1]
    assert cube.digest() not in "".join(names[0] | names[1])
    text = next((tmp_path / "a").glob("*.json")).read_text(encoding="utf-8")
    assert cube.digest() not in text


def test_a_broken_cache_is_made_anew(tmp_path: Path) -> None:
    one = protect_once(table(FIRST), rules(), tmp_path, secret=SECRET)
    (path,) = tmp_path.glob("*.json")
    path.write_text("{", encoding="utf-8")
    assert protect_once(table(FIRST), rules(), tmp_path, secret=SECRET).cube == one.cube
