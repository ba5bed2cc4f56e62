"""What a figure is called: by its own title, by what it is made from, by what it is a part of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jpreport.figures.key import FigureKey, Operation
from jpreport.language import ENGLISH, Wording, current, phrase

NOT_STATED = phrase("not stated")
_MOST = 3  # titles that a sum is called by
# By operation: of figures of one unit, or of few figures; and of others.
_FORMS: dict[tuple[Operation, bool], str] = {
    ("ratio", True): phrase("{first} as a share of: {last}"),
    ("ratio", False): phrase("{first} divided by: {last}"),
    ("difference", True): phrase("{first} less: {last}"),
    ("difference", False): phrase("{first} less: {last}"),
    ("sum", True): phrase("Sum of: {all}"),
    ("sum", False): phrase("Sum of {count} figures, from: {first}; to: {last}"),
    ("average", True): phrase("Average of: {all}"),
    ("average", False): phrase("Average of {count} figures, from: {first}; to: {last}"),
}


def made_title(
    operation: Operation, titles: Sequence[str], words: Wording = ENGLISH, *, alike: bool
) -> str:
    """Return what a figure made from others is called; `alike` means that they are of one unit."""
    form = _FORMS[operation, alike if operation == "ratio" else len(titles) <= _MOST]
    return words.say(
        form,
        first=titles[0],
        last=titles[-1],
        all=words.series(titles),
        count=words.number(len(titles)),
    )


def part_title(whole: str, labels: Sequence[str | None], words: Wording = ENGLISH) -> str:
    """Return what a part is called that some labels cut out."""
    said = (words.say(NOT_STATED) if label is None else words.term(label) for label in labels)
    return words.labelled(whole, ", ".join(said))


def rest_title(whole: str, count: int, words: Wording = ENGLISH) -> str:
    """Return what the sum of the smallest parts of a figure is called."""
    return words.labelled(whole, words.count("{} other", "{} others", count))


class Titled(Protocol):
    """What of a figure says how it is called."""

    @property
    def key(self) -> FigureKey:
        """Its key."""

    @property
    def title(self) -> str:
        """Its title in the language of its notebook."""

    @property
    def unit(self) -> str:
        """Its unit."""

    @property
    def parents(self) -> Sequence[Titled]:
        """What it is made from."""


def title_of(figure: Titled) -> str:
    """Return the title of a figure in the language that is spoken."""
    words, formula, parents = current(), figure.key.formula, figure.parents
    if formula and parents:
        alike = parents[0].unit == parents[-1].unit
        titles = [one.title for one in parents]
        if figure.title == made_title(formula.operation, titles, alike=alike):
            said = [title_of(one) for one in parents]
            return made_title(formula.operation, said, words, alike=alike)
    labels = [label for _, label in figure.key.part]

    def cut_out(whole: str, spoken: Wording) -> str:
        if labels:
            return part_title(whole, labels, spoken)
        return rest_title(whole, len(parents), spoken)

    # What a record says is in its language already.
    for spoken in (words, ENGLISH) if labels or formula else ():
        tail = cut_out("", spoken)
        if figure.title.endswith(tail):
            return cut_out(words.term(figure.title.removesuffix(tail)), words)
    return words.term(figure.title)
