"""What `init` asks at a terminal: answers are read, asked for again, and may end at any point."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest

from scaffold_samples import framework


def answered(folder: Path, answers: Sequence[str]) -> tuple[int, str]:
    """Start a programme in a terminal; return the exit code and what was shown."""
    framework(folder / "results.csv", rows=3, descending=1)
    said = ["-m", "jpreport", "init", "results.csv", "--no-build", "--project", "p"]
    child = pexpect.spawn(sys.executable, said, cwd=str(folder), encoding="utf-8", timeout=60)
    for answer in answers:
        child.expect(r"\]: ")
        if answer == "^D":
            child.sendeof()
        elif answer == "^C":
            child.sendintr()
        else:
            child.sendline(answer)
    shown = child.read()
    child.close()
    return child.exitstatus, shown


def test_answers_are_written_and_asked_for_again(tmp_path: Path) -> None:
    code, shown = answered(
        tmp_path, ['My "2nd" \\ one', "2022-01-01", "soon", "2023-12-31", "perhaps", "y"]
    )
    assert (code, "stands in" in shown) == (0, True)
    text = (tmp_path / "p/programme.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text)["programme"]
    assert (said["title"], str(said["end"])) == ('My "2nd" \\ one', "2023-12-31")


@pytest.mark.parametrize(
    ("answers", "code"), [(["^D"], 1), (["", "", "^C"], 130), (["", "", "", "n"], 1)]
)
def test_nothing_is_left_behind_where_answers_end(
    tmp_path: Path, answers: Sequence[str], code: int
) -> None:
    found, shown = answered(tmp_path, answers)
    assert found == code
    assert "Traceback" not in shown
    assert [path.name for path in tmp_path.iterdir()] == ["results.csv"]
