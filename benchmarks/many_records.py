"""A programme with very many records, and the plain pandas script that does the same work."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

PLAIN = Path(__file__).resolve().parent / "plain.py"
_AT_ONCE = 1_000_000
_FIRST, _DAYS = dt.date(2010, 1, 1), 1096
SEX = ("Female", "Male")
AGES = ("0-17", "18-25", "26-40", "41-60", "over 60")
SERVICES = (
    "Legal aid", "Counselling", "Safe accommodation", "Medical care", "Vocational training",
    "Family tracing", "Cash assistance", "Interpretation",
)  # fmt: skip
REGIONS = (
    "Belgrade", "Niš", "Novi Sad", "Kragujevac", "Subotica", "Zrenjanin", "Pančevo", "Čačak",
    "Kruševac", "Kraljevo", "Leskovac", "Užice", "Vranje", "Smederevo", "Valjevo", "Šabac",
    "Sombor", "Požarevac", "Pirot", "Zaječar", "Kikinda", "Sremska Mitrovica", "Jagodina", "Bor",
)  # fmt: skip
_SITES = ("Centre for Social Work", "Mobile team", " Reception centre ", "Local  office", "Clinic")


def _column(name: str, kind: str = "string", **constraints: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"name": name, "type": kind, "constraints": constraints}


_FIELDS = [
    _column("case_id", required=True, pattern="C-[0-9]{8}"),
    _column("person_id", required=True),
    _column("sex", required=True, enum=SEX),
    _column("age_group", enum=AGES),
    _column("region", required=True, enum=REGIONS),
    _column("service", required=True, enum=SERVICES),
    _column("site"),
    _column("opened_on", "date", required=True, minimum="2010-01-01", maximum="2012-12-31"),
    _column("closed_on", "date"),
    _column("sessions", "integer", minimum=0, maximum=50),
    _column("cost", "number", minimum=0),
]
_PROGRAMME = """\
[programme]
title = "Very many records"
short_title = "Many"
country = "Serbia"
start = 2010-01-01
end = 2012-12-31
status = "Completed"
objective = "To count."

