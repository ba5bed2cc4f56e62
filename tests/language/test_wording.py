"""One wording: a value reads the same everywhere, what is not zero never reads as zero."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jpreport.document.blocks import Document, FigureSource
from jpreport.execute.prose import worded
from jpreport.export.annex import write_annex
from jpreport.figures import (
    Derivation,
    Figure,
    FigureKey,
    FigureRecord,
    Period,
)
from jpreport.forms.mime import FIGURE
from jpreport.language import ENGLISH, MINUS, Stated, Wording, catalogue, wording
from jpreport.notebook import (
    bar_chart,
    cumulative_chart,
    frame_table,
    performance_table,
    stacked_bar_chart,
)
from jpreport.notebook.charts.reading import read

WHOLE = Period(dt.date(2010, 6, 1), dt.date(2012, 10, 31))
UNITS = ("persons", "share", "USD", "USD / persons", "")
LANGUAGES = ("en", "fr", "sr-Cyrl", "sr-Latn")

values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-10, 10),
    st.integers(-(10**12), 10**12),
    st.decimals(-(10**6), 10**6, places=4),
)
units = st.sampled_from(UNITS)


def made(value: float, unit: str = "persons", **options: object) -> Figure:
    return Figure(FigureKey("1"), "Title", unit, value, WHOLE, Derivation(), **options)  # type: ignore[arg-type]


# Numbers


@given(values, units, st.sampled_from(LANGUAGES))
def test_a_number_states_its_value(value: float, unit: str, language: str) -> None:
    words = Wording(language)
    text = words.number(value, unit)
    stated = words.read(text)
    assert stated is not None
    assert stated.fits(value)
    assert math.isclose(stated.value, value, rel_tol=0.06)


@given(values, units)
def test_only_nothing_reads_as_nothing_and_only_it_has_no_sign(value: float, unit: str) -> None:
    text = ENGLISH.number(value, unit)
    assert any(digit in text for digit in "123456789") == (value != 0)
    assert text.startswith(MINUS) == (value < 0)
    assert "-" not in text
    signed = ENGLISH.signed(value, unit)
    assert signed == (f"+{text}" if value > 0 else text)


@given(values, units)
def test_a_currency_is_all_that_a_bare_number_lacks(value: float, unit: str) -> None:
    bare = ENGLISH.number(value, unit, bare=True)
    assert ENGLISH.number(value, unit).replace("USD\u00a0", "") == bare
    assert ENGLISH.read(bare) == ENGLISH.read(ENGLISH.number(value, unit))


@given(st.integers(-(10**15), 10**15))
def test_thousands_are_grouped(value: int) -> None:
    assert ENGLISH.number(value).replace(MINUS, "-") == f"{value:,}"


@given(st.lists(values | st.none(), min_size=1, max_size=6), units)
def test_a_column_adds_zeros_and_nothing_else(column: list[float | None], unit: str) -> None:
    texts = ENGLISH.column(column, unit)
    for value, text in zip(column, texts, strict=True):
        if value is None:
            assert text == ""
        else:
            alone = ENGLISH.number(value, unit, bare=True)
            assert text.rstrip("%").startswith(alone.rstrip("%"))
            assert set(text.rstrip("%")[len(alone.rstrip("%")) :]) <= {".", "0"}


@given(st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=6))
def test_a_column_has_equally_many_decimals(column: list[Decimal]) -> None:
    texts = ENGLISH.column(column)
    assert len({len(text.partition(".")[2]) for text in texts}) == 1


@given(st.integers(1, 50), st.sampled_from([1, 2, 2.5, 5]), st.integers(-9, 6), units)
def test_ticks_are_exact(count: int, factor: float, power: int, unit: str) -> None:
    ticks = [number * factor * 10.0**power for number in range(count)]
    for tick, text in zip(ticks, ENGLISH.ticks(ticks, unit), strict=True):
        stated = ENGLISH.read(text)
        assert stated is not None
        assert math.isclose(stated.value, tick, rel_tol=1e-9, abs_tol=1e-15)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1_410_000, "USD", "USD\u00a01,410,000"),
        (12.5, "USD", "USD\u00a012.50"),
        (-5, "USD", "\u2212USD\u00a05"),
        (0.5, "share", "50%"),
        (1 / 3, "share", "33.3%"),
        (0.0004, "share", "0.04%"),
        (0.0004, "USD / persons", "0.0004"),
        (0.000437, "share", "0.044%"),
        (4500, "persons", "4,500"),
        (2.25, "days", "2.25"),
        (1 / 3, "days", "0.33"),
        (2.675, "days", "2.68"),
        (-3, "wells", "\u22123"),
        (-0.0, "wells", "0"),
        (0.1 + 0.2, "", "0.3"),
        (Decimal("0.10"), "", "0.1"),
        (np.float32(0.1), "", "0.1"),
        (np.int64(12_000), "", "12,000"),
        (float("-inf"), "", "\u2212\u221e"),
        (5, "NGO", "5"),
    ],
)
def test_numbers_are_printed_for_readers(value: float, unit: str, text: str) -> None:
    assert ENGLISH.number(value, unit) == text


def test_what_is_no_number_has_no_wording() -> None:
    with pytest.raises(ValueError, match="is nan, which is no number"):
        ENGLISH.number(float("nan"))


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("at least 4,500 persons", Stated(Decimal(4500), 0)),
        ("79.8% of 277", Stated(Decimal("0.798"), 3)),
        ("\u2212USD\u00a020,000.50", Stated(Decimal("-20000.50"), 2)),
        ("-3", Stated(Decimal(-3), 0)),
        ("2010-2012", Stated(Decimal(2010), 0)),
        ("12,34", Stated(Decimal(12), 0)),
        ("no records", None),
        ("", None),
    ],
)
def test_a_text_states_a_number(text: str, stated: Stated | None) -> None:
    assert ENGLISH.read(text) == stated


# A figure


def charts(figure: Figure) -> Iterator[str]:
    """Yield how a figure reads in charts: at its mark, in the data, in the alternative text."""
    frame = pd.DataFrame({"place": ["Niš", "Bor"], "kind": ["a", "a"], "n": [figure, figure]})
    yield from (text for row in read(frame, "place", "n").texts for text in row)
    chart = bar_chart(frame, "place", "n")
    yield from (row.cells[1].text for row in chart.table.rows)
    yield from (
        part.partition(": ")[2].strip(".") for part in chart.alt.split(". ", 1)[1].split("; ")
    )
    if figure.value is not None and figure.value >= 0:
        day = pd.Timestamp("2011-01-01")
        dated = pd.DataFrame({"day": [day], "n": [figure.value]})
        steps = cumulative_chart(dated, "day", "n", unit=figure.unit, total=figure)
        yield steps.table.rows[-1].cells[1].text
        yield steps.alt.partition("2011. ")[2].partition(" in all")[0]
        yield from (
            r.cells[1].text for r in stacked_bar_chart(frame, "place", "n", "kind").table.rows
        )


@settings(max_examples=40)
@given(values, units, st.sampled_from(["exact", "at least", "estimated"]))
def test_a_figure_reads_the_same_everywhere(value: float, unit: str, qualifier: str) -> None:
    assume(abs(value) < 1e9 and (value == 0 or abs(value) > 1e-9))  # charts have a range
    figure = made(value, unit, qualifier=qualifier)
    table = performance_table([figure]).table
    achieved = next(c.cells[3].text for c in table.rows)
    assert achieved == figure.text == figure._repr_mimebundle_()["text/plain"]
    assert figure._repr_mimebundle_()[FIGURE]["text"] == figure.text
    frame = pd.DataFrame({"place": ["Niš"], "n": [figure]})
    assert frame_table(frame).table.rows[0].cells[1].text == figure.text
    assert figure.text == ENGLISH.qualified(ENGLISH.number(value, unit), figure.qualifier)
    assert figure.text.replace("USD\u00a0", "") == figure.label
    assert figure.label.endswith(figure.number)
    for text in charts(figure):
        assert text == figure.label


@settings(max_examples=40)
@given(values)
def test_a_plain_number_reads_as_a_figure_without_a_unit_does(value: float) -> None:
    assume(abs(value) < 1e9 and (value == 0 or abs(value) > 1e-9))
    text = made(value, "").text
    bundle = worded({"text/plain": repr(value)}, "x")
    assert bundle["text/plain"].strip("'") == text
    frame = pd.DataFrame({"place": ["Niš"], "n": [value]})
    assert frame_table(frame).table.rows[0].cells[1].text == text
    chart = bar_chart(frame, "place", "n")
    assert chart.table.rows[0].cells[1].text == text
    assert f": {text}." in chart.alt


def test_the_annex_reads_as_the_text_does() -> None:
    counted = made(0.0004, "share", qualifier="at least")
    figure = replace(counted, derivation=Derivation(records=1200))
    source = FigureSource(FigureRecord.of(figure), name="1")
    annex = write_annex(Document("T", sources=(source,)))
    assert annex is not None
    (entry,) = annex.entries
    assert entry.value == figure.text == "at least 0.04%"
    records = "".join(run.text for run in dict(entry.lines)["Records"])
    assert records == "1,200 records, of any date"


def test_what_differs_by_the_last_digit_of_a_float_is_nothing() -> None:
    assert made(0.1 + 0.2, "share", target=0.3).variance == 0
    assert made(0.31, "share", target=0.3).variance != 0


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_a_published_number_reconciles_at_its_own_precision(value: float, places: int) -> None:
    printed = float(wording.rounded(value, places))
    assert made(value, published=printed).reconciles
    assert not made(value, published=printed + 2).reconciles


# Days, spans, words


def test_days_read_as_the_united_nations_write_them() -> None:
    assert ENGLISH.date(dt.date(2011, 1, 1)) == "1 January 2011"
    assert ENGLISH.date("2011-01-01T00:00:00Z") == "1 January 2011"
    assert ENGLISH.date("in spring") == "in spring"
    assert ENGLISH.date(dt.datetime(2011, 1, 1, 14, 30)) == "1 January 2011, 14:30"  # noqa: DTZ001
    assert ENGLISH.period("2010-06-01", dt.date(2012, 10, 31)) == "1 June 2010 – 31 October 2012"
    assert ENGLISH.period("", "2012-10-31") == "31 October 2012"
    assert ENGLISH.months("abbreviated")[8] == "Sep"
    assert Wording("sr-Cyrl").date(dt.date(2011, 9, 1)) == "1. септембар 2011."


@pytest.mark.parametrize(
    ("end", "text"),
    [("2012-10-31", "29 months"), ("2010-06-30", "1 month"), ("2010-06-10", "10 days"),
     ("2010-06-01", "1 day"), ("2010-07-01", "31 days")],
)  # fmt: skip
def test_how_long_a_period_is(end: str, text: str) -> None:
    assert ENGLISH.duration(dt.date(2010, 6, 1), dt.date.fromisoformat(end)) == text


def test_lists_and_counts() -> None:
    assert ENGLISH.listing(["a", "b", "c"]) == "a, b and c"
    assert ENGLISH.listing(["a", "b"], "or") == "a or b"
    assert (ENGLISH.listing(["a"]), ENGLISH.listing([])) == ("a", "")
    assert ENGLISH.count("{} record", "{} records", 1) == "1 record"
    assert ENGLISH.count("{} record", "{} records", 20_000) == "20,000 records"
    assert ENGLISH.shares_note([1 / 3] * 3)
    assert not ENGLISH.shares_note([0.5, 0.25, 0.25])


def test_a_second_language_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "locale"
    folder.mkdir()
    (folder / "fr.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        'msgid "at least {number}"\nmsgstr "au moins {number}"\n\n'
        'msgid "{} record"\nmsgid_plural "{} records"\n'
        'msgstr[0] "{} enregistrement"\nmsgstr[1] "{} enregistrements"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(catalogue, "CATALOGUES", folder)
    catalogue.house.cache_clear()
    french = Wording("fr")
    assert french.qualified(french.number(4500), "at least") == "au moins 4\u202f500"
    assert french.qualified("4", "estimated") == "an estimated 4"
    assert french.count("{} record", "{} records", 0) == "0 enregistrement"
    assert french.number(680_000, "USD") == "680\u202f000\u00a0USD"
    catalogue.house.cache_clear()


# Plain values in prose


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4500, "4,500"),
        (-0.5, "\u22120.5"),
        (True, "yes"),
        (Decimal("1.50"), "1.5"),
        (dt.date(2011, 1, 1), "1 January 2011"),
        (dt.datetime(2011, 1, 1, 9, 5), "1 January 2011, 09:05"),  # noqa: DTZ001
        (pd.Timestamp("2011-01-01"), "1 January 2011"),
        (np.datetime64("2011-01-01"), "1 January 2011"),
        (np.float64(0.0004), "0.0004"),
        (np.int32(1200), "1,200"),
        (np.bool_(0), "no"),
    ],
)
def test_plain_values_in_prose(value: object, text: str) -> None:
    assert worded({"text/plain": repr(value)}, "x") == {"text/plain": repr(text)}


@pytest.mark.parametrize("value", ["1200", "None", "[1]", Wording(), range(3), "a = 1"])
def test_texts_and_objects_read_as_they_say(value: object) -> None:
    assert worded({"text/plain": repr(value)}, "x") == {"text/plain": repr(value)}


def test_a_year_is_no_amount() -> None:
    assert worded({"text/plain": "2011"}, "rp.period.end.year") == {"text/plain": "2011"}
    assert worded({"text/plain": "2011"}, "persons") == {"text/plain": "'2,011'"}


@pytest.mark.parametrize(
    "value",
    [None, float("nan"), np.float64("nan"), pd.NaT, pd.NA, [1], (1, 2), {"a": 1}, {1}],
)
def test_what_has_no_form_in_a_sentence_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"no form in a sentence|no number"):
        worded({"text/plain": repr(value)}, "x")


def test_a_figure_in_prose_stays_as_it_is() -> None:
    bundle = made(5)._repr_mimebundle_()
    assert worded(bundle, "x") == bundle
