"""Tables are read block by block: the same as in one, and no more of them is held or read again."""

import io
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_samples import field, open_package, resource, write
from jpreport.data import Package, Records, check_records, kept, quick, reading, scan
from jpreport.data.reading import Reading, read_table
from jpreport.files import file_digests, inputs

FIELDS = [
    field("id", required=True),
    field("kind", enum=["a", "b"]),
    field("n", "integer", maximum=9),
    field("money", "number", minimum=-100),
    field("day", "date"),
]
CELLS = st.tuples(
    st.sampled_from(["1", "2", "3", "x", '"q, r"', ""]),
    st.sampled_from(["a", "b", "c", ""]),
    st.sampled_from(["1", "9", "10", "+3", "0x1F", " 4", ""]),
    st.sampled_from(
        ["1", "1.50", "-0.125", "1e3", "0.12345678", "123456789012345678", "?", "-101"]
    ),
    st.sampled_from(["2010-06-01", "2010-6-2", "1.6.2010", ""]),
).map(",".join)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file be a large one."""
    for room in (inputs, kept, file_digests):
        monkeypatch.setattr(room, "MOST_HELD", 0)
    monkeypatch.setattr(file_digests, "_SETTLED", -1)


def told(read: Reading) -> tuple[Any, ...]:
    table = read.table
    plain = [(one.type, one.to_pylist()) for one in map(reading.plain_text, table.columns)]
    # How a column is written, which a hint may say, is judged by the cells of a block.
    faults = [replace(fault, hint="") for fault in read.found.first]
    return plain, table.column_names, faults, read.found.count, read.broken, read.unread


@given(st.lists(CELLS, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
def test_blocks_are_read_as_the_whole(rows: list[str]) -> None:
    content = io.BytesIO("\n".join(["id,kind,n,money,day", *rows, ""]).encode())
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        table = resource("t", FIELDS, primaryKey="id")
        declared = open_package(write(Path(folder), "t.csv", b"").parents[1], table).resources["t"]
        whole = told(read_table(declared, content))
        patch.setattr(quick, "_BYTES", 60)
        patch.setattr(scan, "_ROWS", 2)
        assert told(read_table(declared, content)) == whole
        assert told(read_table(declared, content, Path(folder))) == whole


def package(root: Path, rows: Iterator[str] | list[str], **more: Any) -> Package:  # noqa: ANN401
    write(root, "t.csv", "\n".join(["id,n", *rows, ""]))
    fields = [field("id"), field("n", "integer", maximum=9)]
    return open_package(root, resource("t", fields, primaryKey="id", **more))


@pytest.mark.usefixtures("small")
def test_keys_and_faults_of_all_blocks_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "_BYTES", 60)
    rows = [f"{number},{number % 10}" for number in range(100)]
    rows += ["", "7,10", *rows[:40]]
    found = check_records(package(tmp_path, rows), tmp_path / "kept")
    assert [str(one.where) for one in found[:3]] == [
        "data/t.csv, row 103, column id",
        "data/t.csv, row 103, column n",
        "data/t.csv, row 104, column id",
    ]
    assert found[0].message == 'the primary key id "7" stands in row 9 already'
    assert found[-1].message == "and 22 more problems"
    assert not [*(tmp_path / "kept").iterdir()]


@pytest.mark.usefixtures("small")
def test_a_large_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again, folder = package(tmp_path, ["1,2", "2,3"]), tmp_path / "state" / "kept"
    assert not check_records(again, folder)

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("the file was read again")

    monkeypatch.setattr(reading, "read_table", refuse)
    monkeypatch.setattr(file_digests, "digest_file", refuse)
    assert not check_records(again, folder)
    with Records(again, kept=folder) as records:
        assert records.query("select sum(n) from t") == [(5,)]


@pytest.mark.usefixtures("small")
def test_what_is_read_of_persons_has_no_name_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    closed = package(tmp_path, ["1,2"], jpreport={"sensitive": {"unit": "id", "dimensions": ["n"]}})
    folder = tmp_path / "kept"
    assert not check_records(closed, folder)
    with Records(closed, persons=True, kept=folder) as records:
        assert records.query("select * from t") == [("1", 2)]
        files = [one for one in temporary.rglob("*") if one.is_file()]
        assert [one.name for one in files] == ["held"]  # the lock of a folder to spill into
    assert not [*folder.glob("*.arrow")]
    assert not [*temporary.iterdir()]
    written: list[int] = []
    real = tempfile.mkstemp

    def seen(*args: Any, **more: Any) -> tuple[int, str]:  # noqa: ANN401 (passed on)
        handle, name = real(*args, **more)
        written.append(Path(name).stat().st_mode & 0o077)
        return handle, name

    monkeypatch.setattr(tempfile, "mkstemp", seen)
    with Records(closed, persons=True, kept=folder) as records:
        assert records.count("t") == 1
    assert written == [0]


def test_threads_share_one_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = package(tmp_path, ["1,2"], jpreport={"sensitive": {"unit": "id", "dimensions": ["n"]}})
    count: list[object] = []
    real = read_table
    monkeypatch.setattr(reading, "read_table", lambda *args: (count.append(args), real(*args))[1])
    with inputs.inputs_read_once():
        check_records(closed, tmp_path / "kept")
        with Records(closed, persons=True) as records:
            assert records.count("t") == 1
    assert len(count) == 1
