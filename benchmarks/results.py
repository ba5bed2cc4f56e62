"""Write down what was measured, with the machine, the versions and the date."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_PACKAGES = (
    "ipykernel", "jupyter-client", "papermill", "nbclient", "nbconvert", "pandas", "matplotlib",
    "duckdb", "typst",
)  # fmt: skip


_ABOUT = """\
Written by `make bench`. Ours makes HTML and PDF, the stock chain (`papermill`, then
`jupyter nbconvert --to html`, each a process of its own) HTML alone. Whole processes, with all
that they start; medians."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what was measured, what it may be at most, whether it is, and why it is not."""

    case: str
    measured: str
    limit: str
    met: bool
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


def write(
    path: Path, about: Sequence[str], rows: Sequence[Row], details: Sequence[tuple[str, str]]
) -> None:
    """Write the results as Markdown: the cases against their limits, then the numbers behind."""
    cases = [
        [row.case, row.measured, row.limit, "yes" if row.met else f"**no**: {row.why}"]
        for row in rows
    ]
    parts = ["# Benchmark", _ABOUT, "\n".join(f"- {line}" for line in about)]
    parts.append(table(["case", "measured", "at most", "reached"], cases))
    for title, text in details:
        parts += [f"## {title}", text]
    path.write_text("\n\n".join(parts) + "\n", "utf-8")
