"""Sources of figures: every quoted number leads to its entry, and the entry back."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pdfua
import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import export_samples as samples
import figure_samples as figures
from html_page import Page
from jpreport.document.attachments import attachments
from jpreport.document.blocks import ChartBlock, Document, TableBlock
from jpreport.document.reading import read_document
from jpreport.errors import ExportError, Place
from jpreport.execute.run import run_notebook
from jpreport.export.annex import write_annex
from jpreport.export.html import render_html
from jpreport.export.sql_words import condition_words, measure_words
from jpreport.figures import FigureKey, average
from jpreport.figures.derivation import Source
from jpreport.forms.mime import FIGURE
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.language import Sentence
from jpreport.notebook import breakdown_table, frame_table, open_report, progress_chart, share_chart
from jpreport.programme.settings import read_settings
from jpreport.review.narrative.outputs import underived
from jpreport.review.narrative.programme import scanner_for
from pdf_reading import elements, numbers, opened, pages, pdf_of, prose, squeezed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def document() -> Document:
    return read_document(figures.report())


def entries(document: Document) -> dict[str, dict[str, str]]:
    """Return the lines of each entry as plain text, by the entry's number."""
    annex = write_annex(document)
    assert annex is not None
    return {
        entry.number: {term: "".join(run.text for run in runs) for term, runs in entry.lines}
        for entry in annex.entries
    }


def test_an_entry_says_where_a_figure_comes_from(document: Document) -> None:
    assert entries(document)["1.1"] == {
        "Measure": "Number of different values of participant id in training participants, "
        "where profession is \u201cSocial worker\u201d and completed",
        "Records": "281 records, attended on 1 June 2010 \u2013 31 October 2012",
        "File": "data/training_participants.csv, SHA-256 1f5736eed35d",
        "Published": "277 (agrees); Programme page",
        "Parts": "By sex: Female: 221 (224 records; 79.8% of 277 [2]); "
        "Male: 56 (57 records; 20.2% of 277)",
        "Quoted in": "the opening, Section 1, Table 1, Table 2",
    }


def test_an_entry_names_every_file_and_the_row_that_declares_a_figure() -> None:
    other = Source("places", "data/places.csv", "ab" * 32)
    origin = replace(figures.TRAINED.derivation, further=(other,))
    both = replace(
        figures.TRAINED, derivation=origin, breakdown={}, declared_in="data/results.csv, row 4"
    )
    document = read_document(samples.notebook(figures.quoting("# T\n\n{} of them.", both)))
    lines = entries(document)["1.1"]
    assert lines["File"] == (
        "data/training_participants.csv, SHA-256 1f5736eed35d; "
        "data/places.csv, SHA-256 abababababab"
    )
    assert lines["Declared in"] == "data/results.csv, row 4"
    (row,) = csv.DictReader(io.StringIO(attachments(document)[0].content.decode("utf-8-sig")))
    assert (row["table"], len(row["sha256"])) == ("training_participants; places", 2 * 64 + 2)


@pytest.mark.parametrize(
    ("value", "decimals", "said"), [(277, None, False), (27.125, None, True), (27.6, 0, True)]
)
def test_what_rounding_does_is_said_once_where_there_is_some(
    value: float,
    decimals: int | None,
    said: bool,  # noqa: FBT001
) -> None:
    one = replace(figures.TRAINED, value=value, decimals=decimals, breakdown={}, published=None)
    document = read_document(samples.notebook(figures.quoting("# T\n\n{} of them.", one)))
    annex = write_annex(document)
    assert annex is not None
    assert ("halves away from zero" in annex.intro) is said


def test_entries_are_in_the_order_of_their_numbers(document: Document) -> None:
    names = [source.record.id for source in document.sources]
    assert names == [
        "1.1",
        "1.1[sex=Female]",
        "1.1[sex=Female] / 1.1",
        "1.1[sex=Male]",
        "1.1[sex=Male] / 1.1",
        "1.1 / 1.9",
        "1.9",
        "1.10",
    ]


