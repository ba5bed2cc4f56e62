"""What the process of a kernel is given: its environment variables and its private folder."""

from __future__ import annotations

import os
import shutil
import site
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_PREFIX, _LOCK = "jpreport-", "held"

# Settings of a person's shell that would show in a report, or stop the kernel.
_DROPPED = (
    "JPY_API_TOKEN",
    "JPY_SESSION_NAME",
    "MPLBACKEND",
    "PYTHONDEVMODE",
    "PYTHONINSPECT",
    "PYTHONOPTIMIZE",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
)
# Libraries start no threads of their own: they would not survive a fork, and the sums of linear
# algebra would depend on the number of cores.
THREADLESS = {
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_FIXED = {
    **THREADLESS,
    "LC_ALL": "C.UTF-8",
    "MATPLOTLIBRC": os.devnull,  # a person's own matplotlibrc stays out
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger warns at every start
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "315532800",  # 1980-01-01, the first date that a ZIP file can hold
    "TZ": "UTC",
}


def fixed_environment() -> dict[str, str]:
    """Return the environment that all kernels share: ours, less what differs between people."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    found = find_spec("ipykernel")
    home = site.getusersitepackages()
    if not (found and found.origin and Path(found.origin).is_relative_to(home)):
        kept["PYTHONNOUSERSITE"] = "1"
    return {**kept, **_FIXED}


def kernel_environment(folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the kernel that has this private folder, with `extra` on top."""
    return {**fixed_environment(), "IPYTHONDIR": str(folder / "ipython"), **extra}


@contextmanager
def private_folder(limit: int) -> Iterator[Path]:
    """Yield a new folder that only we can enter, its path at most `limit` bytes if possible.

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
