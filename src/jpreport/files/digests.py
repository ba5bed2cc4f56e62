"""Digests of files, values, the environment and this package itself."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import sysconfig
import zlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path


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


def digest_code(room: Path, libraries: Iterable[str]) -> str:
    """Return the digest of what decides in a folder of modules: they, and libraries' releases."""
    from importlib.metadata import version  # needed where records are read, and not before

    modules = {path.name: digest_file(path) for path in room.glob("*.py")}
    return digest_json([modules, [version(name) for name in libraries]])


# What of the document a run asks for: roles, the front page.
_RUN_TOO = ("cover", "myst")
_DOCUMENT = re.compile(r"\bjpreport\.document\.(\w+)")


def run_too(package: Path) -> frozenset[str]:
    """Return the modules of the room `document` that a run needs, by their paths in the package."""
    waiting, found = [*_RUN_TOO], {"document/__init__.py"}
    while waiting:
        name = f"document/{waiting.pop()}.py"
        if name not in found:
            found.add(name)
            waiting += _DOCUMENT.findall((package / name).read_text("utf-8"))
    return frozenset(found)


def installed() -> list[str]:
    """Return the installed distributions with their versions, as their folders are called."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return sorted(
        entry.name
        for folder in folders
        for entry in os.scandir(folder)
        if entry.name.endswith(".dist-info") and not entry.name.startswith("jpreport-")
    )


def environment_digests() -> dict[str, str]:
    """Return what the results depend on beside the programme folder.

    "environment": the Python release, the zlib that packs what a page carries, and every
    installed distribution with its version;
    "jpreport": the content of this package; "templates": that of what reads an executed notebook
    and sets it, exporters of other packages included, which does not change what a run gives.
    """
    package = Path(__file__).parent.parent
    sources = {
        path.relative_to(package).as_posix(): digest_file(path)
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    needed = run_too(package)
    exporters = {
        name: digest
        for name, digest in sources.items()
        if name.startswith(("export/", "document/")) and name not in needed
    }
    return {
        "environment": digest_json([sys.version, zlib.ZLIB_RUNTIME_VERSION, installed()]),
        "jpreport": digest_json(
            {name: digest for name, digest in sources.items() if name not in exporters}
        ),
        "templates": digest_json(exporters | _other_exporters()),
    }


def _other_exporters() -> dict[str, str]:
    """Return digests of the packages whose exporters are registered, by file.

    One that is being worked on is installed again and again in the same version.
    """
    found: dict[str, str] = {}
    own = __name__.partition(".")[0]
    for entries in (file for path in sys.path for file in Path(path).glob("*/entry_points.txt")):
        _, _, formats = entries.read_text("utf-8", "replace").partition("[jpreport.formats]")
        for line in formats.partition("[")[0].splitlines():
            module = line.partition("=")[2].partition(":")[0].partition(".")[0].strip()
            spec = find_spec(module) if module not in {"", own} else None
            for place in (spec.submodule_search_locations or [spec.origin or ""]) if spec else ():
                paths = Path(place).rglob("*") if Path(place).is_dir() else [Path(place)]
                found |= {
                    f"{module}/{path.name}": digest_file(path)
                    for path in paths
                    if path.is_file() and "__pycache__" not in path.parts
                }
    return found