def test_the_records_of_persons_are_not_counted() -> None:
    origin = replace(
        figures.TRAINED.derivation,
        source="protected cube of data/persons.csv",
        sql="-- the protected cube at its total",
        dated_by="",
    )
    hidden = replace(figures.TRAINED, derivation=origin)
    cell = figures.table_cell(breakdown_table(hidden, "sex"), "tbl", "By sex")
    document = read_document(samples.notebook(samples.markdown("# T"), cell))
    lines = entries(document)["1.1"]
    assert lines["Records"] == (
        "protected: they are about persons; 1 June 2010 \u2013 31 October 2012"
    )
    assert lines["Parts"] == "By sex: Female: 221 (79.8% of 277); Male: 56 (20.2% of 277)"
    assert {source.counted for source in document.sources} == {None}


def test_how_persons_are_protected_stands_in_the_annex_once_a_table() -> None:
    said = "Counts of fewer than 5 persons are suppressed; in 2 groups everybody has one value."
    origin = replace(
        figures.TRAINED.derivation,
        source="protected cube of data/persons.csv",
        sql="-- the protected cube at its total",
        dated_by="",
        protection=(Sentence(said),),
    )
    hidden = replace(figures.TRAINED, derivation=origin)
    cell = figures.table_cell(breakdown_table(hidden, "sex"), "tbl", "By sex")
    document = read_document(samples.notebook(samples.markdown("# T"), cell))
    paragraph = f"Training participants: {said}"
    assert Page(render_html(document)).all("p", class_="protection") == [paragraph]
    text = squeezed(" ".join(pages(pdf_of(document))))
    assert text.count(squeezed(paragraph)) == 1
    opened = replace(hidden, derivation=replace(origin, protection=()))
    cell = figures.table_cell(breakdown_table(opened, "sex"), "tbl", "By sex")
    document = read_document(samples.notebook(samples.markdown("# T"), cell))
    assert Page(render_html(document)).all("p", class_="protection") == []


def test_what_a_figure_is_made_from_has_an_entry_though_nothing_quotes_it(
    document: Document,
) -> None:
    found = entries(document)
    assert "Quoted in" not in found["1.9"]
    assert found["1.9"]["Used for"] == "Share"
    assert found["1.9"]["Share"] == "50% is 1.1 (277) \u00f7 1.9 (554)"


def test_a_year_of_an_indicator_stands_in_its_entry() -> None:
    year = replace(figures.TRAINED, value=157, period=figures.YEAR, breakdown={})
    cell = figures.quoting("## Year\n\n{} in one year.", year)
    document = read_document(figures.report(cell))
    assert entries(document)["1.1"]["Periods"] == (
        "1 January 2011 \u2013 31 December 2011: 157 (281 records)"
    )
    page = Page(render_html(document))
    assert page.all("a", class_="figure", href="#jp-figure-1.1-2") == ["157"]
    assert page.all("a", id="jp-figure-1.1-2")


def test_a_year_with_parts_has_an_entry_of_its_own() -> None:
    year = replace(figures.TRAINED, value=157, period=figures.YEAR)
    cell = figures.quoting("## Year\n\n{} in one year, {} women.", year, year.part("sex", "Female"))
    annex = write_annex(read_document(figures.report(cell)))
    assert annex is not None
    own = [entry for entry in annex.entries if entry.number == "1.1"]
    assert [(entry.value, entry.name) for entry in own] == [
        ("277", "jp-figure-1.1"),
        ("157", "jp-figure-1.1-2"),
    ]
    assert (
        own[1].title == "Social workers trained, 1 January 2011 \u2013 31 December 2011 (persons)"
    )
    assert dict(own[1].lines)["Published"][0].text == "277 (not compared); Programme page"


def test_two_values_of_one_figure_are_a_problem() -> None:
    other = replace(figures.TRAINED, value=276)
    with pytest.raises(ExportError) as caught:
        read_document(figures.report(figures.quoting("{}", other)))
    (problem,) = caught.value.problems
    assert str(problem.where) == "cell 7"
    assert problem.message == 'figure 1.1 is "277" elsewhere and "276" here'


