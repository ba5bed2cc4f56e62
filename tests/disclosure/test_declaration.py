from __future__ import annotations

import datetime as dt

import pytest

from disclosure_samples import REGIONS, declared
from jpreport.errors import DisclosureError


def problems(**raw: object) -> str:
    with pytest.raises(DisclosureError) as caught:
        declared(**raw)
    return str(caught.value)


def test_defaults() -> None:
    found = declared()
    assert (found.threshold, found.width, found.insider_width) == (5, 4, 1)
    assert (found.count, found.keep, found.zeros) == ("persons", "refuse", "publish")
    assert [dimension.name for dimension in found.dimensions] == ["sex", "shelter"]


def test_what_identifies_is_told_from_the_columns() -> None:
    found = declared(
        dimensions=["sex", {"name": "place", "column": "shelter", "parents": ["region"]}]
    )
    assert found.identifying == ("service_id", "person_id", "provided_on", "note")
    assert declared(identifying=["note"]).identifying == ("person_id", "note")


def test_width_follows_the_threshold() -> None:
    assert declared(threshold=11).width == 10
    assert declared(threshold=11, width=3).width == 3


def test_derived_dimensions() -> None:
    found = declared(
        dimensions=[
            {"name": "year", "column": "provided_on", "derive": "year"},
            {"name": "age", "ranges": {"0-17": [None, 17], "18 and over": [18, None]}},
            {
                "name": "half",
                "column": "provided_on",
                "ranges": {"I": ["2010-06-01", "2011-08-15"]},
            },
            {"name": "place", "column": "shelter", "parents": [REGIONS]},
        ]
    )
    year, age, half, place = found.dimensions
    assert year.derive == "year"
    assert age.ranges["0-17"] == (None, 17)
    assert half.ranges["I"] == (dt.date(2010, 6, 1), dt.date(2011, 8, 15))
    assert place.hierarchies == ((REGIONS,),)


def test_all_problems_are_told_at_once_with_hints() -> None:
    text = problems(
        unit="persom_id",
        dimensions=["sx", {"name": "age", "ranges": {"a": [0, 20], "b": [18, None]}}],
        threshold=2,
        zeros="hide",
        keep={"row": "first", "by": "provided"},
        sort=1,
    )
    for part in (
        'data/datapackage.json, resource services, sensitive: "unit" names the column "persom_id"',
        'did you mean "person_id"?',
        'dimension 1: dimension "sx" names the column "sx"',
        'the ranges "a" and "b" overlap',
        '"threshold" is 2',
        '"zeros" cannot be "hide"',
        'did you mean "provided_on"?',
        'the property "sort" is not supported',
    ):
        assert part in text


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"unit": None}, 'has no "unit"'),
        ({"dimensions": []}, 'has no "dimensions"'),
        ({"dimensions": ["person_id"]}, "cannot be a dimension"),
        ({"dimensions": ["sex", "sex"]}, "declared twice"),
        ({"dimensions": [{"name": "sex", "derive": "year"}]}, "holds no dates"),
        ({"dimensions": [{"name": "sex", "ranges": {"a": [1, 2]}}]}, "does not fit a column"),
        ({"dimensions": [{"name": "age", "ranges": {"a": [2, 1]}}]}, "ends before it begins"),
        ({"dimensions": [{"name": "sex", "parents": [3]}]}, "other than levels"),
        ({"keep": {"by": "provided_on"}}, "no row to keep"),
        ({"dimensions": [7]}, "neither a column nor an object"),
    ],
)
def test_faults(raw: dict[str, object], said: str) -> None:
    assert said in problems(**raw)
