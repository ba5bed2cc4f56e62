"""Private folders: nobody else can enter them, and none is left behind, however we end."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType

from jpreport.errors import OutputError, Place, Problem

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_PREFIX, _LOCK = "jpreport-", "held"
_NO_LIMIT = 4096
_PATIENCE = 100  # hundredths of a second


@contextmanager
def private_folder(limit: int = _NO_LIMIT) -> Iterator[Path]:
    """Yield a new folder that only we can enter, its path at most `limit` bytes if possible.

    It lies where temporary files do.

    It is removed at the end; what a killed process has left of its own is removed by the next
    one that asks for a folder. Raises OutputError where temporary files cannot be written.
    """
    check_temporary()
    parent = Path(tempfile.gettempdir()).resolve()
    short = Path("/tmp")  # noqa: S108 (mkdtemp makes the private folder in it)
    too_long = len(os.fsencode(parent / f"{_PREFIX}12345678")) > limit
    with _alone(parent := short if too_long and short.is_dir() else parent):
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent)).resolve()
        held = _hold(folder)
    try:
        _sweep(folder.parent)
        yield folder
    finally:
        try:
            _remove(folder)
        finally:
            if held is not None:
                os.close(held)


def check_temporary() -> None:
    """Refuse to work where temporary files cannot be written; raises OutputError, naming why."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        folder = os.environ.get(name)
        if not folder:
            continue
        if not Path(folder).is_dir():
            problem = f"{folder} is no folder that is there"
        elif not os.access(folder, os.W_OK | os.X_OK):
            problem = f"{folder} cannot be written"
        else:
            return
        hint = f"set {name} to a folder for temporary files that can be written, or unset it"
        raise OutputError(Problem(Place(name), problem, hint))


@contextmanager
def _alone(parent: Path, *, sweeping: bool = False) -> Iterator[bool]:
    """Keep those who make a folder apart from one who removes what is left of others.

    A folder that is made and not yet held looks like one whose maker was killed. Yields whether
    it worked; who makes a folder waits for it no longer than a moment.
    """
    if fcntl is None:
        yield False
        return
    handle = os.open(parent, os.O_RDONLY)
    try:
        kind = (fcntl.LOCK_EX if sweeping else fcntl.LOCK_SH) | fcntl.LOCK_NB
        for _ in range(1 if sweeping else _PATIENCE):
            try:
                fcntl.flock(handle, kind)
            except OSError:
                time.sleep(0.01)
                continue
            yield True
            return
        yield False
    finally:
        os.close(handle)


def _hold(folder: Path) -> int | None:
    """Lock a folder for as long as this process lives; return the lock, where there are any."""
    if fcntl is None:
        return None
    new = folder / "new"
    handle = os.open(new, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    # Under its name it is never seen unlocked.
    new.rename(folder / _LOCK)
    return handle


def _remove(folder: Path) -> None:
    """Remove a folder, its lock last: what an interruption leaves is known as ours by it."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _LOCK:
                path.unlink()
    shutil.rmtree(folder, ignore_errors=True)


@cache
def _sweep(parent: Path) -> None:
    """Remove the folders of ours that processes left which are no more; once a process."""
    if fcntl is None:
        return
    with _alone(parent, sweeping=True) as alone:
        for folder in parent.glob(f"{_PREFIX}{'?' * 8}") if alone else ():
            # Its maker was killed before it held the folder.
            with suppress(OSError):
                mine = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
                if mine and {one.name for one in folder.iterdir()} <= {"new"}:
                    shutil.rmtree(folder)
    for lock in parent.glob(f"{_PREFIX}*/{_LOCK}"):
        # Another one may be doing the same, or the folder be that of somebody else.
        with suppress(OSError):
            if lock.parent.is_symlink() or lock.parent.stat().st_uid != os.getuid():
                continue
            handle = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(lock.parent)
            finally:
                os.close(handle)
