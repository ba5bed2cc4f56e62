"""A Dask cluster of real processes on this machine, and what a client says to its scheduler."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from distributed import Client

from kernel_samples import PATIENCE, wait_until

_QUIET = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}


def _dask(*words: str | Path, **variables: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, words), "--no-dashboard"],
        env={**os.environ, **_QUIET, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@dataclass
class Cluster:
    """A scheduler and its workers by name; `file` says where the scheduler is."""

    folder: Path
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.file = self.folder / "scheduler.json"
        self.scheduler = _dask("scheduler", "--host", "127.0.0.1", "--port", "0",
                               "--scheduler-file", self.file)  # fmt: skip
        assert wait_until(self.file.is_file)

    @property
    def address(self) -> str:
        return str(json.loads(self.file.read_text())["address"])

    def start(self, name: str, **variables: str) -> None:
        """Start a worker; it is there when the scheduler knows it."""
        self.workers[name] = _dask(
            "worker", self.address, "--name", name, "--nthreads", "1", "--no-nanny",
            "--local-directory", self.folder / name, **variables,
        )  # fmt: skip
        with Client(self.address) as client:
            living = sum(one.poll() is None for one in self.workers.values())
            client.wait_for_workers(living, timeout=PATIENCE)

    def stop(self) -> None:
        for process in (*self.workers.values(), self.scheduler):
            process.kill()
            process.wait()


class Ear:
    """Hands on what a client says to a scheduler, and keeps it."""

    def __init__(self, address: str) -> None:
        self._to = urlsplit(address)
        self._heard: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def heard(self) -> bytes:
        return b"".join(self._heard)

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        with suppress(OSError), self._server:
            while True:
                theirs, _ = self._server.accept()
                threading.Thread(target=self._talk, args=(theirs,), daemon=True).start()

    def _talk(self, theirs: socket.socket) -> None:
        to = self._to.hostname or "", self._to.port or 0
        with theirs, socket.create_connection(to) as ours:
            back = threading.Thread(target=self._pass, args=(ours, theirs, False), daemon=True)
            back.start()
            self._pass(theirs, ours, keep=True)
            back.join()

    def _pass(self, source: socket.socket, target: socket.socket, keep: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while content := source.recv(1 << 16):
                if keep:
                    self._heard.append(content)
                target.sendall(content)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)
