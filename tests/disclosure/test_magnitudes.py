"""Sums over persons: who makes most of one must not be told by it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import RESOURCE, SECRET, Rows, counted, declared, intervals
from jpreport.disclosure.counting import Counted
from jpreport.disclosure.cube import Cube, build_cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.primary import primary_cells, protection_level
from jpreport.disclosure.protect import protect
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.release import audit
from jpreport.errors import DisclosureError

SHELTERS = ("Belgrade", "Niš", "Novi Sad")
# (person, sex, shelter, amount): most amounts alike, some of them huge.
RECORDS = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.booleans(),
        st.sampled_from(SHELTERS),
        st.sampled_from([0, 1, 100, 100, 100, 120, 4000]),
    ),
    max_size=50,
)
Record = tuple[int, bool, str, int]


def rows(records: list[Record]) -> list[dict[str, object]]:
    return [
        {"person_id": str(n), "sex": ["Female", "Male"][m], "shelter": shelter, "age": amount}
        for n, m, shelter, amount in records
    ]


def released(cube: Cube, rule: Sensitive) -> ProtectedCube:
    counts = protect(cube, rule, secret=SECRET).cube
    hidden = counts.suppressed
    sums = protect(cube.of("age"), rule, secret=SECRET, hidden=hidden).cube
    return replace(counts, sums={"age": sums.cells})


@given(
    st.lists(st.integers(0, 10_000), max_size=8),
    st.floats(1, 100),
    st.integers(1, 3),
    st.floats(30, 100),
)
def test_the_rules_are_those_of_the_handbook(
    amounts: list[int], p: float, n: int, k: float
) -> None:
    ordered = sorted(amounts, reverse=True)
    first, second = (*ordered, 0, 0)[:2]
    cell = Counted(sum(amounts), len(amounts), first, second, sum(ordered[:n]))
    # The second person subtracts their own from the sum, and is left with the first and the rest.
    closely = (sum(amounts) - second) - first
    if abs(closely - p / 100 * first) > 1e-6:
        assert bool(protection_level(cell, p, 0, 100)) == (closely < p / 100 * first)
    share = sum(ordered[:n]) - k / 100 * sum(amounts)
    if abs(share) > 1e-6:
        assert bool(protection_level(cell, 0, n, k)) == (share > 0)


@settings(max_examples=30)
@given(RECORDS, st.sampled_from(["persons", "records"]))
def test_amounts_are_those_of_persons_and_add_up(records: list[Record], count: str) -> None:
    cube = counted(
        rows(records), count=count, keep={"row": "last"}, sums=["age"], dominance={"n": 2, "k": 80}
    )
    by_person: dict[int, int] = defaultdict(int)
    for n, _, _, amount in records:
        by_person[n] += amount
    total = cube.of("age").total
    ordered = sorted(by_person.values(), reverse=True)
    assert total == (sum(ordered), len(by_person), *(*ordered, 0, 0)[:2], sum(ordered[:2]))
    cells = cube.of("age").cells
    for cell, own in cells.items():
        assert own.persons == cube.cells[cell].persons
        if cell[0] == "total":
            parts = [cells[sex, cell[1]].value for sex in ("Female", "Male")]
            assert own.value == sum(parts)


@settings(max_examples=25)
@given(RECORDS, st.sampled_from(["persons", "records"]), st.sampled_from(["publish", "cover"]))
def test_no_released_sum_tells_what_one_person_has(
    records: list[Record], count: str, zeros: str
) -> None:
    raw = {"count": count, "keep": {"row": "last"}, "sums": ["age"], "zeros": zeros}
    rule = declared(**raw, p_percent=15, dominance={"n": 1, "k": 70})
    cube = counted(rows(records), **raw, p_percent=15, dominance={"n": 1, "k": 70})
    out = released(cube, rule)
    # An average is a ratio of two published numbers: it tells nothing that they do not.
    assert set(out.suppressed) <= set(out.of("age").suppressed)
    for view, truth in ((out, cube), (out.of("age"), cube.of("age"))):
        needed = primary_cells(truth, rule)
        assert not needed.keys() & view.published.keys()
        assert audit(view, truth=truth, wider=needed) == ()
        # By another reckoning: margins do not give back what is hidden.
        for cell, (low, high) in intervals(view).items():
            width = max(needed.get(cell, 0), view.width)
            assert high is None or high - low >= width
    for cell in out.of("age").published:
        own = cube.of("age").cells[cell]
        assert own.persons == 0 or own.persons >= 5
        assert own.largest <= 0.7 * own.value


def test_one_person_who_makes_96_of_100_sessions_is_found() -> None:
    sessions = [(0, False, "Niš", 1)] * 96 + [(n, False, "Niš", 1) for n in range(1, 5)]
    sessions += [(n, True, "Belgrade", 1) for n in range(10, 30)] * 5
    sessions += [(n, False, "Belgrade", 1) for n in range(40, 60)] * 5
    plain = counted(rows(sessions), count="records")
    cell = ("Female", "Niš")
    assert plain.cells[cell] == (100, 5, 96, 1, 0)
    assert protect(plain, declared(count="records"), secret=SECRET).cube.cells[cell] == 100
    rule = declared(count="records", p_percent=10)
    cube = counted(rows(sessions), count="records", p_percent=10)
    found = protect(cube, rule, secret=SECRET).cube
    assert found.cells[cell] is None
    low, high = intervals(found)[cell]
    assert high is None or high - low >= 2 * protection_level(plain.cells[cell], 10, 0, 100)


def test_money_of_equal_parts_does_not_tell_a_hidden_count() -> None:
    records = [(n, n % 2 == 0, SHELTERS[0], 100) for n in range(40)]
    records += [(50 + n, True, SHELTERS[1], 100) for n in range(3)]
    records += [(60 + n, False, SHELTERS[1], 100) for n in range(20)]
    out = released(counted(rows(records), sums=["age"]), declared(sums=["age"]))
    assert out.cells["Male", SHELTERS[1]] is None
    assert out.sums["age"]["Male", SHELTERS[1]] is None
    assert ProtectedCube.from_json(out.to_json()) == out


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"sums": ["note"]}, "holds no whole numbers"),
        ({"sums": ["missing"]}, "which is not there"),
        ({"p_percent": 0}, "over 0"),
        ({"dominance": {"n": 0, "k": 80}}, '"n" of 1 or more'),
        ({"dominance": {"n": 1, "k": 101}}, "at most 100"),
        ({"dominance": {"k": 80}}, '"n" of 1 or more'),
    ],
)
def test_a_rule_that_cannot_be_is_refused(raw: dict[str, object], said: str) -> None:
    with pytest.raises(DisclosureError, match=said):
        declared(**raw)


@pytest.mark.parametrize(
    ("amount", "said"), [(-1, "1 amounts are negative"), (2 * 10**9, "too large")]
)
def test_amounts_that_the_rules_do_not_fit_are_refused(amount: int, said: str) -> None:
    with pytest.raises(DisclosureError, match=said):
        build_cube(declared(sums=["age"]), RESOURCE, Rows(rows([(1, True, "Niš", amount)])))
