"""Jobs run some at a time; an interruption stops what runs and drops what does not."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.release.fanout import fan_out
from kernel_samples import PATIENCE


@given(st.lists(st.integers()), st.integers(1, 4))
def test_every_job_has_one_outcome(jobs: list[int], workers: int) -> None:
    assert sorted(fan_out(lambda job: -job, jobs, workers)) == sorted(-job for job in jobs)


def test_no_more_than_so_many_run_at_once() -> None:
    both = threading.Barrier(2)
    running: list[int] = []
    most: list[int] = []

    def job(number: int) -> int:
        running.append(number)
        both.wait(timeout=PATIENCE)
        most.append(len(running))
        running.remove(number)
        return number

    assert sorted(fan_out(job, range(6), 2)) == list(range(6))
    assert max(most) <= 2


def test_failure_stops_what_runs_and_drops_the_rest() -> None:
    stopped = threading.Event()
    begun: list[int] = []

    def job(number: int) -> int:
        begun.append(number)
        if number == 0:
            raise KeyboardInterrupt
        assert stopped.wait(timeout=PATIENCE)
        return number

    with pytest.raises(KeyboardInterrupt):
        list(fan_out(job, range(20), 2, stop=stopped.set))
    assert stopped.is_set()
    assert len(begun) < 20
