"""Records against their contract: every kind of bad input, by what is said of it."""

import datetime as dt
import io
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data_samples import field, open_package, resource, write, write_ods, write_parquet, write_xlsx
from jpreport.data import Package, Records, check_records, kept, reading
from jpreport.errors import DataError

STUDENTS = [
    field("id", required=True),
    field("sex", enum=["F", "M"]),
    field("age", "integer", minimum=0, maximum=120),
    field("joined", "date"),
    field("cost", "number"),
    field("paid", "boolean"),
]
HEADER = "id,sex,age,joined,cost,paid"
GOOD = f"{HEADER}\nS1,F,20,2011-02-03,1.50,true\nS2,M,,,,\n"


def said(package: Package) -> list[str]:
    """Return the problems, where and what and hint in one line."""
    return [
        f"{problem.where}: {problem.message}; {problem.hint}" for problem in check_records(package)
    ]


def students(folder: Path, content: str | bytes, **more: object) -> Package:
    write(folder, "students.csv", content)
    return open_package(folder, resource("students", STUDENTS, **more))


def the_problem(package: Package) -> str:
    found = said(package)
    assert len(found) == 1, found
    return found[0]


def test_good_records_have_no_problems(tmp_path: Path) -> None:
    assert check_records(students(tmp_path, GOOD, primaryKey="id")) == ()


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        ("S1,X,1,,,", "sex", '"X" is not one of: F, M; correct it, or add it to the contract'),
        ("S1,f,1,,,", "sex", '"f" is not one of: F, M'),
        ("S1,F,twenty,,,", "age", '"twenty" is not a whole number'),
        ("S1,F,20.5,,,", "age", '"20.5" is not a whole number'),
        ("S1,F,-3,,,", "age", "-3 is less than 0, the least allowed"),
        ("S1,F,121,,,", "age", "121 is more than 120, the most allowed"),
        ("S1,F,99999999999999999999,,,", "age", "is not between -9223372036854775807 and"),
        ("S1,F,1,2011-02-30,,", "joined", '"2011-02-30" is not a date such as 2012-10-31'),
        (
            "S1,F,1,3.2.2011,,",
            "joined",
            'state the "format" that is meant for this field: "%d.%m.%Y" or "%m.%d.%Y"',
        ),
        ("S1,F,1,30/11/2011,,", "joined", 'state "format": "%d/%m/%Y"'),
        ("S1,F,1,11/30/2011,,", "joined", 'state "format": "%m/%d/%Y"'),
        ("S1,F,1,11/31/2011,,", "joined", "correct it in the file"),
        ('S1,F,1,,"1,50",', "cost", '"1,50" is not a number; write numbers as 1234.5'),
        ("S1,F,1,,NaN,", "cost", '"NaN" is not a number'),
        ("S1,F,1,,,maybe", "paid", '"maybe" is neither true (true, True, TRUE, 1) nor false'),
        (",F,1,,,", "id", "is empty, but a value is required; fill it in"),
    ],
)
def test_a_value_that_breaks_its_contract(tmp_path: Path, row: str, column: str, what: str) -> None:
    package = students(tmp_path, f"{HEADER}\n{row}\n")
    found = the_problem(package)
    assert found.startswith(f"data/students.csv, row 2, column {column}: ")
    assert what in found


