"""Which inputs of a release are not as they were recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from jpreport.execute.kernels.confinement import isolation
from jpreport.files import FileDigests, environment_digests
from jpreport.programme.folder import SETTINGS_FILE, STAGED_CUBES
from jpreport.review.verify.verdict import Cause

# What a manifest, or a report itself, records of the making of a report.
Record = Mapping[str, Any]
Records = Mapping[str, Record]

_WORDS = {
    "environment": "the environment: another Python or other installed packages",
    "jpreport": "jpreport: another version of its code",
    "templates": "jpreport: another version of its exporters",
    "isolation": "the system: what keeps kernels from records of persons",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded of the making of some reports.

    `records` are theirs; `inputs` has the digests of files that a whole release depends on,
    `environment` those of what is not in the programme folder. A manifest does not tell the
    digests of records of persons, `closed`: they lie beside it, where it was made.
    """

    records: Records
    environment: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)


def find_causes(recorded: Recorded, fresh: Mapping[str, Any], root: Path) -> Iterator[Cause]:
    """Yield the inputs that are not as recorded; `fresh` is the manifest of the new build."""
    then, now = recorded.records, fresh["reports"]
    yield from _files(recorded, fresh, root)
    for slug, record in then.items():
        if slug in now:
            yield from _parameters(slug, record["parameters"], now[slug]["parameters"])
    listings: dict[str, list[str]] = {}
    for slug, record in then.items():
        if slug in now and record["execution"]["modules"] != now[slug]["execution"]["modules"]:
            folder = PurePosixPath(record["notebook"]).parent.as_posix()
            listings.setdefault(folder, []).append(slug)
    for folder, slugs in listings.items():
        yield Cause("code", f"{folder}/", "has other files beside the notebooks", tuple(slugs))
    there = {**environment_digests(), "isolation": isolation()}
    for name, digest in sorted(recorded.environment.items()):
        if there.get(name) != digest:
            kind = "jpreport" if name in ("jpreport", "templates") else "environment"
            yield Cause(kind, _WORDS[name], "changed")


def _files(recorded: Recorded, fresh: Mapping[str, Any], root: Path) -> Iterator[Cause]:
    then, now = recorded.records, fresh["reports"].values()
    told = dict(recorded.inputs)
    for record in then.values():
        notebook = record["notebook"]
        told |= {**record["read"], notebook: str(record["rendering"][f"notebook {notebook}"])}
    notebooks = {record["notebook"] for record in then.values()}
    read = {name: digest for record in now for name, digest in record["read"].items()}
    # What is told of records of persons stands in the new manifest.
    protected = {name: fresh["inputs"][name] for name in fresh["protected"]}
    digests = FileDigests()
    for name, digest in sorted(told.items()):
        before = recorded.closed.get(name, digest)
        # A protected cube is in no folder: it is made for the build.
        if name.startswith(f"{STAGED_CUBES}/"):
            there = read.get(name, "")
        elif name in protected and name not in recorded.closed:
            there = protected[name]
        else:
            there = digests.digest_input(root / name)
        users = tuple(slug for slug, one in then.items() if name in {one["notebook"], *one["read"]})
        if not before:
            yield Cause("unseen", name, "cannot be compared: it leaves no file", users)
        elif there != before:
            how = "changed" if there else "is gone"
            yield Cause(_kind(name, notebooks), name, how, users)
    for name in sorted(read.keys() - told.keys()):
        yield Cause(_kind(name, notebooks), name, "is new")


def _kind(name: str, notebooks: set[str]) -> str:
    if name == SETTINGS_FILE:
        return "settings"
    if name.startswith(f"{STAGED_CUBES}/"):
        return "protected cube"
    if name in notebooks:
        return "notebook"
    return "code" if name.endswith(".py") else "data"


def _parameters(slug: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Cause]:
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            how = f"was {_said(then, name)}, is {_said(now, name)}"
            yield Cause("parameter", f"{slug}, {name}", how, (slug,))


def _said(parameters: Mapping[str, Any], name: str) -> str:
    if name not in parameters:
        return "the notebook's own"
    value = parameters[name]
    return "none" if value is None else str(value)
