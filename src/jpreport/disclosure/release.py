"""All that is known of a release: its cube, the cube published before, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from jpreport.disclosure.attack import Knowledge, exposed, exposed_to_insiders
from jpreport.disclosure.axes import Axis, Coordinate, coordinates, relations
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.error import DisclosureError
from jpreport.disclosure.polytope import Interval
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.relations import Relation
from jpreport.errors import NOWHERE, Problem

# A cell of one of the editions: "current", "previous", or "change", what was added between them.
Key = tuple[str, Coordinate]


@dataclass(frozen=True, slots=True)
class Finding:
    """A number that an intruder finds out too closely.

    `edition` is the release that the cell belongs to, or "change": what was added between the
    two. `knower` is the inner cell of the single person who can do it; None: everyone can.
    """

    edition: str
    cell: Coordinate
    interval: Interval
    knower: Coordinate | None = None


@dataclass(frozen=True, slots=True)
class System:
    """What an intruder works with beside the current release's numbers."""

    relations: Sequence[Relation[Key]]
    known: Mapping[Key, int] = field(default_factory=dict)
    bounds: Mapping[Key, tuple[int, int | None]] = field(default_factory=dict)
    threshold: int = 0

    def harmful(self, key: Key, interval: Interval) -> bool:
        """Whether to know a cell so closely singles out anybody.

        Of a change that is nothing, or that is large, anyone may know.
        """
        return key[0] != "change" or 0 < interval.lower < self.threshold


def _keyed(edition: str, axes: Sequence[Axis]) -> list[Relation[Key]]:
    return [
        Relation(tuple(((edition, cell), factor) for cell, factor in relation.terms))
        for relation in relations(axes)
    ]


def _comparable(axes: Sequence[Axis], previous: ProtectedCube) -> None:
    names, before = [[axis.name for axis in them] for them in (axes, previous.axes)]
    if names != before:
        raise DisclosureError(
            Problem(
                NOWHERE.at(previous.table),
                f"the previous release has the dimensions {', '.join(before)}, "
                f"this one {', '.join(names)}",
                "their numbers cannot be compared cell by cell: keep the dimensions",
            )
        )


def release_system(
    axes: Sequence[Axis], lowest: int, previous: ProtectedCube | None, *, grows: bool = True
) -> System:
    """Return how the cells of a release hang together, with those of the release before.

    `lowest` is what a suppressed count is known to be at least. `grows`: the intruder supposes
    that records were only added since. Raises DisclosureError where the previous release has
    other dimensions.
    """
    cells = list(coordinates(axes))
    bounds: dict[Key, tuple[int, int | None]] = {
        ("current", cell): (lowest, None) for cell in cells
    }
    found = _keyed("current", axes)
    if previous is None:
        return System(found, {}, bounds)
    _comparable(axes, previous)
    known: dict[Key, int] = {("previous", cell): n for cell, n in previous.published.items()}
    bounds |= {("previous", cell): (previous.lowest, None) for cell in previous.suppressed}
    found += _keyed("previous", previous.axes)
    farthest = -max(known.values(), default=0) - 1
    for cell in cells:
        before, change = ("previous", cell), ("change", cell)
        if cell not in previous.cells:
            known[before] = 0  # a value that no record had
        found.append(Relation(((("current", cell), 1), (before, -1), (change, -1))))
        bounds[change] = (0 if grows else farthest, None)
    return System(found, known, bounds, previous.threshold)


def released(
    axes: Sequence[Axis],
    lowest: int,
    numbers: Mapping[Coordinate, int],
    previous: ProtectedCube | None,
) -> System:
    """Return `release_system`, with growth supposed where the numbers allow it."""
    before = {} if previous is None else previous.published
    grows = all(number >= before.get(cell, 0) for cell, number in numbers.items())
    return release_system(axes, lowest, previous, grows=grows)


