"""Kernels start hermetic, in private, and leave nothing behind, however they end."""

from __future__ import annotations

import ast
import asyncio
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import zmq

from jpreport.errors import ExecutionError
from jpreport.kernels import Kernel, cause_of_death, exit_code, open_kernel, stop_all

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


async def look(kernel: Kernel) -> dict[str, Any]:
    reply = await kernel.client.execute_interactive(
        "", store_history=False, user_expressions={"a": f"repr({LOOK})"}, allow_stdin=False
    )
    told = reply["content"]["user_expressions"]["a"]["data"]["text/plain"]
    return dict(ast.literal_eval(ast.literal_eval(told)))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
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
        async with open_kernel(cwd=home, env={"JPREPORT_PROJECT": "p"}) as kernel:
            found = await look(kernel)
            folder = Path(kernel.manager.connection_file).parent
            assert kernel.manager.provisioner
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
        return asyncio.run(main()) | {"home": home, "deep": deep}


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.slow
def test_a_persons_settings_stay_out(seen: dict[str, Any]) -> None:
    assert seen["backend"] == "module://matplotlib_inline.backend_inline"
    assert seen["font"] != 99
    assert seen["startup"] is False
    assert seen["history"] is False
    environ = seen["environ"]
    assert (environ["TZ"], environ["PYTHONHASHSEED"]) == ("UTC", "0")
    assert "PYTHONSTARTUP" not in environ
    assert "PYTHONWARNINGS" not in environ
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


@pytest.mark.slow
@pytest.mark.skipif(not zmq.has("curve"), reason="this ZeroMQ cannot encrypt")
def test_without_ipc_it_speaks_encrypted_tcp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jpreport.kernels.zmq.has", lambda what: what != "ipc")

    async def main() -> tuple[str, bool, dict[str, Any]]:
        async with open_kernel(cwd=Path.cwd(), env={}) as kernel:
            manager = kernel.manager
            return manager.transport, bool(manager.curve_secretkey), await look(kernel)

    transport, encrypted, seen = asyncio.run(main())
    assert (transport, encrypted) == ("tcp", True)
    assert seen["environ"]["TZ"] == "UTC"


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
import asyncio, sys
from pathlib import Path
from jpreport.kernels import open_kernel

async def main():
    async with open_kernel(cwd=Path("."), env={}) as kernel:
        kernel.client.execute("import time\\nwhile True: time.sleep(0.05)")
        print(kernel.manager.provisioner.pid, flush=True)
        await asyncio.sleep(60)

try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(130)
"""


def wait_until(true: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("number", "times", "code", "left"),
    [(signal.SIGINT, 1, 130, 0), (signal.SIGINT, 2, 130, 0), (signal.SIGKILL, 1, -9, 1)],
)
def test_a_kernel_ends_with_its_parent(
    tmp_path: Path, number: int, times: int, code: int, left: int
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        # A shell's background job ignores Ctrl-C, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        for _ in range(times):
            parent.send_signal(number)
            time.sleep(0.02)
        assert parent.wait(15) == code
    assert wait_until(lambda: not is_running(pid))
    assert len(list(tmp_path.glob("jpreport-*"))) <= left


@pytest.mark.slow
def test_all_kernels_can_be_stopped_from_another_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    running: list[int] = []

    async def hold() -> None:
        async with open_kernel(cwd=tmp_path, env={}) as kernel:
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
        assert [run.result(10) for run in runs] == ["cancelled", "cancelled"]
        assert not any(map(is_running, running))
        assert pool.submit(work).result(10) == "cancelled"  # a job that was about to begin
    assert len(running) == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-9, "the kernel died: out of memory or killed (exit code -9)"),
        (-11, "the kernel died (exit code -11, SIGSEGV)"),
        (3, "the kernel died (exit code 3)"),
        (None, "the kernel stopped answering"),
    ],
)
def test_the_cause_of_death_is_told(code: int | None, expected: str) -> None:
    assert cause_of_death(code) == expected
