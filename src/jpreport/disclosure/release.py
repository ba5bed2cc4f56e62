"""All that is known of a release: its cube, all that are out already, and what has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from jpreport.disclosure.attacker import Attacker
from jpreport.disclosure.axes import Axis, Coordinate, inner_cells
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.solver import contradiction, whole_table
from jpreport.disclosure.system import Edition, Key, System, Table, build_system, known_to_be_empty
from jpreport.disclosure.trials import Interval, Needs, Trials
from jpreport.disclosure.witnesses import Insider
from jpreport.errors import NOWHERE, DisclosureError, Problem

Numbers = Mapping[Coordinate, int | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A number that an intruder finds out too closely.

    `edition` is the release that the cell belongs to, or "change": what was added between two
    of them; `releases` are their numbers, from the first, the current one last. `knower` is the
    inner cell of the single person who can do it; None: everyone can.
    """

    edition: Literal["current", "previous", "change"]
    cell: Coordinate
    interval: Interval
    knower: Coordinate | None = None
    releases: Edition = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """By what a release is judged: see `declaration.Sensitive`.

    `fixed` are cells that must stay hidden; `wider` are those that need more than the width.
    """

    threshold: int
    width: int
    insider_width: int
    lowest: int
    fixed: frozenset[Coordinate] = frozenset()
    wider: Mapping[Coordinate, int] | None = None


def comparable(axes: Sequence[Axis], previous: Sequence[ProtectedCube]) -> None:
    """Raise DisclosureError where an earlier release has other dimensions, or rounded counts."""
    names = [axis.name for axis in axes]
    for one in previous:
        if one.base:
            raise DisclosureError(
                Problem(
                    NOWHERE.at(one.table),
                    "a previous release has rounded counts, which exact ones beside them narrow",
                    'keep "method": "round" and the same records, or withdraw that release',
                )
            )
        before = [axis.name for axis in one.axes]
        if names != before:
            raise DisclosureError(
                Problem(
                    NOWHERE.at(one.table),
                    f"a previous release has the dimensions {', '.join(before)}, "
                    f"this one {', '.join(names)}",
                    "their numbers cannot be compared cell by cell: keep the dimensions",
                )
            )


def _grew(numbers: Numbers, before: Numbers) -> bool:
    """Whether an intruder may suppose that records were only added."""
    return all(
        number is None or (now := numbers.get(cell, 0)) is None or now >= number
        for cell, number in before.items()
    )


def single_persons(
    truth: Cube, suppressed: Sequence[Coordinate]
) -> dict[Coordinate, set[Coordinate]]:
    """Return the single persons of inner cells, and the suppressed cells in which each is alone."""
    cells, hidden = truth.cells, set(suppressed)
    alone: dict[Coordinate, Coordinate] = {}
    groups: dict[Coordinate, set[Coordinate]] = {}
    for leaf, above in inner_cells(truth.axes):
        if cells[leaf].persons != 1:
            continue
        own = {cell for cell in above if cells[cell].persons == 1}
        # Alone in a cell together with another of these: it is one person with several records.
        for name in {alone[cell] for cell in own if cell in alone}:
            own |= groups.pop(name)
        groups[leaf] = own
        alone |= dict.fromkeys(own, leaf)
    return {leaf: own & hidden for leaf, own in groups.items() if own & hidden}


def _needs(
    system: System, rules: Rules, previous: Sequence[ProtectedCube], truth: Cube | None
) -> Needs:
    last: Edition = (len(previous),)
    width = np.zeros(len(system.members), dtype=np.int64)
    fixed, change = (np.ones(len(width), dtype=bool) for _ in range(2))
    wider = rules.wider or {}
    for number, keys in enumerate(system.members):
        for edition, cell in keys:
            change[number] &= len(edition) > 1
            own = rules.width if edition == last or len(edition) > 1 else previous[edition[0]].width
            if edition == last:
                own = max(own, wider.get(cell, 0))
            width[number] = max(width[number], own)
        current = [cell for edition, cell in keys if edition == last]
        fixed[number] = not current or any(cell in rules.fixed for cell in current)
    if truth is None or not rules.insider_width:
        return Needs(width, fixed, change, rules.threshold)
    at = {cell: system.number[last, cell] for cell in truth.cells if (last, cell) in system.number}
    known = single_persons(truth, list(at))
    return Needs(
        width,
        fixed,
        change,
        rules.threshold,
        insiders=tuple(
            Insider((last, leaf), tuple(sorted({at[cell] for cell in own})))
            for leaf, own in known.items()
        ),
        small=tuple(
            sorted({at[cell] for cell in at if 0 < truth.cells[cell].persons < rules.threshold})
        ),
        insider_width=rules.insider_width,
    )


