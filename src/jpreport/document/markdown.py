"""What pandoc made of a Markdown text to what may be printed: values in place, nothing raw."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jpreport.document.formulas import Formula, set_formulas
from jpreport.document.markdown_text import MarkdownText, Role
from jpreport.document.myst import CALLOUTS, caption_words, read_markdown
from jpreport.document.pandoc import MARKDOWN, read_all
from jpreport.errors import Place, Problem
from jpreport.forms.mime import CHART, FIGURE, TABLE
from jpreport.language import current

Node = dict[str, Any]

# Takes in a figure and the place that quotes it; returns the name of its source, "" for none.
Keep = Callable[[Mapping[str, Any], Place], str]

_TARGET = re.compile(r"\(([A-Za-z][\w.:-]*)\)=")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SCHEMES = ("http:", "https:", "mailto:")


# Tags of HTML that say what Markdown has a form for.
_TAGS = {
    **dict.fromkeys(("b", "strong"), "Strong"),
    **dict.fromkeys(("i", "em"), "Emph"),
    **dict.fromkeys(("s", "del"), "Strikeout"),
    "sub": "Subscript",
    "sup": "Superscript",
    "u": "Underline",
}


def _tag_name(node: Any) -> str:  # noqa: ANN401 - any part of a pandoc tree
    """Return the name of the HTML tag that a node is, with the slash of one that ends."""
    raw = isinstance(node, dict) and node.get("t") == "RawInline"
    return node["c"][1].strip("<> ").lower() if raw else ""


# Where the words of a node are, for those that hold other things too; the rest are all words.
_WORDS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("Code", "CodeBlock", "Math"), lambda content: {"t": "Str", "c": content[1]}),
    **dict.fromkeys(("Link", "Span", "Cite", "Div"), lambda content: content[1]),
    **dict.fromkeys(("Note", "RawInline", "RawBlock"), lambda _: []),
    "Header": lambda content: content[2],
}


def plain_text(node: Any) -> str:  # noqa: ANN401 - any part of a pandoc tree
    """Return the words of a part of a pandoc tree, footnotes and raw markup left out."""
    if isinstance(node, list):
        return "".join(map(plain_text, node))
    if not isinstance(node, dict):
        return ""
    kind, content = str(node["t"]), node.get("c")
    if kind == "Str":
        return str(content)
    if kind == "Quoted" and content:
        marks = "\u201c\u201d" if content[0]["t"] == "DoubleQuote" else "\u2018\u2019"
        return f"{marks[0]}{plain_text(content[1])}{marks[1]}"
    if kind in {"Space", "SoftBreak", "LineBreak"}:
        return " "
    return plain_text(_WORDS[kind](content) if kind in _WORDS else content)


def prose_value(data: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    """Return the text of an evaluated value, and the figure that it is, if it is one.

    Raises ValueError, with the reason as its message, where it cannot stand in a sentence.
    """
    if TABLE in data or CHART in data:
        raise ValueError("is a table or a chart, which cannot stand in a sentence")
    text = data.get("text/plain")
    if text is None:
        raise ValueError("has no text")
    text = text if isinstance(text, str) else "".join(text)
    figure = data.get(FIGURE)
    if figure is not None:
        return text, figure
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text, None
    return (value if isinstance(value, str) else text), None


def _kept_nowhere(_figure: Mapping[str, Any], _where: Place) -> str:
    return ""


@dataclass(slots=True)
class Resolver:
    """Turns the blocks of one Markdown text into what may be printed; collects what it finds.

    `results` are the values of its roles by expression; None where they are not known yet.
    """

    where: Place
    text: MarkdownText
    results: Mapping[str, Any] | None = None
    keep: Keep = _kept_nowhere
    figures: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    placed: Counter[int] = field(default_factory=Counter)

    def resolve(self, blocks: list[Node]) -> list[Node]:
        """Return the blocks, resolved; each role has to have been placed once."""
        resolved: list[Node] = adopt_targets(self.walk(blocks))
        for number, insert in enumerate(self.text.inserts):
            if count := self.placed[number]:
                where = "stands in a footnote that several places refer to"
                hint = "write a footnote for each"
            else:
                where = "stands where no value can: in an address, or a lone footnote"
                hint = "write it into a sentence"
            if count != 1:
                self._problem(f"{insert} {where}", hint, insert.line)
        for formula in self.text.formulas:
            message, hint = formula.fault
            if message:
                self._problem(message, hint, formula.line)
        return resolved

    def words(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return a caption with its values in place, and its figures as (source, text)."""
        quoted: list[tuple[str, str]] = []

        def value(role: Role) -> str:
            node = self._value(role)
            if node["t"] == "Span":
                keys = dict(node["c"][0][2])
                quoted.append((keys.get("data-source", ""), plain_text(node)))
            return plain_text(node)

        self.problems += self.text.problems(self.where)
        said = caption_words(self.text, value)
        return said, tuple(pair for pair in quoted if pair[0])

    def _problem(self, message: str, hint: str = "", line: int = 0) -> None:
        where = self.where.at(line=line) if line else self.where
        self.problems.append(Problem(where, message, hint))

    def _value(self, role: Role) -> Node:
        if self.results is None:
            return {"t": "Str", "c": ""}
        # In JupyterLab the expression stands where its value will.
        nothing: Node = {"t": "Code", "c": [["", ["no-value"], []], role.expression]}
        result = self.results.get(role.expression)
        if result is None:
            hint = "run all cells of the notebook, then save it"
            self._problem(f"{role} has no value", hint, role.line)
            return nothing
        if result.get("status") == "error":
            self._problem(
                f"{role} raised {result.get('ename')}: {result.get('evalue')}", "", role.line
            )
            return nothing
        try:
            text, figure = prose_value(result.get("data", {}))
        except ValueError as error:
            self._problem(f"{role} {error}", "", role.line)
            return nothing
        if figure is None:
            return {"t": "Str", "c": text}
        self.figures.append(str(figure.get("id")))
        return figure_span(text, figure, self.keep(figure, self.where))

    def _words(self, node: Node) -> list[Node]:
        """Return a word with values in place of the marks of its roles."""
        inlines: list[Node] = []
        for words, number in self.text.pieces(node["c"]):
            if number is None:
                inlines.append({"t": "Str", "c": words})
            else:
                self.placed[number] += 1
                insert = self.text.inserts[number]
                value = insert.node if isinstance(insert, Formula) else self._value(insert)
                inlines.append(value)
        return inlines

    def _raw(self, node: Node) -> list[Node]:
        """Return raw markup as the words that it is; comments vanish, <br> breaks the line.

        In a Markdown text other tags are refused.
        """
        kind, text = node["c"]
        if kind == "unread":
            self._problem("pandoc cannot read the text", "look for braces that stand alone")
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).strip()
        if re.fullmatch(r"<br\s*/?>", text, re.IGNORECASE):
            inlines: list[Node] = [{"t": "LineBreak"}]
        else:
            inlines = [{"t": "Str", "c": text}] if text else []
            if text and self.text.pandoc and kind != "unread":
                hint = "write it as Markdown, or a backslash before the < of what is no HTML"
                self._problem(f"HTML in Markdown, {text:.60}, cannot be set", hint)
        if node["t"] == "RawInline" or not inlines:
            return inlines
        return [{"t": "Para", "c": inlines}]

    def _raised(self, node: Node) -> list[Node]:
        """Return raised or lowered words; what holds a space stands between two lone marks."""
        words: list[Node] = self.walk(node["c"])
        if not any(one["t"] in {"Space", "SoftBreak"} for one in words):
            return [{**node, "c": words}]
        mark: Node = {"t": "Str", "c": "^" if node["t"] == "Superscript" else "~"}
        return [mark, *words, mark]

    def _tagged(self, inlines: list[Any]) -> list[Any]:
        """Return inline nodes with the plain tags of HTML (<sub>, <b>) as the forms they are."""
        out: list[Any] = []
        for node in inlines:
            name = _tag_name(node)
            form = _TAGS.get(name[1:]) if name.startswith("/") else None
            begun = [place for place, one in enumerate(out) if form and _tag_name(one) == name[1:]]
            if form and begun:
                out[begun[-1] :] = [{"t": form, "c": out[begun[-1] + 1 :]}]
            else:
                out.append(node)
        return out

    def _callout(self, classes: list[str], blocks: list[Node]) -> list[Node]:
        kind = next(name for name in CALLOUTS if name in classes)
        heading = [{"t": "Str", "c": current().say(CALLOUTS[kind])}]
        if "titled" in classes and blocks:
            heading, blocks = blocks[0]["c"], blocks[1:]
        own = ["", ["callout", kind], []]
        return [{"t": "Div", "c": [own, [{"t": "Plain", "c": heading}, *blocks]]}]

    def _code(self, node: Node) -> list[Node]:
        (_, classes, _), text = node["c"]
        language = [name for name in classes if re.fullmatch(r"[\w+#-]+", name)][:1]
        return [{"t": node["t"], "c": [["", language, []], text]}]

    def _div(self, node: Node) -> list[Node]:
        (_, classes, _), content = node["c"]
        blocks: list[Node] = self.walk(content)
        return self._callout(classes, blocks) if "callout" in classes else blocks

    def _header(self, node: Node) -> list[Node]:
        level, (label, classes, _), inlines = node["c"]
        keep = [name for name in classes if name == "unnumbered"]
        return [{"t": "Header", "c": [level, [label, keep, []], self.walk(inlines)]}]

    def _image(self, node: Node) -> list[Node]:
        self._problem(
            f'a picture in Markdown ("{node["c"][2][0]}") cannot be carried along',
            "show it as the output of a code cell, with #| alt: and #| caption:",
        )
        return []

    def _link(self, node: Node) -> list[Node]:
        _, inlines, (target, title) = node["c"]
        address = re.sub(r"[\x00-\x20]", "", target)
        if _SCHEME.match(address) and not address.lower().startswith(_SCHEMES):
            self._problem(f'a link to "{target}"', "link to http, https or mailto")
        return [{"t": "Link", "c": [["", [], []], self.walk(inlines), [target, title]]}]

    def _node(self, node: Node) -> list[Node]:
        change = {
            "Str": self._words,
            **dict.fromkeys(("Superscript", "Subscript"), self._raised),
            "RawInline": self._raw,
            "RawBlock": self._raw,
            "Image": self._image,
            "Div": self._div,
            "Code": self._code,
            "CodeBlock": self._code,
            "Header": self._header,
            "Link": self._link,
        }.get(node["t"])
        if change is not None:
            return change(node)
        if node["t"] == "Span":
            inlines: list[Node] = self.walk(node["c"][1])
            return inlines
        if node["t"] == "Table":
            return [{"t": "Table", "c": [["", [], []], *self.walk(node["c"][1:])]}]
        return [{**node, "c": self.walk(node["c"])} if "c" in node else node]

    def walk(self, value: Any) -> Any:  # noqa: ANN401 - any part of a pandoc tree
        """Return the same part of the tree, resolved."""
        if not isinstance(value, list):
            return value
        out: list[Any] = []
        for item in self._tagged(value):
            node = isinstance(item, dict) and "t" in item
            out += self._node(item) if node else [self.walk(item)]
        # A paragraph that held only a comment leaves nothing.
        return [x for x in out if not (isinstance(x, dict) and x == {"t": "Para", "c": []})]


