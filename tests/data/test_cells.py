"""What a cell means: our reader against the standard's own, over all sorts of cells."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

import frictionless
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jpreport.data.cells import UnreadableError, cell_reader, plain_cell
from jpreport.data.contract import Field, Type

FIELDS = [
    Field("x", "string"),
    Field("x", "string", missing_values=("", "n/a", "-99")),
    Field("x", "integer"),
    Field("x", "integer", bare_number=False, missing_values=("-",)),
    Field("x", "number"),
    Field("x", "number", decimal_char=",", group_char="."),
    Field("x", "number", bare_number=False),
    Field("x", "boolean"),
    Field("x", "boolean", true_values=("yes", "da"), false_values=("no", "ne")),
    Field("x", "date"),
    Field("x", "date", format="%d.%m.%Y"),
    Field("x", "datetime"),
    Field("x", "datetime", format="%d.%m.%Y %H:%M"),
    Field("x", "year"),
]

texts = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="0123456789+-.,eE_ ", max_size=12),
    st.sampled_from(["", "n/a", "-99", "true", "TRUE", "1", "0", "yes", "ne", "EUR 1.5", "5 %"]),
    st.integers().map(str),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.dates().map(str),
    st.dates().map(lambda day: day.strftime("%d.%m.%Y")),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.datetimes(timezones=st.just(dt.UTC)).map(lambda moment: moment.isoformat()),
    st.datetimes().map(lambda moment: moment.strftime("%d.%m.%Y %H:%M")),
)
cells = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.dates(),
    st.datetimes(),
)


def standard_reader(field: Field) -> Any:  # noqa: ANN401 (frictionless)
    descriptor: dict[str, Any] = {
        "name": field.name,
        "type": field.type,
        "format": field.format,
        "missingValues": list(field.missing_values),
    }
    if field.type == "boolean":
        descriptor |= {
            "trueValues": list(field.true_values),
            "falseValues": list(field.false_values),
        }
    if field.type == "number":
        descriptor |= {"decimalChar": field.decimal_char, "groupChar": field.group_char}
    if field.type in {"number", "integer"}:
        descriptor["bareNumber"] = field.bare_number
    return frictionless.Field.from_descriptor(descriptor).create_cell_reader()


READERS = [(field, cell_reader(field), standard_reader(field)) for field in FIELDS]


def refused(
    field: Field,
    standard: Any,  # noqa: ANN401 (frictionless)
    cell: Any,  # noqa: ANN401
) -> bool:
    """Whether the standard's reader refuses a cell too, or we do so on purpose."""
    if isinstance(cell, str) and "_" in cell and field.type in {"integer", "number", "year"}:
        return True  # Python reads "1_2" as 12
    try:
        value, notes = standard(cell)
    except InvalidOperation:
        return True
    if field.type == "integer" and isinstance(value, int):
        return not -(2**63) <= value < 2**63
    if field.type == "number" and value is not None:
        return not Decimal(value).is_finite()
    return bool(notes) or field.type == "datetime"


@given(st.sampled_from(READERS), cells)
@example(READERS[2], "1_000")
@example(READERS[4], "1e3")
@example(READERS[4], "٣")
@example(READERS[5], "1.234,5")
@example(READERS[6], "EUR 1.5")
@example(READERS[9], dt.datetime(2010, 6, 1, 8))  # noqa: DTZ001
def test_a_cell_means_what_the_standard_says(
    reader: tuple[Field, Any, Any],
    cell: Any,  # noqa: ANN401
) -> None:
    field, ours, standard = reader
    cell = plain_cell(cell, field)
    try:
        value = ours(cell)
    except UnreadableError:
        assert refused(field, standard, cell)
        return
    expected, notes = standard(cell)
    if isinstance(expected, dt.datetime) and expected.tzinfo is not None:
        expected = expected.astimezone(dt.UTC).replace(tzinfo=None)
    # What only our reader takes, the check of records refuses: it asks both.
    assert notes or value == expected


@pytest.mark.parametrize(
    ("kind", "cell", "plain"),
    [
        ("integer", 20.0, 20),
        ("number", 20.5, 20.5),
        ("number", float("nan"), None),
        ("string", 101, "101"),
        ("string", 101.0, "101"),
        ("string", True, True),
        ("boolean", 1, "1"),
        ("datetime", dt.date(2010, 6, 1), dt.datetime(2010, 6, 1)),  # noqa: DTZ001
        ("date", dt.date(2010, 6, 1), dt.date(2010, 6, 1)),
    ],
)
def test_a_typed_cell_means_what_it_would_mean_in_csv(
    kind: Type, cell: object, plain: object
) -> None:
    found = plain_cell(cell, Field("x", kind))
    assert (type(found), found) == (type(plain), plain)


def test_the_noise_of_excels_arithmetic_is_dropped() -> None:
    assert plain_cell(0.1 + 0.2, Field("x", "number"), excel=True) == 0.3
    assert plain_cell(0.1 + 0.2, Field("x", "number")) == 0.1 + 0.2


def test_a_moment_with_a_zone_becomes_utc() -> None:
    read = cell_reader(Field("x", "datetime"))
    moment = dt.datetime(2010, 6, 1, 8)  # noqa: DTZ001
    assert read("2010-06-01T10:00:00+02:00") == moment
    assert read("2010-06-01T08:00:00Z") == moment
