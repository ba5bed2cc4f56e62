"""Private folders: nobody else can enter them, and none is left behind, however we end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_PREFIX, _LOCK = "jpreport-", "held"
_NO_LIMIT = 4096


@contextmanager
def private_folder(limit: int = _NO_LIMIT) -> Iterator[Path]:
    """Yield a new folder that only we can enter, its path at most `limit` bytes if possible.

    It lies where temporary files do.

    It is removed at the end; what a killed process has left of its own is removed by the next
    one that asks for a folder.
    """
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    short = Path("/tmp")  # noqa: S108 (mkdtemp makes the private folder in it)
    if len(os.fsencode(folder)) > limit and short.is_dir():
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=short)).resolve()
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
