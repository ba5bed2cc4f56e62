"""What the tests of kernels share: asking one something, watching processes."""

from __future__ import annotations

import ast
import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jpreport.execute.kernels import Kernel, exit_code

# Seconds to wait for what has to happen: it ends a test that hangs, and measures nothing.
PATIENCE = 180


async def ask(kernel: Kernel, expression: str, code: str = "") -> Any:  # noqa: ANN401
    """Run code in a kernel, and return the value of an expression that `repr` can write."""
    reply = await kernel.client.execute_interactive(
        code,
        store_history=False,
        user_expressions={"a": f"repr({expression})"},
        allow_stdin=False,
        output_hook=lambda _: None,
    )
    told = reply["content"]["user_expressions"]["a"]
    assert told["status"] == "ok", told
    return ast.literal_eval(ast.literal_eval(told["data"]["text/plain"]))


def is_running(pid: int) -> bool:
    """Return whether there is a process of that number that has not ended."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(true: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Return whether something becomes true in time."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


async def ended(kernel: Kernel) -> int:
    """Return the exit code of a kernel, when it has ended."""
    async with asyncio.timeout(PATIENCE):
        while (code := await exit_code(kernel)) is None:  # noqa: ASYNC110 (a process)
            await asyncio.sleep(0.01)
    return code
