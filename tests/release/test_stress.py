"""A programme that is hard to set comes out right: nothing lost, cut off, run or left unsaid."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pdfua
import pikepdf
import pypdfium2
import pytest
from pypdfium2 import raw

from browser_reading import WIDTHS, Scheme, findings, opened, overflowing
from html_page import Page
from pdf_reading import characters, elements, squeezed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

PROGRAMME = Path(__file__).parents[1] / "programmes" / "stress"
LONG_TABLE_ROWS = 2000
WIDE_TABLE_COLUMNS = 30
EMPTY_CHARTS = 5  # and one of a sum that is zero
EMPTY_TABLES = 2
# What the records say, and the programme of itself.
OTHERS = (
    'Stress & strain: <b>bold</b> #read("x") $x$ @nobody | \\pipe* _under_',
    "Ağency of ¿Çompany? & Söhne <GmbH>",
    "Министарство просвете, науке и технолошког развоја",
    'Visits at "places" | with <hostile> names & $igns #5',
    "Persons_reached_through_a_very_long_indicator_title_that_has_no_space_in_it_anywhere_at_all",
    "Objective_with_underscores & <tags>",
    "Roads_were_closed\\in *winter*",
    "Letter of 1 May <draft>",
    '=HYPERLINK("x")',
    'Fonds "Süd" & <Nord>',
    "A <caption> & more",
    "printed <b> & #1 $x$ \\ and a very long line " + "x" * 200,
    "{'a': [1, 2], 'b': '<tag>'}",
)
SOFT = re.compile("[\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{LEFT-TO-RIGHT MARK}]")


def hostile() -> list[str]:
    """Return the texts that the notebook holds ready, as it defines them."""
    cells = nbformat.read(PROGRAMME / "notebooks" / "stress.ipynb", as_version=4).cells
    source = next(cell.source for cell in cells if "hostile = [" in cell.source)
    scope: dict[str, Any] = {}
    exec(source[source.index("hostile = [") :], scope)  # noqa: S102 - our own notebook
    return list(scope["hostile"])


def plain(text: str) -> str:
    """Return a text as it can be compared: what has no shape and no width is left out."""
    return squeezed(SOFT.sub("", unicodedata.normalize("NFKC", text)))


def is_said(text: str, said: str) -> bool:
    """Return whether a page says a text; words from right to left may come back turned round."""
    if not any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text):
        return plain(text) in said
    words = [plain(word).strip(",") for word in text.split()]
    return all(word in said or word[::-1] in said for word in words)


@pytest.fixture(scope="module")
def document(stress: Path) -> Iterator[pypdfium2.PdfDocument]:
    opened_document = pypdfium2.PdfDocument(stress / "stress.pdf")
    yield opened_document
    opened_document.close()


@pytest.fixture(scope="module")
def texts(document: pypdfium2.PdfDocument) -> list[str]:
    return [page.get_textpage().get_text_range() for page in document]


@pytest.fixture(scope="module")
def html(stress: Path) -> str:
    return (stress / "stress.html").read_text("utf-8")


def test_an_independent_checker_finds_nothing(stress: Path) -> None:
    assert list(pdfua.validate(str(stress / "stress.pdf")).findings) == []


def test_every_text_is_itself_in_the_pdf(texts: list[str]) -> None:
    said = plain("".join(texts))
    assert [text for text in (*hostile(), *OTHERS) if not is_said(text, said)] == []


def test_every_text_is_itself_on_the_page(html: str) -> None:
    page = Page(html)
    said = plain(
        next(t for (tag, _), t in zip(page.tags, page.texts, strict=True) if tag == "body")
    )
    assert [text for text in (*hostile(), *OTHERS) if plain(text) not in said] == []


def test_what_is_hidden_is_not_said(texts: list[str], html: str) -> None:
    assert "never seen" not in "".join(texts)
    assert "never seen" not in html


def test_nothing_in_the_page_runs_or_calls(html: str) -> None:
    page = Page(html)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "iframe", "object", "embed", "link", "form", "base"}
    handlers = [name for _, found in page.tags for name in found if name.startswith("on")]
    assert handlers == []
    targets = [value for value in page.attributes("a", "href") if value is not None]
    assert [to for to in targets if not re.match(r"#|https://example\.org|data:", to)] == []


def test_nothing_leaves_the_paper(document: pypdfium2.PdfDocument) -> None:
    beyond = []
    for number, page in enumerate(document, start=1):
        width, height = page.get_size()
        text = page.get_textpage()
        for place in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(place)
            if left < 0 or bottom < 0 or right > width or top > height:
                beyond.append((number, text.get_text_range(place, 1)))
        for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM]):
            left, bottom, right, top = thing.get_bounds()
            if left < -1 or bottom < -1 or right > width + 1 or top > height + 1:
                beyond.append((number, "a picture"))
    assert beyond == []


def test_text_keeps_to_the_margins(document: pypdfium2.PdfDocument) -> None:
    for number, page in enumerate(list(document)[1:], start=2):
        found = characters(page)
        assert min(left for _, left, _, _ in found) >= 60, number
        assert max(right for _, _, right, _ in found) <= page.get_width() - 60, number


def test_every_character_has_a_glyph(document: pypdfium2.PdfDocument) -> None:
    unknown = []
    for number, page in enumerate(document, start=1):
        text = page.get_textpage()
        for place in range(text.count_chars()):
            code = raw.FPDFText_GetUnicode(text.raw, place)
            faulty = raw.FPDFText_HasUnicodeMapError(text.raw, place)
            if faulty or code in {0, 0xFFFD}:
                unknown.append((number, place, hex(code)))
    assert unknown == []


def test_lines_do_not_stand_on_each_other(document: pypdfium2.PdfDocument) -> None:
    clashes = []
    for number, page in enumerate(document, start=1):
        text = page.get_textpage()
        lines = sorted(text.get_rect(i) for i in range(text.count_rects()))
        for place, (left, bottom, right, top) in enumerate(lines):
            for other in lines[place + 1 :]:
                if other[0] >= right - 1:
                    break
                high = min(top, other[3]) - max(bottom, other[1])
                if high > 0.6 * min(top - bottom, other[3] - other[1]):
                    clashes.append((number, (left, bottom, right, top), other))
    assert clashes == []


def test_the_long_table_has_all_rows_and_its_head_on_each_page(texts: list[str]) -> None:
    row = re.compile(r"Place (\d{4})")
    holding = [text for text in texts if row.search(text)]
    assert len(holding) > 20
    for text in holding:
        head = text[: text.index("Place 0") if "Place 0" in text else text.index("Place 1")]
        assert re.search(r"Persons\s+persons", head)
        assert "Share" in head
    found = [int(number) for text in holding for number in row.findall(text)]
    assert found == list(range(LONG_TABLE_ROWS))


def test_the_wide_table_is_whole_and_its_stub_is_repeated(texts: list[str]) -> None:
    (text,) = (text for text in texts if "Thirty columns" in text and "Month 01" in text)
    assert "Part 1 of 2" in text
    months = re.findall(r"Month (\d\d)", text)
    assert months == [f"{month:02d}" for month in range(1, WIDE_TABLE_COLUMNS)]
    assert text.count("Place 7") == 2
    assert text.count("Total") == 2


def test_an_empty_period_is_said_in_words(stress: Path, texts: list[str], html: str) -> None:
    # What a chart shows is drawn; who cannot see it is told.
    pdf = pikepdf.open(stress / "stress.pdf")
    drawn = [str(figure.Alt) for figure in elements(pdf, "Figure")]
    for told in (drawn, [str(alt) for alt in Page(html).attributes("img", "alt")]):
        assert sum("o records" in alternative for alternative in told) == EMPTY_CHARTS
    assert "".join(texts).count("No records") == EMPTY_TABLES
    assert len(Page(html).all("td", class_="no-rows")) >= EMPTY_TABLES


def test_every_picture_has_words(html: str) -> None:
    alternatives = Page(html).attributes("img", "alt")
    assert len(alternatives) > 20
    assert all(alternatives)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(stress: Path, browser: Browser, width: int, scheme: Scheme) -> None:
    page, said = opened(browser, stress / "stress.html", width, scheme)
    assert overflowing(page) == []
    assert said == []
    # Alike rows are measured once: all two thousand of them take axe a minute.
    page.evaluate(
        "document.querySelectorAll('table').forEach(t =>"
        " [...t.rows].slice(60).forEach(row => row.remove()))"
    )
    assert findings(page) == []
    if width == WIDTHS[-1]:
        page.emulate_media(media="print")
        assert findings(page) == []
    page.close()


def test_a_chart_keeps_its_words_legible_on_a_phone(stress: Path, browser: Browser) -> None:
    page, _ = opened(browser, stress / "stress.html", 320, "light")
    widths = page.evaluate(
        "[...document.querySelectorAll('.chart img')].map(e => [e.clientWidth, e.naturalWidth])"
    )
    assert all(shown >= min(480, own) for shown, own in widths)
    page.close()


def test_text_in_a_printed_page_keeps_to_the_paper(
    stress: Path, browser: Browser, tmp_path: Path
) -> None:
    page, _ = opened(browser, stress / "stress.html", 1440, "light")
    page.pdf(path=tmp_path / "printed.pdf", prefer_css_page_size=True)
    page.close()
    printed = pypdfium2.PdfDocument(tmp_path / "printed.pdf")
    said = ""
    for sheet in printed:
        said += sheet.get_textpage().get_text_range()
        assert max(right for _, _, right, _ in characters(sheet)) <= sheet.get_width() - 50
    printed.close()
    # Numbers stay whole in the widest table.
    assert re.findall(r"Place 7 ((?:[\d,]+\s+)+)", said)[0].split()[:3] == [
        "7,000",
        "7,001",
        "7,002",
    ]


def test_sizes_stay_within_limits(stress: Path, texts: list[str]) -> None:
    assert (stress / "stress.pdf").stat().st_size < 1_000_000
    assert (stress / "stress.html").stat().st_size < 1_500_000
    assert len(texts) <= 70