@pytest.mark.parametrize(
    ("declared", "cell", "what"),
    [
        (field("x", pattern="A|B[0-9]"), "Ax", '"Ax" does not fit the pattern A|B[0-9]'),
        (field("x", minLength=3), "ab", '"ab" has 2 characters; at least 3 are needed'),
        (field("x", maxLength=3), "abcd", '"abcd" has 4 characters; at most 3 are allowed'),
        (field("x", "number", exclusiveMinimum=0), "0", "0 is not more than 0"),
        (field("x", "number", exclusiveMaximum=1), "1", "1 is not less than 1"),
        (field("x", "date", minimum="2010-06-01"), "2010-05-31", "less than 2010-06-01, the least"),
        ({**field("x"), "format": "email"}, "me", '"me" is not an e-mail address'),
        ({**field("x"), "format": "uuid"}, "me", '"me" is not a UUID'),
        ({**field("x"), "format": "uri"}, "me", '"me" is not a web address'),
        (
            {**field("x", "date"), "format": "%d.%m.%Y"},
            "2010-06-01",
            '"2010-06-01" is not a date written as 31.10.2012 (%d.%m.%Y)',
        ),
        (field("x", "datetime"), "noon", '"noon" is not a moment such as 2012-10-31T09:30:00'),
        (field("x", "year"), "12", '"12" is not a year of four digits'),
        ({**field("x", "integer"), "missingValues": ["-"]}, "", "an empty cell is not a missing"),
        (field("x"), "", None),
        (field("x", "integer", enum=[1, 2]), "3", "3 is not one of: 1, 2"),
        (field("x"), "a" * 100, None),
        (field("x", maxLength=80), "a" * 100, "a…"),
    ],
)
def test_other_constraints_and_formats(
    tmp_path: Path, declared: dict[str, Any], cell: str, what: str | None
) -> None:
    write(tmp_path, "t.csv", f"k,x\n1,{cell}\n")
    package = open_package(tmp_path, resource("t", [field("k"), declared]))
    if what is None:
        assert said(package) == []
    else:
        assert what in the_problem(package)


def test_a_pattern_holds_for_the_whole_value(tmp_path: Path) -> None:
    write(tmp_path, "t.csv", 'x\nA\nB1\n"A\n"\n')
    package = open_package(tmp_path, resource("t", [field("x", pattern="A|B[0-9]")]))
    assert the_problem(package).startswith("data/t.csv, row 4, column x")


def test_a_duplicate_key_names_both_rows(tmp_path: Path) -> None:
    package = students(tmp_path, f"{HEADER}\nS1,,,,,\nS2,,,,,\nS1,,,,,\n", primaryKey="id")
    assert the_problem(package) == (
        'data/students.csv, row 4, column id: the primary key id "S1" stands in row 2 already; '
        "remove one of the two rows, or correct its key"
    )


def test_a_duplicate_key_of_two_columns(tmp_path: Path) -> None:
    content = f"{HEADER}\nS1,F,,,,\nS1,M,,,,\nS1,F,,,,\nS2,,,,,\n"
    found = said(students(tmp_path, content, primaryKey=["id", "sex"]))
    assert len(found) == 2
    assert found[0].startswith(
        'data/students.csv, row 4, columns id, sex: the primary key id "S1", sex "F" stands in '
        "row 2 already"
    )
    assert found[1].startswith("data/students.csv, row 5, column sex: is empty, but is part of")


def test_a_unique_column(tmp_path: Path) -> None:
    write(tmp_path, "t.csv", "k,x\n1,a\n2,\n3,\n4,a\n")
    package = open_package(tmp_path, resource("t", [field("k"), field("x", unique=True)]))
    assert the_problem(package).startswith(
        'data/t.csv, row 5, column x: x "a" stands in row 2 already, but each value may stand once'
    )


def two_tables(folder: Path, centres: str | bytes, people: str) -> Package:
    write(folder, "centres.csv", centres)
    write(folder, "people.csv", people)
    key = {"fields": "centre", "reference": {"resource": "centres", "fields": "id"}}
    return open_package(
        folder,
        resource("people", [field("name"), field("centre", "integer")], foreignKeys=[key]),
        resource("centres", [field("id", "integer"), field("beds", "integer")], primaryKey="id"),
    )


def test_a_dangling_reference_names_value_and_target(tmp_path: Path) -> None:
    package = two_tables(tmp_path, "id,beds\n101,\n102,\n", "name,centre\na,101\nb,\nc,103\n")
    found = the_problem(package)
    assert found.startswith(
        "data/people.csv, row 4, column centre: 103 is not in centres.id (data/centres.csv); "
    )
    assert 'did you mean "101"?' in found or 'did you mean "102"?' in found


