"""What is told in place of the digests of records of persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jpreport.files import FileDigests, digest_json
from jpreport.programme.folder import STAGED_CUBES


@dataclass(frozen=True, slots=True)
class PublicDigests:
    """What is told in place of the digests of records of persons.

    `cubes` has the digest of each protected cube by its table, `closed` what stands for the
    digest of a file with such records, by its name. `whole` means that it has that of every file:
    the programme itself is not at hand.
    """

    cubes: Mapping[str, str] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


def digest_read(name: str, root: Path, digests: FileDigests, public: PublicDigests) -> str:
    """Return the digest of what a run read: of the file, or of the cube that it was staged as."""
    if name in public.closed:
        return public.closed[name]
    folder, _, table = name.removesuffix(".json").partition("/")
    cubes = public.cubes
    if folder == STAGED_CUBES and cubes:
        return digest_json({table: cubes[table]} if table in cubes else dict(cubes))
    return "" if public.whole else digests.digest_input(root / name)
