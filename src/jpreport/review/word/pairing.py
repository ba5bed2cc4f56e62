"""Which block of a returned document is which of the original: by bookmark, text, likeness."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from jpreport.review.word.blocks import Block, read

_ALIKE = 0.5


def likeness(one: str, other: str) -> float:
    """Return how much of two texts is the same, word by word: 0 to 1."""
    return difflib.SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def paired(original: Sequence[Block], returned: Sequence[Block]) -> dict[int, int]:
    """Return which of the returned blocks, by number, is which of the original."""
    pairs: dict[int, int] = {}
    _by_name(original, returned, pairs)
    # Runs of blocks that read the same, once changes that were tracked are rejected.
    before = [(one.kind, read(one.text)) for one in original]
    after = [(one.kind, read(one.base)) for one in returned]
    taken = set(pairs.values())
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for start, other, size in matcher.get_matching_blocks():
        for step in range(size):
            if other + step not in pairs and start + step not in taken:
                pairs[other + step] = start + step
                taken.add(start + step)
    places = [(original[place].place, returned[number].place) for number, place in pairs.items()]
    tables = {(one[0], other[0]) for one, other in places if one and other}

    def score(place: int, number: int) -> float:
        """Return how likely two blocks are the same; a cell of a table is known by its place."""
        one, other = original[place], returned[number]
        if one.kind != other.kind:
            return 0.0
        if one.place and other.place and one.place[1:] == other.place[1:]:
            return float((one.place[0], other.place[0]) in tables)
        return _likeness(one, other)

    for start, end, first, last in _gaps(pairs, len(original), len(returned)):
        _alike(score, (start, end), (first, last), pairs)
    return pairs


def _by_name(original: Sequence[Block], returned: Sequence[Block], pairs: dict[int, int]) -> None:
    """Pair what bears the same bookmark; of several, those that read most alike."""
    named = {name: n for n, one in enumerate(original) for name in one.names if name[:3] == "jp_"}
    wanted = sorted(
        (
            (-_likeness(original[named[name]], one), number, named[name])
            for number, one in enumerate(returned)
            for name in one.names
            if name in named
        ),
    )
    taken: set[int] = set()
    for _, number, place in wanted:
        if number not in pairs and place not in taken and returned[number].text.strip():
            pairs[number] = place
            taken.add(place)


def _gaps(pairs: dict[int, int], before: int, after: int) -> Iterable[tuple[int, int, int, int]]:
    """Return the stretches between pairs: (start, end) of the original, (first, last) returned."""
    found, place, number = [], 0, 0
    for other in in_order(pairs):
        found.append((place, pairs[other], number, other))
        place, number = pairs[other] + 1, other + 1
    return [*found, (place, before, number, after)]


def in_order(pairs: dict[int, int]) -> list[int]:
    """Return the longest run of returned blocks that stand in the order of the original."""
    ends: list[int] = []  # the smallest last place of a run, by its length
    lasts: list[int] = []
    before: dict[int, int | None] = {}
    for number in sorted(pairs):
        length = bisect_left(ends, pairs[number])
        before[number] = lasts[length - 1] if length else None
        ends[length : length + 1] = [pairs[number]]
        lasts[length : length + 1] = [number]
    run: list[int] = []
    last = lasts[-1] if lasts else None
    while last is not None:
        run.append(last)
        last = before[last]
    return run[::-1]


def _alike(
    score: Callable[[int, int], float],
    span: tuple[int, int],
    other: tuple[int, int],
    pairs: dict[int, int],
) -> None:
    """Pair what is left in a stretch: the most alike first, each before what stands behind it."""
    taken = set(pairs.values())
    left = [n for n in range(*span) if n not in taken]
    new = [n for n in range(*other) if n not in pairs]
    scored = sorted((-score(place, number), number, place) for place in left for number in new)
    for least, number, place in scored:
        if -least < _ALIKE or number in pairs or place in taken:
            continue
        crossing = any((n - number) * (pairs[n] - place) < 0 for n in new if n in pairs)
        if not crossing:
            pairs[number] = place
            taken.add(place)


def _likeness(one: Block, other: Block) -> float:
    """Return how alike a block is to what another is, or was before what is tracked."""
    return max(likeness(read(one.text), read(text)) for text in (other.text, other.base))
