"""Markup that was meant to be more than the characters that it is, and would be printed as such."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_CALL = re.compile(r"(?<!\\)\[\^([^\]\s]+)\]")
_CODE = ("code_inline", "myst_role", "html_inline", "math_inline")
_LEFT = (
    (
        re.compile(r"(?<!\\)\{eval\}"),
        "{eval} without an expression behind it",
        'write {eval}`rp["1.1"]`, without a space',
    ),
    (
        re.compile(r"(?<!\\)\$\$"),
        "$$ that ends no formula",
        "end it in the same paragraph, or write \\$ for a dollar",
    ),
    (
        re.compile(r"\\(?:begin|end)\{\w+\*?\}"),
        "LaTeX that is no formula",
        "set it apart with empty lines around it, within $$ if it is none of amsmath",
    ),
    (
        re.compile(r"(?<![\\!])\[[^\[\]]+(?<!\\)\]\[[^\[\]]+\]"),
        "a link whose address is not in its cell",
        "write [words](address), or the address into the same cell",
    ),
)


def _without_code(content: str, children: Iterable[Token]) -> str:
    """Return an inline text without what is code, a value or a formula in it."""
    for child in children:
        if child.type.startswith(_CODE) and child.content:
            content = content.replace(child.content, "", 1)
    return content


def left_over(content: str, children: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Yield (message, hint) of what is left of markup in an inline text that has been read."""
    said = "".join(child.content for child in children if child.type == "text")
    text = _without_code(content, children)
    for pattern, message, hint in _LEFT:
        # What the author escaped reads the same as text, not as source.
        if (found := pattern.search(text)) and found[0] in said:
            yield message, hint


def called_notes(content: str, children: Sequence[Token]) -> list[str]:
    """Return the footnotes that an inline text calls, whether or not they are there."""
    return _CALL.findall(_without_code(content, children)) if "[^" in content else []


def lone_notes(
    calls: Mapping[str, int], notes: Mapping[str, int]
) -> Iterator[tuple[int, str, str]]:
    """Yield (row, message, hint) of footnotes that are not there, or that nothing calls."""
    known, called = ({name.casefold() for name in names} for names in (notes, calls))
    for name, row in calls.items():
        if name.casefold() not in known:
            message = f"the footnote [^{name}] is not in its cell"
            yield row, message, f"write [^{name}]: and its words into the same cell"
    for name, row in notes.items():
        if name.casefold() not in called:
            yield row, f"no word calls the footnote [^{name}]", f"write [^{name}] behind one"
