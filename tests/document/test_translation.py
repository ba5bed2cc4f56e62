"""A cell in another language is the same cell but for its words, and none of them is left out."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from jpreport.document.myst import read_markdown
from jpreport.document.pandoc import MARKDOWN, read_all
from jpreport.document.translation import messages, translated
from markdown_samples import TEXTS


class Same:
    """The notebook's own language as a catalogue."""

    def get(self, text: str) -> str:
        return text


class Marked:
    """A language in which every text stands in brackets."""

    def get(self, text: str) -> str:
        return f"\u27e6{text}\u27e7"


class Nothing:
    def get(self, _text: str) -> None:
        return None


def _blocks(*sources: str) -> list[str]:
    """Return what pandoc reads of texts; how their lines are wrapped says nothing."""
    read = read_all([(MARKDOWN, read_markdown(source).pandoc) for source in sources])
    return [json.dumps(blocks).replace('"SoftBreak"', '"Space"') for blocks in read]


def _unwrapped(source: str) -> bool:
    """Whether each text stands on a line; what is wrapped wildly pandoc may read otherwise."""
    spans = [one.span for one in messages(source)]
    return all(span and span[0][0] == span[1][0] for span in spans)


def _texts(source: str) -> list[str]:
    return [message.text for message in messages(source)]


_INLINES = st.lists(
    st.sampled_from(
        (
            *("word", "Ниш", "l'État", "**bold**", "*long\nwords*", "{eval}`a`", "[](#tbl-x)"),
            *("[words](http://x.org/word)", "[^1]", "`code`", "$x$", "&amp;", "\\*", "72/2009"),
            *("one  \ntwo", "one\\\ntwo", "a | b", "{eval}`f(\n1)`"),
        )
    ),
    min_size=1,
    max_size=5,
).map(" ".join)
_LINE = _INLINES.map(lambda text: re.sub(r"\s*\\?\n", " ", text).replace("|", "/"))


def _below(text: str, first: str, after: str) -> str:
    return first + f"\n{after}".join(text.split("\n"))


def _nested(block: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        block.map(lambda text: _below(text, "- ", "  ")),
        block.map(lambda text: _below(text, "12. ", "    ")),
        block.map(lambda text: _below(text, "> ", "> ")),
        block.map(lambda text: f":::{{note}}\n:class: word\n{text}\n:::"),
        st.tuples(_LINE, block).map(lambda both: f":::{{tip}} {both[0]}\n{both[1]}\n:::"),
        st.tuples(_LINE, block).map(lambda both: f"{both[0]}\n{_below(both[1], ': ', '  ')}"),
        st.lists(block, min_size=1, max_size=3).map("\n\n".join),
    )


_LEAF = st.one_of(
    _INLINES,
    _LINE.map(lambda text: f"### {text}"),
    _LINE.map(lambda text: f"| {text} | b \\| c |\n|---|---|\n| 1 | {text} |"),
)
# What of the documents above is code, or a directive.
_UNTOLD = {"note", "tip", "class", "word", "eval", "a", "f", "code", "x", "amp", "tbl"}
_DOCUMENTS = st.lists(st.recursive(_LEAF, _nested, max_leaves=5), min_size=1, max_size=4).map(
    lambda blocks: "\n\n".join((*blocks, "End[^1]", "[^1]: Words of\n    a note"))
)


@settings(max_examples=50, deadline=None)
@given(st.one_of(TEXTS.filter(_unwrapped), _DOCUMENTS))
@example("1. 1\n2. - -\n")
@example("# a # b \\# ##\n")
@example("1. | 1 | a |\n   |---|---|\n   | a | a |\n")
@example("a\r\nb  \r\n c\r\n\r\n\u0416\r\n")
@example("> a\nlazy\n")
@example("- > 1) `a\n  > 1)  b`\n")
def test_the_same_words_make_the_same_document(source: str) -> None:
    read = read_markdown(source)
    assume(not read.faults)
    same, missing = translated(source, Same())
    assert missing == []
    assert len({*_blocks(same, source)}) == 1
    assert read_markdown(same).shape == read.shape
    assert _texts(same) == _texts(source)


@settings(deadline=None)
@given(_DOCUMENTS)
def test_no_word_escapes(source: str) -> None:
    assume(not read_markdown(source).faults)
    marked, _ = translated(source, Marked())
    assert read_markdown(marked).shape == read_markdown(source).shape
    bare = re.sub(r"\u27e6.*?\u27e7", "", marked, flags=re.DOTALL)
    assert set(re.findall(r"[^\W\d_]+", bare)) <= _UNTOLD


@given(TEXTS)
def test_what_is_missing_stays_and_is_told(source: str) -> None:
    same, missing = translated(source, Nothing())
    assert same == re.sub(r"\r\n?", "\n", source)
    assert sorted(missing) == sorted(_texts(source))


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("# Title #", ["Title"]),
        ("Title\nover two\n===", ["Title over two"]),
        ("A *b*\nc {eval}`d`.[^1] [](#e)\n\n[^1]: F", ["A *b* c {eval}`d`.[^1] [](#e)", "F"]),
        ("- a\n  - b\n\n    c\n1. d", ["a", "b", "c", "d"]),
        ("| a | b \\| c |\n|---|---|\n| 1 | 2,000 |", ["a", "b | c", "2,000"]),
        (":::{note} T\n:class: x\n\n> a\n> b\n:::", ["T", "a b"]),
        ("Term\n: One\n\n  Two", ["Term", "One", "Two"]),
        ("(target)=\n# T\n\n% comment\n\n+++\n\n<!-- words -->", ["T"]),
        ("[a]: http://x.org\n\n[a] <http://y.org>", ["[a] <http://y.org>"]),
        ("![picture](a.png)", ["![picture](a.png)"]),
        ("<p>\nwords\n</p>", ["<p>\nwords\n</p>"]),
        ("2010, 277 and {eval}`a`", ["2010, 277 and {eval}`a`"]),
        ("    code\n\n$$x$$\n\n~~~\ncode\n~~~", []),
        ("277 %\n\n`a` $x$ {eval}`b` <http://y.org>", []),
    ],
)
def test_a_text_is_translated_as_a_whole(source: str, texts: list[str]) -> None:
    assert _texts(source) == texts


def test_a_text_knows_its_line() -> None:
    assert [one.line for one in messages("a\n\n:::{note} T\n\nb\n:::\n\n- c")] == [1, 3, 5, 8]
