from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from disclosure_samples import rules
from jpreport.disclosure.linked import linked_tables
from jpreport.disclosure.secret import SECRET_VARIABLE, programme_secret
from jpreport.errors import DisclosureError


@pytest.fixture(autouse=True)
def _no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    secret = programme_secret(tmp_path)
    assert len(secret) == 32
    assert programme_secret(tmp_path) == secret
    folder = tmp_path / ".jpreport"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600
    assert programme_secret_elsewhere(tmp_path) != secret


def programme_secret_elsewhere(tmp_path: Path) -> bytes:
    other = tmp_path / "other"
    other.mkdir()
    return programme_secret(other)


def test_that_of_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, "ab" * 32)
    assert programme_secret(tmp_path) == programme_secret(tmp_path, synthetic=True) == b"\xab" * 32
    assert not list(tmp_path.iterdir())


def test_where_there_is_nobody_to_protect_it_is_public(tmp_path: Path) -> None:
    assert programme_secret(tmp_path, synthetic=True) == programme_secret(Path(), synthetic=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "short", "ab" * 31, "x" * 64])
def test_one_that_is_no_secret_is_refused(tmp_path: Path, text: str) -> None:
    programme_secret(tmp_path)
    (tmp_path / ".jpreport" / "secret").write_text(text, encoding="ascii")
    with pytest.raises(DisclosureError, match="no hexadecimal number of 64 digits"):
        programme_secret(tmp_path)


class Tables:
    """Two tables of persons in DuckDB."""

    def __init__(self, first: str, second: str) -> None:
        self.connection = duckdb.connect()
        for name, codes in (("first", first), ("second", second)):
            self.connection.execute(f"CREATE TABLE {name} (person_id VARCHAR, code VARCHAR)")
            for code in codes:
                self.connection.execute(f"INSERT INTO {name} VALUES (?, ?)", [code, code])  # noqa: S608

    def query(self, sql: str, _params: object = ()) -> list[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()


@pytest.mark.parametrize(("second", "shared"), [("cdxy", 2), ("wxyz", 0)])
def test_tables_that_share_persons_are_refused(second: str, shared: int) -> None:
    one = rules()
    found = list(linked_tables({"first": one, "second": one}, Tables("abcd", second)))
    assert [str(problem.where) for problem in found] == (["first, second"] if shared else [])
    if shared:
        assert found[0].message.startswith("2 persons stand in both tables")
