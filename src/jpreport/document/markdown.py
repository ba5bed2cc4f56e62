"""Markdown as JupyterLab shows it: callouts, prose values, references, nothing raw."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jpreport.errors import Place, Problem, did_you_mean
from jpreport.forms.mime import CHART, FIGURE, TABLE

Node = dict[str, Any]

# Takes in a figure and the place that quotes it; returns the name of its source, "" for none.
Keep = Callable[[Mapping[str, Any], Place], str]

CALLOUTS = {"note": "Note", "important": "Important", "warning": "Warning", "tip": "Tip"}
_ALIASES = {
    **{kind: kind for kind in CALLOUTS},
    **dict.fromkeys(("caution", "danger", "attention", "error"), "warning"),
    **dict.fromkeys(("admonition", "seealso"), "note"),
    "hint": "tip",
}
_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,}|:{3,})\s*(.*?)\s*")
_DIRECTIVE = re.compile(r"\{([\w:-]+)\}\s*(.*)")
_ROLE = re.compile(r"(.*)\{([A-Za-z][\w:-]*)\}", re.DOTALL)
_TARGET = re.compile(r"\(([A-Za-z][\w.:-]*)\)=")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SCHEMES = ("http:", "https:", "mailto:")


def rewrite_callouts(markdown: str, where: Place) -> tuple[str, list[Problem]]:
    """Return MyST callouts in pandoc's form, their heading as their first paragraph.

    Both `:::{note} Heading` and the same with backticks are read; code fences stay as they are.
    """
    out: list[str] = []
    problems: list[Problem] = []
    fences: list[tuple[str, bool]] = []  # the open ones: their mark, and whether they are callouts
    options = False
    for line in markdown.splitlines():
        match = _FENCE.fullmatch(line)
        mark, info = (match[2], match[3]) if match else ("", "")
        literal = bool(fences) and not fences[-1][1]
        if options and re.fullmatch(r"\s*:[\w-]+:.*", line):
            continue  # an option of the directive, such as `:class: dropdown`
        options = False
        if mark and not info and fences and mark.startswith(fences[-1][0]):
            out += ["", ":::", ""] if fences.pop()[1] else [line]
        elif literal or not mark or (mark[0] == ":" and not info):
            out.append(line)
        elif mark[0] == ":" or _DIRECTIVE.fullmatch(info):
            directive = _DIRECTIVE.fullmatch(info)
            name, title = (directive[1], directive[2]) if directive else (info, "")
            if name not in _ALIASES:
                hint = did_you_mean(name, _ALIASES)
                problems.append(Problem(where, f'unknown directive "{name}"', hint))
            fences.append((mark, True))
            options = True
            classes = f".callout .{_ALIASES.get(name, 'note')}{' .titled' if title else ''}"
            out += ["", f"::: {{{classes}}}", "", title, ""]
        else:
            fences.append((mark, False))
            out.append(line)
    if any(callout for _, callout in fences):
        problems.append(Problem(where, "a callout is not closed", 'end it with a line ":::"'))
    return "\n".join(out), problems


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
    """Turns the blocks of one cell into what may be printed; collects what it finds."""

    where: Place
    results: Mapping[str, Any] = field(default_factory=dict)
    keep: Keep = _kept_nowhere
    figures: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def _problem(self, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.where, message, hint))

    def _value(self, expression: str) -> Node:
        result = self.results.get(" ".join(expression.split()))
        name = f"{{eval}}`{expression}`"
        if result is None:
            self._problem(f"{name} has no value", "run all cells of the notebook, then save it")
            return {"t": "Str", "c": ""}
        if result.get("status") == "error":
            self._problem(f"{name} raised {result.get('ename')}: {result.get('evalue')}")
            return {"t": "Str", "c": ""}
        try:
            text, figure = prose_value(result.get("data", {}))
        except ValueError as error:
            self._problem(f"{name} {error}")
            return {"t": "Str", "c": ""}
        if figure is None:
            return {"t": "Str", "c": text}
        self.figures.append(str(figure.get("id")))
        return figure_span(text, figure, self.keep(figure, self.where))

    def _role(self, node: Node, after: Any) -> list[Node] | None:  # noqa: ANN401
        """Return what a role stands for where `node` and the node `after` it are one."""
        if node["t"] != "Str" or not isinstance(after, dict) or after.get("t") != "Code":
            return None
        match = _ROLE.fullmatch(node["c"])
        if match is None:
            return None
        before = [{"t": "Str", "c": match[1]}] if match[1] else []
        if match[2] != "eval":
            self._problem(f'unknown role "{match[2]}"', 'the role for values is "eval"')
            return before
        return [*before, self._value(after["c"][1])]

    def _raw(self, node: Node) -> list[Node]:
        """Return raw markup as the words that it is; comments vanish, <br> breaks the line."""
        _, text = node["c"]
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).strip()
        if re.fullmatch(r"<br\s*/?>", text, re.IGNORECASE):
            inlines: list[Node] = [{"t": "LineBreak"}]
        else:
            inlines = [{"t": "Str", "c": text}] if text else []
        if node["t"] == "RawInline" or not inlines:
            return inlines
        return [{"t": "Para", "c": inlines}]

    def _callout(self, classes: list[str], blocks: list[Node]) -> list[Node]:
        kind = next(name for name in CALLOUTS if name in classes)
        title = CALLOUTS[kind]
        if "titled" in classes and blocks:
            title, blocks = plain_text(blocks[0]), blocks[1:]
        return [{"t": "Div", "c": [["", ["callout", kind], [["title", title]]], blocks]}]

    def _code(self, node: Node) -> list[Node]:
        (_, classes, _), text = node["c"]
        if node["t"] == "CodeBlock" and classes and classes[0].startswith("{"):
            self._problem(f'unknown directive "{classes[0]}"')
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
        skip = False
        for position, item in enumerate(value):
            if skip:
                skip = False
            elif not (isinstance(item, dict) and "t" in item):
                out.append(self.walk(item))
            else:
                after = value[position + 1] if position + 1 < len(value) else None
                role = self._role(item, after)
                skip = role is not None
                out += self._node(item) if role is None else role
        # A paragraph that held only a comment leaves nothing.
        return [x for x in out if not (isinstance(x, dict) and x == {"t": "Para", "c": []})]


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
