"""Compare two releases: indicator by indicator, the records behind a change, the prose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import Any

from jpreport.figures import FigureRecord
from jpreport.language import ENGLISH
from jpreport.review.changes import FigureChange, changed_figures, period_words
from jpreport.review.compare.prose import Passage, changed_passages
from jpreport.review.compare.records import Evidence, Explanation, evidence_of, explain
from jpreport.review.compare.side import Side
from jpreport.review.compare.withheld import SMALL, masked_passage, singling_out, withheld


@dataclass(frozen=True, slots=True)
class ExplainedChange:
    """A figure that is not what it was, and why.

    What is `withheld` could single somebody out: neither of its values is in here.
    """

    change: FigureChange
    why: Explanation
    withheld: bool = False

    @property
    def difference(self) -> str:
        """The change as a reader sees it: "+3", "-USD 20,000"; "" where there is none."""
        if self.withheld:
            return "not shown"
        amount = self.change.difference
        if not amount or self.change.after is None:
            return ""
        return ENGLISH.signed(amount, self.change.after.unit)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two releases.

    `files` has (name, how) of the inputs that changed, `reports` (slug, how) of the
    reports that are there only once.
    """

    before: str
    after: str
    figures: tuple[ExplainedChange, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    reports: tuple[tuple[str, str], ...] = ()
    passages: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing differs, as far as could be seen."""
        return not (self.figures or self.files or self.reports or self.passages)

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON values."""
        return {
            "version": 1,
            "before": self.before,
            "after": self.after,
            "figures": [
                {
                    **one.change.to_json(),
                    "difference": one.change.difference,
                    "why": asdict(one.why),
                }
                for one in self.figures
            ],
            "files": [{"name": name, "how": how} for name, how in self.files],
            "reports": [{"name": name, "how": how} for name, how in self.reports],
            "passages": [asdict(passage) for passage in self.passages],
            "notes": list(self.notes),
        }


def compare(before: Side, after: Side) -> Comparison:
    """Return all that differs between two releases.

    Raises ProjectError or DataError for a programme folder that cannot be read.
    """
    changes = tuple(_changes(before, after))
    secret = singling_out(changes, before.threshold, after.threshold)
    with ExitStack() as stack:
        evidence = [
            stack.enter_context(evidence_of(side.root)) if side.root and changes else None
            for side in (before, after)
        ]
        figures = tuple(
            ExplainedChange(withheld(change), Explanation(missing=SMALL), withheld=True)
            if change in secret
            else ExplainedChange(change, _why(change, *evidence))
            for change in changes
        )
    released = bool(before.manifest and after.manifest)
    return Comparison(
        before.name,
        after.name,
        figures,
        tuple(_inputs(before, after)) if released else (),
        tuple(_one_sided(before.reports, after.reports)) if released else (),
        tuple(masked_passage(one, secret) for one in _passages(before, after)),
        tuple(_notes(before, after)),
    )


def _inputs(before: Side, after: Side) -> Iterator[tuple[str, str]]:
    """Yield (name, how) of the inputs that changed: records of persons where both are known."""
    both = before.closed.keys() & after.closed.keys()
    old, new = ({**side.inputs, **{n: side.closed[n] for n in both}} for side in (before, after))
    yield from _one_sided(old, new, compare_values=True)


def _changes(before: Side, after: Side) -> Iterator[FigureChange]:
    """Yield declared indicators that changed, then parts and shares that both sides quote."""
    old, new = ({record.id: record for record in side.indicators} for side in (before, after))
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name), new.get(name)
        if one is None or other is None:
            period = "".join(period_words(record) for record in (one, other) if record)
            yield FigureChange(name, period, one, other)
        else:
            # A programme that runs longer has the same indicators for other days.
            moved = replace(one, period=other.period)
            for change in changed_figures([moved], [other]):
                yield FigureChange(name, change.period, one, other)
    known = {(one.id, period_words(one)) for one in (*old.values(), *new.values())}
    for change in changed_figures(before.quoted, after.quoted):
        both = change.before is not None and change.after is not None
        if both and (change.id, change.period) not in known:
            yield change


def _why(change: FigureChange, before: Evidence | None, after: Evidence | None) -> Explanation:
    if change.before is None or change.after is None:
        return Explanation()
    return explain(before, after, change.before, change.after)


def _one_sided(
    before: Mapping[str, Any], after: Mapping[str, Any], *, compare_values: bool = False
) -> Iterator[tuple[str, str]]:
    for name in sorted({*before, *after}):
        if name not in after:
            yield name, "removed"
        elif name not in before:
            yield name, "added"
        elif compare_values and before[name] != after[name]:
            yield name, "changed"


def _passages(before: Side, after: Side) -> Iterator[Passage]:
    for slug in after.reports:
        old, new = before.executed(slug), after.executed(slug)
        if old is not None and new is not None:
            yield from changed_passages(slug, old, new)


def _notes(before: Side, after: Side) -> Iterator[str]:
    for side in (before, after):
        if not side.manifest:
            yield f"{side.name} holds no release: its figures are computed, its prose is unknown."
            continue
        unread = [slug for slug in side.reports if side.executed(slug) is None]
        if unread:
            yield f"{side.name}: the text of {', '.join(unread)} is not at hand as it was built."


def one_line(record: FigureRecord | None) -> str:
    """Return how a figure reads; a dash where it is not there."""
    return record.text if record else "\N{EN DASH}"
