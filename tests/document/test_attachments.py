"""What comes with a report: its figures as CSV, its provenance as JSON, in both formats."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

import export_samples as samples
import figure_samples as figures
from html_page import Page
from jpreport.document.attachments import attachments
from jpreport.document.blocks import Document
from jpreport.document.provenance import read_provenance
from jpreport.document.reading import read_document
from jpreport.export.html import render_html
from jpreport.figures import (
    Figure,
    FigureRecord,
    Part,
)
from jpreport.review.point import matches
from pdf_reading import opened, pdf_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def document() -> Document:
    return read_document(figures.report())


def table(document: Document) -> list[dict[str, str]]:
    content = attachments(document)[0].content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def quoting(figure: Figure) -> Document:
    cell = figures.quoting("{}", figure)
    return read_document(samples.notebook(samples.markdown("# T"), cell))


def test_the_figures_as_a_table(document: Document) -> None:
    rows = table(document)
    assert [row["id"] for row in rows] == [source.record.id for source in document.sources]
    assert rows[0] == {
        "id": "1.1",
        "indicator": "Social workers trained",
        "unit": "persons",
        "qualifier": "exact",
        "value": "277",
        "baseline": "",
        "target": "",
        "published": "277",
        "period": "2010-06-01/2012-10-31",
        "table": "training_participants",
        "filter": "profession = 'Social worker' and completed",
        "measure": "count(distinct participant_id)",
        "records": "281",
        "sha256": figures.DIGEST,
    }
    share = next(row for row in rows if row["id"] == "1.1 / 1.9")
    assert (share["value"], share["measure"], share["records"]) == ("0.5", "1.1 / 1.9", "")


def test_a_value_that_is_not_known_is_an_empty_cell() -> None:
    assert table(quoting(replace(figures.REACHED, value=None)))[0]["value"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_spreadsheet_finds_no_formula(start: str) -> None:
    text = f'{start}HYPERLINK("http://example.org")'
    row = table(quoting(replace(figures.TRAINED, title=text, breakdown={}, published=-1)))[0]
    assert row["indicator"] == f"'{text}"
    assert row["published"] == "-1"  # a number is a number


def test_provenance_says_what_the_report_was_made_from(document: Document) -> None:
    value = json.loads(attachments(document)[1].content)
    assert value["$type"] == "jpreport.provenance/3"
    assert value["title"] == "Final report"
    assert value["parameters"] == {"donor": "Switzerland"}
    assert value["front"]["programme"] == samples.FRONT.programme
    assert "brand" not in value["front"]
    sources = {one["figure"]["id"]: one for one in value["sources"]}
    men = FigureRecord.of(figures.TRAINED.part("sex", "Male"))
    assert sources["1.1[sex=Male]"] == {
        "figure": men.to_json(),
        "quoted": [{"place": "Table 2", "cell": 6, "in": "table", "text": "56"}],
    }
    assert sources["1.9"]["quoted"] == []


def test_parameters_that_are_no_plain_values_are_python() -> None:
    source = "period_start: date | None = None\nstart = date(2011, 1, 1)\nn = 3\nk: str"
    nb = samples.notebook(
        samples.markdown("# T"),
        samples.code(source, tags=("parameters",)),
        samples.code("other = 1"),
        figures.quoting("{}", figures.TRAINED),
    )
    expected = {"period_start": None, "start": "date(2011, 1, 1)", "n": 3}
    assert read_document(nb).parameters == expected


def test_a_report_without_figures_has_none() -> None:
    document = read_document(samples.notebook(samples.markdown("# T\n\nText.")))
    assert attachments(document) == ()
    assert 'download="' not in render_html(document)


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_page_holds_the_same_files_in_a_zip(document: Document) -> None:
    page = Page(render_html(document))
    ((name, link),) = [(t["download"], t["href"]) for _, t in page.tags if "download" in t]
    kind, _, content = str(link).partition(";base64,")
    assert (name, kind) == ("figures.zip", "data:application/zip")
    expected = {file.name: file.content for file in attachments(document)}
    assert unpacked(base64.b64decode(content)) == expected


def test_what_a_page_says_of_its_figures_is_what_was_set(
    document: Document, tmp_path: Path
) -> None:
    crossed = figures.TRAINED.narrowed(
        (("place", "Niš, Serbia"), ("year", "2011")), Part("Niš, 2011", 5, 5, "true")
    )
    piped = samples.markdown(
        "## Table\n\n| Where | How many |\n|---|---|\n| Niš | {eval}`a \\| b` |\n",
        {"a | b": figures.bundle(crossed)},
    )
    for one in (document, read_document(figures.report(piped))):
        path = tmp_path / "report.html"
        path.write_text(render_html(one), encoding="utf-8")
        read = read_provenance(path)
        assert [source.to_json() for source in read.sources] == [
            source.to_json() for source in one.sources
        ]
        assert (read.title, dict(read.made_from)) == (one.title, dict(one.made_from))
    [match] = matches("5", read.sources)
    assert match.record == FigureRecord.of(crossed).alone
    assert match.record.title == "Social workers trained: Niš, Serbia, 2011"
    assert [quote.place for quote in match.quotes] == ["Section 2"]


@pytest.mark.slow
def test_they_are_attached_to_the_pdf(document: Document) -> None:
    data = pdf_of(document)
    assert data == pdf_of(read_document(figures.report()))
    pdf = opened(data)
    found = {name: pdf.attachments[name] for name in pdf.attachments}
    expected = attachments(document)
    assert sorted(found) == [file.name for file in expected]
    for file in expected:
        spec = found[file.name]
        assert spec.get_file().read_bytes() == file.content
        assert spec.get_file().mime_type == file.media_type
        assert spec.description == file.description
    assert found["indicators.csv"].relationship == pikepdf.Name.Data
    assert found["provenance.json"].relationship == pikepdf.Name.Source
    assert len(pdf.Root.AF) == len(expected)  # PDF/A-3 asks for it


@pytest.mark.slow
def test_a_browser_saves_it(document: Document, tmp_path: Path) -> None:
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("chromium is not installed")
    from playwright.sync_api import sync_playwright

    path = tmp_path / "report.html"
    path.write_text(render_html(document), encoding="utf-8")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page()
        page.goto(path.as_uri())
        with page.expect_download() as download:
            page.click("a[download]")
        assert download.value.suggested_filename == "figures.zip"
        assert unpacked(Path(download.value.path()).read_bytes()) == {
            file.name: file.content for file in attachments(document)
        }
        browser.close()
