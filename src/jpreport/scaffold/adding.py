"""Add an indicator, a report or a table to a programme that is there; its format stays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit

from jpreport.data import programme_package
from jpreport.errors import Place, Problem, ProjectError
from jpreport.files import write_atomic
from jpreport.files.canonical import canonical
from jpreport.programme.folder import SETTINGS_FILE
from jpreport.programme.settings import read_settings
from jpreport.scaffold.declared import resource_of
from jpreport.scaffold.framework import Framework
from jpreport.scaffold.narrative import notebook_of
from jpreport.scaffold.start import indicators_of, look
from jpreport.scaffold.writing import add_entries


def add_indicator(root: Path, name: str) -> Iterator[str]:
    """Add a count of a table's records as an indicator, to be made another; yield what was done."""
    settings = read_settings(root)
    tables = programme_package(settings).resources
    table = next((one for one in tables.values() if not one.sensitive), None)
    if table is None:
        hint = 'over records of persons, write measure = "count(distinct UNIT)" by hand'
        raise ProjectError(Problem(Place(SETTINGS_FILE), "every table is sensitive", hint))
    name = _free("indicator", name or str(len(settings.indicator) + 1), settings.indicators)
    lists = [field.name for field in table.fields if field.enum]
    entry = {
        "id": name,
        "level": "output",
        "title": f"{table.label}: records",
        "unit": "records",
        "table": table.name,
        "measure": "count(*)",
        **({"disaggregate": lists[:1]} if lists else {}),
    }
    _append(root, "indicator", [entry])
    yield f'{SETTINGS_FILE}: indicator "{name}" counts the records of {table.name}: make it yours'
    yield f'quote it in a notebook: {{eval}}`rp["{name}"]`'


def add_report(root: Path, name: str) -> Iterator[str]:
    """Add a report with a notebook over the first indicators; yield what was done."""
    settings = read_settings(root)
    known = {report.id for report in settings.report}
    name = _free("report", name or f"report-{len(known) + 1}", known)
    path = root / "notebooks" / f"{name}.ipynb"
    if path.exists():
        raise ProjectError(Problem(Place(f"notebooks/{name}.ipynb"), "is there already"))
    entries = [one.model_dump(exclude_none=True) for one in settings.indicator]
    for entry in entries:
        entry["disaggregate"] = entry["disaggregate"] if entry["table"] else ()
    notebook = canonical(json.dumps(notebook_of(Framework(tuple(entries)))).encode())
    path.parent.mkdir(exist_ok=True)
    write_atomic(path, notebook)
    _append(root, "report", [{"id": name, "notebook": f"notebooks/{name}.ipynb"}])
    yield f'{SETTINGS_FILE}: report "{name}"'
    yield f"notebooks/{name}.ipynb: write the passages marked **To write:**"


def add_table(root: Path, name: str) -> Iterator[str]:
    """Add the tables of a file, and indicators over them; yield what was done."""
    source = Path(name)
    if not name:
        raise ProjectError(Problem(Place("FILE"), "is missing", "jpreport add table visits.xlsx"))
    found = look([source])
    settings = read_settings(root)
    package = programme_package(settings)
    folder = package.path.parent
    tables = found.draft.tables
    taken = [table.name for table in tables if table.name in package.resources]
    files = {table.grid.path for table in tables}
    there = [path.name for path in files if (folder / path.name).exists()]
    if taken or there:
        hint = "rename the file or the sheet"
        raise ProjectError(
            [Problem(Place(one), "is there already", hint) for one in (*taken, *there)]
        )
    raw = json.loads(package.path.read_text(encoding="utf-8-sig"))
    raw["resources"] += [resource_of(table) for table in tables]
    indicators, _ = indicators_of(tables, taken=settings.indicators)
    contract = package.path.read_bytes()
    try:
        for path in files:
            shutil.copyfile(path, folder / path.name)
        write_atomic(package.path, (json.dumps(raw, indent=2, ensure_ascii=False) + "\n").encode())
        _append(root, "indicator", indicators.indicators)
    except BaseException:
        write_atomic(package.path, contract)
        for path in files:
            (folder / path.name).unlink(missing_ok=True)
        raise
    for place, findings in found.findings:
        for one in findings:
            yield f"{place}: {one.what}" + (f": {one.made_of_it}" if one.made_of_it else "")
    yield f"added {', '.join(table.name for table in tables)}; now: jpreport check"


def _free(what: str, name: str, known: Mapping[str, Any] | set[str]) -> str:
    if name in known:
        message = f'the {what} "{name}" is there already'
        raise ProjectError(Problem(Place(SETTINGS_FILE), message, "give another id"))
    return name


def _append(root: Path, kind: str, entries: Any) -> None:  # noqa: ANN401 (tables of TOML)
    """Add tables to programme.toml, which is put back if it cannot be read afterwards."""
    path = root / SETTINGS_FILE
    before = path.read_bytes()
    document = tomlkit.parse(before.decode())
    add_entries(document, kind, entries)
    write_atomic(path, tomlkit.dumps(document).encode())
    try:
        read_settings(root)
    except ProjectError:
        write_atomic(path, before)
        raise
