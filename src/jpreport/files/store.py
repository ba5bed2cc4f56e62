"""What is known of the last build: a record an edition, written as soon as it is done."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jpreport.files.atomic import read_json, to_json_bytes, write_atomic
from jpreport.files.digests import digest_file, digest_json

VERSION = 1
# Smaller files are read in less time than it takes to be sure that they are the same.
_BIG = 8 * 1024 * 1024
_SETTLED = 2_000_000_000  # nanoseconds
# What is ignored in a folder's listing: editors and notebooks leave and change these.
_PASSING = (".", "__pycache__")


class Store:
    """The records of an output folder, under `.cache` in it.

    Each is replaced as a whole when its edition is done, so that a crash at any moment loses
    at most what was running. Content digests decide what is stale, never time stamps: those
    only tell that a big file need not be read again.
    """

    def __init__(self, output: Path) -> None:
        self.folder = output / ".cache"
        self._digests: dict[str, Any] | None = None

    @property
    def lock(self) -> Path:
        """The file that a build locks."""
        return self.folder / "lock"

    @property
    def checked(self) -> Path:
        """Where it is kept which records have passed their contract."""
        return self.folder / "checked"

    @property
    def cubes(self) -> Path:
        """Where the protected cubes of the release are kept."""
        return self.folder / "cubes"

    def edition(self, slug: str) -> Mapping[str, Any]:
        """Return the record of an edition; empty if it was not built by this version."""
        record = read_json(self._edition(slug))
        return record if record.get("version") == VERSION else {}

    def keep_edition(self, slug: str, record: Mapping[str, Any]) -> None:
        """Write the record of an edition that has been built."""
        write_atomic(self._edition(slug), to_json_bytes({"version": VERSION, **record}))

    def forget_edition(self, slug: str) -> None:
        """Remove the record of an edition."""
        self._edition(slug).unlink(missing_ok=True)

    def editions(self) -> tuple[str, ...]:
        """Return the slugs of all editions that there are records of."""
        return tuple(sorted(path.stem for path in (self.folder / "editions").glob("*.json")))

    def survey(self) -> Mapping[str, Any]:
        """Return what the last complete build kept of its survey; empty if there is none."""
        kept = read_json(self.folder / "survey.json")
        return kept if kept.get("version") == VERSION else {}

    def keep_survey(self, survey: Mapping[str, Any]) -> None:
        """Write what a later build needs to see that nothing changed."""
        write_atomic(self.folder / "survey.json", to_json_bytes({"version": VERSION, **survey}))

    def forget_survey(self) -> None:
        """Let the next build look at everything again."""
        (self.folder / "survey.json").unlink(missing_ok=True)

    def audited(self) -> Mapping[str, Any]:
        """Return what the last audit that found nothing had looked at; empty if there is none."""
        kept = read_json(self.folder / "audit.json")
        return kept if kept.get("version") == VERSION else {}

    def keep_audited(self, audited: Mapping[str, Any]) -> None:
        """Write which files an audit found nothing in, and what it compared them with."""
        write_atomic(self.folder / "audit.json", to_json_bytes({"version": VERSION, **audited}))

    def closed(self) -> dict[str, str]:
        """Return the digests of the files with records of persons, which no manifest tells."""
        return {str(name): str(one) for name, one in read_json(self.folder / "closed.json").items()}

    def keep_closed(self, digests: Mapping[str, str]) -> None:
        """Write the digests of the files with records of persons that a release was made from."""
        write_atomic(self.folder / "closed.json", to_json_bytes(dict(digests)))

    def times(self) -> dict[str, float]:
        """Return how many seconds each edition took when it was last made; for estimates only."""
        kept = read_json(self.folder / "times.json")
        return {slug: float(s) for slug, s in kept.items() if isinstance(s, int | float)}

    def keep_times(self, seconds: Mapping[str, float]) -> None:
        """Write down how long editions took."""
        kept = {slug: round(s, 2) for slug, s in seconds.items()}
        write_atomic(self.folder / "times.json", to_json_bytes(kept))

    def digest(self, path: Path) -> str:
        """Return the digest of a file, of a folder's listing, or "" for what is not there."""
        if path.is_dir():
            names = (entry.name for entry in os.scandir(path))
            return digest_json(
                sorted(n for n in names if not n.startswith(_PASSING) and not n.endswith(".ipynb"))
            )
        try:
            status = path.stat()
        except OSError:
            return ""
        if status.st_size < _BIG:
            return digest_file(path)
        return self._big_digest(path, status)

    def save_digests(self) -> None:
        """Write down the digests of big files, so that the next build need not read them."""
        if self._digests:
            write_atomic(self.folder / "digests.json", to_json_bytes(self._digests))

    def _big_digest(self, path: Path, status: os.stat_result) -> str:
        if self._digests is None:
            self._digests = dict(read_json(self.folder / "digests.json"))
        # The time of change (ctime) cannot be set by a program, unlike that of modification.
        stamp = [status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]
        known = self._digests.get(str(path))
        if known and known["stamp"] == stamp:
            return str(known["digest"])
        digest = digest_file(path)
        after = path.stat()
        # A change within one tick of the file system's clock would leave the stamp as it is.
        same = [after.st_size, after.st_ino, after.st_mtime_ns, after.st_ctime_ns] == stamp
        if same and time.time_ns() - status.st_ctime_ns > _SETTLED:
            self._digests[str(path)] = {"stamp": stamp, "digest": digest}
        return digest

    def _edition(self, slug: str) -> Path:
        return self.folder / "editions" / f"{slug}.json"
