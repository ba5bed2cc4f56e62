"""Measure whole processes: wall time, CPU time, memory, of a program and all that it started."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_MEBI = 1024


class BenchmarkError(Exception):
    """A program that was measured has failed; says which, and what it said."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: wall and CPU time in seconds, peak memory of all its processes in MiB.

    The CPU time counts every process that was waited for, as kernels are. Memory is seen twice
    a second, as the sum of what each process has for itself and its share of what several have
    (PSS), or the largest process's where that is more. `samples` has the memory of the program
    itself in MiB, as (seconds since the start, memory).
    """

    wall: float
    cpu: float
    memory: float
    said: str = ""
    samples: tuple[tuple[float, float], ...] = field(default=(), repr=False)


def run(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None) -> Run:
    """Run a program to its end; raises BenchmarkError if it fails."""
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 (what we measure)
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        ended = threading.Event()
        samples: list[tuple[float, float, float]] = []
        sampler = threading.Thread(target=_sample, args=(process.pid, begun, ended, samples))
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        ended.set()
        sampler.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    if process.returncode:
        raise BenchmarkError(f"{' '.join(map(str, command))}\n{text[-2000:]}")
    cpu = usage.ru_utime + usage.ru_stime
    memory = max([usage.ru_maxrss / _MEBI, *(whole for _, _, whole in samples)])
    return Run(wall, cpu, memory, text, tuple((at, own) for at, own, _ in samples))


def _sample(
    pid: int, begun: float, ended: threading.Event, samples: list[tuple[float, float, float]]
) -> None:
    while not ended.wait(0.5):
        own = _kibi(pid, "status", "VmRSS")
        whole = sum(_kibi(one, "smaps_rollup", "Pss") for one in _family(pid))
        if own:
            samples.append((time.perf_counter() - begun, own / _MEBI, whole / _MEBI))


def _kibi(pid: int, file: str, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0


def _family(pid: int) -> set[int]:
    """Return a process with all that descend from it."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    family, grown = {pid}, True
    while grown:
        children = {child for child, parent in parents.items() if parent in family}
        grown = not children <= family
        family |= children
    return family


def family_cpu(pid: int) -> float:
    """Return the CPU seconds of a process and of all that it started, whether they have ended."""
    ticks = 0
    for one in _family(pid):
        with suppress(OSError):
            stat = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, stat[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def together(runs: Iterable[Run], wall: float | None = None) -> Run:
    """Return several runs as one; `wall` where they ran side by side."""
    runs = list(runs)
    return Run(
        sum(one.wall for one in runs) if wall is None else wall,
        sum(one.cpu for one in runs),
        max(one.memory for one in runs),
    )


def median(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    """Return the median of something over several runs."""
    return statistics.median(map(of, runs))
