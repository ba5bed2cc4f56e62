"""Our judge of cells gives the verdicts of the standard's own reader, frictionless."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
from hypothesis import assume, example, given
from hypothesis import strategies as st

from jpreport.data.cellcheck import cell_judge
from jpreport.data.contract import Resource
from jpreport.data.descriptor import Faults
from jpreport.data.fields import read_field
from jpreport.errors import NOWHERE

TEXTS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["north", "South", "NORTH", "AB", "ABC", "AB12", "", "-"]),
    st.emails(),
    st.uuids().map(str),
    st.uuids().map(lambda one: one.hex),
    st.from_regex(r"[a-z]{1,5}:(//)?[a-z.@ ]{0,8}", fullmatch=True),
    st.sampled_from(["a@b", "a@b.org", "a b@c.org", "@", "http:", "http://", "://x", "x", "1:2"]),
)
WHOLE = st.integers(-30, 30).map(str)
NUMBERS = st.decimals(-30, 30, places=2).map(str)
DAYS = st.dates(dt.date(2009, 1, 1), dt.date(2013, 12, 31)).map(str)
MOMENTS = st.datetimes(dt.datetime(2009, 1, 1), dt.datetime(2013, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.isoformat(timespec="seconds")
)
YEARS = st.integers(1990, 2030).map(str)

limits = {
    "integer": WHOLE.map(int),
    "number": NUMBERS,
    "date": DAYS,
    "datetime": MOMENTS,
    "year": YEARS,
}
values = {
    "string": TEXTS,
    "integer": st.one_of(WHOLE, TEXTS),
    "number": st.one_of(NUMBERS, TEXTS),
    "date": st.one_of(DAYS, TEXTS),
    "datetime": st.one_of(MOMENTS, TEXTS),
    "year": st.one_of(YEARS, TEXTS),
    "boolean": st.sampled_from(["true", "False", "1", "0", "yes", ""]),
}


@st.composite
def contracts(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """Return a field's descriptor with up to three constraints, and a cell."""
    kind = draw(st.sampled_from(sorted(values)))
    constraints: dict[str, Any] = {}
    if draw(st.booleans()):
        constraints["required"] = draw(st.booleans())
    if kind in limits:
        for name in draw(
            st.sets(
                st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
                max_size=2,
            )
        ):
            constraints[name] = draw(limits[kind])
        if draw(st.booleans()):
            constraints["enum"] = draw(st.lists(limits[kind], min_size=1, max_size=4))
    raw: dict[str, Any] = {"name": "x", "type": kind, "constraints": constraints}
    if kind == "string":
        raw["format"] = draw(st.sampled_from(["default", "email", "uri", "uuid"]))
        for name in ("minLength", "maxLength"):
            if draw(st.booleans()):
                constraints[name] = draw(st.integers(0, 5))
        if draw(st.booleans()):
            constraints["enum"] = draw(st.lists(TEXTS, min_size=1, max_size=4))
        if draw(st.booleans()):
            # Anchored, and with alternatives only in brackets: frictionless binds ^ to the first.
            constraints["pattern"] = draw(st.sampled_from(["^[A-Z]{2}[0-9]*$", "^(a|north)+$"]))
    return raw, draw(values[kind])


@given(contracts())
@example(({"name": "x", "type": "string", "format": "uri", "constraints": {}}, "mailto: x y"))
@example(({"name": "x", "type": "string", "constraints": {"minLength": 0}}, ""))
@example(({"name": "x", "type": "number", "constraints": {"enum": ["1.50"]}}, "1.5"))
def test_our_verdict_is_that_of_the_standard_s_reader(case: tuple[dict[str, Any], str]) -> None:
    raw, cell = case
    faults = Faults()
    field = read_field(raw, NOWHERE, faults, ("",))
    assume(not faults.problems)
    resource = Resource("t", Path("t.csv"), "t.csv", "csv", (field,), schema={"fields": [raw]})
    value, findings = cell_judge(field, resource)(cell)
    theirs, notes = frictionless.Field.from_descriptor(raw).create_cell_reader()(cell)
    if raw["type"] == "datetime" and theirs is not None and theirs.tzinfo is not None:
        return  # frictionless cannot compare a moment with a zone
    assert len(findings) == len(notes or ()), (findings, notes)
    if not findings and theirs is not None:
        assert value == (Decimal(theirs) if raw["type"] == "number" else theirs)
