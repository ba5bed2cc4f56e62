"""What the PDF survives: hostile text, faulty charts, missing glyphs."""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

import export_samples as samples
from jpreport.document.blocks import (
    Block,
    ChartBlock,
    CodeBlock,
    Document,
    Prose,
    TableBlock,
    TextBlock,
)
from jpreport.document.cover import Amount, FrontMatter, Organization
from jpreport.errors import ExportError
from jpreport.forms.tables import Cell, Column, Row, Table
from pdf_reading import (
    assert_on_the_page,
    elements,
    opened,
    pages,
    pdf_of,
    prose,
    squeezed,
)

HOSTILE = (
    '#read("/etc/passwd")',
    '#import "x.typ"; #panic("out")',
    "$x^2$ $",
    "@ref <label> #<label>",
    "a|b||c",
    "\\u{41} \\ \\\\",
    "*/ /* // end",
    "*bold* _it_ `c` ``` = head",
    '"; #panic("x") "',
    "#{}[]()",
    "][#x](",
    "</svg><script>&amp;",
    "~- -- --- ...",
    "= / + 1. - ",
    "https://example.org/?a=b&c=d#f",
    "jp-table(3)",
    "e\u0301",
    "line one\nline two",
)


def everywhere(text: str) -> Document:
    """Return a document that says `text` in every place that text from data can have."""
    word = {"t": "Str", "c": text}
    inlines = [
        {"t": "Emph", "c": [word]},
        {"t": "Code", "c": [["", [], []], text]},
        {"t": "Note", "c": [{"t": "Para", "c": [word]}]},
        {"t": "Link", "c": [["", [], []], [word], [f"#{text}", text]]},
        {"t": "Link", "c": [["", [], []], [word], [f"https://example.org/{text}", text]]},
        {"t": "Span", "c": [["", ["figure"], [["data-figure", text]]], [word]]},
    ]
    nodes = (
        {"t": "Header", "c": [1, [text, [], [["data-number", "1"]]], [word]]},
        {"t": "Para", "c": [part for inline in inlines for part in (inline, {"t": "Space"})]},
        {"t": "CodeBlock", "c": [["", [text], []], text]},
        {
            "t": "Div",
            "c": [
                ["", ["callout", "note"], []],
                [{"t": "Plain", "c": [word]}, {"t": "Para", "c": [word]}],
            ],
        },
        {"t": "DefinitionList", "c": [[[word], [[{"t": "Plain", "c": [word]}]]]]},
        {"t": "BlockQuote", "c": [{"t": "BulletList", "c": [[{"t": "Plain", "c": [word]}]]}]},
    )
    table = Table(
        (Column(text, group=text, unit=text), Column("n", "number")),
        (
            Row((Cell(text),), "section"),
            Row((Cell(text, note=1), Cell(text))),
            Row((Cell(text, "not stated"), Cell("3")), "total"),
        ),
        notes=(text,),
    )
    front = FrontMatter(
        programme=text,
        short_title=text,
        country=text,
        status=text,
        date=text,
        objective=text,
        organizations=(Organization(text, text, "other"),),
        total=Amount(5, text),
    )
    picture = samples.CHART_SVG.encode()
    blocks: tuple[Block, ...] = (
        Prose(nodes),
        TableBlock(table, f"t{text}", text, 1),
        ChartBlock("image/svg+xml", picture, text or "alt", None, f"c{text}", text, 1),
        CodeBlock(text, text),
        TextBlock(text),
    )
    return Document(text or "Title", front, blocks)


LINKED = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="%s"/></svg>'

# Where `everywhere` puts a text so that it is printed: at least these many.
PLACES = 30


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    found = squeezed("".join(pages(pdf_of(everywhere(text)))))
    wanted = unicodedata.normalize("NFC", squeezed(text))
    assert unicodedata.normalize("NFC", found).count(wanted) >= PLACES


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(
        st.one_of(
            st.sampled_from("#$@<>|\\*/_`~=-+[]{}()\"'.,:;%& \n\t\x00\x07\u202e\ufeff\ud800"),
            st.characters(min_codepoint=0x20, max_codepoint=0x17F),
            st.sampled_from("БеоградЂђЉљЊњЋћЏџשלוםمرحبا"),
        ),
        min_size=1,
        max_size=60,
    )
)
@example("\u202e")
@example("\ufeff")
def test_any_text_can_be_set(text: str) -> None:
    data = pdf_of(everywhere(text))
    found = "".join(pages(data))
    # Letters of right-to-left scripts come back in another order; the others as they are.
    for word in re.findall(r"[A-Za-z0-9#$@<>|\\*/_=\[\]{}]{2,}", text):
        assert word in squeezed(found)
    assert_on_the_page(data)


