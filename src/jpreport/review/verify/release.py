"""Build a release again from the inputs at hand, and say whether it is the same, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jpreport.document.formats import signed_copy
from jpreport.errors import OutputError, Place, Problem, did_you_mean
from jpreport.figures import FigureRecord
from jpreport.files import Store, digest_bytes
from jpreport.files.private import private_folder
from jpreport.programme.folder import MANIFEST, state_folder
from jpreport.programme.formats import registered_formats
from jpreport.review.changes import changed_figures
from jpreport.review.verify.causes import Recorded, Records, find_causes
from jpreport.review.verify.manifest import UNLISTED, quoted_in, read_manifest, release_of
from jpreport.review.verify.rebuild import build_again, manifest_of, set_as_recorded
from jpreport.review.verify.verdict import UNAFFECTED, FileVerdict, Verdict, first_difference

_RECORDED = ("notebook", "parameters", "execution", "rendering", "read")


def verify_release(target: Path, root: Path, workers: int = 1) -> Verdict:
    """Build a release again from the programme folder `root`, and compare; changes neither.

    `target` is the folder of a release or one file in it. Raises OutputError where its
    manifest cannot be read or does not list that file.
    """
    folder, only = release_of(target)
    manifest = read_manifest(folder / MANIFEST)
    records = _chosen(manifest, only)
    whole = len(records) == len(manifest["reports"])
    with private_folder() as private:
        fresh = private / "fresh"
        problems = tuple(build_again(root, fresh, _formats(records), _audience(manifest), workers))
        built = manifest_of(fresh)
        now = built["reports"]
        inputs = manifest["inputs"] if whole else {}
        closed = Store(state_folder(root, folder)).closed()
        recorded = Recorded(records, manifest["environment"], inputs, closed)
        causes = tuple(find_causes(recorded, built, root))
        explained = bool(causes or problems)
        builds = _Builds(folder, fresh, root, manifest, explained=explained)
        files = tuple(_files(builds, records, only))
        figures = changed_figures(
            _quoted(record for slug, record in records.items() if slug in now),
            _quoted(record for slug, record in now.items() if slug in records),
        )
    return Verdict(files, causes, figures, problems)


def _audience(manifest: Mapping[str, Any]) -> str:
    return str(manifest.get("audience", "public"))


def _chosen(manifest: Mapping[str, Any], only: str) -> Records:
    records: Records = manifest["reports"]
    if only in ("", *UNLISTED, *manifest["cubes"]):
        return records
    for slug, record in records.items():
        if only in record["outputs"]:
            return {slug: record}
    names = [name for record in records.values() for name in record["outputs"]]
    raise OutputError(Problem(Place(only), f"is not in {MANIFEST}", did_you_mean(only, names)))


def _formats(records: Records) -> dict[str, tuple[str, ...]]:
    return {
        slug: tuple(one for one in registered_formats() if f"{slug}.{one}" in record["outputs"])
        for slug, record in records.items()
    }


@dataclass(frozen=True, slots=True)
class _Builds:
    """A published and a new build; `explained` where inputs differ."""

    folder: Path
    fresh: Path
    root: Path
    manifest: Mapping[str, Any]
    explained: bool

    def recorded(self, slug: str) -> Mapping[str, bytes]:
        """Return a report's new files with the digests that the manifest records, by suffix."""
        record = self.manifest["reports"][slug]
        made_from = {key: record[key] for key in _RECORDED}
        suffixes = [name.partition(".")[2] for name in record["outputs"]]
        return set_as_recorded(
            self.fresh,
            slug,
            {
                "jpreport": self.manifest["jpreport"],
                "audience": _audience(self.manifest),
                **made_from,
            },
            suffixes,
            self.root,
        )


def _files(builds: _Builds, records: Records, only: str) -> Iterator[FileVerdict]:
    found = (one for slug in records for one in _outputs(builds, slug, only))
    yield from sorted(found, key=lambda verdict: verdict.name)
    notebooks = sorted({record["notebook"] for record in records.values()})
    # Restricted editions are no release, and so no crate: then neither build has its file.
    for name, digest in builds.manifest["cubes"].items():
        if only in ("", name):
            yield _file(builds, name, digest)
    for name in (*UNLISTED, *notebooks):
        there = (builds.folder / name).is_file() or (builds.fresh / name).is_file()
        if there and only in ("", name):
            yield _unlisted(builds, name)
    if not only:
        known = {*UNLISTED, *(name for record in records.values() for name in record["outputs"])}
        for path in sorted(builds.folder.iterdir()):
            if path.suffix[1:] in registered_formats() and path.name not in known:
                yield FileVerdict(path.name, "foreign", "is not part of the release")


def _outputs(builds: _Builds, slug: str, only: str) -> Iterator[FileVerdict]:
    recorded: Mapping[str, bytes] | None = None
    for name, digest in builds.manifest["reports"][slug]["outputs"].items():
        if only not in ("", name):
            continue
        verdict = _file(builds, name, digest)
        if verdict.state == "differs" and builds.explained:
            recorded = builds.recorded(slug) if recorded is None else recorded
            if digest_bytes(recorded.get(name.partition(".")[2], b"")) == digest:
                verdict = FileVerdict(name, "unaffected", UNAFFECTED)
        yield verdict


def _file(builds: _Builds, name: str, digest: str) -> FileVerdict:
    published, rebuilt = builds.folder / name, builds.fresh / name
    then = rebuilt.read_bytes() if rebuilt.is_file() else None
    same = then is not None and digest_bytes(then) == digest
    if not published.is_file():
        return FileVerdict(name, "missing", _again(same=same))
    content = published.read_bytes()
    try:
        found = signed_copy(published, content, lambda one: digest_bytes(one) == digest)
        content, names = found or (content, ())
    except ValueError as error:
        return FileVerdict(name, "altered", f"was altered after it was built: {error}")
    if digest_bytes(content) != digest:
        place = f"; {first_difference(content, then)}" if then is not None and same else ""
        detail = f"was altered after it was built{place}. {_again(same=same)}"
        return FileVerdict(name, "altered", detail)
    if then is None:
        return FileVerdict(name, "differs", _not_built(name), names)
    return FileVerdict(name, "reproduced" if same else "differs", signed_by=names)


def _not_built(name: str) -> str:
    suffix = name.rpartition(".")[2]
    if suffix in registered_formats() or "/" in name:
        return "could not be built again"
    return f'could not be built again: the format "{suffix}" is not installed here'


def _again(*, same: bool) -> str:
    return "Another build gives the original." if same else "The original cannot be built again."


def _unlisted(builds: _Builds, name: str) -> FileVerdict:
    """Compare what the manifest cannot hold a digest of: the manifest and what goes with it.

    Where no input differs, another content can only be an alteration.
    """
    published, rebuilt = builds.folder / name, builds.fresh / name
    if not published.is_file():
        return FileVerdict(name, "missing")
    if not rebuilt.is_file():
        return FileVerdict(name, "differs", "could not be built again")
    content, then = published.read_bytes(), rebuilt.read_bytes()
    if content == then:
        return FileVerdict(name, "reproduced")
    if builds.explained:
        return FileVerdict(name, "differs")
    return FileVerdict(name, "altered", first_difference(content, then))


def _quoted(reports: Iterator[Mapping[str, Any]]) -> list[FigureRecord]:
    return [source.record for report in reports for source in quoted_in(report)]
