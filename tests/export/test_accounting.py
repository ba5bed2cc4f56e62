"""What a file shows is compared with the document: HTML and PDF hold the same content."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pdfua
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from export_samples import (
    PERFORMANCE,
    chart,
    code,
    markdown,
    notebook,
    printed,
    sample,
    shown,
    table,
)
from jpreport.document.blocks import Document, TableBlock, TextBlock
from jpreport.document.formats import Format, Rendering, Thing
from jpreport.document.reading import read_document
from jpreport.errors import ExportError, Place
from jpreport.export import rendering
from jpreport.export.accounting import lost, missing, page_text, page_things, squeezed
from jpreport.export.html import FORMAT as HTML
from jpreport.export.html import render_html
from jpreport.export.pdf import FORMAT as PDF
from jpreport.export.pdf_things import pdf_things
from jpreport.forms.tables import Cell, Column, Row, Table
from pdf_reading import pages, pdf_of

WORDS = st.text("abcdefghijklmnopqrstuvwxyzčšžћљњ0123456789", min_size=1, max_size=9)
SENTENCE = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
# One form for each kind of Markdown; the words are what both files have to show.
FORMS = st.sampled_from(
    [
        "{}",
        "**{}** and *{}*",
        "- {}\n- {}",
        "1. {}\n\n   {}",
        "> {}",
        "## {}",
        ":::{{note}} {}\n{}\n:::",
        "| {} | {} |\n|---|---|\n| {} | x |",
        "{} $x^2$ {}\n\n$$\\frac{{a}}{{b}}$$\n\n{}",
        "{}[^n] {}\n\n[^n]: {}",
        "`{}` and [{}](https://example.org/)",
        "```\n{}\n```",
        "{}\n: {}",
        "% hidden\n{}",
    ]
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    form = draw(FORMS)
    return form.format(*(draw(SENTENCE) for _ in range(form.count("{}"))))


def of(*sources: str) -> Document:
    return read_document(notebook(markdown("# Title"), *map(markdown, sources)))


@settings(max_examples=12)
@given(st.lists(texts(), min_size=1, max_size=12))
def test_html_and_pdf_hold_all_that_the_document_says(sources: list[str]) -> None:
    document = of(*sources)
    page, pdf = render_html(document).encode(), pdf_of(document)
    assert lost(document, (page_text(page),)) == []
    assert lost(document, pages(pdf)) == []
    assert missing(document, page_things(page)) == []
    assert missing(document, pdf_things(pdf)) == []


@given(st.lists(texts(), min_size=1, max_size=4), st.data())
def test_a_thing_that_a_file_lacks_is_told_with_its_cell(
    sources: list[str], data: st.DataObject
) -> None:
    formula = "$$q_{}$$"
    extra = data.draw(
        st.sampled_from(
            [formula, "[w](https://example.org/{})", "a[^z]\n\n[^z]: b", "|a|\n|-|\n|b|"]
        )
    )
    place = data.draw(st.integers(0, len(sources) - 1))
    whole = [f"{one}\n\n{extra.format(n) * (n == place)}" for n, one in enumerate(sources)]
    document = of(*whole)
    held = page_things(render_html(document).encode())
    lacking = held - page_things(render_html(of(*sources)).encode())
    [problem] = missing(document, held - lacking)
    if sum(lacking.values()) == 1 and held[next(iter(lacking))] == 1:
        assert f"cell {place + 2}: " in str(problem)


def test_the_sample_and_a_paragraph_over_pages_are_whole() -> None:
    long = " ".join(f"word{n}" for n in range(2_000))
    for document in (read_document(sample()), of(long)):
        assert lost(document, (page_text(render_html(document).encode()),)) == []
        pdf = pdf_of(document)
        assert lost(document, pages(pdf)) == []
        assert missing(document, pdf_things(pdf)) == []
        assert missing(document, page_things(render_html(document).encode())) == []


@given(st.lists(texts(), min_size=1, max_size=4), st.data())
def test_a_word_that_a_file_lacks_is_told_with_its_cell(
    sources: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(sources) - 1))
    document = of(*(f"{one}\n\nqqword{n}zz" for n, one in enumerate(sources)))
    said = page_text(render_html(document).encode()).replace(f"qqword{place}zz", "")
    [problem] = lost(document, (said,))
    assert f"cell {place + 2}: " in str(problem)
    assert f"qqword{place}zz" in str(problem)


@pytest.mark.parametrize("block", ["caption", "label", "cell", "note", "text"])
def test_every_part_of_a_block_is_looked_for(block: str) -> None:
    row = Row((Cell("row"), Cell("mark" if block == "cell" else "c")))
    heads = (Column("h"), Column("mark" if block == "label" else "l"))
    notes = ("mark",) if block == "note" else ()
    caption = "mark" if block == "caption" else "x"
    made = TableBlock(Table(heads, (row,), notes=notes), caption=caption)
    placed = TextBlock("mark") if block == "text" else made
    document = Document("T", blocks=(placed,), places=(Place().at(cell=7),))
    [problem] = lost(document, ("x h l c row",))
    assert str(problem).startswith('cell 7: the page does not show "mark"')
    assert lost(document, ("x h l c row mark",)) == []


@pytest.mark.parametrize("made", [HTML, PDF])
def test_a_file_that_lacks_words_is_refused(made: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    document = of("## Section\n\nWords that are there.")
    other = replace(document, blocks=document.blocks[:0])

    def render(*_: object) -> Rendering:
        return made.render(other, None)

    monkeypatch.setattr(rendering, "load_format", lambda _: replace(made, render=render))
    with pytest.raises(ExportError, match="cell 2: the page does not show"):
        rendering.render(made.suffix, document)


FULL = (
    "x $q_1$ [w](https://example.org/) and [](#a) with[^n]\n\n[^n]: words\n\n"
    "(a)=\n## A\n\n| a |\n|---|\n| b |"
)


@pytest.mark.parametrize("made", [HTML, PDF], ids=["html", "pdf"])
@pytest.mark.parametrize("kind", ["formula", "picture", "table", "link", "reference", "footnote"])
def test_a_file_that_lacks_a_thing_is_refused(
    made: Format, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = code("x", shown(chart("A chart")))
    document = read_document(notebook(markdown("# Title"), markdown(FULL), picture))

    def held(content: bytes) -> Counter[Thing]:
        found = made.held(content) if made.held else Counter()
        return Counter({one: n for one, n in found.items() if one.kind != kind})

    monkeypatch.setattr(rendering, "load_format", lambda _: replace(made, held=held))
    with pytest.raises(
        ExportError, match=f"cell {3 if kind == 'picture' else 2}: .*lacks a {kind}"
    ):
        rendering.render(made.suffix, document)
    monkeypatch.undo()
    rendering.render(made.suffix, document)


def test_right_to_left_text_is_found_in_any_order() -> None:
    document = of("مرحبا بالعالم and more")
    assert lost(document, (squeezed("مرحبا بالعالم and more")[::-1],)) == []
    assert lost(document, ("and more",))


def test_letters_with_marks_are_found_in_a_pdf() -> None:
    document = of("Kɛ́lɛ̀ Ɔ́wɔ́ and more")
    assert lost(document, pages(pdf_of(document))) == []


@settings(max_examples=8)
@example(["\u025b\u0300\u0301", "\u0186\u0300"])  # the grave has a glyph for each height
@example(["\u025b\u0300", "\u025b\u0300\u0302", "\u0186\u0302"])  # one is drawn before
@example(["\u025b\u0323\u0301", "\u0186\u0300", "\u025b\u0323\u0300"])  # the dot twice
@given(
    st.lists(
        st.builds(
            lambda letter, marks: unicodedata.normalize("NFC", letter + "".join(marks)),
            st.sampled_from("ɛɔƆŋaeo"),
            st.lists(st.sampled_from("\u0300\u0301\u0302\u0323"), max_size=2, unique=True),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_letters_with_marks_are_copied_once(letters: list[str]) -> None:
    pdf = pdf_of(of(f"qq{''.join(letters)}qq"))
    found = re.search("qq(.*)qq", "".join("".join(pages(pdf)).split()))
    assert found
    assert unicodedata.normalize("NFC", found[1]) == "".join(letters)
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.pdf").write_bytes(pdf)
        assert list(pdfua.validate(f"{folder}/a.pdf").findings) == []


def test_printed_lines_and_tables_are_accounted_for() -> None:
    document = read_document(
        notebook(
            markdown("# T"),
            code("x", printed("one\n  two")),
            code("x", shown(table(PERFORMANCE))),
        )
    )
    assert lost(document, pages(pdf_of(document))) == []
    assert len(lost(document, ("one",))) == 2
