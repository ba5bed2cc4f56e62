"""Digests and files that are there whole or not at all."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport import files as provenance
from jpreport.errors import OutputError
from jpreport.files import file_digests
from jpreport.files.atomic import remove_unfinished
from jpreport.files.digests import run_too

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


def test_damaged_record_counts_as_none(tmp_path: Path) -> None:
    store = provenance.Store(tmp_path)
    assert store.edition("a") is None
    record = provenance.EditionRecord("a", "a.ipynb", {}, "A", 0, [], None, {}, {}, {}, "", {})
    store.keep_edition("a", record)
    assert store.edition("a") == record
    assert store.editions() == ("a",)
    for damage in (b"", b"{", b"[]", b'{"version": 99}', b'{"version": 1, "title": "A"}'):
        (tmp_path / "editions/a.json").write_bytes(damage)
        assert store.edition("a") is None
    store.forget_edition("a")
    assert store.editions() == ()


def test_big_file_is_read_again_only_if_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_digests, "MOST_HELD", 3)
    monkeypatch.setattr(file_digests, "_SETTLED", 0)
    read: list[Path] = []

    def digest(path: Path) -> str:
        read.append(path)
        return provenance.digest_bytes(path.read_bytes())

    monkeypatch.setattr(file_digests, "digest_file", digest)
    big = tmp_path / "big"
    big.write_bytes(b"abcd")
    first = provenance.FileDigests(tmp_path / "digests.json")
    assert first.digest(big) == first.digest(big) == provenance.digest_bytes(b"abcd")
    first.save()
    assert provenance.FileDigests(tmp_path / "digests.json").digest(big) == provenance.digest_bytes(
        b"abcd"
    )
    assert len(read) == 1
    status = big.stat()
    big.write_bytes(b"abce")
    os.utime(big, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert provenance.FileDigests(tmp_path / "digests.json").digest(big) == provenance.digest_bytes(
        b"abce"
    )
    assert len(read) == 2


def test_clock_in_the_past_keeps_no_digest_of_a_big_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_digests, "MOST_HELD", 3)
    monkeypatch.setattr(file_digests.time, "time_ns", lambda: 0)
    (tmp_path / "big").write_bytes(b"abcd")
    digests = provenance.FileDigests(tmp_path / "digests.json")
    digests.digest(tmp_path / "big")
    digests.save()
    assert not (tmp_path / "digests.json").exists()


def test_listing_of_a_folder_is_its_names(tmp_path: Path) -> None:
    store = provenance.FileDigests()
    (tmp_path / "f").mkdir()
    before = store.digest(tmp_path / "f")
    (tmp_path / "f/.hidden").touch()
    (tmp_path / "f/note.ipynb").touch()
    assert store.digest(tmp_path / "f") == before
    (tmp_path / "f/table.csv").touch()
    assert store.digest(tmp_path / "f") != before
    assert store.digest(tmp_path / "nowhere") == ""


def test_second_build_in_a_folder_is_refused_while_one_runs(tmp_path: Path) -> None:
    lock, output = tmp_path / "state/lock", tmp_path / "outputs"
    with provenance.locked(lock, output):
        code = (
            "import sys; from pathlib import Path\n"
            "from jpreport.files import locked\n"
            "with locked(*map(Path, sys.argv[1:])): print('in')"
        )
        run = [sys.executable, "-c", code, str(lock), str(output)]
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        assert (
            f"{output}: another build is running in this folder (process {os.getpid()})"
            in done.stderr
        )
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout == "in\n"


def test_environment_is_the_same_twice() -> None:
    assert provenance.environment_digests() == provenance.environment_digests()


def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "executed").mkdir()
    kept = [tmp_path / "a.html", tmp_path / "executed/.hidden", tmp_path / ".nojekyll"]
    for path in (*kept, tmp_path / ".a.html.x1y2z3w4", tmp_path / "executed/.a.ipynb.abcdefgh"):
        path.touch()
    remove_unfinished(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)


def test_an_exporter_that_changed_is_another_one_in_the_same_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "notes-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[jpreport.formats]\nnote = notes.form:FORMAT\n")
    (tmp_path / "notes").mkdir()
    form = tmp_path / "notes" / "form.py"
    form.write_text("FORMAT = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = provenance.environment_digests()
    form.write_text("FORMAT = 2\n")
    after = provenance.environment_digests()
    assert [name for name in before if before[name] != after[name]] == ["templates"]


def test_what_only_sets_a_report_is_nothing_that_a_run_needs() -> None:
    package = Path(provenance.__file__).parents[1]
    rooms = "execute", "notebook", "figures", "disclosure", "data", "programme", "forms", "design"
    waiting = [path for room in rooms for path in (package / room).rglob("*.py")]
    needed = set()
    while waiting:
        text = waiting.pop().read_text("utf-8")
        for room, name in re.findall(r"jpreport\.(document|export)\.(\w+)", text):
            path = package / room / f"{name}.py"
            if path not in needed:
                needed.add(path)
                waiting.append(path)
    names = {path.relative_to(package).as_posix() for path in needed}
    assert names == run_too(package) - {"document/__init__.py"}
