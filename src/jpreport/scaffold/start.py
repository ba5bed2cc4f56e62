"""Start a programme from files, or the one to learn from: looked at, written, moved into place."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from jpreport.errors import DataError, Place, Problem, ProjectError
from jpreport.programme.folder import SETTINGS_FILE
from jpreport.release.survey import survey_programme
from jpreport.scaffold.findings import Finding, of_framework, of_hidden, of_table
from jpreport.scaffold.framework import Framework, framework_of, parts_of
from jpreport.scaffold.grids import Grid, files_in, grids_of
from jpreport.scaffold.in_file import kept_in_file
from jpreport.scaffold.results import counted
from jpreport.scaffold.tables import Table, tables_of
from jpreport.scaffold.tools import stem_of
from jpreport.scaffold.writing import SCHEMA, Draft, write_draft, write_workflow

_LEARN = "water"


@dataclass(frozen=True, slots=True)
class Found:
    """What files hold: a programme to be, and the findings of each table by its place."""

    draft: Draft
    findings: tuple[tuple[str, tuple[Finding, ...]], ...]


def look(paths: Sequence[Path]) -> Found:
    """Return what is found in files and folders; raises DataError where nothing is."""
    sources = files_in(paths)
    names = [path.name for path in sources]
    doubled = [
        Problem(Place(str(p)), "has the name of another file")
        for p in sources
        if names.count(p.name) > 1
    ]
    if doubled:
        raise DataError(doubled)
    grids = [grid for path in sources for grid in grids_of(path)]
    tables, apart = _apart(list(tables_of(grids)))
    if not tables:
        hint = "a table has names of columns in one row, and records below it"
        raise DataError(Problem(Place(", ".join(names)), "no table was found", hint))
    framework, told = indicators_of(tables)
    hidden = tuple(of_hidden(grids))
    shown = [
        (_place(table.grid), (*of_table(table), *told.get(table.name, ()))) for table in tables
    ]
    if hidden or apart:
        shown.append((names[0], (*hidden, *apart)))
    start, end = _period(tables)
    dated = any(table.span for table in tables)
    draft = Draft(_title(tables, sources), tuple(tables), framework, start, end, dated)
    made = "as the days of its records say" if dated else "no days were found: correct it"
    period = Finding(f"programme from {start} to {end}", made, look=True)
    return Found(draft, (*shown, (SETTINGS_FILE, (period,))))


def _apart(tables: list[Table]) -> tuple[list[Table], tuple[Finding, ...]]:
    """Take out open tables that stand in one file with records of persons, which stays closed."""
    closed = {table.grid.path for table in tables if table.sensitive}
    out = [table for table in tables if table.grid.path in closed and not table.sensitive]
    told = tuple(
        Finding(
            f"the sheet {table.grid.sheet} stands in one file with records of persons",
            "left out: save it as a file of its own, then jpreport add table",
            look=True,
        )
        for table in out
    )
    return [table for table in tables if table not in out], told


def _place(grid: Grid) -> str:
    return f"{grid.path.name}, sheet {grid.sheet}" if grid.sheet else grid.path.name


def _period(tables: Sequence[Table]) -> tuple[dt.date, dt.date]:
    """Return the months of all records; whole years where a day of them could be a person's."""
    spans = [table.span for table in tables if table.span]
    this = dt.date.today().year  # noqa: DTZ011 (the analyst's own)
    first = min((one for one, _ in spans), default=dt.date(this, 1, 1))
    last = max((one for _, one in spans), default=dt.date(this, 12, 31))
    if not any(table.sensitive for table in tables):
        return first.replace(day=1), _month_end(last)
    days = {
        day
        for table in tables
        for column in table.columns
        if column.field.type in {"date", "datetime"}
        for value in column.known
        if isinstance(day := value.date() if isinstance(value, dt.datetime) else value, dt.date)
    }
    start, end = dt.date(first.year, 1, 1), dt.date(last.year, 12, 31)
    while start in days:
        start = start.replace(year=start.year - 1)
    while end in days:
        end = end.replace(year=end.year + 1)
    return start, end


def _month_end(day: dt.date) -> dt.date:
    following = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return following - dt.timedelta(days=1)


def indicators_of(
    tables: Sequence[Table], taken: Collection[str] = ()
) -> tuple[Framework, dict[str, tuple[Finding, ...]]]:
    """Return the indicators of all tables, and what was made of results frameworks.

    Ids that are `taken`, or would be given twice, have the name of their table in front.
    """
    made: list[Framework] = []
    told: dict[str, tuple[Finding, ...]] = {}
    prefixes = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for table in tables:
        if parts := parts_of(table):
            made.append(kept_in_file(table, parts, framework_of(table, parts)))
            told[table.name] = tuple(of_framework(table, made[-1]))
        else:
            prefix = next(prefixes, f"{table.name}-")
            made.append(Framework(tuple(counted(table, prefix))))
    indicators = [one for framework in made for one in framework.indicators]
    ids = [*(one["id"] for one in indicators), *taken]
    unique = [
        {**one, "id": f"{one['table']}-{one['id']}"} if ids.count(one["id"]) > 1 else one
        for one in indicators
    ]
    objectives = {one["id"]: one for framework in made for one in framework.objectives}
    # One file can be the framework, if no id of it had to be made another.
    kept = (one for one in made if one.file and all(i in unique for i in one.indicators))
    file = next((one.file for one in kept), None)
    return Framework(tuple(unique), tuple(objectives.values()), file=file), told


def _title(tables: Sequence[Table], sources: Sequence[Path]) -> str:
    titles = [title for table in tables for title in table.layout.titles]
    if titles:
        return titles[0]
    name = re.sub(r"[_\s-]+", " ", stem_of(sources[0])).strip()
    return (name[:1].upper() + name[1:]) or "Programme"


def start(found: Found | None, folder: Path, *, ci: str = "") -> None:
    """Write a programme into a folder; None: the one to learn from.

    Raises ProjectError where anything would be overwritten, JpreportError where what was written
    cannot be read; then the folder is as it was.
    """
    with tempfile.TemporaryDirectory(prefix=".jpreport-init-", dir=_nearest(folder)) as temporary:
        made = Path(temporary) / "programme"
        if found is None:
            with as_file(files("jpreport.scaffold").joinpath(_LEARN)) as learn:
                shutil.copytree(learn, made, ignore=shutil.ignore_patterns("outputs", ".jpreport"))
            from jpreport.programme.schema import settings_schema

            (made / SCHEMA).write_text(settings_schema(), encoding="utf-8")
        else:
            made.mkdir()
            write_draft(found.draft, made)
        if ci:
            write_workflow(made)
        there = [path for path in made.iterdir() if (folder / path.name).exists()]
        if there:
            hint = "choose another folder with --project DIR"
            problems = [Problem(Place(one.name), "is there already", hint) for one in sorted(there)]
            raise ProjectError(problems)
        survey = survey_programme(made, None)
        if survey.all_problems:
            raise ProjectError(survey.all_problems)
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(made.iterdir()):
            if path.name != ".jpreport":
                path.rename(folder / path.name)


def _nearest(folder: Path) -> Path:
    """Return a folder that is there, on the same disk as the one that will be."""
    return next(one for one in (folder, *folder.resolve().parents) if one.is_dir())
