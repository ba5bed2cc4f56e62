"""What a Word package holds beside its text: styles, properties of the file, comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from xml.etree.ElementTree import Element

from jpreport.document.myst import MASK
from jpreport.review.word.blocks import Comment, Mark
from jpreport.review.word.package import Package, attribute, child, name_of

CONTENTS = re.compile(r"(toc|contents|table of)\b", re.IGNORECASE)
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_RELATIONS = ("}embed", "}link", "}id")
_ADDRESS = re.compile(r'^\s*HYPERLINK\s+"([^"]+)"', re.IGNORECASE)
_DATE = re.compile(r"[1-9]\d{3}-")


class Style(NamedTuple):
    """What a paragraph style says: the level of a heading, entries of contents, items of lists."""

    heading: int = 0
    contents: bool = False
    item: bool = False


@dataclass(slots=True)
class Field:
    """A field that is open: its code, whether its result is being read, and how that reads."""

    code: str = ""
    result: bool = False
    shown: str = ""

    @property
    def is_words(self) -> bool:
        """Whether its result is words like others: a link, or entries of contents."""
        code = self.code.strip()
        return code.upper().startswith("HYPERLINK") or bool(CONTENTS.match(code))

    @property
    def addresses(self) -> list[str]:
        """Where it leads, if it is a link."""
        return _ADDRESS.findall(self.code)


def embedded(picture: Element) -> Iterator[str]:
    """Yield the relations by which a picture knows its files."""
    for element in picture.iter():
        for key, value in element.items():
            if key.endswith(_RELATIONS):
                yield value


def mark_of(element: Element) -> Mark:
    """Return who made a change or comment, and when; LibreOffice writes years of 0."""
    date = attribute(element, "date")
    return Mark(attribute(element, "author"), date if _DATE.match(date) else "")


def styles_of(package: Package) -> dict[str, Style]:
    """Return the paragraph styles of a document by their id."""
    found = {attribute(style, "styleId"): style for style in package.part("styles") or ()}

    def inherited(name: str, told: Callable[[Element], int]) -> int:
        seen = set()
        while name in found and name not in seen:
            seen.add(name)
            if value := told(found[name]):
                return value
            name = attribute(child(found[name], "w:basedOn"), "val")
        return 0

    return {
        name: Style(
            inherited(name, _heading_level),
            bool(CONTENTS.match(attribute(child(style, "w:name"), "val"))),
            bool(inherited(name, lambda one: child(one, "w:pPr", "w:numPr") is not None)),
        )
        for name, style in found.items()
    }


def _heading_level(style: Element) -> int:
    match = _HEADING.fullmatch(attribute(child(style, "w:name"), "val"))
    return int(match[1]) if match else 0


def properties_of(package: Package) -> dict[str, str]:
    """Return the custom properties of a file by name."""
    found = package.named("docProps/custom")
    return {
        attribute(one, "name"): "".join(one.itertext()).strip() for part in found for one in part
    }


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a comment stands: the words, and the section."""

    words: Sequence[str]
    section: str

    def __str__(self) -> str:
        """Return the words on one line."""
        return " ".join("".join(self.words).replace(MASK, " ").split())


def comments_of(package: Package, anchors: Mapping[str, Anchor]) -> Iterator[Comment]:
    """Yield the comments in the order of the text, replies with what they answer."""
    threads = {
        attribute(one, "paraId"): (
            attribute(one, "paraIdParent"),
            attribute(one, "done") in ("1", "true"),
        )
        for one in package.part("commentsExtended") or ()
    }
    found: dict[str, tuple[str, Comment]] = {}
    last: dict[str, str] = {}  # the last paragraph of a comment -> its number
    for element in package.part("comments") or ():
        number = attribute(element, "id")
        paragraphs = [one for one in element.iter() if name_of(one) == "w:p"]
        identity = attribute(paragraphs[-1], "paraId") if paragraphs else ""
        parent, resolved = threads.get(identity, ("", False))
        last[identity] = number
        text = "\n".join(
            "".join(one.text or "" for one in paragraph.iter() if name_of(one) == "w:t")
            for paragraph in paragraphs
        )
        anchor = anchors.get(number, Anchor((), ""))
        comment = Comment(mark_of(element), text.strip(), str(anchor), anchor.section, resolved)
        found[number] = (parent, comment)
    for number in (*(one for one in anchors if one in found), *(found.keys() - anchors.keys())):
        parent, comment = found[number]
        if not parent or parent not in last:
            replies = (
                reply
                for answered, reply in found.values()
                if answered and last.get(answered) == number
            )
            yield replace(comment, replies=tuple(replies))
