"""Whether anything changed at all since the last build or check; loads nothing heavy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from jpreport.files import EditionRecord, Store, Verdict, digest_json, environment_digests
from jpreport.programme.folder import MANIFEST, RELEASES, STAGED_CUBES, state_folder


def edition_key(record: EditionRecord) -> str:
    """Return the digest of what an edition was made from, and of what files it has."""
    return digest_json([record.execution, record.rendering, sorted(record.outputs)])


def is_new(root: Path, output: Path) -> bool:
    """Whether no report of a programme was ever built into an output folder."""
    return not any(Store(state_folder(root, output)).editions())


def nothing_changed(
    root: Path, output: Path, names: Collection[str] = ()
) -> dict[str, EditionRecord] | None:
    """Return the record of every edition by slug, or None if any of them may be stale.

    `names` are ids of reports or slugs (none: all). True to content: every file that the last
    build read, and every one that it wrote for these editions, is digested again. What is made
    from the same files in the same environment is the same plan, so that settings, records and
    notebooks need not be read for what they say.
    """
    store = Store(state_folder(root, output))
    kept = store.whole_build()
    if not kept or not (kept.complete or names) or kept.environment != environment_digests():
        return None
    inputs: dict[Path, str] = {root / name: digest for name, digest in kept.read.items()}
    files = {output / name: digest for name, digest in kept.published.items()}
    records: dict[str, EditionRecord] = {}
    known: set[str] = set()
    for slug, key in kept.editions:
        record = store.edition(slug)
        if record is None:
            return None
        if names and not {slug, record.report} & set(names):
            continue
        if edition_key(record) != key:
            return None
        known |= {slug, record.report}
        records[slug] = record
        # What cannot be digested ("") is never known to be the same.
        # Protected cubes are made from files that the survey read, and stand in their place.
        inputs |= {
            root / name: digest or "unknown"
            for name, digest in record.read.items()
            if not name.startswith(f"{STAGED_CUBES}/") and name not in kept.read
        }
        files |= {output / name: digest for name, digest in record.outputs.items()}
    digests = store.digests
    if (
        not known.issuperset(names)
        or any(digests.digest_input(path) != digest for path, digest in inputs.items())
        or any(digests.digest(path) != digest for path, digest in files.items())
    ):
        return None
    return records


def standing(name: str, root: Path, output: Path) -> Mapping[str, Any] | None:
    """Return what the last check of a name found, if it would find the same again; else None."""
    store = Store(state_folder(root, output))
    kept = store.verdict(name)
    if not kept or kept.environment != environment_digests():
        return None
    same = all(store.digests.digest(root / one) == digest for one, digest in kept.read.items())
    return kept.found if same else None


def judged(
    name: str, root: Path, output: Path, check: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Return what a check finds, and keep it with the digests of all that it reads.

    Not kept are "errors": they may come from a file that is not there, and was not read.
    """
    from jpreport.execute import reads

    with reads.watching(str(root)) as seen:
        found = check()
    if not found["errors"] and output.is_relative_to(root):
        store = Store(state_folder(root, output))
        store.prepare()
        # Also what is not there yet.
        looked_at = {*seen, RELEASES, (output / MANIFEST).relative_to(root).as_posix()}
        files = {one for one in looked_at if not (root / one).is_dir() or one == RELEASES}
        read = {one: store.digests.digest(root / one) for one in sorted(files)}
        store.keep_verdict(name, Verdict(read, environment_digests(), found))
        store.digests.save()
    return found