@pytest.mark.parametrize(
    ("centres", "faulty"),
    [
        ("id,beds\nx,\n102,\n", 'row 2, column id: "x" is not a whole number'),
        ("ident,beds\n101,\n102,\n", 'row 1: the column "id" is missing'),
        ("id,beds\n101\n102,\n", "row 2: has 1 cell, but the header has 2"),
        (b"id,beds\n101,\xff\n102,\n", "is not UTF-8"),
        ("", "is empty"),
    ],
)
def test_a_faulty_target_is_not_blamed_on_those_who_refer_to_it(
    tmp_path: Path, centres: str | bytes, faulty: str
) -> None:
    found = said(two_tables(tmp_path, centres, "name,centre\na,101\nb,102\n"))
    assert any(faulty in line for line in found)
    assert all(line.startswith("data/centres.csv") for line in found)


def test_other_faults_of_the_target_hide_no_dangling_value(tmp_path: Path) -> None:
    found = said(two_tables(tmp_path, "id,beds\n101,many\n", "name,centre\na,7\n"))
    assert len(found) == 2
    assert "7 is not in centres.id" in found[0]


def test_a_table_may_refer_to_itself(tmp_path: Path) -> None:
    write(tmp_path, "t.csv", "id,parent\na,\nb,a\nc,d\n")
    key = {"fields": "parent", "reference": {"resource": "", "fields": "id"}}
    package = open_package(
        tmp_path, resource("t", [field("id"), field("parent")], foreignKeys=[key])
    )
    assert the_problem(package).startswith('data/t.csv, row 4, column parent: "d" is not in t.id')


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("id,sex,age,joined,cost", 'row 1: the column "paid" is missing; add it, or take it out'),
        ("id,sex,age,joined,cost,paid,x", 'row 1: the column "x" is not in the contract; remove'),
        ("id,sex,age,joined,cost,paid,sex", 'the column "sex" stands twice (columns 2 and 7)'),
        ("id;sex;age;joined;cost;paid", "is separated by semicolons, not by commas; state"),
        ("", "is empty; the first row names the columns: id, sex, age, joined, cost, paid"),
        (",,,,,", "row 1: is empty; the first row names the columns: id"),
        ("id,sex,age,joined,cost,paid\nS1,F", "row 2: has 2 cells, but the header has 6; add"),
        ("id,sex,age,joined,cost,paid\nS1,F,1,,1,5,", "row 2: has 7 cells, but the header has 6"),
        ('id,sex,age,joined,cost,paid\n"S1', 'row 2: a quotation mark (") is not closed'),
        ('id,sex,age,joined,cost,paid\n"S"1,,,,,', 'row 2: a quotation mark (") is not closed'),
    ],
)
def test_a_file_of_the_wrong_form(tmp_path: Path, header: str, what: str) -> None:
    found = the_problem(students(tmp_path, header + ("\n" if header else "")))
    assert found.startswith("data/students.csv")
    assert what in found


def test_a_column_without_a_name(tmp_path: Path) -> None:
    found = the_problem(students(tmp_path, f"{HEADER},\nS1,,,,,,x\n"))
    assert "row 1: column 7 holds values but has no name" in found


def test_the_order_of_columns_is_free(tmp_path: Path) -> None:
    package = students(tmp_path, "paid,sex,age,joined,cost,id\ntrue,F,20,2011-02-03,1.5,S1\n")
    assert said(package) == []
    with Records(package) as records:
        assert records.query("select id, paid from students") == [("S1", True)]


def test_a_bad_encoding_names_byte_and_line(tmp_path: Path) -> None:
    content = f"{HEADER}\nNiš,,,,,\n".encode("cp1250")
    assert the_problem(students(tmp_path, content)) == (
        "data/students.csv: byte 31 (line 2, value 0x9A) is not UTF-8; "
        'save it as "CSV UTF-8", or state its "encoding" in datapackage.json'
    )