@pytest.mark.parametrize(
    "change",
    [{"period": None}, {"period": {"start": "soon", "end": "2012-10-31"}}, {"derivation": {}}],
)
def test_a_figure_that_cannot_be_read_is_a_problem(change: dict[str, Any]) -> None:
    data = figures.bundle(figures.TRAINED)
    data[FIGURE] = {**data[FIGURE], **change}
    with pytest.raises(ExportError, match=r"the figure '1\.1' cannot be read"):
        read_document(samples.notebook(samples.markdown("# T\n\n{eval}`x`", {"x": data})))


def test_an_id_of_which_nothing_is_known_is_no_link() -> None:
    cell = samples.code("x", samples.shown(samples.table(samples.PERFORMANCE)))
    document = read_document(samples.notebook(samples.markdown("# T"), cell))
    assert document.sources == ()
    assert document.figures == 3
    html = render_html(document)
    assert 'class="figure"' in html
    assert 'class="sources"' not in html
    assert not any(Page(html).all("a", class_="figure"))


def test_a_table_of_two_periods_does_not_guess() -> None:
    year = replace(figures.TRAINED, value=157, period=figures.YEAR)
    cell = figures.reconciled([figures.TRAINED, year, figures.REACHED])
    block = read_document(samples.notebook(samples.markdown("# T"), cell)).blocks[-1]
    assert isinstance(block, TableBlock)
    assert {at: link.to for at, link in block.links.items()} == {(2, 1): "jp-figure-1.10"}


def test_row_headers_are_not_linked(document: Document) -> None:
    table = next(block for block in document.blocks if isinstance(block, TableBlock))
    assert table.table.rows[0].cells[0].figure == "1.1"
    assert sorted(table.links) == [(0, 3), (1, 3)]


def test_a_figure_in_a_heading_is_no_link_but_has_an_entry() -> None:
    cell = figures.quoting("## All {}\n\nText.", figures.TRAINED)
    document = read_document(samples.notebook(samples.markdown("# T"), cell))
    (source,) = document.sources
    assert [(quote.name, quote.place) for quote in source.quotes] == [("all-277", "Section 1")]
    assert (
        'href="#jp-figure-1.1"'
        not in render_html(document).partition("<main")[2].partition('class="sources"')[0]
    )


def test_a_chart_names_the_figures_that_it_shows() -> None:
    chart = figures.table_cell(
        progress_chart([figures.TRAINED, figures.REACHED]), "cht-progress", "Progress"
    )
    document = read_document(samples.notebook(samples.markdown("# T"), chart))
    block = next(block for block in document.blocks if isinstance(block, ChartBlock))
    assert [link.to for link in block.links.values()] == ["jp-figure-1.1", "jp-figure-1.10"]
    html = render_html(document)
    assert Page(html).all("p", class_="figures-shown") == ["Figures shown: 1.1, 1.10"]
    assert html.count('href="#jp-figure-1.1"') == 2  # below the chart, and in its data


def test_the_shares_of_an_indicator_s_parts_are_no_other_figure() -> None:
    women, men = (figures.TRAINED.part("sex", sex) for sex in ("Female", "Male"))
    frame = pd.DataFrame({"sex": ["Female", "Male"], "persons": [women, men]})
    chart = figures.table_cell(share_chart(frame, "sex", "persons"), "cht-sex", "By sex")
    document = read_document(samples.notebook(samples.markdown("# T"), chart))
    assert Page(render_html(document)).all("p", class_="figures-shown") == ["Figures shown: 1.1"]


@pytest.mark.parametrize(("lines", "shared"), [(3, True), (34, False)])
@pytest.mark.parametrize("ending", ["paragraph", "table"])
def test_the_annex_shares_a_page_that_would_look_left_over(
    ending: str, lines: int, *, shared: bool
) -> None:
    prose = samples.markdown("# T\n\n" + "\n\n".join(["A paragraph."] * lines))
    last = figures.quoting("Trained: {}.", figures.TRAINED)
    if ending == "table":
        last = figures.table_cell(breakdown_table(figures.TRAINED, "sex"), "tbl-sex", "By sex")
    texts = pages(pdf_of(read_document(samples.notebook(prose, last))))
    found = next(n for n, text in enumerate(texts) if "Sources of figures" in text and n > 1)
    assert ("A paragraph." in texts[found]) is shared


