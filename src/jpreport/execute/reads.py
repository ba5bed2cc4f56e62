"""Hear which files are opened: what a report depends on is seen, and closed files are refused."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

from jpreport.files import closed
from jpreport.files.inputs import READ

# Stands for reads that cannot be seen file by file.
NETWORK = "network"
PROCESS = "process"

# What is installed is known by its version, wherever it lies.
_INSTALLED = tuple(
    os.path.realpath(folder) + os.sep
    for folder in (sys.prefix, sys.base_prefix, str(Path(__file__).parent))
)

_watchers: list[_Watcher] = []


def _real(path: str | bytes | os.PathLike[Any]) -> str:
    """Return the file itself, past links, in the one spelling that this process has for it."""
    return os.path.realpath(os.fsdecode(os.fsencode(path)))


class _Watcher:
    """Collects what is read below one folder, as paths relative to it."""

    def __init__(self, root: str | bytes) -> None:
        self.root = _real(root)
        self.seen: set[str] = set()

    def add(self, path: object) -> None:
        if isinstance(path, int) or path is None:
            return
        full = _real(path)  # type: ignore[arg-type]
        if not full.startswith(self.root + os.sep) or full.startswith(_INSTALLED):
            return
        if full.endswith(".pyc"):
            # A module that is compiled already is not opened itself.
            with suppress(ValueError):
                full = source_from_cache(full)
        inside = full[len(self.root) + 1 :].replace(os.sep, "/")
        if not any(part.startswith((".", "__pycache__")) for part in inside.split("/")):
            self.seen.add(inside)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("open", "sqlite3.connect"):
        closed.refuse(arguments[0])
    if not _watchers:
        return
    if event == "open":
        path, _, flags = arguments
        if not flags & (os.O_WRONLY | os.O_RDWR):
            _tell(path)
    elif event in ("os.listdir", "os.scandir"):
        # The import system lists the folders that it searches whenever it sees fit.
        if not _is_searched(arguments[0]):
            _tell(arguments[0])
    elif event in (READ, "sqlite3.connect"):
        _tell(arguments[0])
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        _mark(NETWORK)
    elif event in ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec"):
        _mark(PROCESS)


def _is_searched(folder: object) -> bool:
    if not isinstance(folder, str | bytes | os.PathLike):
        return False
    path = _real(folder)
    return any(path == _real(entry) for entry in sys.path)


def _tell(path: object) -> None:
    for watcher in _watchers:
        watcher.add(path)


def _mark(what: str) -> None:
    for watcher in _watchers:
        watcher.seen.add(what)


@cache
def _listen() -> None:
    # An audit hook stays for the life of the process; it does nothing unless it is told to.
    sys.addaudithook(_heard)


def close(files: Iterable[closed.ClosedFile], *, for_good: bool = False) -> None:
    """Refuse, for the rest of this process's life, that Python code opens these files.

    Libraries that open files without Python (DuckDB, Arrow) are not heard, nor other programs.
    """
    _listen()
    closed.close(files, for_good=for_good)


def begin(root: str | bytes) -> None:
    """Watch for the rest of this process's life."""
    _listen()
    _watchers.append(_Watcher(root))


def seen() -> list[str]:
    """Return what was read since `begin`, sorted; see `watching`."""
    return sorted(set().union(*(watcher.seen for watcher in _watchers)))


@contextmanager
def watching(root: str) -> Iterator[set[str]]:
    """Yield the set of what this process reads below `root` while the block runs.

    Files and listed folders are paths relative to `root`, with slashes; connections and other
    programs are the words "network" and "process". Hidden files, what is installed and folders
    searched for modules are left out. Files that a library opens without Python (DuckDB, Arrow)
    cannot be seen.
    """
    _listen()
    watcher = _Watcher(root)
    _watchers.append(watcher)
    try:
        yield watcher.seen
    finally:
        _watchers.remove(watcher)
