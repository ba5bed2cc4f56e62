"""What a reviewer did to one text, as its Markdown: words change, all else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from jpreport.document.myst import MASK
from jpreport.document.pieces import Piece, escaped, pieces
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.word.blocks import Block, is_by
from jpreport.review.word.hunks import (
    Edit,
    Held,
    Hunk,
    Protected,
    applied,
    hunks,
    new_numbers,
    protected,
    touched,
)
from jpreport.review.word.steps import plain
from jpreport.review.word.targets import Target

_DIGIT = re.compile(r"\d")


def edited(target: Target, block: Block, scanner: Scanner, author: str = "") -> Edit:
    """Return what a changed block makes of the text that it shows; with an `author`, by that one.

    A change that reaches into a value, a reference, a footnote or code is held back, and so is
    one that brings a number in; the others are made, if the message then reads as they say.
    """
    edit = Edit(target.source.message.text)
    kept = protected(target)
    changes = [one for one in hunks(target.shown, block, kept) if is_by(author, one.marks)]
    if not changes:
        return edit
    if (whole := _whole(target, kept, changes)) is not None:
        changes, restored = [whole], True
    else:
        restored = False
    for hunk in changes:
        stretches = [] if restored else touched(hunk, kept)
        if stretches:
            edit.held.append(_reached(target, hunk, stretches))
        else:
            edit.made.append(hunk)
    if not restored:
        _without_numbers(edit, target, kept, scanner)
    if edit.made:
        _write(edit, target, kept, restored=restored)
    return edit


def _reached(target: Target, hunk: Hunk, stretches: Sequence[Protected]) -> Held:
    """Return a change that reaches into what no edit may change, with the reason."""
    first = stretches[0]
    text = first.text.replace(MASK, "").strip()
    values = [one for one in stretches if one.place >= 0 and _kind(target, one) == "value"]
    if values:
        what = f"the figure {values[0].figure}" if values[0].figure else "a computed value"
        said = f'{what}, "{values[0].text}"'
        number = bool(values[0].figure or _DIGIT.search(values[0].text))
        gone = not any(_DIGIT.search(hunk.words) for _ in values)
        verb = "takes out" if gone and number else "is typed over"
        return Held(hunk, f"takes out {said}" if verb == "takes out" else f"{said}, {verb}", number)
    if first.place < 0:
        return Held(hunk, f'"{text}" is set by the report, not by the notebook')
    return Held(hunk, "a reference, a footnote, a formula or code is changed")


def _kind(target: Target, one: Protected) -> str:
    return target.source.pieces[one.place].kind


def _without_numbers(
    edit: Edit, target: Target, kept: Sequence[Protected], scanner: Scanner
) -> None:
    """Hold back the changes that bring a number in, until none does."""
    while True:
        bad: dict[Hunk, str] = {}
        for hunk, number, quoted in new_numbers(target.shown, kept, edit.made, scanner):
            said = (
                f'"{number}" reads otherwise with what is written beside it'
                if quoted
                else f'the number "{number}" is typed in, it comes from no figure'
            )
            bad[hunk] = said
        if not bad:
            return
        made: list[Hunk] = []
        for group in _groups(target.shown, edit.made):
            reason = next((bad[one] for one in group if one in bad), "")
            if reason:
                edit.held.append(Held(_joined(target.shown, group), reason, number=True))
            else:
                made += group
        edit.made = made


def _groups(shown: str, changes: Sequence[Hunk]) -> Iterator[list[Hunk]]:
    """Yield changes, those with nothing but a blank between together.

    "24 hours" for "their day" is one thought, though its words changed one by one.
    """
    group: list[Hunk] = []
    for hunk in sorted(changes, key=lambda one: one.start):
        if group and shown[group[-1].end : hunk.start].strip():
            yield group
            group = []
        group.append(hunk)
    yield group


def _joined(shown: str, group: Sequence[Hunk]) -> Hunk:
    """Return changes, in their order, as one."""
    start, end = group[0].start, group[-1].end
    marks = tuple(dict.fromkeys(mark for hunk in group for mark in hunk.marks))
    return Hunk(start, end, _covering(shown, group, start, end), marks)


def _whole(target: Target, kept: Sequence[Protected], changes: Sequence[Hunk]) -> Hunk | None:
    """Return one change for all of a text whose values were moved or typed again as they read.

    None where no value was taken out, or one of them reads otherwise in the new text.
    """
    gone = [
        one
        for one in kept
        if any(hunk.start <= one.start and one.end <= hunk.end for hunk in changes)
        and one.end > one.start
    ]
    partly = any(
        not (hunk.start <= one.start and one.end <= hunk.end)
        for hunk in changes
        for one in touched(hunk, kept)
    )
    if not gone or partly or any(one.place < 0 for one in gone):
        return None
    start = min(one.start for one in changes)
    end = max(one.end for one in changes)
    covering = _covering(target.shown, changes, start, end)
    texts = [one.text for one in kept if start <= one.start and one.end <= end and one.text]
    for text in set(texts):
        found = len(re.findall(rf"(?<!\w){re.escape(text)}(?!\w)", covering))
        if found != texts.count(text):
            return None
    return _joined(target.shown, sorted(changes, key=lambda one: one.start))


def _covering(shown: str, changes: Sequence[Hunk], start: int, end: int) -> str:
    """Return what stands after the changes in place of a stretch that holds all of them."""
    out, at = [], start
    for hunk in sorted(changes, key=lambda one: one.start):
        out += [shown[at : hunk.start], hunk.words]
        at = hunk.end
    return "".join([*out, shown[at:end]])


def _write(edit: Edit, target: Target, kept: Sequence[Protected], *, restored: bool) -> None:
    """Write the changes into the message; hold those back that cannot be written."""
    if (message := _written(target, kept, edit.made, restored=restored)) is not None:
        edit.message = message
        return
    # One at a time: what can be separated is made.
    made: list[Hunk] = []
    for hunk in edit.made:
        message = _written(target, kept, [*made, hunk], restored=restored)
        if message is None:
            reason = "cannot be written as Markdown without changing what stands around it"
            edit.held.append(Held(hunk, reason))
        else:
            made.append(hunk)
            edit.message = message
    edit.made = made


def _written(
    target: Target, kept: Sequence[Protected], changes: Sequence[Hunk], *, restored: bool
) -> str | None:
    """Return the message with changes made, None where no way of writing them reads so."""
    wanted, _ = applied(target.shown, changes)
    for inner, bare in product((True, False), (True, False)):
        message = _with_cuts(target, kept, changes, inner=inner, bare=bare, restored=restored)
        if message is not None and _reads(target, kept, message, wanted, restored=restored):
            return message
    return None


def _with_cuts(  # noqa: PLR0913 (ways of writing the same)
    target: Target,
    kept: Sequence[Protected],
    changes: Sequence[Hunk],
    *,
    inner: bool,
    bare: bool,
    restored: bool,
) -> str | None:
    cuts: list[tuple[int, int, str]] = []
    for hunk in changes:
        spans = list(_spans(target, hunk, inner=inner))
        words = hunk.words if bare else escaped(hunk.words)
        if restored:
            words = _restored(target, kept, hunk, bare=bare)
            values = [target.source.pieces[one.place] for one in _within(kept, hunk)]
            ends = [*spans, *((one.start, one.end) for one in values)]
            spans = [(min(start for start, _ in ends), max(end for _, end in ends))]
            if any(one.kind == "mark" for one in _inside(target, *spans[0])):
                return None  # emphasis or a link around what was moved
        cuts.append((*spans[0], words))
        cuts += [(start, end, "") for start, end in spans[1:]]
    emptied = list(_emptied(target.source.pieces, cuts))
    if any(one.text in "[]" for one in emptied):
        return None  # a link would go
    cuts += [(one.start, one.end, "") for one in emptied]
    message = target.source.message.text
    for start, end, words in sorted(cuts, reverse=True):
        message = message[:start] + words + message[end:]
    return message.strip()


def _within(kept: Sequence[Protected], hunk: Hunk) -> list[Protected]:
    return [one for one in kept if hunk.start <= one.start and one.end <= hunk.end]


def _inside(target: Target, start: int, end: int) -> Iterator[Piece]:
    return (one for one in target.source.pieces if start <= one.start and one.end <= end)


def _letter_spans(target: Target) -> Iterator[tuple[int, int, int, int]]:
    """Yield (place in the text, piece, start, end in the message) of each letter of the words."""
    source = target.source
    for place, (piece, (start, _)) in enumerate(zip(source.pieces, target.spans, strict=True)):
        for number, letter in enumerate(piece.letters):
            yield start + number, place, letter.start, letter.end


def _spans(target: Target, hunk: Hunk, *, inner: bool) -> Iterator[tuple[int, int]]:
    """Yield where in the message a change goes: where words were, or one place between.

    With `inner` what is put in goes with the words before it, else with those behind.
    """
    letters = list(_letter_spans(target))
    if hunk.start < hunk.end:
        spans: dict[int, tuple[int, int]] = {}
        for at, place, start, end in letters:
            if hunk.start <= at < hunk.end:
                spans[place] = (spans.get(place, (start, end))[0], end)
        yield from spans.values()
        return
    before = next((end for at, _, _, end in letters if at == hunk.start - 1), None)
    behind = next((start for at, _, start, _ in letters if at == hunk.start), None)
    if (inner or behind is None) and before is not None:
        yield before, before
    elif behind is not None:
        yield behind, behind
    else:  # between two values, or at an end that is one
        ends = [
            piece.end
            for piece, (_, end) in zip(target.source.pieces, target.spans, strict=True)
            if end <= hunk.start
        ]
        place = max(ends, default=0)
        yield place, place


def _emptied(parts: Sequence[Piece], cuts: Sequence[tuple[int, int, str]]) -> Iterator[Piece]:
    """Yield the marks around words of which nothing is left."""
    for opening in parts:
        if opening.kind != "mark":
            continue
        closing = next(one for one in parts if one.pair == opening.pair and one is not opening)
        if closing.start < opening.start:
            continue
        inside = [one for one in parts if opening.end <= one.start and one.end <= closing.start]
        cut = [one for one in cuts if opening.end <= one[0] and one[1] <= closing.start]
        if any(words for _, _, words in cut) or any(
            one.kind in ("value", "fixed") for one in inside
        ):
            continue
        letters = [letter for one in inside for letter in one.letters]
        if letters and all(
            any(start <= one.start and one.end <= end for start, end, _ in cut) for one in letters
        ):
            yield from (opening, closing)


def _restored(target: Target, kept: Sequence[Protected], hunk: Hunk, *, bare: bool) -> str:
    """Return new words in which values that read as before are what the notebook has for them."""
    waiting = [one for one in _within(kept, hunk) if one.text]
    texts = sorted({one.text for one in waiting}, key=len, reverse=True)
    splitter = "|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in texts)
    out = []
    for place, words in enumerate(re.split(f"({splitter})", hunk.words)):
        if place % 2:
            one = next(one for one in waiting if one.text == words)
            waiting.remove(one)
            piece = target.source.pieces[one.place]
            out.append(target.source.message.text[piece.start : piece.end])
        else:
            out.append(words if bare else escaped(words))
    return "".join(out)


def _reads(
    target: Target, kept: Sequence[Protected], message: str, wanted: str, *, restored: bool
) -> bool:
    """Whether a message reads as wanted, with all values, references and emphasis in it."""
    source = target.source
    try:
        found = pieces(message)
    except ValueError:
        return False
    old = [one for one in source.pieces if one.kind in ("value", "fixed")]
    new = [one for one in found if one.kind in ("value", "fixed")]
    written = [source.message.text[one.start : one.end] for one in old]
    again = [message[one.start : one.end] for one in new]
    if (sorted(written) != sorted(again)) if restored else (written != again):
        return False
    marks = {one.text for one in source.pieces if one.kind == "mark"}
    if not {one.text for one in found if one.kind == "mark"} <= marks:
        return False
    shown = {
        source.message.text[piece.start : piece.end]: target.shown[start:end]
        for piece, (start, end) in zip(source.pieces, target.spans, strict=True)
    }
    read = "".join(
        one.text if one.kind == "words" else shown[message[one.start : one.end]]
        for one in found
        if one.kind != "mark"
    )
    head = "".join(one.text for one in kept if one.place < 0 and not one.start)
    tail = "".join(one.text for one in kept if one.place < 0 and one.start)
    return plain(f"{head}{read}{tail}") == plain(wanted)
