"""Keep open tables as Arrow files: read by their contract once, then opened as they are."""

from __future__ import annotations

import contextlib
from functools import cache
from pathlib import Path
from typing import Any

from jpreport.data.contract import Resource
from jpreport.files import digest_code, digest_json, write_atomic

# What reads and judges records beside the code of this room.
_LIBRARIES = ("duckdb", "openpyxl", "pyarrow", "validators")


@cache
def code_digest() -> str:
    """Return the digest of the code that reads and judges records."""
    return digest_code(Path(__file__).parent, _LIBRARIES)


def reading_of(resource: Resource, content: str) -> list[object]:
    """Return what a table's values depend on: its file's digest, and how the file is read."""
    reading = [resource.format, resource.sheet, resource.delimiter, resource.encoding]
    zones = sorted({field.zone for field in resource.fields})
    return [resource.name, content, reading, resource.schema, zones, repr(resource.cleaning)]


class KeptTables:
    """Arrow files in a folder, by the digest of content, contract and code.

    Tables about persons are never kept: their records stay in one place.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _file(self, resource: Resource, content: str) -> Path:
        key = digest_json([code_digest(), reading_of(resource, content)])
        return self.folder / f"{resource.name}-{key}.arrow"

    def open(self, resource: Resource, content: str) -> Any:  # noqa: ANN401 (pyarrow has no types)
        """Return a kept table, its columns in memory shared with the file; None: there is none."""
        import pyarrow as pa

        if resource.sensitive:
            return None
        try:
            return pa.ipc.open_file(pa.memory_map(str(self._file(resource, content)))).read_all()
        except (OSError, pa.ArrowException):
            return None

    def keep(self, resource: Resource, content: str, table: Any) -> None:  # noqa: ANN401 (the same)
        """Keep a table in place of what was kept of it before."""
        import pyarrow as pa

        if resource.sensitive:
            return
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        # What cannot be kept costs time, nothing else.
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            for old in self.folder.glob(f"{resource.name}-*.arrow"):
                old.unlink()
            write_atomic(self._file(resource, content), sink.getvalue().to_pybytes())
