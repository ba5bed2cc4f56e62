"""What to build, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jpreport.files import Store
from jpreport.programme.folder import state_folder
from jpreport.release.staleness import Edition


@dataclass(frozen=True, slots=True)
class Request:
    """What to build: `reports` are ids or slugs (none: all); `formats` None takes each report's.

    A build that is not `audited` is for comparison only, never for readers. One of `restricted`
    editions makes those and no other, and is not audited: they may show records of persons. A
    `draft` is made in a language also where it is not translated as a whole, and marked so.
    `state` is the private folder of what is remembered (None: the programme's own). `cluster` says
    where the workers of a Dask cluster are that make the editions ("": this machine makes them).
    """

    root: Path
    output: Path
    reports: tuple[str, ...] = ()
    formats: tuple[str, ...] | None = None
    workers: int = 1
    force: bool = False
    audited: bool = True
    restricted: bool = False
    draft: bool = False
    state: Path | None = None
    cluster: str = ""

    @property
    def store(self) -> Store:
        """What is known of the last build into the output folder."""
        return Store(self.state or state_folder(self.root, self.output))

    def takes(self, edition: Edition) -> bool:
        """Whether an edition is for the audience that is built for."""
        return (edition.report.audience == "restricted") is self.restricted

    def formats_of(self, edition: Edition) -> tuple[str, ...]:
        """Return the formats that an edition is made in."""
        return self.formats or edition.report.formats
