"""Open a kernel for a run: hermetic, private, and gone when the run is over."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any
from weakref import WeakSet

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import Bool

from jpreport.errors import NOWHERE, ExecutionError, Problem
from jpreport.execute.kernels.confinement import Confinement, keep
from jpreport.execute.kernels.environment import kernel_environment
from jpreport.execute.kernels.provisioner import PROVISIONER
from jpreport.execute.kernels.warm import cool_down
from jpreport.files.private import private_folder

# The longest suffix that ipykernel gives a socket's name is "-" and a small number.
_SOCKET_NAME = "k"
_PATH_LIMIT = getattr(zmq, "IPC_PATH_MAX_LEN", 107) - len("/k-99999")


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

    warm = Bool(default_value=True)

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
            metadata={
                "supported_encryption": "curve",
                "kernel_provisioner": {
                    "provisioner_name": PROVISIONER,
                    "config": {"warm": self.warm},
                },
            },
        )


def _manager(folder: Path, *, warm: bool) -> AsyncKernelManager:
    manager = AsyncKernelManager(
        kernel_spec_manager=_OwnSpecs(warm=warm), connection_file=str(folder / "connection.json")
    )
    if sys.platform != "win32" and zmq.has("ipc") and len(os.fsencode(folder)) <= _PATH_LIMIT:
        manager.transport = "ipc"
        manager.ip = str(folder / _SOCKET_NAME)
    elif zmq.has("curve"):
        # Other people on the machine can connect to a TCP port, so it is encrypted.
        manager.transport_encryption = "required"
    # How soon to try again to connect to a kernel that does not listen yet, in milliseconds.
    manager.context.setsockopt(zmq.RECONNECT_IVL, 10)
    return manager


async def _answers(client: AsyncKernelClient) -> bool:
    """Ask the kernel something; return whether it has answered on both channels.

    The client's own `wait_for_ready` ends with a wait of 0.2 seconds for silence.
    """
    asked = client.kernel_info()
    try:
        while (await client.get_shell_msg(timeout=1))["parent_header"].get("msg_id") != asked:
            pass
        while True:
            message = await client.get_iopub_msg(timeout=0.2)
            ours = message["parent_header"].get("msg_id") == asked
            if ours and message["content"].get("execution_state") == "idle":
                return True
    except Empty:
        return False


async def _wait_until_ready(kernel: Kernel, seconds: float) -> None:
    """Return when the kernel answers; raises TimeoutError, or RuntimeError if it has died."""
    async with asyncio.timeout(seconds):
        while not await _answers(kernel.client):
            code = await exit_code(kernel)
            if code is not None:
                raise RuntimeError(cause_of_death(code))


def _start_problem(error: Exception, log: Path) -> Problem:
    said = log.read_text("utf-8", "replace").strip().splitlines()
    return Problem(
        NOWHERE.at("kernel"),
        "the kernel did not start",
        said[-1] if said else str(error) or "it did not answer",
    )


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
        return f"the kernel was killed, most likely because memory ran out (exit code {code})"
    names = {-s.value: s.name for s in signal.Signals}
    return f"the kernel died (exit code {code}{f', {names[code]}' if code in names else ''})"


def what_to_do(code: int | None) -> str:
    """Return what helps against a kernel's death, "" where that is not known."""
    if code == -getattr(signal, "SIGKILL", 9):
        return "let the cell keep less in memory, or build fewer reports at a time (--jobs 1)"
    return ""


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
    cool_down()


@asynccontextmanager
async def open_kernel(  # noqa: PLR0913 (each stands alone)
    *,
    cwd: Path,
    env: Mapping[str, str],
    start_timeout: int = 120,
    warm: bool = True,
    hidden: Path | None = None,
    confinement: Confinement | None = None,
) -> AsyncIterator[Kernel]:
    """Start a kernel in the folder `cwd`, hand it out ready, and remove all of it at the end.

    The kernel is the Python that runs us, without the person's profile, history, user site or
    shell settings, with a fixed hash seed, locale and time zone; `env` is added on top. Its
    sockets lie in a private folder. When our own process is killed, the kernel sees it within a
    second and ends.

    A `warm` kernel is a fork of a process that has made the imports of a report, and differs in
    nothing else. Where it might differ (`env` has names that do not begin with JPREPORT_, the
    folder `cwd` has modules by the name of an imported one), or where there are no forks, an
    ordinary one is started.

    No variable of it names the folder `hidden`, the programme of a release. A `confinement` keeps
    it and what it starts from opening what is not theirs, before anything of the notebook runs.

    Raises ExecutionError when the kernel is not ready after `start_timeout` seconds.
    """
    with _stoppable(), private_folder(_PATH_LIMIT) as folder:
        manager = _manager(folder, warm=warm)
        client: AsyncKernelClient | None = None
        log = folder / "log"
        try:
            with log.open("wb") as sink:
                streams: dict[str, Any] = {"stdout": sink, "stderr": sink}
                extra = {**env, **(keep(confinement, folder) if confinement else {})}
                given = kernel_environment(folder, extra, hidden)
                await manager.start_kernel(cwd=str(cwd), env=given, **streams)
            client = manager.client()
            client.start_channels()
            client.allow_stdin = False
            kernel = Kernel(manager, client)
            try:
                await _wait_until_ready(kernel, start_timeout)
            except (RuntimeError, TimeoutError) as error:
                raise ExecutionError(_start_problem(error, log)) from error
            yield kernel
        finally:
            # The kernel is killed before anything is awaited: a second Ctrl-C cannot save it.
            if client is not None:
                client.stop_channels()
            await asyncio.shield(manager.shutdown_kernel(now=True))
