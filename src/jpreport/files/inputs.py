"""Read each input once: all that one build says of a file, it says of one reading."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock
from typing import Any, BinaryIO, TypeVar

# A larger file is not kept in memory; a smaller one is read in less time than it takes to be sure
# that it is the same.
MOST_HELD = 8 * 1024 * 1024

Stamp = list[int]

# The audit event of a file that is read without being opened again.
READ = "jpreport.read"

T = TypeVar("T")

_lock = RLock()
_held: dict[str, tuple[Stamp, bytes]] | None = None
_made: dict[Hashable, tuple[Lock, list[Any]]] | None = None


def stamp_of(status: os.stat_result) -> Stamp:
    """Return by what a file is taken for the same, as JSON has it."""
    # The time of change (ctime) cannot be set by a program, unlike that of modification.
    return [status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]


@contextmanager
def inputs_read_once() -> Iterator[None]:
    """Open every file that `read_input` reads once while the block runs, unless it changes."""
    global _held, _made
    outer, _held, _made = (_held, _made), {}, {}
    try:
        yield
    finally:
        _held, _made = outer


def read_input(path: Path) -> bytes:
    """Return a file's content; raises OSError."""
    held = _held
    if held is None:
        return path.read_bytes()
    key = os.path.realpath(path)
    with _lock:
        stamp = stamp_of(path.stat())
        known = held.get(key)
        if known is not None and known[0] == stamp:
            sys.audit(READ, key)
            return known[1]
        content = path.read_bytes()
        if len(content) <= MOST_HELD:
            held[key] = stamp, content
        return content


def open_input(path: Path) -> BinaryIO:
    """Return a file for reading, a small one as `read_input` knows it; raises OSError."""
    return path.open("rb") if path.stat().st_size > MOST_HELD else io.BytesIO(read_input(path))


def made_once(key: Hashable, make: Callable[[], T]) -> T:
    """Return what is made of inputs: while they are read once, it is made once, also by threads."""
    made = _made
    if made is None:
        return make()
    with _lock:
        lock, found = made.setdefault(key, (Lock(), []))
    with lock:
        if not found:
            found.append(make())
        return found[0]  # type: ignore[no-any-return]