def test_a_bad_byte_after_a_byte_order_mark(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + HEADER.encode() + b"\nNi\x9a,,,,,\n"
    assert "byte 34 (line 2, value 0x9A)" in the_problem(students(tmp_path, content))


def test_utf_16_is_recognized(tmp_path: Path) -> None:
    assert "it is UTF-16" in the_problem(students(tmp_path, GOOD.encode("utf-16")))


def test_a_declared_encoding_and_delimiter(tmp_path: Path) -> None:
    content = GOOD.replace("S1", "Niš").replace(",", ";").encode("cp1250")
    more: dict[str, Any] = {"encoding": "windows-1250", "dialect": {"csv": {"delimiter": ";"}}}
    package = students(tmp_path, content, **more)
    assert said(package) == []
    with Records(package) as records:
        assert records.query("select id from students") == [("Niš",), ("S2",)]


def test_blank_rows_are_no_records(tmp_path: Path) -> None:
    package = students(tmp_path, "\ufeff" + GOOD + "\n,,,,,\nS3,X,,,,\n\n")
    assert the_problem(package).startswith("data/students.csv, row 6, column sex")


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path: Path) -> None:
    content = f'{HEADER}\n"S\n1",F,,,,\nS2,X,,,,\n'
    assert "row 3, column sex" in the_problem(students(tmp_path, content))


def test_twenty_problems_of_a_file_are_listed_then_counted(tmp_path: Path) -> None:
    rows = "".join(f"S{number},X,,,,\n" for number in range(332))
    found = check_records(students(tmp_path, f"{HEADER}\n{rows}"))
    assert len(found) == 21
    assert str(found[0]).startswith("data/students.csv, row 2,")
    assert str(found[19]).startswith("data/students.csv, row 21,")
    assert found[20].message == "and 312 more problems"


def test_every_file_is_told_of(tmp_path: Path) -> None:
    found = said(two_tables(tmp_path, "id,beds\n1,x\n", "name,centre\na,y\n"))
    assert [line.partition(",")[0] for line in found] == ["data/people.csv", "data/centres.csv"]


def test_a_file_that_vanished(tmp_path: Path) -> None:
    package = students(tmp_path, GOOD)
    package.resources["students"].path.unlink()
    assert "data/students.csv: cannot be read: No such file" in the_problem(package)
    assert check_records(package, tmp_path / "cache") == check_records(package)


def test_no_word_of_the_library_reaches_the_user(tmp_path: Path) -> None:
    content = f"{HEADER}\nS1,X,a,b,c,d\nS1,,,,\n"
    text = " ".join(said(students(tmp_path, content, primaryKey="id"))).lower()
    for jargon in ("constraint", "type-error", "label", "default", "field", "frictionless"):
        assert jargon not in text


# The same records in the three formats.

BAD_ROWS: Sequence[Sequence[Any]] = [
    ["id", "sex", "age"],
    ["S1", "X", 20],
    ["S1", "F", -1],
    [None, "M", None],
]


def three(folder: Path, rows: Sequence[Sequence[Any]], name: str) -> Package:
    header, *body = rows
    if name == "t.csv":
        lines = (",".join("" if cell is None else str(cell) for cell in row) for row in rows)
        write(folder, name, "\n".join(lines) + "\n")
    elif name == "t.xlsx":
        write_xlsx(folder, name, rows)
    elif name == "t.ods":
        write_ods(folder, name, rows)
    else:
        columns = zip(*body, strict=True)
        write_parquet(folder, name, dict(zip(header, map(list, columns), strict=True)))
    return open_package(folder, resource("t", STUDENTS[:3], path=name, primaryKey="id"))


def test_messages_are_the_same_for_every_format(tmp_path: Path) -> None:
    csv, xlsx, ods, parquet = (
        [
            (str(problem.where).partition(", ")[2], problem.message, problem.hint)
            for problem in check_records(three(tmp_path, BAD_ROWS, name))
        ]
        for name in ("t.csv", "t.xlsx", "t.ods", "t.parquet")
    )
    assert csv == xlsx == ods == parquet
    assert [where for where, *_ in csv] == [
        "row 2, column sex",
        "row 3, column id",
        "row 3, column age",
        "row 4, column id",
    ]


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.ods", "t.parquet"])
def test_columns_are_checked_in_every_format(tmp_path: Path, name: str) -> None:
    found = said(three(tmp_path, [["id", "sexe", "age", "x"], ["a", "F", 1, 2]], name))
    assert [line.partition(": ")[2] for line in found] == [
        'the column "sex" is missing; did you mean "sexe"?',
        'the column "sexe" is not in the contract; did you mean "sex"?',
        'the column "x" is not in the contract; remove it, or describe it in datapackage.json',
    ]


