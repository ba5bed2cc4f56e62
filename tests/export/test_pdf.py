"""The PDF: what it says, and the same bytes every time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import typst

import export_samples as samples
from jpreport.document.blocks import ChartBlock, Document, FigureLink, TableBlock
from jpreport.document.cover import FrontMatter
from jpreport.export.exporters import PDFReportExporter
from jpreport.forms.tables import Cell, Column, Row, Table
from pdf_reading import (
    elements,
    numbers,
    opened,
    pages,
    pdf_of,
    prose,
    squeezed,
)

MARK = "the records behind this report are synthetic"


@pytest.fixture(scope="module")
def exported() -> tuple[bytes, dict[str, Any]]:
    return PDFReportExporter().from_notebook_node(samples.sample())


@pytest.fixture(scope="module")
def pdf(exported: tuple[bytes, dict[str, Any]]) -> pikepdf.Pdf:
    return opened(exported[0])


@pytest.mark.slow
def test_every_word_of_the_sample_is_text(exported: tuple[bytes, dict[str, Any]]) -> None:
    text = squeezed("".join(pages(exported[0])))
    for words in (
        "Final report on Ruritania",
        "trained 277 teachers, of whom 62% were women, and reached at least 4,500 children",
        "Children at primary schools; nobody is counted twice.",
        "Table 1 gives every indicator, Chart 1 the regions, Section 3 what was paid",
        "Direct and indirect beneficiaries are never added up.",
        "Network of Parents Čaša Ж",
        "Government of Switzerland",
        "USD 880,000",
        "29 months",
        "15 December 2012",
        "Handing a case to the service that can help.",
        "checked 3 tables",
        "total = frame['amount'].sum()",
        "Capital",  # a word inside of the chart
        "not stated",
    ):
        assert squeezed(words) in text
    assert "not to be seen" not in text


@pytest.mark.slow
def test_resources_count_figures_and_pages(exported: tuple[bytes, dict[str, Any]]) -> None:
    data, resources = exported
    assert resources["jpreport"] == {"figures": 7, "pages": len(pages(data))}


@pytest.mark.slow
def test_every_page_after_the_cover_is_numbered(exported: tuple[bytes, dict[str, Any]]) -> None:
    first, *rest = pages(exported[0])
    total = len(rest) + 1
    assert f"of {total}" not in first
    for number, page in enumerate(rest, start=2):
        assert f"Page {number} of {total}" in page
        assert "JP Ruritania" in page


@pytest.mark.slow
def test_the_mark_is_on_every_page_of_illustrative_records_only(
    exported: tuple[bytes, dict[str, Any]],
) -> None:
    assert all(MARK in page.lower() for page in pages(exported[0]))
    real = replace(samples.FRONT, illustrative=False)
    document = Document("Real", real, (prose("# One\n\nText."), TableBlock(numbers(60, 14))))
    assert not any("synthetic" in page or "llustrative" in page for page in pages(pdf_of(document)))


@pytest.mark.slow
def test_metadata_comes_from_the_front_matter(pdf: pikepdf.Pdf) -> None:
    info = pdf.docinfo
    assert str(info.Title) == "Final report on Ruritania"
    assert str(info.Author).startswith("United Nations Children\u2019s Fund, International")
    assert "Government of Belgium" in str(info.Keywords)
    assert str(info.Subject).startswith("To make every school")
    assert str(info.CreationDate) == "D:20121215000000Z"
    assert str(info.ModDate) == "D:20121215000000Z"


@pytest.mark.slow
def test_a_report_of_nothing_known_is_still_a_report() -> None:
    data = pdf_of(Document("Only a title"))
    document = opened(data)
    assert "Only a title" in pages(data)[0]
    assert str(document.Root.Lang) == "en"
    assert str(document.docinfo.CreationDate).startswith("D:1970")  # never the day of its making


@pytest.mark.slow
def test_bookmarks_are_the_numbered_headings(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        found = [(item.title, [child.title for child in item.children]) for item in outline.root]
    assert found == [
        ("Contents", []),
        ("1 Purpose", ["1.1 What was agreed"]),
        ("2 Results", ["2.1 Counselling"]),
        ("3 Resources", []),
        ("Data and method", []),
        (
            "Sources of figures",
            ["1.1 Figure 1.1 (persons)", "1.1.share Figure 1.1.share", "2.1 Figure 2.1 (persons)"],
        ),
    ]


@pytest.mark.slow
def test_contents_and_references_are_links(pdf: pikepdf.Pdf) -> None:
    def inner(page: Any) -> int:  # noqa: ANN401
        return sum("/Dest" in a or "/A" in a for a in page.get("/Annots", []))

    contents, first = pdf.pages[1], pdf.pages[2]
    assert inner(contents) >= 6 + 2 + 1  # sections, tables, chart
    assert inner(first) >= 3 + 1  # Table 1, Chart 1, Section 3, and a footnote


@pytest.mark.slow
@pytest.mark.parametrize(("tables", "expected"), [(56, 1), (120, 3)])
def test_contents_that_almost_fit_a_page_have_one(tables: int, expected: int) -> None:
    blocks = [
        TableBlock(numbers(1, 2), f"tbl-{n}", f"Caption no. {n}", n) for n in range(1, tables + 1)
    ]
    text = pages(pdf_of(Document("Many", blocks=(prose("# One"), *blocks))))
    listed = [page for page in text if "Caption no." in page and "Municipality" not in page]
    assert len(listed) == expected


@pytest.mark.slow
def test_cyrillic_and_latin_serbian_and_reserve_letters() -> None:
    words = "Београд, Ниш, Ђорђе Љубичић, Đorđe Ljubičić žšćčđ, مرحبا, שלום, ≤ → ✓ ☐ 😀 α"
    front = FrontMatter(language="sr-Latn-RS", programme=words)
    data = pdf_of(Document(words, front, (prose(f"# {words}\n\n*{words}* **{words}** `{words}`"),)))
    assert str(opened(data).Root.Lang) == "sr-Latn-RS"
    text = squeezed("".join(pages(data)))
    for word in words.split()[:-6]:
        assert text.count(squeezed(word)) >= 5, word


@pytest.mark.parametrize(
    ("language", "word", "hyphens"),
    [
        ("sr-Cyrl", "успостављајући", {"\ufffe"}),
        ("sr-Latn", "uspostavljajući", {"\ufffe"}),
        ("fr", "établissement", {"\ufffe"}),
        ("en", "institutions", set()),
    ],
)
def test_words_are_divided_as_their_language_has_it(
    language: str, word: str, hyphens: set[str]
) -> None:
    document = Document(word, FrontMatter(language=language), (prose(f"{word} " * 60),))
    text = "".join(pages(pdf_of(document)))
    assert set(text) & {"\ufffe"} == hyphens
    assert squeezed(text).count(word) >= 60


@pytest.mark.parametrize("own", ["en", "sr-Cyrl", "sr-Latn", "fr"])
def test_the_cover_names_the_other_languages_each_in_its_own(own: str) -> None:
    tags = ("en", "sr-Cyrl", "sr-Latn", "fr")
    front = FrontMatter(language=own, languages=tags, slug="visits", programme="P")
    made = opened(pdf_of(Document("T", front, (prose("# T\n\nText `SELECT 1` [to](#x)."),))))
    cover = pages(pdf_of(Document("T", front)))[0]
    others = {one[0]: one for one in front.editions if one[0] != own}
    for _, name, stem in others.values():
        assert name in cover
        assert squeezed(f"{stem}.pdf") in squeezed(cover)
    said = {str(made.Root.Lang)}
    for kind in ("Div", "P", "Span", "Code"):
        said |= {str(one.Lang) for one in elements(made, kind) if "/Lang" in one}
    for page in made.pages:
        said |= {
            one.decode() for one in re.findall(rb"/Lang\(([^)]*)\)", page.Contents.read_bytes())
        }
    assert str(made.Root.Lang) == own
    assert {own, *others} <= said <= {*tags}
    assert f"<rdf:li>{own}</rdf:li>".encode() in made.Root.Metadata.read_bytes()


def test_a_chart_and_what_it_shows_stand_on_one_page() -> None:
    data = Table(
        (Column("Region"), Column("Value")), (Row((Cell("North"), Cell("1", figure="1.1"))),)
    )
    links = {(0, 1): FigureLink("1.1", "quote")}
    picture = samples.CHART_SVG.encode()
    chart = ChartBlock("image/svg+xml", picture, "North 1", data, "c", "Chart", 1, links)
    for lines in range(20, 32, 2):
        text = pages(pdf_of(Document("T", FrontMatter(), (prose("A line.\n\n" * lines), chart))))
        (place,) = (page for page in text if "Figures shown:" in page)
        assert "Chart 1" in place


def test_italics_have_cyrillic() -> None:
    front = FrontMatter(language="sr-Cyrl")
    document = Document("А", front, (prose("*међународни пакт* **_пакт_**[^1]\n\n[^1]: *пакт*"),))
    made = opened(pdf_of(document))
    names = {str(one.BaseFont) for page in made.pages for one in page.Resources.Font.values()}
    assert any("SourceSerif4Italic" in name for name in names)
    assert any("SourceSans3-Italic" in name for name in names)
    assert not any("DejaVu" in name for name in names)


PROGRAM = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
import export_samples
from jpreport.export.exporters import PDFReportExporter
data, _ = PDFReportExporter().from_notebook_node(export_samples.sample())
print(hashlib.sha256(data).hexdigest())
"""


@pytest.mark.slow
def test_same_bytes_elsewhere(exported: tuple[bytes, dict[str, Any]], tmp_path: Path) -> None:
    elsewhere = {
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "SOURCE_DATE_EPOCH": "1",
        "TMPDIR": str(tmp_path),
        "HOME": str(tmp_path),
    }
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, os.path.dirname(samples.__file__)],  # noqa: PTH120
        cwd=tmp_path,
        env={**os.environ, **elsewhere},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == hashlib.sha256(exported[0]).hexdigest()
    assert list(tmp_path.iterdir()) == []  # no typeface is left behind


@pytest.mark.slow
def test_pages_come_to_rest_wherever_the_text_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    compile_once = typst.compile_with_warnings

    def watched(*args: Any, **options: Any) -> Any:  # noqa: ANN401
        pdf, warnings = compile_once(*args, **options)
        told.extend(warning.message for warning in warnings)
        return pdf, warnings

    monkeypatch.setattr(typst, "compile_with_warnings", watched)
    for lines in range(0, 30, 2):
        more = samples.markdown("## More\n\n" + "A line.\n\n" * lines)
        sample = samples.sample()
        sample.cells.append(more)
        PDFReportExporter().from_notebook_node(sample)
    assert told == []
