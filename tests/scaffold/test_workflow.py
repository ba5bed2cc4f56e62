"""The workflow that init writes: its steps, run as GitHub runs them, with jpreport played."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

PLAYED = """\
#!/bin/sh
case "$1" in
  build) [ ! -e "$3/broken" ] ;;
  diff) echo "1.1 Persons: 3 to 5" ;;
esac
"""


def steps() -> list[dict[str, Any]]:
    workflow = yaml.safe_load(files("jpreport.scaffold").joinpath("reports.yml").read_text("utf-8"))
    found: list[dict[str, Any]] = workflow["jobs"]["reports"]["steps"]
    return found


def test_it_checks_builds_and_uploads() -> None:
    runs = [step["run"] for step in steps() if "run" in step]
    assert runs[1:3] == ["jpreport check --format github", "jpreport build --problems github"]
    # What anybody may name, such as a branch, is no part of a script.
    assert not any("${{" in run for run in runs)


@pytest.mark.skipif(not shutil.which("bash"), reason="GitHub runs steps in bash")
@pytest.mark.parametrize(
    ("there", "told"),
    [
        (["programme.toml"], "1.1 Persons: 3 to 5"),
        (["README"], "main has no programme yet: all numbers are new"),
        (["programme.toml", "broken"], "the reports of main cannot be built, so that nothing is"),
    ],
)
def test_the_summary_says_what_changes(tmp_path: Path, there: list[str], told: str) -> None:
    (*_, step) = steps()
    tools, origin, clone = tmp_path / "bin", tmp_path / "origin", tmp_path / "clone"
    tools.mkdir()
    (tools / "jpreport").write_text(PLAYED, encoding="utf-8")
    (tools / "jpreport").chmod(0o755)

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=n", "-c", "user.email=n@example.org")
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True)

    git("init", "-b", "main", str(origin))
    for name in there:
        (origin / name).touch()
    git("-C", str(origin), "add", ".")
    git("-C", str(origin), "commit", "-m", "one")
    git("clone", str(origin), str(clone))
    summary = tmp_path / "summary.md"
    said = {"PATH": f"{tools}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(summary)}
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        check=True,
        cwd=clone,
        env={**os.environ, **said, "BASE": "main"},
    )
    assert told in summary.read_text(encoding="utf-8")
