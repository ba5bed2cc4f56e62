"""Stage a programme folder for a release: protected cubes in place of records of persons."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jpreport.errors import DataError, Place, Problem
from jpreport.execute.kernels.confinement import Confinement, isolation
from jpreport.files import to_json_bytes, write_atomic
from jpreport.files.canonical import canonical
from jpreport.files.closed import ClosedFile, keys_of
from jpreport.files.inputs import MOST_HELD, read_input
from jpreport.files.private import private_folder
from jpreport.programme.folder import STAGED_CUBES, STAGED_TABLES, state_folder
from jpreport.release.survey import Survey
from jpreport.release.undeclared import find_codes

_AT_ONCE = 1 << 30  # bytes
_LEFT_OUT = ("__pycache__", "node_modules")


@dataclass(frozen=True, slots=True)
class Stage:
    """The folder that kernels see as the programme's, and what they are kept from.

    `tables` has open tables as Arrow files. `hidden` is the programme's own folder, if no
    variable of a kernel may name it.
    """

    folder: Path
    hidden: Path | None = None
    confinement: Confinement | None = None
    tables: Path | None = None


@contextmanager
def staged(
    survey: Survey,
    output: Path,
    kept: Path | None = None,
    *,
    restricted: bool = False,
    travels: bool = False,
) -> Iterator[Stage]:
    """Yield what kernels work in: the programme's own folder, if no table is sensitive.

    So it is for `restricted` editions, which may see the records. Else it is a private copy far
    from the programme, in which the files of sensitive tables are not there and `cubes/` holds
    the protected cubes. It is removed at the end; what a killed build left is removed by the
    next one, and holds no records of persons either. What `travels` to other machines is such a
    copy in any case. `kept` is the folder in which open tables are kept as Arrow files.

    Raises DataError, with every such file, if files that are no tables of the package hold codes
    of persons, or if the private copy would lie within the programme.
    """
    root = survey.settings.root
    if restricted or not (survey.cubes or travels):
        yield Stage(root, None if restricted else root, tables=kept)
        return
    tables = [one for one in survey.package.resources.values() if one.sensitive]
    with private_folder() as private:
        if private.is_relative_to(root.resolve()):
            message = "the folder for temporary files lies within the programme"
            raise DataError(
                Problem(Place("TMPDIR"), message, "name a folder elsewhere, such as /tmp")
            )
        folder = private / "programme"
        folder.mkdir()
        _copy(
            root,
            folder,
            {one.path.resolve() for one in tables},
            lambda path: path.resolve() == output.resolve() or _no_input(root, path),
        )
        declared = {one.source for one in survey.package.resources.values()}
        # What an author wrote into a report is the audit's to find, with its place.
        declared |= {report.notebook for report in survey.settings.report}
        if problems := tuple(find_codes(folder, survey.package, declared)):
            raise DataError(problems)
        for table, cube in survey.cubes.items():
            write_atomic(folder / STAGED_CUBES / f"{table}.json", to_json_bytes(cube.to_json()))
        arrow = _copy_tables(kept, folder / STAGED_TABLES)
        closed = tuple(
            ClosedFile(
                one.source,
                one.closed,
                keys_of(one.path, folders=True),
                str(folder / one.source),
            )
            for one in tables
        )
        confinement = Confinement(root, folder, closed, isolation()) if survey.cubes else None
        yield Stage(folder, root, confinement, arrow)


def stage_again(stage: Stage, root: Path, name: str) -> None:
    """Put a file of the programme as it is now, if it is there, into its private copy."""
    if stage.folder == root:
        return
    target = stage.folder / name
    if not (root / name).is_file():
        target.unlink(missing_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Whoever reads it meets the old one or the new one.
        new = target.with_name(f".{target.stem}.new{target.suffix}")
        new.unlink(missing_ok=True)
        _copy_file(root / name, new)
        new.replace(target)


def _copy_tables(kept: Path | None, target: Path) -> Path:
    """Copy what is kept of open tables; of others, nothing is kept."""
    target.mkdir()
    for file in kept.glob("*.arrow") if kept else ():
        shutil.copyfile(file, target / file.name)
    return target


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
        elif path.resolve() not in closed and entry.is_file():
            _copy_file(path, target / entry.name)


def _copy_file(source: Path, target: Path) -> None:
    """Copy a file so that no run can change the original, nor take its copy for it.

    Of a big file, the two share their blocks where the file system can. A notebook comes without
    what an earlier run left in it, which may tell of persons, and empty if it is none.
    """
    if source.suffix.lower() == ".ipynb":
        target.touch()
        with suppress(ValueError):
            target.write_bytes(canonical(read_input(source)))
    elif source.stat().st_size <= MOST_HELD:
        target.write_bytes(read_input(source))
    else:
        _copy_blocks(source, target)
    shutil.copystat(source, target)
    target.chmod(0o400)


def _copy_blocks(source: Path, target: Path) -> None:
    try:
        with source.open("rb") as file, target.open("wb") as copy:
            while os.copy_file_range(file.fileno(), copy.fileno(), _AT_ONCE):
                pass
    except (AttributeError, OSError):
        # Another system, or two file systems.
        shutil.copyfile(source, target)
