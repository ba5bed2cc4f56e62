"""Digests and files that are there whole or not at all."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport import provenance
from jpreport.errors import OutputError

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), values))
def test_digest_does_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert provenance.digest_json(value) == provenance.digest_json(turned)
    assert provenance.to_json_bytes(value) == provenance.to_json_bytes(turned)


def test_file_digest_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert provenance.digest_file(tmp_path / "a") == provenance.digest_bytes(b"abc")


def test_write_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        provenance.write_atomic(tmp_path / "sub" / "a.txt", content)
    assert (tmp_path / "sub" / "a.txt").read_bytes() == b"new"
    assert [path.name for path in (tmp_path / "sub").iterdir()] == ["a.txt"]


def test_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputError, match="choose another with --output"):
        provenance.write_atomic(tmp_path / "file" / "a.txt", b"")


def test_interrupted_write_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provenance.write_atomic(tmp_path / "a", b"old")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        provenance.write_atomic(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_foreign_manifest_counts_as_empty(tmp_path: Path) -> None:
    assert provenance.read_manifest(tmp_path) == {}
    (tmp_path / "manifest.json").write_text('{"version": 99}', encoding="utf-8")
    assert provenance.read_manifest(tmp_path) == {}
    provenance.write_manifest(tmp_path, {"reports": {}})
    assert provenance.read_manifest(tmp_path)["reports"] == {}


def test_environment_is_the_same_twice() -> None:
    assert provenance.environment_digests() == provenance.environment_digests()
