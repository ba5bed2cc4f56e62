"""A Markdown cell in another language: the texts that are translated, and the cell with them."""

from __future__ import annotations

import re
from typing import Protocol

from jpreport.document.markdown_text import Message
from jpreport.document.myst import read_markdown

__all__ = ["Message", "Translations", "messages", "translated", "unlisted"]

_LISTED = re.compile(r"(\d{1,9})([.)])(?=\s)")


class Translations(Protocol):
    """What has texts in another language: a catalogue."""

    def get(self, text: str) -> str | None:
        """Return a text in the other language, None where it has none."""


def messages(source: str) -> list[Message]:
    """Return the texts of a Markdown cell that are translated, each as a whole, in their order.

    Roles, references, marks of footnotes and links stand in them as they are written. Code,
    formulas that stand apart and what has no words are none.
    """
    return list(read_markdown(source).messages)


def unlisted(text: str) -> str:
    """Return a translation that begins with "2010. " so that it begins no list."""
    return _LISTED.sub(r"\1\\\2", text, count=1) if _LISTED.match(text) else text


def translated(source: str, catalogue: Translations) -> tuple[str, list[str]]:
    """Return a Markdown cell with each of its texts as a catalogue has it, and those that it lacks.

    What is missing stays as it is written.
    """
    read = read_markdown(source)
    lines = re.sub(r"\r\n?", "\n", source).split("\n")
    missing = []
    for message in sorted(read.messages, key=lambda one: one.span or (), reverse=True):
        text = catalogue.get(message.text)
        if text is None:
            missing.append(message.text)
        elif message.span is not None:
            (row, column), (last, end) = message.span
            before = lines[row][:column]
            text = unlisted(text)
            written = text.replace("|", "\\|") if message.table else text
            below = re.sub(r"[^>\s]", " ", before)
            block = written.replace("\n", f"\n{below}")
            lines[row : last + 1] = [f"{before}{block}{lines[last][end:]}"]
    return "\n".join(lines), missing[::-1]
