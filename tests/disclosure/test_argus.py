from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from disclosure_samples import rules, table
from jpreport.disclosure import DisclosureError, argus, protect
from jpreport.disclosure.argus import Item, problem_text, suppressions
from jpreport.disclosure.relations import Row

CUBE = table({("a",): 2, ("b",): 30, ("c",): 40})
ITEMS = [
    Item(2, 1, 1, 500, (1, 3)),
    Item(30, 31, 1, 500),
    Item(40, 41, 1, 500),
    Item(72, 146, 1, 500),
]
ROWS = [Row((3, 0, 1, 2), (-1, 1, 1, 1), 0, 0)]

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

# A problem that the engine works on for minutes: it tells its process and waits.
LONG = """
import itertools, random
from jpreport.disclosure.argus import Item, suppressions
from jpreport.disclosure.relations import Row
chance = random.Random(1)
side = 14
at = {key: n for n, key in enumerate(itertools.product(range(side + 1), repeat=3))}
value = {}
for key in itertools.product(range(side), repeat=3):
    value[key] = chance.choice((1, 2, 3, 9, 14, 25, 31))
rows = []
for place in range(3):
    for rest in itertools.product(range(side + 1), repeat=2):
        line = [(*rest[:place], n, *rest[place:]) for n in range(side + 1)]
        if all(key in value for key in line[:-1]):
            value[line[-1]] = sum(value[key] for key in line[:-1])
        rows.append(Row(tuple(at[key] for key in line), (*[1] * side, -1), 0, 0))
items = [Item(value[key], 1 + value[key], 1, 99999, (value[key] - 1, 5 - value[key])
         if value[key] < 5 else None) for key in at]
print("ready", flush=True)
suppressions(items, rows, 600)
"""


def test_the_problem_holds_numbers_only() -> None:
    text = problem_text(ITEMS[:1], [Row((0,), (1,), 2, 2)])
    assert text == "0\n1\n0 2 1 u 1 500 1 3 0\n1\n2.0 1 : 0 (1)\n"


def test_the_cheapest_partner_is_chosen() -> None:
    assert suppressions(ITEMS, ROWS, 60) == {0, 1}


def test_where_pytauargus_is_missing_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    # Isolated and without site-packages: the same interpreter, no pytauargus.
    real = subprocess.Popen

    def bare(command: list[str], **more: object) -> subprocess.Popen[bytes]:
        return real([command[0], "-S", *command[1:]], **more)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(argus.subprocess, "Popen", bare)
    with pytest.raises(DisclosureError, match=r"pytauargus cannot be loaded.*nothing is published"):
        protect(CUBE, rules())


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.abort()", "gave no answer"),
        ("raise SystemExit(3)", "gave no answer"),
        ('print(\'{"error": "tau-ARGUS failed with code 5009"}\')', "code 5009"),
        ("print('oops')", "gave no answer"),
        ("import time; time.sleep(30)", "did not finish in 0.5 seconds"),
    ],
)
def test_where_it_fails_nothing_is_published(
    program: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(program, encoding="utf-8")
    monkeypatch.setattr(argus, "_WORKER", worker)
    began = time.monotonic()
    with pytest.raises(DisclosureError, match=said):
        protect(CUBE, rules(), seconds=0.5)
    assert time.monotonic() - began < 5


def test_an_impossible_problem_is_a_failure_of_the_engine() -> None:
    fixed = [ITEMS[0], *(Item(one.value, one.cost, one.value, one.value) for one in ITEMS[1:])]
    with pytest.raises(DisclosureError, match="nothing is published"):
        suppressions(fixed, ROWS, 60)


def folders() -> set[Path]:
    return {path for root in ("/dev/shm", "/tmp") for path in Path(root).glob("jpreport-argus-*")}  # noqa: S108


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in text.split()]


def alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False


def soon(holds: object, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def at_work() -> Iterator[tuple[subprocess.Popen[str], int, int, Path]]:
    """A caller, its worker, the engine's process and their folder, in the middle of it."""
    before = folders()
    with subprocess.Popen([sys.executable, "-c", LONG], stdout=-1, stderr=-1, text=True) as caller:
        try:
            assert caller.stdout is not None
            assert caller.stdout.readline() == "ready\n"
            assert soon(lambda: len(folders() - before) == 1)
            (folder,) = folders() - before
            assert soon(lambda: any(map(children, children(caller.pid))))
            (worker,) = children(caller.pid)
            (engine,) = children(worker)
            assert soon(lambda: Path(f"/proc/{engine}/cwd").readlink() == folder)
            yield caller, worker, engine, folder
        finally:
            caller.kill()
    assert soon(lambda: not alive(worker) and not alive(engine))


@linux
@pytest.mark.slow
def test_while_it_works_nothing_lies_in_the_file_system(at_work) -> None:  # noqa: ANN001
    *_, engine, folder = at_work
    assert folder.stat().st_mode & 0o777 == 0o700
    time.sleep(2)
    assert all(path.is_symlink() and not path.is_file() for path in folder.iterdir())
    opened = {str(path.readlink()) for path in Path(f"/proc/{engine}/fd").iterdir()}
    assert all(
        name == "/dev/null" or name.startswith(("/memfd:", "pipe:", "anon_inode:", "socket:"))
        for name in opened
    )


@linux
@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_when_the_caller_is_killed_nothing_is_left(at_work, end) -> None:  # noqa: ANN001
    caller, worker, engine, folder = at_work
    caller.send_signal(end)
    assert soon(lambda: not alive(worker) and not alive(engine))
    assert soon(lambda: not folder.exists())


@linux
@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_when_the_worker_is_killed_no_count_is_left(at_work, end) -> None:  # noqa: ANN001
    caller, worker, engine, folder = at_work
    os.kill(worker, end)
    assert soon(lambda: not alive(worker) and not alive(engine))
    assert caller.wait(20) == 1  # a DisclosureError
    if end == signal.SIGTERM:
        assert not folder.exists()
    elif folder.exists():
        assert all(path.is_symlink() for path in folder.iterdir())
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
