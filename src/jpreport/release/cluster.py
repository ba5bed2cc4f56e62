"""Make editions on the workers of a Dask cluster, to which only staged folders travel."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from jpreport.errors import ClusterError, Place, Problem
from jpreport.files import FileDigests
from jpreport.files.private import private_folder
from jpreport.release.fanout import Pool
from jpreport.release.job import EditionTask, Event, Made, OnEvent, OnFile, Outcome, make_edition
from jpreport.release.parcel import Facts, Parcel, facts

try:
    import dask
    from distributed import Client, KilledWorker, LocalCluster, get_worker
    from distributed.client import ClosedClientError
    from distributed.comm.core import CommClosedError
except ImportError:
    raise ClusterError(
        Problem(Place("--cluster"), "Dask is not installed", 'pip install "jpreport[cluster]"')
    ) from None

_PLACE = Place("--cluster")
_LOCAL = "local:"
_PATIENCE = 20  # seconds for a scheduler to answer, and for its first worker
_ATTEMPTS = 3  # of a job whose worker, or kernel, is killed
_MOST = 5  # differences, or workers, that a problem names
# Ctrl-C, which all processes of a terminal hear, is for us: we end the workers in order.
_DEAF = "import signal; signal.signal(signal.SIGINT, lambda *_: None)"
_CONFIGURED = {
    # The staged folder is part of a task, so that no worker's end can lose it.
    "distributed.admin.large-graph-warning-threshold": "1 TB",
    # Of a local cluster, which tells others on this machine nothing.
    "distributed.scheduler.allowed-failures": _ATTEMPTS - 1,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


class _KernelKilledError(Exception):
    """A worker's system ended a kernel; `made` is what is told if others do the same."""

    def __init__(self, made: Made) -> None:
        super().__init__(made)
        self.made = made


class _UnwantedError(BaseException):
    """Nobody waits for an edition any more."""


@contextmanager
def cluster_pool(
    address: str,
    tasks: Sequence[EditionTask],
    here: Callable[[EditionTask], Made],
    on_event: OnEvent,
    on_file: OnFile,
) -> Iterator[Pool[EditionTask, Made]]:
    """Yield what makes editions on a cluster's workers.

    `address` is a scheduler's, the file that says it, or "local:N" for N processes of this
    machine. What is only rendered is made `here`.

    Raises ClusterError where there are no workers, or where their environment is another one.
    """
    [first, *_] = [one for one in tasks if one.job.execute]
    with _client(address) as client:
        _check(client)
        packed = Parcel.packed(first.stage, first.root, FileDigests())
        parcel = client.submit(Parcel, *packed, key=f"jpreport-{uuid4()}")
        client.replicate(parcel)
        remote = _Remote(client, parcel, here, on_event, on_file)
        client.subscribe_topic(remote.topic, remote.heard)
        threads = sum(client.nthreads().values())
        yield Pool(remote.make, 2 * threads, client.close)


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """Yield a client of a cluster, which is started if it is a local one."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with (
        private_folder() as folder,
        dask.config.set({**_CONFIGURED, "temporary-directory": str(folder)}),
    ):
        if address.startswith(_LOCAL):
            with (
                LocalCluster(
                    n_workers=int(address.removeprefix(_LOCAL)),
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",  # another one may have the usual port
                    silence_logs=logging.CRITICAL,
                    security=True,  # others on this machine can reach a port
                    preload=[_DEAF],
                ) as cluster,
                Client(cluster) as client,
            ):
                yield client
            return
        named = {"scheduler_file": address} if Path(address).is_file() else {"address": address}
        try:
            client = Client(**named, timeout=_PATIENCE)
        except (OSError, ValueError) as error:
            message = f"no scheduler answers at {address}"
            raise ClusterError(Problem(_PLACE, message, str(error))) from error
        with client:
            yield client


def _check(client: Client) -> None:
    """Refuse a cluster without workers, or with others than there are here."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        message = f"{_address(client)} has no workers"
        raise ClusterError(Problem(_PLACE, message, "start some, and build again")) from None
    named = {at: one["name"] for at, one in client.scheduler_info()["workers"].items()}
    found = {
        f"worker {named.get(at, at)}": one
        for at, one in client.run(facts, on_error="return").items()
    }
    try:
        found["the scheduler"] = client.run_on_scheduler(facts)
    except Exception as error:  # noqa: BLE001 (whatever keeps it from answering)
        found["the scheduler"] = error
    if problems := tuple(_unlike(found)):
        raise ClusterError(problems)


