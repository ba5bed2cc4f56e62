"""Which words of a text a reviewer changed, and which of these changes touch a number."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from jpreport.document.myst import MASK
from jpreport.document.pieces import Letter, folded, signs
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.word.blocks import Block, Mark
from jpreport.review.word.targets import Target

_TOKEN = re.compile(r"\w+|\s|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Hunk:
    """Some words in place of others: `start` to `end` of what was shown, folded, become `words`."""

    start: int
    end: int
    words: str
    marks: tuple[Mark, ...] = ()


class Held(NamedTuple):
    """A change that is not made, and why; `number` where it is about a number."""

    hunk: Hunk
    reason: str
    number: bool = False


@dataclass(slots=True)
class Edit:
    """What is to be done with one text: the message as it becomes, the changes held back."""

    message: str
    made: list[Hunk] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


def hunks(shown: str, block: Block, kept: Sequence[Protected] = ()) -> list[Hunk]:
    """Return what of a text was changed, word by word.

    A change with nothing but a blank between it and one that reaches into what is `kept` is one
    with that: who writes "280 teachers" for "277 nurses" does not mean 277 teachers.
    """
    letters = trimmed(block.text)
    found: list[tuple[int, int, int, int]] = []
    for tag, i1, i2, j1, j2 in _differences(shown, signs(letters), kept):
        if tag == "delete" and shown[i1] == " " == shown[i2 : i2 + 1]:
            # Of the two blanks around words, the one that belongs to what stands before stays.
            i1, i2, j1, j2 = i1 + 1, i2 + 1, j1 + 1, j2 + 1  # noqa: PLW2901
        if found and not shown[found[-1][1] : i1].strip():
            before = found[-1]
            if touched(Hunk(*before[:2], ""), kept) or touched(Hunk(i1, i2, ""), kept):
                i1, j1 = before[0], before[2]  # noqa: PLW2901
                found.pop()
        found.append((i1, i2, j1, j2))
    return [_hunk(block, letters, (i1, i2), (j1, j2)) for i1, i2, j1, j2 in found]


def _differences(
    old: str, new: str, kept: Sequence[Protected]
) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield what differs between two texts, word by word; what is kept in both is the same."""
    at, other = 0, 0
    for start, begin, length in (*_anchors(old, new, kept), (len(old), len(new), 0)):
        before, after = _TOKEN.findall(old[at:start]), _TOKEN.findall(new[other:begin])
        places, others = _starts(before, at), _starts(after, other)
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag != "equal":
                yield tag, places[i1], places[i2], others[j1], others[j2]
        at, other = start + length, begin + length


def _anchors(old: str, new: str, kept: Sequence[Protected]) -> list[tuple[int, int, int]]:
    """Return (place, place in the new text, length) of what is kept in both, in their order.

    None are returned where some stand in another order: then nothing says which is which.
    """
    anchors: list[tuple[int, int, int]] = []
    for one in kept:
        if not one.text.strip():
            continue
        pattern = re.compile(rf"(?<!\w){re.escape(one.text)}(?!\w)")
        places, others = ([m.start() for m in pattern.finditer(text)] for text in (old, new))
        if one.start in places and len(places) == len(others):
            anchors.append((one.start, others[places.index(one.start)], len(one.text)))
    ordered = all(
        one[0] + one[2] <= two[0] and one[1] + one[2] <= two[1] for one, two in pairwise(anchors)
    )
    return anchors if ordered else []


def _starts(tokens: Sequence[str], first: int) -> list[int]:
    starts = [first]
    for token in tokens:
        starts.append(starts[-1] + len(token))
    return starts


def trimmed(text: str) -> tuple[Letter, ...]:
    """Return the letters of a text without the blanks around it."""
    letters = folded(text)
    first = next((n for n, one in enumerate(letters) if one.sign != " "), 0)
    last = next((n for n, one in enumerate(reversed(letters)) if one.sign != " "), 0)
    return letters[first : len(letters) - last]


