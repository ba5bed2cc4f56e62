"""Build a release again from the inputs at hand, and say whether it is the same, or why not."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jpreport.build import Request, build
from jpreport.errors import JpreportError, OutputError, Problem, did_you_mean
from jpreport.folder import SETTINGS_FILE, STAGED_CUBES
from jpreport.provenance import Store, digest_bytes, environment_digests, read_json
from jpreport.quoted import FigureChange, changed_figures

MANIFEST = "manifest.json"
_INDEX = "index.html"
_VERSION = 1
_WORDS = {
    "environment": "the environment: another Python or other installed packages",
    "jpreport": "jpreport: another version of its code",
    "templates": "jpreport: another version of its exporters",
}

State = Literal["reproduced", "altered", "missing", "differs", "foreign"]


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """A published file: whether it is what was built, and what is built now.

    `altered`: not the bytes that the manifest records; `differs`: those bytes, but another
    build gives others; `foreign`: not in the manifest.
    """

    name: str
    state: State
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """An input that is not as it was recorded; `reports` are those that depend on it."""

    kind: str
    name: str
    how: str
    reports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a release that was built again."""

    files: tuple[FileVerdict, ...]
    causes: tuple[Cause, ...] = ()
    figures: tuple[FigureChange, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def reproduced(self) -> bool:
        """Whether every file is, byte for byte, what the inputs at hand give."""
        return not self.problems and all(file.state == "reproduced" for file in self.files)


def read_manifest(path: Path) -> Mapping[str, Any]:
    """Return the manifest in a file; raises OutputError where it is none that can be read."""
    try:
        manifest = json.loads(path.read_bytes())
    except OSError:
        raise OutputError(
            Problem(str(path), "is not there", "name the folder of a release, or a file in it")
        ) from None
    except ValueError:
        raise OutputError(Problem(str(path), "is not JSON: it was altered")) from None
    if not isinstance(manifest, dict) or manifest.get("version") != _VERSION:
        raise OutputError(Problem(str(path), "is no manifest of this version of jpreport"))
    reports = manifest.get("reports")
    if not isinstance(reports, dict) or not all("quoted" in one for one in reports.values()):
        message = "does not say which figures the reports quote"
        raise OutputError(Problem(str(path), message, "build the reports again"))
    return manifest


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
    raise OutputError(Problem(str(target), "belongs to no release", hint))


def verify(target: Path, root: Path, workers: int = 1) -> Verdict:
    """Build a release again from the programme folder `root`, and compare; changes neither.

    `target` is the folder of a release or one file in it. Raises OutputError where its
    manifest cannot be read or does not list that file.
    """
    folder, only = release_of(target)
    manifest = read_manifest(folder / MANIFEST)
    records = _chosen(manifest, only)
    with tempfile.TemporaryDirectory(prefix="jpreport-verify-") as name:
        fresh = Path(name)
        problems = tuple(_rebuild(root, fresh, manifest, records, workers))
        causes = tuple(_causes(folder, manifest, records, root, fresh))
        files = tuple(_files(folder, fresh, records, only, explained=bool(causes or problems)))
        rebuilt = _reports(fresh)
        figures = changed_figures(
            _quoted(record for slug, record in records.items() if slug in rebuilt),
            _quoted(record for slug, record in rebuilt.items() if slug in records),
        )
    return Verdict(files, causes, figures, problems)


def _chosen(manifest: Mapping[str, Any], only: str) -> dict[str, Mapping[str, Any]]:
    records: dict[str, Mapping[str, Any]] = dict(manifest["reports"])
    if only in ("", MANIFEST, _INDEX):
        return records
    for slug, record in records.items():
        if only in record["outputs"]:
            return {slug: record}
    names = [name for record in records.values() for name in record["outputs"]]
    raise OutputError(Problem(only, f"is not in {MANIFEST}", did_you_mean(only, names)))


def _rebuild(
    root: Path,
    fresh: Path,
    manifest: Mapping[str, Any],
    records: Mapping[str, Mapping[str, Any]],
    workers: int,
) -> Iterator[Problem]:
    """Build the same reports in the same formats; yield what keeps them from being built."""
    groups: dict[tuple[str, ...], list[str]] = {}
    restricted = manifest.get("audience") == "restricted"
    for slug, record in records.items():
        formats = tuple(
            suffix for suffix in ("html", "pdf") if f"{slug}.{suffix}" in record["outputs"]
        )
        groups.setdefault(formats, []).append(slug)
    for formats, slugs in groups.items():
        request = Request(
            root, fresh, tuple(slugs), formats, workers, audited=False, restricted=restricted
        )
        try:
            for outcome in build(request):
                yield from outcome.problems
        except JpreportError as error:
            yield from error.problems


def _causes(
    folder: Path,
    manifest: Mapping[str, Any],
    records: Mapping[str, Mapping[str, Any]],
    root: Path,
    fresh: Path,
) -> Iterator[Cause]:
    """Yield the inputs that are not as recorded."""
    whole = len(records) == len(manifest["reports"])
    recorded: dict[str, str] = dict(manifest["inputs"]) if whole else {}
    for record in records.values():
        notebook = record["notebook"]
        recorded |= {**record["read"], notebook: manifest["inputs"].get(notebook, "")}
    notebooks = {record["notebook"] for record in manifest["reports"].values()}
    store = Store(fresh)
    rebuilt = _reports(fresh)
    staged = {
        name: digest
        for record in rebuilt.values()
        for name, digest in record["read"].items()
        if name.startswith(f"{STAGED_CUBES}/")
    }
    # A manifest does not tell the digests of records of persons: they lie beside it, where it
    # was made. Without them, what is published of the records is compared.
    protected, closed = set(manifest.get("protected", ())), Store(folder).closed()
    made = read_json(fresh / MANIFEST).get("inputs", {})
    for name, told in sorted(recorded.items()):
        digest = closed.get(name, told) if name in protected else told
        # A protected cube is in no folder: it is made for the build.
        if name.startswith(f"{STAGED_CUBES}/"):
            now = staged.get(name, "")
        elif name in protected and name not in closed:
            now = made.get(name, told)
        else:
            now = store.digest(root / name)
        users = tuple(slug for slug, one in records.items() if name in _inputs(one))
        if not digest:
            yield Cause("unseen", name, "cannot be compared: it leaves no file", users)
        elif now != digest:
            how = "changed" if now else "is gone"
            yield Cause(_kind(name, notebooks), name, how, users)
    read = {name for record in rebuilt.values() for name in record["read"]}
    for name in sorted(read - {*recorded, *manifest["inputs"]}):
        yield Cause(_kind(name, notebooks), name, "is new")
    there = environment_digests()
    for name, digest in sorted(manifest["environment"].items()):
        if there.get(name) != digest:
            yield Cause("jpreport" if name != "environment" else name, _WORDS[name], "changed")


def _inputs(record: Mapping[str, Any]) -> set[str]:
    return {record["notebook"], *record["read"]}


def _kind(name: str, notebooks: set[str]) -> str:
    if name == SETTINGS_FILE:
        return "settings"
    if name.startswith(f"{STAGED_CUBES}/"):
        return "protected cube"
    if name in notebooks:
        return "notebook"
    return "code" if name.endswith(".py") else "data"


def _files(
    folder: Path,
    fresh: Path,
    records: Mapping[str, Mapping[str, Any]],
    only: str,
    *,
    explained: bool,
) -> Iterator[FileVerdict]:
    outputs: dict[str, str] = {}
    for record in records.values():
        outputs |= record["outputs"]
    for name, digest in sorted(outputs.items()):
        if only in ("", name):
            yield _file(folder / name, fresh / name, name, digest)
    if only in ("", _INDEX, MANIFEST):
        for name in (_INDEX, MANIFEST):
            if only in ("", name):
                yield _unlisted(folder, fresh, name, explained=explained)
    if not only:
        for path in sorted([*folder.glob("*.html"), *folder.glob("*.pdf")]):
            if path.name not in outputs and path.name != _INDEX:
                yield FileVerdict(path.name, "foreign", "is not part of the release")


def _file(published: Path, rebuilt: Path, name: str, digest: str) -> FileVerdict:
    then = rebuilt.read_bytes() if rebuilt.is_file() else None
    same = then is not None and digest_bytes(then) == digest
    if not published.is_file():
        return FileVerdict(name, "missing", _again(same=same))
    content = published.read_bytes()
    if digest_bytes(content) != digest:
        place = f"; {_first_difference(content, then)}" if then is not None and same else ""
        detail = f"was altered after it was built{place}. {_again(same=same)}"
        return FileVerdict(name, "altered", detail)
    if then is None:
        return FileVerdict(name, "differs", "could not be built again")
    return FileVerdict(name, "reproduced" if same else "differs")


def _again(*, same: bool) -> str:
    return "Another build gives the original." if same else "The original cannot be built again."


def _first_difference(one: bytes, other: bytes) -> str:
    """Say where two contents part, in bytes from 1."""
    pairs = enumerate(zip(one, other, strict=False), start=1)
    place = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)) + 1)
    if len(one) != len(other):
        return f"{len(one):,} bytes, not {len(other):,}; the first that differs is byte {place:,}"
    count = sum(a != b for a, b in zip(one, other, strict=True))
    return f"{count:,} byte{'s differ' if count > 1 else ' differs'}, the first is byte {place:,}"


def _unlisted(folder: Path, fresh: Path, name: str, *, explained: bool) -> FileVerdict:
    """Compare what the manifest cannot hold a digest of: the index, and the manifest itself.

    Where no input differs (not `explained`), another content can only be an alteration.
    """
    published, rebuilt = folder / name, fresh / name
    if not published.is_file():
        return FileVerdict(name, "missing")
    if not rebuilt.is_file():
        return FileVerdict(name, "differs", "could not be built again")
    content, then = published.read_bytes(), rebuilt.read_bytes()
    if content == then:
        return FileVerdict(name, "reproduced")
    detail = f"{_first_difference(content, then)}"
    return FileVerdict(name, "differs") if explained else FileVerdict(name, "altered", detail)


def _reports(folder: Path) -> Mapping[str, Any]:
    path = folder / MANIFEST
    reports: Mapping[str, Any] = read_manifest(path)["reports"] if path.is_file() else {}
    return reports


def _quoted(records: Iterator[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    return [entry for record in records for entry in record["quoted"]]