@pytest.mark.slow
def test_a_character_without_a_glyph_is_named_with_its_places() -> None:
    table = Table((Column("Name"),), (Row((Cell("ok"),)), Row((Cell("漢"),))))
    blocks = (prose("# Results\n\nSome 中 text."), TableBlock(table, "tbl-a", "Cap", 1))
    with pytest.raises(ExportError) as caught:
        pdf_of(Document("T", blocks=blocks))
    first, second = caught.value.problems
    assert str(first.where) == 'section "Results"'
    assert "U+4E2D" in first.message
    assert str(second.where) == 'table "tbl-a", row 2, column Name'
    assert "漢" in second.message


@pytest.mark.slow
def test_faulty_charts_are_all_named() -> None:
    blocks = (
        ChartBlock("image/svg+xml", b"<svg", "alt", None, "cht-broken", "Broken", 1),
        prose("# Fine\n\nText."),
        ChartBlock("image/png", b"no picture", "alt", None, "cht-png", "Broken too", 2),
        ChartBlock("image/svg+xml", LINKED % b"data.png", "alt", None, "cht-link", "Linked", 3),
        ChartBlock("image/svg+xml", samples.CHART_SVG.encode(), "", None, "cht-mute", "Mute", 4),
    )
    with pytest.raises(ExportError) as caught:
        pdf_of(Document("T", blocks=blocks))
    assert [(str(p.where), p.message) for p in caught.value.problems] == [
        ('chart "cht-broken"', "the picture cannot be read"),
        ('chart "cht-png"', "the picture cannot be read"),
        ('chart "cht-link"', "the picture refers to another file"),
        ('chart "cht-mute"', "there is no alternative text"),
    ]


@pytest.mark.slow
def test_an_svg_cannot_reach_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.svg").write_text(samples.CHART_SVG)
    svg = LINKED % b"secret.svg"
    with pytest.raises(ExportError, match="refers to another file"):
        pdf_of(Document("T", blocks=(ChartBlock("image/svg+xml", svg, "alt"),)))


@pytest.mark.slow
def test_too_deep_nesting_is_an_error() -> None:
    with pytest.raises(ExportError, match="nested too deeply"):
        pdf_of(Document("T", blocks=(prose("> " * 60 + "deep"),)))


@pytest.mark.slow
def test_every_formula_is_set() -> None:
    apart = ["\\frac{a}{b}", "\\boxed{c}", "\\text{Број}"]
    text = (
        "Area $d$, $$e$$ *and $$f$$*.\n\n> $$g$$\n\n- $$h$$\n\nT[^1]\n\n[^1]: $$i$$\n\n"
        + "\n\n".join(f"$${tex}$$" for tex in apart)
    )
    data = pdf_of(Document("T", blocks=(prose(text),)))
    document = opened(data)
    formulas = [str(f.Alt) for f in elements(document, "Formula")]
    assert sorted(formulas) == sorted([*apart, *"defghi"])
    found = "".join(unicodedata.normalize("NFKC", page) for page in pages(data))
    assert set("abcdefghi") <= set(found)
    assert "Број" in found


@pytest.mark.slow
def test_what_typst_would_leave_out_is_told() -> None:
    body = b'<foreignObject width="9" height="9"><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>'
    svg = LINKED.replace(LINKED[LINKED.index(b"<image") : LINKED.index(b"</svg>")], body)
    with pytest.raises(ExportError, match="the picture holds HTML"):
        pdf_of(Document("T", blocks=(ChartBlock("image/svg+xml", svg, "alt"),)))


@pytest.mark.slow
def test_letters_with_marks_are_drawn_whole() -> None:
    def ink(text: str) -> int:
        pdf = pypdfium2.PdfDocument(pdf_of(Document("T", blocks=(prose(text),))))
        try:
            shown = pdf[len(pdf) - 1].render(scale=3, grayscale=True)
            return sum(shown.to_pil().histogram()[:128])
        finally:
            pdf.close()

    letters = "\u025b\u0254\u0256" * 20
    assert ink("".join(f"{letter}\u0301" for letter in letters)) > ink(letters)


@pytest.mark.slow
def test_letters_that_no_typeface_has_are_one_problem_a_script() -> None:
    for text, scripts in (("አማ 漢字", ["Cjk", "Ethiopic"]), ("አ\u0301ማ\u0301", ["Ethiopic"])):
        with pytest.raises(ExportError) as caught:
            pdf_of(Document("T", blocks=(prose(text),)))
        assert sorted(re.findall(r"\((\w+), U", str(caught.value))) == scripts
        assert "[style.serif]" in caught.value.problems[0].hint


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), [("image/png", "PNG"), ("image/jpeg", "JPEG")])
def test_a_photograph_is_set(kind: str, name: str) -> None:
    content = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(content, name)
    data = pdf_of(Document("T", blocks=(ChartBlock(kind, content.getvalue(), "alt"),)))
    document = opened(data)
    assert any(page.get_images() for page in document.pages)
