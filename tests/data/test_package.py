"""The contract: what `datapackage.json` may say, and every fault of it at once."""

import datetime as dt
import json
import pickle
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_samples import field, open_package, resource, write, write_package
from jpreport.data import ForeignKey, Package, read_package
from jpreport.data.package import SQL_WORDS
from jpreport.errors import NOWHERE, DataError


def faults(folder: Path, *resources: dict[str, Any], **more: object) -> list[str]:
    """Return the problems of a package whose files are there, each as one line."""
    for entry in resources:
        path = entry["path"]
        if isinstance(path, str) and ":" not in path and not path.startswith(("..", "/")):
            write(folder, path, "x\n")
    with pytest.raises(DataError) as caught:
        read_package(write_package(folder, *resources, **more), folder)
    return [
        f"{problem.where}: {problem.message}; {problem.hint}" for problem in caught.value.problems
    ]


def the_fault(folder: Path, entry: dict[str, Any]) -> str:
    found = faults(folder, entry)
    assert len(found) == 1, found
    return found[0]


def test_a_package_says_what_its_tables_hold(tmp_path: Path) -> None:
    write(tmp_path, "centres.csv", "id\n")
    write(tmp_path, "sub/people.xlsx", "")
    package = open_package(
        tmp_path,
        resource("centres", [field("id")], primaryKey="id", title="Centres"),
        resource(
            "people",
            [
                field("id", "integer", required=True),
                {**field("centre"), "title": "Centre", "description": "Where."},
                {**field("day", "date", minimum="01.06.2010"), "format": "%d.%m.%Y"},
                {**field("cost", "number", minimum=0, maximum="9.5"), "unit": "USD"},
                {"name": "ok", "type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
                field("sex", enum=["F", "M"]),
            ],
            path="sub/people.xlsx",
            primaryKey=["id"],
            foreignKeys=[
                {"fields": "centre", "reference": {"resource": "centres", "fields": "id"}}
            ],
            missingValues=["", "n/a"],
            dialect={"excel": {"sheet": "People"}},
            jpreport={"date": "day"},
        ),
        title="All",
        created="2012-12-01T00:00:00Z",
        licenses=[{"name": "CC0-1.0"}],
        jpreport={"synthetic": True},
    )
    assert (package.title, package.synthetic, package.licenses) == ("All", True, ("CC0-1.0",))
    assert package.created == "2012-12-01T00:00:00Z"
    people = package.resources["people"]
    assert people.path == tmp_path / "data/sub/people.xlsx"
    assert people.source == "data/sub/people.xlsx"
    assert (people.format, people.sheet, people.date) == ("xlsx", "People", "day")
    assert people.foreign_keys == (ForeignKey(("centre",), "centres", ("id",)),)
    assert people.primary_key == ("id",)
    assert people.missing_values == ("", "n/a")
    assert people.field("id").required
    assert people.field("day").minimum == dt.date(2010, 6, 1)
    assert people.field("cost").maximum == Decimal("9.5")
    assert people.field("cost").unit == "USD"
    assert people.field("ok").true_values == ("yes",)
    assert people.field("sex").enum == ("F", "M")
    assert people.field("centre").label == "Centre"
    assert package.resources["centres"].label == "Centres"
    assert len(package.resources["centres"].digest()) == 64
    assert pickle.loads(pickle.dumps(package)) == package  # noqa: S301 (our own)


def test_a_schema_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id\n")
    write(tmp_path, "a.schema.json", json.dumps({"fields": [{"name": "id"}]}))
    package = open_package(tmp_path, {"name": "a", "path": ["a.csv"], "schema": "a.schema.json"})
    assert package.resources["a"].field_names == ("id",)


def test_a_package_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data/datapackage\.json: is not there"):
        read_package(Path("data/datapackage.json"), tmp_path)


def test_malformed_json_is_found_by_line_and_column(tmp_path: Path) -> None:
    write(tmp_path, "datapackage.json", '{\n  "name": "x"\n  "resources": []\n}')
    with pytest.raises(
        DataError, match=r"json, line 3, column 3: is not valid JSON: expecting ','"
    ):
        read_package(Path("data/datapackage.json"), tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"title": "\xe6"}', "is not UTF-8 \\(byte 12\\)"),
        (b"[]", "does not hold an object"),
        (b"{}", "has no resources"),
    ],
)
def test_a_file_that_is_no_descriptor(tmp_path: Path, content: bytes, said: str) -> None:
    write(tmp_path, "datapackage.json", content)
    with pytest.raises(DataError, match=said):
        read_package(Path("data/datapackage.json"), tmp_path)


