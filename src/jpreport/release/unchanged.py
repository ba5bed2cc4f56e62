"""Whether anything changed at all since the last whole build; loads nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jpreport.files import Store, digest_json, environment_digests
from jpreport.programme.folder import STAGED_CUBES


def edition_key(record: Mapping[str, Any]) -> str:
    """Return the digest of what an edition's record says that it was made from."""
    return digest_json([record["execution"], record["rendering"]])


def nothing_changed(root: Path, output: Path) -> dict[str, Mapping[str, Any]] | None:
    """Return the record of every edition by slug, or None if any of them may be stale.

    True to content: every file that the last whole build read or wrote is digested again.
    What is made from the same files in the same environment is the same plan, so that
    settings, records and notebooks need not be read for what they say.
    """
    store = Store(output)
    kept = store.survey()
    if not kept or kept["environment"] != environment_digests():
        return None
    files: dict[Path, str] = {root / name: digest for name, digest in kept["read"].items()}
    files |= {output / name: digest for name, digest in kept["published"].items()}
    records = {slug: store.edition(slug) for slug in kept["editions"]}
    for slug, record in records.items():
        if not record or edition_key(record) != kept["editions"][slug]:
            return None
        # What cannot be digested ("") is never known to be the same.
        # Protected cubes are made from files that the survey read, and stand in their place.
        files |= {
            root / name: digest or "unknown"
            for name, digest in record["read"].items()
            if not name.startswith(f"{STAGED_CUBES}/") and name not in kept["read"]
        }
        files |= {output / name: digest for name, digest in record["outputs"].items()}
    if any(store.digest(path) != digest for path, digest in files.items()):
        return None
    return records
