"""The steps from a raw file to its records, as a contract declares them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from data_samples import field, open_package, resource, write
from jpreport.data import Records
from jpreport.data.cleaning import cleaned
from jpreport.data.contract import Cleaning
from jpreport.data.validation import check_records
from jpreport.errors import DataError
from jpreport.files import digest_bytes


def messy(folder: Path) -> dict[str, Any]:
    """Write a workbook with titles, a header of two rows, merged cells and a row of totals."""
    book = Workbook()
    page = book.active
    assert page is not None
    for line in (
        ["Lorn Water Programme", None, None, None],
        [],
        ["District", "Visits", None, "Day"],
        [None, "Women", "Men", None],
        [" Upper  Lorn", 1, 2, "03/04/2020"],
        [None, 3, 4, "13/04/2020"],
        ["Lower Lorn", 5, 6, "14/05/2020"],
        ["TOTAL", 9, 12, None],
    ):
        page.append(line)
    for area in ("A1:D1", "B3:C3", "A5:A6"):
        page.merge_cells(area)
    path = write(folder, "t.xlsx", b"")
    book.save(path)
    fields = [
        {"name": "district", "jpreport": {"column": "District"}},
        {"name": "women", "type": "integer", "jpreport": {"column": "Visits Women"}},
        {"name": "men", "type": "integer", "jpreport": {"column": "Visits Men"}},
        {"name": "day", "type": "date", "format": "%d/%m/%Y", "jpreport": {"column": "Day"}},
        {"name": "both", "type": "integer", "jpreport": {"derive": "women + men"}},
        {"name": "month", "type": "integer", "jpreport": {"derive": "month(day)"}},
        {"name": "row", "type": "integer", "jpreport": {"derive": "raw_row"}},
    ]
    steps = {"trim": True, "merged": {"District": "fill"}, "leaveOut": {"District": ["TOTAL"]}}
    dialect = {"headerRows": [3, 4]}
    return resource("t", fields, "t.xlsx", dialect=dialect, jpreport={"clean": steps})


def test_a_messy_workbook_is_read_by_its_steps(tmp_path: Path) -> None:
    package = open_package(tmp_path, messy(tmp_path))
    assert check_records(package) == ()
    with Records(package) as records:
        assert records.query("SELECT * FROM t") == [
            ("Upper Lorn", 1, 2, dt.date(2020, 4, 3), 3, 4, 5),
            ("Upper Lorn", 3, 4, dt.date(2020, 4, 13), 7, 4, 6),
            ("Lower Lorn", 5, 6, dt.date(2020, 5, 14), 11, 5, 7),
        ]


def test_what_cleaning_gives_has_a_digest_of_its_own(tmp_path: Path) -> None:
    table = messy(tmp_path)

    def digests() -> tuple[str, str]:
        with Records(open_package(tmp_path, table)) as records:
            return records.digest("t"), records.cleaned_digest("t")

    raw, cleaned_ = digests()
    said = (
        '"district","women","men","day","both","month","row"\n'
        '"Upper Lorn","1","2","2020-04-03","3","4","5"\n'
        '"Upper Lorn","3","4","2020-04-13","7","4","6"\n'
        '"Lower Lorn","5","6","2020-05-14","11","5","7"\n'
    )
    assert cleaned_ == digest_bytes(said.encode())
    table["jpreport"]["clean"]["trim"] = False
    assert digests() != (raw, cleaned_)
    assert digests()[0] == raw


def test_faults_stand_in_the_row_of_the_raw_file(tmp_path: Path) -> None:
    table = messy(tmp_path)
    table["schema"]["fields"][1]["constraints"] = {"maximum": 3}
    (problem,) = check_records(open_package(tmp_path, table))
    assert str(problem.where) == "data/t.xlsx, row 7, column women"


def test_a_merged_area_without_a_step_is_a_fault(tmp_path: Path) -> None:
    table = messy(tmp_path)
    del table["jpreport"]["clean"]["merged"]
    assert "A5:A6 are merged" in str(check_records(open_package(tmp_path, table))[0])


@pytest.mark.parametrize(
    ("derive", "message"),
    [
        ("women +", '"derive" of "row" is not an SQL expression'),
        ("random()", '"random" gives another result'),
        ("(SELECT 1 FROM t)", "asks another table"),
    ],
)
def test_what_cannot_be_derived_is_refused(tmp_path: Path, derive: str, message: str) -> None:
    table = messy(tmp_path)
    table["schema"]["fields"][-1]["jpreport"]["derive"] = derive
    with pytest.raises(DataError) as caught:
        open_package(tmp_path, table)
    assert message in str(caught.value)


@pytest.mark.parametrize("derive", ["nothing_there", "district", "sum(women)"])
def test_a_derived_column_that_fails_is_told(tmp_path: Path, derive: str) -> None:
    table = messy(tmp_path)
    table["schema"]["fields"][-1]["jpreport"]["derive"] = derive
    package = open_package(tmp_path, table)
    (problem,) = check_records(package)
    assert str(problem.where) == "data/t.xlsx, column row"
    with Records(package) as records, pytest.raises(DataError):
        records.frame("t")


def test_derived_values_keep_the_contract(tmp_path: Path) -> None:
    table = messy(tmp_path)
    table["schema"]["fields"][4]["constraints"] = {"maximum": 10}
    (problem,) = check_records(open_package(tmp_path, table))
    assert "11 is more than 10" in problem.message


@pytest.mark.parametrize(
    ("match", "header", "faults"),
    [
        ("equal", "a,b,c", 1),
        ("subset", "a,b,c", 0),
        ("subset", "a", 1),
        ("superset", "a", 0),
        ("superset", "a,c", 1),
        ("partial", "b,c", 0),
        ("partial", "c", 1),
    ],
)
def test_columns_may_lack_or_be_more_as_declared(
    tmp_path: Path, match: str, header: str, faults: int
) -> None:
    write(tmp_path, "t.csv", f"{header}\n{','.join('1' for _ in header.split(','))}\n")
    table = resource("t", [field("a"), field("b")])
    table["schema"]["fieldsMatch"] = [match]
    package = open_package(tmp_path, table)
    assert len(check_records(package)) == faults
    if not faults:
        with Records(package) as records:
            assert list(records.frame("t").columns) == ["a", "b"]


@pytest.mark.parametrize(
    "steps", [{"sort": True}, {"merged": {"a": "fill"}}, {"merged": {"a": "sum"}}]
)
def test_unknown_steps_are_refused(tmp_path: Path, steps: dict[str, Any]) -> None:
    write(tmp_path, "t.csv", "a\n1\n")
    with pytest.raises(DataError):
        open_package(tmp_path, resource("t", [field("a")], jpreport={"clean": steps}))


TEXTS = st.text("ab 1", min_size=1, max_size=3)


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=5), st.integers(0, 4))
def test_titles_above_and_notes_between_change_no_record(rows: list[list[str]], above: int) -> None:
    lines = [["title", None]] * above + [["x", "y"], *rows, ["note", None]]
    steps = Cleaning(header_rows=(above + 1,), comment_rows=frozenset({len(lines)}))
    header, records = cleaned(lines, steps)
    body = list(records)
    assert header == ["x", "y"]
    assert [list(line) for _, line in body] == rows
    assert [row for row, _ in body] == [above + 2 + place for place in range(len(rows))]
