"""What a returned document says: changes that can be made, what is left, comments; as JSON too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from jpreport.review.word.blocks import Comment, Mark
from jpreport.review.word.steps import Step

Cells = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """A change that can be made in the notebook: Markdown before and after, and its steps.

    `cell` and `line`, the line in it, count from 1; the line is 0 for what is new.
    """

    what: str
    section: str
    cell: int
    line: int
    before: str
    after: str
    marks: tuple[Mark, ...]
    steps: tuple[Step, ...]

    def left(self, reason: str, kind: Literal["unmapped", "conflict"] = "unmapped") -> Left:
        """Return the same as a change that is not made."""
        place = self.section, self.cell
        return Left(kind, *place, reason, self.before, self.after, self.marks)


@dataclass(frozen=True, slots=True)
class Left:
    """A change that is not made: `number` where one was typed, else what has no place.

    `cell` is 0 where it is of no cell; `figure` is the id of the figure that it is about.
    """

    kind: Literal["number", "unmapped", "conflict"]
    section: str
    cell: int
    message: str
    before: str = ""
    after: str = ""
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class Returned:
    """All that differs between two documents, and what people wrote beside."""

    changes: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """What a returned document says of one report.

    `changes` are proven: made, each cell reads exactly as its reviewer wrote it. `left` needs a
    person. `older` says that the document was made from another build than the one at hand.
    `catalogue` is the file that the changes belong into, where it is not the notebook; `own` are
    the cells as they were run, `cells` the same in the document's language.
    """

    slug: str
    notebook: str
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    comments: tuple[Comment, ...]
    older: bool = False
    applied: bool = False
    catalogue: str = ""
    own: Cells = field(default_factory=dict, repr=False)
    cells: Cells = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the review as plain JSON values."""
        return {
            "$type": "jpreport.review",
            "version": 1,
            "report": self.slug,
            "notebook": self.notebook,
            "catalogue": self.catalogue,
            "applied": self.applied,
            "older": self.older,
            "changes": [_json(one) for one in self.changes],
            "numbers": [_json(one) for one in self.left if one.kind == "number"],
            "comments": [_comment_json(asdict(one)) for one in self.comments],
            "left": [_json(one) for one in self.left if one.kind != "number"],
        }


def _json(one: Change | Left) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "steps"}


def _comment_json(comment: dict[str, Any]) -> dict[str, Any]:
    mark = comment.pop("mark")
    return {**mark, **comment, "replies": [*map(_comment_json, comment["replies"])]}
