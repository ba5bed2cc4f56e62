"""The programmes that are measured: this repository's, with its reports multiplied."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_PARAMETERS = "period_start: date | None = None\nperiod_end: date | None = None"


def shipped(folder: Path) -> str:
    """Copy the programme as it is shipped; return its settings."""
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".*", "__pyc*"))
    return Path(shutil.copy(ROOT / "programme.toml", folder)).read_text("utf-8")


def _copy(folder: Path) -> str:
    """Copy the programme without its reports; return its settings."""
    settings = shipped(folder)
    return re.split(r"^\[\[report\]\]", settings, maxsplit=1, flags=re.MULTILINE)[0]


def _write(folder: Path, settings: str, reports: dict[str, str]) -> None:
    # Each has its own date: Typst remembers a document that is the same as one before.
    entries = [
        f'[[report]]\nid = "{name}"\nnotebook = "notebooks/{notebook}"\n'
        f"date = {dt.date(2013, 1, 1) + dt.timedelta(number)}\n"
        for number, (name, notebook) in enumerate(reports.items())
    ]
    (folder / "programme.toml").write_text(settings + "\n".join(entries), "utf-8")


def copies_of_one(folder: Path, notebook: str, count: int) -> list[str]:
    """Make a programme of `count` reports from one notebook of ours; return their names."""
    names = [f"r{number:03}" for number in range(1, count + 1)]
    _write(folder, _copy(folder), dict.fromkeys(names, notebook))
    return names


def editions_of_one(folder: Path, notebook: str, count: int) -> None:
    """Make a programme with one report of `count` editions, from one notebook of ours."""
    settings = _copy(folder)
    numbers = list(range(1, count + 1))
    report = f'[[report]]\nid = "r"\nnotebook = "notebooks/{notebook}"\nformats = ["html"]\n'
    (folder / "programme.toml").write_text(
        f"{settings}{report}for_each = {{ edition = {numbers} }}\n", "utf-8"
    )
    path = folder / "notebooks" / notebook
    content = json.loads(path.read_text("utf-8"))
    [first] = [one for one in content["cells"] if "parameters" in one["metadata"].get("tags", ())]
    first["source"] = "".join(first["source"]) + "\nedition: int = 0"
    path.write_text(json.dumps(content), "utf-8")
    edit_a_notebook(folder, notebook, "This is edition {eval}`edition`.")


def one_a_table(folder: Path) -> list[str]:
    """Make a programme with one report an open table, which reads that one; return the tables."""
    settings = _copy(folder)
    package = json.loads((folder / "data" / "datapackage.json").read_text("utf-8"))
    tables = [
        resource["name"]
        for resource in package["resources"]
        if "sensitive" not in resource.get("jpreport", {})
    ]
    for table in tables:
        _write_notebook(folder / "notebooks" / f"{table}.ipynb", table)
    _write(folder, settings, {t.replace("_", "-"): f"{t}.ipynb" for t in tables})
    return tables


def _write_notebook(path: Path, table: str) -> None:
    sources = [
        ("markdown", f"# The records of {table}", []),
        ("code", f"from datetime import date\n{_PARAMETERS}", ["parameters"]),
        ("code", "from jpreport.notebook import open_report", []),
        # No records are shown: the audit would not let days of other tables pass.
        ("code", f'len(open_report().table("{table}"))', []),
    ]
    cells: list[dict[str, Any]] = [
        {"cell_type": kind, "id": f"c{number}", "metadata": {"tags": tags}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (kind, source, tags) in enumerate(sources)
    ]
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4}
    path.write_text(json.dumps(notebook | {"nbformat_minor": 5}), "utf-8")


def change_a_table(folder: Path, file: str) -> None:
    """Swap the first two records of a CSV file: other content, the same figures."""
    path = folder / "data" / file
    head, first, second, *rest = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([head, second, first, *rest]), "utf-8")


def edit_a_notebook(folder: Path, notebook: str, text: str) -> None:
    """Add a paragraph at the end of a notebook."""
    path = folder / "notebooks" / notebook
    content = json.loads(path.read_text("utf-8"))
    cell = {"cell_type": "markdown", "id": "edited", "metadata": {}, "source": text}
    content["cells"] = [one for one in content["cells"] if one["id"] != "edited"] + [cell]
    path.write_text(json.dumps(content), "utf-8")
