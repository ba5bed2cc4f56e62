"""Write what was found as a programme: settings, contract, notebook, what git is to know."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomlkit

from jpreport.files.canonical import canonical
from jpreport.programme.git_setup import GIT_FILES
from jpreport.scaffold.declared import resource_of
from jpreport.scaffold.framework import Framework
from jpreport.scaffold.narrative import notebook_of
from jpreport.scaffold.tables import Table

SCHEMA = "programme.schema.json"


@dataclass(frozen=True, slots=True)
class Draft:
    """A programme to be: what its settings say, and the tables that its records come from.

    `dated` says whether the records have days, which `start` and `end` follow from.
    """

    title: str
    tables: tuple[Table, ...]
    framework: Framework
    start: dt.date
    end: dt.date
    dated: bool = True


def write_draft(draft: Draft, folder: Path) -> None:
    """Write a programme into an empty folder."""
    for name in ("data", "notebooks"):
        (folder / name).mkdir()
    for source in dict.fromkeys(table.grid.path for table in draft.tables):
        shutil.copyfile(source, folder / "data" / source.name)
    _text(folder / "data/datapackage.json", _json(_package(draft)))
    _text(folder / "programme.toml", settings_of(draft))
    notebook = canonical(json.dumps(notebook_of(draft.framework)).encode())
    (folder / "notebooks/report.ipynb").write_bytes(notebook)
    from jpreport.programme.schema import settings_schema

    _text(folder / SCHEMA, settings_schema())
    for name, text in GIT_FILES.items():
        _text(folder / name, text)


def write_workflow(folder: Path) -> None:
    """Write the workflow that checks, builds and compares a programme on GitHub."""
    target = folder / ".github/workflows/reports.yml"
    target.parent.mkdir(parents=True)
    _text(target, files("jpreport.scaffold").joinpath("reports.yml").read_text("utf-8"))


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _package(draft: Draft) -> dict[str, Any]:
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "title": f"Records of {draft.title}",
        "resources": [resource_of(table) for table in draft.tables],
    }


def settings_of(draft: Draft) -> str:
    """Return the text of programme.toml."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f":schema ./{SCHEMA}"))
    document.add(tomlkit.nl())
    programme = {"title": draft.title, "start": draft.start, "end": draft.end, "language": "en"}
    document["programme"] = _table(programme)
    add_entries(document, "objective", draft.framework.objectives)
    file = draft.framework.file or {}
    if file:
        document["framework"] = _table(file)
    written = [one for one in draft.framework.indicators if one["table"] != file.get("table")]
    add_entries(document, "indicator", written)
    report = {"id": "report", "notebook": "notebooks/report.ipynb", "formats": ["html", "pdf"]}
    add_entries(document, "report", [report])
    return tomlkit.dumps(document).replace("# :schema", "#:schema", 1)


def add_entries(
    document: tomlkit.TOMLDocument, name: str, entries: Sequence[Mapping[str, Any]]
) -> None:
    """Add tables to an array of tables, which is made where there is none."""
    if not entries:
        return
    if name not in document:
        document.add(name, tomlkit.aot())
    array: Any = document[name]
    for entry in entries:
        array.append(_table(entry))


def _table(entry: Mapping[str, Any]) -> Any:  # noqa: ANN401 (an item of tomlkit)
    table = tomlkit.table()
    for key, value in entry.items():
        table.add(key, value)
    table.add(tomlkit.nl())
    return table
