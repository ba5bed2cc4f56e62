"""Editions made on the workers of a Dask cluster are those of this machine, whatever happens."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from distributed import KilledWorker

import jpreport
from cluster_samples import Cluster, Ear
from jpreport.errors import ClusterError
from jpreport.files import digest_file
from jpreport.release.cluster import _client, _Remote
from jpreport.release.job import Event, Made, Outcome
from jpreport.release.request import Request
from jpreport.release.spine import build
from programme_samples import edit_notebook
from sensitive_samples import programme

DONORS = ("Ada", "Bo", "Cy", "Di")
# A slow worker's environment makes its kernels slow.
CELL = 'import os, time; time.sleep(float(os.environ.get("SLOW", "0")))'


def _programme(root: Path, donors: tuple[str, ...]) -> Path:
    programme(root)
    grants = "".join(f"{donor},{10 + place}\n" for place, donor in enumerate(donors))
    (root / "data/grants.csv").write_text(f"donor,amount\n{grants}", encoding="utf-8")
    cell = CELL.replace('"', '\\"')
    edit_notebook(
        root / "notebooks/donor.ipynb", "rp = open_report()", f"rp = open_report()\\n{cell}"
    )
    return root


def _files(output: Path) -> dict[str, str]:
    return {
        path.relative_to(output).as_posix(): digest_file(path)
        for path in sorted(output.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _programme(tmp_path_factory.mktemp("cluster") / "programme", DONORS)


def _request(root: Path, name: str, cluster: str = "") -> Request:
    return Request(
        root,
        root.parent / name,
        formats=("html",),
        workers=2,
        cluster=cluster,
        state=root.parent / "states" / name,
    )


@pytest.fixture(scope="module")
def files(root: Path) -> dict[str, str]:
    """What this machine makes alone."""
    request = _request(root, "here")
    assert {one.state for one in build(request)} == {"built"}
    return _files(request.output)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("dask"))
    found.start("quick")
    found.start("slow", SLOW="1.5")
    yield found
    found.stop()


@pytest.mark.slow
def test_workers_make_the_same_files_and_never_see_a_record(
    root: Path, files: dict[str, str], cluster: Cluster
) -> None:
    ear = Ear(cluster.address)
    request, events = _request(root, "there", ear.address), list[Event]()
    outcomes = build(request, events.append)
    ear.close()
    assert {one.state for one in outcomes} == {"built"}
    assert _files(request.output) == files
    assert {one.worker for one in events if one.state == "running"} <= {"quick", "slow"}
    # What is open travels as it is, so that records would be seen.
    assert b"donor,amount\nAda,10" in ear.heard
    cases = (root / "data/cases.csv").read_bytes().split(b"\n")[1:-1]
    assert [one for one in cases for code in one.split(b",")[:2] if code in ear.heard] == []
    assert root.joinpath("data/cases.csv").read_bytes() not in ear.heard


@pytest.mark.slow
def test_what_a_worker_leaves_undone_another_one_makes(
    root: Path, files: dict[str, str], cluster: Cluster
) -> None:
    def kill(event: Event) -> None:
        if event.worker == "slow" and cluster.workers["slow"].poll() is None:
            cluster.workers["slow"].kill()

    request = _request(root, "killed", str(cluster.file))
    assert {one.state for one in build(request, kill)} == {"built"}
    assert cluster.workers["slow"].wait() == -9
    assert _files(request.output) == files


@pytest.mark.slow
def test_a_local_cluster_encrypts_what_it_says() -> None:
    with _client("local:1") as client:
        assert client.scheduler.address.startswith("tls://127.0.0.1:")
        assert client.submit(len, "abc").result() == 3


def _task() -> Any:  # noqa: ANN401
    report = SimpleNamespace(notebook="notebooks/d.ipynb")
    job = SimpleNamespace(execute=("new",), edition=SimpleNamespace(report=report))
    return SimpleNamespace(slug="d", job=job)


def test_a_full_disk_of_a_worker_is_not_told_as_a_scheduler_that_is_gone() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    client = Mock(submit=Mock(return_value=Mock(result=Mock(side_effect=full))))
    with pytest.raises(OSError, match="No space left"):
        _Remote(client, None, Mock(), Mock(), Mock()).make(_task())


@pytest.mark.parametrize(
    ("at", "submitted", "state"),
    [("w3", 1, "failed"), ("w1", 2, "built")],
)
def test_a_report_that_ends_three_workers_is_at_fault_if_it_ran_there(
    at: str, submitted: int, state: str
) -> None:
    killed = KilledWorker("d-1", SimpleNamespace(name="w3", address="tcp://w3"), 2)  # type: ignore[arg-type]
    ends = [Mock(side_effect=killed), Mock(return_value=Made(Outcome("d", "built")))]
    client = Mock(submit=Mock(side_effect=[Mock(result=one) for one in ends]))
    remote = _Remote(client, None, Mock(), Mock(), Mock())
    remote.heard((0.0, ("d", "running", 1, 3, at)))
    outcome = remote.make(_task()).outcome
    assert (outcome.state, client.submit.call_count) == (state, submitted)
    if state == "failed":
        assert str(outcome.problems[0]).startswith(
            "notebooks/d.ipynb: 3 workers ended while d ran, last tcp://w3"
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cluster": "local:1", "restricted": True}, "records of persons, which stay on this"),
        ({"cluster": "nowhere://127.0.0.1:1"}, "no scheduler answers at nowhere://127.0.0.1:1"),
    ],
)
def test_what_cannot_be_made_on_a_cluster_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    request = _request(_programme(tmp_path / "programme", ("Ada",)), "out")
    with pytest.raises(ClusterError, match=message):
        build(replace(request, **changes))


@pytest.mark.slow
def test_another_version_is_refused_before_the_first_job(
    root: Path, cluster: Cluster, tmp_path: Path
) -> None:
    shutil.copytree(Path(jpreport.__file__).parent, tmp_path / "jpreport")
    with (tmp_path / "jpreport/release/fanout.py").open("a") as module:
        module.write("# other\n")
    cluster.start("other", PYTHONPATH=str(tmp_path))
    events: list[Event] = []
    with pytest.raises(ClusterError) as caught:
        build(_request(root, "other", cluster.address), events.append)
    cluster.workers["other"].kill()
    assert {one.state for one in events} <= {"protecting", "waiting"}
    assert "worker other: jpreport is not the same" in str(caught.value)


@pytest.mark.slow
def test_what_was_made_is_kept_if_the_scheduler_goes_away(
    root: Path, files: dict[str, str], cluster: Cluster
) -> None:
    def end(event: Event) -> None:
        if event.state == "built":
            cluster.scheduler.kill()

    request = _request(root, "gone", cluster.address)
    with pytest.raises(ClusterError, match="is gone") as caught:
        build(request, end)
    assert "build again" in str(caught.value)
    kept = request.store.editions()
    assert kept
    again = build(_request(root, "gone"))
    assert {one.slug for one in again if one.state == "unchanged"} == {*kept}
    assert _files(request.output) == files
