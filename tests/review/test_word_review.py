"""A report that went out as Word and came back: what changed, which numbers, what has no place."""

from __future__ import annotations

import base64
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from export_samples import code, markdown, notebook, picture, shown
from jpreport.cli import main
from jpreport.document.reading import read_document
from jpreport.document.translation import messages
from jpreport.errors import Place
from jpreport.export.docx import FORMAT
from jpreport.language import Catalogue
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.word.findings import Review
from jpreport.review.word.reading import read_word
from jpreport.review.word.returned import compared
from jpreport.review.word.review import apply_review, review_document
from jpreport.review.word.steps import made
from jpreport.review.word.targets import sources_of
from jpreport.translate.catalogues import retold
from word_samples import (
    COMMENTS,
    EXTENDED,
    Change,
    as_word_saves,
    cells,
    changed,
    commented,
    moved,
    new_paragraph,
    packed,
    rendered,
    report,
    tracked,
    typed,
    without_paragraph,
)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(tmp_path_factory.mktemp("sent"))


def _root(sent: Path) -> Path:
    return sent.parent.parent


def back(sent: Path, *changes: Change, author: str = "", **parts: str) -> Review:
    """Return the review of a document that came back with changes, as Word would save it."""
    path = changed(sent, sent.parent.parent / "final-AP.docx", *changes, as_word_saves, **parts)
    return review_document(path, _root(sent), sent.parent, author)


def applied(review: Review, root: Path) -> tuple[Review, list[str]]:
    """Return a review that was applied and the cells that it left; the notebook is as before."""
    path = root / "notebooks/final.ipynb"
    kept = path.read_bytes()
    done = apply_review(review, root)
    found = cells(root)
    path.write_bytes(kept)
    return done, found


def left(review: Review, kind: str) -> list[str]:
    return [one.message for one in review.left if one.kind == kind]


def words(review: Review) -> list[tuple[str, str, str]]:
    return [(one.what, one.before, one.after) for one in review.changes]


def test_what_was_only_saved_again_has_not_changed(sent: Path) -> None:
    review = back(sent)
    assert (review.changes, review.left, review.comments) == ((), (), ())


@pytest.mark.parametrize("change", [tracked, typed])
def test_words_that_changed_are_found_tracked_or_not(sent: Path, change: Any) -> None:  # noqa: ANN401
    review = back(sent, change("Schools are where", "Schools remain where"))
    [one] = review.changes
    assert one.what == "text"
    assert one.section == "Purpose"
    assert (one.cell, one.line) == (3, 11)
    assert one.before.startswith("Schools are where")
    assert one.after.startswith("Schools remain where")
    assert [mark.author for mark in one.marks] == (["Ana Petrović"] if change is tracked else [])
    assert not review.left


def test_values_references_and_footnotes_stay_where_words_around_them_change(sent: Path) -> None:
    review = back(
        sent,
        tracked("The programme trained", "Together we trained"),
        typed("gives every indicator,", "has every indicator, and"),
        typed("what was paid.", "the money."),
    )
    [(_, before, after)] = words(review)
    assert after == (
        'Together we trained {eval}`rp["1.1"]` teachers, of whom {eval}`rp.share()` were women, '
        "and reached {eval}`rp['2.1']` children.[^who] [](#tbl-performance) has every indicator, "
        "and [](#cht-regions) the regions, [](#money) the money."
    )
    assert re.findall(r"`[^`]*`|\[[^a-z]*\]\([^)]*\)", after) == re.findall(
        r"`[^`]*`|\[[^a-z]*\]\([^)]*\)", before
    )


def test_a_footnote_a_heading_an_item_a_term_and_a_cell_of_a_written_table_are_prose(
    sent: Path,
) -> None:
    review = back(
        sent,
        tracked("is counted twice", "counts twice"),
        tracked("Direct and indirect beneficiaries are", "Both are"),
        tracked("Teachers learn what", "Teachers know what"),
        tracked("Handing a case", "Passing a case"),
        tracked("First word", "A first word"),
    )
    assert [(before, after) for _, before, after in words(review)] == [
        ("Children at primary schools; *nobody* is counted twice.",
         "Children at primary schools; *nobody* counts twice."),
        ("Direct and indirect beneficiaries are never added up.", "Both are never added up."),
        ("Teachers learn what to look for.", "Teachers know what to look for."),
        ("Handing a case to the service that can help.",
         "Passing a case to the service that can help."),
        ("First word", "A first word"),
    ]  # fmt: skip
    assert not review.left


