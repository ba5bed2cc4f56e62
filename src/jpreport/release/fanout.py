"""Run one function over many jobs, some at a time; knows nothing of reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Generic, TypeVar

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Pool(Generic[Job, Outcome]):
    """Where jobs are done, on this machine or others: `make` does one, `stop` ends what runs."""

    make: Callable[[Job], Outcome]
    at_once: int
    stop: Callable[[], None]


def fan_out(
    function: Callable[[Job], Outcome],
    jobs: Sequence[Job],
    workers: int,
    *,
    stop: Callable[[], None] = lambda: None,
) -> Iterator[Outcome]:
    """Yield the outcome of every job as it comes, at most `workers` running at once.

    Threads suffice: a job's work is done by its kernel, pandoc and Typst, outside of this
    interpreter's lock. If the caller is interrupted, or leaves early, what has not begun is
    dropped and `stop` is called, which has to end what is running.
    """
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        try:
            # Nothing but what waits is held: an outcome that was taken is gone.
            for future in as_completed([pool.submit(function, job) for job in jobs]):
                yield future.result()
                del future
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop()
            raise
