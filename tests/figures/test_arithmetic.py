"""Arithmetic of figures: what is made of figures keeps them, and what cannot be is refused."""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figure_samples import TRAINED, WHOLE, YEAR, measured
from jpreport.errors import FigureError
from jpreport.figures import (
    Figure,
    FigureKey,
    FigureRecord,
    Period,
    average,
    difference,
    quotient,
    ratio,
    share,
    total,
)
from jpreport.programme.framework import Qualifier

QUALIFIERS: tuple[Qualifier, ...] = ("exact", "at least", "estimated")
ONE = measured("1", "One", 30)
TWO = measured("2", "Two", 12)
SESSIONS = replace(measured("s", "Sessions", 90), unit="sessions")
DIRECT = replace(measured("d", "Direct", 10), beneficiaries="direct")
INDIRECT = replace(measured("i", "Indirect", 20), beneficiaries="indirect")
HIDDEN = replace(measured("h", "Hidden", None), suppressed=True)
NOTHING = measured("n", "Nothing", None)
PARTS = [TRAINED.part("sex", sex) for sex in ("Female", "Male")]

Made = Callable[[Figure, Figure], Figure]
OPERATIONS: dict[str, Made] = {
    "sum": lambda one, other: total([one, other]),
    "difference": difference,
    "average": lambda one, other: average([one, other]),
    "share": share,
}


def refusal(made: Callable[[], Figure]) -> str:
    with pytest.raises(FigureError) as caught:
        made()
    return str(caught.value)


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8))
def test_a_sum_is_the_sum_of_what_it_keeps(values: list[int]) -> None:
    figures = [measured(f"a{n}", "A", value) for n, value in enumerate(values)]
    made = total(figures)
    assert made.value == sum(values)
    assert made == sum(figures)
    assert total(figures[:1]) == figures[0]
    if len(figures) > 1:
        assert made.parents == tuple(figures)
        assert made.id == " + ".join(figure.id for figure in figures)
        assert made.derivation.records == sum(one.derivation.records for one in figures)
        assert average(figures).value == pytest.approx(sum(values) / len(values))


@given(st.sampled_from(QUALIFIERS), st.sampled_from(QUALIFIERS))
def test_what_is_made_is_as_firm_as_what_it_is_made_from(one: Qualifier, other: Qualifier) -> None:
    figures = replace(ONE, qualifier=one), replace(TWO, qualifier=other)
    weaker = max(one, other, key=QUALIFIERS.index)
    assert (figures[0] + figures[1]).qualifier == weaker
    assert average(figures).qualifier == weaker
    # A lower bound below the line, or taken away, bounds the result on no known side.
    under = "estimated" if other == "at least" else other
    directed = max(one, under, key=QUALIFIERS.index)
    assert (figures[0] - figures[1]).qualifier == directed
    assert (figures[0] / figures[1]).qualifier == directed


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 400), st.integers(1, 400))
def test_at_least_is_never_more_than_the_truth(
    counted: int, more: int, taken: int, below: int
) -> None:
    """A result says "at least" only where whatever was not counted would make it no smaller."""
    counts, truth = replace(ONE, value=counted, qualifier="at least"), counted + more
    exact = replace(TWO, value=below)
    for made, true in (
        (counts + exact, truth + below),
        (counts - replace(TWO, value=taken), truth - taken),
        (counts / exact, truth / below),
    ):
        assert made.qualifier == "at least"
        assert made.value is not None
        assert made.value <= true
    assert (exact - counts).qualifier == "estimated"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_different_units_are_refused_with_both_named(operation: str) -> None:
    words = refusal(lambda: OPERATIONS[operation](ONE, SESSIONS))
    assert "1 counts persons, s counts sessions" in words


@pytest.mark.parametrize("operation", OPERATIONS)
def test_direct_and_indirect_beneficiaries_are_refused(operation: str) -> None:
    words = refusal(lambda: OPERATIONS[operation](DIRECT, INDIRECT))
    assert "d counts direct beneficiaries, i indirect ones" in words
    # Nor by way of a third.
    assert "direct" in refusal(lambda: (DIRECT + ONE) + INDIRECT)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_suppressed_stays_suppressed_and_the_unknown_unknown(operation: str) -> None:
    made = OPERATIONS[operation]
    for figures in ((ONE, HIDDEN), (HIDDEN, ONE), (NOTHING, HIDDEN)):
        assert (made(*figures).value, made(*figures).text) == (None, "suppressed")
    for figures in ((ONE, NOTHING), (NOTHING, ONE)):
        assert (made(*figures).value, made(*figures).text) == (None, "not stated")


