"""Whatever data holds stays text on the HTML page: it takes a word's place and changes no tag."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from export_samples import figure, markdown, notebook
from html_page import Page
from jpreport.document.blocks import ChartBlock, CodeBlock, Document, TableBlock, TextBlock
from jpreport.document.cover import Amount, Contribution, FrontMatter, Organization
from jpreport.document.reading import read_document
from jpreport.export import html as html_module
from jpreport.export.html import render_html
from jpreport.forms.tables import Cell, Column, Row, Table

HOSTILE = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=40
) | st.sampled_from(
    [
        "</td></table><script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "'--></style><!--",
        "{{ 7*7 }}{% raw %}",
        "[x](javascript:y) {eval}`z` **b** $x$ <b>",
        "&lt;b&gt; &amp;",
        "]]><![CDATA[",
        "\u202eright to left \u05d0",
        '<section id="footnotes"><hr />',
        "W" * 300,
    ]
)


def everywhere(text: str) -> Document:
    """Return a document that says `text` wherever data can stand."""
    text = f"x{text}x"
    table = Table(
        (Column(text), Column(text, "number", text, text)),
        (
            Row((Cell(text),), "section"),
            Row((Cell(text, figure=text, note=1), Cell(text, "not stated"))),
        ),
        notes=(text,),
    )
    front = FrontMatter(
        programme=text,
        objective=text,
        status=text,
        date=text,
        illustrative=True,
        organizations=(Organization(text, text + "y", "other"),),
        contributions=(Contribution(text, Amount(1, text)),),
        total=Amount(1, text),
    )
    prose = read_document(
        notebook(
            markdown("# T"),
            markdown(
                "{eval}`v`[^1] {eval}`f`\n\n## {eval}`v`\n\n:::{note} {eval}`v`\n{eval}`v`\n:::\n\n"
                "| {eval}`v` |\n|---|\n| {eval}`v` |\n\n[^1]: {eval}`v`",
                {"v": {"text/plain": repr(text)}, "f": figure(text, "277")},
            ),
        )
    ).blocks
    blocks = (
        *prose,
        TableBlock(table, "t", text, 1),
        TableBlock(table),
        ChartBlock("image/svg+xml", b"<svg/>", text, table, "c", text, 1),
        CodeBlock(text, "python"),
        TextBlock(text),
    )
    return Document(text, front, blocks)


def shape(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    # A cell of a long word has a class of its own; nothing else depends on what is said.
    return [
        (tag, tuple(name for name, value in found.items() if (name, value) != ("class", "long")))
        for tag, found in page.tags
    ]


@pytest.fixture(scope="module")
def harmless() -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    with pytest.MonkeyPatch.context() as patch:
        # Fonts are cut for the letters of a page, which takes long and is no matter here.
        patch.setattr(html_module, "font_faces", lambda _text, _look: "")
        yield shape(Page(render_html(everywhere("plain"))))


@settings(
    max_examples=25,
    deadline=None,
)
@example("</td></table><script>alert(1)</script>")
@example('" onload="x')
@given(HOSTILE)
def test_no_text_becomes_markup(harmless: list[tuple[str, tuple[str, ...]]], text: str) -> None:
    page = Page(render_html(everywhere(text)))
    assert shape(page) == harmless
    said = " ".join(f"x{text}x".split())
    assert page.all("h1") == [said]
    assert page.all("th", scope="rowgroup") == [said] * 3
    assert page.all("caption")[0] == f"Table 1 {said}"
    assert page.attributes("img", "alt") == [f"x{text}x"]
    assert page.all("samp") == [said]
    assert page.all("p", class_="callout-title") == [said]
    # A heading's id and the colgroup's text differ by place; the words in prose do not.
    assert said in page.all("main")[0]
