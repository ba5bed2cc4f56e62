"""A number in a sheet reads as the text of its cell, and is no other than the figure's."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.export.sheets.display import Display, as_number
from jpreport.language import ENGLISH, MINUS, Wording

WORDINGS = st.sampled_from(["en", "fr", "sr-Cyrl", "sr-Latn"]).map(Wording)
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9, allow_subnormal=False).filter(
        lambda value: abs(value) > 1e-6 or not value
    ),
)
UNITS = st.sampled_from(["", "share", "USD", "persons"])
SCALES = st.sampled_from(["", "thousand", "million", "billion"])
QUALIFIERS = st.sampled_from(["exact", "at least", "rounded", "estimated"])


@given(WORDINGS, NUMBERS, UNITS, SCALES, QUALIFIERS)
def test_what_a_report_prints_of_a_value_is_a_number_that_reads_so(
    wording: Wording, value: float, unit: str, scale: str, qualifier: str
) -> None:
    scale = "" if unit == "share" else scale
    text = wording.qualified(wording.number(value, unit, scale=scale), qualifier)
    for exact in (True, False):
        found = as_number(text, wording, value, exact=exact)
        assert found is not None
        number, display = found
        assert display.text(number, wording) == text
        assert Display.of_code(display.code, negative=number < 0) == display
        stated = wording.read(text)
        assert stated is not None
        # What is not to be told exactly has no more digits than the text.
        assert exact or Decimal(str(number)) == stated.value.scaleb(max(display.power, 0))


@given(st.text(max_size=20), WORDINGS)
def test_any_text_is_no_number_or_reads_as_it_did(text: str, wording: Wording) -> None:
    found = as_number(text, wording)
    if found is not None:
        number, display = found
        assert display.text(number, wording) == text
        assert Display.of_code(display.code, negative=number < 0) == display


@pytest.mark.parametrize(
    ("text", "number", "code"),
    [
        ("277", 277, "#,##0"),
        ("4500", 4500, "0"),
        ("1,234.50", 1234.5, "#,##0.00"),
        ("48.2%", 0.482, "#,##0.0%"),
        ("USD\N{NO-BREAK SPACE}680,000", 680_000, '"USD\N{NO-BREAK SPACE}"#,##0'),
        ("USD 4.9 billion", 4_900_000_000, '"USD "#,##0.0,,," billion"'),
        ("at least 4,500", 4500, '"at least "#,##0'),
        (f"{MINUS}12, worse", -12, f'#,##0", worse";"{MINUS}"#,##0", worse"'),
        ("+3", 3, '"+"#,##0'),
    ],
)  # fmt: skip
def test_format_codes(text: str, number: float, code: str) -> None:
    found = as_number(text, ENGLISH)
    assert found is not None
    assert (found[0], found[1].code) == (number, code)


@pytest.mark.parametrize(
    "text", ["", "not stated", "[c]", "3 of 5", "10-20", "1,23,4", "4 May 2011",
             "9007199254740993"]
)  # fmt: skip
def test_what_is_more_than_a_number_stays_text(text: str) -> None:
    assert as_number(text, ENGLISH) is None


def test_the_value_of_a_figure_stands_behind_its_rounding_only_where_it_may() -> None:
    value = 65 / 135
    assert as_number("48.1%", ENGLISH, value, exact=True) == (value, Display("", "%", 1, power=-2))
    assert as_number("48.1%", ENGLISH, value)[0] == 0.481  # type: ignore[index]
    # The cell's text is what was published: another value is not the one in it.
    assert as_number("48.1%", ENGLISH, 0.5, exact=True)[0] == 0.481  # type: ignore[index]
