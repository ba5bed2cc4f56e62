"""A message of Markdown as pieces: its words, and what an edit of its words has to leave."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from jpreport.document.markdown_text import ROLE
from jpreport.document.parser import inline_tokens

if TYPE_CHECKING:
    from markdown_it.token import Token

_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")
# What pandoc and word processors write for what is typed, and what looks alike to a reader.
_SMART = re.compile(r"-{2,3}|\.{3}|[\s\u00a0\u2009\u202f]+|[\u201c\u201d\u2018\u2019\u2011]")
_TYPED = {
    "--": "\u2013",
    "---": "\u2014",
    "...": "\u2026",
    "\u2011": "-",
    **dict.fromkeys("\u201c\u201d", '"'),
    **dict.fromkeys("\u2018\u2019", "'"),
}
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")


class Letter(NamedTuple):
    """A character that a reader sees, and where what stands for it begins and ends."""

    sign: str
    start: int
    end: int


class Piece(NamedTuple):
    """A stretch of a message: words; a mark of emphasis or a link; a value; or what stays as it is.

    `text` is how it reads, as far as the message says it; the expression of a value. `pair` joins
    the two marks around the same words, from 1; `text` of a link's marks is a bracket.
    """

    kind: Literal["words", "mark", "value", "fixed"]
    start: int
    end: int
    text: str = ""
    letters: tuple[Letter, ...] = ()
    pair: int = 0


def folded(text: str, offset: int = 0) -> tuple[Letter, ...]:
    """Return the letters of a text; quotes, dashes and blanks that read alike are one sign each."""
    letters: list[Letter] = []
    at = 0
    for match in _SMART.finditer(text):
        letters += [Letter(c, at + n, at + n + 1) for n, c in enumerate(text[at : match.start()])]
        sign = _TYPED.get(match[0], " ")
        letters.append(Letter(sign, match.start(), match.end()))
        at = match.end()
    letters += [Letter(c, at + n, at + n + 1) for n, c in enumerate(text[at:])]
    return tuple(
        Letter(one.sign, one.start + offset, one.end + offset)
        for one in letters
        if not _UNSEEN.match(one.sign)
    )


def escaped(text: str) -> str:
    """Return a text as Markdown that reads the same."""
    return re.sub(r"([\\`*_{}\[\]<>#$|~@^])", r"\\\1", text)


def signs(letters: Sequence[Letter]) -> str:
    """Return letters as a text."""
    return "".join(one.sign for one in letters)


def pieces(message: str) -> tuple[Piece, ...]:
    """Return a message as its pieces, in order; raises ValueError where one cannot be placed."""
    tokens = inline_tokens(message, re.findall(r"\[\^([^\]\s]+)\]", message))
    return tuple(_Walk(message).walk(tokens))


class _Walk:
    """Goes along a message and its tokens together; `at` is the place in the message."""

    def __init__(self, message: str) -> None:
        self.message, self.at, self.pairs = message, 0, 0
        self.open: list[int] = []

    def walk(self, tokens: Sequence[Token]) -> Iterator[Piece]:
        """Yield the pieces; consecutive words are one."""
        letters: list[Letter] = []
        for kind, text, start, pair in self._parts(tokens):
            if kind == "letter":
                letters.append(Letter(text, start, self.at))
                continue
            yield from _words(letters)
            letters = []
            yield Piece(kind, start, self.at, text, (), pair)  # type: ignore[arg-type]
        yield from _words(letters)
        if self.message[self.at :].strip():
            raise ValueError("it cannot be placed")

    def _parts(self, tokens: Sequence[Token]) -> Iterator[tuple[str, str, int, int]]:
        """Yield (kind, text, start, pair); `at` is the end."""
        skipped, address = False, ""  # within a link whose words are its address, or that has none
        for token, following in zip(tokens, (*tokens[1:], None), strict=True):
            start: int = self.at
            span: tuple[int, int] | None = token.meta.get("span")
            if token.type == "link_open":
                bare = following is not None and following.type == "link_close"
                skipped, address = bare or token.markup == "autolink", ""
            if skipped:
                address += token.content
                if token.type == "link_close":
                    skipped = False
                    yield "fixed", address, self._go(span), 0
            elif token.type == "text":
                yield from self._text(token.content)
            elif token.type in {"softbreak", "hardbreak"}:
                self._go(span)
                yield "letter", "\n", start, 0
            elif token.nesting > 0:
                self.pairs += 1
                self.open.append(self.pairs)
                self._go((start, start + len(token.markup or "[")))
                yield "mark", token.markup or "[", start, self.pairs
            elif token.nesting < 0:
                self._go((start, span[1] if span else start + len(token.markup)))
                yield "mark", token.markup or "]", start, self.open.pop()
            else:
                yield self._fixed(token, self._go(span))

    def _go(self, span: tuple[int, int] | None) -> int:
        """Go on to the end of what has been read; blanks alone may stand before where it starts."""
        if span is None or self.message[self.at : span[0]].strip():
            raise ValueError("it cannot be placed")
        self.at = span[1]
        return span[0]

    def _fixed(self, token: Token, start: int) -> tuple[str, str, int, int]:
        if token.type == "myst_role" and token.meta.get("name") == ROLE:
            return "value", token.content.strip(), start, 0
        if token.type == "html_inline":
            return "fixed", " " if token.content.lower().startswith("<br") else "", start, 0
        return "fixed", token.content, start, 0

    def _text(self, content: str) -> Iterator[tuple[str, str, int, int]]:
        """Yield the letters of words; what is escaped is one letter."""
        for sign in content:
            start, left = self.at, self.message[self.at : self.at + 2]
            entity = _ENTITY.match(self.message, self.at)
            if left[:1] == "\\" and left[1:] in _PUNCTUATION and left[1:] == sign:
                self.at += 2
            elif entity and html.unescape(entity[0]) == sign:
                self.at = entity.end()
            elif left[:1] == sign:
                self.at += 1
            else:
                raise ValueError(f"{content.strip()[:40]!r} cannot be placed")
            yield "letter", sign, start, 0


def _words(letters: Sequence[Letter]) -> Iterator[Piece]:
    """Yield letters as a piece of words, those that a reader takes for one as one."""
    if letters:
        read = tuple(
            Letter(one.sign, letters[one.start].start, letters[one.end - 1].end)
            for one in folded(signs(letters))
        )
        yield Piece("words", letters[0].start, letters[-1].end, signs(letters), read)
