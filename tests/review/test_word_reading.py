"""What is read of a Word document, in Word's shape and LibreOffice's; what is none is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jpreport.document.myst import MASK
from jpreport.errors import OutputError, Place
from jpreport.review.word.blocks import Block, WordText
from jpreport.review.word.reading import read_word
from word_samples import packed

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_STRICT = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://x/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)
_ANA = 'w:author="Ana" w:date="2026-11-25T10:00:00Z"'
WHERE = Place("back.docx")


def document(body: str, names: str = _W, **parts: bytes) -> bytes:
    text = f"<w:document {names}><w:body>{body}</w:body></w:document>"
    return packed({"_rels/.rels": _RELS.encode(), "word/document.xml": text.encode(), **parts})


def read(body: str, **options: str) -> WordText:
    return read_word(document(body), WHERE, **options)


def only(body: str, **options: str) -> Block:
    [block] = read(body, **options).blocks
    return block


def run(text: str, kind: str = "t") -> str:
    return f'<w:r><w:rPr><w:b/></w:rPr><w:{kind} xml:space="preserve">{text}</w:{kind}></w:r>'


def test_runs_spelling_smart_tags_controls_and_links_are_one_text() -> None:
    block = only(
        f'<w:p w:rsidR="00AA">{run("The ")}<w:proofErr w:type="spellStart"/><w:smartTag>'
        f'{run("pro")}{run("gramme")}</w:smartTag><w:proofErr w:type="spellEnd"/><w:sdt>'
        f'<w:sdtPr><w:tag w:val="1.1"/></w:sdtPr><w:sdtContent>'
        f'<w:hyperlink w:anchor="a">{run(" trained")}</w:hyperlink>'
        f"</w:sdtContent></w:sdt><w:r><w:noBreakHyphen/><w:t>x</w:t></w:r></w:p>"
    )
    assert block.text == "The programme trained-x"


@pytest.mark.parametrize(("took", "put"), [("del", "ins"), ("moveFrom", "moveTo")])
def test_tracked_changes_have_both_texts_and_who_made_them(took: str, put: str) -> None:
    block = only(
        f"<w:p>{run('a ')}<w:{took} {_ANA}>{run('old', 'delText')}</w:{took}>"
        f"<w:{put} {_ANA}>{run('new')}</w:{put}>{run(' b')}</w:p>"
    )
    assert (block.text, block.base, block.rejected.text) == ("a new b", "a old b", "a old b")
    assert [str(mark) for mark in block.marks] == ["Ana 2026-11-25 10:00"]
    assert block.marks_in(2, 5) == block.marks
    assert not block.marks_in(6, 7)


def test_what_others_tracked_counts_as_rejected_for_one_author() -> None:
    body = f"<w:p>{run('a')}<w:ins {_ANA}>{run(' b')}</w:ins></w:p>"
    assert only(body, author="Ana").text == "a b"
    assert only(body, author="Marko").text == "a"


def test_a_paragraph_whose_end_is_deleted_goes_on_in_the_next() -> None:
    end = f"<w:pPr><w:rPr><w:del {_ANA}/></w:rPr></w:pPr>"
    block = only(f"<w:p>{end}{run('one ')}</w:p><w:p>{run('two')}</w:p>")
    assert block.text == "one two"


def test_fields_are_masks_and_links_are_words() -> None:
    def field(code: str, result: str) -> str:
        sign = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
        asked = f"<w:r><w:instrText> {code} </w:instrText></w:r>"
        return (
            sign.format("begin")
            + asked
            + sign.format("separate")
            + run(result)
            + sign.format("end")
        )

    body = f"<w:p>{field('REF a', 'Table 1')}{run(' and ')}{field('HYPERLINK b', 'page')}</w:p>"
    assert only(body).text == f"{MASK} and page"
    contents = f"<w:p>{field('TOC 1', 'Purpose')}</w:p>"
    assert [one.kind for one in read(f"{contents}<w:p>{run('x')}</w:p>").blocks][-1] == "paragraph"


def test_strict_documents_are_read() -> None:
    [block] = read_word(document(f"<w:p>{run('words')}</w:p>", _STRICT), WHERE).blocks
    assert block.text == "words"


def test_tables_tell_where_a_cell_stands() -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    control = f"<w:sdt><w:sdtContent>{cell.format('b')}</w:sdtContent></w:sdt>"
    row = f"<w:tr>{cell.format('a')}{control}</w:tr>"
    found = read(f"<w:tbl>{row}{row}</w:tbl>")
    assert [(one.place, one.text) for one in found.blocks] == [
        ((1, 1, 1, 1), "a"),
        ((1, 1, 2, 1), "b"),
        ((1, 2, 1, 1), "a"),
        ((1, 2, 2, 1), "b"),
    ]


BOMB = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Dear all,",
        packed({"mimetype": b"application/vnd.oasis.opendocument.text"}),
        packed({"_rels/.rels": _RELS.encode()}),
        packed({"_rels/.rels": _RELS.encode(), "word/document.xml": b"<a/>"}),
        packed({"_rels/.rels": _RELS.encode(), "word/document.xml": b"<a"}),
        packed({"_rels/.rels": _RELS.encode(), "word/document.xml": BOMB}),
        packed({"_rels/.rels": BOMB}),
        document("<w:p/>", **{"docProps/custom.xml": BOMB}),
        packed({"_rels/.rels": _RELS.encode(), "word/document.xml": b" " * (65 * 2**20)}),
        document("<w:sdt><w:sdtContent>" * 3000 + "</w:sdtContent></w:sdt>" * 3000),
    ],
    ids=["empty", "text", "odt", "no text", "other", "broken", "entity", "entity in relations",
         "entity in properties", "too large", "too deep"],
)  # fmt: skip
def test_what_is_no_word_document_is_refused_with_the_reason(content: bytes) -> None:
    with pytest.raises(OutputError) as told:
        read_word(content, WHERE)
    [problem] = told.value.problems
    assert problem.where == WHERE
    assert "passwd" not in str(problem)


_ELEMENTS = st.sampled_from(
    (
        *("<w:p>", "</w:p>", "<w:r>", "</w:r>", "<w:t>x</w:t>", "<w:ins>", "</w:ins>", "<w:del/>"),
        *("<w:tbl>", "</w:tbl>", "<w:tr>", "</w:tr>", "<w:tc>", "</w:tc>", "<w:pPr/>", "<w:sdt/>"),
        *('<w:fldChar w:fldCharType="end"/>', '<w:fldChar w:fldCharType="begin"/>', "<w:drawing/>"),
        *('<w:footnoteReference w:id="7"/>', '<w:commentRangeStart w:id="7"/>', "<w:instrText/>"),
    )
)


@given(st.lists(_ELEMENTS, max_size=12).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_document_is_read_or_refused(body: str) -> None:
    with suppress(OutputError):
        read(body)
