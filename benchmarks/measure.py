"""Measure whole processes: wall time, CPU time, memory, of a program and all that it started."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_MEBI = 1024


class BenchmarkError(Exception):
    """A program that was measured has failed; says which, and what it said."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: wall and CPU time in seconds, memory of its largest process in MiB.

    The CPU time counts every process that was waited for, as kernels are. `samples` has the
    memory of the program itself in MiB, as (seconds since the start, memory).
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
        samples: list[tuple[float, float]] = []
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
    return Run(wall, cpu, usage.ru_maxrss / _MEBI, text, tuple(samples))


def _sample(
    pid: int, begun: float, ended: threading.Event, samples: list[tuple[float, float]]
) -> None:
    status = Path(f"/proc/{pid}/status")
    while not ended.wait(0.5):
        try:
            lines = status.read_text().splitlines()
        except OSError:
            return
        resident = [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
        samples += [(time.perf_counter() - begun, kibi / _MEBI) for kibi in resident]


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
