"""Warm kernels: a fork inherits nothing that an ordinary kernel does not have."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from jpreport.execute.kernels import open_kernel, prewarm, warm
from jpreport.execute.run import run_notebook
from kernel_samples import PATIENCE, ask, ended, is_running, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="no forks to be had"),
]


@pytest.fixture(autouse=True)
def _cool() -> Iterator[None]:
    """Give every test a fork server of its own."""
    warm.cool_down()
    yield
    warm.cool_down()


def asked(folder: Path, *code: str, kind: str = "warm", **env: str) -> tuple[bool, Any]:
    """Whether a new kernel is a fork, and what it says of the last expression of some code."""

    async def main() -> tuple[bool, Any]:
        async with open_kernel(cwd=folder, env=env, warm=kind == "warm") as kernel:
            assert kernel.manager.provisioner
            forked = isinstance(kernel.manager.provisioner.process, warm.ForkedKernel)
            return forked, await ask(kernel, code[-1], "\n".join(code[:-1]))

    return asyncio.run(main())


STATE = """{
    "threads": sorted(re.sub("-[0-9]+", "", thread.name) for thread in threading.enumerate()),
    "tasks": len(os.listdir("/proc/self/task")),
    "files": sorted(os.readlink(file).partition(":")[0].partition("/")[0]
                    for file in glob.glob("/proc/self/fd/*")
                    if int(os.path.basename(file)) > 2 and os.path.exists(file)),
    "signals": [str(signal.getsignal(n)) for n in (2, 15, 17)],
    "argv": [os.path.basename(sys.argv[0]), *sys.argv[3:]],
    "path": sys.path,
    "flags": list(sys.flags),
    "locale": locale.setlocale(locale.LC_ALL),
    "zone": time.tzname,
    "umask": os.umask(0o22),
    "group": os.getpgid(0) == os.getsid(0) == os.getpid(),
    "door": [name for name in sys.modules if name.startswith(("jpreport.n", "matplotlib_i"))],
    "interactive": mpl.is_interactive(),
    "figures": plt.get_fignums(),
    "settings": {name: repr(value) for name, value in mpl.rcParams.items()},
    "fonts": [font.fname for font in font_manager.fontManager.ttflist],
    "filters": sorted({repr(one) for one in warnings.filters}),
    "options": pandas.describe_option(_print_desc=False).splitlines(),
    "numpy": repr(numpy.get_printoptions()),
    "hash": hash("a"),
    "tables": duckdb.sql("show tables").fetchall(),
}"""
LOOK = (
    "import glob, locale, os, re, signal, sys, threading, time, warnings",
    "import duckdb, numpy, pandas, matplotlib as mpl, matplotlib.pyplot as plt",
    "from matplotlib import font_manager",
    STATE,
)


def test_a_fork_is_in_the_state_of_an_ordinary_kernel(tmp_path: Path) -> None:
    forked, fresh = asked(tmp_path, *LOOK)
    assert forked
    ordinary_is_forked, ordinary = asked(tmp_path, *LOOK, kind="ordinary")
    assert not ordinary_is_forked
    assert fresh == ordinary


MESS = (
    *LOOK[:-1],
    "import random",
    "mpl.rcParams['font.size'] = 99",
    "plt.figure()",
    "pandas.set_option('display.precision', 1)",
    "duckdb.sql('create table t as select 1 as x')",
    "import jpreport.notebook",
    "random.seed(1); numpy.random.seed(1)",
    "len(duckdb.sql('show tables').fetchall())",
)


def test_what_one_kernel_does_no_other_sees(tmp_path: Path) -> None:
    _, before = asked(tmp_path, *LOOK)
    assert asked(tmp_path, *MESS) == (True, 1)
    _, after = asked(tmp_path, *LOOK)
    assert after == before


def test_the_server_has_one_thread_and_no_connection(tmp_path: Path) -> None:
    _, server = asked(tmp_path, "__import__('os').getppid()")
    threads = len(list(Path(f"/proc/{server}/task").iterdir()))
    files = [str(f.readlink()) for f in Path(f"/proc/{server}/fd").iterdir() if int(f.name) > 2]
    # DuckDB would have one thread a core, and so would ZeroMQ, Arrow and OpenBLAS.
    assert threads == 1
    kinds = sorted(name.partition(":")[0] for name in files)
    assert kinds == ["anon_inode", *["socket"] * 3]  # its control, and two to be woken by


RANDOM = (
    "import random, uuid, numpy, secrets",
    "[random.random(), numpy.random.random(), numpy.random.default_rng().random()]",
)


def test_no_two_forks_draw_the_same_random_numbers(tmp_path: Path) -> None:
    drawn = [number for _ in range(3) for number in asked(tmp_path, *RANDOM)[1]]
    assert len(set(drawn)) == 9


def test_libraries_start_their_threads_in_a_fork(tmp_path: Path) -> None:
    forked, told = asked(
        tmp_path,
        "import duckdb, pyarrow as pa, pyarrow.compute as pc, numpy as np",
        "duckdb.sql('set threads = 2')",
        "[total] = duckdb.sql('select sum(range) from range(2000000)').fetchall()",
        "a = np.ones((600, 600))",
        "[int(total[0]), pc.sum(pa.array(range(1000))).as_py(), float((a @ a).sum())]",
    )
    assert forked
    assert told == [1999999000000, 499500, 600.0**3]


CELLS = (
    "n: int = 1",
    "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('plain')",
    "from jpreport.notebook import bar_chart, frame_table\nimport pandas as pd",
    "frame = pd.DataFrame({'who': ['a', 'b'], 'n': [3, 4]})\nframe",
    "bar_chart(frame, 'who', 'n', title='Ours')",
    "frame_table(frame)",
    "fig, ax = plt.subplots()\nax.barh(['a', 'b'], [1, 2])",
    "import warnings, sys, helper\nwarnings.warn('careful')",
    "print(hash('x'), sys.path[0], helper.X)",
    "import duckdb\nduckdb.sql('select 42 as x').df()",
    "{name for name in ('b', 'a', 'c')}",
)


def test_the_same_notebook_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("X = 7")
    nb = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(CELLS)]
    )
    nb.cells[0].metadata["tags"] = ["parameters"]
    nb.cells.append(nbformat.v4.new_markdown_cell("{eval}`n + 1` {eval}`frame`", id="prose"))
    path = tmp_path / "n.ipynb"
    nbformat.write(nb, path)
    runs = {}
    for kind in ("warm", "warm again", "ordinary"):
        start = partial(open_kernel, warm=kind != "ordinary")
        runs[kind] = nbformat.writes(run_notebook(path, {"n": 2}, cwd=tmp_path, start=start))
    assert warm._server is not None
    assert "image/svg+xml" in runs["warm"]
    assert runs["warm"] == runs["warm again"]
    assert runs["warm"] == runs["ordinary"]


@pytest.mark.parametrize(
    ("first", "attribute"),
    [
        ("import jpreport.notebook.charts", "jpreport.notebook.charts.bar_chart.__name__"),
        ("from jpreport.notebook.svg import FACES", "FACES[0]"),
        ("from jpreport.notebook import bar_chart", "bar_chart.__name__"),
    ],
)
def test_the_door_sets_the_kernel_up_however_it_is_imported(
    tmp_path: Path, first: str, attribute: str
) -> None:
    code = (
        first,
        "import jpreport as j; from matplotlib_inline.config import InlineBackend",
        "spec = j.notebook.__spec__; loader = j.notebook.charts.__spec__.loader.__class__.__name__",
        f"[{attribute}, [*InlineBackend.instance().figure_formats], spec.origin, loader]",
    )
    forked, told = asked(tmp_path, *code)
    assert forked
    assert told[1] == ["svg"]
    assert (False, told) == asked(tmp_path, *code, kind="ordinary")


def test_an_ordinary_kernel_starts_where_a_fork_would_differ(tmp_path: Path) -> None:
    assert asked(tmp_path, "1")[0]
    assert asked(tmp_path, "__import__('os').environ['OTHER']", OTHER="x") == (False, "x")
    assert asked(tmp_path, "__import__('os').environ['JPREPORT_X']", JPREPORT_X="x") == (True, "x")
    (tmp_path / "duckdb.py").write_text("mine = 1")
    assert asked(tmp_path, "import duckdb", "duckdb.mine") == (False, 1)


@pytest.mark.parametrize("start", ["raise SystemExit(3)", "import time; time.sleep(60)"])
def test_an_ordinary_kernel_starts_where_the_server_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(warm, "_START", start)
    monkeypatch.setattr(warm, "_PATIENCE", 1)
    assert asked(tmp_path, "1 + 1") == (False, 2)


def test_an_ordinary_kernel_starts_where_there_are_no_forks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jpreport.execute.kernels.warm._is_to_be_had", lambda: False)
    prewarm()
    assert warm._server is None
    assert asked(tmp_path, "1 + 1") == (False, 2)


THREAD = """
import threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""
WARNING = """
import sys, warnings
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "duckdb":
            warnings.warn("careful")
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("code", [THREAD, WARNING], ids=["a thread", "a warning"])
def test_a_server_with_something_to_hide_does_not_fork(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(site))
    assert asked(tmp_path, "1 + 1") == (False, 2)


def test_jobs_in_threads_get_forks_of_one_server(tmp_path: Path) -> None:
    prewarm()

    def parent(_: int) -> tuple[bool, Any]:
        return asked(tmp_path, "__import__('os').getppid()")

    with ThreadPoolExecutor(3) as pool:
        found = set(pool.map(parent, range(6)))
    assert len(found) == 1
    assert found.pop()[0]


def test_a_kernel_whose_server_dies_is_told_as_killed(tmp_path: Path) -> None:
    async def main() -> tuple[int, int, int]:
        async with open_kernel(cwd=tmp_path, env={}) as kernel:
            server = await ask(kernel, "__import__('os').getppid()")
            os.kill(server, signal.SIGKILL)
            assert kernel.manager.provisioner
            return await ended(kernel), kernel.manager.provisioner.pid or 0, server

    code, pid, server = asyncio.run(main())
    assert code == -signal.SIGKILL
    assert wait_until(lambda: not is_running(pid))
    forked, parent = asked(tmp_path, "__import__('os').getppid()")
    assert forked
    assert parent != server


FORKING = """
import asyncio, os
from pathlib import Path
from jpreport.execute.kernels import open_kernel
from jpreport.execute.kernels import warm

