"""Give back what hides nothing: margins first, as long as the attack still fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from jpreport.disclosure.axes import TOTAL, Coordinate
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.release import Finding

Hidden = frozenset[Coordinate]
Attack = Callable[[Hidden], Iterable[Finding]]


def by_importance(cube: Cube, cells: Iterable[Coordinate]) -> list[Coordinate]:
    """Return cells, those first that readers miss most.

    The fewer dimensions a cell is broken down by, the more it matters; then groups before their
    parts. Empty cells come first among their like: who knows from elsewhere that a place had
    not opened by then would see through all that such a cell hides.
    """
    depths = [{label: len(axis.upward(label)) for label in axis.labels} for axis in cube.axes]

    def rank(key: Coordinate) -> tuple[int, int, bool, int, Coordinate]:
        value = cube.cells[key].value
        depth = sum(depth[label] for depth, label in zip(depths, key, strict=True))
        return len(key) - key.count(TOTAL), depth, value > 0, -value, key

    return sorted(cells, key=rank)


def restored(
    order: Iterable[Coordinate],
    hidden: Collection[Coordinate],
    attack: Attack,
    most_attacks: int,
) -> Hidden:
    """Return what must stay hidden when as much as possible is published, in this order.

    `order` names the cells that may be published. A cell is published with all others that then
    follow closely and may be published as well: the second of two sexes goes with the first.
    `attack` says what is found out while some cells are hidden; it must find nothing at first.
    After `most_attacks` of them the rest stays hidden.
    """
    order = tuple(order)
    may, kept, attacks = frozenset(order), frozenset(hidden), 0
    for cell in order:
        trial = kept - {cell}
        while trial != kept and attacks < most_attacks:
            attacks += 1
            findings = list(attack(trial))
            if not findings:
                kept = trial
                break
            open_ones = {
                one.cell for one in findings if one.edition == "current" and one.knower is None
            }
            if len(open_ones) < len({(one.edition, one.cell) for one in findings}):
                break
            if not open_ones <= may & trial:
                break
            trial -= open_ones
    return kept