def prepared(  # noqa: PLR0913 (all of it is known)
    axes: tuple[Axis, ...],
    numbers: Numbers,
    rules: Rules,
    previous: Sequence[ProtectedCube],
    *,
    truth: Cube | None,
    empty: frozenset[Coordinate],
) -> Trials:
    """Return the trials of a release: all that is out is published, of the release itself nothing.

    `numbers` are the release's own, None where unknown; `empty` its inner cells that anyone knows
    to be zero. Without `truth`, insiders are not played. Raises DisclosureError where an earlier
    release has other dimensions, or no table has all numbers.
    """
    comparable(axes, previous)
    series: list[Numbers] = [*(one.cells for one in previous), numbers]
    grew = [True, *(_grew(now, before) for before, now in pairwise(series))]
    try:
        return _trials(axes, series, grew, rules, previous, truth, empty)
    except DisclosureError:
        if len(series) == 1 or not all(grew):
            raise
        # Some were withdrawn, though no published number tells it.
        return _trials(axes, series, [False] * len(grew), rules, previous, truth, empty)


def _trials(  # noqa: PLR0913, PLR0917 (all of it is needed)
    axes: tuple[Axis, ...],
    series: Sequence[Numbers],
    grew: Sequence[bool],
    rules: Rules,
    previous: Sequence[ProtectedCube],
    truth: Cube | None,
    empty: frozenset[Coordinate],
) -> Trials:
    earlier = [
        Table(one.axes, one.lowest, known_to_be_empty(one.axes, one.cells), grows)
        for one, grows in zip(previous, grew, strict=False)
    ]
    system = build_system([*earlier, Table(axes, rules.lowest, empty, grew[-1])])
    known: dict[int, int] = {}
    out: set[int] = set()
    for number, keys in enumerate(system.members):
        for edition, cell in keys:
            value = series[edition[0]].get(cell) if len(edition) == 1 else None
            if value is None:
                continue
            if known.setdefault(number, value) != value:
                raise contradiction()
            if edition[0] < len(previous):
                out.add(number)
    for at, one in enumerate(series):
        for cell, value in one.items():
            if value and ((at,), cell) not in system.number:
                raise contradiction()
    table = whole_table(system, known)
    trials = Trials(
        Attacker(system, table, exact=truth is None), _needs(system, rules, previous, truth)
    )
    trials.attacker.publish(out)
    return trials


def audit(
    protected: ProtectedCube,
    *,
    previous: Sequence[ProtectedCube] = (),
    truth: Cube | None = None,
    insider_width: int = 1,
    wider: Mapping[Coordinate, int] | None = None,
) -> tuple[Finding, ...]:
    """Attack a protected cube, and all `previous` releases with it; return what is found out.

    Nothing is found if, for each suppressed cell, two whole-number tables agree with all that
    is published and known and lie at least the cube's `width` apart there. With the `truth`,
    each single person of a cell is played as well: to them no other small cell may be known to
    less than `insider_width`. `wider` has cells that need more than the width.
    Raises DisclosureError where the numbers contradict each other.
    """
    rules = Rules(
        protected.threshold, protected.width, insider_width, protected.lowest, wider=wider
    )
    empty = known_to_be_empty(protected.axes, protected.cells)
    numbers: Numbers = protected.cells if truth is None else truth.values()
    trials = prepared(protected.axes, numbers, rules, previous, truth=truth, empty=empty)
    trials.attacker.exact = True
    attacker, last = trials.attacker, len(previous)
    number = attacker.system.number
    attacker.publish(
        {number[key] for cell in protected.published if (key := ((last,), cell)) in number}
    )
    found: list[tuple[Key, Interval, Coordinate | None]] = []
    for at, cube in enumerate((*previous, protected)):
        for cell in cube.suppressed:
            # The same sum as a published cell, or one of which nothing is left.
            own = number.get(((at,), cell))
            if own is None or attacker.published[own]:
                value = 0 if own is None else int(attacker.values[own])
                found.append((((at,), cell), Interval(value, value), None))
    for one in trials.exposed(outsiders_only=bool(found)):
        knower = one.knower[1] if one.knower else None
        found += [(key, one.interval, knower) for key in attacker.system.members[one.number]]
    return tuple(
        Finding(_kind(edition, last), cell, interval, knower, edition)
        for (edition, cell), interval, knower in found
    )


def _kind(edition: Edition, last: int) -> Literal["current", "previous", "change"]:
    if len(edition) > 1:
        return "change"
    return "current" if edition == (last,) else "previous"