def _hunk(
    block: Block, letters: Sequence[Letter], old: tuple[int, int], new: tuple[int, int]
) -> Hunk:
    start = end = letters[new[0] - 1].end if new[0] else 0
    if new[0] < new[1]:
        start, end = letters[new[0]].start, letters[new[1] - 1].end
    words = re.sub(r"[\s\u00a0]+", " ", block.text[start:end])
    return Hunk(*old, words, block.marks_in(start, end))


class Protected(NamedTuple):
    """A stretch of a text that no edit may change; `figure` is the id where it is a figure."""

    start: int
    end: int
    place: int
    text: str
    figure: str


def protected(target: Target) -> list[Protected]:
    """Return what of a text is no words: values, references, footnotes, code, frame words."""
    found, covered = [], 0
    for place, (piece, (start, end)) in enumerate(
        zip(target.source.pieces, target.spans, strict=True)
    ):
        if not place and start:
            found.append(Protected(0, start, -1, target.shown[:start], ""))
        if piece.kind in ("value", "fixed"):
            value = target.source.values.get(piece.text) if piece.kind == "value" else None
            figure = value.figure if value else ""
            found.append(Protected(start, end, place, target.shown[start:end], figure))
        covered = end
    if target.shown[covered:].strip():
        found.append(Protected(covered, len(target.shown), -1, target.shown[covered:], ""))
    return found


def touched(hunk: Hunk, kept: Sequence[Protected]) -> list[Protected]:
    """Return what of the protected stretches a change reaches into."""
    if hunk.start == hunk.end:
        return [one for one in kept if one.start < hunk.start < one.end]
    return [one for one in kept if one.start < hunk.end and hunk.start < one.end]


def applied(shown: str, changes: Sequence[Hunk]) -> tuple[str, list[tuple[int, int]]]:
    """Return a text with changes made, folded, and where each of them is in it."""
    out, places, at, length = [], [], 0, 0
    for hunk in sorted(changes, key=lambda one: (one.start, one.end)):
        words = signs(folded(hunk.words))
        out += [shown[at : hunk.start], words]
        length += hunk.start - at
        places.append((length, length + len(words)))
        length += len(words)
        at = hunk.end
    return "".join([*out, shown[at:]]), places


def new_numbers(
    shown: str, kept: Sequence[Protected], changes: Sequence[Hunk], scanner: Scanner
) -> Iterator[tuple[Hunk, str, bool]]:
    """Yield (change, number, whether it is a quoted one) of changes that bring a number in.

    A quoted number is changed as well by what is written beside it: 277 by " million".
    """
    ordered = sorted(changes, key=lambda one: (one.start, one.end))
    after, places = applied(shown, ordered)
    moved = [_moved(one, ordered) for one in kept]
    known = Counter(one.text for one in scanner.find(_masked(shown, kept)))
    for found in scanner.find(_masked(after, moved)):
        known[found.text] -= 1
        if known[found.text] < 0:
            end = found.start + len(found.text)
            for hunk, (start, stop) in zip(ordered, places, strict=True):
                if start <= end and found.start <= stop:
                    yield hunk, found.text, False
    before = [_around(shown, one, scanner) for one in kept]
    for old, one in zip(before, moved, strict=True):
        if re.search(r"\d", one.text) and _around(after, one, scanner) != old:
            for hunk, (start, stop) in zip(ordered, places, strict=True):
                if start <= one.end + 2 and one.start - 2 <= stop:
                    yield hunk, one.text, True


def _masked(text: str, kept: Sequence[Protected]) -> str:
    for one in kept:
        text = text[: one.start] + MASK * (one.end - one.start) + text[one.end :]
    return text


def _moved(one: Protected, ordered: Sequence[Hunk]) -> Protected:
    by = sum(
        len(signs(folded(hunk.words))) - (hunk.end - hunk.start)
        for hunk in ordered
        if hunk.end <= one.start
    )
    return one._replace(start=one.start + by, end=one.end + by)


def _around(text: str, one: Protected, scanner: Scanner) -> list[str]:
    """Return the numbers that a protected stretch is, or is a part of."""
    return [
        found.text
        for found in scanner.find(text)
        if found.start < one.end and one.start < found.start + len(found.text)
    ]
