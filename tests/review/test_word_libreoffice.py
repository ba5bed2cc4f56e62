"""Documents that LibreOffice has opened, changed and saved come back as what was changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from jpreport.review.word.review import apply_review, review_document
from libreoffice import AUTHOR, edit
from word_samples import cells, report

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(tmp_path_factory.mktemp("sent"))


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lo-back")


def test_what_libreoffice_only_saves_again_has_not_changed(sent: Path, profile: Path) -> None:
    root = sent.parent.parent
    edit(sent, root / "final-again.docx", [], profile)
    review = review_document(root / "final-again.docx", root, sent.parent)
    assert (review.changes, review.left, review.comments) == ((), (), ())


def test_a_sentence_a_comment_and_a_number_come_back(sent: Path, profile: Path) -> None:
    root = sent.parent.parent
    steps = [
        ("change", "Schools are where", "Schools remain where"),
        ("untracked", "with every school that asked", "with all schools that *asked*"),
        ("change", "277", "280"),
        ("comment", "most of their day", "Is this so?"),
        ("paragraph", "A by-law and a protocol", "A list of contacts"),
        ("remove", "One network"),
        ("change", "is counted twice", "counts twice"),
    ]
    edit(sent, root / "final-AP.docx", steps, profile)
    review = review_document(root / "final-AP.docx", root, sent.parent)
    [number] = review.left
    assert (number.kind, number.before, number.after) == ("number", "277", "280")
    assert [mark.author for mark in number.marks] == [AUTHOR]
    [comment] = review.comments
    assert (comment.section, comment.anchor) == ("Purpose", "most of their day")
    assert comment.text == "Is this so?"

    before = cells(root)
    assert len(apply_review(review, root).changes) == 4
    changed = {
        "Schools are where": "Schools remain where",
        "with every school that asked": r"with all schools that \*asked\*",
        "protocol\n- One network\n": "protocol\n- A list of contacts\n",
        "is counted twice": "counts twice",
    }
    for old, new in changed.items():
        assert old in before[2]
        before[2] = before[2].replace(old, new)
    assert cells(root) == before
