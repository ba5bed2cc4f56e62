"""Files that this process refuses to open, whatever name or link they are asked for by."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jpreport.errors import DataError, Problem

# A file is known by its device and inode: links and other names lead to the same two numbers.
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ClosedFile:
    """A file that stays closed, by the name that people know it by; who opens it is told `problem`.

    `keys` are those of the file and, where nothing in them is to be opened relative to them, of
    the folders that lead to it. `path` is where a copy of its folder has no file of that name.
    """

    name: str
    problem: Problem
    keys: tuple[Key, ...] = ()
    path: str = ""


_by_key: dict[Key, ClosedFile] = {}
_by_path: dict[str, ClosedFile] = {}


class _Lifted(threading.local):
    """How often this thread has lifted the refusal."""

    depth = 0


_lifted = _Lifted()
_for_good = False


def keys_of(path: Path, *, folders: bool = False) -> tuple[Key, ...]:
    """Return the key of a file, with `folders` also those of all folders above it.

    What is not there has none.
    """
    real = path.resolve()
    found = map(_key, (real, *real.parents) if folders else (real,))
    return tuple(key for key in found if key is not None)


def _key(path: Any) -> Key | None:  # noqa: ANN401 (whatever `open` was given)
    try:
        there = os.stat(path)  # noqa: PTH116 (bytes and open files as well)
    except (OSError, TypeError, ValueError):
        return None
    return there.st_dev, there.st_ino


def close(files: Iterable[ClosedFile], *, for_good: bool = False) -> None:
    """Refuse files from now on; `for_good`, in spite of `lifted`."""
    global _for_good  # noqa: PLW0603
    _for_good = _for_good or for_good
    for file in files:
        _by_key.update((key, file) for key in file.keys if key not in _by_key)
        if file.path:
            _by_path[os.path.realpath(file.path)] = file


def closed() -> tuple[ClosedFile, ...]:
    """Return the files that this process refuses."""
    return tuple(dict.fromkeys((*_by_key.values(), *_by_path.values())))


def refuse(path: object) -> None:
    """Raise DataError if a path, or an open file's number, is that of a closed file."""
    if not (_by_key or _by_path) or _lifted.depth:
        return
    key = _key(path)
    found = _by_key.get(key) if key else None
    if found is None and key is None and isinstance(path, str | bytes | os.PathLike):
        found = _by_path.get(os.path.realpath(os.fsdecode(path)))
    if found is not None:
        raise DataError(found.problem)


@contextmanager
def lifted() -> Iterator[None]:
    """Let this thread open closed files in the block: cubes are made from the records."""
    before = _lifted.depth
    _lifted.depth = before if _for_good else before + 1
    try:
        yield
    finally:
        _lifted.depth = before
