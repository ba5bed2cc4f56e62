"""The gate of a release: what a build made is audited, and held back where anything is found."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jpreport.errors import JpreportError, Place, Problem
from jpreport.files import (
    CleanFiles,
    Store,
    digest_bytes,
    digest_json,
    write_atomic,
)
from jpreport.release.auditing import EarlyAudit
from jpreport.release.survey import Survey

# Where the files of a release go that did not pass; nothing else is put there.
HELD_BACK = "failed/audit"
_HINT = f"its files are in {HELD_BACK}, not for publication: mend what is named, and build again"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a build made, before it is published.

    `outputs` names the reports' files in the output folder; `published` has the contents that
    say that they are a release; `read` and `environment` are digests of what they are made from.
    """

    survey: Survey
    output: Path
    outputs: tuple[str, ...]
    published: Mapping[str, bytes]
    read: Mapping[str, str]
    environment: Mapping[str, str]

    def digests(self, store: Store) -> dict[str, str]:
        """Return the digest of every file that is there, or will be."""
        there = {name: store.digests.digest(self.output / name) for name in self.outputs}
        pending = {name: digest_bytes(content) for name, content in self.published.items()}
        return {name: digest for name, digest in there.items() if digest} | pending

    def basis(self) -> str:
        """Return the digest of what an audit compares the files with.

        The environment's variables are none of it: a file was searched for those of the session
        that made it. Nor are the notebooks, whose words only excuse what would be a trace.
        """
        inputs = {name: one for name, one in self.read.items() if not name.endswith(".ipynb")}
        code = {name: one for name, one in self.environment.items() if name != "templates"}
        cubes = {name: cube.digest() for name, cube in self.survey.cubes.items()}
        return digest_json([inputs, code, cubes])


def place_of(output: Path, name: str) -> Path:
    """Return where a file of the last build lies, held back or not."""
    held = output / HELD_BACK / name
    return held if held.is_file() else output / name


def restore_held_back(output: Path) -> None:
    """Put the files of a release that did not pass where they were, for the next audit."""
    held = output / HELD_BACK
    for path in sorted(held.rglob("*")):
        target = output / path.relative_to(held)
        if path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    shutil.rmtree(held, ignore_errors=True)


def _hold_back(candidate: Candidate, store: Store) -> None:
    """Take a release out of its place, and with it all that says that it is sound."""
    output = candidate.output
    store.forget_whole_build()
    for name in candidate.published:
        (output / name).unlink(missing_ok=True)
    for name in candidate.outputs:
        if (output / name).is_file():
            target = output / HELD_BACK / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (output / name).replace(target)


def _audit(
    candidate: Candidate,
    digests: Mapping[str, str],
    known: Mapping[str, str],
    early: EarlyAudit | None,
) -> tuple[Problem, ...]:
    from jpreport.audit import Release, audit_release

    clean = frozenset(name for name, digest in known.items() if digests.get(name) == digest)
    release = Release(candidate.output.absolute(), frozenset(digests), candidate.published, clean)
    survey = candidate.survey
    try:
        settings = survey.settings
        before = settings.previous_releases
        if early and (found := early.problems(release, digests, before)) is not None:
            return found
        return audit_release(release, survey.package, settings.root, previous=before).problems
    except JpreportError as error:
        hint = "what cannot be audited is not released"
        return tuple(replace(one, hint=one.hint or hint) for one in error.problems)


def pass_gate(
    candidate: Candidate, store: Store, early: EarlyAudit | None = None
) -> tuple[Problem, ...]:
    """Audit what a build made, and publish it if that finds nothing; return what it found.

    Of files that passed before, in comparison with the same records, only the numbers are read
    again. Where anything is found, or the audit ends otherwise, all files are held back.
    """
    passed = False
    try:
        basis, digests = candidate.basis(), candidate.digests(store)
        kept = store.clean_files()
        known: Mapping[str, str] = kept.files if kept and kept.basis == basis else {}
        problems = () if dict(known) == digests else _audit(candidate, digests, known, early)
        passed = not problems
    finally:
        if not passed:
            _hold_back(candidate, store)
    if passed:
        for name, content in candidate.published.items():
            write_atomic(candidate.output / name, content)
        store.keep_clean_files(CleanFiles(basis, digests))
        return ()
    count = len(problems)
    found = f"{count} finding{'s' if count > 1 else ''} of the audit: nothing is released"
    return (*problems, Problem(Place(candidate.output.name), found, _HINT))
