"""Narrative from pandoc's tree to the few forms that the Typst template sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from jpreport.document.formulas import typst_formula
from jpreport.document.markdown import plain_text
from jpreport.export.typst_tables import table_json
from jpreport.export.typst_text import clean
from jpreport.forms.tables import Cell, Column, Row, Table

Node = dict[str, Any]
Json = Any

_STYLES = {
    "Emph": "emph",
    "Strong": "strong",
    "Strikeout": "strike",
    "Superscript": "super",
    "Subscript": "sub",
    "SmallCaps": "caps",
    "Underline": "underline",
}
_QUOTES = {"DoubleQuote": "\u201c\u201d", "SingleQuote": "\u2018\u2019"}


def _math(node: Node, *, display: bool = False) -> Json:
    """Return a formula in Typst's notation; one that stands apart is a block."""
    kind, tex = node["c"]
    formula = typst_formula(tex, display=kind["t"] == "DisplayMath")
    return {"t": "math", "s": clean(formula), "alt": clean(tex), "display": display}


def _paragraphs(node: Node) -> list[Json]:
    """Return a paragraph; formulas that stand apart divide it, as Typst drops blocks within one."""
    found: list[Json] = []
    for apart, group in groupby(node["c"], key=_stands_apart):
        if apart:
            found += [_math(formula, display=True) for formula in group]
        elif words := inlines(group):
            found.append({"t": "par", "c": words})
    return found or [{"t": "par", "c": []}]


def _stands_apart(node: Node) -> bool:
    return bool(node["t"] == "Math" and node["c"][0]["t"] == "DisplayMath")


def _link(node: Node) -> list[Json]:
    _, content, (address, _) = node["c"]
    words = inlines(content)
    if address.startswith("#"):
        return [{"t": "ref", "id": clean(address[1:]), "c": words}]
    if not plain_text(content).strip():
        return words
    return [{"t": "link", "url": clean(address), "c": words}]


def _span(node: Node) -> list[Json]:
    """Return what a span holds; a quoted figure leads to its source."""
    (name, _, keys), content = node["c"]
    source = dict(keys).get("data-source")
    words = inlines(content)
    return [{"t": "figure", "to": source, "name": name, "c": words}] if source else words


def _quoted(node: Node) -> list[Json]:
    kind, content = node["c"]
    marks = _QUOTES[kind["t"]]
    return [marks[0], *inlines(content), marks[1]]


_INLINES: dict[str, Callable[[Node], list[Json]]] = {
    "Str": lambda node: [clean(node["c"])],
    "Space": lambda _: [" "],
    "SoftBreak": lambda _: [" "],
    "LineBreak": lambda _: [{"t": "break"}],
    "Code": lambda node: [{"t": "code", "s": clean(node["c"][1])}],
    "Math": lambda node: [_math(node)],
    "Quoted": _quoted,
    "Link": _link,
    "Note": lambda node: [{"t": "note", "c": blocks(node["c"])}],
    "Span": _span,
    "Cite": lambda node: inlines(node["c"][1]),
    **dict.fromkeys(_STYLES, lambda node: [{"t": _STYLES[node["t"]], "c": inlines(node["c"])}]),
}


def inlines(nodes: Iterable[Node]) -> list[Json]:
    """Return pandoc inlines, neighbouring texts joined (kerning and line breaks need it)."""
    out: list[Json] = []
    for node in nodes:
        form = _INLINES.get(node["t"])
        for item in form(node) if form else [clean(plain_text(node))]:
            if isinstance(item, str) and out and isinstance(out[-1], str):
                out[-1] += item
            elif item != "":
                out.append(item)
    return out


def _header(node: Node) -> Json:
    level, (label, _, keys), content = node["c"]
    return {
        "t": "heading",
        "level": level,
        "id": clean(label),
        "number": clean(dict(keys).get("data-number", "")),
        "c": inlines(content),
    }


def _items(items: list[list[Node]]) -> Json:
    """Return the items of a list and whether it is tight (no item has paragraphs of its own)."""
    tight = all(block["t"] != "Para" for item in items for block in item)
    return {"tight": tight, "items": [blocks(item) for item in items]}


