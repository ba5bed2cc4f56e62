"""Records opened: the same values from every format, SQL that sees nothing else."""

import csv
import datetime as dt
import io
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_samples import field, open_package, resource, write, write_parquet, write_xlsx
from jpreport.data import Package, Records, check_records, quick, scan
from jpreport.data.form import Fault, Scan
from jpreport.data.reading import read_table
from jpreport.errors import DataError
from jpreport.files import digest_file

FIELDS = [
    field("name"),
    field("age", "integer"),
    field("cost", "number"),
    field("ok", "boolean"),
    field("day", "date"),
    field("at", "datetime"),
    field("born", "year"),
]
CSV = """\
name,age,cost,ok,day,at,born
Ана,20,1.50,true,2010-06-01,2010-06-01T08:30:00,1990
,,,,,,
"a, ""b""
c",-1,-0.25,false,2012-10-31,2012-10-31T00:00:00Z,0001
z,,,,,,
"""


@pytest.fixture
def package(tmp_path: Path) -> Package:
    write(tmp_path, "people.csv", CSV)
    write(tmp_path, "other.csv", "name,n\nz,1\n")
    return open_package(
        tmp_path,
        resource("people", FIELDS),
        resource("other", [field("name"), field("n", "integer")]),
    )


def test_records_have_the_types_of_their_contract(package: Package) -> None:
    with Records(package) as records:
        assert records.query("select * from people") == [
            (
                "Ана",
                20,
                Decimal("1.50"),
                True,
                dt.date(2010, 6, 1),
                dt.datetime(2010, 6, 1, 8, 30),  # noqa: DTZ001
                1990,
            ),
            (
                'a, "b"\nc',
                -1,
                Decimal("-0.25"),
                False,
                dt.date(2012, 10, 31),
                dt.datetime(2012, 10, 31),  # noqa: DTZ001
                1,
            ),
            ("z", None, None, None, None, None, None),
        ]
        types = "select column_name, column_type from (describe people)"
        assert dict(records.query(types)) == {
            "name": "VARCHAR",
            "age": "BIGINT",
            "cost": "DECIMAL(18,2)",
            "ok": "BOOLEAN",
            "day": "DATE",
            "at": "TIMESTAMP",
            "born": "BIGINT",
        }
        assert records.relation("people").filter("age > 0").fetchall()[0][0] == "Ана"
        assert records.count("people") == 3
        assert records.digest("people") == digest_file(package.resources["people"].path)


def test_a_frame_is_typed_and_ones_own(package: Package) -> None:
    with Records(package) as records:
        frame = records.frame("people")
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
            "name": "string",
            "age": "Int64",
            "cost": "float64",
            "ok": "boolean",
            "day": "datetime64[us]",
            "at": "datetime64[us]",
            "born": "Int64",
        }
        assert frame["age"].sum() == 19
        assert frame["day"].max() == pd.Timestamp("2012-10-31")
        assert frame["age"].isna().tolist() == [False, False, True]
        assert np.isnan(frame["cost"].iloc[2])
        for column in frame:
            frame.loc[0, column] = frame.loc[1, column]
        assert records.frame("people")["name"].tolist() == ["Ана", 'a, "b"\nc', "z"]
        assert records.count("people") == 3
        assert records.query("select name from people limit 1") == [("Ана",)]


def test_tables_are_read_when_they_are_named_anywhere(package: Package) -> None:
    with Records(package) as records:
        assert records.tables_read == frozenset()
        # Names of columns and texts are no tables.
        assert records.query("select count(*) as other, 'other' from people") == [(3, "other")]
        assert records.tables_read == {"people"}
    for sql in (
        "select (select sum(n) from other)",
        "select 1 where 1 in (select n from OTHER)",
        "with t as (select * from other) select n from t",
        'select n from "other"',
        "from other select n",
        "select n from main.other",
        "select 1 from other union all select 1 from other limit 1",
    ):
        with Records(package) as records:
            assert records.query(sql) == [(1,)]
            assert records.tables_read == {"other"}


def test_a_query_takes_parameters(package: Package) -> None:
    with Records(package) as records:
        sql = "select name from people where day between ? and ?"
        assert records.query(sql, [dt.date(2010, 1, 1), dt.date(2010, 12, 31)]) == [("Ана",)]


