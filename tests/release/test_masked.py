"""No value about a person stands in a message, a traceback or a file, whatever is wrong with it."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data_samples import write_xlsx
from jpreport.cli import main
from jpreport.data import Records, read_package
from jpreport.errors import DataError, JpreportError
from programme_samples import PACKAGE, PROGRAMME, write_programme

CANARY = "Kanarinac"
COLUMNS = ("person", "sex", "age", "seen", "centre", "mail")
SENSITIVE = {"unit": "person", "dimensions": ["sex", {"name": "place", "column": "centre"}]}
FIELDS: list[dict[str, Any]] = [
    {"name": "person", "type": "string", "constraints": {"required": True, "pattern": "[A-Z].*"}},
    {"name": "sex", "type": "string", "constraints": {"enum": ["female", "male"]}},
    {"name": "age", "type": "integer", "constraints": {"minimum": 1, "maximum": 99}},
    {"name": "seen", "type": "date"},
    {"name": "centre", "type": "string", "constraints": {"maxLength": 12}},
    {"name": "mail", "type": "string", "format": "email"},
]
INDICATOR = """
[[indicator]]
id = "2.1"
level = "output"
title = "Persons seen"
unit = "persons"
table = "people"
measure = "count(distinct person)"
disaggregate = ["sex"]
"""


def row(number: int, **changes: str) -> str:
    sound = {
        "person": f"P{number:03}",
        "sex": ("female", "male")[number % 2],
        "age": str(20 + number % 40),
        "seen": "2020-03-01",
        "centre": ("North", "South")[number % 3 == 0],
        "mail": f"p{number}@example.org",
    }
    return ",".join((sound | changes)[name] for name in COLUMNS)


def table(*rows: str, header: str = ",".join(COLUMNS)) -> bytes:
    sound = [row(number) for number in range(40)]
    return "\n".join([header, *sound, *rows, ""]).encode()


def schema(**more: object) -> dict[str, Any]:
    return {"fields": FIELDS, **more}


ELSEWHERE = {
    "foreignKeys": [
        {"fields": ["centre"], "reference": {"resource": "centres", "fields": ["centre"]}}
    ]
}
FAULTS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "wrong type": (table(row(99, age=CANARY)), {}),
    "missing required": (table(row(99, person="", centre=CANARY)), {}),
    "duplicate key": (
        table(row(98, person=CANARY), row(99, person=CANARY)),
        {"primaryKey": ["person"]},
    ),
    "duplicate pair": (
        table(*[row(99, person=CANARY, centre=CANARY)] * 2),
        {"primaryKey": ["person", "centre"]},
    ),
    "bad enum": (table(row(99, sex=CANARY)), {}),
    "pattern": (table(row(99, person=CANARY.lower())), {}),
    "too long": (table(row(99, centre=CANARY * 2)), {}),
    "bad e-mail": (table(row(99, mail=CANARY)), {}),
    "bad date": (table(row(99, seen=CANARY)), {}),
    "foreign key": (table(row(99, centre=CANARY)), ELSEWHERE),
    "bad encoding": (table(row(99, centre=CANARY)) + b"\xe8\n", {}),
    "too few cells": (table(CANARY), {}),
    "torn quotes": (table(f'"{CANARY}'), {}),
    "no header": (table(header=",".join([CANARY, CANARY, *COLUMNS[2:]])), {}),
    "another separator": (table(header=CANARY + ";" + ";".join(COLUMNS)), {}),
    "no fault": (table(*[row(50 + n, person=f"{CANARY}{n}") for n in range(9)]), {}),
}


def programme(root: Path, content: bytes, keys: dict[str, Any]) -> Path:
    write_programme(root)
    (root / "data/people.csv").write_bytes(content)
    (root / "data/centres.csv").write_text("centre\nNorth\nSouth\n", encoding="utf-8")
    (root / "programme.toml").write_text(PROGRAMME + INDICATOR, encoding="utf-8")
    people = {
        "name": "people",
        "path": "people.csv",
        "jpreport": {"sensitive": SENSITIVE},
        "schema": schema(**keys),
    }
    centres = {
        "name": "centres",
        "path": "centres.csv",
        "schema": {"primaryKey": ["centre"], "fields": [{"name": "centre", "type": "string"}]},
    }
    package = {**PACKAGE, "resources": [*PACKAGE["resources"], people, centres]}
    (root / "data/datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return root


VERBS = (
    ["check"],
    ["check", "--json"],
    ["check", "--format", "github"],
    ["figures"],
    ["figures", "--json"],
    ["trace", "2.1"],
    ["build", "--dry-run"],
    ["build", "--problems", "github"],
    ["audit"],
    ["audit", "--json"],
    ["diff", ".", "."],
)


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return all that a verb prints, and the traceback that it would end with."""
    try:
        main(arguments)
        trace = ""
    except (JpreportError, SystemExit):
        trace = traceback.format_exc()
    captured = capsys.readouterr()
    return captured.out + captured.err + trace


def written(root: Path) -> list[Path]:
    """Return the files that may leave this machine."""
    return [path for path in (root / "outputs").rglob("*") if path.is_file()]


@pytest.mark.parametrize("fault", FAULTS)
def test_no_message_and_no_file_quotes_a_person(
    fault: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = programme(tmp_path / "programme", *FAULTS[fault])
    monkeypatch.chdir(root)
    for verb in VERBS:
        if fault == "no fault" and verb[0] in {"build", "audit", "diff"}:
            continue  # those run whole builds: the tests of releases look into them
        # With --debug a verb says all that it says without, and ends with a traceback.
        for debug in ([], ["--debug"]) if verb[0] in {"check", "build"} else (["--debug"],):
            text = said([*verb, *debug], capsys)
            assert CANARY.lower() not in text.lower(), (verb, debug)
            if verb == ["check"]:
                assert ("people.csv" in text) is (fault != "no fault")
    for path in written(root):
        assert CANARY.encode() not in path.read_bytes(), path


def test_sheets_named_after_persons_are_not_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = programme(tmp_path / "programme", b"", {})
    write_xlsx(root, "people.xlsx", [COLUMNS], sheet=CANARY)
    path = root / "data/datapackage.json"
    raw = json.loads(path.read_text("utf-8"))
    raw["resources"][-2] |= {"path": "people.xlsx", "dialect": {"sheetName": "People"}}
    path.write_text(json.dumps(raw), "utf-8")
    text = said(["check", "--debug", "--project", str(root)], capsys)
    assert 'has no sheet "People"' in text
    assert CANARY not in text


ASKS: tuple[Callable[[Records], object], ...] = (
    lambda records: records.query("select cast(centre as int) from people"),
    lambda records: records.query("select error(person) from people"),
    lambda records: records.query("select strptime(person, '%Y') from people"),
    lambda records: records.query("select * from people where nonsense"),
)


@pytest.mark.parametrize("ask", ASKS)
def test_sql_that_fails_on_persons_quotes_none(
    ask: Callable[[Records], object], tmp_path: Path
) -> None:
    content = table(row(99, person=CANARY, centre=CANARY))
    root = programme(tmp_path / "programme", content, {})
    package = read_package(Path("data/datapackage.json"), root)
    with Records(package, persons=True) as records, pytest.raises(DataError) as caught:
        ask(records)
    text = "".join(traceback.format_exception(caught.value))
    assert CANARY not in text
    assert caught.value.problems[0].message
