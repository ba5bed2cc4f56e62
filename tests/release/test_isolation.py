"""Notebooks of a release that reach for records of persons fail, and are told what to use."""

from __future__ import annotations

import gzip
import os
import platform
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jpreport.errors import DataError, ExecutionError
from jpreport.execute.kernels import open_kernel, prewarm
from jpreport.execute.kernels.confinement import Confinement, isolation
from jpreport.execute.kernels.environment import fixed_environment
from jpreport.execute.kernels.warm import cool_down
from jpreport.execute.run import run_notebook
from jpreport.release.staging import Stage, staged
from jpreport.release.survey import Survey, survey_programme
from programme_samples import notebook
from sensitive_samples import programme

# What every message has to name.
INSTEAD = 'use its protected cube: rp["ID"] or rp.cross("ID", ...) of an indicator over it'
# Tests of what the audit hook does run everywhere; those of Landlock where the system has it,
# which `test_how_kernels_are_confined_is_a_fact` holds against what the system says.
KINDS = ("audit hook", "landlock") if isolation() == "landlock" else ("audit hook",)
landlocked = pytest.mark.skipif(
    isolation() != "landlock", reason="this system has no Landlock: the audit hook only"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = programme(tmp_path_factory.mktemp("real") / "programme")
    (found / ".git").mkdir()
    (found / ".backup.csv").write_bytes((found / "data/cases.csv").read_bytes())
    (found / "notebooks/helper.py").write_text(
        "def read():\n"
        f"    return open({str(found / 'data/cases.csv')!r}).read()\n"
        "def double(x):\n"
        "    return 2 * x\n",
        encoding="utf-8",
    )
    return found


@pytest.fixture(scope="module")
def survey(root: Path) -> Survey:
    return survey_programme(root)


@pytest.fixture(scope="module")
def stage(root: Path, survey: Survey) -> Iterator[Stage]:
    cool_down()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PWD", str(root))
        patch.setenv("OLDPWD", str(root / "data"))
        patch.setenv("GIT_DIR", str(root / ".git"))
        patch.setenv("CI_PROJECT_DIR", f"{root}/")
        patch.setenv("PATH", f"{root}/bin{os.pathsep}{os.environ['PATH']}")
        patch.setenv("NEIGHBOUR", f"{root}-2")
        prewarm(root)
        with staged(survey, root / "outputs") as found:
            yield found
    cool_down()


def run(stage: Stage, kind: str, code: str, **names: object) -> list[str]:
    """Run a cell in a kernel of a release; return the texts of what it shows."""
    assert stage.confinement is not None
    text = "\n".join((f"{name} = {value!r}" for name, value in names.items()))
    path = stage.folder / "notebooks/attack.ipynb"
    notebook(path, [("parameters", "n: int = 1"), ("code", text or "pass"), ("code", code)])
    confinement: Confinement = replace(stage.confinement, by=kind)  # type: ignore[arg-type]
    done = run_notebook(
        path,
        {},
        cwd=path.parent,
        env={"JPREPORT_PROJECT": str(stage.folder)},
        start=partial(open_kernel, hidden=stage.hidden, confinement=confinement),
    )
    outputs: list[Any] = done.cells[2].outputs
    return [o.get("text") or o.data["text/plain"] for o in outputs]


def told(stage: Stage, kind: str, code: str, **names: object) -> str:
    with pytest.raises(ExecutionError) as caught:
        pytest.fail(str(run(stage, kind, code, **names)))
    return str(caught.value)


# Each is given the file's real name as `real`, and the programme's folder as `root`.
IN_PYTHON = {
    "open": "open(real).read()",
    "pathlib": "from pathlib import Path\nPath(real).read_text()",
    "os.open": "import os\nos.read(os.open(real, os.O_RDONLY), 99)",
    "relative to a folder": (
        "import os\nfd = os.open(root, os.O_RDONLY)\n"
        "os.read(os.open('data/cases.csv', os.O_RDONLY, dir_fd=fd), 99)"
    ),
    "pandas": "import pandas as pd\npd.read_csv(real)",
    "shutil": "import shutil\nshutil.copy(real, 'mine.csv')",
    "sqlite": "import sqlite3\nsqlite3.connect(real).execute('select * from cases')",
    "its place": "import pandas as pd\npd.read_csv('../data/cases.csv')['sex']",
    "its place, DuckDB": "import duckdb\nduckdb.sql(\"select sex from '../data/cases.csv'\")",
    "its place, Arrow": "from pyarrow import csv\ncsv.read_csv('../data/cases.csv')['sex']",
    "its place, globbed": (
        "import glob, pandas as pd\n"
        "pd.concat(map(pd.read_csv, glob.glob('../data/cas*.csv')))  # cases.csv"
    ),
    "symlink": "import os\nos.symlink(real, 'link.csv')\nopen('link.csv').read()",
    "hard link": (
        "import os, uuid\nname = f'{uuid.uuid4()}.csv'\nos.link(real, name)\nopen(name).read()"
    ),
    "/proc/self/cwd": "open('/proc/self/cwd/../data/cases.csv').read()",
    "/proc of its parent": "import os\nopen(f'/proc/{os.getppid()}/root{real}').read()",
    "up to .git": (
        "from pathlib import Path\n"
        "top = next(p for p in Path.cwd().parents if (p / '.git').exists())\n"
        "(top / 'data/cases.csv').read_text()"
    ),
    "PWD": "import os\nopen(os.environ['PWD'] + '/data/cases.csv').read()",
    "a module of the programme": "import helper\nhelper.read()",
    "the door": (
        "from jpreport.notebook import open_report\nrp = open_report()\nrp.table('cases')"
    ),
    "the door's own reader": (
        "import os\nfrom pathlib import Path\nfrom jpreport.data import Records, read_package\n"
        "root = Path(os.environ['JPREPORT_PROJECT'])\n"
        "package = read_package(root / 'data/datapackage.json', root)\n"
        "Records(package, persons=True).frame('cases')"
    ),
    "what lifts the refusal": (
        "from jpreport.files.closed import lifted\nwith lifted():\n    open(real).read()"
    ),
}
OUTSIDE_PYTHON = {
    "DuckDB": "import duckdb\nduckdb.sql(f\"select * from '{real}'\").fetchall()",
    "Arrow": "from pyarrow import csv\ncsv.read_csv(real)",
    "another program": (
        "import subprocess\nsubprocess.run(['cat', real], check=True, capture_output=True)"
    ),
    "another Python": (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', f'print(open({real!r}).read())'], check=True)"
    ),
    "a copy that is hidden": "open(root + '/.backup.csv').read()",
    "a list of the programme": "import os\nos.listdir(root)",
    "a thread": (
        "import duckdb, threading\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "sql = f\"select * from '{real}'\"\n"
        "ThreadPoolExecutor(1).submit(lambda: duckdb.connect().sql(sql).fetchall()).result()"
    ),
    "the C library": (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "if libc.open(real.encode(), 0) < 0:\n"
        "    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), real)"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attack", IN_PYTHON)
def test_python_code_does_not_open_records(
    stage: Stage, root: Path, kind: str, attack: str
) -> None:
    message = told(
        stage, kind, IN_PYTHON[attack], real=str(root / "data/cases.csv"), root=str(root)
    )
    assert INSTEAD in message
    assert 'rp.cube("cases")' in message
    assert "C-0" not in message


@landlocked
@pytest.mark.slow
@pytest.mark.parametrize("attack", OUTSIDE_PYTHON)
def test_nor_does_what_python_does_not_hear(stage: Stage, root: Path, attack: str) -> None:
    message = told(
        stage, "landlock", OUTSIDE_PYTHON[attack], real=str(root / "data/cases.csv"), root=str(root)
    )
    assert INSTEAD in message
    assert "opens its programme's files, and nothing else" in message
    assert "C-0" not in message


IN_LAB = {
    "pandas": "import pandas as pd\npd.read_csv('../data/cases.csv')['sex']",
    "open": "open('../data/cases.csv').read()",
    "hard link": "import os\nos.link('../data/cases.csv', 'h.csv')\nopen('h.csv').read()",
    "the door": "rp.table('cases')",
}


@pytest.mark.slow
def test_jupyterlab_sees_what_a_build_sees(root: Path, tmp_path: Path) -> None:
    import json

    shutil.copytree(root, tmp_path / "mine", ignore=shutil.ignore_patterns("outputs"))
    path = tmp_path / "mine/notebooks/n.ipynb"
    door = "from jpreport.notebook import open_report\nrp = open_report()"
    messages = []
    for code in IN_LAB.values():
        notebook(path, [("parameters", "n: int = 1"), ("code", f"{door}\n{code}")])
        with pytest.raises(ExecutionError) as caught:
            run_notebook(path, {}, cwd=path.parent)
        messages.append(caught.value.problems[0])
    assert len({one.message for one in messages}) == 1
    assert all(INSTEAD in one.hint for one in messages)
    # Its own figures come from the records; and a restricted edition sees them.
    notebook(path, [("parameters", "n: int = 1"), ("code", f"{door}\nrp['2.1'].text")])
    done = json.dumps(run_notebook(path, {}, cwd=path.parent))
    assert "80" in done
    notebook(path, [("parameters", "n: int = 1"), ("code", f"{door}\n{IN_LAB['pandas']}")])
    run_notebook(path, {}, cwd=path.parent, env={"JPREPORT_AUDIENCE": "restricted"})


ORDINARY = """
import json, os, sqlite3, subprocess, sys, tempfile
from multiprocessing.pool import ThreadPool
import duckdb, pandas as pd, matplotlib.pyplot as plt
import helper
from jpreport.notebook import open_report
rp = open_report()
frame = pd.read_csv("../data/visits.csv")
frame.to_parquet("copy.parquet")
with tempfile.NamedTemporaryFile("w+") as file:
    file.write("x")
plt.plot([1, 2]); plt.savefig("plot.png"); plt.close()
db = sqlite3.connect(tempfile.mkdtemp() + "/a.db")
db.execute("create table t (x)")
told = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True)
print([
    len(frame), duckdb.sql("select count(*) from '../data/visits.csv'").fetchall()[0][0],
    len(pd.read_parquet("copy.parquet")), os.path.getsize("plot.png") > 0, told.stdout.strip(),
    ThreadPool(2).map(helper.double, [1, 2]), rp["2.1"].text, len(rp.cross("2.1", "sex")),
    os.path.exists("/etc/passwd") and len(open("/etc/passwd").read()) > 0,
])
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_ordinary_notebooks_run(stage: Stage, kind: str) -> None:
    assert run(stage, kind, ORDINARY) == [
        "[5, 5, 5, True, '42', [2, 4], '80', 2, True]\n",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "ordinary"])
def test_a_confined_kernel_is_a_fork_or_an_ordinary_one(
    stage: Stage, root: Path, *, warm: bool
) -> None:
    import asyncio

    from jpreport.execute.kernels.warm import ForkedKernel
    from kernel_samples import ask

    code = (
        "import os\nfrom jpreport.files import closed\n"
        "def refused():\n"
        "    try:\n"
        f"        open({str(root / 'data/cases.csv')!r})\n"
        "    except Exception as error:\n"
        "        return type(error).__name__\n"
    )

    async def main() -> tuple[bool, Any]:
        opened = open_kernel(
            cwd=stage.folder,
            env={},
            warm=warm,
            hidden=stage.hidden,
            confinement=stage.confinement,
        )
        async with opened as kernel:
            assert kernel.manager.provisioner
            forked = isinstance(kernel.manager.provisioner.process, ForkedKernel)
            names = "[n for n in os.environ if n.startswith('JPREPORT')]"
            return forked, await ask(kernel, f"[refused(), {names}]", code)

    forked, seen = asyncio.run(main())
    assert forked is (warm and platform.system() == "Linux")
    assert seen == ["DataError", []]


@pytest.mark.slow
def test_no_variable_leads_to_the_programme(stage: Stage, root: Path) -> None:
    [shown] = run(stage, "audit hook", "import os\nprint(sorted(os.environ.items()))")
    assert f"{root}-2" in shown
    assert str(root) not in shown.replace(f"{root}-2", "")
    assert "GIT_DIR" not in shown
    assert "OLDPWD" not in shown


def test_search_paths_lose_the_entries_that_lead_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOME_PATH", os.pathsep.join(["/a", f"{tmp_path}/bin", "/b"]))
    monkeypatch.setenv("ONLY_PATH", f"{tmp_path}/bin")
    clean = fixed_environment(tmp_path)
    assert clean["SOME_PATH"] == os.pathsep.join(["/a", "/b"])
    assert "ONLY_PATH" not in clean
    assert fixed_environment()["ONLY_PATH"] == f"{tmp_path}/bin"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_into_staged_files_is_not_in_the_originals(
    stage: Stage, root: Path, kind: str
) -> None:
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    code = (
        "import os\nfor name in ('../data/visits.csv', '../programme.toml'):\n"
        "    old = open(name).read()\n    os.chmod(name, 0o600)\n"
        "    open(name, 'a').write(' ')\n    open(name, 'w').write(old)\nprint('written')"
    )
    assert run(stage, kind, code) == ["written\n"]
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before


def test_how_kernels_are_confined_is_a_fact(stage: Stage) -> None:
    assert stage.confinement is not None
    assert stage.confinement.by == isolation()
    modules = Path("/sys/kernel/security/lsm")
    if modules.is_file():
        assert (isolation() == "landlock") is ("landlock" in modules.read_text())
    elif platform.system() != "Linux":
        assert isolation() == "audit hook"


def test_the_stage_is_far_from_the_programme_and_private(stage: Stage, root: Path) -> None:
    assert not stage.folder.is_relative_to(root)
    assert not [p for p in stage.folder.parents if (p / ".git").exists() and p != Path("/")]
    assert stage.folder.parent.stat().st_mode & 0o077 == 0
    assert not (stage.folder / "data/cases.csv").exists()


def test_a_stage_within_the_programme_is_refused(
    survey: Survey, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(root / "data"))
    with (
        pytest.raises(DataError, match="lies within the programme"),
        staged(survey, root / "outputs"),
    ):
        pass
    assert not list((root / "data").glob("jpreport-*"))


def pack(path: Path, text: str) -> None:
    """Write a text in the way that a file's name says."""
    frame = pd.DataFrame({"code": [line.split(",")[1] for line in text.splitlines()[1:]]})
    path.parent.mkdir(parents=True, exist_ok=True)
    match path.suffix:
        case ".gz":
            path.write_bytes(gzip.compress(text.encode()))
        case ".zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("inner.csv", text)
        case ".parquet":
            frame.to_parquet(path)
        case ".xlsx":
            frame.to_excel(path)
        case ".feather":
            frame.to_feather(path)
        case ".pkl":
            frame.to_pickle(path)
        case ".utf16":
            path.write_bytes(text.encode("utf-16"))
        case _:
            path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    ["raw/export.csv", "b.gz", "c.zip", "d.parquet", "e.xlsx", "f.feather", "g.pkl", "h.utf16"],
)
def test_undeclared_copies_are_refused_by_name(tmp_path: Path, name: str) -> None:
    root = programme(tmp_path / "programme")
    pack(root / "data" / name, (root / "data/cases.csv").read_text("utf-8"))
    with pytest.raises(DataError) as caught, staged(survey_programme(root), root / "outputs"):
        pass
    [problem] = caught.value.problems
    assert f"data/{name}" in str(problem)
    assert '80 codes of persons of the table "cases" (its column "person")' in problem.message
    assert "P-0" not in str(problem)


def test_links_to_records_are_refused_or_left_out(tmp_path: Path) -> None:
    root = programme(tmp_path / "programme")
    (root / "notebooks/link.csv").symlink_to(root / "data/cases.csv")
    with staged(survey_programme(root), root / "outputs") as stage:
        assert not (stage.folder / "notebooks/link.csv").exists()
    os.link(root / "data/cases.csv", root / "notebooks/hard.csv")
    with (
        pytest.raises(DataError, match="80 codes of persons"),
        staged(survey_programme(root), root / "outputs"),
    ):
        pass


def test_short_codes_count_in_a_column_of_their_name_only(tmp_path: Path) -> None:
    root = programme(tmp_path / "programme")
    records = root / "data/cases.csv"
    short = records.read_text("utf-8").replace("P-0", "")
    records.write_text(short, encoding="utf-8")
    (root / "data/years.csv").write_text("week,visits\n1,12\n2,13\n", encoding="utf-8")
    with staged(survey_programme(root), root / "outputs") as stage:
        assert (stage.folder / "data/years.csv").exists()
    shutil.copy(records, root / "data/copy.csv")
    with (
        pytest.raises(DataError, match=r"data/copy\.csv: holds 80 codes"),
        staged(survey_programme(root), root / "outputs"),
    ):
        pass
