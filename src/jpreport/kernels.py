"""Kernels: start an ordinary, hermetic ipykernel and leave nothing of it behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import site
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from weakref import WeakSet

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from jpreport.errors import ExecutionError, Problem

# Settings of a person's shell that would show in a report, or stop the kernel.
_DROPPED = (
    "JPY_API_TOKEN",
    "JPY_SESSION_NAME",
    "MPLBACKEND",
    "PYTHONDEVMODE",
    "PYTHONINSPECT",
    "PYTHONOPTIMIZE",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
)
_FIXED = {
    "LC_ALL": "C.UTF-8",
    "MATPLOTLIBRC": os.devnull,  # a person's own matplotlibrc stays out
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger warns at every start
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "315532800",  # 1980-01-01, the first date that a ZIP file can hold
    "TZ": "UTC",
}
# The longest suffix that ipykernel gives a socket's name is "-" and a small number.
_SOCKET_NAME = "k"
_SOCKET_ROOM = len("/k-99999")


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel that has answered, and a client that is connected to all its channels."""

    manager: AsyncKernelManager
    client: AsyncKernelClient


# The runs that hold a kernel, and the threads that `stop_all` has found, which get no other.
_lock = threading.Lock()
_running: dict[asyncio.Task[Any], asyncio.AbstractEventLoop] = {}
_stopped: WeakSet[threading.Thread] = WeakSet()

# What starts a kernel for a run; whatever has this shape can stand in for `open_kernel`.
OpenKernel = Callable[..., AbstractAsyncContextManager[Kernel]]


class _OwnSpecs(KernelSpecManager):
    """The kernel of the Python that runs us, whatever kernelspecs are installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return how to start this Python as a kernel."""
        return KernelSpec(
            argv=[
                sys.executable,
                *("-m", "ipykernel_launcher", "-f", "{connection_file}"),
                "--HistoryManager.enabled=False",
            ],
            display_name=kernel_name,
            language="python",
            metadata={"supported_encryption": "curve"},
        )


def _environment(folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the kernel's environment: ours, less what differs between people, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    found = find_spec("ipykernel")
    home = site.getusersitepackages()
    if not (found and found.origin and Path(found.origin).is_relative_to(home)):
        kept["PYTHONNOUSERSITE"] = "1"
    return {**kept, **_FIXED, "IPYTHONDIR": str(folder / "ipython"), **extra}


def _private_folder() -> Path:
    """Return a new folder that only we can enter, with a path short enough for a socket."""
    limit = getattr(zmq, "IPC_PATH_MAX_LEN", 107) - _SOCKET_ROOM
    folder = Path(tempfile.mkdtemp(prefix="jpreport-")).resolve()
    short = Path("/tmp")  # noqa: S108 (mkdtemp makes the private folder in it)
    if len(os.fsencode(folder)) > limit and short.is_dir():
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="jpreport-", dir=short)).resolve()
    return folder


def _manager(folder: Path) -> AsyncKernelManager:
    manager = AsyncKernelManager(
        kernel_spec_manager=_OwnSpecs(), connection_file=str(folder / "connection.json")
    )
    socket = folder / _SOCKET_NAME
    limit = getattr(zmq, "IPC_PATH_MAX_LEN", 107) - _SOCKET_ROOM
    if sys.platform != "win32" and zmq.has("ipc") and len(os.fsencode(folder)) <= limit:
        manager.transport = "ipc"
        manager.ip = str(socket)
    elif zmq.has("curve"):
        # Other people on the machine can connect to a TCP port, so it is encrypted.
        manager.transport_encryption = "required"
    return manager


def _start_problem(error: Exception, log: Path) -> Problem:
    said = log.read_text("utf-8", "replace").strip().splitlines()
    return Problem("kernel", "the kernel did not start", said[-1] if said else str(error))


async def exit_code(kernel: Kernel) -> int | None:
    """Return the exit code of a kernel's process, None while it runs; -9 means signal 9."""
    provisioner = kernel.manager.provisioner
    code: int | None = await provisioner.poll() if provisioner else 0
    return code


def cause_of_death(code: int | None) -> str:
    """Return in words why a kernel's process ended, from its exit code."""
    if code is None:
        return "the kernel stopped answering"
    if code == -getattr(signal, "SIGKILL", 9):
        return f"the kernel died: out of memory or killed (exit code {code})"
    names = {-s.value: s.name for s in signal.Signals}
    return f"the kernel died (exit code {code}{f', {names[code]}' if code in names else ''})"


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let `stop_all` cancel the task that runs this."""
    task = asyncio.current_task()
    assert task  # noqa: S101 (only a task can await a kernel)
    with _lock:
        if threading.current_thread() in _stopped:
            raise asyncio.CancelledError
        _running[task] = asyncio.get_running_loop()
    try:
        yield
    finally:
        with _lock:
            _running.pop(task)


def stop_all() -> None:
    """End all kernels of this process, called from any thread.

    The runs that use them are cancelled, and clean up. A thread that is alive now, other than
    the caller's, can open no kernel any more: a job may be just about to.
    """
    with _lock:
        _stopped.update({*threading.enumerate()} - {threading.current_thread()})
        for task, loop in _running.items():
            loop.call_soon_threadsafe(task.cancel)


@asynccontextmanager
async def open_kernel(
    *, cwd: Path, env: Mapping[str, str], start_timeout: int = 120
) -> AsyncIterator[Kernel]:
    """Start a kernel in the folder `cwd`, hand it out ready, and remove all of it at the end.

    The kernel is the Python that runs us, without the person's profile, history, user site or
    shell settings, with a fixed hash seed, locale and time zone; `env` is added on top. Its
    sockets lie in a private folder. When our own process is killed, the kernel sees it within a
    second and ends.

    Raises ExecutionError when the kernel is not ready after `start_timeout` seconds.
    """
    with _stoppable():
        folder = _private_folder()
        manager = _manager(folder)
        client: AsyncKernelClient | None = None
        log = folder / "log"
        try:
            with log.open("wb") as sink:
                streams: dict[str, Any] = {"stdout": sink, "stderr": sink}
                await manager.start_kernel(cwd=str(cwd), env=_environment(folder, env), **streams)
            client = manager.client()
            client.start_channels()
            client.allow_stdin = False
            try:
                await client.wait_for_ready(timeout=start_timeout)
            except RuntimeError as error:
                raise ExecutionError(_start_problem(error, log)) from error
            yield Kernel(manager, client)
        finally:
            # The kernel is killed before anything is awaited: a second Ctrl-C cannot save it.
            try:
                if client is not None:
                    client.stop_channels()
                await asyncio.shield(manager.shutdown_kernel(now=True))
            finally:
                shutil.rmtree(folder, ignore_errors=True)
