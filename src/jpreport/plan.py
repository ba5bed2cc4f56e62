"""Which editions there are, which of them are stale, and why; pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from slugify import slugify

from jpreport.errors import JpreportError, Problem
from jpreport.project import SETTINGS_FILE, Report
from jpreport.provenance import digest_json

# Returns the values of a `for_each` source such as "contributions.donor"; raises JpreportError.
Values = Callable[[str], Sequence[object]]
Digests = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edition:
    """One report to be made: a template with its parameters; `slug` names its files."""

    report: Report
    slug: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """An edition, the digests of all that it is made from, and the reasons why it is stale."""

    edition: Edition
    inputs: Digests
    reasons: tuple[str, ...]


def expand(reports: Sequence[Report], values: Values) -> tuple[list[Edition], list[Problem]]:
    """Return every edition of every report, in declared order, and what is wrong with some."""
    editions: list[Edition] = []
    problems: list[Problem] = []
    for report in reports:
        try:
            editions += _editions(report, values)
        except JpreportError as error:
            problems += error.problems
    counts = Counter(edition.slug for edition in editions)
    problems += [
        Problem(
            SETTINGS_FILE,
            f'{count} reports would be written to "{slug}"',
            "give them other ids, or values that differ in more than punctuation",
        )
        for slug, count in counts.items()
        if count > 1
    ]
    return [edition for edition in editions if counts[edition.slug] == 1], problems


def _editions(report: Report, values: Values) -> Iterator[Edition]:
    lists = [
        [(name, value) for value in values(source)] for name, source in report.for_each.items()
    ]
    empty = [name for name, pairs in zip(report.for_each, lists, strict=True) if not pairs]
    if empty:
        source = report.for_each[empty[0]]
        raise JpreportError(
            Problem(
                f'{SETTINGS_FILE}, [[report]] "{report.id}", for_each',
                f'"{source}" has no values: no edition would be made',
                "name a column that has records, or remove the report",
            )
        )
    for pairs in product(*lists):
        slug = slugify("-".join([report.id, *(str(value) for _, value in pairs)]))
        yield Edition(report, slug, {**report.parameters, **dict(pairs)})


def staleness(
    inputs: Digests, recorded: Mapping[str, Any], outputs: Digests, *, force: bool
) -> tuple[str, ...]:
    """Return the reasons for building an edition again; none if what is there still holds.

    `recorded` is the edition's entry in the manifest; `outputs` are the digests of the files
    that are on disk now.
    """
    if force:
        return ("forced",)
    if not recorded:
        return ("not built before",)
    before: Digests = recorded.get("inputs", {})
    reasons = [
        f"{name} {_change(name in before, name in inputs)}"
        for name in sorted({*before, *inputs})
        if before.get(name) != inputs.get(name)
    ]
    for name, digest in sorted(recorded.get("outputs", {}).items()):
        if name not in outputs:
            reasons.append(f"{name} is missing")
        elif outputs[name] != digest:
            reasons.append(f"{name} was altered")
    return tuple(reasons)


def _change(was: bool, is_: bool) -> str:  # noqa: FBT001 - two facts, read side by side
    return "changed" if was and is_ else "is new" if is_ else "is gone"


def fingerprint(edition: Edition, shared: Digests, notebook: str) -> Digests:
    """Return the digests of all that an edition is made from.

    `shared` are those of the inputs that every report has (settings, tables, environment);
    `notebook` is that of the template.
    """
    return {
        **shared,
        f"notebook {edition.report.notebook}": notebook,
        "parameters": digest_json({k: _plain(v) for k, v in edition.parameters.items()}),
        "formats": digest_json(sorted(edition.report.formats)),
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value
