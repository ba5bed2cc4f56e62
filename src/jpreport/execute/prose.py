"""Prose values: find the `{eval}` roles of a Markdown cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_ROLE = "eval"
# What stands behind the marks of a fence: a directive, and what it is called with.
DIRECTIVE = re.compile(r"\{([\w:-]+)\}\s*(.*)")
# What these directives hold is shown as it is, or not at all.
NO_PROSE = ("code", "code-block", "code-cell", "math", "raw")


@dataclass(frozen=True, slots=True)
class Role:
    """One expression in prose; `line` counts the cell's lines from 1."""

    expression: str
    line: int

    def __str__(self) -> str:
        """Return the role as it stands in the text."""
        return f"{{{_ROLE}}}`{self.expression}`"


@cache
def _parser() -> MarkdownIt:
    # Imported late: most Markdown cells hold no role.
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.myst_role import myst_role_plugin

    parser = MarkdownIt("commonmark").enable("table")
    parser.use(deflist_plugin).use(footnote_plugin).use(myst_role_plugin)
    # Without these two, footnotes stay where they are written, so that the order is the text's.
    return parser.disable(["footnote_tail", "footnote_inline"])


def _inline(tokens: Sequence[Token], line: int) -> Iterator[Role]:
    for token in tokens:
        if token.type == "myst_role" and token.meta.get("name") == _ROLE:
            yield Role(token.content, line)
        elif token.type in ("softbreak", "hardbreak"):
            line += 1
        if token.children:
            yield from _inline(token.children, line)


def roles(markdown: str) -> tuple[Role, ...]:
    """Return the `{eval}` roles of a Markdown text in the order of the text, as MyST reads it.

    Code spans, code blocks, HTML and escaped braces hold none; tables, lists, headings, links,
    footnotes and callouts, within colons or backticks, may.
    """
    return tuple(_roles(markdown, 0)) if f"{{{_ROLE}}}" in markdown else ()


def _roles(markdown: str, first: int) -> Iterator[Role]:
    """Yield the roles of a text whose first line has `first` lines before it."""
    line = first
    for token in _parser().parse(markdown):
        if token.map:
            line = first + token.map[0]
        if token.type == "inline":
            yield from _inline(token.children or (), line + 1)
        elif token.type == "fence":
            directive = DIRECTIVE.fullmatch(token.info.strip())
            if directive and directive[1] not in NO_PROSE:
                yield from _roles(directive[2], line)
                yield from _roles(token.content, line + 1)


def expressions(markdown: str) -> tuple[str, ...]:
    """Return the expressions of the `{eval}` roles in a Markdown text, in its order."""
    return tuple(role.expression for role in roles(markdown))
