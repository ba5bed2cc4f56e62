"""The HTML page: its structure, its policy, its words, and that none of them can become markup."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from export_samples import (
    CHART_DATA,
    FRONT,
    chart,
    code,
    markdown,
    notebook,
    sample,
    shown,
)
from html_page import Page
from jpreport.design.style import DARK, DEFAULT, Style
from jpreport.document.blocks import ChartBlock, Document, TableBlock
from jpreport.document.cover import FrontMatter
from jpreport.document.reading import read_document
from jpreport.export.branding import Appearance
from jpreport.export.exporters import HTMLReportExporter
from jpreport.export.html import render_html
from jpreport.export.index import render_index
from jpreport.export.webfonts import font_faces
from jpreport.files import EditionRecord
from jpreport.forms.mime import FRONT_MATTER
from jpreport.forms.tables import Cell, Column, Row, Table


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(read_document(sample()))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_exporter_is_nbconverts() -> None:
    exporter = HTMLReportExporter()
    text, resources = exporter.from_notebook_node(sample())
    draft = sample()
    draft.metadata[FRONT_MATTER] = replace(FRONT, draft=True).to_json()
    assert text == render_html(read_document(draft))
    assert resources["jpreport"] == {"figures": 7}
    assert (exporter.file_extension, exporter.output_mimetype) == (".html", "text/html")
    assert resources["output_extension"] == ".html"


def test_structure(page: Page) -> None:
    assert page.attributes("html", "lang") == ["en"]
    assert page.all("h1") == ["Final report on Ruritania"]
    assert page.all("title") == ["Final report on Ruritania \u2013 JP Ruritania"]
    for landmark in ("header", "main", "footer"):
        assert len(page.all(landmark)) == 1
    assert page.attributes("nav", "aria-labelledby") == ["jp-contents", "jp-list"]
    assert page.all("a", class_="skip") == ["Skip to the report"]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_there_once_and_every_link_leads_somewhere(page: Page) -> None:
    ids = [found["id"] for _, found in page.tags if "id" in found]
    assert len(ids) == len(set(ids))
    targets = [href or "" for href in page.attributes("a", "href")]
    assert {href[1:] for href in targets if href.startswith("#")} <= set(ids)
    for name in ("aria-labelledby",):
        named = [found[name] for _, found in page.tags if name in found]
        assert set(named) <= set(ids)


def test_headings_and_contents_are_numbered(page: Page) -> None:
    assert page.all("h2") == [
        "Contents",
        "1 Purpose",
        "2 Results",
        "3 Resources",
        "Data and method",
        "Notes",
        "Sources of figures",
        "Tables and charts",
    ]
    assert "2.1 Counselling" in page.all("h3")
    assert page.all("li", class_="level-2") == ["1.1 What was agreed", "2.1 Counselling"]


def test_every_header_cell_says_what_it_heads(page: Page) -> None:
    scopes = page.attributes("th", "scope")
    assert None not in scopes
    assert set(scopes) == {"col", "row", "colgroup", "rowgroup"}
    assert page.all("th", scope="colgroup") == ["Planned"]
    assert "SO2: Children are reached" in page.all("th", scope="rowgroup")


def test_tables_and_charts_have_their_words(page: Page) -> None:
    assert page.all("caption") == [
        "Table 1 Indicator-based performance assessment",
        "Data behind Chart 1",
        "Table 2 Contributions by donor",
    ]
    assert page.all("figcaption") == ["Chart 1 Teachers trained, by region"]
    assert page.attributes("img", "alt") == ["Bars: North 120, South 97 and Capital 60 teachers."]
    assert page.all("summary") == ["Data behind Chart 1"]
    assert page.all("a", class_="reference") == ["Table 1", "Chart 1", "Section 3"]
    regions = [found for tag, found in page.tags if found.get("role") == "region"]
    assert all(found["tabindex"] == "0" for found in regions)
    names = [found.get("aria-labelledby") or found.get("aria-label") for found in regions]
    assert len(names) == len(set(names)) == len(page.all("table"))
    assert page.all("span", class_="not-stated").count("not stated") == 6
    assert page.all("sup", class_="mark-of-note") == ["a", "b"]


def test_figures_can_be_found(page: Page) -> None:
    quoted = {found["data-figure"] for _, found in page.tags if "data-figure" in found}
    assert quoted == {"1.1", "1.1.share", "2.1", "1.2", "R.1", "R.2", "R.4"}


def test_the_cover_says_what_is_known(page: Page) -> None:
    header = page.all("header")[0]
    for text in (
        "Joint Programme for Safe Schools in Ruritania",
        "1 June 2010 \u2013 31 October 2012",
        "International Organization for Migration IOM",
        "Government of Belgium USD 680,000",
        "Total USD 880,000",
        "29 months",
        "Completed",
        "15 December 2012",
    ):
        assert text in header


def test_what_is_not_known_is_not_stated() -> None:
    front = FrontMatter(programme="P", language="")
    page = Page(render_html(Document("T", front)))
    assert page.all("header")[0].count("not stated") == 6
    assert page.attributes("html", "lang") == ["en"]


def test_a_bare_notebook_makes_a_page() -> None:
    page = Page(render_html(read_document(notebook(markdown("# T\n\nText"), front=None))))
    assert page.all("header") == ["T"]
    assert page.all("nav") == []
    assert page.all("main") == ["Text"]


def test_the_mark_is_there_if_and_only_if_the_records_are_synthetic(page: Page) -> None:
    assert "Illustrative records." in page.all("aside")[0]
    real = FrontMatter.from_json({**FRONT.to_json(), "illustrative": False})
    text = render_html(Document("T", real))
    assert Page(text).all("aside") == []
    assert "synthetic" not in Page(text).all("body")[0]


def test_the_policy_lets_the_page_alone(html: str, page: Page) -> None:
    policy = next(c for c in page.attributes("meta", "content") if c and "default-src" in c)
    assert "default-src 'none'" in policy
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in page.tags}
    for tag, found in page.tags:
        assert "style" not in found, tag
        assert not any(name.startswith("on") for name in found)
    assert all(source.startswith("data:") for source in page.attributes("img", "src") if source)
    assert not re.search(r"url\((?!data:)|@import", style)


def test_the_page_is_small_beside_its_images(html: str) -> None:
    without = re.sub(r'src="data:[^"]*"', "", html)
    assert len(without.encode()) < 300_000


def test_a_long_table_stays_quick_and_small() -> None:
    rows = tuple(Row((Cell(f"Person {i}"), Cell(str(i)))) for i in range(2000))
    table = Table((Column("Person"), Column("Sessions", "number")), rows)
    html = render_html(Document("T", FRONT, (TableBlock(table),)))
    assert html.count("<tr>") == 2001
    assert len(html) < 400_000


def test_total_rows_and_wide_headers() -> None:
    table = Table(
        (Column(""), Column("a", "number", group="G"), Column("b", "number", group="G")),
        (
            Row((Cell("S"),), "section"),
            Row((Cell("x"), Cell("1"), Cell("", "empty"))),
            Row((Cell("All"), Cell("1"), Cell("2")), "total"),
        ),
    )
    html = render_html(Document("T", FRONT, (TableBlock(table),)))
    assert html.count("<tbody>") == 2
    # A header without words would be read out as a header; it is an empty cell.
    assert '<td rowspan="2"></td><th scope="colgroup" colspan="2" class="group">G</th>' in html
    assert 'aria-label="Table of a, b"' in html


def test_a_note_of_the_whole_table_has_no_mark() -> None:
    row = Row((Cell("x", note=2), Cell("1")))
    table = Table((Column("a"), Column("b", "number")), (row,), notes=("Of all", "Of x"))
    html = render_html(Document("T", FRONT, (TableBlock(table),)))
    assert '<li class="unmarked">Of all</li>\n<li value="2">Of x</li>' in html
    assert '<sup class="mark-of-note">b</sup>' in html


def test_regions_never_share_a_name() -> None:
    table = TableBlock(CHART_DATA)
    plain = ChartBlock("image/svg+xml", b"<svg/>", "alt", CHART_DATA)
    document = Document("T", FRONT, (table, table, plain, plain))
    page = Page(render_html(document))
    assert page.all("summary") == ["Data behind this chart", "Data behind this chart (2)"]
    labels = [
        found["aria-label"]
        for _, found in page.tags
        if found.get("role") == "region" and "aria-label" in found
    ]
    assert labels == ["Table of Region, Teachers", "Table of Region, Teachers (2)"]


def test_footnotes_find_their_way_back(page: Page) -> None:
    (back,) = [found for _, found in page.tags if found.get("class") == "footnote-back"]
    assert back["aria-label"] == "Back to where note 1 is called"
    assert page.all("section", role="doc-endnotes")[0].startswith("Notes Children at primary")


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("style", [DEFAULT, DARK], ids=["light", "dark"])
def test_contrast(style: Style) -> None:
    pairs = [
        (text, ground)
        for text in (style.ink, style.muted, style.accent)
        for ground in (style.paper, style.tint)
    ]
    pairs += [
        (style.mark, style.mark_tint),
        (style.ink, style.mark_tint),
        (style.mark, style.paper),
    ]
    for text, ground in pairs:
        assert contrast(text, ground) >= 4.5, (text, ground)
    # What is not text but has a meaning: the bar beside a callout, the ring around the focus.
    assert contrast(style.accent, style.tint) >= 3
    assert contrast(style.mark, style.mark_tint) >= 3


def test_fonts_are_cut_for_the_page() -> None:
    latin = font_faces("Plain words, \u010d\u0161\u017e", Appearance())
    assert latin.count("@font-face") == 5
    assert latin == font_faces("Other words", Appearance())
    assert len(font_faces("\u0416", Appearance())) > len(latin)
    assert len(latin) < 160_000


def test_charts_stand_in_the_page_as_pictures(page: Page) -> None:
    (source,) = page.attributes("img", "src")
    assert source is not None
    assert base64.b64decode(source.partition(",")[2]).startswith(b"<?xml")


@pytest.mark.slow
def test_same_bytes_wherever_and_whoever(tmp_path: Path) -> None:
    nbformat.write(sample(), tmp_path / "report.ipynb")
    draft, _ = HTMLReportExporter().from_notebook_node(sample())
    digests = set()
    program = (
        "import hashlib, nbformat; from jpreport.export.exporters import HTMLReportExporter;"
        "text, _ = HTMLReportExporter().from_filename('report.ipynb');"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    for seed, locale, zone in (("0", "C", "UTC"), ("7", "C.UTF-8", "Asia/Tokyo")):
        surroundings = {"PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone}
        result = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env={**os.environ, **surroundings},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(result.stdout.strip())
    assert digests == {hashlib.sha256(draft.encode()).hexdigest()}


@pytest.mark.slow
def test_nbconvert_knows_the_exporter(tmp_path: Path) -> None:
    nbformat.write(sample(), tmp_path / "report.ipynb")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "jpreport_html", "report.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    draft, _ = HTMLReportExporter().from_notebook_node(sample())
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == draft


def test_a_chart_of_the_notebook_needs_no_caption() -> None:
    nb = notebook(markdown("# T"), code("x", shown(chart("A bar."))))
    page = Page(render_html(read_document(nb)))
    assert page.all("figcaption") == []
    assert page.attributes("img", "alt") == ["A bar."]


def test_index_has_its_whole_width() -> None:
    files = {"a.html": "", "a.pdf": ""}
    record = EditionRecord("a", "a.ipynb", {}, "A", 9, [], 3, {}, {}, {}, "", files)
    html = render_index(FrontMatter(programme="P"), {"a": record})
    assert '<nav class="contents"' not in html
    assert ".layout:has(> .contents) { display: grid" in html


def test_an_index_of_very_many_has_sections_that_its_contents_lead_to() -> None:
    def record(number: int) -> EditionRecord:
        name = f"r-{number:03}.html"
        return EditionRecord(
            "r", "a.ipynb", {}, f"To {number}", 9, [], 3, {}, {}, {}, "", {name: ""}
        )

    entries = {f"r-{number:03}": record(number) for number in range(201)}
    page = Page(render_index(FrontMatter(programme="P"), entries))
    assert page.all("h2") == [
        "Contents", "To 0 – To 99", "To 100 – To 199", "To 200",
    ]  # fmt: skip
    targets = [f"#{name}" for name in page.attributes("h2", "id") if name != "jp-contents"]
    assert [to for to in page.attributes("a", "href") if to in targets] == targets
    links = [to for to in page.attributes("a", "href") if to and to.endswith(".html")]
    assert links == [name for one in entries.values() for name in one.outputs]


def test_a_suppressed_cell_is_seen_as_a_sign_and_read_out_as_a_word() -> None:
    row = Row((Cell("North"), Cell("[c]", "suppressed")))
    columns = (Column("Place"), Column("Girls", "number"))
    value = Table(columns, (row,), notes=("[c] suppressed: too small.",))
    html = render_html(Document("T", FRONT, (TableBlock(value),)))
    cell = html.partition('<td class="number">')[2].partition("</td>")[0]
    assert '<span aria-hidden="true" title="suppressed">[c]</span>' in cell
    assert '<span class="spoken">suppressed</span>' in cell
    assert "[c] suppressed: too small." in html.partition('class="table-notes"')[2]
