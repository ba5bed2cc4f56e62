"""Stage a programme folder for a release: protected cubes in place of records of persons."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jpreport.files import to_json_bytes, write_atomic
from jpreport.programme.folder import STAGED_CUBES, state_folder
from jpreport.release.survey import Survey

_PREFIX = "stage-"
_AT_ONCE = 1 << 30  # bytes
_LEFT_OUT = ("__pycache__", "node_modules")


@contextmanager
def staged(
    survey: Survey, output: Path, parent: Path, *, restricted: bool = False
) -> Iterator[Path]:
    """Yield the folder that kernels see as the programme's: itself, if no table is sensitive.

    So it is for `restricted` editions, which may see the records. Else it is a private copy, in
    which the files of sensitive tables are replaced by a line that says so and `cubes/` holds
    the protected cubes; it is made in `parent`, a private folder. It is removed at the end; what
    a killed build left is removed by the next one, and holds no records of persons either.
    """
    root = survey.settings.root
    for left in parent.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    if restricted or not survey.cubes:
        yield root
        return
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    try:
        closed = {
            resource.path.resolve()
            for resource in survey.package.resources.values()
            if resource.sensitive
        }
        _copy(
            root,
            folder,
            closed,
            lambda path: path.resolve() == output.resolve() or _no_input(root, path),
        )
        for table, cube in survey.cubes.items():
            write_atomic(folder / STAGED_CUBES / f"{table}.json", to_json_bytes(cube.to_json()))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _no_input(root: Path, path: Path) -> bool:
    """Whether a folder is an environment or the outputs of a build, which may hold records."""
    built = (path / "manifest.json").is_file() and (path / "executed").is_dir()
    return built or (path / "pyvenv.cfg").exists() or state_folder(root, path).is_dir()


def _copy(source: Path, target: Path, closed: set[Path], left_out: Callable[[Path], bool]) -> None:
    """Copy what a run may read: all but hidden files, environments, outputs, closed tables."""
    for entry in os.scandir(source):
        path = Path(entry.path)
        if entry.name.startswith(".") or entry.name in _LEFT_OUT:
            continue
        if entry.is_dir():
            if not left_out(path):
                (target / entry.name).mkdir()
                _copy(path, target / entry.name, closed, left_out)
        elif path.resolve() in closed:
            (target / entry.name).write_text(
                "The records of this table are about persons: use its protected cube.\n",
                encoding="utf-8",
            )
        elif entry.is_file():
            _copy_file(path, target / entry.name)


def _copy_file(source: Path, target: Path) -> None:
    """Copy a file so that no run can change the original, nor take its copy for it.

    Where the file system can, the two share their blocks.
    """
    try:
        with source.open("rb") as file, target.open("wb") as copy:
            while os.copy_file_range(file.fileno(), copy.fileno(), _AT_ONCE):
                pass
    except (AttributeError, OSError):
        # Another system, or two file systems.
        shutil.copyfile(source, target)
    shutil.copystat(source, target)
    target.chmod(0o400)
