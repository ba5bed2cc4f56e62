"""The fork server: import what reports need, once, then turn forks of itself into kernels.

It is a program of one thread. On its control socket it receives, for every kernel, one byte with
three file descriptors: the kernel's report socket and what is to be its stdout and stderr. The
fork reads its request from the report socket, says there that it goes ahead, and becomes an
ordinary ipykernel; the server says there how the fork ended. When the other side closes a report
socket, that kernel is killed; when it closes the control socket, or ends, all of them are.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import select
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jpreport.execute.kernels.confinement import confine
from jpreport.execute.kernels.preload import preload

READY = b"ready"  # with its process number, says the fork
ENDED = b"ended"  # with its exit code, says the server
_DESCRIPTORS = 3
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True, slots=True)
class _Request:
    """What one kernel is to be: its arguments, working folder and environment."""

    argv: list[str]
    cwd: str
    env: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Descriptors:
    """The file descriptors that came with a call for a kernel."""

    report: socket.socket
    output: int
    errors: int


def _threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def _exit_code(pid: int) -> int | None:
    """Return how a child ended, or None; it stays a zombie, so that nobody gets its number."""
    told = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if told is None:
        return None
    return told.si_status if told.si_code == os.CLD_EXITED else -told.si_status


def _end(pid: int) -> None:
    """Kill a child with its process group, and bury it."""
    for kill in (os.killpg, os.kill):  # it has no group until it says that it goes ahead
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


class _Server:
    """The loop: forks on request, tells how forks ended, and ends them."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._parent = os.getppid()
        self._woken, self._waker = socket.socketpair()
        # By the descriptor of its report socket: that, and the process number.
        self._kernels: dict[int, tuple[socket.socket, int]] = {}
        self._told: set[int] = set()
        self._events = select.epoll()
        self._events.register(control, select.EPOLLIN)
        self._events.register(self._woken, select.EPOLLIN)
        self._woken.settimeout(0)
        self._waker.settimeout(0)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        # From here on the closed control socket says when to end, and all forks end first.
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, lambda *_: None)

    def serve(self) -> _Descriptors | None:
        """Serve until the other side ends, then return None; in a fork, return what it is given."""
        try:
            while os.getppid() == self._parent:
                for descriptor, _ in self._events.poll(timeout=1):
                    if descriptor == self._control.fileno():
                        given = self._receive()
                        if given is None or self._fork(given):
                            return given
                    elif descriptor == self._woken.fileno():
                        self._woken.recv(4096)
                        self._tell()
                    else:
                        self._bury(descriptor)
            return None
        finally:
            # A fork has let go of them all.
            for descriptor in list(self._kernels):
                self._bury(descriptor)

    def _receive(self) -> _Descriptors | None:
        sent, descriptors, *_ = socket.recv_fds(self._control, 1, _DESCRIPTORS)
        if not sent or len(descriptors) != _DESCRIPTORS:
            return None
        return _Descriptors(socket.socket(fileno=descriptors[0]), *descriptors[1:])

    def _fork(self, given: _Descriptors) -> bool:
        """Fork; return whether this is the fork."""
        # A thread would be missing in the fork, with its locks held; who asked sees no answer.
        pid = os.fork() if _threads() == 1 else None
        if pid == 0:
            self._let_go()
            return True
        os.close(given.output)
        os.close(given.errors)
        if pid is None:
            given.report.close()
            return False
        self._kernels[given.report.fileno()] = given.report, pid
        # That the other side has closed it is always told; what it sends is for the fork.
        self._events.register(given.report, 0)
        return False

    def _let_go(self) -> None:
        """Forget, in a fork, all that is the server's."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        self._events.close()
        reports = (report for report, _ in self._kernels.values())
        for one in (self._control, self._woken, self._waker, *reports):
            one.close()
        self._kernels.clear()

    def _tell(self) -> None:
        """Tell of the forks that have ended since."""
        for report, pid in self._kernels.values():
            if pid not in self._told and (code := _exit_code(pid)) is not None:
                self._told.add(pid)
                with suppress(OSError):
                    report.send(ENDED + b" %d\n" % code)

    def _bury(self, descriptor: int) -> None:
        """End the fork of which nobody wants to hear any more."""
        report, pid = self._kernels.pop(descriptor)
        self._told.discard(pid)
        self._events.unregister(descriptor)
        report.close()
        _end(pid)


def _shadowed(folder: str) -> bool:
    """Return whether the working folder has modules of its own under the names of loaded ones."""
    loaded = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
    return any(
        path.stem in loaded and (path.is_dir() or path.suffix == ".py")
        for path in Path(folder).iterdir()
    )


def _enter(given: _Descriptors, server: int) -> _Request | None:
    """Make this fork a process of its own; return what it is to be, or None if it cannot be."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    with given.report.makefile("rb") as received:
        line = received.readline()
    if os.getppid() != server or not line.endswith(b"\n"):
        return None
    request = _Request(**json.loads(line))
    if _shadowed(request.cwd):
        return None
    for descriptor, place in ((given.output, 1), (given.errors, 2)):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request.env, JPY_PARENT_PID=str(server))
    time.tzset()
    os.chdir(request.cwd)
    tempfile.tempdir = None  # the server's
    confine()
    return request


def _become(request: _Request, report: socket.socket, server: int) -> None:
    """Be an ordinary kernel, as `python -m ipykernel_launcher` is; say when it can be reached."""
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    random.seed()
    np.random.seed()  # noqa: NPY002 (the state that every fork would share)
    sys.argv = [str(sys.modules["ipykernel_launcher"].__file__), *request.argv]
    app = IPKernelApp.instance()
    arguments = [*request.argv, f"--IPKernelApp.parent_handle={server}"]
    app.initialize(arguments)  # type: ignore[no-untyped-call]
    with report:
        report.sendall(READY + b" %d\n" % os.getpid())
    app.start()  # type: ignore[no-untyped-call]


def main() -> None:
    """Serve on the control socket whose descriptor is the program's argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    server = os.getpid()
    if not preload():
        sys.exit("an import warned: kernels have to show that themselves")
    given = _Server(control).serve()
    request = _enter(given, server) if given else None
    if given is None or request is None:
        # Nothing has been begun that would have to be finished.
        os._exit(0)
    _become(request, given.report, server)