def test_captions_are_options_of_their_cell(sent: Path) -> None:
    root = _root(sent)
    before = cells(root)
    review = back(sent, _last("Teachers trained, by region", "Teachers: where they work"))
    assert words(review) == [
        ("caption", "Teachers trained, by region", "Teachers: where they work")
    ]
    _, after = applied(review, root)
    assert after[5] == before[5].replace(
        "Teachers trained, by region", '"Teachers: where they work"'
    )


def _last(old: str, new: str) -> Change:
    """Return the change of words where they stand last: not in the contents."""

    def change(xml: str) -> str:
        head, found, tail = xml.rpartition(f">{old}<")
        if not found:
            raise LookupError(old)
        return f"{head}>{new}<{tail}"

    return change


@pytest.mark.parametrize("change", [tracked, typed])
def test_a_number_typed_over_is_told_and_never_applied(sent: Path, change: Any) -> None:  # noqa: ANN401
    review = back(sent, change("277", "280"), typed("children.", "girls and boys."))
    assert left(review, "number") == ['the figure 1.1, "277", is typed over']
    [one] = [one for one in review.left if one.kind == "number"]
    assert (one.before, one.after, one.cell) == ("277", "280", 3)
    [(_, before, after)] = words(review)  # the rest can be separated
    assert after == before.replace(" children.", " girls and boys.")


def test_what_stands_beside_a_number_typed_over_goes_with_it(sent: Path) -> None:
    review = back(sent, typed("277", "280"), typed("teachers, of whom", "nurses, of whom"))
    assert not review.changes
    [number] = [one for one in review.left if one.kind == "number"]
    assert (number.before, number.after) == ("277 teachers", "280 nurses")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("teachers, of whom", "million teachers, of whom", "reads otherwise"),
        ("of their day", "of 24 hours", 'the number "24" is typed in'),
        ("three of them", "thirty of them", 'the number "thirty" is typed in'),
    ],
)
def test_a_number_that_comes_from_no_figure_is_told(
    sent: Path, old: str, new: str, told: str
) -> None:
    review = back(sent, tracked(old, new))
    assert not review.changes
    [one] = [one for one in review.left if one.kind == "number"]
    assert told in one.message


def test_a_value_typed_again_in_another_place_is_the_role(sent: Path) -> None:
    def change(xml: str) -> str:
        start = xml.index("The programme trained")
        begin, end = xml.rindex("<w:p>", 0, start), xml.index("children.", start)
        own = xml[begin : xml.index("</w:pPr>", begin) + 8] if "<w:pPr>" in xml[begin:start] else ""
        name = re.search(r'<w:bookmarkStart[^>]*w:name="jp_3_1"/>', xml)
        assert name
        text = "We reached at least 4,500 children, trained 277 teachers, 62% of them women; "
        run = f"{own or '<w:p>'}{name[0]}<w:r><w:t>{text}the first were </w:t></w:r><w:r><w:t>"
        return xml[:begin] + run + xml[end:]

    review = back(sent, change)
    assert not review.left
    [(_, _, after)] = words(review)
    assert after.startswith(
        "We reached {eval}`rp['2.1']` children, trained {eval}`rp[\"1.1\"]` teachers, "
        "{eval}`rp.share()` of them women; the first were children.[^who] [](#tbl-performance)"
    )


def test_new_paragraphs_items_and_headings_stand_behind_what_they_stood_behind(sent: Path) -> None:
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1001"/></w:numPr>'
    heading = '<w:pStyle w:val="Heading2"/>'
    review = back(
        sent,
        new_paragraph("with every school that asked", "Some said no."),
        new_paragraph("Schools know whom to call", "Parents are told.", numbered),
        new_paragraph("A head teacher", "What followed", heading),
    )
    done, sources = applied(review, _root(sent))
    after = sources[2]
    assert not done.left
    assert "every school that asked.\n\nSome said no.\n\n> We had" in after
    assert "2. Schools know whom to call.\n2. Parents are told.\n\n- A by-law" in after
    assert "> \u2014 A head teacher\n" in after
    assert "\n### What followed\n" in after


