"""Which text of the notebook each block of a document shows, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jpreport.document.markdown import prose_value
from jpreport.document.markdown_text import Message, Role
from jpreport.document.myst import caption_words, read_caption, read_markdown
from jpreport.document.pieces import Piece, folded, pieces, signs
from jpreport.document.quotes import numbered_cells, results_of, text_of
from jpreport.errors import NOWHERE
from jpreport.forms.cell_options import is_hidden, read_options
from jpreport.review.word.blocks import Block, read

# Names of the bookmarks around paragraphs.
_NAME = re.compile(r"jp_(\d+)_\d+")
# What only the document knows: a reference's words, a footnote's mark, a formula.
_UNKNOWN, _FRAME = ".{0,300}?", ".{0,80}?"


@dataclass(frozen=True, slots=True)
class Value:
    """What a role of the notebook gave: its text, and the id of the figure that it is, if it is."""

    text: str
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A text of a cell, from 1: the message at a place of a Markdown cell, a caption, an alt text.

    `pieces` are those of `message`, `values` what its roles gave, by expression.
    """

    cell: int
    kind: Literal["message", "caption", "alt"]
    index: int
    message: Message
    pieces: tuple[Piece, ...]
    values: Mapping[str, Value]

    @property
    def figures(self) -> tuple[str, ...]:
        """How the figures and other values read that stand in it."""
        return tuple(
            self.values[one.text].text
            for one in self.pieces
            if one.kind == "value" and one.text in self.values
        )

    def read(self) -> str:
        """Return how pandoc's plain text has it, folded; references and footnotes left out."""
        texts = (
            self.values.get(one.text, Value("")).text if one.kind == "value" else one.text
            for one in self.pieces
            if one.kind != "mark"
        )
        return read("".join(texts))

    def pattern(self) -> re.Pattern[str]:
        """Return what matches the text as a document shows it, folded, with a group a piece."""
        groups = "".join(f"({self._shown(one)})" for one in self.pieces)
        if self.kind == "caption":  # its number stands before it, a photograph's credit behind
            groups = f"(?:{_FRAME}){groups}(?:\\..{{0,300}})?"
        return re.compile(rf"\s?{groups}\s?", re.DOTALL)

    def _shown(self, piece: Piece) -> str:
        if piece.kind == "words":
            return re.escape(signs(piece.letters))
        if piece.kind == "value" and piece.text in self.values:
            return re.escape(signs(folded(self.values[piece.text].text)))
        if piece.kind == "mark":
            return ""
        code = piece.kind == "fixed" and self.message.text[piece.start] == "`"
        return re.escape(signs(folded(piece.text))) if code else _UNKNOWN


@dataclass(frozen=True, slots=True)
class Target:
    """A block of the document and the text that it shows.

    `shown` is the block's text, folded; `spans` are the ends of each piece in it.
    """

    source: Source
    shown: str
    spans: tuple[tuple[int, int], ...]


def sources_of(notebook: Mapping[str, Any]) -> list[Source]:
    """Return the texts of an executed notebook that an edit may change, in its order."""
    found: list[Source] = []
    for number, cell in numbered_cells(notebook):
        if is_hidden(cell) or cell["cell_type"] == "raw":
            continue
        values = dict(_values(cell))
        if cell["cell_type"] == "markdown":
            messages = read_markdown(text_of(cell["source"])).messages
            texts = [("message", n, one) for n, one in enumerate(messages)]
        else:
            options, _ = read_options(cell, NOWHERE)
            texts = [("caption", 0, Message(options.caption, 1))] if options.caption else []
            texts += [("alt", 0, Message(options.alt, 1))] if options.alt else []
        for kind, index, message in texts:
            try:
                read = pieces(message.text) if kind == "message" else _caption(message.text)
            except ValueError:
                continue  # what cannot be placed is told as unmapped where it was changed
            found.append(Source(number, kind, index, message, read, values))  # type: ignore[arg-type]
    return found


def _values(cell: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    for expression, result in results_of(cell).items():
        try:
            text, figure = prose_value(result.get("data", {}))
        except ValueError:
            continue
        yield expression, Value(text, str((figure or {}).get("id", "")))


def _caption(text: str) -> tuple[Piece, ...]:
    """Return a caption as pieces: its values alone are markup."""
    read = read_caption(text)
    found: list[Piece] = []
    roles: list[Role] = []

    def mark(role: Role) -> str:
        roles.append(role)
        return "\0"

    at = 0
    for place, words in enumerate(re.split("(\0)", caption_words(read, mark))):
        if place % 2:
            role = roles[place // 2]
            end = at + len(str(role))
            found.append(Piece("value", at, end, role.expression))
        else:
            end = at + len(words)
            found.append(Piece("words", at, end, words, folded(words, at)))
        at = end
    kept = tuple(one for one in found if one.start < one.end)
    if at != len(text):
        raise ValueError("a caption cannot be placed")
    return kept


def targets(blocks: Sequence[Block], sources: Sequence[Source]) -> dict[int, Target]:
    """Return which text the blocks of a document show, by their number; those of ours show none."""
    left = list(sources)
    found: dict[int, Target] = {}
    for number, block in enumerate(blocks):
        cells = {int(match[1]) for name in block.names if (match := _NAME.fullmatch(name))}
        shown = read(block.text)
        for source in left:
            fits = source.cell in cells if cells else source.kind != "caption"
            alt = source.kind == "alt"
            if (not fits and not alt) or alt is not (block.kind == "alt"):
                continue
            if match := source.pattern().fullmatch(shown):
                spans = tuple(match.span(group + 1) for group in range(len(source.pieces)))
                found[number] = Target(source, shown, spans)
                left.remove(source)
                break
    return found
