"""What is found in a table that was written in one of the ways in which people write them."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jpreport.data import Records, programme_package
from jpreport.programme.settings import read_settings
from jpreport.scaffold.columns import Column, Habits, column_of
from jpreport.scaffold.grids import grids_of
from jpreport.scaffold.persons import marked
from jpreport.scaffold.start import look, start


class Way(NamedTuple):
    """How somebody writes days and numbers, and what stands around the records."""

    day: str
    point: str
    group: str
    titles: int
    totals: bool
    delimiter: str


WAYS = st.builds(
    Way,
    st.sampled_from(("%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y")),
    *(st.just("."), st.just(",")),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from((";", "\t")),
) | st.builds(
    Way,
    st.sampled_from(("%d/%m/%Y", "%d.%m.%Y")),
    *(st.just(","), st.sampled_from((".", " "))),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from((";", "\t")),
)
RECORDS = st.lists(
    st.tuples(
        st.sampled_from(("North", "South", "Far East")),
        st.dates(dt.date(2015, 1, 1), dt.date(2024, 12, 31)),
        st.integers(0, 2_000_000),
        st.integers(0, 99_999_999).map(lambda cents: Decimal(cents) / 100),
    ),
    min_size=3,
    max_size=12,
)


def _number(value: Decimal | int, way: Way) -> str:
    return f"{value:,}".translate(str.maketrans(",.", way.group + way.point))


def _written(path: Path, records: list[tuple[str, dt.date, int, Decimal]], way: Way) -> None:
    # One day and two numbers that can be read in one way only.
    first = ("North", dt.date(2020, 5, 23), 1_234_567, Decimal("1234567.25"))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=way.delimiter)
        writer.writerows([["A programme", "", "", ""]] * way.titles)
        writer.writerow(["Place", "Day", "Reached", "Spent (USD)"])
        for place, day, reached, spent in (first, *records):
            cells = (day.strftime(way.day), _number(reached, way), _number(spent, way))
            writer.writerow([place, *cells])
        if way.totals:
            whole = [
                sum(column) for column in zip(*(one[2:] for one in (first, *records)), strict=True)
            ]
            writer.writerow(["Total", "", *(_number(one, way) for one in whole)])


@settings(max_examples=12)
@given(RECORDS, WAYS)
def test_the_cleaned_table_is_the_one_that_was_meant(
    records: list[tuple[str, dt.date, int, Decimal]], way: Way
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, root = Path(folder) / "reached.csv", Path(folder) / "p"
        _written(source, records, way)
        start(look([source]), root)
        with Records(programme_package(read_settings(root))) as opened:
            found = opened.query("SELECT place, day, reached, spent FROM reached")
    assert found[1:] == records


def column(name: str, *cells: object) -> Column:
    return column_of(name, name, cells, Habits())


def test_codes_stay_what_they_are() -> None:
    assert column("code", "1.1", "1.10").known == ["1.1", "1.10"]
    assert column("zip", "0123", "4567").field.type == "string"


def test_days_of_two_readings_are_told() -> None:
    found = column("day", "03/04/2020", "05/06/2020")
    assert found.field.format == "%d/%m/%Y"
    assert found.doubts == ("days can be read in two ways: 03/04/2020 is taken as 3 April 2020",)
    assert column("day", "03/04/2020", "05/16/2020").field.format == "%m/%d/%Y"


def test_words_for_nothing_are_missing() -> None:
    found = column("cost", "12", "n/a", "-", 7)
    assert (found.field.type, found.field.missing_values) == ("integer", ("", "-", "n/a"))
    assert found.known == [12, 7]


def test_a_unit_in_the_cells_is_that_of_the_column() -> None:
    found = column("share", "12%", "7.5%")
    assert (found.field.unit, found.known) == ("%", [Decimal(12), Decimal("7.5")])


def test_places_are_of_persons_only_beside_persons() -> None:
    places = [column("gps_latitude", 44.8, 44.9), column("kind", "Well", "Well")]
    assert [one.person for one in marked(places)] == ["", ""]
    asked = column("respondent_name", "Ada Low", "Bo High")
    assert [bool(one.person) for one in marked([*places, asked])] == [True, False, True]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Province;Coût (€);Ménages\nÉquateur;12;3\nNord-Kivu;4;5\n"),
        ("cp1252", "Ort;Fälle\nMünchen;3\nKöln;4\n"),
        ("cp1250", "Okrug;Broj učesnika\nNiš;12\nVršac;3\nČačak;4\nŽitorađa;7\n"),
        ("cp1251", "Район;Количество\nСевер;12\nЮг;3\n"),
        ("utf-16", "Ort;Fälle\nMünchen;3\nKöln;4\n"),
    ],
)
def test_letters_are_those_that_were_written(tmp_path: Path, encoding: str, text: str) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    (grid,) = grids_of(tmp_path / "a.csv")
    assert grid.lines == [line.split(";") for line in text.splitlines()]
