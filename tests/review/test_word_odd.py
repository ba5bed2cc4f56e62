"""What reviewers do to a Word file beside changing words: each is told by name, none is silent."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from export_samples import code, markdown, notebook, picture, shown, table
from jpreport.document.reading import read_document
from jpreport.errors import Place
from jpreport.export.docx import FORMAT
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.word.findings import Returned
from jpreport.review.word.reading import read_word
from jpreport.review.word.returned import compared
from jpreport.review.word.targets import sources_of
from libreoffice import PROGRAM, edit
from word_samples import as_word_saves, moved, new_paragraph, packed, paragraph_of

TEXT = """# Report

## First

A [page](https://example.org/a) is linked, and $E = mc$ is set.[^1] See [](#tbl-a).

- North
- South
  - Inner South
- East

## Second

Another paragraph stands here.

### Third

The last words.

[^1]: A note with [another page](https://example.org/b).
"""

Files = dict[str, bytes]


def _picture(kind: str) -> dict[str, str]:
    return {"image/png": base64.b64encode(picture("PNG", kind)).decode(), "text/plain": "x"}


@pytest.fixture(scope="module")
def built() -> object:
    return _built(TEXT)


def _built(text: str) -> object:
    rows = Table((Column("Place"), Column("Word")), (Row((Cell("North"), Cell("one"))),))
    return notebook(
        markdown(text),
        code("#| label: cht-a\n#| caption: A\n#| alt: A picture\nshow()", shown(_picture("RGB"))),
        code("#| label: cht-b\n#| caption: B\n#| alt: Another\nshow()", shown(_picture("L"))),
        code("#| label: tbl-a\n#| caption: T\nshow()", shown(table(rows))),
        markdown("After the table."),
    )


@pytest.fixture(scope="module")
def sent(built: object) -> bytes:
    return FORMAT.render(read_document(built), None).content  # type: ignore[arg-type]


def _files(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _review(built: object, sent: bytes, content: bytes) -> Returned:
    texts = (read_word(one, Place()) for one in (sent, content))
    return compared(*texts, sources_of(built), Scanner())  # type: ignore[arg-type]


def _in(part: str, old: str, new: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        text = files[part].decode()
        assert old in text
        files[part] = text.replace(old, new, 1).encode()

    return change


def _written(change: Callable[[str], str]) -> Callable[[Files], None]:
    def all_of(files: Files) -> None:
        files["word/document.xml"] = change(files["word/document.xml"].decode()).encode()

    return all_of


def _swapped(files: Files) -> None:
    one, other = sorted(name for name in files if name.startswith("word/media/"))
    files[one], files[other] = files[other], files[one]


def _without_picture(xml: str) -> str:
    return re.sub(r"<w:r><w:drawing>.*?</w:drawing></w:r>", "", xml, count=1, flags=re.DOTALL)


def _table_first(xml: str) -> str:
    found = re.search(r"<w:tbl>.*?</w:tbl>", xml, re.DOTALL)
    assert found
    xml = xml[: found.start()] + xml[found.end() :]
    place = paragraph_of(xml, "Another paragraph").start()
    return xml[:place] + found[0] + xml[place:]


def _restyled(words: str, style: str) -> Callable[[str], str]:
    def change(xml: str) -> str:
        found = paragraph_of(xml, words)
        new = re.sub(r'(<w:pStyle w:val=")[^"]*', rf"\1{style}", found[0], count=1)
        assert new != found[0]
        return xml[: found.start()] + new + xml[found.end() :]

    return change


def _deeper(xml: str) -> str:
    found = paragraph_of(xml, "East")
    new = found[0].replace('<w:ilvl w:val="0" />', '<w:ilvl w:val="1" />')
    new = new.replace('<w:ilvl w:val="0"/>', '<w:ilvl w:val="1"/>')
    assert new != found[0]
    return xml[: found.start()] + new + xml[found.end() :]


def _pasted(xml: str) -> str:
    start = paragraph_of(xml, "Another paragraph").start()
    end = paragraph_of(xml, "The last words").end()
    return xml[:end] + xml[start:end] + xml[end:]


ODD: dict[str, tuple[Callable[[Files], None], str]] = {
    "an address": (
        _in("word/_rels/document.xml.rels", "example.org/a", "example.org/c"),
        "the address behind a link is https://example.org/c, not https://example.org/a",
    ),
    "an address of a note": (
        _in("word/_rels/footnotes.xml.rels", "example.org/b", "example.org/c"),
        "the address behind a link is https://example.org/c",
    ),
    "a link taken off": (
        _written(lambda xml: re.sub(r"<w:hyperlink r:id=[^>]*>(.*?)</w:hyperlink>", r"\1", xml)),
        "the address behind a link is none",
    ),
    "a formula": (_written(lambda xml: xml.replace("<m:t>m</m:t>", "<m:t>M</m:t>")), "reads"),
    "a reference": (
        _written(lambda xml: xml.replace("Table 1</w:t>", "Table 7</w:t>", 1)),
        "Table",
    ),
    "pictures swapped": (_swapped, "another picture, or the same in another form: A picture"),
    "a picture taken out": (_written(_without_picture), "a picture taken out: A picture"),
    "a table moved": (_written(_table_first), "table 1 stands elsewhere"),
    "a cell": (_in("word/document.xml", ">one<", ">two<"), "table 1, row 2, column 2"),
    "words on the cover": (
        _written(new_paragraph("Report date", "Words of a reader.")),
        "it stands beside no text of the notebook: Words of a reader.",
    ),
    "a caption moved": (
        _written(moved(r"SEQ Chart \* ARABIC 2", "Another paragraph")),
        "elsewhere",
    ),
    "a heading's level": (_written(_restyled("The last words", "Heading2")), "level of heading"),
    "an item's level": (_written(_deeper), '"East" has another level of list'),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_word_is_told(name: str, built: object, sent: bytes) -> None:
    change, told = ODD[name]
    files = _files(sent)
    change(files)
    files["word/document.xml"] = as_word_saves(files["word/document.xml"].decode()).encode()
    found = _review(built, sent, packed(files))
    messages = [one.message for one in found.left]
    assert any(told in one for one in messages), (messages, found.changes)


def test_what_stands_otherwise_in_the_text_is_a_change(built: object, sent: bytes) -> None:
    files = _files(sent)
    text = moved("South", "East")(files["word/document.xml"].decode())
    files["word/document.xml"] = text.encode()
    files["word/footnotes.xml"] = files["word/footnotes.xml"].replace(b"A note with", b"Words on")
    found = _review(built, sent, packed(files))
    assert {one.what for one in found.changes} == {"moved", "text"}
    files = _files(sent)
    files["word/document.xml"] = _pasted(files["word/document.xml"].decode()).encode()
    found = _review(built, sent, packed(files))
    said = [*(one.after for one in found.changes), *(one.message for one in found.left)]
    for words in ("Another paragraph stands here", "The last words"):
        assert any(words in one for one in said), (words, said)


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="libreoffice-writer is not there")
def test_libreoffice_keeps_addresses_and_pictures(tmp_path: Path) -> None:
    # Without its Math, LibreOffice takes formulas out: which is told.
    built = _built(TEXT.replace(", and $E = mc$ is set", ""))
    sent = FORMAT.render(read_document(built), None).content  # type: ignore[arg-type]
    (tmp_path / "sent.docx").write_bytes(sent)
    edit(tmp_path / "sent.docx", tmp_path / "back.docx", [], tmp_path / "profile")
    found = _review(built, sent, (tmp_path / "back.docx").read_bytes())
    assert (found.changes, found.left) == ([], [])
