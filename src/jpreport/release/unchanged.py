"""Whether anything changed at all since the last whole build; loads nothing heavy."""

from __future__ import annotations

from pathlib import Path

from jpreport.files import EditionRecord, Store, digest_json, environment_digests
from jpreport.programme.folder import STAGED_CUBES, state_folder


def edition_key(record: EditionRecord) -> str:
    """Return the digest of what an edition was made from, and of what files it has."""
    return digest_json([record.execution, record.rendering, sorted(record.outputs)])


def nothing_changed(root: Path, output: Path) -> dict[str, EditionRecord] | None:
    """Return the record of every edition by slug, or None if any of them may be stale.

    True to content: every file that the last whole build read or wrote is digested again.
    What is made from the same files in the same environment is the same plan, so that
    settings, records and notebooks need not be read for what they say.
    """
    store = Store(state_folder(root, output))
    kept = store.whole_build()
    if not kept or kept.environment != environment_digests():
        return None
    inputs: dict[Path, str] = {root / name: digest for name, digest in kept.read.items()}
    files = {output / name: digest for name, digest in kept.published.items()}
    records: dict[str, EditionRecord] = {}
    for slug, key in kept.editions.items():
        record = store.edition(slug)
        if record is None or edition_key(record) != key:
            return None
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
    if any(digests.digest_input(path) != digest for path, digest in inputs.items()) or any(
        digests.digest(path) != digest for path, digest in files.items()
    ):
        return None
    return records