def test_all_problems_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        resource("people", [field("id", "integr")], jpreport={"dat": "id"}),
        resource("rows", [field("id")], path="rows.xls"),
        jpreport={"sythetic": True},
        titel="x",
    )
    assert len(found) == 5
    assert all(line.startswith("data/datapackage.json") for line in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": None}, "resource t: has no schema"),
        ({"schema": {"fields": []}}, "resource t: has no schema"),
        ({"schema": {"fields": ["id"]}}, '"fields" holds something other than objects'),
        ({"schema": "../s.json"}, "leads out of the folder"),
        ({"schema": "s.json"}, "data/s.json: is not there"),
        ({"path": "https://example.org/t.csv"}, 'the path "https://example.org/t.csv" is remote'),
        ({"path": "../t.csv"}, 'the path "../t.csv" leads out of the folder of the package'),
        ({"path": "/etc/passwd"}, "leads out of the folder of the package"),
        ({"path": "sub\\t.csv"}, "separate folders with /"),
        ({"path": ["a.csv", "b.csv"]}, "names no single file"),
        ({"data": [[1]]}, "names no single file"),
        ({"path": "t.xls"}, 'the format "xls" is not supported; save as csv, xlsx, ods, parquet'),
        ({"name": "two words"}, '"two words" cannot name a table'),
        ({"name": "a-b"}, '"a-b" cannot name a table'),
        ({"name": "Order"}, '"Order" is a word of SQL'),
        ({"shema": {}}, 'there is no property "shema"; did you mean "schema"?'),
        ({"encoding": "utf-9"}, 'the encoding "utf-9" is not known'),
        ({"dialect": {"delimiter": ";;"}}, "the delimiter ';;' is not one character"),
        (
            {"dialect": {"delimeter": ";"}},
            '"delimeter" is not supported; did you mean "delimiter"?',
        ),
        ({"dialect": {"header": False}}, 'the dialect property "header" cannot be False here'),
        ({"dialect": {"sheetName": "A"}}, "names a sheet, but a csv file has none"),
        ({"path": "t.xlsx", "dialect": {"sheet": 0}}, "the sheet 0 is neither a name nor a number"),
        (
            {"missingValues": [""], "schema": {"fields": [{"name": "id"}], "uniqueKeys": [["id"]]}},
            '"uniqueKeys" is not supported',
        ),
        ({"hash": "sha256:00"}, '"hash" is not supported'),
        (
            {"schema": {"fields": [{"name": "id"}], "fieldsMatch": ["some"]}},
            '"fieldsMatch" cannot be "some"',
        ),
        (
            {"schema": {"fields": [{"name": "id", "categories": ["a"]}]}},
            '"categories" is not supported; list the values under "enum"',
        ),
        ({"title": 3}, '"title" is 3, not a text'),
        ({"jpreport": {"dat": "id"}}, 'property "dat" is not supported; did you mean "date"?'),
        (
            {"jpreport": {"date": "day"}},
            '"jpreport.date" names the field "day", which is not there',
        ),
        ({"jpreport": {"date": "id"}}, '"jpreport.date" names "id", which holds no dates'),
    ],
)
def test_what_a_resource_may_not_say(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    assert said in the_fault(tmp_path, {**resource("t", [field("id")]), **change})


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"type": "strng"}, 'field x: the type "strng" is not supported; did you mean "string"?'),
        ({"type": "geopoint"}, "known: boolean, date, datetime, integer, number, string, year"),
        ({"type": "integer", "format": "x"}, 'a field of type integer has no format "x"'),
        ({"type": "date", "format": "any"}, 'the format "any" does not say how a date is written'),
        ({"format": "emial"}, 'the format "emial" is not supported; did you mean "email"?'),
        ({"trueValues": ["yes"]}, 'property "trueValues" does not go with type string'),
        ({"required": True}, '"required" stands outside "constraints"'),
        ({"constraint": {}}, 'there is no property "constraint"; did you mean "constraints"?'),
        (
            {"constraints": {"enumm": []}},
            'constraint "enumm" is not supported; did you mean "enum"?',
        ),
        ({"constraints": {"minimum": 1}}, 'constraint "minimum" does not go with type string'),
        ({"constraints": {"pattern": "("}}, 'the pattern "(" is not a regular expression'),
        (
            {"type": "integer", "constraints": {"minimum": "one"}},
            'the constraint "minimum" holds "one", which is not of its type',
        ),
        (
            {"type": "date", "constraints": {"enum": ["2010-02-30"]}},
            'the constraint "enum" holds "2010-02-30"',
        ),
        ({"constraints": {"minLength": True}}, '"minLength" is true, not a whole number'),
        ({"missingValues": [1]}, '"missingValues" is [1], not a text or a list of texts'),
        ({"name": 'a"b'}, "cannot name a column"),
        ({"name": ""}, "cannot name a column"),
    ],
)
def test_what_a_field_may_not_say(tmp_path: Path, declared: dict[str, Any], said: str) -> None:
    assert said in the_fault(tmp_path, resource("t", [{"name": "x", **declared}]))


