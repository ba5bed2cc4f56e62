"""The Typst project of a document: its texts, and what it refuses."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from jpreport.document.blocks import (
    Document,
    TableBlock,
)
from jpreport.document.cover import FrontMatter
from jpreport.errors import ExportError
from jpreport.export.typst import project
from jpreport.export.typst_text import clean, usual, widest
from pdf_reading import (
    numbers,
    prose,
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain", "plain"),
        ("a\nb\r\nc\td", "a b c d"),
        (
            "nul\x00, bell\x07, \ud800, \ue000, \ufffe",
            "nul\ufffd, bell\ufffd, " + "\ufffd, " * 2 + "\ufffd",
        ),
        ("\ufeffturned \u202eround\u202c", "turned round"),
        ("Ниш, Čačak, שלום", "Ниш, Čačak, שלום"),
        ("a\u2028b\x85c", "a b c"),
    ],
)
def test_clean_leaves_only_what_can_be_printed(text: str, wanted: str) -> None:
    assert clean(text) == wanted


def test_clean_keeps_line_ends_where_asked() -> None:
    assert clean("a\r\nb\rc\n", lines=True) == "a\nb\nc\n"


def test_widest_looks_at_letters_not_only_at_their_number() -> None:
    texts = ["iiiiiiiiii", *(f"{i}" for i in range(30)), "WWWWWWWW"]
    assert widest(texts, 2) == ["WWWWWWWW", "iiiiiiiiii"]
    assert usual(["a", "bb", "ccc", "dddd", "e" * 90]) == "dddd"
    assert usual([]) == ""


@pytest.mark.parametrize("tag", ["english", "e", "en_GB", "sr-", '"en"'])
def test_a_wrong_language_is_refused(tag: str) -> None:
    with pytest.raises(ExportError, match="no language tag"):
        project(Document("T", FrontMatter(language=tag)))


def test_a_doubled_label_is_refused() -> None:
    table = TableBlock(numbers(1, 2), "tbl-a", "Twice", 1)
    with pytest.raises(ExportError, match='"tbl-a" is used twice'):
        project(Document("T", blocks=(table, table)))


def test_nothing_of_the_document_is_in_the_markup() -> None:
    files = project(Document('#panic("title")', blocks=(prose('#panic("prose")'),)))
    markup = b"".join(text for name, text in files.items() if name.endswith(".typ"))
    assert b"panic(" in files["data.json"]
    assert b'panic("title")' not in markup
    assert b'panic("prose")' not in markup


def test_the_exporter_is_found_by_nbconvert() -> None:
    (entry,) = entry_points(group="nbconvert.exporters", name="jpreport_pdf")
    exporter = entry.load()()
    assert exporter.file_extension == ".pdf"
    assert exporter.output_mimetype == "application/pdf"
    assert exporter.export_from_notebook == "Report (PDF)"
