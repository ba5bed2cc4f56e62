"""The passages of a Markdown text that its author wrote in words, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jpreport.execute.prose import DIRECTIVE, NO_PROSE
from jpreport.review.narrative.numbers import MASK

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, heading or table cell; `line` counts the text's lines from 1.

    Code, values, references and pictures are a mask character each; lines are kept.
    """

    text: str
    line: int
    heading: bool = False


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.myst_role import myst_role_plugin

    parser = MarkdownIt("commonmark").enable("table")
    parser.use(deflist_plugin).use(footnote_plugin).use(myst_role_plugin)
    return parser.disable(["footnote_tail", "footnote_inline"])


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    address = False
    for token in tokens:
        if token.type in ("link_open", "link_close") and token.markup == "autolink":
            address = token.type == "link_open"
        elif token.type == "text":
            yield MASK if address else token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type == "html_inline":
            yield "" if token.content.startswith("<!--") else " "
        elif token.type in ("text_special", "entity"):
            yield token.content
        elif not token.type.endswith(("_open", "_close")):
            yield MASK + "\n" * token.content.count("\n")


def passages(markdown: str, first: int = 1) -> Iterator[Passage]:
    """Yield the passages of a Markdown text as MyST reads it; `first` numbers its first line."""
    heading = False
    for token in _parser().parse(markdown):
        line = first + (token.map[0] if token.map else 0)
        if token.type == "heading_open":
            heading = True
        elif token.type == "inline":
            yield Passage("".join(_words(token.children or ())), line, heading)
            heading = False
        elif token.type == "html_block":
            # Its words are printed, its tags are not.
            kept = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), token.content)
            yield Passage(_TAG.sub(" ", kept), line)
        elif token.type == "fence":
            directive = DIRECTIVE.fullmatch(token.info.strip())
            if directive and directive[1] not in NO_PROSE:
                yield from passages(directive[2], line)
                yield from passages(token.content, line + 1)
