"""A build opens each file of the programme once and measures each indicator once, in the parent."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jpreport.figures import Figure, Results
from jpreport.programme.framework import Indicator
from jpreport.release import planning
from jpreport.release.planning import plan_build
from jpreport.release.request import Request
from jpreport.release.spine import build
from programme_samples import PACKAGE, write_programme

pytestmark = pytest.mark.slow

PEOPLE = "person,sex\n" + "".join(f"P{n:03},{('female', 'male')[n % 2]}\n" for n in range(40))

_listening: list[tuple[str, Counter[str]]] = []


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not isinstance(arguments[0], str | bytes | os.PathLike):
        return
    path, _, flags = arguments
    for root, opened in _listening:
        inside = os.path.relpath(os.path.realpath(os.fsdecode(path)), root)
        own = inside.startswith(("..", "outputs", ".jpreport"))
        if not own and not flags & (os.O_WRONLY | os.O_RDWR):
            opened[inside] += 1


sys.addaudithook(_heard)


def with_persons(root: Path) -> None:
    (root / "data/people.csv").write_text(PEOPLE, "utf-8")
    people = {
        "name": "people",
        "path": "people.csv",
        "jpreport": {"sensitive": {"unit": "person", "dimensions": ["sex"]}},
        "schema": {"fields": [{"name": name, "type": "string"} for name in ("person", "sex")]},
    }
    package = {**PACKAGE, "resources": [*PACKAGE["resources"], people]}
    (root / "data/datapackage.json").write_text(json.dumps(package), "utf-8")


@pytest.mark.parametrize("sensitive", [False, True])
def test_a_cold_build_opens_each_file_once(
    sensitive: bool,  # noqa: FBT001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = write_programme(tmp_path / "programme")
    if sensitive:
        with_persons(root)
    measured: Counter[tuple[str, object]] = Counter()
    measure = Results._measured

    def counted(results: Results, indicator: Indicator) -> Figure:
        measured[indicator.id, results.period] += 1
        return measure(results, indicator)

    monkeypatch.setattr(Results, "_measured", counted)
    opened: Counter[str] = Counter()
    _listening.append((os.path.realpath(root), opened))
    try:
        outcomes = build(Request(root=root, output=root / "outputs"))
    finally:
        _listening.clear()
    assert [one.state for one in outcomes] == ["built"] * 3
    assert {"programme.toml", "data/datapackage.json", "data/visits.csv"} <= opened.keys()
    assert {name: count for name, count in opened.items() if count > 1} == {}
    assert set(measured.values()) == {1}


def test_the_code_of_jpreport_is_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The repository is a programme folder with the package in it; it stands in "environment".
    root = write_programme(tmp_path / "programme")
    request = Request(root, root / "outputs")
    assert "data/visits.csv" in plan_build(request).read
    monkeypatch.setattr(planning, "_PACKAGE", root / "data")
    assert not any(name.startswith("data/") for name in plan_build(request).read)
