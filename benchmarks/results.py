"""Write down what was measured, with the machine, the versions and the date."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from measure import Run, median

_PACKAGES = (
    "ipykernel", "jupyter-client", "papermill", "nbclient", "nbconvert", "pandas", "matplotlib",
    "duckdb", "typst",
)  # fmt: skip


_ABOUT = """\
Written by `make bench`. Ours makes HTML and PDF, the stock chain (`papermill`, then
`jupyter nbconvert --to html`, each a process of its own) HTML alone. Whole processes, with all
that they start; medians; the three columns at the right are ours. Both chains start from nothing:
no outputs, no fork server, no protected cubes (the notebook works them out in both). What an
installation makes once stays: bytecode, matplotlib's list of fonts, jpreport's cut typefaces."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what was measured, what it may be at most, whether it is, our runs, and why not.

    `met` is None where there is no limit.
    """

    case: str
    measured: str
    limit: str
    met: bool | None
    runs: Sequence[Run] = ()
    why: str = ""


def machine() -> list[str]:
    """Return lines that describe where and with what this was measured."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    system = f"{platform.system()} {platform.release()}"
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return [
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
        f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GiB, {system}; load at the start: {load}",
        f"Python {platform.python_version()}, {versions}",
    ]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def cases_table(rows: Sequence[Row]) -> str:
    """Return the cases against their limits, with what our runs took, as a Markdown table."""
    cells = [
        [
            row.case,
            row.limit,
            row.measured,
            {True: "met", False: f"**missed**: {row.why}", None: ""}[row.met],
            *(
                f"{median(row.runs, of):.{digits}f}" if row.runs else ""
                for of, digits in (
                    (lambda run: run.wall, 2),
                    (lambda run: run.cpu, 2),
                    (lambda run: run.memory, 0),
                )
            ),
        ]
        for row in rows
    ]
    head = ["case", "at most", "measured", "", "wall s", "CPU s", "peak memory MiB"]
    return table(head, cells)


def write(
    path: Path, about: Sequence[str], rows: Sequence[Row], details: Sequence[tuple[str, str]]
) -> None:
    """Write the results as Markdown: the cases against their limits, then the numbers behind."""
    parts = ["# Benchmark", _ABOUT, "\n".join(f"- {line}" for line in about)]
    parts.append(cases_table(rows))
    for title, text in details:
        parts += [f"## {title}", text]
    path.write_text("\n\n".join(parts) + "\n", "utf-8")