# Excel.


def workbook(folder: Path, rows: Sequence[Sequence[object]], sheet: str | int = 1) -> Package:
    write_xlsx(folder, "s.xlsx", rows, sheet="Students")
    return open_package(
        folder,
        resource("s", STUDENTS, path="s.xlsx", dialect={"excel": {"sheet": sheet}}),
    )


def test_what_excel_makes_of_values_is_accepted(tmp_path: Path) -> None:
    rows = [
        HEADER.split(","),
        [1001, "F", 20.0, dt.datetime(2011, 2, 3), 0.1 + 0.2, True],  # noqa: DTZ001
        ["S2", "M", None, dt.date(2011, 2, 3), 5, 0],
        [None] * 6,
        ["S3", None, "7", "2011-02-03", "1.5", "false"],
        [None] * 9,
        [None] * 6,
    ]
    package = workbook(tmp_path, rows, "Students")
    assert said(package) == []
    day = dt.date(2011, 2, 3)
    with Records(package) as records:
        assert records.query("select id, sex, age, joined, cost::double, paid from s") == [
            ("1001", "F", 20, day, 0.3, True),
            ("S2", "M", None, day, 5.0, False),
            ("S3", None, 7, day, 1.5, False),
        ]


def test_a_missing_sheet_names_those_that_are_there(tmp_path: Path) -> None:
    assert the_problem(workbook(tmp_path, [HEADER.split(",")], "Studentz")) == (
        'data/s.xlsx, sheet Studentz: has no sheet "Studentz"; its sheets are: Students; '
        "rename the sheet, or correct it in datapackage.json"
    )
    found = the_problem(workbook(tmp_path, [HEADER.split(",")], 2))
    assert 'data/s.xlsx: has no sheet "number 2"; its sheets are: Students' in found


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ([True, "F"], "row 2, column id: TRUE is not text; format the cell as text"),
        (["a", "F", "#REF!"], 'row 2, column age: "#REF!" is not a whole number'),
        (["#N/A", "F"], "row 2, column id: holds Excel's error #N/A; mend the formula"),
        (["a", "F", 1, dt.datetime(2011, 2, 3, 8)], "is not a date such as"),  # noqa: DTZ001
        (["a", "F", 1, 40577], "row 2, column joined: 40577 is not a date such as"),
        (["a", "F", True], "row 2, column age: TRUE is not a whole number"),
        (["a", "F", 1, None, None, None, "x"], "row 1: column 7 holds values but has no name"),
    ],
)
def test_what_excel_cells_may_not_hold(tmp_path: Path, row: list[object], what: str) -> None:
    assert what in the_problem(workbook(tmp_path, [HEADER.split(","), row]))


def test_sheets_without_a_header(tmp_path: Path) -> None:
    assert "data/s.xlsx: is empty; the first row" in the_problem(workbook(tmp_path, []))
    rows = [[], HEADER.split(","), ["S1"]]
    found = the_problem(workbook(tmp_path, rows))
    assert "data/s.xlsx, row 1: is empty, but stands above the records" in found


def a_zip(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"id,sex\n", b"PK\x03\x04 broken", a_zip("a"), a_zip("[Content_Types].xml")]
)
def test_a_workbook_that_is_none(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "s.xlsx", content)
    package = open_package(tmp_path, resource("s", STUDENTS, path="s.xlsx"))
    assert the_problem(package) == (
        "data/s.xlsx: is not an Excel workbook; open it in Excel and save it as .xlsx"
    )


@pytest.mark.parametrize("content", [b"", b"id,sex\n", b"PK\x03\x04 broken", a_zip("a")])
def test_an_opendocument_workbook_that_is_none(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "s.ods", content)
    package = open_package(tmp_path, resource("s", STUDENTS, path="s.ods"))
    assert the_problem(package) == (
        "data/s.ods: is not an OpenDocument workbook; open it in LibreOffice and save it as .ods"
    )