def test_every_link_of_the_page_has_an_end(document: Document) -> None:
    page = Page(render_html(document))
    names = [found["id"] for _, found in page.tags if "id" in found]
    assert len(names) == len(set(names))
    inner = [href for href in page.attributes("a", "href") if href and href.startswith("#")]
    assert {href[1:] for href in inner} <= set(names)
    sources = {source.name for source in document.sources}
    assert sources <= {href[1:] for href in inner}  # each is led to
    assert sources <= set(names)
    quotes = {quote.name for source in document.sources for quote in source.places}
    assert quotes <= {href[1:] for href in inner}  # and leads back


def test_numbers_are_links_and_entries_lead_back(document: Document) -> None:
    page = Page(render_html(document))
    assert page.all("a", class_="figure", href="#jp-figure-1.1") == ["277"] * 5
    assert page.all("a", class_="figure", href="#jp-figure-1.1-sex-Male") == ["56"]
    assert page.all("a", href="#jp-quote-1") == ["the opening"]
    assert page.all("a", id="jp-quote-1") == ["277"]


def test_hostile_words_stay_words_in_both_formats() -> None:
    words = 'x "] #panic() <script>alert(1)</script> $1$ \\ @a'
    origin = replace(figures.TRAINED.derivation, where=words, source=words, sql=words)
    key = FigureKey(words, ((words, words),))
    hostile = replace(figures.TRAINED, key=key, title=words, published_in=words, derivation=origin)
    data = figures.bundle(hostile)
    nb = samples.notebook(samples.markdown("# T\n\nSee {eval}`x`.", {"x": data}))
    document = read_document(nb)
    html = render_html(document)
    assert "<script" not in html
    assert words in Page(html).all("h3")[0]
    assert squeezed(words) in squeezed("".join(pages(pdf_of(document))))


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("completed", "completed"),
        ("not completed and sex is null", "not completed and sex is not stated"),
        (
            "profession in ('Judge', 'Clerk', 'Bailiff') and n >= 2",
            "profession is “Judge”, “Clerk” or “Bailiff”, and n is at least 2",
        ),
        (
            "(a = 'x' and b) AND (\"region\" = 'Bel''grade')",
            "a is \u201cx\u201d and b and region is \u201cBel'grade\u201d",
        ),
        ("day between date '2010-01-01' and date '2011-01-01'",
         "day is from 1 January 2010 to 1 January 2011"),
        ("a or b", "a or b"),
        # Without brackets these would say something else.
        ("(a or b) and c", ""),
        ("a or b and c", ""),
        ("not (a and b)", ""),
        ("lower(a) = 'x'", ""),
        ("a = b", ""),
        ("a = 'x' -- or b", "a is \u201cx\u201d"),
        ("a like 'x%'", ""),
        ("a =", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_conditions_in_words(where: str, words: str) -> None:
    assert condition_words(where) == words


@given(st.text(st.sampled_from("ab '\"()=<>,1and or not in is null\n-"), max_size=40))
def test_any_condition_has_words_or_none(where: str) -> None:
    assert isinstance(condition_words(where), str)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("count(*)", "Number of records"),
        ("COUNT( DISTINCT participant_id )", "Number of different values of participant id"),
        ("sum(amount_usd)", "Sum of amount usd"),
        ("count(a) + count(b)", ""),
        ("count(*) filter (where a)", ""),
    ],
)
def test_measures_in_words(measure: str, words: str) -> None:
    assert measure_words(measure) == words


def test_a_measure_without_words_is_shown_as_it_is() -> None:
    origin = replace(figures.TRAINED.derivation, measure="max(a + b)", where="lower(a) = 'x'")
    odd = replace(figures.TRAINED, derivation=origin)
    nb = samples.notebook(samples.markdown("# T"), figures.quoting("{}", odd))
    lines = entries(read_document(nb))["1.1"]
    assert lines["Measure"] == "max(a + b) in training participants, filtered as the SQL says"


