"""What a file shows, read back and compared with the document: nothing is lost on the way."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from jpreport.document.formats import Kind, Thing
from jpreport.document.markdown import Node, map_nodes, plain_text
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
_COVER = NOWHERE.at("the cover")


def squeezed(text: str) -> str:
    """Return the letters and digits of a text: setting it may change its spaces and signs."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text))


def page_text(content: bytes) -> str:
    """Return what an HTML page says, formulas as their signs."""
    return html.unescape(_UNSEEN.sub("", content.decode()))


def page_things(content: bytes) -> Counter[Thing]:
    """Return what an HTML page of ours holds beside words, without annex and data of charts."""
    page = re.sub(r"<details>.*?</details>", "", content.decode(), flags=re.DOTALL)
    page = page.partition('<section class="sources"')[0]
    body = page.partition("<main ")[2]

    def each(kind: Kind, pattern: str, text: str = body) -> Iterator[Thing]:
        for name in re.findall(pattern, text, re.DOTALL):
            yield Thing(kind, squeezed(html.unescape(name)))

    tables = re.findall(r"</thead>(.*?)</table>", body, re.DOTALL)
    return Counter(
        (
            *each("formula", r'<annotation encoding="application/x-tex">(.*?)</annotation>'),
            *each("picture", r'<img [^>]*alt="([^"]*)"', page),
            *each("link", r'<a href="([^"#][^"]*)"'),
            *(Thing("reference") for _ in re.findall(r'<a [^>]*href="#(?!fn)', body)),
            *(Thing("footnote") for _ in re.findall(r'role="doc-noteref"', body)),
            *(Thing("table", str(len(re.findall(r"<t[dh]\b", table)))) for table in tables),
        )
    )


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


def _texts(block: Block) -> Iterator[str]:
    match block:
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


def _size(rows: Sequence[int]) -> str:
    """Return how many cells the body of a table has; one without rows says so in one."""
    return str(sum(rows) or 1)


def _prose_things(prose: Prose) -> Iterator[Thing]:
    found: list[Thing] = []

    def note(node: Node) -> Node:
        match node["t"]:
            case "Math":
                found.append(Thing("formula", squeezed(node["c"][1])))
            case "Note":
                found.append(Thing("footnote"))
            case "Link" if plain_text(node["c"][1]).strip():
                address = node["c"][2][0]
                inner = address.startswith("#")
                found.append(Thing("reference") if inner else Thing("link", squeezed(address)))
            case "Span" if "data-source" in dict(node["c"][0][2]):
                found.append(Thing("reference"))
            case "Table":
                rows = (row for body in node["c"][4] for row in (*body[2], *body[3]))
                found.append(Thing("table", _size([len(cells) for _, cells in rows])))
        return node

    map_nodes(list(prose.blocks), note)
    yield from found


def _things(block: Block) -> Iterator[Thing]:
    """Yield what a file has to hold of a block beside its words."""
    match block:
        case Prose():
            yield from _prose_things(block)
        case TableBlock():
            rows = block.table.rows
            yield Thing("table", _size([len(row.cells) for row in rows]))
            yield from (Thing("reference") for _ in block.links)
        case ChartBlock():
            yield Thing("picture", squeezed(block.alt))


def missing(document: Document, held: Counter[Thing]) -> list[Problem]:
    """Return what a file does not hold of a document beside words, each with its cell.

    A table that no page has room for comes in parts, of as many cells or more.
    """
    logo = document.front.brand.logo
    wanted = [(_COVER, Thing("picture", squeezed(logo.alt)))] if logo else []
    wanted += [
        (where, thing)
        for block, where in zip_longest(document.blocks, document.places, fillvalue=NOWHERE)
        if not isinstance(block, Place)
        for thing in _things(block)
    ]
    found = held.copy()
    absent = []
    for where, thing in wanted:
        # A format that writes formulas in a notation of its own says how many there are.
        if one := next((one for one in (thing, Thing(thing.kind)) if found[one]), None):
            found[one] -= 1
        else:
            absent.append((where, thing))
    tables = sum(int(thing.name) for _, thing in absent if thing.kind == "table")
    if tables <= sum(int(one.name) * n for one, n in found.items() if one.kind == "table"):
        absent = [one for one in absent if one[1].kind != "table"]
    hint = "write it otherwise, and tell those who make jpreport"
    return [
        Problem(
            where, f"the page lacks a {thing.kind}{f' ({thing.name})' * bool(thing.name)}", hint
        )
        for where, thing in absent
    ]


def tables_alone(document: Document) -> Document:
    """Return what a file without narrative has to say: tables, and charts as data and texts."""
    kept: list[tuple[Block, Place]] = []
    for block, where in zip_longest(document.blocks, document.places, fillvalue=NOWHERE):
        match block:
            case TableBlock():
                kept.append((block, where))
            case ChartBlock():
                kept.append((TextBlock(f"{block.caption}\n{block.alt}"), where))
                kept += [(TableBlock(block.data), where)] if block.data else []
    blocks, places = (tuple(one) for one in zip(*kept, strict=True)) if kept else ((), ())
    return replace(document, blocks=blocks, places=places)


def lost(document: Document, pages: Sequence[str]) -> list[Problem]:
    """Return what a document says and the pages of its file do not, each with its cell."""
    said = squeezed("".join(pages))
    letters = Counter(said)
    problems = []
    for block, where in zip_longest(document.blocks, document.places, fillvalue=NOWHERE):
        if isinstance(block, Place):
            continue
        missing = [text for text in _texts(block) if not _is_there(text, said, letters)]
        if missing:
            words = shorten(" ".join(missing), 80, placeholder=" \N{HORIZONTAL ELLIPSIS}")
            hint = "write it otherwise, and tell those who make jpreport"
            problems.append(Problem(where, f'the page does not show "{words}"', hint))
    return problems
