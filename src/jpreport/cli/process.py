"""How this process reads the names of files, and where it takes memory from."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress

_ARENA_MAX = -8  # M_ARENA_MAX of glibc


def restart_in_utf8() -> None:
    """Let this process begin again in Python's UTF-8 mode if it decodes file names otherwise.

    Kernels are in that mode, and the names in `programme.toml` and the manifest are UTF-8.
    """
    if sys.getfilesystemencoding() == "utf-8" or sys.flags.utf8_mode:
        return
    command = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    os.execve(sys.executable, command, {**os.environ, "PYTHONUTF8": "1"})  # noqa: S606 (this Python)


def few_arenas() -> None:
    """Let all threads take memory from two places: each keeps what nobody needs any more."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # not every library has arenas
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)