def _address(client: Client) -> str:
    return str(client.scheduler.address) if client.scheduler else "the scheduler"


def _unlike(there: Mapping[str, Facts | Exception]) -> Iterator[Problem]:
    """Yield a problem for all machines, by what they are called, that differ in the same way."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, found in there.items():
        if isinstance(found, Exception):
            alike.setdefault((f"jpreport fails there: {found}",), []).append(name)
        else:
            alike.setdefault(facts().differences(found), []).append(name)
    for told, names in alike.items():
        if told:
            yield _problem(names, told)


def _problem(names: Sequence[str], differences: Sequence[str]) -> Problem:
    told = f"{', '.join(_some(names))}: {'; '.join(_some(differences))}"
    return Problem(_PLACE, told, "install the same requirements.lock and jpreport there as here")


def _some(items: Sequence[str]) -> list[str]:
    more = len(items) - _MOST
    return [*items[:_MOST], *([f"and {more} more"] if more > 0 else [])]


class _Remote:
    """Makes editions on workers, and hears what these are at."""

    def __init__(
        self,
        client: Client,
        parcel: object,
        here: Callable[[EditionTask], Made],
        on_event: OnEvent,
        on_file: OnFile,
    ) -> None:
        self._client, self._parcel, self._here = client, parcel, here
        self._on_event, self._on_file = on_event, on_file
        self._address = _address(client)
        self._at: dict[str, str] = {}
        self.topic = f"jpreport-{uuid4()}"

    def heard(self, event: tuple[float, tuple[Any, ...]]) -> None:
        """Hand on what a worker says of an edition."""
        slug, state, cell, cells, worker = event[1]
        self._at[slug] = worker
        self._on_event(Event(slug, state, cell, cells, worker=worker))

    def make(self, task: EditionTask) -> Made:
        """Make an edition on a worker, and on another one if that ends before it is done."""
        if not task.job.execute:
            return self._here(task)
        try:
            made = self._made(task)
        except (CancelledError, ClosedClientError, CommClosedError) as error:
            message = f"the scheduler at {self._address} is gone"
            hint = "what was built is kept: build again to go on"
            raise ClusterError(Problem(_PLACE, message, hint)) from error
        for name, content in made.files.items():
            self._on_file(name, content)
        return made

    def _made(self, task: EditionTask) -> Made:
        message = ""
        for _ in range(_ATTEMPTS):
            # A key of its own: what failed is not remembered.
            future = self._client.submit(
                _make_there,
                self._parcel,
                task,
                self.topic,
                key=f"{task.slug}-{uuid4()}",
                retries=_ATTEMPTS - 1,
            )
            try:
                made: Made = future.result()
            except _KernelKilledError as error:
                return error.made
            except KilledWorker as error:
                last = error.last_worker
                deaths = error.allowed_failures + 1
                message = f"{deaths} workers ended while {task.slug} ran, last {last.address}"
                # What only waited there is not to blame.
                if self._at.get(task.slug) == str(last.name):
                    break
            else:
                return made
        hint = "their logs may say why; most likely memory ran out"
        problem = Problem(Place(task.job.edition.report.notebook), message, hint)
        return Made(Outcome(task.slug, "failed", problems=(problem,)))


def _make_there(parcel: Parcel, task: EditionTask, topic: str) -> Made:
    """Make an edition on this worker."""
    worker = get_worker()
    name, key = str(worker.name), worker.get_current_task()
    if parcel.differences:
        # It came after the others were looked at.
        raise ClusterError(_problem([f"worker {name}"], parcel.differences))

    def tell(event: Event) -> None:
        known = worker.state.tasks.get(key)
        if known is None or known.state == "cancelled":
            raise _UnwantedError
        worker.log_event(topic, (event.slug, event.state, event.cell, event.cells, name))

    made = make_edition(parcel.task(task), tell)
    if made.killed:
        raise _KernelKilledError(made)
    return made
