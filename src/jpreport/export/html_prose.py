"""Narrative for HTML: headings numbered, callouts and tables with their roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from jpreport.document.blocks import Prose
from jpreport.document.markdown import Node, map_nodes, plain_text
from jpreport.language import current


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A line of the contents: a heading's level (from 1), id, section number and words."""

    level: int
    id: str
    number: str
    text: str


@dataclass(slots=True)
class UniqueNames:
    """Hands out names no two of which are alike, as the landmarks of a page must be."""

    taken: dict[str, int] = field(default_factory=dict)

    def unique(self, name: str) -> str:
        """Return the name, with a counter from the second time on; letters' case tells none."""
        key = name.casefold()
        count = self.taken[key] = self.taken.get(key, 0) + 1
        return name if count == 1 else f"{name} ({count})"


def raw(html: str) -> Node:
    """Return finished HTML as a block."""
    return {"t": "RawBlock", "c": ["html", html]}


def region_name(labels: Iterable[str]) -> str:
    """Return what a table without a caption is called, by the heads of its columns."""
    shown = [label for label in labels if label][:4]
    say = current().say
    return say("Table of {columns}", columns=", ".join(shown)) if shown else say("Table")


def _heading(node: Node) -> Node:
    level, (name, _, keys), inlines = node["c"]
    number = dict(keys).get("data-number")
    if number:
        span = {"t": "Span", "c": [["", ["number"], []], [{"t": "Str", "c": number}]]}
        inlines = [span, {"t": "Space"}, *inlines]
    return {"t": "Header", "c": [min(level + 1, 6), [name, [], []], inlines]}


def _callout(node: Node) -> Node:
    (name, classes, _), (heading, *blocks) = node["c"]
    head = [raw('<p class="callout-title">'), heading, raw("</p>")]
    return {"t": "Div", "c": [[name, classes, [["role", "note"]]], [*head, *blocks]]}


def _figure(node: Node) -> Node:
    """Return a quoted figure as a link to its source; one without a source as it is."""
    (name, classes, keys), inlines = node["c"]
    values = dict(keys)
    if "data-source" not in values:
        return node
    own = [["data-figure", values["data-figure"]]]
    return {"t": "Link", "c": [[name, classes, own], inlines, [f"#{values['data-source']}", ""]]}


def _paragraphs(blocks: list[Node]) -> list[Node]:
    """Return a definition in which no text runs into the paragraph that follows it."""
    if not any(block["t"] == "Plain" for block in blocks[:-1]):
        return blocks
    return [{**block, "t": "Para"} if block["t"] == "Plain" else block for block in blocks]


def _cells(cells: list[Any], aligns: list[str], tag: str, stub: int = 0) -> Iterable[Node]:
    for place, (_, _, _, across, blocks) in enumerate(cells):
        name = "th" if place < stub or (tag == "th" and plain_text(blocks).strip()) else "td"
        scope = f' scope="{"col" if tag == "th" else "row"}"' if name == "th" else ""
        kind = ' class="number"' if aligns[place] == "AlignRight" else ""
        span = f' colspan="{across}"' if across > 1 else ""
        yield raw(f"<{name}{scope}{span}{kind}>")
        yield from blocks
        yield raw(f"</{name}>")


def _table(node: Node, names: UniqueNames) -> Node:
    """Return a table as raw tags around cells that pandoc still sets itself."""
    _, _, columns, (_, head), bodies, _ = node["c"]
    aligns = [column[0]["t"] for column in columns]
    out = [raw("<table><thead>")]
    for _, cells in head:
        out += [raw("<tr>"), *_cells(cells, aligns, "th"), raw("</tr>")]
    out.append(raw("</thead><tbody>"))
    for _, cells in (row for body in bodies for row in (*body[2], *body[3])):
        out += [raw("<tr>"), *_cells(cells, aligns, "td", stub=1), raw("</tr>")]
    out.append(raw("</tbody></table>"))
    labels = [plain_text(cell[4]).strip() for _, cells in head[-1:] for cell in cells]
    keys = [
        ["role", "region"],
        ["tabindex", "0"],
        ["aria-label", names.unique(region_name(labels))],
    ]
    return {"t": "Div", "c": [["", ["scroll", "prose-table"], keys], out]}


def contents(prose: Prose, deepest: int = 2) -> list[ContentsEntry]:
    """Return the headings of a block down to a level."""
    return [
        ContentsEntry(level, name, dict(keys).get("data-number", ""), plain_text(inlines).strip())
        for level, (name, _, keys), inlines in (
            block["c"] for block in prose.blocks if block["t"] == "Header"
        )
        if level <= deepest
    ]


def html_blocks(prose: Prose, names: UniqueNames) -> list[Node]:
    """Return a block of narrative, ready for pandoc's HTML writer."""

    def change(node: Node) -> Node:
        if node["t"] == "Header":
            return _heading(node)
        if node["t"] == "Div" and "callout" in node["c"][0][1]:
            return _callout(node)
        if node["t"] == "Table":
            return _table(node, names)
        if node["t"] == "Span" and "figure" in node["c"][0][1]:
            return _figure(node)
        if node["t"] == "DefinitionList":
            terms = [[term, list(map(_paragraphs, items))] for term, items in node["c"]]
            return {"t": "DefinitionList", "c": terms}
        return node

    changed: list[Node] = map_nodes(list(prose.blocks), change)
    return changed
