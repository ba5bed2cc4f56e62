"""Find and read the manifest of a release."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jpreport.document.blocks import FigureSource
from jpreport.errors import OutputError, Place, Problem
from jpreport.figures import FigureRecord
from jpreport.files import digest_bytes
from jpreport.programme.folder import MANIFEST

# What lies beside the manifest and is made from it.
UNLISTED = ("index.html", MANIFEST, "ro-crate-metadata.json")
_VERSION = 2


def read_manifest(path: Path) -> Mapping[str, Any]:
    """Return the manifest in a file; raises OutputError where it is none that can be read."""
    try:
        manifest = json.loads(path.read_bytes())
    except OSError:
        raise OutputError(
            Problem(
                Place(str(path)), "is not there", "name the folder of a release, or a file in it"
            )
        ) from None
    except ValueError:
        raise OutputError(Problem(Place(str(path)), "is not JSON: it was altered")) from None
    if not isinstance(manifest, dict) or manifest.get("version") != _VERSION:
        raise OutputError(Problem(Place(str(path)), "is no manifest of this version of jpreport"))
    try:
        indicators_of(manifest)
        for report in manifest["reports"].values():
            quoted_in(report)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        message = f"holds a figure that cannot be read: {error}"
        raise OutputError(Problem(Place(str(path)), message, "build the reports again")) from None
    return manifest


def indicators_of(manifest: Mapping[str, Any]) -> tuple[FigureRecord, ...]:
    """Return the declared indicators of a manifest; raises ValueError where they are none."""
    return tuple(map(FigureRecord.from_json, manifest["indicators"]))


def quoted_in(report: Mapping[str, Any]) -> tuple[FigureSource, ...]:
    """Return the figures that a report of a manifest quotes; raises ValueError for no figures."""
    return tuple(map(FigureSource.from_json, report["quoted"]))


def executed_in(output: Path, report: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return a report's executed notebook; None where it is not there as it was built."""
    name = report["executed"]
    try:
        content = (output / name).read_bytes()
    except OSError:
        return None
    return json.loads(content) if digest_bytes(content) == report["outputs"].get(name) else None


def release_of(target: Path) -> tuple[Path, str]:
    """Return the folder of a release and, where one file in it was named, that file's name.

    Raises OutputError where no manifest is near.
    """
    if target.is_dir():
        return target, ""
    for folder in (target.parent, target.parent.parent):
        if (folder / MANIFEST).is_file():
            return folder, target.relative_to(folder).as_posix()
    hint = f"name the folder of a release, or a file that {MANIFEST} lies beside"
    raise OutputError(Problem(Place(str(target)), "belongs to no release", hint))


def listed(file: Path) -> tuple[Path, str, Mapping[str, Any]] | None:
    """Return the folder, the name and the manifest of a file in a release; None for any other.

    Raises OutputError where a manifest is near that cannot be read.
    """
    try:
        folder, name = release_of(file)
    except OutputError:
        return None
    manifest = read_manifest(folder / MANIFEST)
    known = {name for record in manifest["reports"].values() for name in record["outputs"]}
    return (folder, name, manifest) if name in known.union(UNLISTED, manifest["cubes"]) else None
