"""Warm kernels: one fork server a process, started early, asked for a fork a kernel."""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jpreport.execute.kernels.environment import THREADLESS, fixed_environment
from jpreport.execute.kernels.server import ENDED, READY

# What is not read before a kernel has its own environment; all else is the server's.
_PER_KERNEL = ("IPYTHONDIR", "JPREPORT_", "JPY_", "TMPDIR")
LAUNCHER = [sys.executable, "-m", "ipykernel_launcher"]
# The working folder, which comes first in the path of `-c`, must not lend the server modules.
_START = "import sys; del sys.path[0]; from jpreport.execute.kernels.server import main; main()"
_PATIENCE = 60  # seconds for the server's imports
_log = logging.getLogger(__name__)


class ForkedKernel:
    """A kernel that is a child of the fork server; has what is used of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, report: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._report = report

    def poll(self) -> int | None:
        """Return the exit code, None while it runs; -9 means signal 9."""
        if self.returncode is None:
            try:
                told = self._report.recv(64)
            except BlockingIOError:
                return None
            except OSError:
                told = b""
            said, _, number = told.partition(b" ")
            # Without its server a kernel does not live.
            self.returncode = int(number) if said == ENDED else -signal.SIGKILL
            # Lets the server kill what the kernel started, and bury it.
            self._report.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when it has ended; raises TimeoutError."""
        while (code := self.poll()) is None:
            if not select.select([self._report], [], [], timeout)[0]:
                raise TimeoutError
        return code

    def send_signal(self, number: int) -> None:
        """Signal the kernel with all processes of its group, unless it has ended."""
        if self.poll() is None:
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class _Server:
    """A running fork server, and our end of its control socket."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `stop`)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 (this Python)
                [sys.executable, "-c", _START, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                cwd=os.sep,
                env=self.environment | THREADLESS,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for us: we end it in order
            )

    def is_running(self) -> bool:
        return self._process.poll() is None

    def request(self, output: int, errors: int) -> socket.socket:
        """Ask for a fork with these streams; return our end of its report socket."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                socket.send_fds(self._control, [b"k"], [theirs.fileno(), output, errors])
            except OSError:
                ours.close()
                raise
        ours.settimeout(0)
        return ours

    def stop(self) -> None:
        """End the server and all its kernels."""
        self._control.close()
        self._process.terminate()  # heard only while it still imports
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.seek(0)
        if said := self._errors.read().decode("utf-8", "replace").strip():
            _log.debug("the fork server said: %s", said)
        self._errors.close()

    def forget(self) -> None:
        """Let go of it in a fork of ours: it is our parent's."""
        self._control.close()
        self._process.returncode = 0  # else it is waited for


_lock = threading.Lock()
_server: _Server | None = None


def _is_to_be_had() -> bool:
    return (
        sys.platform == "linux" and hasattr(socket, "send_fds") and Path("/proc/self/task").is_dir()
    )


def _shared(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the part of a kernel's environment that its server has as well."""
    return {k: v for k, v in environment.items() if not k.startswith(_PER_KERNEL)}


def _server_for(environment: Mapping[str, str]) -> _Server | None:
    """Return the server, started if need be; None if kernels of this environment cannot be its."""
    global _server  # noqa: PLW0603
    shared = _shared(environment)
    with _lock:
        if _server is not None and not _server.is_running():
            _server.stop()
            _server = None
        if _server is None:
            _server = _Server(shared)
        return _server if _server.environment == shared else None


def prewarm(hidden: Path | None = None) -> None:
    """Start the fork server, if there can be one, and return at once.

    Its kernels are those of which no variable names the folder `hidden`.
    """
    if _is_to_be_had():
        _server_for(fixed_environment(hidden))


def cool_down() -> None:
    """End the fork server and its kernels, if there is one; the next kernel starts another."""
    global _server
    with _lock:
        server, _server = _server, None
    if server is not None:
        server.stop()


def _forget() -> None:
    global _lock, _server
    server, _server, _lock = _server, None, threading.Lock()
    if server is not None:
        server.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
atexit.register(cool_down)


def _fits(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> bool:
    """Return whether a fork would be the same kernel as the command's."""
    path = env.get("PYTHONPATH", "")
    return (
        list(command[: len(LAUNCHER)]) == LAUNCHER
        and _is_to_be_had()
        and all(map(os.path.isabs, path.split(os.pathsep) if path else ()))
        and ("MATPLOTLIBRC" in env or not (folder / "matplotlibrc").exists())
    )


async def _answer(report: socket.socket, request: bytes) -> int:
    """Send a fork its request; return its process number.

    Raises OSError or ValueError if there is none, TimeoutError if that takes too long.
    """
    loop = asyncio.get_running_loop()
    answer = b""
    async with asyncio.timeout(_PATIENCE):
        await loop.sock_sendall(report, request)
        while not answer.endswith(b"\n"):
            received = await loop.sock_recv(report, 1)
            if not received:
                raise ConnectionResetError("there was no fork")
            answer += received
    said, _, number = answer.partition(b" ")
    if said != READY:
        raise ConnectionResetError("the fork ended")
    return int(number)


def _numbers(*streams: Any) -> list[int]:  # noqa: ANN401
    """Return the file descriptors of what a process is given as stdout and stderr."""
    return [
        own if stream is None else stream if isinstance(stream, int) else stream.fileno()
        for own, stream in enumerate(streams, start=1)
    ]


async def fork_kernel(
    command: Sequence[str],
    *,
    cwd: str | Path | None = None,
    env: Mapping[str, str],
    stdout: Any = None,  # noqa: ANN401 (as for subprocess.Popen)
    stderr: Any = None,  # noqa: ANN401
    **others: object,
) -> ForkedKernel | None:
    """Return a fork that runs a kernel's command, or None if it needs an ordinary process."""
    folder = os.path.abspath(cwd or os.curdir)  # noqa: ASYNC240, PTH100 (no disk)
    streams = _numbers(stdout, stderr)
    # A pipe (a negative number) would have to be made here, and read.
    if others or min(streams) < 0 or not _fits(command, Path(folder), env):
        return None
    server = _server_for(env)
    if server is None:
        _log.debug("an ordinary kernel: its environment is not the fork server's")
        return None
    request = {"argv": command[len(LAUNCHER) :], "cwd": folder, "env": dict(env)}
    try:
        report = server.request(*streams)
    except OSError as error:
        _log.debug("an ordinary kernel: %s", error)
        return None
    try:
        pid = await _answer(report, json.dumps(request).encode() + b"\n")
    except BaseException as error:
        # The server takes the closed socket for the end of the kernel.
        report.close()
        if isinstance(error, OSError | ValueError | TimeoutError):
            _log.debug("an ordinary kernel: %s", error)
            return None
        raise
    return ForkedKernel(pid, report)