def test_resources_without_a_name_and_moments_that_are_none(tmp_path: Path) -> None:
    path = write_package(tmp_path, {"path": "t.csv"}, created="yesterday")
    with pytest.raises(DataError) as caught:
        read_package(path, tmp_path)
    assert [str(problem).partition("\n")[0] for problem in caught.value.problems] == [
        'data/datapackage.json, resource number 1: needs a "name"',
        'data/datapackage.json: "created" is "yesterday", not a moment',
    ]


def test_properties_of_ones_own_are_welcome(tmp_path: Path) -> None:
    write(tmp_path, "t.csv", "id\n")
    entry = resource("t", [{"name": "id", "x-note": 1, "collectedBy": "NGO"}], internal=True)
    assert open_package(tmp_path, entry, contact="x").resources["t"].field_names == ("id",)


def test_names_stand_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        resource("t", [field("id"), field("ID")], path="a.csv"),
        resource("T", [field("id")], path="b.csv"),
    )
    assert any('the field "id" is declared 2 times' in line for line in found)
    assert any('the resource "t" is declared 2 times' in line for line in found)


def test_keys_lead_somewhere(tmp_path: Path) -> None:
    def key(fields: object, table: str, references: object) -> dict[str, object]:
        return {"fields": fields, "reference": {"resource": table, "fields": references}}

    found = faults(
        tmp_path,
        resource("centres", [field("id"), field("number", "integer")], primaryKey="idd"),
        resource(
            "people",
            [field("centre")],
            foreignKeys=[
                key("center", "centres", "id"),
                key("centre", "centers", "id"),
                key("centre", "centres", "ident"),
                key("centre", "centres", "number"),
                key(["centre"], "centres", ["id", "number"]),
                {"fields": "centre"},
            ],
        ),
    )
    for said in (
        'the primary key names the field "idd", which is not there; did you mean "id"?',
        'a foreign key names the field "center", which is not there; did you mean "centre"?',
        'refers to the table "centers", which is not there; did you mean "centres"?',
        'a foreign key to "centres" names the field "ident"',
        '"centre" is of type string, but refers to "centres.number" of type integer',
        "foreign key 5: has 1 fields here and 2 in the reference",
        'foreign key 6: needs "fields" and "reference"',
    ):
        assert any(said in line for line in found), said
    assert len(found) == 7


def test_every_missing_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, "student.csv", "id\n")
    path = write_package(
        tmp_path, resource("students", [field("id")]), resource("other", [field("id")], "o.xlsx")
    )
    with pytest.raises(DataError) as caught:
        read_package(path, tmp_path)
    first, second = caught.value.problems
    assert first.message == "the file data/students.csv is not there"
    assert first.hint == 'did you mean "data/student.csv"?'
    assert second.message == "the file data/o.xlsx is not there"


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("id\n", encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/t.csv").symlink_to(tmp_path / "secret.csv")
    path = write_package(tmp_path, resource("t", [field("id")]))
    with pytest.raises(DataError, match="leads out of the folder"):
        read_package(path, tmp_path)


def test_the_words_of_sql_are_those_of_duckdb() -> None:
    sql = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
    with duckdb.connect() as connection:
        reserved = {word for (word,) in connection.execute(sql).fetchall()}
    assert reserved <= set(SQL_WORDS.split())


def test_reading_a_contract_loads_nothing_heavy() -> None:
    heavy = "{'pandas', 'duckdb', 'pyarrow', 'frictionless', 'openpyxl'}"
    code = f"import sys, jpreport.data; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_package_is_a_value() -> None:
    assert Package(Path("x"), NOWHERE, "", {}) == Package(Path("x"), NOWHERE, "", {})


@pytest.mark.parametrize("key", ["resources", "licenses", "sources"])
def test_a_list_that_is_none_is_named(tmp_path: Path, key: str) -> None:
    path = write_package(tmp_path, resource("t", [field("x")]), **{key: "x"})
    with pytest.raises(DataError, match="not a list"):
        read_package(path, tmp_path)
