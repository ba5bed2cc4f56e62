"""Every number that a release gives of a sensitive table is one that the audit has read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from audit_samples import (
    in_serbian,
    package_of,
    protected,
    speak_serbian,
    write_house,
    write_json,
    write_release,
)
from jpreport.audit import numbers
from jpreport.audit.claims import Claim, Shown, claims_in
from jpreport.audit.contents import Reader, names_in
from jpreport.audit.items import Data, Grid, Item, Unread
from jpreport.audit.numbers import Case, Comparison
from jpreport.disclosure.cubes import Cubes
from jpreport.document.reading import read_document
from jpreport.figures.record import TYPE
from jpreport.language import wording_in
from jpreport.programme.settings import read_settings
from pdf_reading import pdf_of

OPEN = "2.1"  # the one indicator that is not over the sensitive table
NUMBERS = ("value", "baseline", "target", "published", "records")
Steps = tuple[str | int, ...]


class Release:
    """A release with all its files, as an audit reads it."""

    def __init__(self, root: Path) -> None:
        settings = write_house(root) / "programme.toml"
        text = settings.read_text(encoding="utf-8")
        stated = 'disaggregate = ["sex", "age_group"]\ntarget = 90\npublished = 100\n'
        settings.write_text(text.replace('disaggregate = ["sex", "age_group"]\n', stated))
        speak_serbian(root)
        cube = protected(root)
        output = write_release(root / "outputs", root, cube, serbian=True)
        notebook = nbformat.read(output / "executed/final.ipynb", as_version=4)  # type: ignore[no-untyped-call]
        document = read_document(notebook)
        (output / "final.pdf").write_bytes(pdf_of(document))
        spoken = read_document(in_serbian(notebook), wording_in("sr-Cyrl", root).terms)
        (output / "final.sr-Cyrl.pdf").write_bytes(pdf_of(spoken))
        manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
        manifest["reports"]["final"] = {"quoted": [one.to_json() for one in document.sources]}
        write_json(output / "manifest.json", manifest)
        self.declared = read_settings(root).indicators
        declaration = Cubes(package_of(root), root, root / "work").declaration("persons")
        self.case = Case(declaration, cube)
        self.items: list[Data | Grid] = []
        reader = Reader(self._take)
        for name in sorted(names_in(output)):
            if not name.startswith(".cache"):
                reader.file(name, (output / name).read_bytes())
        # What an item claims is read once: of hundreds of releases each has one item of its own.
        self.claims = {id(item): [*claims_in(item)] for item in self.items}

    def _take(self, item: Item) -> bool:
        if isinstance(item, Data | Grid):
            self.items.append(item)
        return False

    def claimed(self, item: Item) -> Iterable[Claim | Unread | Shown]:
        """Return what an item claims, as the comparison asks for it."""
        return self.claims[id(item)] if id(item) in self.claims else claims_in(item)

    def findings(self, *changed: tuple[int, Item]) -> list[str]:
        """Return what is found where some items are others."""
        comparison = Comparison([self.case], self.declared)
        items = dict(enumerate(self.items)) | dict(changed)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(numbers, "claims_in", self.claimed)
            for item in items.values():
                comparison.item(item)
        return [str(problem) for problem in comparison.finish().problems]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return Release(tmp_path_factory.mktemp("house") / "house")


def leaves(value: Any, path: Steps = (), *, inside: bool = False) -> Iterator[Steps]:  # noqa: ANN401
    """Yield the path of every number, or place for one, in the records of the sensitive indicator.

    And of every text that is said to show a figure: in a table's cell, or where it is quoted.
    """
    if isinstance(value, dict):
        if value.get("id") == OPEN:
            return
        inside = inside or value.get("$type") == TYPE
        shows = "figure" in value and isinstance(value["figure"], str) and value["figure"]
        for key, item in value.items():
            counted = inside and key in (*NUMBERS, "variance")
            counted = counted and not isinstance(item, bool | dict | list)
            if counted or (key == "text" and (inside or "place" in value or shows)):
                yield (*path, key)
            yield from leaves(item, (*path, key), inside=inside)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, (*path, number), inside=inside)


def planted(value: Any, path: Steps) -> Any:  # noqa: ANN401
    """Return a JSON value with another number at a path."""
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    old = inner[path[-1]]
    inner[path[-1]] = "3,141" if isinstance(old, str) else 3141 + (old or 0)
    return copy


def test_the_release_has_records_in_every_kind_of_file(release: Release) -> None:
    places = {str(item.where) for item in release.items}
    for place in (
        "final.pdf, attachment provenance.json",
        "final.pdf, attachment indicators.csv",
        "final.sr-Cyrl.pdf, attachment provenance.json",
        "executed/final.ipynb",
        "manifest.json",
    ):
        assert place in places
    inside = [place for place in places if place.startswith("final.html")]
    assert any(place.endswith("provenance.json") for place in inside)
    assert any(place.endswith("indicators.csv") for place in inside)
    assert release.findings() == []


@pytest.mark.slow
def test_a_wrong_number_anywhere_in_the_records_is_found(release: Release) -> None:
    silent, count = [], 0
    for place, item in enumerate(release.items):
        if not isinstance(item, Data):
            continue
        for path in leaves(item.value):
            count += 1
            if not release.findings((place, replace(item, value=planted(item.value, path)))):
                silent.append((str(item.where), path))
    assert silent == []
    assert count > 300


def test_a_wrong_number_anywhere_in_the_lists_is_found(release: Release) -> None:
    silent, count = [], 0
    for place, item in enumerate(release.items):
        if not (isinstance(item, Grid) and "sha256" in item.rows[0]):
            continue
        header = item.rows[0]
        for y, row in enumerate(item.rows[1:], start=1):
            for column in NUMBERS:
                x = header.index(column)
                for text in ("3141", "many"):
                    count += 1
                    wrong = (*row[:x], text, *row[x + 1 :])
                    rows = (*item.rows[:y], wrong, *item.rows[y + 1 :])
                    if not release.findings((place, replace(item, rows=rows))):
                        silent.append((str(item.where), row[0], column, text))
    assert silent == []
    assert count > 50


def test_a_record_of_another_form_is_a_finding(release: Release) -> None:
    where = release.items[0].where
    for value in (
        {"id": "1.1", "table": "persons", "measure": "count(*)", "value": 99},
        {"id": "1.1", "derivation": {"table": "persons"}, "value": 99},
        {"$type": "jpreport.figure/1", "id": "1.1", "value": 99},
    ):
        [problem] = release.findings((len(release.items), Data(where, {"more": [value]})))
        assert "no figure of this version" in problem
    grid = Grid(where, (("id", "table", "filter", "value"), ("1.1", "persons", "")))
    [problem] = release.findings((len(release.items), grid))
    assert "its figure cannot be read" in problem