def unprintable(cells: Sequence[tuple[Place, str]]) -> Iterator[Problem]:
    """Yield what no report can show of Markdown texts, each with its place, before any has run."""
    texts = [(where, read_markdown(source)) for where, source in cells]
    read = read_all((MARKDOWN, text.pandoc) for _, text in texts)
    set_formulas(formula for _, text in texts for formula in text.formulas)
    for (where, text), blocks in zip(texts, read, strict=True):
        resolver = Resolver(where, text)
        resolver.resolve(blocks)
        yield from resolver.problems


def figure_span(text: str, figure: Mapping[str, Any], source: str = "") -> Node:
    """Return a quoted figure as the exporters know it; `source` names its entry in the annex."""
    keys = [["data-figure", str(figure.get("id"))], *([["data-source", source]] if source else [])]
    return {"t": "Span", "c": [["", ["figure"], keys], [{"t": "Str", "c": text}]]}


def adopt_targets(blocks: list[Node]) -> list[Node]:
    """Return blocks in which a MyST target, `(label)=`, has become the id of its heading."""
    out: list[Node] = []
    for block in blocks:
        target = _TARGET.fullmatch(plain_text(out[-1])) if out and out[-1]["t"] == "Para" else None
        if target and block["t"] == "Header":
            out.pop()
            level, (label, classes, keys), inlines = block["c"]
            block = {"t": "Header", "c": [level, [label or target[1], classes, keys], inlines]}  # noqa: PLW2901
        out.append(block)
    return out


def map_nodes(value: Any, change: Callable[[Node], Node]) -> Any:  # noqa: ANN401
    """Return a pandoc tree with `change` applied to every node, from the leaves up."""
    if isinstance(value, list):
        return [map_nodes(item, change) for item in value]
    if isinstance(value, dict) and "t" in value:
        return change({**value, "c": map_nodes(value["c"], change)} if "c" in value else value)
    return value
