"""Digests of files and listings, where a big file that is the same is not read again."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jpreport.files.atomic import read_json, to_json_bytes, write_atomic
from jpreport.files.canonical import canonical_or_same
from jpreport.files.digests import digest_bytes, digest_file, digest_json
from jpreport.files.inputs import MOST_HELD, READ, read_input, stamp_of

_SETTLED = 2_000_000_000  # nanoseconds
# What is ignored in a folder's listing: editors and notebooks leave and change these.
_PASSING = (".", "__pycache__")


class FileDigests:
    """SHA-256 digests by content; time stamps only tell that a big file is still the same.

    `kept` is the file that remembers the digests of big files from one build to the next.
    """

    def __init__(self, kept: Path | None = None) -> None:
        self._kept = kept
        self._known: dict[str, Any] | None = None
        self._new: dict[str, Any] = {}

    def digest(self, path: Path) -> str:
        """Return the digest of a file, of a folder's listing, or "" for what is not there."""
        return self._digest(path, Path.read_bytes)

    def _digest(self, path: Path, read: Callable[[Path], bytes]) -> str:
        if path.is_dir():
            names = (entry.name for entry in os.scandir(path))
            return digest_json(
                sorted(n for n in names if not n.startswith(_PASSING) and not n.endswith(".ipynb"))
            )
        try:
            status = path.stat()
        except OSError:
            return ""
        if status.st_size <= MOST_HELD:
            return digest_bytes(read(path))
        return self._big_digest(path, status)

    def digest_input(self, path: Path) -> str:
        """Return the digest of what a build reads: of a notebook, that of its canonical form.

        It is that of its one reading: see `inputs_read_once`.
        """
        if path.suffix != ".ipynb" or not path.is_file():
            return self._digest(path, read_input)
        return digest_bytes(canonical_or_same(read_input(path)))

    def save(self) -> None:
        """Write down the digests of big files, beside those that others have written meanwhile."""
        if self._new and self._kept:
            write_atomic(self._kept, to_json_bytes({**read_json(self._kept), **self._new}))
            self._new = {}

    def _big_digest(self, path: Path, status: os.stat_result) -> str:
        if self._known is None:
            self._known = dict(read_json(self._kept)) if self._kept else {}
        stamp = stamp_of(status)
        known = self._known.get(str(path))
        if known and known["stamp"] == stamp:
            sys.audit(READ, os.path.realpath(path))
            return str(known["digest"])
        digest = digest_file(path)
        # A change within one tick of the file system's clock would leave the stamp as it is.
        if stamp_of(path.stat()) == stamp and time.time_ns() - status.st_ctime_ns > _SETTLED:
            self._known[str(path)] = self._new[str(path)] = {"stamp": stamp, "digest": digest}
        return digest
