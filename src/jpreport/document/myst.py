"""The one reader of Markdown, as jupyterlab-myst reads it: roles, callouts, the author's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from jpreport.document import leftovers
from jpreport.document.formulas import AMOUNT, AMOUNT_HINT, Formula
from jpreport.document.lines import Located, joined, locate
from jpreport.document.markdown_text import ROLE, MarkdownText, Message, Passage, Role
from jpreport.document.pandoc import endless_note
from jpreport.document.parser import inline_tokens, markdown_parser
from jpreport.errors import did_you_mean
from jpreport.language import phrase

if TYPE_CHECKING:
    from markdown_it.token import Token

# Stands for what is no text of the author: code, values, references, what is allowed.
MASK = "\N{OBJECT REPLACEMENT CHARACTER}"

CALLOUTS = {
    "note": phrase("Note"),
    "important": phrase("Important"),
    "warning": phrase("Warning"),
    "tip": phrase("Tip"),
}
_ALIASES = {
    **{kind: kind for kind in CALLOUTS},
    **dict.fromkeys(("caution", "danger", "attention", "error"), "warning"),
    **dict.fromkeys(("admonition", "seealso"), "note"),
    "hint": "tip",
}
_CAPTION = "# "  # a line that begins like a list or a comment is none in a heading
_RAW_ROLE = re.compile(rf"\{{{ROLE}\}}`")
_DIRECTIVE = re.compile(r"\{([\w:-]+)\}\s*(.*)")
_OPTION = re.compile(r"\s*:[\w-]+:.*")  # of a directive, such as `:class: dropdown`
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Words, and numbers that another language writes otherwise.
SAYS = re.compile(r"[^\W\d_]|\d[.,]\d")
_TAG = re.compile(r"<[^<>]*>")


@lru_cache(maxsize=1024)
def read_markdown(source: str) -> MarkdownText:
    """Return a Markdown text as jupyterlab-myst reads it.

    Code spans, code blocks, HTML and escaped braces hold no roles; tables, lists, headings, links,
    footnotes and callouts, within colons or backticks, may.
    """
    reader = _Reader(source)
    reader.read(reader.source, 0)
    return reader.result()


def read_caption(text: str) -> MarkdownText:
    """Return a caption or an alternative text as read: a line of which the values alone are markup.

    Its words are those of `caption_words`.
    """
    return read_markdown(f"{_CAPTION}{text}")


def read_sentence(text: str) -> tuple[str, list[str]]:
    """Return the words of a text that is translated as a whole, and what a translation keeps.

    That are its roles, formulas, code, marks of footnotes, and where its links lead.
    """
    children = inline_tokens(text)
    kept = [f"[^{name}]" for name in leftovers.called_notes(text, children)]
    for child in children:
        if child.type in ("link_open", "image"):
            kept.append(f"({child.attrs.get('href', child.attrs.get('src'))})")
        elif child.type in ("myst_role", "code_inline", "math_inline", "math_inline_double"):
            name = f"{{{child.meta['name']}}}" if child.type == "myst_role" else ""
            mark = "`" if "math" not in child.type else child.markup
            kept.append(f"{name}{mark}{child.content}{mark}")
    return "".join(_Reader("")._words(children, 0)), kept  # noqa: SLF001 (this module's)


def caption_words(caption: MarkdownText, shown: Callable[[Role], str]) -> str:
    """Return the words of a caption that was read, with what `shown` gives for each value."""
    return caption.filled(shown).removeprefix(_CAPTION)


@dataclass(slots=True)
class _Reader:
    """Reads one text; rows count its lines from 0."""

    source: str
    lines: list[str] = field(default_factory=list)
    cursors: dict[int, int] = field(default_factory=dict)  # what of a table's row has been read
    inserts: list[Role | Formula] = field(default_factory=list)
    spans: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    shape: list[str] = field(default_factory=list)
    callouts: list[tuple[int, int, str, int]] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)  # comments, breaks between blocks
    calls: dict[str, int] = field(default_factory=dict)  # of footnotes, with their rows
    notes: dict[str, int] = field(default_factory=dict)
    columns: int = 0  # of the table that is read
    apart: list[tuple[int, int]] = field(default_factory=list)  # where formulas end a paragraph
    faults: list[tuple[int, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # What markdown-it does to a text first.
        self.source = re.sub(r"\r\n?", "\n", self.source).replace("\0", "\ufffd") + "\n"
        self.lines = self.source.split("\n")

    def fault(self, row: int, message: str, hint: str = "") -> None:
        self.faults.append((row + 1, message, hint))

    def read(self, text: str, first: int) -> None:
        """Read a text whose first line is the row `first`."""
        row, heading, table = first, False, False
        tokens = markdown_parser().parse(f"{text}\n")
        if not first and leftovers.header_of(text):
            self.fault(0, "a header of YAML", "programme.toml says it: take it out")
        for token, following in zip_longest(tokens, tokens[1:]):
            if token.map:
                row = first + token.map[0]
            self.shape.append(f"{token.type} {token.markup}")
            match token.type:
                case "heading_open":
                    heading = True
                case "table_open" | "table_close":
                    table = token.type == "table_open"
                case "inline":
                    self._inline(token, row, heading=heading, table=table)
                    heading = False
                case "html_block":
                    self._html(token.content, row)
                case "fence" | "colon_fence":
                    self._fence(token, row)
                case "math_block" | "math_block_label" | "amsmath":
                    self._formula(token, row)
                case _:
                    self._unseen(token, row, following)

    def _unseen(self, token: Token, row: int, following: Token | None) -> None:
        """Read what is not printed where it stands: comments, targets, footnotes, rows."""
        match token.type:
            case "thead_open":
                self.columns = leftovers.cells_of(self.lines[row + 1])
            case "tr_open" if told := leftovers.long_row(self.lines[row], self.columns):
                self.fault(row, *told)
            case "myst_line_comment" | "myst_block_break" if token.map:
                self.silent += range(row, row + token.map[1] - token.map[0])
            case "myst_target" if following is None or following.type != "heading_open":
                hint = "a reference leads to a heading, a table or a chart"
                self.fault(row, f"({token.content})= stands above no heading", hint)
            case "footnote_reference_open":
                self.notes[token.meta["label"]] = row

    def _inline(
        self, token: Token, row: int, *, heading: bool = False, table: bool = False
    ) -> None:
        children = token.children or ()
        self.passages.append(Passage("".join(self._words(children, row)), row + 1, heading))
        lines = locate(token.content, row, self.lines, self.cursors if table else None)
        self._message(token.content, children, row, lines)
        for message, hint in leftovers.left_over(token.content, children):
            self.fault(row, message, hint)
        self.calls |= dict.fromkeys(leftovers.called_notes(token.content, children), row)
        if AMOUNT.search(self.passages[-1].text):
            self.fault(row, "a formula that begins with a digit reads as money", AMOUNT_HINT)
        for child in children:
            formula = child.type.startswith("math_inline")
            if child.type != "myst_role" and not formula:
                continue
            start, end = child.meta["span"]
            opens, closes = lines.line(start), lines.line(end - 1)
            if not formula and child.meta["name"] != ROLE:
                name = child.meta["name"]
                hint = leftovers.cure(name) or 'the role for values is "eval"'
                self.fault(opens.row, f'unknown role "{name}"', hint)
            elif min(opens.column, closes.column) < 0:
                self.fault(opens.row, f"{token.content[start:end]} cannot be placed")
            else:
                self.spans.append((lines.place(start), lines.place(end - 1)))
                words, line = child.content.strip(), opens.row + 1
                apart = child.markup == "$$"
                self.inserts.append(Formula(words, apart, line) if formula else Role(words, line))

    def _message(self, text: str, children: Sequence[Token], row: int, lines: Located) -> None:
        """Take in a text that is translated as a whole, if it has words."""
        said = "".join(self._words([c for c in children if "math" not in c.type], row))
        if not SAYS.search(said) and not any(c.type == "image" and c.content for c in children):
            return
        soft = [c.meta["span"][0] for c in children if c.type == "softbreak"]
        self.messages.append(Message(joined(text, soft), row + 1, lines.span, lines.table))
        if lines.span is None:
            self.fault(row, f'"{said.strip()[:40]}" cannot be placed', "indent it with spaces")

    def _formula(self, token: Token, row: int) -> None:
        """Read a formula that stands apart."""
        if token.type == "math_block_label":
            hint = "take the words in brackets behind it away"
            self.fault(row, f'a formula cannot be referred to as "{token.info}"', hint)
        assert token.map is not None  # noqa: S101 - a block has lines
        lines = token.map[1] - token.map[0]
        if token.type == "amsmath":  # whose plugin does not count the last of several lines
            lines = token.content.strip().count("\n") + 1
        last = row + lines - 1
        opening = "\\begin" if token.type == "amsmath" else "$$"
        start = self.lines[row].index(opening)
        closing = last, len(self.lines[last].rstrip()) - 1
        self.spans.append(((row, start), closing))
        self.passages.append(Passage(token.content, row + 1))
        self.inserts.append(Formula(token.content.strip(), display=True, line=row + 1))
        self.apart.append((row, start))

    def _words(self, tokens: Sequence[Token], row: int) -> Iterator[str]:
        address = False
        for token in tokens:
            if token.type in ("link_open", "link_close") and token.markup == "autolink":
                address = token.type == "link_open"
            elif token.type == "text":
                yield MASK if address else token.content
            elif token.type in ("softbreak", "hardbreak"):
                row += 1
                yield "\n"
            elif token.type == "html_inline":
                self._html_role(token.content, row)
                yield "" if token.content.startswith("<!--") else " "
            elif token.type in ("text_special", "entity"):
                yield token.content
            elif token.type.startswith("math_inline"):
                yield f" {token.content} "
            elif not token.type.endswith(("_open", "_close")):
                yield MASK + "\n" * token.content.count("\n")

    def _html(self, content: str, row: int) -> None:
        # Its words are printed, its tags are not.
        kept = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), content)
        said = _TAG.sub(" ", kept)
        self.passages.append(Passage(said, row + 1))
        if SAYS.search(said):
            lines = locate(content.rstrip(), row, self.lines)
            self.messages.append(Message(content.rstrip(), row + 1, lines.span))
        self._html_role(content, row)

    def _html_role(self, content: str, row: int) -> None:
        if _RAW_ROLE.search(_COMMENT.sub("", content)):
            hint = "write it outside of the HTML, with an empty line between"
            self.fault(row, f"{{{ROLE}}} within HTML is not evaluated", hint)

    def _fence(self, token: Token, row: int) -> None:
        """Read a directive; a fence without one is code."""
        info = token.info.strip()
        directive = _DIRECTIVE.fullmatch(info)
        if token.type == "fence" and not (directive or re.match(r"\{[^.#]", info)):
            return
        name, title = (directive[1], directive[2]) if directive else (info, "")
        if name not in _ALIASES:
            if name:
                hint = leftovers.cure(name) or did_you_mean(name, _ALIASES)
                self.fault(row, f'unknown directive "{name}"', hint)
            else:
                self.fault(row, f'"{token.markup}" ends no callout', 'one starts with ":::{note}"')
            return
        last = row + token.content.count("\n") + 1
        assert token.map is not None  # noqa: S101 - a fence has lines
        if last - row + 1 != token.map[1] - token.map[0]:
            self.fault(row, "a callout is not closed", f'end it with a line "{token.markup}"')
            return
        body = row + 1
        while body < last and _OPTION.fullmatch(self.lines[body]):
            body += 1
        self.callouts.append((row, last, f"{token.markup} {name}", body))
        if title:
            tokens = markdown_parser().parse(title)
            if [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]:
                self._inline(tokens[1], row)
            else:
                self.fault(row, "the heading of a callout is more than words", "put it below")
        self.read("\n".join(token.content.split("\n")[body - row - 1 :]), body)

    def result(self) -> MarkdownText:
        sign = next(c for c in map(chr, range(0xE000, 0xF900)) if c not in self.source)
        rows: list[list[str]] = [[line] for line in self.lines]
        spans = sorted(zip(self.spans, range(len(self.spans)), strict=True), reverse=True)
        for ((row, start), (last, end)), number in spans:
            # What stands on later lines of the role goes; those lines are not read again.
            after = rows[last][0][end + 1 :]
            rows[row] = [f"{rows[row][0][:start]}\u27e6{sign}{number}{sign}\u27e7{after}"]
            rows[row + 1 : last + 1] = [[]] * (last - row)
        for row in self.silent:
            rows[row] = [re.split(r"%|\+\+\+", self.lines[row], maxsplit=1)[0]]
        for row, start in self.apart:
            rows[row].append(re.sub(r"[^>\s]", " ", self.lines[row][:start]))
        marked = "\n".join(line for row in rows for line in row)
        for callout in self.callouts:
            _set_callout(rows, *callout)
        pandoc = "\n".join(line for row in rows for line in row)
        if (row := endless_note(self.lines)) >= 0:
            self.fault(row, "a footnote refers to itself", "take its own mark out of it")
            pandoc = ""
        for row, message, hint in leftovers.lone_notes(self.calls, self.notes):
            self.fault(row, message, hint)
        order = (tuple(self.inserts), tuple(self.passages), marked.removesuffix("\n"), pandoc)
        faults, messages = tuple(sorted(self.faults)), tuple(self.messages)
        return MarkdownText(*order, sign, faults, messages, tuple(self.shape))


def _set_callout(rows: list[list[str]], first: int, last: int, opening: str, body: int) -> None:
    """Write a callout as pandoc's division, within the quotation or list that it stands in."""
    mark, _, name = opening.partition(" ")
    line = rows[first][0]
    prefix = line[: line.index(mark)]
    below = re.sub(r"[^>\s]", " ", prefix)
    match = _DIRECTIVE.fullmatch(line.removeprefix(prefix).lstrip(mark[0]).strip())
    title = match[2] if match else ""
    classes = f".callout .{_ALIASES[name]}{' .titled' if title else ''}"
    above = [below] if below == prefix else []
    rows[first] = [*above, f"{prefix}::: {{{classes}}}", below, f"{below}{title}", below]
    rows[first + 1 : body] = [[]] * (body - first - 1)
    rows[last] = [below, f"{below}:::", below]