def test_sums_of_money_are_exact(tmp_path: Path) -> None:
    write(tmp_path, "t.csv", "x\n" + "0.10\n" * 1000)
    package = open_package(tmp_path, resource("t", [field("x", "number")]))
    with Records(package) as records:
        assert records.query("select sum(x), sum(x) = 100 from t") == [(Decimal(100), True)]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1000", "2.00"], "DECIMAL(18,0)"),
        (["1.250", "2"], "DECIMAL(18,2)"),
        (["0.000001", "999999999999"], "DECIMAL(18,6)"),
        (["0.0000001"], "DOUBLE"),
        (["0.000001", "1000000000000"], "DOUBLE"),
        (["1e3"], "DECIMAL(18,0)"),
        (["1e30"], "DOUBLE"),
    ],
)
def test_numbers_are_decimals_where_they_look_like_money(
    tmp_path: Path, values: list[str], kind: str
) -> None:
    write(tmp_path, "t.csv", "\n".join(["x", *values]))
    package = open_package(tmp_path, resource("t", [field("x", "number")]))
    with Records(package) as records:
        assert records.query("select distinct typeof(x) from t") == [(kind,)]
        assert records.query("select x::double from t") == [(float(value),) for value in values]


def test_a_table_without_records(tmp_path: Path) -> None:
    write(tmp_path, "t.csv", ",".join(entry["name"] for entry in FIELDS) + "\n")
    package = open_package(tmp_path, resource("t", FIELDS))
    assert check_records(package) == ()
    with Records(package) as records:
        assert records.query("select count(*), sum(cost) from t") == [(0, None)]
        assert str(records.frame("t")["day"].dtype) == "datetime64[us]"
        assert str(records.frame("t")["name"].dtype) == "string"


