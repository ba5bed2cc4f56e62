"""Ask tau-ARGUS which cells to suppress besides the small ones, at the least cost."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jpreport.disclosure.error import DisclosureError
from jpreport.disclosure.relations import Row
from jpreport.errors import NOWHERE, Problem

_WORKER = Path(__file__).with_name("argus_worker.py")
# Seconds to clean up in.
_PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Item:
    """One number of the problem: its value, what suppressing it costs, within what all know it.

    `spare` says how far below and above its value a small number must seem possible; None for
    a number that is not small, and that is suppressed only to protect others.
    """

    value: int
    cost: int
    lowest: int
    highest: int
    spare: tuple[int, int] | None = None


def problem_text(items: Sequence[Item], rows: Sequence[Row]) -> str:
    """Return a problem in the engine's own format: numbers only, no names, no records."""
    lines = ["0", str(len(items))]
    for number, item in enumerate(items):
        # The engine overlooks a sliding level (the last number), so the two others say it all.
        status, (below, above) = ("s", (0, 0)) if item.spare is None else ("u", item.spare)
        lines.append(
            f"{number} {item.value} {item.cost} {status} {item.lowest} {item.highest} "
            f"{below} {above} 0"
        )
    lines.append(str(len(rows)))
    for row in rows:
        terms = " ".join(
            f"{column} ({factor})"
            for column, factor in zip(row.columns, row.coefficients, strict=True)
        )
        lines.append(f"{row.lower}.0 {len(row.columns)} : {terms}")
    return "\n".join(lines) + "\n"


def failed(message: str) -> DisclosureError:
    """Return the error for an engine that gave no answer: nothing is published then."""
    return DisclosureError(
        Problem(NOWHERE, f"{message}; nothing is published", "see the docs on disclosure control")
    )


def suppressions(items: Sequence[Item], rows: Sequence[Row], seconds: float) -> set[int]:
    """Return the numbers of the items to suppress, the small ones included.

    `rows` are equations between items. Raises DisclosureError where pytauargus is missing,
    fails, or needs more than `seconds`. Nothing is left on disk, whatever happens.
    """
    text = problem_text(items, rows).encode()
    minutes = max(1, round(seconds / 60))
    worker = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-I", str(_WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=True,
    )
    # communicate() would close standard input, which tells the worker to give up.
    with worker:
        try:
            said = _converse(worker, b"%d %d\n" % (len(text), minutes) + text, seconds)
        finally:
            _dismiss(worker)
    try:
        answer = json.loads(said)
    except ValueError:
        answer = {"error": "tau-ARGUS gave no answer"}
    if "cells" not in answer:
        raise failed(str(answer.get("error")))
    small = {number for number, item in enumerate(items) if item.spare is not None}
    return small | set(answer["cells"])


def _dismiss(worker: subprocess.Popen[bytes]) -> None:
    """Have the worker clean up and end; one that does not is ended, its engine with it."""
    if worker.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            worker.stdin.close()
    try:
        worker.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        worker.kill()


def _converse(worker: subprocess.Popen[bytes], question: bytes, seconds: float) -> bytes:
    """Return the line that the worker answers; raises DisclosureError when time is up."""
    import selectors

    assert worker.stdin is not None  # noqa: S101 (it was asked for)
    assert worker.stdout is not None  # noqa: S101
    try:
        worker.stdin.write(question)
        worker.stdin.flush()
    except BrokenPipeError:
        return b""
    with selectors.DefaultSelector() as selector:
        selector.register(worker.stdout, selectors.EVENT_READ)
        if not selector.select(seconds):
            raise failed(f"tau-ARGUS did not finish in {seconds:g} seconds")
    return worker.stdout.readline()
