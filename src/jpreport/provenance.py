"""Digests, atomic writes and the manifest of what went in and came out."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jpreport.errors import OutputError, Problem

MANIFEST = "manifest.json"
MANIFEST_VERSION = 1


def digest_bytes(content: bytes) -> str:
    """Return the SHA-256 of the bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's content; raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_json(value: object) -> str:
    """Return the SHA-256 of a JSON value in its canonical form (sorted keys, no white space)."""
    return digest_bytes(
        json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    )


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
                str(path),
                f"cannot be written: {error.strerror or error}",
                "check the folder's permissions and free space, or choose another with --output",
            )
        ) from error


def prepare_folder(folder: Path) -> None:
    """Make a folder for outputs, and see that it can be written; raises OutputError."""
    probe = folder / ".probe"
    write_atomic(probe, b"")
    probe.unlink(missing_ok=True)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """Return the manifest of an output folder; an absent or foreign one counts as empty."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(manifest, dict) or manifest.get("version") != MANIFEST_VERSION:
        return {}
    return manifest


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of an output folder; raises OutputError."""
    write_atomic(folder / MANIFEST, to_json_bytes({"version": MANIFEST_VERSION, **manifest}))


def environment_digests() -> dict[str, str]:
    """Return what the results depend on beside the programme folder.

    "environment": the Python release and every installed distribution with its version;
    "jpreport": the content of this package, templates included.
    """
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    installed = sorted(
        entry.name
        for folder in folders
        for entry in os.scandir(folder)
        if entry.name.endswith(".dist-info") and not entry.name.startswith("jpreport-")
    )
    package = Path(__file__).parent
    sources = {
        path.relative_to(package).as_posix(): digest_file(path)
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    return {
        "environment": digest_json([sys.version, installed]),
        "jpreport": digest_json(sources),
    }