@dataclass(frozen=True, slots=True)
class Insiders:
    """Single persons and what they must not find out.

    `know` holds, by a cell in which a person is alone, all cells in which they are, and which
    they know therefore. `small` are the cells of few persons: nobody may know one of them, where
    others are in it, to less than `width`.
    """

    know: Mapping[Key, Mapping[Key, int]] = field(default_factory=dict)
    small: frozenset[Key] = frozenset()
    width: int = 1


def insiders(truth: Cube, suppressed: Sequence[Coordinate], threshold: int, width: int) -> Insiders:
    """Return the single persons among suppressed cells, and the small cells next to theirs."""
    cells, hidden = truth.cells, set(suppressed)
    leaves = product(*(axis.leaves for axis in truth.axes))
    alone: dict[Coordinate, Coordinate] = {}
    groups: dict[Coordinate, set[Coordinate]] = {}
    for leaf in leaves:
        if cells[leaf].persons != 1:
            continue
        chains = (axis.upward(label) for axis, label in zip(truth.axes, leaf, strict=True))
        own = {cell for cell in product(*chains) if cells[cell].persons == 1}
        # Alone in a cell together with another of these: it is one person with several records.
        for name in {alone[cell] for cell in own if cell in alone}:
            own |= groups.pop(name)
        groups[leaf] = own
        alone |= dict.fromkeys(own, leaf)
    return Insiders(
        {
            ("current", leaf): {("current", cell): cells[cell].value for cell in own & hidden}
            for leaf, own in groups.items()
            if own & hidden
        },
        frozenset(("current", key) for key in suppressed if 0 < cells[key].persons < threshold),
        width,
    )


@dataclass(frozen=True, slots=True)
class Needs:
    """How uncertain a suppressed number must stay: `width`, more for those in `wider`."""

    width: int
    wider: Mapping[Key, int] = field(default_factory=dict)
    inside: Insiders = field(default_factory=Insiders)


def find(
    system: System,
    published: Mapping[Key, int],
    needs: Needs,
    tables: Sequence[Mapping[Key, int]] = (),
) -> tuple[Finding, ...]:
    """Return what `audit` does, for numbers given one by one; `tables` may serve as witnesses."""
    unknown = [key for key in system.bounds if key not in published]
    knowledge = Knowledge(published, system.relations, system.bounds, tables)
    widths = {key: max(needs.width, needs.wider.get(key, 0)) for key in unknown}
    findings = [
        Finding(*key, interval)
        for key, interval in exposed(knowledge, widths).items()
        if system.harmful(key, interval)
    ]
    inside = needs.inside
    if inside.width and inside.know and not findings:
        small = {key: inside.width if key in inside.small else 0 for key in unknown}
        among = exposed_to_insiders(knowledge, small, inside.know)
        findings += [
            Finding(*other, interval, knower)
            for ((_, knower), other), interval in among.items()
            if other in inside.small
        ]
    return tuple(findings)


def audit(
    protected: ProtectedCube,
    *,
    previous: ProtectedCube | None = None,
    truth: Cube | None = None,
    insider_width: int = 1,
) -> tuple[Finding, ...]:
    """Attack a protected cube, and the previous release with it; return what is found out.

    Nothing is found if, for each suppressed cell, two whole-number tables agree with all that
    is published and known and lie at least the cube's `width` apart there. With the `truth`,
    each single person of a cell is played as well: to them no other small cell may be known to
    less than `insider_width`. Raises DisclosureError where the numbers contradict each
    other.
    """
    shown = truth.values() if truth else protected.published
    system = released(protected.axes, protected.lowest, shown, previous)
    published = {("current", cell): n for cell, n in protected.published.items()}
    needs = Needs(protected.width)
    if truth is not None:
        inside = insiders(truth, protected.suppressed, protected.threshold, insider_width)
        needs = replace(needs, inside=inside)
    return find(system, {**system.known, **published}, needs)
