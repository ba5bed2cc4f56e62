"""What a file shows, read back and compared with the document: nothing is lost on the way."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from textwrap import shorten
from typing import Any

from jpreport.document.blocks import (
    Block,
    ChartBlock,
    CodeBlock,
    Document,
    Prose,
    TableBlock,
    TextBlock,
)
from jpreport.document.markdown import plain_text
from jpreport.errors import NOWHERE, Place, Problem
from jpreport.forms.tables import Table

_NO_WORD = re.compile(r"[\W_]+")
_UNSEEN = re.compile(r"<(style|title|annotation)\b.*?</\1>|<[^>]*>", re.DOTALL)
_PARAGRAPHS = frozenset({"Para", "Plain", "Header", "CodeBlock"})
_DIVIDING = frozenset({"Math", "Note"})
_STYLES = frozenset(
    ("Emph", "Strong", "Strikeout", "Superscript", "Subscript", "SmallCaps", "Underline")
)
# A paragraph may go on over the page, a row of a table over several.
_MOST_PARTS = 6


def squeezed(text: str) -> str:
    """Return the letters and digits of a text: setting it may change its spaces and signs."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text))


def page_text(content: bytes) -> str:
    """Return what an HTML page says, formulas as their signs."""
    return html.unescape(_UNSEEN.sub("", content.decode()))


def _node_texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a pandoc tree
    """Yield the paragraphs of a narrative, divided where a formula or the call of a note stands."""
    if isinstance(value, list):
        for item in value:
            yield from _node_texts(item)
    elif isinstance(value, dict) and "c" in value:
        if value["t"] not in _PARAGRAPHS:
            yield from _node_texts(value["c"])
            return
        inside = value["c"][-1] if value["t"] in {"Header", "CodeBlock"} else value["c"]
        if isinstance(inside, str):
            yield from inside.splitlines()
            return
        for divides, nodes in groupby(_leaves(inside), key=lambda node: node["t"] in _DIVIDING):
            if not divides:
                yield plain_text(list(nodes))
            else:
                yield from _node_texts([node["c"] for node in nodes if node["t"] == "Note"])


def _leaves(nodes: list[Any]) -> Iterator[Any]:
    """Yield inline nodes without the emphasis, links and figures around them."""
    for node in nodes:
        if node["t"] in _STYLES:
            yield from _leaves(node["c"])
        elif node["t"] in {"Span", "Link", "Quoted", "Cite"}:
            yield from _leaves(node["c"][1])
        else:
            yield node


def _table_texts(table: Table) -> Iterator[str]:
    for column in table.columns:
        yield from (column.label, column.unit, column.group)
    for row in table.rows:
        yield from (line for cell in row.cells for line in cell.text.splitlines())
    yield from table.notes


def _texts(block: Block, *, tables_only: bool) -> Iterator[str]:
    match block:
        case ChartBlock() if tables_only:
            yield from (block.caption, block.alt)
            yield from _table_texts(block.data) if block.data else ()
        case Prose() | CodeBlock() | TextBlock() if tables_only:
            return
        case Prose():
            yield from _node_texts(list(block.blocks))
        case TableBlock():
            yield block.caption
            yield from _table_texts(block.table)
        case ChartBlock():
            yield block.caption
        case CodeBlock():
            yield from block.source.splitlines()
        case _:
            yield from block.text.splitlines()


def _turned(text: str) -> bool:
    """Say whether a PDF has letters of a text in another order, or twice.

    What runs right to left stands there as on the page, a letter with marks once for each of them.
    """
    return any(unicodedata.bidirectional(char) in {"R", "AL", "NSM"} for char in text)


def _is_there(text: str, said: str, letters: Counter[str]) -> bool:
    """Say whether a text is part of what a file says, in few pieces where pages divide it."""
    whole = squeezed(text)
    if whole in said:
        return True
    if not text.isascii() and _turned(text):
        return not Counter(whole) - letters
    words = [word for part in text.split() if (word := squeezed(part))]
    for _ in range(_MOST_PARTS):
        reach = 0
        while reach < len(words) and "".join(words[: reach + 1]) in said:
            reach += 1
        words = words[reach:]
        if not words or not reach:
            break
    return not words


def lost(document: Document, pages: Sequence[str], *, tables_only: bool = False) -> list[Problem]:
    """Return what a document says and the pages of its file do not, each with its cell.

    Of a file of `tables_only`, what its tables and charts say.
    """
    said = squeezed("".join(pages))
    letters = Counter(said)
    problems = []
    for block, where in zip_longest(document.blocks, document.places, fillvalue=NOWHERE):
        if isinstance(block, Place):
            continue
        texts = _texts(block, tables_only=tables_only)
        missing = [text for text in texts if not _is_there(text, said, letters)]
        if missing:
            words = shorten(" ".join(missing), 80, placeholder=" \N{HORIZONTAL ELLIPSIS}")
            hint = "write it otherwise, and tell those who make jpreport"
            problems.append(Problem(where, f'the page does not show "{words}"', hint))
    return problems
