"""Files that are there whole or not at all, and a folder that one build has for itself."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jpreport.errors import OutputError, Place, Problem


def to_json_bytes(value: object) -> bytes:
    """Return a JSON value as a stable, readable file: sorted, indented, ending in a newline."""
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, even after a crash.

    Raises OutputError where the folder cannot be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # mkstemp makes private files; a report is for its readers.
            umask = os.umask(0)
            os.umask(umask)
            Path(name).chmod(0o666 & ~umask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            Problem(
                Place(str(path)),
                f"cannot be written: {error.strerror or error}",
                "check the folder's permissions and free space, or choose another with --output",
            )
        ) from error


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes have left of files that `write_atomic` was to write.

    Nobody else may be writing into the folder.
    """
    for path in folder.rglob(f".*.{'?' * 8}"):
        with suppress(OSError):
            path.unlink()


def read_json(path: Path) -> Mapping[str, Any]:
    """Return the JSON object in a file; what is absent or damaged counts as empty."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def prepare_folder(folder: Path) -> None:
    """Make a folder for outputs, and see that it can be written; raises OutputError."""
    probe = folder / ".probe"
    write_atomic(probe, b"")
    probe.unlink(missing_ok=True)


def prepare_private_folder(folder: Path) -> None:
    """Make a folder that only its owner can read and that git leaves alone; raises OutputError."""
    prepare_folder(folder)
    folder.chmod(0o700)
    write_atomic(folder / ".gitignore", b"*\n")


@contextmanager
def locked(path: Path, folder: Path) -> Iterator[None]:
    """Hold a folder's lock while the block runs; it ends with the process, however that ends.

    `path` is the file that is locked. Raises OutputError at once where another process holds
    it. Where the system has no such locks, nothing is held.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    prepare_folder(path.parent)
    with path.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().decode(errors="replace").strip()
            raise OutputError(
                Problem(
                    Place(str(folder)),
                    f"another build is running in this folder (process {holder or 'unknown'})",
                    "wait until it is done, or build into another folder with --output",
                )
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        file.flush()
        yield
