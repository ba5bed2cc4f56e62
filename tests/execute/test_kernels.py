"""Kernels start hermetic, in private, and leave nothing behind, however they end."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import zmq

from jpreport.errors import ExecutionError
from jpreport.execute.kernels import cause_of_death, exit_code, open_kernel, stop_all
from jpreport.execute.kernels.warm import ForkedKernel, cool_down
from jpreport.files.private import private_folder
from kernel_samples import PATIENCE, ask, ended, is_running, wait_until

both = pytest.mark.parametrize("kind", ["warm", "ordinary"])

LOOK = """{
    "environ": dict(__import__("os").environ),
    "flags": __import__("sys").flags.no_user_site,
    "backend": __import__("matplotlib").get_backend(),
    "font": __import__("matplotlib").rcParams["font.size"],
    "startup": "from_startup" in globals(),
    "history": get_ipython().history_manager.enabled,
    "executable": __import__("sys").executable,
    "cwd": __import__("os").getcwd(),
}"""


@pytest.fixture(scope="module", params=["warm", "ordinary"])
def seen(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """What a kernel sees that a person with strong opinions starts, and what it leaves."""
    home = tmp_path_factory.mktemp("home")
    deep = home / ("d" * 100)
    deep.mkdir()
    startup = home / ".ipython/profile_default/startup/00.py"
    for file, text in {
        startup: "from_startup = 1",
        home / ".config/matplotlib/matplotlibrc": "font.size: 99",
        home / "start.py": "raise SystemExit('PYTHONSTARTUP was read')",
    }.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    theirs = {
        "HOME": home,
        "IPYTHONDIR": home / ".ipython",
        "MPLBACKEND": "Agg",
        "PYTHONHASHSEED": "7",
        "PYTHONSTARTUP": home / "start.py",
        "PYTHONWARNINGS": "error",
        "TZ": "Asia/Tokyo",
    }

    async def main() -> dict[str, Any]:
        env = {"JPREPORT_PROJECT": "p"}
        async with open_kernel(cwd=home, env=env, warm=request.param == "warm") as kernel:
            found = dict(await ask(kernel, LOOK))
            folder = Path(kernel.manager.connection_file).parent
            assert kernel.manager.provisioner
            found["forked"] = isinstance(kernel.manager.provisioner.process, ForkedKernel)
            found["ip"] = kernel.manager.ip
            found["folder"] = folder
            found["mode"] = stat.S_IMODE(folder.stat().st_mode) & 0o777
            found["pid"] = kernel.manager.provisioner.pid
            found["running"] = await exit_code(kernel)
        return found

    with pytest.MonkeyPatch.context() as patch:
        for name, value in theirs.items():
            patch.setenv(name, str(value))
        patch.setattr(tempfile, "tempdir", str(deep))
        cool_down()  # the next fork server has this person's environment
        yield asyncio.run(main()) | {"home": home, "deep": deep, "kind": request.param}
    cool_down()


@pytest.mark.slow
def test_a_persons_settings_stay_out(seen: dict[str, Any]) -> None:
    assert seen["forked"] is (seen["kind"] == "warm" and sys.platform == "linux")
    assert seen["backend"] == "module://matplotlib_inline.backend_inline"
    assert seen["font"] != 99
    assert seen["startup"] is False
    assert seen["history"] is False
    environ = seen["environ"]
    assert (environ["TZ"], environ["PYTHONHASHSEED"]) == ("UTC", "0")
    assert "PYTHONSTARTUP" not in environ
    assert "PYTHONWARNINGS" not in environ
    assert "JPREPORT_SECRET" in os.environ.keys() - environ.keys()
    assert environ["JPREPORT_PROJECT"] == "p"
    assert (seen["executable"], seen["cwd"]) == (sys.executable, str(seen["home"]))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no IPC transport")
def test_its_sockets_are_private_and_their_path_is_short(seen: dict[str, Any]) -> None:
    assert seen["mode"] == 0o700
    assert seen["ip"] == str(seen["folder"] / "k")
    assert len(seen["ip"]) < 90
    assert not list(seen["deep"].iterdir())


@pytest.mark.slow
def test_nothing_is_left_after_a_normal_end(seen: dict[str, Any]) -> None:
    assert seen["running"] is None
    assert not is_running(seen["pid"])
    assert not seen["folder"].exists()


@both
@pytest.mark.slow
@pytest.mark.skipif(not zmq.has("curve"), reason="this ZeroMQ cannot encrypt")
def test_without_ipc_it_speaks_encrypted_tcp(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr("jpreport.execute.kernels.opening.zmq.has", lambda what: what != "ipc")

    async def main() -> tuple[str, bool, str]:
        async with open_kernel(cwd=Path.cwd(), env={}, warm=kind == "warm") as kernel:
            manager = kernel.manager
            zone = await ask(kernel, "__import__('os').environ['TZ']")
            return manager.transport, bool(manager.curve_secretkey), zone

    assert asyncio.run(main()) == ("tcp", True, "UTC")


@pytest.mark.slow
def test_a_kernel_that_does_not_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "ipykernel_launcher.py").write_text("raise RuntimeError('no luck')")

    async def main() -> None:
        async with open_kernel(cwd=tmp_path, env={"PYTHONPATH": str(broken)}):
            pytest.fail("it started")

    with pytest.raises(ExecutionError, match=r"the kernel did not start\n.*no luck"):
        asyncio.run(main())
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


PARENT = """
import asyncio, os, sys
from pathlib import Path
from jpreport.execute.kernels import open_kernel

