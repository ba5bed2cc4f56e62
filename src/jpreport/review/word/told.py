"""A review in words: changes as a diff, numbers, comments by section, what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jpreport.review.compare.prose import Passage, excerpts
from jpreport.review.word.blocks import Comment
from jpreport.review.word.findings import Left, Review


def lines(review: Review) -> Iterator[str]:
    """Yield a review as lines for people: changes, numbers, comments, what is left."""
    into = review.catalogue or review.notebook
    yield f"{review.slug}: {into}"
    if review.older:
        yield "The document was made from another build: only what was tracked can be applied."
    done = f"written into {into}" if review.applied else "that can be applied"
    yield f"\nChanges {done}: {len(review.changes)}"
    for change in review.changes:
        at = f"cell {change.cell}" + (f", line {change.line}" if change.line else "")
        yield f"\n@@ {_in(change.section)}{at}: {change.what} @@{_by(change.marks)}"
        yield from _diff(change.before, change.after)
    numbers = [one for one in review.left if one.kind == "number"]
    yield f"\nNumbers, never applied: {len(numbers)}"
    yield from _listed(numbers)
    yield f"\nComments: {len(review.comments)}"
    yield from _comments(review.comments)
    others = [one for one in review.left if one.kind != "number"]
    yield f"\nLeft for a person: {len(others)}"
    yield from _listed(others)


def _in(section: str) -> str:
    return f"{section}, " if section else ""


def _by(marks: Sequence[object]) -> str:
    return f" {'; '.join(map(str, marks))}" if marks else " not tracked"


def _diff(before: str, after: str) -> Iterator[str]:
    old, new = excerpts(Passage("", before, after)) if before and after else (before, after)
    yield from (f"- {line}" for line in old.splitlines())
    yield from (f"+ {line}" for line in new.splitlines())


def _listed(left: Sequence[Left]) -> Iterator[str]:
    for one in left:
        at = f"cell {one.cell}: " if one.cell else ""
        yield f"\n@@ {_in(one.section)}{at}{one.message} @@{_by(one.marks)}"
        yield from _diff(one.before, one.after)


def _comments(comments: Sequence[Comment]) -> Iterator[str]:
    section = None
    for comment in comments:
        if comment.section != section:
            section = comment.section
            yield f"\n{section or 'Before the first section'}"
        resolved = " (resolved)" if comment.resolved else ""
        anchor = f' on "{comment.anchor}"' if comment.anchor else ""
        yield f"  {comment.mark}{anchor}{resolved}: {' '.join(comment.text.split())}"
        for reply in comment.replies:
            yield f"    {reply.mark}: {' '.join(reply.text.split())}"