def test_a_share_keeps_its_numerator_and_denominator() -> None:
    third = share(replace(ONE, value=1), replace(TWO, value=3))
    assert third.text == "33.3%"
    assert third.value == 1 / 3
    assert [parent.value for parent in third.parents] == [1, 3]
    assert FigureRecord.of(third).parents[1].value == 3
    assert third.derivation.parents == ("1", "2")
    assert share(ONE, replace(TWO, value=0)).text == "not stated"


def test_two_units_make_a_rate() -> None:
    rate = SESSIONS / ONE
    assert (rate.unit, rate.value, rate.text) == ("sessions / persons", 3, "3")
    assert ratio(ONE, TWO, "times").unit == "times"
    assert quotient(ONE, TWO).unit == "share"


def test_the_difference_of_two_shares_is_in_percentage_points() -> None:
    points = share(ONE, TWO) - share(TWO, ONE)
    assert points.unit == "percentage points"
    assert points.value == pytest.approx(210)


def test_shares_of_one_whole_add_up_and_others_do_not() -> None:
    made = total(share(part, TRAINED) for part in PARTS)
    assert (made.text, made.unit) == ("100%", "share")
    words = refusal(lambda: share(ONE, TWO) + share(TWO, ONE))
    assert "are shares of different wholes" in words
    assert "is not the share of all of them" in refusal(
        lambda: average([share(part, TRAINED) for part in PARTS])
    )


def test_nothing_is_added_up_twice() -> None:
    other = replace(PARTS[0], key=FigureKey("1.1", (("region", "North"),)))
    assert "added up twice" in refusal(lambda: ONE + ONE)
    for one in (PARTS[0] + PARTS[1], PARTS[0]):
        assert "count some of the same records" in refusal(lambda one=one: one + TRAINED)
    assert "count some of the same records" in refusal(lambda: PARTS[0] + other)


def test_years_of_one_figure_add_up_and_say_which() -> None:
    later = Period(dt.date(2012, 1, 1), dt.date(2012, 10, 31), whole=False)
    years = [replace(ONE, value=value, period=days) for value, days in ((3, YEAR), (4, later))]
    made = total(years)
    assert (made.value, made.period.start, made.period.end) == (7, YEAR.start, later.end)
    assert made.id == "1@2011-01-01/2011-12-31 + 1@2012-01-01/2012-10-31"
    assert (years[1] - years[0]).value == 1
    assert "added up twice" in refusal(lambda: replace(ONE, period=WHOLE) + years[0])


def test_formulas_within_formulas_have_brackets_and_sums_have_none() -> None:
    three = measured("3", "Three", 5)
    assert (ONE + TWO + three).id == "1 + 2 + 3"
    assert ((ONE + TWO) / three).id == "(1 + 2) / 3"
    assert (ONE - (TWO - three)).id == "1 - (2 - 3)"
    assert average([ONE, TWO - three]).id == "average(1; (2 - 3))"
    made = (ONE + TWO) / three
    assert made.derivation.formula == made.key.formula
    assert made.key.formula is not None
    assert made.key.formula.operation == "ratio"
    assert made.derivation.parents == ("1 + 2", "3")
    assert ONE.derivation.formula is None


def test_a_number_without_derivation_is_refused() -> None:
    for made in (lambda: ONE + 3, lambda: 3 + ONE, lambda: ONE - 2, lambda: ONE / 2.5):
        assert "nobody could say where it comes from" in refusal(made)
    assert refusal(lambda: total([])) == "there are no figures to add up"
    assert "average" in refusal(lambda: average([]))


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=12))
def test_sums_of_money_are_exact(cents: list[int]) -> None:
    figures = [
        replace(measured(f"m{n}", "M", cent / 100), unit="USD") for n, cent in enumerate(cents)
    ]
    made = total(figures).value
    assert made is not None
    assert math.isclose(made * 100, sum(cents), abs_tol=1e-6)
    assert round(made, 2) == made


def test_a_sum_says_what_it_is_made_of() -> None:
    made = ONE + TWO
    assert made.title == "Sum of: One; Two"
    assert made.description == "Sum of: One; Two. Computed as 1 + 2, from 1 (30) and 2 (12)."
    assert made.derivation.parents == ("1", "2")
