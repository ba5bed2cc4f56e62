"""An id is the key of its figure, whatever stands in its labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.figures.key import Days, FigureKey, Formula, Operation

HOSTILE = (
    "None", "", " ", "a, b", "x, sex=male", "]", "[", '"', "\\", "x / y", "@2011-01-01/2011-12-31",
    "1.1] / 1.2", "average(", "; ", "(", ")", "a=b", "\n", "Ниш", "נתניה", "\u2028", "o'hara",
    "None]", "\ud800",
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=8), st.sampled_from(HOSTILE))
NAMES = TEXTS.filter(bool)
PERIODS = st.none() | st.builds(Days, st.dates(), st.dates())
LEAVES = st.builds(
    FigureKey,
    NAMES,
    st.lists(st.tuples(TEXTS, st.none() | TEXTS), max_size=3).map(tuple),
    PERIODS,
)


def formulas(keys: st.SearchStrategy[FigureKey]) -> st.SearchStrategy[FigureKey]:
    def made(operation: Operation, terms: list[FigureKey], days: Days | None) -> FigureKey:
        return FigureKey(formula=Formula(operation, tuple(terms)), period=days)

    two = st.lists(keys, min_size=2, max_size=2)
    return st.one_of(
        st.builds(made, st.sampled_from(["difference", "ratio"]), two, PERIODS),
        st.builds(made, st.just("sum"), st.lists(keys, min_size=2, max_size=4), PERIODS),
        st.builds(made, st.just("average"), st.lists(keys, min_size=1, max_size=4), PERIODS),
    )


KEYS = st.recursive(LEAVES, formulas, max_leaves=6)


@given(KEYS)
def test_an_id_is_read_as_the_key_that_wrote_it(key: FigureKey) -> None:
    assert FigureKey.parse(str(key)) == key


@given(KEYS, KEYS)
def test_two_figures_have_two_ids(one: FigureKey, other: FigureKey) -> None:
    assert (str(one) == str(other)) == (one == other)


@given(st.one_of(st.text(), st.text(st.sampled_from('1.a[]()=,;"@/ +-'))))
def test_any_text_is_an_id_or_is_refused(text: str) -> None:
    try:
        key = FigureKey.parse(text)
    except ValueError:
        return
    assert FigureKey.parse(str(key)) == key


@pytest.mark.parametrize(
    "text",
    [
        "1.1",
        "C.1",
        "1.1[sex=female, region=North]",
        "1.1[region=Šumadija and Western Serbia]",
        "0.0[person=x / y] / 0.0",
        "1.1[sex=None]",
        '1.1[sex="None"]',
        '1.1[place="Niš, Serbia"]',
        "1.2 / C.1",
        "1.1 + 1.2 + 1.3",
        "(1.1 + 3.1) / 1.2",
        "1.1 - (1.2 - 1.3)",
        "average(1.1; 3.1)",
        "average(1.1; (1.2 + 1.3))",
        "1.1@2011-01-01/2011-12-31",
        "1.1[sex=female]@2011-01-01/2011-12-31 / 1.1",
        "(1.1 / 1.2)@2011-01-01/2011-12-31 - 1.3",
    ],
)
def test_ids_as_reports_print_them(text: str) -> None:
    assert str(FigureKey.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "id_"),
    [("(1.1)", "1.1"), ("((1.1) / (1.2))", "1.1 / 1.2"),
     ("(1.1)@2011-01-01/2011-12-31", "1.1@2011-01-01/2011-12-31")],
)  # fmt: skip
def test_brackets_may_be_more_than_an_id_has(text: str, id_: str) -> None:
    assert str(FigureKey.parse(text)) == id_


@pytest.mark.parametrize(
    "text",
    [
        "", "1.1[", "1.1[sex]", "1.1[sex=a", "1.1[a=b=c]", "1.1 /", "1.1 - 1.2 - 1.3",
        "1.1 + 1.2 - 1.3", "average()", "(1.1", "1.1)", "1.1@2011-02-30/2011-12-31",
        "1.1@2011-01-01", '"1', "1.1 [sex=a]",
        "(1.1@2011-01-01/2011-12-31)@2011-01-01/2011-12-31", "(" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        FigureKey.parse(text)


def test_what_no_figure_is_has_no_key() -> None:
    one = FigureKey("1.1")
    for wrong in (
        FigureKey,
        lambda: FigureKey("1.1", formula=Formula("sum", (one, one))),
        lambda: FigureKey(part=(("sex", "a"),), formula=Formula("sum", (one, one))),
        lambda: Formula("ratio", (one,)),
        lambda: Formula("sum", (one,)),
    ):
        with pytest.raises(ValueError, match="figure"):
            wrong()


def test_figures_sort_as_readers_count() -> None:
    ids = ["1.1", "1.1[sex=a]", "1.1 / 1.9", "1.9", "1.10", "C.1"]
    keys = [FigureKey.parse(one) for one in ids]
    shuffled = [*keys[1::2], *keys[::2]]
    assert sorted(shuffled, key=lambda key: key.order) == keys


def test_what_a_key_is_made_from() -> None:
    key = FigureKey.parse("(1.1[sex=a] + 3.1@2011-01-01/2011-12-31) / 1.1")
    assert key.indicators == ("1.1", "3.1")
    assert str(key.bare) == "(1.1 + 3.1) / 1.1"
    assert str(FigureKey.parse("1.1[sex=a]").whole) == "1.1"
