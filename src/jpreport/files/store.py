"""What is known of the last build: a record an edition, written as soon as it is done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from jpreport.files.atomic import prepare_private_folder, read_json, to_json_bytes, write_atomic
from jpreport.files.file_digests import FileDigests

VERSION = 2

Digests = Mapping[str, str]
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class EditionRecord:
    """What one edition was made from and what it became; the manifest says the same of it.

    `outputs` and `read` map names to digests ("" for a read that leaves no file); `quoted` are
    the figures that it quotes; `pages` is None where no format of it has pages; `language` is
    that of the title, `translations` have title and pages in further ones, by tag.
    """

    report: str
    notebook: str
    parameters: Mapping[str, Any]
    title: str
    figures: int
    quoted: Sequence[Mapping[str, Any]]
    pages: int | None
    execution: Digests
    rendering: Digests
    read: Digests
    executed: str
    outputs: Digests
    language: str = "en"
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WholeBuild:
    """What the last build read and published; `complete` means that it was one of all reports.

    `editions` are slugs, in declared order, with digests of what their records say that they were
    made from.
    """

    read: Digests
    environment: Digests
    editions: Sequence[tuple[str, str]]
    published: Digests
    complete: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found, as JSON; `read` are the digests of all files that it looked at."""

    read: Digests
    environment: Digests
    found: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CleanFiles:
    """The files, by name, in which an audit found nothing; `basis` digests what it compared."""

    basis: str
    files: Digests


def record_json(record: EditionRecord | WholeBuild | Verdict | CleanFiles) -> dict[str, Any]:
    """Return a record as JSON values, with its version."""
    values = {one.name: getattr(record, one.name) for one in fields(record)}
    return {"version": VERSION, **values}


class Store:
    """The records of one output folder, in a private folder outside of it.

    Each is replaced as a whole when its edition is done, so that a crash at any moment loses
    at most what was running. Content digests decide what is stale, never time stamps.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.digests = FileDigests(folder / "digests.json")

    def prepare(self) -> None:
        """Make the folder, and that of all states around it, private; raises OutputError."""
        prepare_private_folder(self.folder.parent)
        prepare_private_folder(self.folder)

    @property
    def lock(self) -> Path:
        """The file that a build locks."""
        return self.folder / "lock"

    @property
    def checked(self) -> Path:
        """Where it is kept which records have passed their contract."""
        return self.folder / "checked"

    def edition(self, slug: str) -> EditionRecord | None:
        """Return the record of an edition; None if it was not built by this version."""
        return _read(EditionRecord, self._edition(slug))

    def keep_edition(self, slug: str, record: EditionRecord) -> None:
        """Write the record of an edition that has been built."""
        # The largest of the files, which only programs read.
        write_atomic(self._edition(slug), json.dumps(record_json(record)).encode())

    def forget_edition(self, slug: str) -> None:
        """Remove the record of an edition."""
        self._edition(slug).unlink(missing_ok=True)

    def editions(self) -> tuple[str, ...]:
        """Return the slugs of all editions that there are records of."""
        return tuple(sorted(path.stem for path in (self.folder / "editions").glob("*.json")))

    def whole_build(self) -> WholeBuild | None:
        """Return what the last complete build kept; None if there is none."""
        return _read(WholeBuild, self.folder / "survey.json")

    def keep_whole_build(self, build: WholeBuild) -> None:
        """Write what a later build needs to see that nothing changed."""
        write_atomic(self.folder / "survey.json", to_json_bytes(record_json(build)))

    def forget_whole_build(self) -> None:
        """Let the next build look at everything again."""
        (self.folder / "survey.json").unlink(missing_ok=True)

    def verdict(self, name: str) -> Verdict | None:
        """Return what the last check of a name found; None if there is none."""
        return _read(Verdict, self.folder / f"verdict-{name}.json")

    def keep_verdict(self, name: str, verdict: Verdict) -> None:
        """Write what a check found."""
        write_atomic(self.folder / f"verdict-{name}.json", to_json_bytes(record_json(verdict)))

    def clean_files(self) -> CleanFiles | None:
        """Return what the last audit that found nothing had looked at; None if there is none."""
        return _read(CleanFiles, self.folder / "audit.json")

    def keep_clean_files(self, files: CleanFiles) -> None:
        """Write which files an audit found nothing in, and what it compared them with."""
        write_atomic(self.folder / "audit.json", to_json_bytes(record_json(files)))

    def closed(self) -> dict[str, str]:
        """Return the digests of the files with records of persons, which no manifest tells."""
        return {str(name): str(one) for name, one in read_json(self.folder / "closed.json").items()}

    def keep_closed(self, digests: Digests) -> None:
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

    def _edition(self, slug: str) -> Path:
        return self.folder / "editions" / f"{slug}.json"


def _read(kind: type[Kept], path: Path) -> Kept | None:
    """Return a record from its file; None for what is absent, damaged or of another version."""
    raw = dict(read_json(path))
    if raw.pop("version", None) != VERSION:
        return None
    try:
        return kind(**raw)
    except TypeError:
        return None
