"""What all cells leave when given back, found out in a process of its own."""

from __future__ import annotations

import itertools
import random
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from disclosure_samples import rules, table
from jpreport.disclosure import giving
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.giving import Giving, given_back_from_all
from jpreport.disclosure.work import Work


def cube(*sizes: int) -> Cube:
    names = [[f"{'abcd'[at]}{n}" for n in range(size)] for at, size in enumerate(sizes)]
    chance = random.Random(3)  # noqa: S311 (no secret)
    return table({key: chance.randint(0, 40) for key in itertools.product(*names)})


MIDDLE = cube(5, 5, 4)  # 180 cells with the margins


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The processes that are started; none of them outlives the test."""
    found: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*args: Any, **options: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401
        found.append(popen(*args, **options))
        return found[-1]

    monkeypatch.setattr(giving.subprocess, "Popen", start)  # type: ignore[attr-defined]
    yield found
    assert all(process.returncode is not None for process in found)


def test_another_process_finds_what_this_one_does(started: list[subprocess.Popen[bytes]]) -> None:
    with given_back_from_all(MIDDLE, rules(), None) as waited_for:
        answer = waited_for()
    assert answer is not None
    assert answer == Giving(Work(MIDDLE, rules(), None)).back_from_all()
    assert len(started) == 1


@pytest.mark.parametrize("sizes", [(3, 4), (8, 8, 8)])
def test_small_and_large_cubes_start_no_process(
    sizes: tuple[int, ...], started: list[subprocess.Popen[bytes]]
) -> None:
    with given_back_from_all(cube(*sizes), rules(), None):
        assert started == []


def test_a_process_that_dies_is_made_up_for(
    monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    monkeypatch.setattr(giving.sys, "executable", "false")  # type: ignore[attr-defined]
    with given_back_from_all(MIDDLE, rules(), None) as waited_for:
        answer = waited_for()
    monkeypatch.undo()
    assert answer == Giving(Work(MIDDLE, rules(), None)).back_from_all()
    assert len(started) == 1


def test_a_block_that_fails_leaves_no_process(started: list[subprocess.Popen[bytes]]) -> None:
    with pytest.raises(ZeroDivisionError), given_back_from_all(MIDDLE, rules(), None):
        raise ZeroDivisionError
    assert len(started) == 1
