"""Run the engine of tau-ARGUS on one problem, in a process of its own that leaves nothing behind.

Run as a program by `jpreport.disclosure.argus`; imports nothing of jpreport. The problem comes on
standard input (its length on the first line), the answer goes to standard output as JSON:
{"cells": [numbers of the cells to suppress]} or {"error": text}. Standard input stays open: when
it closes, whoever asked is gone, and so is this process with all that it made.

The problem and its solution are in memory files without a name (Linux). The engine insists on
writing logs into its working directory, and they hold counts: that directory is private, in
memory where possible, and the names of the logs lead to nowhere. Without memory files (other
systems), the problem lies in that directory while the engine runs.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

LOGS = ("FullJJ.log", "CSPlogfile.txt", "cspSCIP.bra", "cspSCIP.heu", "cspSCIP.sta", "sdc.lp")
_PR_SET_PDEATHSIG = 1
_MOST_MINUTES = 1440


def _memory_file(name: str, content: bytes, folder: Path) -> Path:
    """Return the path of a file that exists only in this process; elsewhere, in the folder."""
    if not hasattr(os, "memfd_create"):
        path = folder / name
        path.write_bytes(content)
        return path
    handle = os.memfd_create(name)
    with os.fdopen(os.dup(handle), "wb") as file:
        file.write(content)
    return Path(f"/proc/self/fd/{handle}")


def die_with_parent() -> None:
    """Have the kernel end this process when its parent ends, however that happens (Linux)."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def _solve(problem: bytes, minutes: int, folder: Path) -> dict[str, object]:
    """Return the engine's answer to a problem in its own format."""
    try:
        from pytauargus.engine import HiTaSCtrl
    except ImportError as error:
        return {"error": f"pytauargus cannot be loaded: {error}"}
    source = _memory_file("problem", problem, folder)
    target = _memory_file("solution", b"", folder)
    engine = HiTaSCtrl()
    code = engine.full_jj(str(source), str(target), max_time=min(minutes, _MOST_MINUTES))
    if code:
        return {"error": f"tau-ARGUS failed with code {code}: {engine.error_string(code)}"}
    strays = [
        path.name for path in folder.iterdir() if path not in (source, target) and path.is_file()
    ]
    if strays:
        return {"error": f"tau-ARGUS wrote files that it was not known to write: {strays}"}
    return {"cells": [int(number) for number in target.read_text().split()]}


def _engine(problem: bytes, minutes: int, folder: Path, answer: int) -> NoReturn:
    """Solve in this process, silently, and end it."""
    die_with_parent()
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.chdir(folder)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        result = _solve(problem, minutes, folder)
    except BaseException as error:  # noqa: BLE001 (reported, then the process ends)
        result = {"error": f"tau-ARGUS failed: {error!r}"}
    with os.fdopen(answer, "w", encoding="utf-8") as file:
        json.dump(result, file)
    os._exit(0)


def _wait(pid: int, answer: int) -> str | None:
    """Return what the engine's process says, "" if it dies; None when our caller is gone."""
    said = b""
    try:
        while True:
            ready, _, _ = select.select([0, answer], [], [])
            if answer in ready:
                part = os.read(answer, 65536)
                if not part:
                    return said.decode()
                said += part
            elif not os.read(0, 1):
                return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _line() -> bytes:
    """Return the first line of standard input, not a byte more."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            raise SystemExit(1)
        line += byte
    return line


def _leave(*_: object) -> NoReturn:
    raise SystemExit(1)


def main() -> None:
    """Read a problem, have it solved, say the answer; remove everything whatever happens."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # our caller gets it too, and closes our input
    length, minutes = map(int, _line().split())
    problem = b""
    while len(problem) < length:
        part = os.read(0, length - len(problem))
        if not part:
            return
        problem += part
    memory = Path("/dev/shm")  # noqa: S108 (the folder within is private)
    folder = tempfile.mkdtemp(
        prefix="jpreport-argus-", dir=memory if os.access(memory, os.W_OK | os.X_OK) else None
    )
    try:
        for name in LOGS:
            Path(folder, name).symlink_to(os.devnull)
        answer, said = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(answer)
            _engine(problem, minutes, Path(folder), said)
        os.close(said)
        text = _wait(pid, answer)
        if text is not None:
            print(text or json.dumps({"error": "tau-ARGUS crashed"}), flush=True)  # noqa: T201
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
