"""The display of a running build says what is known, and no more."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from jpreport.cli.progress import BuildProgress, _Lines
from jpreport.release.job import Event


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def started(expected: dict[str, float | None], workers: int = 1) -> tuple[BuildProgress, Clock]:
    clock = Clock()
    progress = BuildProgress(workers, clock)
    for slug, seconds in expected.items():
        progress.watch(Event(slug, "waiting", expected=seconds))
    return progress, clock


def make(progress: BuildProgress, clock: Clock, slug: str, seconds: float) -> None:
    progress.watch(Event(slug, "running", 1, 4))
    clock.now += seconds
    progress.watch(Event(slug, "rendering"))
    progress.watch(Event(slug, "built"))


def screen(progress: BuildProgress, height: int = 20) -> str:
    out = io.StringIO()
    Console(file=out, width=80, height=height, force_terminal=False).print(progress)
    return out.getvalue()


def test_no_time_is_told_before_anything_is_known() -> None:
    progress, _ = started({"a": None, "b": None})
    assert progress.summary() == "0 of 2 reports"


def test_what_is_left_follows_from_what_is_done() -> None:
    progress, clock = started({"a": None, "b": None, "c": None})
    make(progress, clock, "a", 6)
    assert progress.summary() == "1 of 3 reports, about 12 s left"


def test_the_last_build_tells_from_the_start() -> None:
    progress, _ = started({"a": 4, "b": 10}, workers=2)
    assert progress.summary() == "0 of 2 reports, about 10 s left"


def test_a_slower_day_is_taken_into_account() -> None:
    progress, clock = started({"a": 4, "b": 10})
    make(progress, clock, "a", 8)
    assert progress.summary() == "1 of 2 reports, about 20 s left"


def test_cells_that_are_done_count() -> None:
    progress, _ = started({"a": 10})
    progress.watch(Event("a", "running", 3, 4))
    assert progress.left() == 10 * (1 - 2 / 4 / 1.25)


def test_what_is_up_to_date_is_not_counted() -> None:
    progress, clock = started({"a": None})
    progress.watch(Event("b", "unchanged"))
    make(progress, clock, "a", 1)
    assert progress.summary() == "1 of 1 reports"


def test_a_line_a_report_with_cell_and_time() -> None:
    progress, clock = started({"a": None, "b": None})
    progress.watch(Event("a", "running", 2, 7))
    clock.now = 3
    assert [line.split() for line in screen(progress).splitlines()] == [
        ["a", "cell", "2", "of", "7", "3", "s"],
        ["b", "waiting"],
        ["0", "of", "2", "reports"],
    ]


def test_the_worker_of_a_cluster_is_named() -> None:
    progress, _ = started({"a": 8.0, "b": 8.0})
    for slug, worker in (("a", "w1"), ("b", "w2")):
        progress.watch(Event(slug, "running", 1, 2, worker=worker))
    assert "cell 1 of 2 on worker w1" in screen(progress)


def test_a_low_terminal_shows_what_runs() -> None:
    progress, _ = started({f"r{number}": None for number in range(9)})
    progress.watch(Event("r8", "running", 1, 2))
    assert [line.split()[0] for line in screen(progress, height=4).splitlines()] == ["r8", "0"]


@given(
    st.lists(st.one_of(st.none(), st.floats(0.1, 100)), min_size=1, max_size=8),
    st.lists(st.floats(0.1, 100), min_size=8, max_size=8),
    st.integers(1, 4),
)
def test_less_is_left_when_all_is_done_and_it_is_never_negative(
    expected: list[float | None], took: list[float], workers: int
) -> None:
    slugs = {f"r{number}": seconds for number, seconds in enumerate(expected)}
    progress, clock = started(slugs, workers)
    for slug, seconds in zip(slugs, took, strict=False):
        left = progress.left()
        assert left is None or left > 0
        make(progress, clock, slug, seconds)
    assert progress.left() == 0


def test_protection_is_told_while_it_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    progress, clock = started({"a": None})
    progress.watch(Event("cases", "protecting", 1200, 3276))
    assert progress.summary() == "protecting cases: 1,200 of 3,276 cells"
    progress.watch(Event("a", "running", 1, 4))
    assert progress.summary().startswith("0 of 1 reports")
    lines = _Lines(clock)
    for done in range(4):
        lines.watch(Event("cases", "protecting", done, 3276))
        clock.now += 3
    assert capsys.readouterr().err.splitlines() == ["protecting cases: 2 of 3,276 cells"]
