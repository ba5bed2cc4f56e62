"""Measure what protection loses and how long it takes; writes benchmarks/DISCLOSURE.md.

Run as a program: `python benchmarks/disclosure.py [WORD ...]` measures the cubes whose name has
one of the words, all without any, and writes each line as soon as it is there; the lines of
other cubes stay as they were.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from pathlib import Path

from results import machine

from jpreport.data import Records, read_package
from jpreport.disclosure.axes import TOTAL, Axis, Coordinate, coordinates
from jpreport.disclosure.cache import audit_once, protect_once
from jpreport.disclosure.cube import Counted, Cube, build_cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.declared import read_sensitive
from jpreport.disclosure.protect import Protection

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "benchmarks" / "DISCLOSURE.md"
# Seconds of CPU that a protection may take, by how many cells there are at most.
LIMITS = {200: 0.5, 700: 5.0, 4_000: 30.0, 20_000: 300.0}
SECRET = bytes(range(32))

ABOUT = """\
Written by `python benchmarks/disclosure.py`. What readers lose to the protection of persons, and
how long it takes to work out. *Primary* cells are small, *secondary* ones hide them; the columns
of margins say how many of their cells are suppressed. *Records* are those in suppressed cells of
the finest breakdown. *Cost* is what the choice of secondary cells keeps low: their counts, four
times as much with each dimension less. *Attempts* says how many choices were made until one told
nothing by itself. *CPU* are seconds of this process, *attack* those of the attack on what came out,
with the records at hand, as each build makes it once; *again* those of both from the cache.
*Stopped*: the work ran out before all cells were tried. *Commit*: the code measured. The
synthetic cubes spread so many persons over so many values, unevenly."""


@dataclass(frozen=True, slots=True)
class Case:
    """One cube to protect."""

    name: str
    cube: Cube
    rules: Sensitive


def shipped() -> Iterator[Case]:
    """Yield the sensitive tables of this repository's programme, empty cells covering or not."""
    package = read_package(ROOT / "data" / "datapackage.json", ROOT)
    with Records(package, persons=True) as records:
        for name, resource in package.resources.items():
            if resource.sensitive:
                rules = read_sensitive(resource.sensitive, resource, package.place)
                cube = build_cube(rules, resource, records)
                yield Case(f"{name}, zeros: {rules.zeros}", cube, rules)
                for zeros in {"publish", "cover"} - {rules.zeros}:
                    other = {**resource.sensitive, "zeros": zeros}
                    rules = read_sensitive(other, resource, package.place)
                    yield Case(f"{name}, if zeros: {zeros}", cube, rules)


def spread(persons: int, *sizes: int, groups: int = 0, zeros: str = "publish") -> Case:
    """Return a cube of persons spread unevenly; the values of the third axis lie in groups."""
    chance = random.Random(persons)  # noqa: S311 (no secret)
    axes = []
    for number, size in enumerate(sizes):
        leaves = [f"{'abcdef'[number]}{at}" for at in range(size)]
        above = dict.fromkeys(leaves, TOTAL)
        if groups and number == 2:  # noqa: PLR2004 (the axis of places)
            above = {leaf: f"group {at * groups // size}" for at, leaf in enumerate(leaves)}
            above |= dict.fromkeys(dict.fromkeys(above.values()), TOTAL)
        axes.append(Axis(f"d{number}", f"d{number}", above))
    weights = [[chance.expovariate(1) for _ in range(size)] for size in sizes]
    counts: Counter[Coordinate] = Counter()
    for _ in range(persons):
        place = [chance.choices(axis.leaves, w)[0] for axis, w in zip(axes, weights, strict=True)]
        upward = (axis.upward(label) for axis, label in zip(axes, place, strict=True))
        counts.update(product(*upward))
    cells = {
        key: Counted(counts[key], counts[key], min(1, counts[key])) for key in coordinates(axes)
    }
    cube = Cube("synthetic", "persons", tuple(axes), cells)
    shape = " x ".join(map(str, sizes))
    name = f"{shape}{f', {groups} groups' if groups else ''}, {persons:,} persons, zeros: {zeros}"
    return Case(name, cube, Sensitive("synthetic", "person", (), zeros=zeros))  # type: ignore[arg-type]


def cases() -> Iterator[Case]:
    """Yield all cubes to measure, small ones first."""
    yield from shipped()
    yield spread(200, 3, 4)
    yield spread(300, 2, 3, 3)
    yield spread(300, 2, 3, 3, zeros="cover")
    yield spread(2_000, 2, 3, 3, 3)
    yield spread(3_000, 7, 7, 9)
    yield spread(400, 2, 6, 20, 5, groups=5)
    yield spread(5_000, 2, 6, 20, 5, groups=5)
    yield spread(100_000, 2, 6, 20, 5, groups=5)
    yield spread(30_000, 13, 13, 14)
    yield spread(30_000, 20, 20, 21)


def _margins(case: Case, found: Protection) -> Iterator[str]:
    """Yield, for 1, 2, 3 dimensions and more, how many cells are suppressed and of how many."""
    every: Mapping[int, int] = Counter(len(key) - key.count(TOTAL) for key in case.cube.cells)
    hidden = Counter(len(key) - key.count(TOTAL) for key in found.cube.suppressed)
    for size in range(1, 5):
        yield f"{hidden[size]}/{every[size]}" if every[size] else ""


def measured(case: Case) -> str:
    """Return one line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        spent = [time.process_time()]
        for _ in range(2):
            found = protect_once(case.cube, case.rules, Path(folder), secret=SECRET)
            spent.append(time.process_time())
            if audit_once(found.cube, Path(folder), secret=SECRET, truth=case.cube):
                raise SystemExit(f"{case.name}: the attack finds something out")
            spent.append(time.process_time())
        cpu, attack, *again = (end - start for start, end in pairwise(spent))
    size = len(case.cube.cells)
    limit = next(seconds for cells, seconds in LIMITS.items() if size <= cells)
    row = (
        case.name,
        f"{size:,}",
        str(found.primary),
        str(found.secondary),
        *_margins(case, found),
        f"{found.counts:,} of {found.total:,}",
        f"{found.cost:,}",
        str(found.attempts),
        f"{cpu:.1f}"
        + ("" if cpu <= limit else f" (over {limit:g})")
        + ("" if found.complete else " (stopped)"),
        f"{attack:.1f}",
        f"{sum(again):.2f}",
        commit(),
    )
    return f"| {' | '.join(row)} |"


@cache
def commit() -> str:
    """Return the last commit of the code that is measured."""
    command = ["git", "log", "-1", "--format=%h", "--", "src/jpreport/disclosure"]
    return subprocess.check_output(command, cwd=ROOT, text=True).strip()  # noqa: S603 (our own)


HEAD = """\
| cube | cells | primary | secondary | by 1 | by 2 | by 3 | by 4 | records | cost | attempts | CPU | attack | again | commit |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|"""  # noqa: E501 (one line a row)


def main(words: list[str]) -> None:
    """Measure, print, and write what was measured."""
    print(commit(), HEAD, sep="\n")
    every = list(cases())
    for case in every:
        if not words or any(word in case.name for word in words):
            line = measured(case)
            print(line, flush=True)
            lines = {old.split(" | ")[0]: old for old in TARGET.read_text("utf-8").splitlines()}
            lines[f"| {case.name}"] = line
            rows = (lines[name] for one in every if (name := f"| {one.name}") in lines)
            text = [
                "# What protection costs",
                ABOUT,
                "\n".join(machine()),
                "\n".join([HEAD, *rows]),
            ]
            TARGET.write_text("\n\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
