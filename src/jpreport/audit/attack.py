"""The attack on one sensitive table of a release: what an intruder finds out, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from jpreport.audit.numbers import Case, small_cells
from jpreport.data import Resource
from jpreport.disclosure.axes import Coordinate, unlisted
from jpreport.disclosure.cache import audit_once
from jpreport.disclosure.cubes import released_cubes
from jpreport.disclosure.groups import concentrated
from jpreport.disclosure.primary import primary_cells, protection_level
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.release import Finding
from jpreport.disclosure.rounding import unsound
from jpreport.errors import NOWHERE, DisclosureError, Problem

# More findings of one kind than anyone reads one by one.
_SHOWN = 10
_ATTACK_HINT = "build the release again; if it stays, ask for fewer dimensions or broader groups"


def _shown(case: Case, cells: Sequence[Coordinate]) -> str:
    named = [case.named(cell) or "the total" for cell in cells[:_SHOWN]]
    more = f"; and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else ""
    return "; ".join(named) + more


def _small(case: Case) -> Iterator[Problem]:
    cells = list(small_cells(case))
    if cells:
        yield Problem(
            NOWHERE.at(case.table),
            f"{len(cells)} counts of fewer than {case.declaration.threshold} persons are "
            f"published: {_shown(case, cells)}",
            "the cube was not made by a release build: build it again",
        )


def _dominated(case: Case) -> Iterator[Problem]:
    """Yield the published cells of which few persons make most, by the rules declared."""
    if case.truth is None or case.truth.count == "persons":
        return
    rule = case.declaration
    cells = [
        cell
        for cell in case.cube.published
        if protection_level(case.truth.cells[cell], rule.p_percent, *rule.dominance)
    ]
    if cells:
        yield Problem(
            NOWHERE.at(case.table),
            f"{len(cells)} numbers are published of which few persons make most: "
            f"{_shown(case, cells)}",
            "the cube was not made by the rules that are declared: build it again",
        )


def _rounded(case: Case, releases: Sequence[Path]) -> Iterator[Problem]:
    """Yield what a rounded cube does not keep of its promise; that needs no search."""
    hint = "the cube was not made by the rules that are declared: build it again"
    where = NOWHERE.at(case.table)
    if case.cube.base < case.declaration.base or not case.declaration.base:
        yield Problem(where, "is not rounded to the base that is declared", hint)
        return
    for why in unsound(case.cube, case.truth):
        yield Problem(where, why, hint)
    try:
        before = released_cubes(releases, case.table)
    except DisclosureError as error:
        yield from error.problems
        return
    if any(one != case.cube for one in before):
        message = "was published before with other numbers: two roundings of one count narrow it"
        yield Problem(where, message, "withdraw one of the two releases")


def _telling(
    case: Case, resource: Resource, previous: Sequence[ProtectedCube]
) -> Iterator[Problem]:
    """Yield the dimensions in which a value tells by standing there that somebody exists."""
    if case.truth is None:
        return
    declaration = case.declaration
    for dimension, axis in zip(declaration.dimensions, case.truth.axes, strict=True):
        known = {label for one in previous for label in one.axis(axis.name).labels}
        labels = unlisted(dimension, resource, axis) - known
        cells = [case.truth.cells[case.cube.coordinate(**{axis.name: one})] for one in labels]
        few = sum(cell.persons < declaration.threshold for cell in cells)
        if few:
            yield Problem(
                NOWHERE.at(case.table, f"dimension {axis.name}"),
                f"{few} values that the contract does not list stand in the cube, of fewer than "
                f"{declaration.threshold} persons each: that they stand there tells of these",
                "build the release again: they are counted as other",
            )


def _groups(case: Case) -> Iterator[Problem]:
    """Yield the groups that are told as a whole where the declaration does not want it."""
    if case.declaration.groups == "suppress" and not case.column:
        knowers = case.truth if case.declaration.insider_width else None
        found = concentrated(case.cube, knowers)
        if found:
            yield Problem(
                NOWHERE.at(case.table),
                f"of {len(found)} groups everybody is seen to have one value of a dimension",
                "build the release again by the rules that are declared now",
            )


def _closeness(case: Case, finding: Finding) -> str:
    """Return how closely something is found out; not what."""
    closely = int(finding.interval.width)
    how = "exactly" if not closely else f"to within {closely}"
    # Whose cell it is would tell that there is one person in it.
    by = "" if finding.knower is None else ", to somebody who is alone in another cell"
    editions = {
        "current": "",
        "previous": " of a previous release",
        "change": ", added between two releases",
    }
    cell = case.named(finding.cell) or "the total"
    return f"{cell}{editions[finding.edition]}: known {how}{by}"


def attack(  # noqa: PLR0913, PLR0917 (a case, and all that an intruder has)
    case: Case,
    resource: Resource,
    releases: Sequence[Path],
    given_away: Mapping[Coordinate, int],
    verdicts: Path,
    secret: bytes,
) -> Iterator[Problem]:
    """Yield what an intruder finds out; of what is given away, only what follows from it."""
    known = dict.fromkeys(case.cube.cells) | dict(case.cube.cells) | dict(given_away)
    cube = replace(case.cube, cells=known)
    if case.cube.base or case.declaration.base:
        yield from _rounded(case, releases)
        return
    yield from _small(case)
    yield from _dominated(case)
    yield from _groups(case)
    try:
        previous = released_cubes(releases, case.declaration.table)
        if case.column:
            previous = tuple(one.of(case.column) for one in previous if case.column in one.sums)
        else:
            yield from _telling(case, resource, previous)
        findings = audit_once(
            cube,
            verdicts,
            secret=secret,
            previous=previous,
            truth=case.truth,
            insider_width=case.declaration.insider_width,
            wider=primary_cells(case.truth, case.declaration) if case.truth else None,
        )
    except DisclosureError as error:
        yield from error.problems
        return
    if findings:
        first = "; ".join(_closeness(case, finding) for finding in findings[:_SHOWN])
        more = f"; and {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
        yield Problem(
            NOWHERE.at(case.table),
            f"{len(findings)} suppressed counts follow from what is published: {first}{more}",
            _ATTACK_HINT,
        )
