"""A staged folder as it travels to another machine, and what a job finds there."""

from __future__ import annotations

import shutil
import sys
import zlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from weakref import finalize

from jpreport.execute.kernels import prewarm
from jpreport.execute.kernels.confinement import isolation
from jpreport.files import FileDigests, environment_digests, installed
from jpreport.files.closed import keys_of
from jpreport.files.private import private_folder
from jpreport.release.job import EditionTask
from jpreport.release.staging import Stage


@dataclass(frozen=True, slots=True)
class Facts:
    """What has to be the same on every machine that makes editions of one release."""

    same: Mapping[str, str]
    packages: frozenset[str]

    def differences(self, other: Facts) -> tuple[str, ...]:
        """Return in words how another machine's differ from these."""
        found = [
            f"{name} is {other.same.get(name)!r}, not {value!r}" if name in _TOLD
            else f"{name} is not the same"
            for name, value in self.same.items()
            if other.same.get(name) != value
        ]  # fmt: skip
        here, there = (
            dict(one.removesuffix(".dist-info").split("-", 1) for one in facts.packages)
            for facts in (self, other)
        )
        found += [
            f"{name} is {there.get(name, 'missing')}, not {here.get(name, 'installed')}"
            for name in sorted({*here, *there})
            if here.get(name) != there.get(name)
        ]
        return tuple(found)


_TOLD = ("Python", "zlib", "isolation")


@cache
def facts() -> Facts:
    """Return the facts of this machine."""
    digests = environment_digests()
    return Facts(
        {
            "Python": sys.version,
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
            "isolation": isolation(),
            "jpreport": digests["jpreport"],
            "what sets reports": digests["templates"],
        },
        frozenset(installed()),
    )


class Parcel:
    """A staged folder with all that jobs read, packed on its way and unpacked where it is.

    It holds no records of persons: see `staged`. Pickled, it is its archive; unpickled, it has a
    private folder, which goes when nothing holds the parcel any more, and a warm kernel server.
    """

    def __init__(
        self, packed: bytes, stage: Stage, digests: Mapping[str, str], ours: Facts
    ) -> None:
        self._given = stage, digests, ours
        self.differences = ours.differences(facts())
        with ExitStack() as opened:
            private = opened.enter_context(private_folder())
            self._archive = private / "programme.tar"
            self._archive.write_bytes(packed)
            folder = private / "programme"
            shutil.unpack_archive(self._archive, folder, "tar", filter="fully_trusted")
            finalize(self, opened.pop_all().close)
        self._stage = _moved(stage, folder)
        prewarm(stage.hidden)

    @classmethod
    def packed(cls, stage: Stage, root: Path, digests: FileDigests) -> tuple[object, ...]:
        """Return the arguments of the parcel with what is staged of the programme in `root`."""
        names = (path.relative_to(stage.folder).as_posix() for path in stage.folder.rglob("*"))
        known = {name: one for name in names if (one := digests.digest_input(root / name))}
        with private_folder() as private:
            archive = shutil.make_archive(str(private / "programme"), "tar", stage.folder)
            return Path(archive).read_bytes(), stage, known, facts()

    def __reduce__(self) -> tuple[object, ...]:
        """Return how to make it again on another machine."""
        return Parcel, (self._archive.read_bytes(), *self._given)

    def task(self, task: EditionTask) -> EditionTask:
        """Return a task as it is to be done here."""
        nowhere = self._stage.folder.parent / "nowhere"
        public = replace(task.public, closed={**self._given[1], **task.public.closed}, whole=True)
        return replace(
            task,
            root=self._stage.folder,
            output=nowhere,
            state=nowhere,
            stage=self._stage,
            public=public,
        )


def _moved(stage: Stage, folder: Path) -> Stage:
    """Return a stage as it is in another folder, maybe on another machine."""
    tables = folder / stage.tables.relative_to(stage.folder) if stage.tables else None
    confinement = stage.confinement
    if confinement:
        # Where the programme itself can be reached from here, its files are known by their keys.
        closed = tuple(
            replace(
                one,
                keys=keys_of(confinement.hidden / one.name, folders=True),
                path=str(folder / one.name),
            )
            for one in confinement.closed
        )
        confinement = replace(confinement, stage=folder, closed=closed)
    return Stage(folder, stage.hidden, confinement, tables)
