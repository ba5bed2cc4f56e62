"""What a reader is told of the protection of a table: what is hidden, and what is not."""

from __future__ import annotations

from collections.abc import Iterator

from jpreport.disclosure.axes import OTHER
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.groups import concentrated
from jpreport.disclosure.protected import ProtectedCube
from jpreport.language import Sentence, phrase, phrases


def statement(cube: ProtectedCube, rules: Sensitive) -> tuple[Sentence, ...]:
    """Return the protection of a cube in sentences; all in it is in the cube, or declared."""
    return tuple(_sentences(cube, rules))


def _sentences(cube: ProtectedCube, rules: Sensitive) -> Iterator[Sentence]:
    yield from _rounded(cube) if cube.base else _suppressed(cube, rules)
    merged = [axis.title for axis in cube.axes if axis.merged]
    if merged:
        text = phrase(
            "Values of {dimensions} that no list of the programme names, and that fewer persons "
            'have, are counted as "{other}".'
        )
        yield Sentence(text, {"dimensions": merged, "other": OTHER})
    count = len(concentrated(cube))
    if cube.base:
        return
    if count:
        one, many = phrases(
            "In {count} group that the table can show, everybody has the same value of a "
            "dimension; that is not suppressed.",
            "In {count} groups that the table can show, everybody has the same value of a "
            "dimension; that is not suppressed.",
        )
        yield Sentence(one, {"count": count}, many)
    else:
        yield Sentence(
            phrase("No group that the table can show has one value of a dimension for everybody.")
        )


def _suppressed(cube: ProtectedCube, rules: Sensitive) -> Iterator[Sentence]:
    text = phrase(
        "Counts of fewer than {threshold} persons are suppressed, and others so that they cannot "
        "be worked out."
    )
    yield Sentence(text, {"threshold": cube.threshold})
    n, k = rules.dominance
    if not (cube.sums or cube.count == "records"):
        return
    if rules.p_percent:
        text = phrase(
            "So are numbers of which what one person has could be told to within {percent}%."
        )
        yield Sentence(text, {"percent": rules.p_percent})
    if n:
        one, many = phrases(
            "So are numbers of which {count} person makes more than {percent}%.",
            "So are numbers of which {count} persons make more than {percent}%.",
        )
        yield Sentence(one, {"count": n, "percent": k}, many)
    if cube.count == "records" and not rules.p_percent and not n:
        yield Sentence(phrase("That one person makes most of a count is not hidden."))


def _rounded(cube: ProtectedCube) -> Iterator[Sentence]:
    base = cube.base
    values = {"base": base, "most": base - 1}
    grouped = any(len(axis.labels) > len(axis.leaves) + 1 for axis in cube.axes)
    # Of one or two dimensions without groups there always is such a table.
    if len(cube.axes) > 2 or grouped:  # noqa: PLR2004
        text = phrase(
            "All counts are rounded to base {base}: each differs from the true one by at most "
            "{most}, totals by more where they would not add up otherwise; 0 may stand for up to "
            "{most} persons."
        )
    else:
        text = phrase(
            "All counts are rounded to base {base}: each differs from the true one by at most "
            "{most}; 0 may stand for up to {most} persons."
        )
    yield Sentence(text, values)
    yield Sentence(phrase("Sums of rounded counts add up."))