def test_notes_have_the_same_letters_in_both_formats() -> None:
    count = 30
    rows = tuple(
        Row((Cell(f"Row {i}"), Cell(str(i), note=i if i % 2 else None)))
        for i in range(1, count + 1)
    )
    notes = tuple(f"Note {i}." for i in range(1, count + 1))
    table = Table((Column("Name"), Column("Number", "number")), rows, notes=notes)
    document = Document("T", blocks=(TableBlock(table),))
    page = Page(render_html(document))
    marks = page.all("sup")
    assert marks[:2] == ["a", "c"]
    assert marks[-2:] == ["aa", "ac"]
    text = squeezed("".join(pages(pdf_of(document))))
    values = [found.get("value") for tag, found in page.tags if tag == "li"]
    assert [int(value) for value in values if value] == list(range(1, count, 2))
    for mark, number in zip(marks, range(1, count, 2), strict=True):
        assert f"{mark}Note{number}." in text


def test_what_is_made_from_parts_says_it_with_links() -> None:
    women, men = (figures.TRAINED.part("sex", sex) for sex in ("Female", "Male"))
    year = replace(
        figures.TRAINED, key=FigureKey("1.2"), value=7, period=figures.YEAR, breakdown={}
    )
    cell = figures.quoting(
        "{} more, {} in all, {} a year, {} on average.",
        women - men,
        figures.TRAINED + figures.ALL,
        figures.TRAINED - year,
        average([figures.TRAINED, figures.ALL]),
    )
    document = read_document(samples.notebook(samples.markdown("# T"), cell))
    found = entries(document)
    assert found["1.1"]["Difference"] == (
        "165 is 1.1 Female (221) \u2212 1.1 Male (56); 270 is 1.1 (277) \u2212 "
        "1.2 (7; 1 January 2011 \u2013 31 December 2011)"
    )
    assert found["1.1"]["Sum"] == "831 is 1.1 (277) + 1.9 (554)"
    assert found["1.1"]["Average"] == "415.5 is average of 1.1 (277), 1.9 (554)"
    page = Page(render_html(document))
    names = {href[1:] for href in page.attributes("a", "href") if href and href.startswith("#")}
    assert names <= {found["id"] for _, found in page.tags if "id" in found}
    made = next(source for source in document.sources if source.record.id == "1.1 + 1.9")
    assert {made.name, *made.parents} <= names


def test_a_cell_of_one_of_two_periods_leads_to_its_own_figure() -> None:
    year = replace(figures.TRAINED, value=157, period=figures.YEAR, breakdown={})
    frame = pd.DataFrame({"all": [figures.TRAINED], "2011": [year]}, index=["Trained"])
    cell = figures.table_cell(frame_table(frame), "tbl-years", "By year")
    document = read_document(samples.notebook(samples.markdown("# T"), cell))
    block = document.blocks[-1]
    assert isinstance(block, TableBlock)
    assert {at: link.to for at, link in block.links.items()} == {
        (0, 1): "jp-figure-1.1", (0, 2): "jp-figure-1.1-2",
    }  # fmt: skip


@pytest.fixture(scope="module")
def programme() -> tuple[Document, bytes]:
    """Return the shipped end-of-programme report."""
    done = run_notebook(ROOT / "notebooks" / "end_of_programme.ipynb", {}, cwd=ROOT)
    document = read_document(done)
    return document, pdf_of(document)


def places(pdf: pikepdf.Pdf) -> dict[str, tuple[int, float]]:
    """Return the page (from 0) and the height on it of each name that links lead to."""
    order = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    found = {}
    for name, target in pikepdf.NameTree(pdf.Root.Names.Dests).items():
        where = target.D if isinstance(target, pikepdf.Dictionary) else target
        found[str(name)] = (order[where[0].objgen], float(where[3]))
    return found


