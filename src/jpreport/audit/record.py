"""The record of an audit for the release's file: by what it was judged, and what came of it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jpreport import __version__
from jpreport.audit.result import Audit
from jpreport.files import digest_file, read_json
from jpreport.programme.folder import MANIFEST

# What the record is, and of which version of its form.
TYPE = "jpreport.audit/1"
_CRITERIA = {
    "leaks": "no file holds values of identifying columns, or traces of the machine",
    "numbers": "every number about a sensitive table is its protected cube's",
    "attacks": "for every suppressed number there are two tables of whole numbers that agree with "
    "all that is published, the release and the previous ones, and differ in it by the width or "
    "more; and by insider_width or more for somebody who is alone in a cell",
}
_DECIDING = ("highspy", "numpy", "duckdb")


def audit_record(result: Audit, release: Path, previous: Sequence[Path]) -> dict[str, Any]:
    """Return the record of an audit as JSON values; no count of persons is in it, no cell named.

    It belongs to the release whose manifest has the digest in it, and was attacked together with
    the `previous` ones. The same release gives the same record on the same software.
    """
    found = {name: len(getattr(result, name)) for name in _CRITERIA}
    return {
        "$type": TYPE,
        "sound": not result.problems,
        "release": digest_file(release / MANIFEST),
        "previous": [digest_file(one / MANIFEST) for one in previous],
        "isolation": read_json(release / MANIFEST).get("environment", {}).get("isolation", ""),
        "versions": {
            "jpreport": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _DECIDING},
        },
        "criteria": [
            {"name": name, "says": says, "findings": found[name]}
            for name, says in _CRITERIA.items()
        ],
        "files": result.files,
        "cubes": [
            # How many numbers few persons make is not for readers: it is counted in the records.
            {name: value for name, value in asdict(one).items() if name != "dominated"}
            | {"sound": not one.found}
            for one in result.tables
        ],
    }
