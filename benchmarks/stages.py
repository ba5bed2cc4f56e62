"""Print as JSON where the time of one report goes: the stages of a build from nothing.

Each is given as seconds of wall time, and of CPU time of the thread that it ran in: stages stand
within each other, and run beside each other.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

_begun = time.perf_counter()
_STAGES = (
    ("settings read", "jpreport.release.survey", "read_settings"),
    ("records checked", "jpreport.release.survey", "check_records"),
    ("cubes protected, one thread a table", "jpreport.disclosure.cubes", "Cubes.cube"),
    ("the whole plan", "jpreport.release.spine", "plan_build"),
    ("kernel: our side", "jpreport.execute.run", "run_notebook"),
    ("the document read (pandoc)", "jpreport.document.reading", "read_document"),
    ("each format: HTML, then PDF", "jpreport.export.rendering", "render"),
    ("files audited, as they are made", "jpreport.audit.auditor", "Auditor.file"),
    ("manifest, index, crate, rest of the audit", "jpreport.release.spine", "publish"),
)
_spent: dict[str, list[float]] = {}


def _timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def timed(*args: Any, **named: Any) -> Any:  # noqa: ANN401
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return function(*args, **named)
        finally:
            spent = _spent.setdefault(name, [0.0, 0.0])
            spent[0] += time.perf_counter() - wall
            spent[1] += time.thread_time() - cpu

    return timed


def main() -> None:
    """Build the programme folder that is the program's first argument into the second."""
    from jpreport.release.request import Request
    from jpreport.release.spine import build

    _spent["imports of the plan"] = [time.perf_counter() - _begun, time.process_time()]
    for name, module, path in _STAGES:
        *outer, last = path.split(".")
        owner: Any = import_module(module)
        for part in outer:
            owner = getattr(owner, part)
        setattr(owner, last, _timed(name, getattr(owner, last)))
    build(Request(Path(sys.argv[1]), Path(sys.argv[2])))
    times = os.times()
    ours = times.user + times.system
    _spent["all, without the fork server"] = [time.perf_counter() - _begun, ours]
    print(json.dumps(_spent))


main()