def links_in(data: bytes) -> list[tuple[str, str, int]]:
    """Return (text, name it leads to, page from 0) of every link within a document.

    Typst names the headings that links lead to; of other ends, only the page is told.
    """
    pdf, read = opened(data), pypdfium2.PdfDocument(data)
    order = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    ends = places(pdf)
    found = []
    for page, text in zip(pdf.pages, read, strict=True):
        for link in page.get("/Annots", []):
            if "/Dest" not in link:
                continue
            named = not isinstance(link.Dest, pikepdf.Array)
            name = str(link.Dest) if named else ""
            to = ends[name][0] if named else order[link.Dest[0].objgen]
            # A link that is broken into lines has a box for each.
            corners = [float(one) for one in link.get("/QuadPoints", link.Rect)]
            width = 8 if "/QuadPoints" in link else 4
            boxes = [corners[i : i + width] for i in range(0, len(corners), width)]
            words = "".join(
                text.get_textpage().get_text_bounded(
                    min(box[::2]), min(box[1::2]), max(box[::2]), max(box[1::2])
                )
                for box in boxes
            )
            found.append((" ".join(words.split()), name, to))
    read.close()
    return found


def quoted(data: bytes) -> list[tuple[str, str]]:
    """Return (text on the page, name it leads to) of every link to an entry of the annex."""
    links = links_in(data)
    return [(text, name) for text, name, _ in links if name.startswith("to:jp-figure-")]