def test_an_old_or_locked_workbook(tmp_path: Path) -> None:
    write(tmp_path, "s.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    package = open_package(tmp_path, resource("s", STUDENTS, path="s.xlsx"))
    assert "is an old .xls file or protected by a password" in the_problem(package)


# Parquet.


@pytest.mark.parametrize("content", [b"", b"id,sex\n", b"PAR1PAR1", b"PAR1xxxxxxxxxxxxPAR1"])
def test_a_parquet_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "s.parquet", content)
    package = open_package(tmp_path, resource("s", STUDENTS, path="s.parquet"))
    assert the_problem(package).startswith("data/s.parquet: is not a Parquet file; ")


def test_a_parquet_column_of_another_kind(tmp_path: Path) -> None:
    write_parquet(tmp_path, "t.parquet", {"a": pa.array([[1]]), "b": pa.array([b"x"])})
    package = open_package(tmp_path, resource("t", [field("a"), field("b")], path="t.parquet"))
    first, second = said(package)
    assert first.startswith("data/t.parquet, column a: holds several values in one cell")
    assert second.startswith("data/t.parquet, row 2, column b: \"b'x'\" is not text")
    with Records(package) as records, pytest.raises(DataError, match="several values"):
        records.count("t")


# The cache.


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    read: list[str] = []
    real = reading.read_table

    def counting(resource: Any, *more: Any) -> Any:  # noqa: ANN401 (passed on)
        read.append(resource.name)
        return real(resource, *more)

    monkeypatch.setattr(reading, "read_table", counting)
    return read


def test_what_passed_is_not_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned = counted(monkeypatch)
    cache = tmp_path / "cache/records"
    centres = "id,beds\n1,\n2,\n"
    package = two_tables(tmp_path, centres, "name,centre\na,1\n")
    assert check_records(package, cache) == ()
    assert sorted(scanned) == ["centres", "people"]
    scanned.clear()
    assert check_records(package, cache) == ()
    assert scanned == []
    # A table that others refer to: they are checked again as well.
    write(tmp_path, "centres.csv", "id,beds\n2,\n")
    assert len(check_records(package, cache)) == 1
    assert scanned == ["centres"]  # what refers to it is kept, and compared with it again
    scanned.clear()
    assert len(check_records(package, cache)) == 1
    assert scanned == []
    write(tmp_path, "centres.csv", centres)
    assert check_records(package, cache) == ()
    assert scanned == []


def test_a_rule_or_code_that_changed_is_checked_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned = counted(monkeypatch)
    cache = tmp_path / "cache"
    check_records(students(tmp_path, GOOD), cache)
    check_records(students(tmp_path, GOOD, missingValues=["", "-"]), cache)
    assert scanned == ["students", "students"]
    # The release need not be another one: a change of the code is enough.
    room = tmp_path / "room"
    shutil.copytree(Path(kept.__file__).parent, room)
    (room / "cells.py").write_text("another rule", "utf-8")
    monkeypatch.setattr(kept, "__file__", str(room / "kept.py"))
    kept.code_digest.cache_clear()
    check_records(students(tmp_path, GOOD), cache)
    kept.code_digest.cache_clear()
    assert len(scanned) == 3
    assert len([*cache.glob("*.arrow")]) == 1


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "cache", "a file")
    assert check_records(students(tmp_path, GOOD), tmp_path / "data/cache") == ()


def test_records_that_were_not_checked_say_the_same(tmp_path: Path) -> None:
    package = students(tmp_path, f"{HEADER}\nS1,F,twenty,,,\n")
    with Records(package) as records, pytest.raises(DataError) as caught:
        records.count("students")
    assert caught.value.problems == check_records(package)


@pytest.mark.parametrize(("match", "faults"), [("exact", 1), ("equal", 0), (None, 0)])
def test_the_order_of_columns_matters_where_the_contract_says_so(
    match: str | None, faults: int, tmp_path: Path
) -> None:
    write(tmp_path, "t.csv", "b,a\n1,2\n")
    table = resource("t", [field("a"), field("b")])
    table["schema"] |= {"fieldsMatch": [match]} if match else {}
    problems = check_records(open_package(tmp_path, table))
    assert [str(one.where) for one in problems] == ["data/t.csv, row 1"] * faults
