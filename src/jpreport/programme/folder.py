"""Find the programme folder."""

from __future__ import annotations

import re
from pathlib import Path

from jpreport.errors import Place, Problem, ProjectError
from jpreport.files import digest_bytes

SETTINGS_FILE = "programme.toml"

# The environment variable that names the programme folder where the working folder is elsewhere.
PROJECT_VARIABLE = "JPREPORT_PROJECT"

# The environment variable that names the folder in which open tables are kept as Arrow files.
TABLES_VARIABLE = "JPREPORT_TABLES"

# The environment variable that holds the secret (hexadecimal), so that all who build one
# programme, on their machines and in CI, publish the same cells.
SECRET_VARIABLE = "JPREPORT_SECRET"  # noqa: S105 (its name)

# The environment variable that tells a kernel whom it works for: a restricted edition's may see
# records of persons.
AUDIENCE_VARIABLE = "JPREPORT_AUDIENCE"

# The environment variable that tells a kernel the languages of its report: BCP 47 tags with commas
# between them, the notebook's own first.
LANGUAGES_VARIABLE = "JPREPORT_LANGUAGES"

# The folder beside whose notebooks the programme's terms in other languages are.
NOTEBOOKS = "notebooks"

# The folder of a staged programme that holds protected cubes in place of records of persons.
STAGED_CUBES = "cubes"

# The folder of a staged programme that holds its open tables as Arrow files.
STAGED_TABLES = ".tables"

# What says that a folder holds a release.
MANIFEST = "manifest.json"

# What an audit was made by and found, beside the manifest of a release that is recorded.
AUDIT_RECORD = "audit.json"

# Where a programme records the releases that are out: their manifests and protected cubes.
RELEASES = "releases"

# Where a release holds the protected cubes that its numbers come from.
PUBLISHED_CUBES = "cubes"

# The private folder of a programme for what builds remember; it is never sent with a release.
STATE = ".jpreport"

# The output folder where none is named.
OUTPUTS = "outputs"

_ENTRY = re.compile(r'\[\[(\w+)\]\] "(.*)"', re.DOTALL)


def state_folder(root: Path, output: Path) -> Path:
    """Return where a programme keeps what is known of the last build into an output folder.

    Of one within the programme folder it moves along when the programme is moved or copied.
    """
    root, output = root.resolve(), output.resolve()
    inside = output.is_relative_to(root) and output != root
    name = output.relative_to(root).as_posix() if inside else str(output)
    if inside and "/" not in name:
        return root / STATE / name
    return root / STATE / f"{output.name}-{digest_bytes(name.encode())[:16]}"


def entry_place(table: str, name: str, key: str = "") -> Place:
    """Return where an entry of the settings is declared, such as the report "donor"."""
    return Place(SETTINGS_FILE).at(f'[[{table}]] "{name}"', key=key)


def entry_of(place: Place) -> tuple[str, str, str] | None:
    """Return table, name and key of a place that `entry_place` gave; None of any other."""
    part, key = place.get("part"), place.get("key")
    match = (
        _ENTRY.fullmatch(part) if place.file == SETTINGS_FILE and isinstance(part, str) else None
    )
    return (match[1], match[2], str(key or "")) if match else None


def find_programme(start: Path) -> Path:
    """Return the nearest folder upward from `start` that holds `programme.toml`.

    Raises ProjectError where there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise ProjectError(
        Problem(
            Place(str(start)),
            f"neither this folder nor one above it holds {SETTINGS_FILE}",
            "go to a programme folder, or name one with --project DIR",
        )
    )