async def main(how):
    async with open_kernel(cwd=Path("."), env={}, warm=how == "warm") as kernel:
        pids = [kernel.manager.provisioner.pid]
        kernel.client.execute("import time\\nwhile True: time.sleep(0.05)")
        state = Path(f"/proc/{pids[0]}/stat").read_text().rpartition(")")[2].split()
        print(pids[0], *{int(state[1])} - {os.getpid()}, flush=True)
        if sys.argv[2] == "fail":
            raise RuntimeError
        await asyncio.sleep(60)

try:
    asyncio.run(main(sys.argv[1]))
except KeyboardInterrupt:
    sys.exit(130)
"""
# What the parent does, the signals it gets, how it may end, how many folders it may leave.
ENDS = {
    "failure": ("fail", [], (1,), 0),
    "Ctrl-C": ("wait", [signal.SIGINT], (130,), 0),
    "Ctrl-C twice": ("wait", [signal.SIGINT, signal.SIGINT], (130, -2), 1),
    "SIGTERM": ("wait", [signal.SIGTERM], (-15,), 1),
    "SIGKILL": ("wait", [signal.SIGKILL], (-9,), 1),
}


@both
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("end", ENDS)
def test_a_kernel_ends_with_its_parent(tmp_path: Path, kind: str, end: str) -> None:
    what, signals, codes, left = ENDS[end]
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, kind, what],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        # A shell's background job ignores Ctrl-C, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as parent:
        assert parent.stdout
        pids = [int(number) for number in parent.stdout.readline().split()]
        assert len(pids) == (2 if kind == "warm" else 1)  # the kernel, and its fork server
        for number in signals:
            parent.send_signal(number)
            time.sleep(0.02)
        assert parent.wait(PATIENCE) in codes
    assert wait_until(lambda: not any(map(is_running, pids)))
    assert len(list(tmp_path.glob("jpreport-*"))) <= left
    in_use = tmp_path / "jpreport-others"
    in_use.mkdir()
    sweep = "from jpreport.files.private import private_folder as f\nwith f(90): pass"
    subprocess.run(
        [sys.executable, "-c", sweep], env=os.environ | {"TMPDIR": str(tmp_path)}, check=True
    )
    assert list(tmp_path.glob("jpreport-*")) == [in_use]


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_a_folder_in_use_is_not_taken_for_a_left_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sweep = "from jpreport.files.private import private_folder as f\nwith f(90): pass"
    with private_folder(90) as folder:
        environment = os.environ | {"TMPDIR": str(tmp_path)}
        subprocess.run([sys.executable, "-c", sweep], env=environment, check=True)
        assert list(tmp_path.iterdir()) == [folder]
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_what_an_interrupted_removal_leaves_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    holding = private_folder(90)
    folder = holding.__enter__()
    (folder / "file").touch()
    (folder / "inner").mkdir()
    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        holding.__exit__(None, None, None)
    assert folder.exists()
    sweep = "from jpreport.files.private import private_folder as f\nwith f(90): pass"
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", sweep], env=environment, check=True)
    assert not list(tmp_path.iterdir())


@both
@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os; os._exit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9),
        ("import ctypes; ctypes.string_at(0)", -11),
    ],
)
def test_how_a_kernel_died_is_known(tmp_path: Path, kind: str, code: str, expected: int) -> None:
    async def main() -> int:
        async with open_kernel(cwd=tmp_path, env={}, warm=kind == "warm") as kernel:
            kernel.client.execute(code)
            return await ended(kernel)

    assert asyncio.run(main()) == expected


@both
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_a_kernel_has_started_ends_with_it(tmp_path: Path, kind: str) -> None:
    start = "__import__('subprocess').Popen(['sleep', '60']).pid"

    async def main() -> int:
        async with open_kernel(cwd=tmp_path, env={}, warm=kind == "warm") as kernel:
            pid = int(await ask(kernel, start))
            assert is_running(pid)
            return pid

    pid = asyncio.run(main())
    assert wait_until(lambda: not is_running(pid))


@both
@pytest.mark.slow
def test_all_kernels_can_be_stopped_from_another_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    running: list[int] = []

    async def hold() -> None:
        async with open_kernel(cwd=tmp_path, env={}, warm=kind == "warm") as kernel:
            assert kernel.manager.provisioner
            running.append(kernel.manager.provisioner.pid or 0)
            await asyncio.sleep(60)

    def work() -> str:
        try:
            asyncio.run(hold())
        except asyncio.CancelledError:
            return "cancelled"
        return "ended"

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(work), pool.submit(work)]
        assert wait_until(lambda: len(running) == 2)
        stop_all()
        assert [run.result(PATIENCE) for run in runs] == ["cancelled", "cancelled"]
        assert not any(map(is_running, running))
        assert pool.submit(work).result(PATIENCE) == "cancelled"  # a job that was about to begin
    assert len(running) == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-9, "the kernel was killed, most likely because memory ran out (exit code -9)"),
        (-11, "the kernel died (exit code -11, SIGSEGV)"),
        (3, "the kernel died (exit code 3)"),
        (None, "the kernel stopped answering"),
    ],
)
def test_the_cause_of_death_is_told(code: int | None, expected: str) -> None:
    assert cause_of_death(code) == expected
