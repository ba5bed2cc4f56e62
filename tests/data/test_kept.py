"""Open tables are read by their contract once, then opened as Arrow; those of persons never."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from data_samples import field, open_package, resource, write
from jpreport.data import Package, Records, kept
from jpreport.errors import DataError

CSV = "id,day,money\n1,2020-01-01,1.50\n2,,2\n"
FIELDS = [field("id", "integer"), field("day", "date"), field("money", "number")]


def package(root: Path, content: str = CSV, **more: object) -> Package:
    write(root, "t.csv", content)
    return open_package(root, resource("t", FIELDS, **more))


def rows(package: Package, folder: Path, *, persons: bool = False) -> list[tuple[object, ...]]:
    with Records(package, persons=persons, kept=folder) as records:
        return records.query("select * from t")


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file itself be unreadable."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("the file was read again")

    monkeypatch.setattr("jpreport.data.reading.read_table", refuse)


def test_a_kept_table_is_what_the_file_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "kept"
    first = rows(package(tmp_path), folder)
    request.getfixturevalue("unread")
    assert rows(package(tmp_path), folder) == first
    with Records(package(tmp_path), kept=folder) as records:
        assert records.frame("t")["money"].tolist() == [1.5, 2.0]
        assert records.digest("t")


@pytest.mark.parametrize("change", ["content", "contract", "code", "damage"])
def test_another_content_contract_or_code_is_read_anew(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "kept"
    rows(package(tmp_path), folder)
    again = package(tmp_path)
    if change == "content":
        again = package(tmp_path, CSV + "3,,3\n")
    elif change == "contract":
        again = package(tmp_path, missingValues=["", "2"])
    elif change == "code":
        monkeypatch.setattr(kept, "code_digest", lambda: "another")
    else:
        [file] = folder.iterdir()
        file.write_bytes(file.read_bytes()[:100])
    request.getfixturevalue("unread")
    with pytest.raises(AssertionError):
        rows(again, folder)
    monkeypatch.undo()
    rows(again, folder)
    assert len(list(folder.iterdir())) == 1


def test_tables_of_persons_are_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    closed = package(tmp_path, jpreport={"sensitive": {"unit": "id", "dimensions": ["day"]}})
    assert rows(closed, folder, persons=True)
    assert not folder.exists()
    with pytest.raises(DataError):
        rows(closed, folder)


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.write_text("a file", "utf-8")
    assert len(rows(package(tmp_path), folder)) == 2
