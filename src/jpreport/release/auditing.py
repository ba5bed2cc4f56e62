"""The audit of a build in a process of its own: beside what makes the files, on another core."""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from jpreport.errors import Problem
from jpreport.files import to_json_bytes
from jpreport.programme.folder import PUBLISHED_CUBES

if TYPE_CHECKING:
    from jpreport.audit import Auditor, Release
    from jpreport.data import Package
    from jpreport.release.survey import Survey

# The working folder, which comes first in the path of `-c`, must not lend the process modules.
_START = "import sys; del sys.path[0]; from jpreport.release.auditing import main; main()"
# What a process that was killed, or replaced, gives.
_LOST = (OSError, EOFError, pickle.UnpicklingError)
_lock = Lock()
_kept: subprocess.Popen[bytes] | None = None


@atexit.register
def _end() -> None:
    if _kept is not None:
        _kept.kill()
        with suppress(OSError), _kept:
            pass  # what was not sent is nobody's


def _process() -> subprocess.Popen[bytes]:
    """Return the process, started if need be; one serves all builds of this one."""
    global _kept  # noqa: PLW0603
    with _lock:
        if _kept is None or _kept.poll() is not None:
            _end()
            _kept = subprocess.Popen(  # noqa: S603 (this Python)
                [sys.executable, "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=os.sep,
                start_new_session=True,  # Ctrl-C is for us
            )
        return _kept


class EarlyAudit:
    """Audits what a build makes as soon as it is made.

    Where its process is lost, serves another build, or anything else fails in it, there are no
    `problems`: the gate audits the release itself.
    """

    def __init__(self) -> None:
        self._process = _process()
        self._token = uuid4()

    def begin(self, survey: Survey, output: Path, kept: Path) -> None:
        """Read what the files are compared with; `kept` is the folder of the open tables."""
        root = survey.settings.root.absolute()
        release = output.absolute(), cube_files(survey)
        self._send("begin", _Basis(dict(os.environ), *release, survey.package, root, kept))

    def file(self, name: str, content: bytes) -> None:
        """Read a file that will be part of the release."""
        self._send("file", name, content)

    def problems(
        self, release: Release, digests: Mapping[str, str], previous: tuple[Path, ...]
    ) -> tuple[Problem, ...] | None:
        """Return what is found in a release, whose files have these digests; None if it is lost."""
        found: tuple[Problem, ...] | None = None
        before = tuple(one.absolute() for one in previous)
        with _lock, suppress(*_LOST), self._whole():
            self._put("finish", release, dict(digests), before)
            found = pickle.load(self._process.stdout)  # type: ignore[arg-type] # noqa: S301
        return found

    def _send(self, name: str, *given: object) -> None:
        with _lock, suppress(*_LOST), self._whole():
            self._put(name, *given)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """End the process with which less than a whole message was exchanged."""
        try:
            yield
        except BaseException:
            self._process.kill()
            raise

    def _put(self, name: str, *given: object) -> None:
        if self._process is not _kept or self._process.stdin is None:
            raise EOFError
        pickle.dump((name, self._token, *given), self._process.stdin)
        self._process.stdin.flush()


def cube_files(survey: Survey) -> dict[str, bytes]:
    """Return the protected cubes as they are published: what every audit holds numbers against."""
    return {
        f"{PUBLISHED_CUBES}/{table}.json": to_json_bytes(cube.to_json())
        for table, cube in survey.cubes.items()
    }


@dataclass(frozen=True, slots=True)
class _Basis:
    """What an audit begins with."""

    environment: Mapping[str, str]
    output: Path
    cubes: Mapping[str, bytes]
    package: Package
    root: Path
    kept: Path


class _Served:
    """The audit that goes on in this process; there is no auditor where it failed."""

    def __init__(self) -> None:
        self._auditor: Auditor | None = None
        self._token: UUID | None = None
        self._given: tuple[Any, ...] = ()

    def begin(self, token: UUID, basis: _Basis) -> None:
        from jpreport.audit import Auditor, Release

        os.environ.clear()
        os.environ.update(basis.environment)
        tempfile.tempdir = None  # is found in the environment
        self._auditor, self._token, self._given = None, token, (basis.package, basis.root)
        release = Release(basis.output, pending=basis.cubes)
        self._auditor = Auditor(release, *self._given, kept=basis.kept)

    def file(self, token: UUID, name: str, content: bytes) -> None:
        if self._auditor is not None and token == self._token:
            try:
                self._auditor.file(name, content)
            except Exception:
                self._auditor = None
                raise

    def finish(
        self, token: UUID, release: Release, digests: Mapping[str, str], previous: tuple[Path, ...]
    ) -> tuple[Problem, ...] | None:
        from jpreport.audit import audit_release

        if token != self._token:
            return None
        auditor, self._auditor = self._auditor, None
        if auditor is None or not auditor.read.items() <= digests.items():
            return None
        return audit_release(release, *self._given, previous=previous, begun=auditor).problems


def main() -> None:
    """Serve a build at the other end of the pipes."""
    commands = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    import_module("jpreport.audit")
    served = _Served()
    while True:
        try:
            name, *given = pickle.load(commands)  # noqa: S301
        except (EOFError, pickle.UnpicklingError):
            return
        answer = None
        with suppress(Exception):  # the gate finds the same, and tells it
            answer = getattr(served, name)(*given)
        if name == "finish":
            pickle.dump(answer, answers)
            answers.flush()
