"""Publish as much as possible: cells that readers miss most come first."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from jpreport.disclosure.axes import TOTAL, Coordinate
from jpreport.disclosure.trials import Trials

# How much more a count matters with each dimension less that it is broken down by.
_MARGIN = 4
# How far the secret moves costs, as the standard deviation of their logarithm: farther in small
# cubes, where few tables fit, and with each time that a class is drawn anew. Any order can come
# out.
_SPREAD = 0.1
_SMALL_CUBE = 10
_GROWTH = 0.5
_NORMAL = NormalDist()


def cell_cost(key: Coordinate, value: int) -> int:
    """Return what suppressing a cell loses: its counts, far more for a margin than for a part."""
    weight: int = _MARGIN ** key.count(TOTAL)
    return (1 + value) * weight


def _chance(secret: bytes, draw: int, cells: Iterable[Coordinate]) -> float:
    """Return a standard normal number that nobody can tell without the secret."""
    name = "\x1f".join("\x1e".join(cell) for cell in sorted(cells))
    content = hmac.digest(secret, f"{draw}\x1d{name}".encode(), "sha256")
    return _NORMAL.inv_cdf((int.from_bytes(content[:8], "big") + 0.5) / 2**64)


def keyed_prices(
    costs: Sequence[tuple[int, Sequence[Coordinate]]], secret: bytes, draws: Mapping[int, int]
) -> npt.NDArray[np.float64]:
    """Return what it costs to hide each class, as the secret has moved it.

    `costs` gives, for each class, its cost and its cells; `draws` how often a class was drawn anew.
    """
    spread = min(1.0, _SPREAD + _SMALL_CUBE / (1 + len(costs)))
    return np.array(
        [
            cost
            * math.exp(
                (spread + _GROWTH * draws.get(number, 0))
                * _chance(secret, draws.get(number, 0), cells)
            )
            for number, (cost, cells) in enumerate(costs)
        ]
    )


def unsuppress(
    trials: Trials,
    order: Sequence[int],
    *,
    together: int = 1,
    work: float = math.inf,
    progress: Callable[[int], None] = lambda _done: None,
) -> bool:
    """Publish classes in this order, each that exposes nothing; return whether all were tried.

    The first `together` of them are tried at once, then several where that went well. After so
    much `work` of the attacker the rest stays hidden. `progress` is told how many were tried.
    """
    trials.limit = trials.attacker.work + work
    trials.whole = trials.attacker.work + work / 2
    done, size = 0, max(1, together)
    while done < len(order):
        batch = order[done : done + size]
        if trials.publish(batch):
            done, size = done + len(batch), 2 * size
        elif trials.attacker.work >= trials.limit:
            return False
        elif len(batch) == 1:
            done += 1
        else:
            size = len(batch) // 2
        progress(done)
    return True