def test_paragraphs_that_were_taken_out_or_moved(sent: Path) -> None:
    review = back(
        sent,
        without_paragraph("Schools know whom to call."),
        moved("One network", "Teachers learn what to look for"),
    )
    assert sorted(what for what, _, _ in words(review)) == ["moved", "taken out"]
    _, sources = applied(review, _root(sent))
    after = sources[2]
    assert (
        "1. Teachers learn what to look for.\n1. One network\n\n- A by-law and a protocol\n"
        in after
    )


def test_a_paragraph_with_a_figure_is_not_taken_out(sent: Path) -> None:
    review = back(sent, without_paragraph("The programme trained"))
    assert not review.changes
    [told] = left(review, "number")
    assert 'a paragraph that quotes "277"' in told


def test_what_has_no_place_in_the_notebook_is_told(sent: Path) -> None:
    table = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"

    def with_table(xml: str) -> str:
        end = xml.index("</w:p>", xml.index("with every school that asked")) + 6
        return f"{xml[:end]}{table}{xml[end:]}"

    review = back(
        sent,
        with_table,
        _last("Two more sessions were asked for", "Three more sessions"),
        _last("Attendance sheets", "Lists"),
        typed("Joint Programme for Safe", "A Programme for Safe"),
        new_paragraph("A by-law and a protocol", "It was 2 of 3."),
    )
    told = [one.message for one in review.left]
    assert any("a new table" in one for one in told)
    assert sum("is not written in the notebook" in one for one in told) >= 3
    assert any("a new paragraph with" in one for one in left(review, "number"))
    assert not review.changes


def test_the_head_of_a_page_is_the_reports_own(sent: Path) -> None:
    def change(xml: str) -> str:
        if "<w:hdr" not in xml and "<w:ftr" not in xml:
            raise LookupError
        return re.sub(r"(<w:t[^>]*>)[^<]+", r"\1Confidential", xml, count=1)

    [one] = back(sent, change).left
    assert one.message.startswith("the report sets the head and foot of a page itself: Conf")


def test_a_number_in_a_table_is_a_number(sent: Path) -> None:
    review = back(sent, _last("160", "190"))
    [one] = [one for one in review.left if one.kind == "number"]
    assert (one.before, one.after) == ("160", "190")
    assert "table " in one.message


def test_comments_come_by_section_with_their_words_replies_and_state(sent: Path) -> None:
    review = back(
        sent, commented("every school that asked"), comments=COMMENTS, commentsExtended=EXTENDED
    )
    [comment] = review.comments
    assert (comment.section, comment.anchor) == ("Purpose", "every school that asked")
    assert (comment.text, comment.resolved) == ("Which ones?\nAll?", True)
    assert [(reply.mark.author, reply.text) for reply in comment.replies] == [
        ("Marko", "The first ones.")
    ]
    assert not review.left


def test_an_alternative_text_is_an_option_of_its_cell(tmp_path: Path) -> None:
    options = "#| label: cht-a\n#| caption: Schools\n#| alt: Two schools near a river\nshow()"
    image = {"image/png": base64.b64encode(picture("PNG", "RGB")).decode(), "text/plain": "x"}
    built = notebook(markdown("# Report"), code(options, shown(image)))
    (tmp_path / "sent.docx").write_bytes(FORMAT.render(read_document(built), None).content)
    path = changed(
        tmp_path / "sent.docx",
        tmp_path / "back.docx",
        lambda xml: xml.replace("Two schools near", "Two large schools near"),
    )
    texts = [read_word(one.read_bytes(), Place()) for one in (tmp_path / "sent.docx", path)]
    [change] = compared(*texts, sources_of(built), Scanner()).changes
    assert change.what == "alternative text"
    assert made({2: built.cells[1]}, change.steps) == {
        2: options.replace("Two schools", "Two large schools")
    }


def test_a_new_paragraph_is_written_once(sent: Path) -> None:
    review = back(sent, new_paragraph("with every school that asked", "A by-law and a protocol"))
    assert not review.changes
    assert "that its cell has already" in review.left[0].message