# SQL that reaches for something else.


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('{secret}')",
        "select * from read_text('{secret}')",
        "select * from read_blob('{secret}')",
        "select * from read_parquet('{secret}')",
        "select * from '{secret}'",
        "select * from glob('{folder}/*')",
        "select (select content from read_text('{secret}'))",
        "select * from query('select * from read_text(''{secret}'')')",
        "select * from duckdb_secrets()",
        "copy people to '{folder}/out.csv'",
        "copy (select 1) to '{folder}/out.csv'",
        "export database '{folder}/out'",
        "attach '{folder}/out.db'",
        "install httpfs",
        "load httpfs",
        "load '{folder}/out.duckdb_extension'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "reset lock_configuration",
        "set threads = 8",
        "pragma threads = 8",
        "pragma enable_profiling",
        "set profiling_output = '{folder}/out'",
        "call enable_logging()",
        "create table x as select 1",
        "create macro f() as 1",
        "drop view people",
        "delete from people",
        "insert into people select * from people",
        "explain analyze select 1",
        "select 1; select 2",
        "select 1; copy people to '{folder}/out.csv'",
        "select frame from frame",
        "",
    ],
)
def test_sql_can_neither_read_nor_write_files_nor_change_anything(
    package: Package, tmp_path: Path, sql: str
) -> None:
    frame = pd.DataFrame({"frame": [1]})
    secret = tmp_path / "secret.csv"
    secret.write_text("do not read\n1\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    with Records(package) as records:
        assert records.count("people") == 3
        with pytest.raises(DataError) as caught:
            records.query(sql.format(secret=secret, folder=tmp_path))
        assert "do not read" not in str(caught.value)
        assert records.query("select count(*) from people") == [(3,)]
        assert records.query("select current_setting('threads')") == [(1,)]
    assert sorted(tmp_path.rglob("*")) == before
    assert len(frame) == 1


@pytest.mark.parametrize(
    ("sql", "message", "hint"),
    [
        ("select * from peopel", 'there is no table "peopel"', 'did you mean "people"?'),
        ("select agee from people", 'there is no column "agee"', 'did you mean "age"?'),
        ("selec 1", 'the SQL fails: syntax error at or near "selec"', ""),
        (
            "select count(* from people",
            'the SQL fails: syntax error at or near "from"',
            "",
        ),
        (
            "select * from read_text('/etc/hostname')",
            "the SQL tries to read or write files, or to change settings",
            "ask the package's tables only: people, other",
        ),
        ("drop view people", "the SQL is not one SELECT statement", "write a single SELECT"),
    ],
)
def test_what_is_said_of_wrong_sql(package: Package, sql: str, message: str, hint: str) -> None:
    with Records(package) as records, pytest.raises(DataError) as caught:
        records.query(sql)
    (problem,) = caught.value.problems
    assert (problem.message, problem.hint) == (message, hint)


def test_an_unknown_table(package: Package) -> None:
    with Records(package) as records:
        for ask in (records.frame, records.relation, records.count, records.digest):
            with pytest.raises(DataError, match=r'no table "peple"\n  did you mean "people"\?'):
                ask("peple")


def test_a_file_that_vanished(package: Package) -> None:
    package.resources["people"].path.unlink()
    with Records(package) as records, pytest.raises(DataError, match="cannot be read"):
        records.frame("people")


# One meaning in every format.

names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=8
).filter(lambda text: not text.startswith(("=", "#")) and "_x" not in text)
days = st.dates(dt.date(1900, 3, 1), dt.date(2100, 1, 1))
rows_of_values = st.lists(
    st.tuples(
        st.none() | names.map(lambda text: text or None),
        st.none() | st.integers(-(10**15), 10**15),
        st.none() | st.decimals(-(10**7), 10**7, places=2),
        st.none() | st.booleans(),
        st.none() | days,
        st.none()
        | st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(2100, 1, 1)).map(  # noqa: DTZ001
            lambda moment: moment.replace(microsecond=0)
        ),
        st.none() | st.integers(0, 9999),
    ),
    max_size=6,
)


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def write_all(folder: Path, rows: Sequence[tuple[Any, ...]]) -> Package:
    """Write the rows as CSV, XLSX and Parquet tables c, x and p."""
    header = [entry["name"] for entry in FIELDS]
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(header)
    for row in rows:
        # A year has four digits.
        year = None if row[6] is None else f"{row[6]:04}"
        writer.writerow([*map(as_text, row[:6]), year])
    write(folder, "c.csv", file.getvalue())
    write_xlsx(folder, "x.xlsx", [header, *rows])
    kinds = [
        pa.string(),
        pa.float64(),
        pa.float64(),
        pa.bool_(),
        pa.date32(),
        pa.timestamp("us"),
        pa.int32(),
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    arrays = [
        pa.array([float(v) if isinstance(v, Decimal) else v for v in column], kind)
        for column, kind in zip(columns, kinds, strict=True)
    ]
    write_parquet(folder, "p.parquet", dict(zip(header, arrays, strict=True)))
    return open_package(
        folder,
        *(resource(path[0], FIELDS, path=path) for path in ("c.csv", "x.xlsx", "p.parquet")),
    )


@given(rows_of_values)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_format_gives_the_same_values(rows: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        package = write_all(Path(folder), rows)
        assert check_records(package) == ()
        expected = [row for row in rows if any(value is not None for value in row)]
        with Records(package) as records:
            for name in "cxp":
                assert records.query(f"select * from {name}") == expected  # noqa: S608
            types = [records.query(f"describe {name}") for name in "cxp"]
            assert types[0] == types[1] == types[2]
            frames = [records.frame(name) for name in "cxp"]
        pd.testing.assert_frame_equal(frames[0], frames[1])
        pd.testing.assert_frame_equal(frames[0], frames[2])


def joined(blocks: Iterable[Scan]) -> tuple[list[int], dict[str, list[Any]], list[Fault]]:
    rows, faults = list[int](), list[Fault]()
    columns: dict[str, list[Any]] = {"a": [], "b": []}
    for block in blocks:
        rows += map(int, block.rows)
        faults += block.faults
        for name, cells in block.columns.items():
            columns[name] += cells.to_pylist() if isinstance(cells, pa.Array) else cells
    return rows, columns, faults


LINE = st.lists(
    st.sampled_from(
        ["a", "x\xa0 y ", "é", "", ",", '"', '""', '"a"', '"a,b"', '"é""\n"', " ", "\r"]
    ),
    min_size=2,
    max_size=3,
).map(",".join)


@pytest.mark.parametrize("size", [1 << 20, 40])
@given(
    lines=st.lists(LINE, max_size=6),
    head=st.sampled_from(["\ufeffa,b\n", '"a",b\r\n', "title\n\na,b\n"]),
    clean=st.sampled_from([{}, {"trim": True}, {"trim": True, "leaveOut": {"a": ["a"]}}]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
def test_what_is_split_fast_is_split_as_with_care(
    lines: list[str], head: str, clean: dict[str, Any], size: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "_BYTES", size)
        patch.setattr(scan, "_ROWS", max(size // 20, 1))
        file = io.BytesIO((head + "\n".join(lines)).encode())
        write(Path(folder), "t.csv", file.getvalue())
        more: dict[str, Any] = {"jpreport": {"clean": clean}} if clean else {}
        if head.startswith("title"):
            more["dialect"] = {"headerRows": [3], "commentRows": [5]}
        table = resource("t", [field("a"), field("b")], missingValues=[], **more)
        declared = open_package(Path(folder), table).resources["t"]
        with suppress(quick.UnsureError):
            fast = joined(quick.quick_scans(declared, file))
            assert fast == joined(scan.scans(declared, file))


@pytest.mark.parametrize("content", [b"", b"a\n1\n", b"a,b\n1\n", b"a,b\n\xff,1\n", b"a,b\nx,y\n"])
def test_loading_refuses_what_breaks_the_contract(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "t.csv", content)
    package = open_package(tmp_path, resource("t", [field("a"), field("b", "integer")]))
    assert read_table(package.resources["t"], io.BytesIO(content)).broken


def test_what_pandas_writes_is_read(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "name": pd.Categorical(["a", None, "a"]),
            "age": [1, None, 3],
            "cost": np.array([0.1, 0.2, 0.3], "float32"),
            "ok": [True, None, False],
            "day": pd.to_datetime(["2010-06-01", None, "2010-06-02"]),
            "at": pd.to_datetime(["2010-06-01 08:00", None, "2010-06-02 09:00"]).tz_localize("UTC"),
            "born": [1990, 1991, 1992],
        },
        index=[5, 6, 7],
    )
    frame.to_parquet(write(tmp_path, "t.parquet", b""))
    package = open_package(tmp_path, resource("t", FIELDS, path="t.parquet"))
    assert check_records(package) == ()
    with Records(package) as records:
        day = dt.date(2010, 6, 1)
        at = dt.datetime(2010, 6, 1, 8)  # noqa: DTZ001
        assert records.query("select * from t limit 2") == [
            ("a", 1, Decimal("0.1"), True, day, at, 1990),
            (None, None, Decimal("0.2"), None, None, None, 1991),
        ]


def test_missing_values_and_formats_hold_for_every_file(tmp_path: Path) -> None:
    fields = [
        field("code"),
        {**field("n", "integer"), "missingValues": ["-99"]},
        {**field("day", "date"), "format": "%d.%m.%Y"},
        {**field("cost", "number"), "decimalChar": ",", "groupChar": "."},
        {**field("ok", "boolean"), "trueValues": ["da"], "falseValues": ["ne"]},
    ]
    rows = [["code", "n", "day", "cost", "ok"], ["n/a", "-99", "1.6.2010", "1.234,5", "da"]]
    write(tmp_path, "c.csv", "\n".join(";".join(row) for row in rows))
    write_xlsx(tmp_path, "x.xlsx", [rows[0], ["n/a", -99, dt.date(2010, 6, 1), 1234.5, True]])
    package = open_package(
        tmp_path,
        resource("c", fields, missingValues=["n/a", ""], dialect={"delimiter": ";"}),
        resource("x", fields, "x.xlsx", missingValues=["n/a", ""]),
    )
    assert check_records(package) == ()
    with Records(package) as records:
        for name in "cx":
            assert records.query(f"select * from {name}") == [  # noqa: S608
                (None, None, dt.date(2010, 6, 1), Decimal("1234.5"), True)
            ]


@pytest.mark.slow
def test_two_hundred_thousand_rows_open_in_a_moment(tmp_path: Path) -> None:
    lines = [
        f"P{n},{n % 90},{n % 977}.{n % 100:02},,2010-06-{n % 30 + 1:02},," for n in range(200_000)
    ]
    write(tmp_path, "t.csv", "\n".join(["name,age,cost,ok,day,at,born", *lines]))
    package = open_package(tmp_path, resource("t", FIELDS))
    with Records(package) as records:
        records.query("select 1")
        started = time.process_time()
        assert records.query("select count(distinct name) from t") == [(200_000,)]
        # Generous: the machine is shared. It takes about 0.4 s alone.
        assert time.process_time() - started < 3
