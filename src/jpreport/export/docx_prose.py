"""Narrative for Word: pandoc sets it; what pandoc has no form for is put between as its XML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from jpreport.document.blocks import FigureLink, Prose
from jpreport.document.markdown import Node, map_nodes, plain_text
from jpreport.export.docx_marks import Around, Marks, field_around, link
from jpreport.export.docx_tables import Layout, paragraph
from jpreport.export.html_prose import region_name

# Pandoc gives a heading no number of its own; the style numbers all that are not marked so.
UNNUMBERED = "<?jp unnumbered?>"
_LOOSE = {"Plain": "Para"}
_RULE = '<w:p><w:pPr><w:pStyle w:val="Rule"/></w:pPr></w:p>'


def raw(xml: str) -> Node:
    """Return finished XML as a block."""
    return {"t": "RawBlock", "c": ["openxml", xml]}


def _inline(xml: str) -> Node:
    return {"t": "RawInline", "c": ["openxml", xml]}


def _styled(style: str, inlines: list[Node]) -> Node:
    return {"t": "Span", "c": [["", [], [["custom-style", style]]], inlines]}


def styled(style: str, blocks: list[Node]) -> Node:
    """Return blocks in a paragraph style, by its name."""
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], blocks]}


def _within(around: Around, inlines: list[Node]) -> list[Node]:
    return [_inline(around.start), *inlines, _inline(around.end)]


class ProseWriter:
    """Prepares narrative for pandoc; `numbered` are the words that refer to a table or chart."""

    def __init__(self, marks: Marks, numbered: Mapping[str, str]) -> None:
        self.marks, self.numbered = marks, numbered

    def prose(self, prose: Prose) -> list[Node]:
        """Return a narrative as blocks for pandoc."""
        return self._blocks(prose.blocks)

    def code(self, source: str, style: str = "Source Code") -> Node:
        """Return lines of code or output."""
        lines: list[Node] = []
        for line in source.split("\n"):
            lines += [*([{"t": "LineBreak"}] if lines else []), _code(line)]
        return styled(style, [self._paragraph("Para", lines)])

    def _blocks(self, nodes: Iterable[Node]) -> list[Node]:
        return [block for node in nodes for block in self._block(node)]

    def _block(self, node: Node) -> list[Node]:
        kind: str = node["t"]
        content: Any = node.get("c")
        if kind in {"Para", "Plain"}:
            return [self._paragraph(kind, content)]
        if kind == "BlockQuote":
            return [styled("Block Text", self._blocks(content))]
        if kind == "BulletList":
            return [{"t": kind, "c": [self._blocks(item) for item in content]}]
        if kind == "OrderedList":
            return [{"t": kind, "c": [content[0], [*map(self._blocks, content[1])]]}]
        form: dict[str, Callable[[Any], list[Node]]] = {
            "Header": self._heading,
            "CodeBlock": lambda code: [self.code(code[1])],
            "LineBlock": self._lines,
            "DefinitionList": self._definitions,
            "HorizontalRule": lambda _: [raw(_RULE)],
            "Div": self._div,
            "Table": self._table,
            "Figure": lambda figure: self._blocks(figure[2]),
        }
        return form[kind](content)

    def _lines(self, lines: list[list[Node]]) -> list[Node]:
        joined = [one for line in lines for one in (*line, {"t": "LineBreak"})]
        return [self._paragraph("Para", joined[:-1])]

    def _paragraph(self, kind: str, inlines: list[Node], *more: Around) -> Node:
        around = self.marks.paragraph()
        for start, end in more:
            around = Around(start + around.start, around.end + end)
        return {"t": kind, "c": _within(around, self._inlines(inlines))}

    def _heading(self, content: list[Any]) -> list[Node]:
        level, (name, _, keys), inlines = content
        heading = self._paragraph("Header", inlines, self.marks.target(name))
        if "data-number" not in dict(keys):
            heading["c"].insert(0, _inline(UNNUMBERED))
        return [{"t": "Header", "c": [level, ["", [], []], heading["c"]]}]

    def _definitions(self, items: list[Any]) -> list[Node]:
        done = []
        for term, texts in items:
            words = self._paragraph("Plain", term)["c"]
            done.append([words, [self._blocks(text) for text in texts]])
        return [{"t": "DefinitionList", "c": done}]

    def _div(self, div: list[Any]) -> list[Node]:
        (_, classes, _), content = div
        if "callout" not in classes:
            return self._blocks(content)
        kind = next((name for name in classes if name != "callout"), "note").capitalize()
        title, *blocks = self._blocks(content)
        # Pandoc has a style of its own for what stands closely in a list.
        blocks = map_nodes(blocks, lambda node: {**node, "t": _LOOSE.get(node["t"], node["t"])})
        return [styled(f"Callout {kind} Title", [title]), styled(f"Callout {kind}", blocks)]

    def _table(self, content: list[Any]) -> list[Node]:
        _, _, columns, (_, head), bodies, (_, foot) = content
        rows = [row for body in bodies for row in (*body[2], *body[3])] + foot
        named = any(plain_text(cell[4]).strip() for _, cells in head for cell in cells)
        labels = [plain_text(cell[4]).strip() for _, cells in head[-1:] for cell in cells]
        texts = [
            [plain_text(cell[4]) for cell in cells]
            for _, cells in [*(head if named else []), *rows]
        ]
        layout = Layout.of(
            texts, [one[0]["t"] == "AlignRight" for one in columns], region_name(labels)
        )
        out = [raw(layout.start)]
        for place, (_, cells) in enumerate([*(head if named else []), *rows]):
            first = named and not place
            style = "Table Head" if first else "Table Text"
            out.append(raw(layout.row(head=first)))
            for x, cell in enumerate(cells):
                # A cell of a table must hold a paragraph.
                blocks = self._blocks(cell[4] or [{"t": "Plain", "c": []}])
                out += [raw(layout.cell(x)), styled(f"{style}{layout.side(x)}", blocks)]
                out.append(raw("</w:tc>"))
            out.append(raw("</w:tr>"))
        return [*out, raw(layout.end + paragraph("TableEnd", Markup("")))]

    def _inlines(self, nodes: Sequence[Node]) -> list[Node]:
        return [one for node in nodes for one in self._inline(node)]

    def _inline(self, node: Node) -> list[Node]:
        kind: str = node["t"]
        content: Any = node.get("c")
        if kind == "Span":
            return self._span(*content)
        if kind == "Link":
            return self._link(node)
        if kind == "Note":
            return [{"t": kind, "c": self._blocks(content)}]
        if kind in {"Quoted", "Cite"}:
            return [{"t": kind, "c": [content[0], self._inlines(content[1])]}]
        if isinstance(content, list) and kind not in {"Code", "Math", "RawInline"}:
            return [{"t": kind, "c": self._inlines(content)}]
        return [node]

    def _span(self, attributes: list[Any], inlines: list[Node]) -> list[Node]:
        name, classes, keys = attributes
        values = dict(keys)
        if "figure" not in classes:
            return self._inlines(inlines)
        source = values.get("data-source")
        to = FigureLink(source, name) if source else None
        shown = _styled("Quoted Figure", inlines) if to else _styled("Locked Figure", inlines)
        return _within(self.marks.figure(values["data-figure"], to), [shown])

    def _link(self, node: Node) -> list[Node]:
        _, inlines, (address, _) = node["c"]
        words = self._inlines(inlines)
        if not address.startswith("#"):
            return [{"t": "Link", "c": [["", [], []], words, [address, ""]]}]
        label = address[1:]
        shown = [_styled("Hyperlink", words)]
        if self.numbered.get(label) == plain_text(inlines):
            return _within(field_around(self.marks.reference(label)), shown)
        return _within(link(label), shown)


def _code(line: str) -> Node:
    return {"t": "Code", "c": [["", [], []], line]}
