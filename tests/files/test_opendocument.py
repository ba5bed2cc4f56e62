"""A sheet of OpenDocument is read as the same sheet of Excel is."""

from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from data_samples import write_ods, write_xlsx
from jpreport.files.sheets import Sheet
from jpreport.files.workbook import BROKEN, read_sheet, read_sheets
from libreoffice import PROGRAM

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.decimals(-1000, 1000, places=2).map(float),
    st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2050, 1, 1)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0)
    ),
    st.times().map(lambda time: time.replace(microsecond=0, fold=0)),
    st.text("ab <&\u0436\n", min_size=1, max_size=6),
)
ROWS = st.lists(st.lists(CELLS, max_size=5), max_size=6).map(
    lambda rows: [row for row in rows for _ in range(1 + len(row) % 2)]
)


def stripped(sheet: object) -> list[tuple[object, ...]]:
    """Return the lines of a sheet without what is empty at their ends."""
    assert isinstance(sheet, Sheet)
    lines = [list(line) for line in sheet.lines]
    for line in lines:
        while line and line[-1] is None:
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return [tuple((isinstance(cell, bool), cell) for cell in line) for line in lines]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_the_same_cells_are_read_from_either(rows: list[list[object]], tmp_path: Path) -> None:
    kinds = [
        write(tmp_path, name, rows, "S <1>").read_bytes()
        for write, name in ((write_xlsx, "a.xlsx"), (write_ods, "a.ods"))
    ]
    first, second = (stripped(read_sheet(content, 1)) for content in kinds)
    assert first == second
    for content in kinds:
        assert [sheet.name for sheet in read_sheets(content)] == ["S <1>"]
        assert read_sheet(content, "T") == ["S <1>"]


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    good = write_ods(tmp_path, "a.ods", [["x", None]]).read_bytes()
    assert stripped(read_sheet(good, 1)) == [((False, "x"),)]
    for spoiled in (good[: len(good) // 2], good.replace(b"content.xml", b"content.xmm")):
        with pytest.raises(BROKEN):
            read_sheet(spoiled, 1)


@pytest.mark.slow
def test_what_libreoffice_makes_of_a_workbook_is_read_as_the_workbook_is(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Visits"
    for row in (
        ["id", "day", "share", "time", "paid", "place"],
        ["a", dt.date(2011, 2, 3), 0.25, dt.time(10, 30), 1, "North  and\nSouth"],
        ["b", dt.datetime(2011, 2, 3, 4, 5), 12, None, 0, None],  # noqa: DTZ001
        [None] * 6,
        ["c", None, "=1+1", None, None, "=1/0"],
    ):
        page.append(row)
    page["C2"].number_format = "0%"
    page.merge_cells("A6:B7")
    page["A6"] = "merged"
    page.row_dimensions[3].hidden = True
    page.column_dimensions["E"].hidden = True
    hidden = book.create_sheet("Behind")
    hidden["B2"] = 7
    hidden.sheet_state = "hidden"
    source = tmp_path / "a.xlsx"
    book.save(source)
    profile = (tmp_path / "profile").as_uri()
    for kind in ("ods", "xlsx"):  # LibreOffice calculates before it saves
        subprocess.run(
            [str(PROGRAM), f"-env:UserInstallation={profile}", "--headless", "--convert-to", kind,
             "--outdir", tmp_path / "out", source],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    ods, xlsx = (
        [*read_sheets((tmp_path / f"out/a.{one}").read_bytes())] for one in ("ods", "xlsx")
    )
    assert [replace(one, lines=[]) for one in ods] == [replace(one, lines=[]) for one in xlsx]
    assert [*map(stripped, ods)] == [*map(stripped, xlsx)]
    assert load_workbook(source).sheetnames == [one.name for one in ods]
    assert ods[0].merged == [((6, 1), (7, 2))]
    assert ods[0].hidden_rows == [3]
    assert ods[0].hidden_columns == [5]
    assert not ods[1].visible
