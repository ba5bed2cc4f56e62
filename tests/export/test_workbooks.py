"""Workbooks hold the tables of a report: XLSX and ODS say the same, for everybody."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export_samples import FRONT, chart, code, markdown, notebook, sample, shown, table
from figure_samples import measured, table_cell
from jpreport.document.blocks import Document, TableBlock
from jpreport.document.cover import FrontMatter
from jpreport.document.formats import load_format
from jpreport.document.provenance import read_provenance
from jpreport.document.reading import read_document
from jpreport.errors import ExportError
from jpreport.export.accounting import lost, tables_alone
from jpreport.export.rendering import render
from jpreport.export.sheets.making import workbook_of
from jpreport.figures import Derivation, share
from jpreport.files import is_intact
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.notebook.output import ReportTable
from libreoffice import PROGRAM
from workbook_reading import opened, quoted

FORMATS = ("ods", "xlsx")
BOTH = pytest.mark.parametrize("name", FORMATS)


def document(*tables: Table, front: FrontMatter = FRONT) -> Document:
    cells = [
        code(f"#| label: tbl-{n}\n#| caption: Of {n}\nx", shown(table(one)))
        for n, one in enumerate(tables)
    ]
    return read_document(notebook(markdown("# Title"), *cells, front=front))


def content(name: str, made: Document) -> bytes:
    return render(name, made).content


@pytest.fixture(scope="module")
def report() -> Document:
    return read_document(sample())


# The checklist of the Analysis Function, item by item; see docs/spreadsheets.md.


@BOTH
def test_each_sheet_has_one_marked_table_at_its_left_edge_with_nothing_below(
    name: str, report: Document
) -> None:
    pages = opened(name, content(name, report)).pages
    for page in pages:
        width = max(map(len, page.rows))
        first, last = page.area.split(":")
        assert first == f"A{page.frozen}"
        assert last == f"{openpyxl.utils.get_column_letter(width)}{len(page.rows)}"
        assert not page.filters
        assert page.merged == 0
        assert not page.hidden
        assert page.wrapped
        # Heads are texts, each another; no cell of the table is empty.
        heads = [str(one).casefold() for one in page.rows[page.frozen - 1]]
        assert len(set(heads)) == len(heads) == width
        assert all(one not in {None, ""} for row in page.rows[page.frozen - 1 :] for one in row)
        # Above it stand lines of text in the first column, none of them empty.
        for row in page.rows[: page.frozen - 1]:
            assert row[0]
            assert not any(row[1:])
        assert page.styles[0] == "Heading 1"
        assert "Heading 1" not in page.styles[1:]
        assert page.styles[page.frozen - 1] == "Table head"
        assert page.selected == "A1"
    assert len({page.name.casefold() for page in pages}) == len(pages)
    assert len({page.table for page in pages}) == len(pages)
    assert len({page.rows[0][0] for page in pages}) == len(pages)


@BOTH
def test_the_file_says_its_title_language_and_who_made_it(name: str, report: Document) -> None:
    front = replace(report.front, language="fr")
    file = opened(name, content(name, replace(report, front=front)))
    assert file.about["title"] == "Final report on Ruritania"
    assert file.about["subject"] == FRONT.programme
    assert file.about["language"] == "fr"
    assert file.about.get("spoken", "fr") == "fr"
    assert "International Organization for Migration" in file.about["creator"]
    assert file.active == file.pages[0].name


@BOTH
def test_cover_contents_and_notes_come_first_the_sources_last(name: str, report: Document) -> None:
    pages = opened(name, content(name, report)).pages
    assert [page.name for page in pages] == [
        *("Cover", "Contents", "Notes", "Table 1", "Chart 1", "Other table", "Table 2"),
        "Sources of figures",
    ]
    cover, contents, notes = pages[:3]
    assert ["Programme", FRONT.programme] in cover.rows
    assert ["Language", "English"] in cover.rows
    assert [row[0] for row in contents.rows[contents.frozen :]] == [p.name for p in pages[2:]]
    # A chart is described there, by the text that stands for it.
    assert any("North 120" in str(row[2]) for row in contents.rows[contents.frozen :])
    said = dict(row[:2] for row in notes.rows[notes.frozen :])
    assert said["[note 1]"] == "Each person is counted once, however many trainings they attended."
    assert {"[c]", "not stated", "no entry"} <= said.keys()
    for page in pages:
        assert "synthetic" in str(page.rows[1][0])  # the mark of illustrative records
    last = pages[-1].rows
    assert last[pages[-1].frozen - 1][:3] == ["Figure", "Title", "Value"]
    assert [row[-1] for row in last[pages[-1].frozen :]] == [
        one.record.id for one in report.sources
    ]


@BOTH
def test_sections_notes_and_what_is_hidden_are_said_in_words(name: str, report: Document) -> None:
    page = next(one for one in opened(name, content(name, report)).pages if one.name == "Table 1")
    heads, *rows = page.rows[page.frozen - 1 :]
    assert heads == [
        *("Section", "Indicator", "Planned: Baseline", "Planned: Target", "Achieved (persons)"),
        *("Reason for variance", "Source of verification", "Notes"),
    ]
    assert rows[0][:5] == [
        "SO1: Teachers know how to act",
        *("1.1 Teachers trained on the role of the school in prevention", 0, "not stated", 277),
    ]
    assert rows[0][-1] == "Achieved (persons): [note 1]"
    assert rows[1][-1] == "no note"
    assert rows[2][4:6] == [4500, "no entry"]
    assert rows[3][4] == "[c] suppressed"


# Numbers.

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")),
    st.sampled_from(
        ["277", "1,234.5", "48.2%", "at least 4,500", "USD 680,000", "\N{MINUS SIGN}3", "[c]", ""]
    ),
    st.sampled_from(["=1+1", "+1", "-1", "@x", '=HYPERLINK("a")', "_x0041_", "a  b", " a "]),
    st.floats(-1e9, 1e9).map("{:,.2f}".format),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    kinds = draw(st.lists(st.sampled_from(["text", "number"]), min_size=1, max_size=4))
    columns = tuple(Column(draw(TEXTS), kind) for kind in kinds)  # type: ignore[arg-type]
    rows = draw(st.lists(st.tuples(*(TEXTS.map(Cell) for _ in kinds)), max_size=4))
    return Table(columns, tuple(map(Row, rows)))


@settings(max_examples=30, deadline=None)
@given(tables())
def test_both_files_show_the_texts_of_the_workbook_and_none_is_a_formula(value: Table) -> None:
    made = document(value)
    said = [
        "\n".join(
            "\t".join(row)
            for row in (
                *([line.text] for line in sheet.lines),
                sheet.heads,
                *([cell.text for cell in row] for row in sheet.rows),
            )
        )
        for sheet in workbook_of(made).sheets
    ]
    for name in FORMATS:
        texts = load_format(name).texts
        assert texts is not None
        assert [*texts(content(name, made))] == said
    for sheet in openpyxl.load_workbook(io.BytesIO(content("xlsx", made))).worksheets:
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    with zipfile.ZipFile(io.BytesIO(content("ods", made))) as archive:
        root = ET.fromstring(archive.read("content.xml"))  # noqa: S314 (our own)
    assert not any(quoted("table", "formula") in one.attrib for one in root.iter())


@BOTH
@pytest.mark.parametrize("protected", [True, False])
def test_only_a_number_that_is_not_of_persons_has_more_digits_than_its_text(
    name: str, *, protected: bool
) -> None:
    origin = Derivation(source="protected cube of persons" if protected else "persons.csv")
    whole, part = (
        replace(measured(key, "Persons", value), derivation=origin)
        for key, value in (("1.1", 135), ("1.2", 65))
    )
    portion = share(part, whole)
    value = ReportTable(
        Table(
            (Column("Of"), Column("Share", "number")),
            (Row((Cell("x"), Cell(portion.text, figure=portion.id))),),
        ),
        (portion, part, whole),
    )
    made = read_document(notebook(markdown("# T"), table_cell(value, "tbl-x", "C")))
    pages = opened(name, content(name, made)).pages
    assert portion.text == "48.1%"
    for page in (pages[3], pages[-1]):
        [found] = [
            cell for row in page.rows for cell in row if isinstance(cell, float) and 0 < cell < 1
        ]
        # openpyxl writes 16 digits.
        assert found == (0.481 if protected else pytest.approx(65 / 135, rel=1e-15))


@BOTH
@pytest.mark.parametrize(("text", "why"), [("a\x01b", "character"), ("a" * 40_000, "too long")])
def test_what_no_sheet_can_hold_is_refused_with_its_sheet(name: str, text: str, why: str) -> None:
    value = Table((Column("A"),), (Row((Cell(text),)),))
    block = TableBlock(value, caption="Of it", number=1)
    with pytest.raises(ExportError, match=f"Table 1.*{why}"):
        render(name, Document("Title", FRONT, (block,)))


@BOTH
def test_a_lost_row_is_told(name: str, report: Document) -> None:
    shown_ = load_format(name).shown
    assert shown_ is not None
    texts = shown_(content(name, report))
    assert lost(tables_alone(report), texts) == []
    for word in ("Attendance", "Capital", "Government of Belgium", "160"):
        spoiled = [text.replace(word, "") for text in texts]
        assert lost(tables_alone(report), spoiled)


@BOTH
def test_the_file_carries_its_provenance_and_tells_when_it_was_altered(
    name: str, report: Document, tmp_path: Path
) -> None:
    made = content(name, report)
    assert is_intact(made)
    assert not is_intact(made.replace(b"PK", b"PL", 1))
    path = tmp_path / f"a.{name}"
    path.write_bytes(made)
    found = read_provenance(path)
    assert [one.record for one in found.sources] == [one.record for one in report.sources]
    path.write_bytes(b"no archive")
    with pytest.raises(ExportError.__base__, match=f"a.{name}"):
        read_provenance(path)


def test_the_bytes_are_of_no_day_place_or_hash_seed(report: Document) -> None:
    program = (
        "import hashlib, export_samples as s\n"
        "from jpreport.document.reading import read_document as r\n"
        "from jpreport.export.rendering import render\n"
        f"print([hashlib.sha256(render(n, r(s.sample())).content).hexdigest() for n in {FORMATS}])"
    )
    folder = str(Path(__file__).parents[1])
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": folder, "TZ": zone, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for zone, seed in (("Pacific/Auckland", "1"), ("America/Lima", "2"))
    }
    assert len(said) == 1
    with zipfile.ZipFile(io.BytesIO(content("xlsx", report))) as archive:
        assert b"2012-12-15" in archive.read("docProps/core.xml")


def test_links_lead_to_sheets_that_are_there(report: Document) -> None:
    names = {page.name for page in opened("ods", content("ods", report)).pages}
    book = openpyxl.load_workbook(io.BytesIO(content("xlsx", report)))
    found = {
        (cell.value, cell.hyperlink.location.removesuffix("!A1").strip("'"))
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.hyperlink
    }
    with zipfile.ZipFile(io.BytesIO(content("ods", report))) as archive:
        root = ET.fromstring(archive.read("content.xml"))  # noqa: S314 (our own)
    address = "{http://www.w3.org/1999/xlink}href"
    assert found == {
        (link.text, link.get(address, "").removesuffix(".A1").strip("#'"))
        for link in root.iter(quoted("text", "a"))
    }
    assert {target for _, target in found} == names - {"Cover"}
    assert {text for text, _ in found} == names - {"Cover", "Contents"} | {"Back to the contents"}


def test_a_report_without_tables_is_a_workbook_all_the_same() -> None:
    made = read_document(notebook(markdown("# Title\n\nText."), front=None))
    for name in FORMATS:
        file = opened(name, content(name, made))
        assert [page.name for page in file.pages] == ["Cover", "Contents", "Notes"]


def test_a_chart_without_data_is_named_in_the_contents() -> None:
    made = read_document(
        notebook(
            markdown("# T"),
            code("#| label: cht-x\n#| caption: Map\nx", shown(chart("A map.", None))),
        )
    )
    for name in FORMATS:
        contents = opened(name, content(name, made)).pages[1]
        assert contents.rows[-1] == ["no sheet", "Chart 1: Map", "A map."]


SHOWN = (
    *("277", "1,234.50", "48.2%", "0.04%", "100%", "at least 4,500", "an estimated 9,000"),
    *("USD 680,000", "USD 4.9 billion", "12.5 million", "+12, better", "4500", "3.1 (rounded)"),
    *("\N{MINUS SIGN}12, worse", "\N{MINUS SIGN}0.5%", "USD\N{NO-BREAK SPACE}1.25", "0.0004"),
    *("=1+1", "-1", "@x", "_x0041_", "a  b", "\N{CYRILLIC CAPITAL LETTER ZHE}", 'say "x"'),
)


@pytest.mark.slow
def test_libreoffice_shows_every_sheet_as_the_workbook_has_it(tmp_path: Path) -> None:
    value = Table((Column("N", "number"),), tuple(Row((Cell(text),)) for text in SHOWN))
    made = document(value)
    for name in FORMATS:
        (tmp_path / f"{name}.{name}").write_bytes(content(name, made))
    command = [
        *(str(PROGRAM), f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"),
        # As shown, in UTF-8, a file for each sheet.
        *("--convert-to", "csv:Text - txt - csv (StarCalc):9,34,76,1,,0,,,true,,,-1"),
        *("--outdir", tmp_path, *(tmp_path / f"{name}.{name}" for name in FORMATS)),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    for name in FORMATS:
        texts = load_format(name).texts
        assert texts is not None
        shown_ = set()
        for file in tmp_path.glob(f"{name}-*.csv"):
            with file.open(encoding="utf-8", newline="") as lines:
                rows = csv.reader(lines, delimiter="\t")
                shown_.add("\n".join("\t".join(filter(None, row)) for row in rows))
        assert shown_ == set(texts(content(name, made)))


@BOTH
def test_the_sources_are_said_in_the_language_of_the_report(name: str, report: Document) -> None:
    terms = {"persons": "personnes", "North": "Nord", "region": "région"}
    other = replace(report, front=replace(report.front, language="fr"), terms=terms)
    page = opened(name, content(name, other)).pages[-1]
    rows = [
        dict(zip(page.rows[page.frozen - 1], row, strict=True)) for row in page.rows[page.frozen :]
    ]
    assert {str(row["Unité"]) for row in rows} & {"personnes", "part"}
    assert not {str(row["Unité"]) for row in rows} & {"persons", "share"}
    # What code calls a figure is its identifier; all else is in words.
    words = " ".join(
        str(text) for row in rows for head, text in row.items() if head != "Identifiant"
    )
    assert "[" not in words.replace("[c]", "")