_NUMERALS = {"LowerAlpha": "a", "UpperAlpha": "A", "LowerRoman": "i", "UpperRoman": "I"}


def _ordered(node: Node) -> Json:
    (start, style, delimiter), items = node["c"]
    numeral = _NUMERALS.get(style["t"], "1")
    pattern = {"OneParen": f"{numeral})", "TwoParens": f"({numeral})"}.get(
        delimiter["t"], f"{numeral}."
    )
    return {"t": "numbers", "start": start, "pattern": pattern, **_items(items)}


def _definitions(node: Node) -> Json:
    return {
        "t": "terms",
        "items": [
            {"term": inlines(term), "c": blocks([b for block in texts for b in block])}
            for term, texts in node["c"]
        ],
    }


def _div(node: Node) -> Json:
    (_, classes, _), content = node["c"]
    if "callout" not in classes:
        return {"t": "group", "c": blocks(content)}
    kind = next((name for name in classes if name != "callout"), "note")
    heading, *rest = content
    title = inlines(heading["c"])
    return {"t": "callout", "kind": kind, "title": title, "c": blocks(rest)}


def _on_lines(lines: Iterable[list[Json]]) -> list[Json]:
    """Return inlines with a break between two lines."""
    joined: list[Json] = []
    for line in lines:
        joined += [*([{"t": "break"}] if joined else []), *line]
    return joined


def _unmarked(nodes: list[Json]) -> list[Json]:
    """Return inlines with bold type in place of `strong`, which in a table means a row header."""
    return [
        node
        if isinstance(node, str) or "c" not in node
        else {
            **node,
            "t": "bold" if node["t"] == "strong" else node["t"],
            "c": _unmarked(node["c"]),
        }
        for node in nodes
    ]


def _content(cell: list[Any]) -> list[Json]:
    """Return what stands in a cell of a Markdown table, paragraphs as lines."""
    return _unmarked(
        _on_lines(
            inlines(block["c"]) if block["t"] in {"Para", "Plain"} else [clean(plain_text(block))]
            for block in cell[4]
        )
    )


def _table(node: Node) -> Json:
    """Return a table of the narrative; its cells keep their formatting."""
    _, (_, caption), specs, (_, head), bodies, (_, foot) = node["c"]
    labels = [clean(plain_text(cell[4])) for cell in head[0][1]] if head else []
    named = any(map(str.strip, labels))
    rows = [row[1] for row in (*(r for body in bodies for r in (*body[2], *body[3])), *foot)]
    places = range(len(specs))
    table = Table(
        tuple(
            Column(labels[i] if named else "", "number" if kind == "AlignRight" else "text")
            for i, kind in enumerate(align["t"] for align, _ in specs)
        ),
        tuple(Row(tuple(Cell(clean(plain_text(row[i][4]))) for i in places)) for row in rows),
        stub=0,
    )
    contents = {(y, x): _content(row[x]) for y, row in enumerate(rows) for x in places}
    shown = table_json(table, contents=contents)
    return {"t": "table", "caption": clean(plain_text(caption)), "table": shown}


_BLOCKS: dict[str, Callable[[Node], Json]] = {
    "Header": _header,
    "BulletList": lambda node: {"t": "bullets", **_items(node["c"])},
    "OrderedList": _ordered,
    "DefinitionList": _definitions,
    "BlockQuote": lambda node: {"t": "quote", "c": blocks(node["c"])},
    "CodeBlock": lambda node: {"t": "listing", "s": clean(node["c"][1], lines=True)},
    "HorizontalRule": lambda _: {"t": "rule"},
    "LineBlock": lambda node: {"t": "par", "c": _on_lines(map(inlines, node["c"]))},
    "Div": _div,
    "Table": _table,
    "Figure": lambda node: {"t": "group", "c": blocks(node["c"][2])},
}


def blocks(nodes: Iterable[Node]) -> list[Json]:
    """Return pandoc blocks as the template's `jp-blocks` takes them."""
    found: list[Json] = []
    for node in nodes:
        if node["t"] in {"Para", "Plain"}:
            found += _paragraphs(node)
        elif form := _BLOCKS.get(node["t"]):
            found.append(form(node))
        else:
            found.append({"t": "par", "c": [clean(plain_text(node))]})
    return found
