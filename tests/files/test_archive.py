"""An archive is the same wherever it is made, and its seal tells whether a byte was altered."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.files import is_intact
from jpreport.files.archive import zipped

MEMBERS = st.dictionaries(st.text("abc/.", min_size=1), st.binary(max_size=300), max_size=4)


@given(members=MEMBERS, sealed=st.booleans())
def test_what_was_packed_is_read_in_its_order(members: dict[str, bytes], *, sealed: bool) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(members, sealed=sealed))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == members
        assert archive.namelist() == [*members]


@given(MEMBERS, st.data())
def test_an_altered_byte_breaks_the_seal(members: dict[str, bytes], data: st.DataObject) -> None:
    content = bytearray(zipped(members, sealed=True))
    assert is_intact(bytes(content))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1
    assert not is_intact(bytes(content))


def test_it_is_of_no_day_and_no_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    first = zipped({"mimetype": b"x", "a": b"y" * 99})
    monkeypatch.setattr("sys.platform", "win32")
    assert zipped({"mimetype": b"x", "a": b"y" * 99}) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