[[objective]]
id = "O1"
title = "Counting"
statement = "To count."
"""
_CELLS = {
    "from datetime import date": ["parameters"],
    "from jpreport.notebook import open_report\nrp = open_report()": [],
    'rp["1.1"]': [],
    'rp["1.1"].by("region").table()': [],
}
_SENSITIVE = {
    "unit": "person_id",
    "keep": {"row": "first", "by": "opened_on"},
    "dimensions": ["sex", "age_group", "region"],
    "identifying": ["case_id", "person_id"],
}
_INDICATORS = (
    ("cases", "count(*)", "", ("region", "service")),
    ("women", "count(*)", "sex = 'Female'", ("age_group",)),
    ("persons", "count(distinct person_id)", "", ()),
    ("sessions", "sum(sessions)", "", ("service",)),
    ("cost", "sum(cost)", "", ("region", "service")),
    ("mean cost", "avg(cost)", "cost > 0", ()),
    ("legal", "count(*)", "service = 'Legal aid'", ("region",)),
    ("closed", "count(closed_on)", "", ()),
)


def _some(table: pa.Table, name: str, kept: np.ndarray[Any, Any]) -> pa.Table:
    """Return a table in which a column has no value where nothing is kept."""
    place = table.column_names.index(name)
    missing = pa.nulls(len(table), table[name].type)
    return table.set_column(place, name, pa.compute.if_else(kept, table[name], missing))


def _blocks(count: int) -> Iterator[pa.Table]:
    for start in range(0, count, _AT_ONCE):
        size = min(_AT_ONCE, count - start)
        lots = np.random.default_rng(start)
        numbers = pa.array(np.arange(start, start + size)).cast(pa.string())
        persons = pa.array(lots.integers(0, max(count // 3, 1), size)).cast(pa.string())
        opened = lots.integers(0, _DAYS, size).astype("int32") + (_FIRST - dt.date(1970, 1, 1)).days

        def drawn(
            words: Sequence[str],
            size: int = size,
            lots: np.random.Generator = lots,
        ) -> pa.Array:
            return pa.array(words).take(pa.array(lots.integers(0, len(words), size)))

        def padded(prefix: str, texts: pa.Array) -> pa.Array:
            return pa.compute.binary_join_element_wise(
                prefix, pa.compute.utf8_lpad(texts, 8, "0"), ""
            )

        table = pa.table(
            {
                "case_id": padded("C-", numbers),
                "person_id": padded("P-", persons),
                "sex": drawn(SEX),
                "age_group": drawn(AGES),
                "region": drawn(REGIONS),
                "service": drawn(SERVICES),
                "site": drawn(_SITES),
                "opened_on": pa.array(opened).cast(pa.date32()),
                "closed_on": pa.array(opened + lots.integers(1, 200, size, "int32")).cast(
                    pa.date32()
                ),
                "sessions": pa.array(lots.integers(0, 50, size)),
                "cost": pa.array(lots.integers(0, 500_000, size) / 100),
            }
        )
        for name, share in (("age_group", 0.97), ("closed_on", 0.7), ("site", 0.9), ("cost", 0.8)):
            table = _some(table, name, lots.random(size) < share)
        yield table


def write_table(path: Path, count: int) -> None:
    """Write a table of so many records as CSV or Parquet, block by block."""
    writer: Any = None
    for block in _blocks(count):
        if writer is None:
            if path.suffix == ".csv":
                options = csv.WriteOptions(quoting_style="needed")
                writer = csv.CSVWriter(path, block.schema, write_options=options)
            else:
                writer = parquet.ParquetWriter(path, block.schema)
        writer.write_table(block)
    writer.close()


def programme_of(folder: Path, count: int, suffix: str, *, sensitive: bool = False) -> Path:
    """Make a programme of one table with so many records; return the table's file."""
    for name in ("data", "notebooks"):
        (folder / name).mkdir()
    path = folder / "data" / f"cases{suffix}"
    write_table(path, count)
    own: dict[str, Any] = {"date": "opened_on"}
    own |= {"clean": {"trim": True}} if suffix == ".csv" else {}
    own |= {"sensitive": _SENSITIVE} if sensitive else {}
    resource = {
        "name": "cases",
        "path": path.name,
        "schema": {"fields": _FIELDS, "primaryKey": "case_id"},
        "jpreport": own,
    }
    package = {"name": "p", "resources": [resource], "jpreport": {"synthetic": True}}
    (folder / "data" / "datapackage.json").write_text(json.dumps(package), "utf-8")
    settings = [_PROGRAMME]
    measured = (
        [("cases", "count(distinct person_id)", "", ("sex", "region"))]
        if sensitive
        else _INDICATORS
    )
    for number, (title, measure, where, columns) in enumerate(measured, 1):
        unit = "persons" if sensitive else "RSD" if "cost" in title else "cases"
        settings.append(
            f'[[indicator]]\nid = "1.{number}"\nobjective = "O1"\nlevel = "output"\n'
            f'title = "Number of {title}"\nunit = "{unit}"\ntable = "cases"\n'
            f'measure = "{measure}"\ndisaggregate = {json.dumps(columns)}\n'
            + (f'where = "{where}"\n' if where else "")
            + ('date = ""\n' if sensitive else "")
        )
    settings.append('[[report]]\nid = "all"\nnotebook = "notebooks/all.ipynb"\n')
    (folder / "programme.toml").write_text("\n".join(settings), "utf-8")
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {"tags": tags},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, (source, tags) in enumerate(_CELLS.items())
    ]
    title = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": "# Very many records"}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": [title, *cells], "metadata": {"kernelspec": kernel}, "nbformat": 4}
    (folder / "notebooks" / "all.ipynb").write_text(
        json.dumps(notebook | {"nbformat_minor": 5}), "utf-8"
    )
    return path
