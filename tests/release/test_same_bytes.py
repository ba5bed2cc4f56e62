"""The same inputs give the same bytes, whoever builds them, where, when and how."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
STRESS = Path(__file__).parents[1] / "programmes" / "stress"
CLOCKS = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))

# A summer day years ahead, at the other end of the world. Stamps of files stay as they are:
# a programme that sees them in the future waits for them.
ELSEWHERE = {
    "FAKETIME": "+1600d",
    "NO_FAKE_STAT": "1",
    "TZ": "Pacific/Chatham",
    # File names are decoded as ASCII.
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONHASHSEED": "4242",
    "USER": "somebody-else",
    "LOGNAME": "somebody-else",
}
SUFFIXES = frozenset({".html", ".pdf", ".ipynb", ".json"})


def copied(programme: Path, target: Path) -> Path:
    """Return a copy of a programme's folder, without what was built in it."""
    for name in ("data", "notebooks", "style"):
        if (programme / name).is_dir():
            shutil.copytree(programme / name, target / name, copy_function=shutil.copyfile)
    shutil.copyfile(programme / "programme.toml", target / "programme.toml")
    return target


def built(root: Path, output: Path, *, jobs: int, umask: int, **environment: str) -> Path:
    """Return the folder that a build of its own process, user's home and caches wrote."""
    home = output.parent / "home"
    home.mkdir()
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    command = [
        *(sys.executable, "-m", "jpreport", "build", "--jobs", str(jobs)),
        *("--project", str(root), "--output", str(output)),
    ]
    done = subprocess.run(
        command,
        env={**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), **environment},
        cwd=home,
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return output


def contents(output: Path) -> dict[str, bytes]:
    """Return what a build wrote for others; its cache is its own."""
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file()
    }


def clock() -> str:
    if not CLOCKS:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("libfaketime is not installed")
    return str(CLOCKS[0])


def elsewhere(programme: Path, folder: Path) -> dict[str, bytes]:
    """Return what a build gives where all is different that may be."""
    root = folder / "Друга фасцикла" / "with spaces & signs"
    root.mkdir(parents=True)
    output = folder / "another" / "output"
    output.parent.mkdir()
    environment = {**ELSEWHERE, "LD_PRELOAD": clock()}
    return contents(built(copied(programme, root), output, jobs=2, umask=0o077, **environment))


def assert_same(
    first: dict[str, bytes], second: dict[str, bytes], suffixes: AbstractSet[str]
) -> None:
    assert sorted(first) == sorted(second)
    assert {"index.html", "manifest.json"} < set(first)
    assert {Path(name).suffix for name in first} == suffixes
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.parametrize(
    ("release", "programme", "offices"),
    [
        ("shipped", ROOT, frozenset({".docx", ".ods", ".xlsx"})),
        ("stress", STRESS, frozenset()),
    ],
    ids=["shipped", "stress"],
)
def test_a_build_elsewhere_gives_the_same_bytes(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    release: str,
    programme: Path,
    offices: frozenset[str],
) -> None:
    here = contents(request.getfixturevalue(release))
    assert_same(here, elsewhere(programme, tmp_path), SUFFIXES | offices)


def test_the_clock_is_another_one() -> None:
    show = [sys.executable, "-c", "import datetime; print(datetime.date.today().year)"]
    environment = {**os.environ, **ELSEWHERE}
    now = subprocess.run(show, env=environment, capture_output=True, text=True, check=True)
    environment["LD_PRELOAD"] = clock()
    then = subprocess.run(show, env=environment, capture_output=True, text=True, check=True)
    assert int(then.stdout) >= int(now.stdout) + 4