def test_what_one_person_tracked(sent: Path) -> None:
    changes = (
        tracked("Schools are where", "Schools remain where"),
        typed("never added up.", "never summed."),
        typed("277", "280"),
    )
    review = back(sent, *changes, author="Ana Petrović")
    assert [before[:11] for _, before, _ in words(review)] == ["Schools are"]
    assert len(left(review, "number")) == 1  # whoever typed it
    nobody = back(sent, *changes, author="Marko")
    assert not nobody.changes


def test_a_document_of_another_build_is_compared_with_itself(sent: Path) -> None:
    path = changed(
        sent,
        sent.parent.parent / "final-old.docx",
        tracked("Schools are where", "Schools remain where"),
        typed("never added up.", "never summed."),
    )
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = "docProps/custom.xml"
    files[name] = re.sub(rb"[0-9a-f]{64}", b"0" * 64, files[name])
    path.write_bytes(packed(files))
    review = review_document(path, _root(sent), sent.parent)
    assert review.older
    assert [before[:17] for _, before, _ in words(review)] == ["Schools are where"]
    [one] = review.left
    assert one.after.endswith("never summed.")
    assert "changed untracked, or in the report since" in one.message


def test_a_cell_that_has_changed_since_is_a_conflict(sent: Path) -> None:
    review = back(sent, tracked("Schools are where", "Schools remain where"))
    root = _root(sent)
    path = root / "notebooks/final.ipynb"
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"A by-law and a protocol", b"By-laws and a protocol"))
    try:
        before = path.read_bytes()
        done = apply_review(review, root)
        assert path.read_bytes() == before
    finally:
        path.write_bytes(kept)
    assert not done.changes
    assert len(left(done, "conflict")) == 1


def test_the_verb_says_what_it_did(sent: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = _root(sent)
    path = root / "notebooks/final.ipynb"
    kept = path.read_bytes()
    returned = changed(
        sent, root / "final-AP.docx", tracked("Schools are where", "Schools remain where")
    )
    try:
        assert main(["review", str(returned), "--project", str(root), "--apply"]) == 0
        out = capsys.readouterr().out
        assert "written into notebooks/final.ipynb: 1" in out
        assert "+ Schools remain where" in out
        assert "Schools remain where" in cells(root)[2]
        assert path.read_bytes() == kept.replace(b"Schools are where", b"Schools remain where")
    finally:
        path.write_bytes(kept)
    changed(sent, returned, typed("277", "280"))
    assert main(["review", str(returned), "--project", str(root), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["$type"] == "jpreport.review"
    assert told["numbers"][0]["after"] == "280"


def test_another_document_is_refused(sent: Path, tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(b"Dear all")
    assert main(["review", str(path), "--project", str(_root(sent))]) == 1


def test_words_of_another_language_go_into_its_catalogue(tmp_path: Path) -> None:
    report(tmp_path, language="fr")
    catalogue = tmp_path / "notebooks/locale/fr/final.po"
    start = "Schools are where children spend most of their day."
    [text] = [one for one in messages(cells(tmp_path)[2]) if one.text.startswith(start)]
    french = "L’école est là où les enfants passent la journée."
    caption = ("Teachers trained, by region", "Enseignants formés, par région")
    catalogue.parent.mkdir(parents=True)
    catalogue.write_bytes(retold(catalogue, {text.text: french, caption[0]: caption[1]}))
    sent = tmp_path / "outputs/final.fr.docx"
    sent.write_bytes(rendered(tmp_path, "fr"))
    path = changed(
        sent,
        tmp_path / "retour.docx",
        tracked("passent la journée", "passent le jour"),
        typed("277", "280"),
        new_paragraph("passent", "Un paragraphe."),
        _last(caption[1], "Enseignants, par région"),
        as_word_saves,
    )
    before = cells(tmp_path)
    review = apply_review(review_document(path, tmp_path, tmp_path / "outputs"), tmp_path)
    assert review.catalogue == "notebooks/locale/fr/final.po"
    assert [one.kind for one in review.left] == ["number", "unmapped"]
    known = Catalogue.read(catalogue)
    assert known.get(text.text) == french.replace("la journée", "le jour")
    assert known.get(caption[0]) == "Enseignants, par région"
    assert cells(tmp_path) == before
    again = review_document(path, tmp_path, tmp_path / "outputs")
    assert not apply_review(again, tmp_path).changes  # the entries are others by now