async def main():
    async with open_kernel(cwd=Path("."), env={}) as kernel:
        return kernel.manager.provisioner.process.__class__.__name__

first = asyncio.run(main())
child = os.fork()
if child == 0:
    second = asyncio.run(main())
    warm.cool_down()
    os._exit(second != "ForkedKernel")
assert os.waitpid(child, 0)[1] == 0
print(first, asyncio.run(main()))
"""


def test_a_fork_of_this_process_has_a_server_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKING], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("ForkedKernel ForkedKernel\n", "")


def test_warming_up_does_not_wait_nor_load_jupyter() -> None:
    # A server that never comes to serve: who waited for it would never end.
    code = (
        "import sys; from jpreport.execute.kernels import prewarm, warm;"
        "warm._START = 'import time; time.sleep(3600)'; prewarm();"
        "print(warm._server.is_running(), 'zmq' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert done.stdout == "True False\n"


def test_jupyter_starts_it_from_a_kernelspec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python, warm",
        "language": "python",
        "metadata": {"kernel_provisioner": {"provisioner_name": "jpreport-warm"}},
    }
    (tmp_path / "kernels" / "warm").mkdir(parents=True)
    (tmp_path / "kernels" / "warm" / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", tempfile.mkdtemp(dir=tmp_path))
    manager, client = start_new_kernel(kernel_name="warm", cwd=str(tmp_path))
    try:
        assert manager.provisioner
        first = manager.provisioner.pid
        assert isinstance(manager.provisioner.process, warm.ForkedKernel)
        assert manager.is_alive()
        manager.restart_kernel()
        client.wait_for_ready(30)
        second = manager.provisioner.pid
        assert isinstance(manager.provisioner.process, warm.ForkedKernel)
        assert first != second
    finally:
        client.stop_channels()
        manager.shutdown_kernel()  # asks politely
    assert wait_until(lambda: not any(map(is_running, (first, second))))
    assert not manager.is_alive()


def test_papermill_starts_it(tmp_path: Path) -> None:
    code = "import os; open(f'/proc/{os.getppid()}/cmdline').read()"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in ("", code)])
    nb.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(nb, tmp_path / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "--engine", "jpreport"]
    subprocess.run(command, cwd=tmp_path, check=True)
    shown = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[1].outputs[0].data
    assert "jpreport.execute.kernels.server" in shown["text/plain"]
