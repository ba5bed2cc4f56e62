"""A record is what a figure says, comes back as it was written, and can't say anything else."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.errors import FigureError
from jpreport.figures import (
    Derivation,
    Figure,
    FigureKey,
    FigureRecord,
    Part,
    Period,
    average,
    difference,
    quotient,
    total,
)
from jpreport.figures.record import TYPE, schema
from jpreport.language import Wording, speaking

NUMBERS = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9)
LABELS = st.none() | st.text(max_size=4)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1))
PERIODS = st.builds(
    lambda one, other, whole: Period(min(one, other), max(one, other), whole),
    DAYS,
    DAYS,
    st.booleans(),
)
LEAVES = st.builds(
    Figure,
    st.builds(
        FigureKey,
        st.text(min_size=1, max_size=4),
        st.lists(st.tuples(st.text(max_size=3), LABELS), max_size=2).map(tuple),
    ),
    st.text(max_size=5),
    st.sampled_from(["persons", "share", "USD"]),
    st.none() | NUMBERS,
    PERIODS,
    st.builds(Derivation, table=st.text(max_size=3), records=st.integers(0, 99)),
    qualifier=st.sampled_from(["exact", "at least", "estimated"]),
    target=st.none() | NUMBERS,
    published=st.none() | NUMBERS,
    suppressed=st.booleans(),
    breakdown=st.dictionaries(
        st.text(max_size=3),
        st.lists(st.builds(Part, LABELS, st.none() | NUMBERS, st.integers(0, 9), st.text()))
        .map(tuple),
        max_size=2,
    ),
)  # fmt: skip


def made(operation: Any, one: Figure, other: Figure) -> Figure:  # noqa: ANN401
    try:
        figure: Figure = operation(one, other)
    except FigureError:
        return one
    return figure


OPERATIONS = st.sampled_from(
    [difference, quotient, lambda *terms: total(terms), lambda *terms: average(terms)]
)
FIGURES = st.recursive(LEAVES, lambda some: st.builds(made, OPERATIONS, some, some), max_leaves=4)


@given(FIGURES)
def test_a_record_comes_back_from_json_and_is_the_figure(figure: Figure) -> None:
    record = FigureRecord.of(figure)
    written = json.loads(json.dumps(record.to_json()))
    assert FigureRecord.from_json(written) == record
    assert FigureRecord.of(record.figure()) == record
    assert (record.key, record.dated, record.text) == (figure.key, figure.dated, figure.text)
    assert record.value is None or not record.suppressed


TRAINED = Figure(
    FigureKey("1.1"),
    "Persons trained",
    "persons",
    277,
    Period(dt.date(2010, 6, 1), dt.date(2012, 10, 31)),
    Derivation("trained", "completed", "count(*)", records=277, source="data/a.csv"),
    target=250,
    published=277,
    breakdown={"sex": (Part("Female", 221, 221, "sex = 'Female'"), Part(None, 56, 56, ""))},
)
SHARE = quotient(TRAINED.part("sex", "Female"), TRAINED)


@pytest.mark.parametrize("language", ["en", "fr", "sr-Cyrl", "sr-Latn"])
@pytest.mark.parametrize("terms", [{}, {"Female": "Femmes"}, {"Persons trained": "Formées"}])
def test_a_record_in_any_language_comes_back(language: str, terms: dict[str, str]) -> None:
    parts = (TRAINED.part("sex", "Female"), TRAINED.part("sex", None))
    for figure in (*parts, SHARE, *TRAINED.top("sex", 0)):
        with speaking(Wording(language, terms)):
            written = FigureRecord.of(figure).to_json()
        assert FigureRecord.from_json(written).to_json() == written


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """Yield the path of every number in a JSON value."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from numbers(item, (*path, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def put(value: Any, path: tuple[Any, ...], new: object) -> Any:  # noqa: ANN401
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return copy


@pytest.mark.parametrize("figure", [TRAINED, SHARE])
def test_a_text_says_its_value_and_no_other(figure: Figure) -> None:
    written = FigureRecord.of(figure).to_json()
    others = {"text": "9", "value": 9, "variance": 9, "published_text": "9", "reconciles": False}
    for name, other in others.items():
        with pytest.raises(ValueError, match="does not follow"):
            FigureRecord.from_json(put(written, (name,), other))


@pytest.mark.parametrize(
    ("path", "new", "reason"),
    [
        (("$type",), "jpreport.figure/1", "no figure of this version"),
        (("more",), 1, "unexpected|no figure says"),
        (("value",), "277", "value"),
        (("value",), True, "value"),
        (("period", "start"), "soon", "period"),
        (("period",), None, "period"),
        (("id",), "1.1[", "cannot be read|not whole"),
        (("derivation", "records"), None, "records"),
        (("derivation", "parents"), ["1.2"], "cannot be read|follow"),
        (("breakdown", "sex"), [{"label": "a"}], "breakdown"),
        (("value",), float("nan"), "."),
    ],
)
def test_what_is_no_record_is_refused(path: tuple[Any, ...], new: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        FigureRecord.from_json(put(FigureRecord.of(TRAINED).to_json(), path, new))


@pytest.mark.parametrize("value", [None, 1, [], {}, {"version": 1, "id": "1.1"}])
def test_another_value_is_no_record(value: object) -> None:
    with pytest.raises(ValueError, match=TYPE):
        FigureRecord.from_json(value)


def test_the_schema_is_that_of_what_is_written() -> None:
    described = schema()["$defs"]["FigureRecord"]
    written = FigureRecord.of(SHARE).to_json()
    assert set(written) == set(described["required"]) <= set(described["properties"])