@pytest.mark.slow
def test_each_indicator_value_is_a_link_to_its_entry(
    programme: tuple[Document, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A kernel does not have the secret; that of synthetic records is public.
    monkeypatch.delenv("JPREPORT_SECRET")
    document, data = programme
    ends = places(opened(data))
    said = quoted(data)
    texts = pages(data)
    for figure in open_report(project=ROOT).figures():
        source = next(source for source in document.sources if source.record.id == figure.id)
        name = f"to:{source.name}"
        own = [text for text, to in said if to == name]
        # One in the prose and, but for the whole of a share, one in a table.
        assert len(own) >= (2 if figure.published is not None else 1), figure.id
        number = squeezed(figure.text)
        assert any(number == squeezed(text) for text in own), (figure.id, own)
        page, _ = ends[name]
        assert squeezed(figure.title) in squeezed(texts[page])
        assert squeezed(figure.derivation.digest[:12]) in squeezed(texts[page]) or source.parents


@pytest.mark.slow
def test_each_number_of_a_table_of_figures_is_a_link(programme: tuple[Document, bytes]) -> None:
    document, data = programme
    tables = {one.label: one for one in document.blocks if isinstance(one, TableBlock)}
    charts = [one for one in document.blocks if isinstance(one, ChartBlock)]
    for table, links in [
        *((one.table, one.links) for one in tables.values()),
        *((one.data, one.links) for one in charts if one.data),
    ]:
        named = {
            (y, x)
            for y, row in enumerate(table.rows)
            for x, cell in enumerate(row.cells)
            if cell.figure and x >= table.stub
        }
        assert named == set(links)
    texts = pages(data)
    annex = next(n for n, text in enumerate(texts) if n > 1 and "Sources of figures" in text)
    shown = [squeezed(text) for text, _, to in links_in(data) if to >= annex]
    # Cross tables, measures side by side, years: every number on the page leads to its entry.
    for label, count in {"tbl-justice": 12, "tbl-reach": 15, "tbl-years": 20}.items():
        block = tables[label]
        numbers_of = [
            cell.text for row in block.table.rows for cell in row.cells[block.table.stub :]
        ]
        assert len(numbers_of) >= count
        assert len(block.links) == len(numbers_of)
        for text in numbers_of:
            assert squeezed(text) in shown
    assert [one.label for one in charts if not one.links] == []


@pytest.mark.slow
def test_the_numbers_behind_a_chart_lead_to_their_entries(
    programme: tuple[Document, bytes],
) -> None:
    document, _ = programme
    page = Page(render_html(document))
    female = next(
        one for one in document.sources if one.record.id == "3.1[profession=Judge, sex=Female]"
    )
    # In the table, below the chart, and in the data behind it.
    found = page.all("a", class_="figure", href=f"#{female.name}")
    assert found == [female.record.text, "3.1", female.record.text]
    uncovered = [
        one for one in document.sources if one.record.id.startswith("C.1[region=") and one.parents
    ]
    assert uncovered
    for one in uncovered:
        assert page.all("a", class_="figure", href=f"#{one.name}")
        assert len([parent for parent in one.parents if parent]) == len(
            one.record.derivation.parents
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["end_of_programme", "donor", "objective"])
def test_no_number_of_the_shipped_reports_escapes(name: str) -> None:
    done = run_notebook(ROOT / "notebooks" / f"{name}.ipynb", {}, cwd=ROOT)
    assert underived(done, Place(name), scanner_for(read_settings(ROOT))) == ()


@pytest.mark.slow
def test_no_number_of_a_figure_leads_elsewhere(programme: tuple[Document, bytes]) -> None:
    document, data = programme
    sources = {f"to:{source.name}": source for source in document.sources}
    for text, name in quoted(data):
        source = sources[name]
        # In the annex it is the id that leads on, with the label of a part; the head of a
        # column says the unit for all of its cells.
        record = source.record
        whole = str(record.key.whole)
        shown = {record.text, record.text.removeprefix("USD\u00a0"), whole}
        assert squeezed(text) in map(squeezed, shown) or source.whole, (text, name)


@pytest.mark.slow
def test_entries_lead_back_to_the_pages_that_quote_them(
    programme: tuple[Document, bytes],
) -> None:
    document, data = programme
    pdf, texts = opened(data), pages(data)
    first = next(n for n, text in enumerate(texts) if n > 1 and "Sources of figures" in text)
    order = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    back = [
        order[link.Dest[0].objgen]
        for page in list(pdf.pages)[first:]
        for link in page.get("/Annots", [])
        if isinstance(link.get("/Dest"), pikepdf.Array)
    ]
    assert len(back) >= sum(len(source.places) for source in document.sources)
    assert min(back) == places(pdf)["to:executive-summary"][0]


@pytest.mark.slow
def test_the_annex_is_short_and_accessible(
    programme: tuple[Document, bytes], tmp_path: Path
) -> None:
    document, data = programme
    texts = pages(data)
    first = next(n for n, text in enumerate(texts) if n > 1 and "Sources of figures" in text)
    assert len(texts) - (first + 1) <= 4  # beside the page that it shares
    path = tmp_path / "report.pdf"
    path.write_bytes(data)
    assert list(pdfua.validate(str(path)).findings) == []
    pdf = opened(data)
    links = elements(pdf, "Link")
    assert len(links) > len(document.sources)
    annotations = [a for page in pdf.pages for a in page.get("/Annots", [])]
    assert all(str(a.get("/Contents", "")) for a in annotations)


@pytest.mark.slow
def test_the_page_stays_small(programme: tuple[Document, bytes]) -> None:
    html = render_html(programme[0])
    pictures = sum(map(len, re.findall(r'src="data:image[^"]*"', html)))
    # The typefaces and the two attached files are the better part of it.
    assert len(html.encode()) - pictures < 300_000


@pytest.mark.slow
@pytest.mark.parametrize("lines", range(24, 34, 3))
def test_a_long_table_never_begins_with_one_row_at_the_foot(lines: int) -> None:
    filler = prose("# One\n\n" + "\n\n".join(["A short line."] * lines))
    document = Document("T", blocks=(filler, TableBlock(numbers(60, 4), "", "Months", 1)))
    texts = pages(pdf_of(document))
    page = next(text for number, text in enumerate(texts) if number > 1 and "Place 0000" in text)
    assert "Place 0003" in page


@pytest.mark.slow
@pytest.mark.parametrize("lines", [20, 30])
def test_a_callout_that_fits_on_a_page_is_not_torn(lines: int) -> None:
    inside = "\n\n".join(f"Line {n} of what is to be noted." for n in range(18))
    filler = "\n\n".join(["A short line."] * lines)
    block = prose(f"# One\n\n{filler}\n\n::: {{.callout .note title=Noted}}\n{inside}\n:::")
    texts = pages(pdf_of(Document("T", blocks=(block,))))
    assert any("Line 0 of" in text and "Line 17 of" in text for text in texts)
