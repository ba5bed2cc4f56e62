"""Keep open tables as Arrow files: read by their contract once, then opened as they are."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jpreport.data.contract import Resource
from jpreport.files import FileDigests, digest_code, digest_json
from jpreport.files.inputs import MOST_HELD, Stamp, made_once, open_input, stamp_of

if TYPE_CHECKING:
    from jpreport.data.reading import Reading

# What reads and judges records beside the code of this room.
_LIBRARIES = ("duckdb", "openpyxl", "pyarrow", "validators")
_PATIENCE = 3


@cache
def code_digest() -> str:
    """Return the digest of the code that reads and judges records."""
    return digest_code(Path(__file__).parent, _LIBRARIES)


def reading_of(resource: Resource, content: str) -> list[object]:
    """Return what a table's values depend on: its file's digest, and how the file is read."""
    reading = [resource.format, resource.sheet, resource.delimiter, resource.encoding]
    zones = sorted({field.zone for field in resource.fields})
    return [resource.name, content, reading, resource.schema, zones, repr(resource.cleaning)]


@dataclass(frozen=True, slots=True)
class Opened:
    """A table that was read, or kept from an earlier reading; `digest` is that of its file."""

    reading: Reading
    digest: str
    kept: Path | None = None


class Tables:
    """The tables of a package, each read once; open ones are kept in a folder, if there is one.

    Kept are Arrow files, by the digest of content, contract and code. Tables about persons are
    never kept: a large one is written to a private file that has no name any more when it is
    read, and is gone when nobody reads it.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._digests = FileDigests(folder and folder.parent / "digests.json")

    def digest(self, resource: Resource) -> str:
        """Return the digest of a table's file; raises OSError."""
        resource.path.stat()
        digest = self._digests.digest_input(resource.path)
        with suppress(OSError):
            self._digests.save()
        return digest

    def open(self, resource: Resource) -> Opened:
        """Return a table; raises OSError."""
        for _ in range(_PATIENCE):
            before = _stamp(resource.path)
            digest = self.digest(resource)
            key = digest_json([code_digest(), reading_of(resource, digest)])
            make = partial(self._open, resource, digest, key)
            opened = made_once((key, not resource.sensitive and self._folder), make)
            if stamp_of(resource.path.stat()) == before:
                return opened
        raise OSError("it is being written to")

    def _open(self, resource: Resource, digest: str, key: str) -> Opened:
        from jpreport.data import reading  # needed where records are read, and not before

        folder = None if resource.sensitive else self._folder
        if folder is None:
            return Opened(self._read(resource, None), digest)
        file = folder / f"{resource.name}-{key}.arrow"
        with suppress(OSError, ValueError):  # also what Arrow raises
            return Opened(reading.kept(resource, file), digest, file)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            read = self._read(resource, folder)
        except OSError:
            # What cannot be kept costs time, nothing else.
            return Opened(self._read(resource, None), digest)
        if read.found.count or read.path is None:
            read.let_go()
            return Opened(read, digest)
        for old in folder.glob(f"{resource.name}-*.*"):
            if old != read.path:
                old.unlink(missing_ok=True)
        read.path.replace(file)
        return Opened(read, digest, file)

    @staticmethod
    def _read(resource: Resource, folder: Path | None) -> Reading:
        from jpreport.data.reading import read_table

        with open_input(resource.path) as file:
            large = resource.path.stat().st_size > MOST_HELD
            where = Path(tempfile.gettempdir()) if folder is None and large else folder
            read = read_table(resource, file, where)
        if folder is None:
            read.let_go()
        return read


def _stamp(path: Path) -> Stamp:
    try:
        return stamp_of(path.stat())
    except OSError:
        with path.open("rb"):  # a file that is closed says so, where it is not there as well
            raise


def cleaned_digest(opened: Opened, make: Callable[[Any], str]) -> str:
    """Return the digest of a table as its cleaning left it, kept beside the table."""
    beside = opened.kept and opened.kept.with_suffix(".cleaned")
    if beside is not None:
        with suppress(OSError):
            return beside.read_text("ascii")
    digest = make(opened.reading.table)
    if beside is not None:
        with suppress(OSError):
            beside.write_text(digest, "ascii")
    return digest
