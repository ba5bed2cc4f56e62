"""Which editions there are, which of them are stale, and why; pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from jpreport.errors import JpreportError, Place, Problem
from jpreport.files import EditionRecord
from jpreport.programme.folder import SETTINGS_FILE, entry_place
from jpreport.programme.framework import ForEach
from jpreport.programme.settings import Report

# Returns the values that editions are made for, each with what names its files; raises
# JpreportError.
Values = Callable[[ForEach], Mapping[Any, object]]
Digests = Mapping[str, str]

# File systems have names of up to 255 bytes; a suffix and what is added while writing are short.
_LONGEST = 200

# Reads that leave no file to compare.
_UNSEEN = {
    "library": "files that cannot be watched",
    "network": "the network",
    "process": "another program",
}


@dataclass(frozen=True, slots=True)
class Edition:
    """One report to be made: a template with its parameters; `slug` names its files."""

    report: Report
    slug: str
    parameters: Mapping[str, Any]

    def suffixes(self, formats: Sequence[str]) -> tuple[str, ...]:
        """Return what follows the slug in the names of its files in some formats.

        That is the format alone in the report's first language, "sr-Latn.html" in another.
        """
        further = self.report.languages[1:]
        return (*formats, *(f"{tag}.{name}" for tag in further for name in formats))


@dataclass(frozen=True, slots=True)
class Inputs:
    """Digests of what an edition is made from, as far as it is known before it runs.

    `execution` decides what the run gives, `rendering` how that is set.
    """

    execution: Digests
    rendering: Digests


@dataclass(frozen=True, slots=True)
class Job:
    """An edition, what it is made from, and why it is stale; both reasons are empty if it is not.

    An edition with reasons to `execute` is run and rendered; one with reasons to `render` is
    only rendered, from its executed notebook.
    """

    edition: Edition
    inputs: Inputs
    execute: tuple[str, ...] = ()
    render: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the edition is stale."""
        return self.execute + self.render


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
            Place(SETTINGS_FILE),
            f'{count} reports would be written to "{slug}"',
            "give them other ids, or values that differ in more than punctuation",
        )
        for slug, count in counts.items()
        if count > 1
    ]
    return [edition for edition in editions if counts[edition.slug] == 1], problems


def _editions(report: Report, values: Values) -> Iterator[Edition]:
    lists = [
        [(name, value, label) for value, label in values(each).items()]
        for name, each in report.for_each.items()
    ]
    empty = [name for name, pairs in zip(report.for_each, lists, strict=True) if not pairs]
    if empty:
        each = report.for_each[empty[0]]
        raise JpreportError(
            Problem(
                entry_place("report", report.id, "for_each"),
                f'"{each}" has no values: no edition would be made',
                "name a column that has records, or remove the report",
            )
        )
    for pairs in product(*lists):
        slug = report.slug([label for *_, label in pairs])
        if len(slug) > _LONGEST:
            raise JpreportError(
                Problem(
                    entry_place("report", report.id, "for_each"),
                    f'the files of an edition would be named "{slug[:60]}...", {len(slug)} letters',
                    f"at most {_LONGEST} will do: give the source a `label`, or the report a "
                    "shorter id",
                )
            )
        given = {name: value for name, value, _ in pairs}
        yield Edition(report, slug, {**report.parameters, **given})


def staleness(
    inputs: Inputs,
    record: EditionRecord | None,
    files: Digests,
    suffixes: Sequence[str],
    *,
    alone: bool = True,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the reasons for executing an edition again, and those for rendering it again.

    `record` is what the last build kept of the edition; `files` has the digests, as they are
    now, of the record's outputs and of what its run read ("" for what is gone). What is
    executed is rendered too. `suffixes` are those of the files to be made; `alone` means that there
    be no other.
    """
    if record is None:
        return ("not built before",), ()
    execute = [*_differences(record.execution, inputs.execution)]
    for name, digest in sorted(record.read.items()):
        if not digest:
            execute.append(f"reads from {_UNSEEN.get(name, name)}, which may have changed")
        elif files.get(name) != digest:
            execute.append(f"{name} {'changed' if files.get(name) else 'is gone'}")
    wrong = {
        name: "was altered" if files.get(name) else "is missing"
        for name, digest in sorted(record.outputs.items())
        if files.get(name) != digest
    }
    executed = record.executed
    execute += [f"{name} {how}" for name, how in wrong.items() if name == executed]
    render = [*_differences(record.rendering, inputs.rendering)]
    render += [f"{name} {how}" for name, how in wrong.items() if name != executed]
    made = {name.partition(".")[2] for name in record.outputs if name != executed}
    render += [f"{suffix} was not made" for suffix in suffixes if suffix not in made]
    render += [
        f"{suffix} is no longer made" for suffix in sorted(made.difference(suffixes)) if alone
    ]
    return tuple(execute), tuple(render)


def _differences(before: Digests, now: Digests) -> Iterator[str]:
    for name in sorted({*before, *now}):
        if name not in now:
            yield f"{name} is gone"
        elif name not in before:
            yield f"{name} is new"
        elif before[name] != now[name]:
            yield f"{name} changed"


def plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as JSON values: dates in ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in parameters.items()
    }
