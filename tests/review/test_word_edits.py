"""Words that a reviewer changed become Markdown: they read as written, and all else stays."""

from __future__ import annotations

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jpreport.document.markdown_text import Message
from jpreport.document.myst import MASK, read_markdown
from jpreport.document.pieces import folded, pieces, signs
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.word.blocks import Block, Mark, Run
from jpreport.review.word.edits import edited
from jpreport.review.word.hunks import Edit, protected
from jpreport.review.word.steps import plain
from jpreport.review.word.targets import Source, Target, Value, targets
from markdown_samples import TEXTS

VALUES = {
    'rp["1.1"]': Value("277", "1.1"),
    'rp["2.2"]': Value("at least 4,500", "2.2"),
    "first": Value("1 June 2010"),
    "name": Value("Government of Belgium"),
}
SCANNER = Scanner(units=("persons", "centres"))
ANA = Mark("Ana", "2026-11-25T10:00:00Z")

# Each word once: of two that are alike nobody can say which was taken out.
_WORDS = (
    *(
        "trained",
        "the",
        "workers.",
        "of",
        "all,",
        "in",
        "Niš",
        "and",
        "reach\u2019s",
        "(new)",
        "so",
    ),
    *(
        "women",
        "among",
        "them:",
        "a",
        "half-day",
        "visit;",
        "then",
        "Žabalj",
        "was",
        "asked",
        "too?",
    ),
    *("mothers'", "“quoted”", "long-lasting", "here", "there", "where", "why", "however", "thus"),
)
_PLAIN = st.integers(1, 4).map(lambda count: "word " * count)
_FIXED = ("[](#tbl-x)", "[^note]", "`code`", "{eval}`first`", "{eval}`name`")
_FIGURES = ('{eval}`rp["1.1"]`', '{eval}`rp["2.2"]`')
_PIECE = st.one_of(
    _PLAIN,
    _PLAIN,
    _PLAIN.map(lambda words: f"**{words.strip()}**"),
    _PLAIN.map(lambda words: f"*{words.strip()}*"),
    _PLAIN.map(lambda words: f"[{words.strip()}](https://example.org)"),
    st.sampled_from(_FIGURES),
    st.sampled_from((*_FIXED, "R\\*D", "a \\[b\\]", "x &amp; y", "wait...", "one--two")),
)


@st.composite
def _messages(draw: st.DrawFn) -> str:
    """Draw a message of words that are all different."""
    text = " ".join(" ".join(draw(st.lists(_PIECE, min_size=1, max_size=8))).split())
    words = iter(draw(st.permutations(_WORDS)))
    return re.sub(r"\bword\b", lambda _: next(words), text)


def source(text: str) -> Source:
    return Source(1, "message", 0, Message(text, 1), pieces(text), VALUES)


def shown(text: str) -> str:
    """Return how a document shows a message: masks for what its own marks say."""
    out = []
    for piece in pieces(text):
        if piece.kind == "value":
            out.append(VALUES[piece.text].text)
        elif piece.kind == "fixed":
            out.append(MASK if text[piece.start] == "[" else piece.text)
        elif piece.kind == "words":
            out.append(piece.text)
    return signs(folded("".join(out))).strip()


def target_of(text: str) -> Target:
    block = Block("paragraph", (Run(shown(text)),), ("jp_1_1",))
    return targets([block], [source(text)])[0]


def edit(text: str, after: str) -> Edit:
    return edited(target_of(text), Block("paragraph", (Run(after, "", ANA),)), SCANNER)


_OTHER = (
    "changed",
    "other words",
    "R&D *best*",
    "Ž. [x]",
    "a_b_c",
    "<b>",
    "`tick",
    "for $x$ each",
    "{y}",
)


@st.composite
def _edits(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a message, and its words as somebody may have changed them beside what must stay."""
    text = draw(_messages())
    target = target_of(text)
    kept = protected(target)
    words = [
        match.span()
        for match in re.finditer(r"[^\W\d_]{2,}", target.shown)
        if not any(one.start < match.end() + 1 and match.start() - 1 < one.end for one in kept)
    ]
    after = target.shown
    for start, end in reversed(words):
        if draw(st.booleans()):
            other = draw(st.sampled_from(_OTHER))
            after = f"{after[:start]}{other}{after[end:]}"
    return text, after


@given(_edits())
@settings(max_examples=80, deadline=None)
def test_changed_words_read_as_written_and_all_else_stays(drawn: tuple[str, str]) -> None:
    text, after = drawn
    found = edit(text, after)
    assert not found.held
    assert plain(shown(found.message)) == plain(after)
    assert _kept(found.message) == _kept(text)


def _kept(text: str) -> list[str]:
    return [text[one.start : one.end] for one in pieces(text) if one.kind != "words"]


@given(_messages(), st.data())
@settings(max_examples=80, deadline=None)
def test_a_figure_is_never_changed(text: str, data: st.DataObject) -> None:
    target = target_of(text)
    digits = [
        place
        for one in protected(target)
        if one.figure
        for place in range(one.start, one.end)
        if target.shown[place].isdigit()
    ]
    assume(digits)
    place = data.draw(st.sampled_from(digits))
    new = data.draw(st.sampled_from(("", "9", "77", "x", ".", " 3 ")))
    after = f"{target.shown[:place]}{new}{target.shown[place + 1 :]}"
    assume(plain(after) != plain(target.shown))
    found = edit(text, after)
    assert any(held.number for held in found.held)
    assert found.message == text


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_the_pieces_of_a_message_are_all_of_it(text: str) -> None:
    for message in read_markdown(text).messages:
        try:
            found = pieces(message.text)
        except ValueError:
            continue
        parts = "".join(message.text[one.start : one.end] for one in found)
        assert parts.split() == message.text.split()
