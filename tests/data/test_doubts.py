"""What makes numbers wrong in silence is named: totals, merged and hidden cells, look-alikes."""

import re
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from data_samples import field, open_package, resource, write, write_xlsx
from jpreport.data import Package, check_records, record_doubts
from jpreport.data.doubts import look_alikes, skeleton

FIELDS = [field("place"), field("kind"), field("n", "integer"), field("day", "date")]
ROWS: list[list[Any]] = [
    ["place", "kind", "n", "day"],
    ["North", "a", 84, "2020-01-01"],
    ["South", "a", 61, "2020-01-02"],
    ["East", "b", 56, "2020-01-03"],
]


def told(package: Package) -> str:
    return "\n".join(map(str, (*check_records(package), *record_doubts(package))))


def as_csv(folder: Path, rows: list[list[Any]], **more: Any) -> Package:  # noqa: ANN401
    text = "".join(",".join("" if c is None else str(c) for c in row) + "\n" for row in rows)
    write(folder, "t.csv", text)
    return open_package(folder, resource("t", FIELDS, jpreport={"date": "day"}, **more))


def workbook(folder: Path, change: Any, **more: Any) -> Package:  # noqa: ANN401
    path = write_xlsx(folder, "t.xlsx", ROWS)
    book = load_workbook(path)
    change(book)
    book.save(path)
    return open_package(folder, resource("t", FIELDS, path="t.xlsx", **more))


def test_good_records_raise_no_doubt(tmp_path: Path) -> None:
    assert not told(as_csv(tmp_path, ROWS))
    assert not told(workbook(tmp_path, lambda _: None))


@pytest.mark.parametrize(
    "total",
    [
        ["TOTAL", None, 201, None],
        ["Grand total:", None, 999, None],
        ["Ukupno", "a", 201, "2020-01-03"],
        [None, None, 201, None],
        ["Sub-total", "b", 117, "2020-01-02"],
    ],
)
def test_a_row_of_sums_is_no_record(tmp_path: Path, total: list[Any]) -> None:
    assert "row 5" in told(as_csv(tmp_path, [*ROWS, total]))
    path = write_xlsx(tmp_path, "t.xlsx", [*ROWS, total])
    package = open_package(tmp_path, resource("t", FIELDS, path=path.name))
    assert "adds up other rows" in told(package)


@pytest.mark.parametrize("row", [["Total", "a", 3, "2020-01-03"], ["Totalview", "a", 201, None]])
def test_a_donor_of_that_name_is_a_record(tmp_path: Path, row: list[Any]) -> None:
    assert "adds up" not in told(as_csv(tmp_path, [*ROWS, row]))


def test_a_total_that_the_contract_lists_is_a_value(tmp_path: Path) -> None:
    rows = [*ROWS, ["Total", "a", 201, None]]
    fields = [field("place", enum=["North", "South", "East", "Total"]), *FIELDS[1:]]
    as_csv(tmp_path, rows)
    assert "adds up" not in told(open_package(tmp_path, resource("t", fields)))


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    package = workbook(tmp_path, lambda book: book.active.merge_cells("B2:B3"))
    assert "cells B2:B3 are merged" in "\n".join(map(str, check_records(package)))
    beside = workbook(tmp_path, lambda book: book.active.merge_cells("G2:H9"))
    assert not check_records(beside)


def test_a_formula_without_its_result_is_refused(tmp_path: Path) -> None:
    def change(book: Any) -> None:  # noqa: ANN401
        book.active["C3"] = "=1+1"
        book.active["C4"] = "=SUM(C2:C3)"

    (problem,) = check_records(workbook(tmp_path, change))
    assert str(problem.where) == "data/t.xlsx, row 3, column n"
    assert "2 formulas, first in C3" in problem.message


def test_a_formula_with_its_result_is_a_value(tmp_path: Path) -> None:
    package = workbook(tmp_path, lambda book: book.active.__setitem__("C3", "=60+1"))
    path = package.resources["t"].path
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = re.sub(rb"<v */>|<v></v>", b"<v>61</v>", parts[name])
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    assert not check_records(package)


def test_hidden_rows_and_columns_are_told(tmp_path: Path) -> None:
    def change(book: Any) -> None:  # noqa: ANN401
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["B"].hidden = True

    found = told(workbook(tmp_path, change))
    assert "1 of 3 records stand in hidden rows, first in row 3" in found
    assert "column kind: is hidden" in found


def test_a_hidden_first_sheet_must_be_named(tmp_path: Path) -> None:
    def change(book: Any) -> None:  # noqa: ANN401
        book.create_sheet("Data")
        book.active.sheet_state = "hidden"

    assert "which is hidden" in told(workbook(tmp_path, change))
    assert not told(workbook(tmp_path, change, dialect={"sheet": "Sheet1"}))


def test_records_without_a_date_are_counted(tmp_path: Path) -> None:
    rows = [*ROWS, ["West", "b", 2, None], ["West", "b", 2, None]]
    assert "column day: 2 of 5 records have no date" in told(as_csv(tmp_path, rows))


LOOK_ALIKES = [
    "North ",
    "N\u00a0orth",
    "No\u0433th",
    "north",
    "N\u043erth",
    "\u200bNorth",
    "Nor  th",
]


@pytest.mark.parametrize("other", ["North ", "north", "N\u043erth", "\u200bNorth", "North\u00a0"])
def test_values_that_look_alike_are_told_with_counts(tmp_path: Path, other: str) -> None:
    rows = [*ROWS, [other, "a", 1, "2020-01-04"], [other, "a", 1, "2020-01-05"]]
    assert re.search(
        r"column place: 2 values look alike.*\(2\), \"North\" \(1\)", told(as_csv(tmp_path, rows))
    )


def test_values_of_persons_are_not_told(tmp_path: Path) -> None:
    rows = [*ROWS, ["North ", "a", 1, "2020-01-04"]]
    package = as_csv(tmp_path, rows)
    package.resources["t"] = replace(package.resources["t"], sensitive={"unit": "n"})
    assert "1 group of values look alike" in told(package)
    assert "North" not in told(package)


@given(st.text(), st.sampled_from(["NFC", "NFD"]), st.sampled_from([" ", "\u00a0", "\u200b", ""]))
def test_what_looks_alike_has_one_skeleton(text: str, form: Any, around: str) -> None:  # noqa: ANN401
    other = around + unicodedata.normalize(form, text).upper() + around
    if skeleton(other) == skeleton(text.upper()) and text.upper() != other:
        assert look_alikes([text.upper(), other])
    assert skeleton(skeleton(text)) == skeleton(text)
