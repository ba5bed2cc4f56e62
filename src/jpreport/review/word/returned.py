"""A returned document against the one that was sent: what changed, for which text of which cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from jpreport.document.myst import MASK
from jpreport.document.pieces import escaped, pieces
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.word.blocks import Block, Mark, WordText, distinct, is_by, read, short
from jpreport.review.word.edits import edited
from jpreport.review.word.findings import Change, Left, Returned
from jpreport.review.word.hunks import Hunk, hunks
from jpreport.review.word.pairing import in_order, likeness, paired
from jpreport.review.word.steps import Step, plain
from jpreport.review.word.targets import Source, Target, targets
from jpreport.review.word.unworded import unworded

_MOVED = 0.8
_NUMBER = re.compile(r"\d[\d.,\u00a0\u202f ]*\d|\d")
_WHAT = {"message": "text", "caption": "caption", "alt": "alternative text"}


def compared(
    original: WordText,
    returned: WordText,
    sources: Sequence[Source],
    scanner: Scanner,
    author: str = "",
) -> Returned:
    """Return what differs between a document and its returned copy, text by text.

    With an `author`, changes that nobody or another tracked are left out.
    """
    found = _Comparison(original.blocks, returned.blocks, sources, scanner, author).read()
    if author:
        found.changes = [one for one in found.changes if is_by(author, one.marks)]
        found.left = [one for one in found.left if is_by(author, one.marks)]
    found.comments = returned.comments
    running = {read(one.text) for one in original.running}
    for block in {read(one.text): one for one in returned.running}.values():
        if read(block.text) not in running or block.marks:
            words = f"the report sets the head and foot of a page itself: {short(block.shown)}"
            found.left.append(Left("unmapped", "", 0, words, marks=block.marks))
    for name in returned.unread:
        found.left.append(Left("unmapped", "", 0, f"{name} cannot be compared"))
    return found


def _counts(block: Block) -> bool:
    if block.kind == "contents":
        return False  # whoever opens the file sets them again
    return bool(block.text.strip()) or block.place is not None or block.kind == "alt"


class _Comparison:
    def __init__(
        self,
        original: Sequence[Block],
        returned: Sequence[Block],
        sources: Sequence[Source],
        scanner: Scanner,
        author: str,
    ) -> None:
        self.original = [one for one in original if _counts(one)]
        self.returned = [one for one in returned if _counts(one)]
        self.emptied = [one for one in returned if not _counts(one)]
        self.scanner, self.author, self.sources = scanner, author, sources
        self.targets = targets(self.original, sources)
        self.pairs = paired(self.original, self.returned)
        self.moved = self._moved()
        self.found = Returned()

    def _moved(self) -> set[int]:
        """Return the returned blocks that stand elsewhere now; pair those that were cut and put."""
        gone = [n for n in range(len(self.original)) if n not in set(self.pairs.values())]
        for number, block in enumerate(self.returned):
            if number in self.pairs or block.kind in ("cell", "alt", "note"):
                continue
            best = max(
                (n for n in gone if n in self.targets),
                key=lambda n: likeness(self.original[n].text, block.text),
                default=None,
            )
            if best is not None and likeness(self.original[best].text, block.text) >= _MOVED:
                self.pairs[number] = best
                gone.remove(best)
        own = {
            number: place
            for number, place in self.pairs.items()
            if self._message(place) is not None and self.original[place].kind != "note"
        }
        return set(own) - set(in_order(own))

    def _message(self, place: int | None) -> Target | None:
        target = None if place is None else self.targets.get(place)
        return target if target and target.source.kind == "message" else None

    def read(self) -> Returned:
        for number, block in enumerate(self.returned):
            if number not in self.pairs:
                continue
            target = self.targets.get(self.pairs[number])
            if target is not None:
                self._text(number, block, target)
            else:
                self._other(self.original[self.pairs[number]], block)
            for kind, words in unworded(self.original[self.pairs[number]], block):
                self._leave(kind, block, words, marks=block.marks)
            for mark in distinct(block.formatted):
                words = f'only the form of "{short(block.shown)}" was changed'
                self._leave("unmapped", block, words, marks=(mark,))
        for block in self.emptied:
            if block.kind == "contents" and block.marks:
                words = f"the report makes its contents itself: {short(block.shown)}"
                self._leave("unmapped", block, words, marks=block.marks)
        self._elsewhere()
        self._new()
        self._gone()
        return self.found

    # What is there in both

    def _text(self, number: int, block: Block, target: Target) -> None:
        source = target.source
        original = self.original[self.pairs[number]]
        edit = edited(target, block, self.scanner, self.author)
        for held in edit.held:
            before = target.shown[held.hunk.start : held.hunk.end]
            self._hold(block, source.cell, held.reason, (before, held.hunk), number=held.number)
        if (original.level, original.item) != (block.level, block.item):
            what = "heading" if "heading" in (original.kind, block.kind) else "list"
            words = f'"{short(block.shown)}" has another level of {what}'
            self._leave("unmapped", block, words, source.cell, block.marks)
        marks = distinct(mark for hunk in edit.made for mark in hunk.marks)
        changed = edit.message != source.message.text
        if number not in self.moved and not changed:
            return
        new = replace(source, pieces=pieces(edit.message)) if source.kind == "message" else source
        steps: tuple[Step, ...]
        if number in self.moved:
            steps = (
                Step(source.cell, "delete", source.index, old=source.read()),
                self._insertion(number, edit.message, new.read(), item=block.item),
            )
        elif source.kind == "message":
            old, text = source.read(), edit.message
            steps = (Step(source.cell, "replace", source.index, text, old, new.read()),)
        else:
            text = edit.message
            steps = (Step(source.cell, source.kind, 0, text, source.message.text),)
        what = "moved" if number in self.moved else _WHAT[source.kind]
        what = "heading" if what == "text" and original.kind == "heading" else what
        at, before = (source.cell, source.message.line), source.message.text
        self.found.changes.append(
            Change(what, block.section, *at, before, edit.message, marks, steps)
        )

    def _hold(
        self, block: Block, cell: int, reason: str, words: tuple[str, Hunk], *, number: bool
    ) -> None:
        before, hunk = words
        kind: Literal["number", "unmapped"] = "number" if number else "unmapped"
        self.found.left.append(
            Left(kind, block.section, cell, reason, _seen(before), _seen(hunk.words), hunk.marks)
        )

    def _other(self, original: Block, block: Block) -> None:
        """Tell of a change in what the report sets itself: tables, charts, the annex."""
        shown = read(original.text)
        for hunk in hunks(shown, block):
            before = shown[hunk.start : hunk.end]
            figures = sorted(_NUMBER.findall(shown)) != sorted(_NUMBER.findall(read(block.text)))
            reason = f"{_where(original)} is not written in the notebook's prose"
            self._hold(block, 0, reason, (before, hunk), number=figures)

    def _elsewhere(self) -> None:
        """Tell of what the report sets itself and stands in another place now."""
        others = {n: place for n, place in self.pairs.items() if n not in self.moved}
        told = set()
        for number in sorted(set(others) - set(in_order(others))):
            block = self.returned[number]
            table = block.place[0] if block.place else None
            if table is None or table not in told:
                what = f"table {table}" if table else f'"{short(block.shown)}"'
                self._leave("unmapped", block, f"{what} stands elsewhere", marks=block.marks)
            told.add(table)

    def _leave(
        self,
        kind: Literal["number", "unmapped"],
        block: Block,
        message: str,
        cell: int = 0,
        marks: tuple[Mark, ...] = (),
    ) -> None:
        self.found.left.append(Left(kind, block.section, cell, message, marks=marks))

    # What is new

    def _insertion(self, number: int, text: str, new: str, *, item: bool) -> Step:
        """Return the step that puts a text where it stands in the returned document."""
        before = self._neighbour(range(number - 1, -1, -1))
        if before is None:
            # On the cover and among the contents, nothing is of the notebook.
            anyhow = bool(self.returned[number].section)
            behind = self._neighbour(range(number + 1, len(self.returned)), anyhow=anyhow)
            if behind is not None:
                source = behind.source
                return Step(source.cell, "insert", source.index - 1, text, new=new, item=item)
            before = self._neighbour(range(number - 1, -1, -1), anyhow=anyhow)
        if before is None:
            raise ValueError("it stands beside no text of the notebook")
        source = before.source
        return Step(source.cell, "insert", source.index, text, new=new, item=item)

    def _neighbour(self, numbers: range, *, anyhow: bool = False) -> Target | None:
        """Return the nearest text of a Markdown cell; None where a table or chart is nearer."""
        for number in numbers:
            place = self.pairs.get(number)
            if place is None or number in self.moved or self.original[place].kind == "note":
                continue
            if (target := self._message(place)) is not None:
                return target
            if not anyhow:
                return None
        return None

    def _new(self) -> None:
        tables = set()
        known = {self.returned[n].place[0] for n in self.pairs if self.returned[n].place}  # type: ignore[index]
        for number, block in enumerate(self.returned):
            if number in self.pairs:
                continue
            if block.kind == "alt":
                words = f'a new picture: "{short(block.shown)}"' if block.shown else "a new picture"
                self._leave("unmapped", block, words, marks=block.marks)
            elif block.place and block.place[0] not in known:
                if block.place[0] not in tables:
                    self._leave("unmapped", block, "a new table", marks=block.marks)
                tables.add(block.place[0])
            elif block.place or block.kind == "note":
                if block.text.strip():
                    what = "a new footnote" if block.kind == "note" else f"new in {_where(block)}"
                    self._leave("unmapped", block, f"{what}: {block.shown}", marks=block.marks)
            else:
                self._paragraph(number, block)

    def _paragraph(self, number: int, block: Block) -> None:
        text = " ".join(block.text.split())
        if MASK in text:
            words = f"a new paragraph with a field, a footnote or a formula: {block.shown}"
            self._leave("unmapped", block, words, marks=block.marks)
            return
        if typed := self.scanner.find(text, heading=block.kind == "heading"):
            numbers = ", ".join(f'"{one.text}"' for one in typed)
            words = f"a new paragraph with {numbers}, which comes from no figure: {text}"
            self._leave("number", block, words, marks=block.marks)
            return
        written = escaped(text) if escaped(text) != text or _begins(text) else text
        written = f"\\{written}" if _begins(text) and written == text else written
        written = f"{'#' * (block.level + 1)} {written}" if block.kind == "heading" else written
        try:
            step = self._insertion(number, written, text, item=block.item)
        except ValueError as error:
            self._leave("unmapped", block, f"{error}: {text}", marks=block.marks)
            return
        if any(one.cell == step.cell and one.read() == plain(text) for one in self.sources):
            words = f"a new paragraph that its cell has already: {text}"
            self._leave("unmapped", block, words, step.cell, block.marks)
            return
        what = "new heading" if block.kind == "heading" else "new paragraph"
        what = "new item" if block.item else what
        self.found.changes.append(
            Change(what, block.section, step.cell, 0, "", written, block.marks, (step,))
        )

    # What is gone

    def _gone(self) -> None:
        kept = set(self.pairs.values())
        tables: dict[int, list[Block]] = {}
        for place, block in enumerate(self.original):
            if place in kept:
                continue
            if block.place:
                tables.setdefault(block.place[0], []).append(block)
            else:
                self._taken_out(place, block)
        for table, cells in tables.items():
            whole = all(
                place not in kept
                for place, one in enumerate(self.original)
                if one.place and one.place[0] == table
            )
            what = f"table {table} of the document" if whole else f"cells of table {table}"
            words = " | ".join(filter(None, (one.shown for one in cells)))
            kind: Literal["number", "unmapped"] = "number" if _NUMBER.search(words) else "unmapped"
            self._leave(kind, cells[0], f"{what} taken out: {short(words)}")

    def _taken_out(self, place: int, block: Block) -> None:
        target = self.targets.get(place)
        marks = distinct(
            mark
            for one in (*self.emptied, *self.returned)
            if read(block.text) in read(one.deleted)
            for mark in one.marks
        )
        source = target.source if target else None
        if source is None or source.kind != "message":
            what = "a picture" if block.kind == "alt" else "what the report sets itself"
            self._leave("unmapped", block, f"{what} taken out: {short(block.shown)}", marks=marks)
        elif figures := [one for one in source.figures if _NUMBER.search(one)]:
            said = ", ".join(f'"{one}"' for one in figures)
            words = f"a paragraph that quotes {said} was taken out: {short(block.shown)}"
            self._leave("number", block, words, source.cell, marks)
        else:
            steps = (Step(source.cell, "delete", source.index, old=source.read()),)
            at, before = (source.cell, source.message.line), source.message.text
            self.found.changes.append(
                Change("taken out", block.section, *at, before, "", marks, steps)
            )


def _begins(text: str) -> bool:
    """Whether a text begins like something else than a paragraph."""
    return bool(re.match(r"[-+%:]|\d+[.)]\s|\(\S+\)=|=+\s*$", text))


def _seen(text: str) -> str:
    return " ".join(text.replace(MASK, " ").split())


def _where(block: Block) -> str:
    if block.place:
        return "table {}, row {}, column {}".format(*block.place)
    if block.kind == "alt":
        return "what says what the picture shows"
    if any(name.startswith("jp_") for name in block.names):
        return "a computed text, or one that reads otherwise by now,"
    return "what the report sets itself"
