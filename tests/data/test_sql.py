"""Conditions and measures as DuckDB reads them: a small tree, or a refusal by name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.data.sql import (
    LOCKED,
    Aggregate,
    Between,
    Comparison,
    Condition,
    Flag,
    Joined,
    Not,
    OneOf,
    SqlError,
    Stated,
    aggregate,
    condition,
    equalities,
)

# A small table of texts, numbers, truth values and days, each with a gap.
ROWS: list[dict[str, Any]] = [
    {"sex": sex, "age group": age, "done": done, "day": day}
    for sex in ("F", "M", "it's", None)
    for age, done, day in (
        (1, True, dt.date(2011, 1, 1)),
        (2, False, dt.date(2011, 6, 30)),
        (-3, None, None),
        (None, True, dt.date(2012, 1, 1)),
    )
]
LITERALS = {
    "sex": ["'F'", "'M'", "'it''s'", "'and'"],
    '"age group"': ["1", "2", "-3", "1.5"],
    "done": ["true", "false"],
    "day": ["date '2011-06-30'", "DATE '2012-01-01'"],
}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(":memory:", config=LOCKED)
    made.execute('CREATE TABLE t (n INT, sex TEXT, "age group" INT, done BOOLEAN, day DATE)')
    for number, row in enumerate(ROWS):
        made.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", [number, *row.values()])
    return made


@st.composite
def simple(draw: st.DrawFn) -> str:
    column = draw(st.sampled_from(list(LITERALS)))
    value = st.sampled_from(LITERALS[column])
    sign = st.sampled_from(["=", "<>", "!=", "<", ">", "<=", ">="])
    forms = [
        st.builds("{} {} {}".format, st.just(column), sign, value),
        st.builds("{} IN ({}, {})".format, st.just(column), value, value),
        st.builds("{} not in ({})".format, st.just(column), value),
        st.builds("{} between {} and {}".format, st.just(column), value, value),
        st.builds("{} is {}null".format, st.just(column), st.sampled_from(["", "not "])),
        st.sampled_from(["done", "not done"]),
    ]
    return draw(st.one_of(forms))


conditions = st.recursive(
    simple(),
    lambda inner: st.one_of(
        st.builds("({}) and {}".format, inner, inner),
        st.builds("{} OR {}".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)


def holds(one: Condition, row: dict[str, Any]) -> bool | None:  # noqa: PLR0911 - one a form
    """Say whether a row satisfies a condition; None where that is not known, as SQL has it."""
    match one:
        case Flag(column):
            found: bool | None = row[column]
            return found
        case Stated(column):
            return row[column] is not None
        case Not(inner):
            result = holds(inner, row)
            return None if result is None else not result
        case Joined(joint, parts):
            results = [holds(part, row) for part in parts]
            decisive = joint == "or"
            if decisive in results:
                return decisive
            return None if None in results else not decisive
    have = row[one.column]
    if have is None:
        return None
    match one:
        case Comparison(_, sign, value):
            return {
                "=": have == value, "<>": have != value, "<": have < value,
                ">": have > value, "<=": have <= value, ">=": have >= value,
            }[sign]  # fmt: skip
        case OneOf(_, values):
            return have in values
        case Between(_, low, high):
            return bool(low <= have <= high)  # type: ignore[operator]
    raise AssertionError(one)


@given(text=conditions)
def test_a_condition_selects_what_duckdb_selects(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    rows = connection.execute(f"SELECT n FROM t WHERE {text}\nORDER BY n").fetchall()  # noqa: S608
    read = condition(text)
    assert [n for (n,) in rows] == [n for n, row in enumerate(ROWS) if holds(read, row)]


@given(
    st.lists(
        st.sampled_from(["sex = 'F'", "sex = 'M'", "sex IN ('F')", '("age group" = 2)']),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_equalities_are_what_all_records_have_in_common(
    connection: duckdb.DuckDBPyConnection, parts: list[str]
) -> None:
    text = " AND ".join(parts)
    columns = list(ROWS[0])
    found = connection.execute(f"SELECT * EXCLUDE (n) FROM t WHERE {text}").fetchall()  # noqa: S608
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    try:
        fixed = equalities(text)
    except SqlError as error:
        assert not rows
        assert str(error).startswith("sex cannot be both ")
    else:
        assert rows
        assert all(str(row[name]) == label for row in rows for name, label in fixed.items())


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("", {}),
        ("sex = 'F' -- and no more", {"sex": "F"}),
        ('year = 2011 AND ("age""d" = \'a and b\')', {"year": "2011", 'age"d': "a and b"}),
        ("a = 'x' and a = 'x'", {"a": "x"}),
    ],
)
def test_equalities_by_column(text: str, fixed: dict[str, str]) -> None:
    assert equalities(text) == fixed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sex = 'F' and sex = 'M'", 'sex cannot be both "F" and "M"'),
        ("sex in ('F', 'M')", "says more than"),
        ("sex = 'F' or age = 1", "says more than"),
        ("done", "says more than"),
        ("done = true", "says more than"),
        ("age = 1.5", "says more than"),
        ("not sex = 'F'", "says more than"),
        ("lower(sex) = 'f'", "other than a column"),
        ("'F' = sex", "other than a column"),
        ("t.sex = 'F'", "other than a column"),
        ("sex = null", "other than a value"),
        ("sex = upper('f')", "other than a value"),
        ("sex = 'F' collate nocase", "other than a value"),
        ("day = date 'soon'", "other than a value"),
        ("sex like 'F%'", "no usual form"),
        ("sex is distinct from 'F'", "no usual form"),
        ("exists (select 1)", "no usual form"),
        ("sex = 'F') or (true", "syntax error"),
        ("sex = 'F'; drop table t", "Only SELECT statements"),
        ("sex = 'F' group by sex", "more than one expression"),
        ("sex = 'F' limit 1", "more than one expression"),
        ("sex = 'F' union select 1", "more than one expression"),
        ("sex = 'F'; select 1", "more than one statement"),
        ("sex = ", "syntax error"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, why: str) -> None:
    with pytest.raises(SqlError, match=why):
        equalities(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("count(*)", Aggregate("count")),
        ('COUNT( DISTINCT "person id" )', Aggregate("count", "person id", distinct=True)),
        ("sum(amount)", Aggregate("sum", "amount")),
        ("sum(a) + sum(b)", None),
        ("count(*) filter (where a)", None),
        ("count(*) over ()", None),
        ("sum(a order by b)", None),
        ("main.sum(a)", None),
        ("sum(a) x", None),
        ("sum(a), sum(b)", None),
        ("sum(a) from t", None),
        ("", None),
    ],
)
def test_measures(text: str, found: Aggregate | None) -> None:
    if found is None:
        with pytest.raises(SqlError):
            aggregate(text)
    else:
        assert aggregate(text) == found


def test_values_keep_their_types() -> None:
    assert condition("a in ('1', 1, 1.5, true, date '2011-01-01')") == OneOf(
        "a", ("1", 1, Decimal("1.5"), True, dt.date(2011, 1, 1))
    )
