"""Sums and averages over a sensitive table: from its protected cube, and held against it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

import sensitive_samples
from jpreport.audit.items import Data
from jpreport.audit.numbers import Case, Comparison
from jpreport.data import Records, read_package
from jpreport.errors import FigureError, Place
from jpreport.figures import FigureRecord, Results
from jpreport.programme.settings import read_settings

SUMS = (
    sensitive_samples.INDICATOR
    + """
[[indicator]]
id = "2.2"
level = "output"
title = "Grants paid"
unit = "EUR"
table = "cases"
measure = "sum(amount)"
disaggregate = ["sex", "place"]

[[indicator]]
id = "2.3"
level = "output"
title = "Grants a person"
unit = "EUR"
numerator = "2.2"
denominator = "2.1"
"""
)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    root = sensitive_samples.programme(tmp_path, SUMS)
    table = root / "data/cases.csv"
    rows = list(csv.reader(io.StringIO(table.read_text("utf-8"))))
    text = io.StringIO()
    # One of the south gets nearly all that is paid there.
    amounts = [5000 if row[3] == "south" and row[0] == "C-001" else 10 for row in rows[1:]]
    csv.writer(text, lineterminator="\n").writerows(
        [[*rows[0], "amount"], *([*row, n] for row, n in zip(rows[1:], amounts, strict=True))]
    )
    table.write_text(text.getvalue(), encoding="utf-8")
    package = root / "data/datapackage.json"
    declared = json.loads(package.read_text("utf-8"))
    cases = declared["resources"][-1]
    cases["schema"]["fields"].append({"name": "amount", "type": "integer"})
    cases["jpreport"]["sensitive"] = {**sensitive_samples.SENSITIVE, "sums": ["amount"]}
    package.write_text(json.dumps(declared), encoding="utf-8")
    return Results(read_settings(root), Records(read_package(package, root)))


def test_a_sum_is_the_cubes_and_what_one_person_makes_is_suppressed(results: Results) -> None:
    grants = results.figure("2.2")
    assert grants.value == 5000 + 79 * 10
    assert grants.derivation.records == 0
    assert "could be told to within 10%" in " ".join(map(str, grants.derivation.protection))
    parts = {part.label: part.value for part in grants.breakdown["place"]}
    assert parts["south"] is None
    assert list(parts.values()).count(None) > 1  # the total would give it back
    # An average stands where sum and count both do: one of them suppressed, nothing is told.
    assert results.figure("2.3").value == pytest.approx(grants.value / 80)
    count = results.figure("2.1").part("place", "south")
    assert count.value == 27
    assert (grants.part("place", "south") / count).suppressed


def test_an_average_of_its_own_is_refused(results: Results) -> None:
    settings = results.settings
    indicator = replace_measure(settings.indicator[-2], "avg(amount)")
    changed = settings.model_copy(update={"indicator": (*settings.indicator[:-2], indicator)})
    with pytest.raises(FigureError, match="an average is the ratio of"):
        _ = Results(changed, results.records).figure("2.2")


def replace_measure(indicator, measure):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    return indicator.model_copy(update={"measure": measure})


def test_the_audit_holds_sums_against_the_cube_of_sums(results: Results) -> None:
    cube = results.cubes.cube("cases")
    case = Case(results.cubes.declaration("cases"), cube)
    honest = [FigureRecord.of(results.figure(name)) for name in ("2.1", "2.2")]
    forged = FigureRecord.of(replace(results.figure("2.2"), value=5780, breakdown={}))
    told = FigureRecord.of(
        replace(results.figure("2.2").part("place", "south"), value=5260, suppressed=False)
    )
    for records, found in ((honest, ""), ([forged], "is not the one in"), ([told], "suppressed")):
        comparison = Comparison([case, case.of("amount")], results.settings.indicators)
        for record in records:
            comparison.item(Data(Place("x.json"), record.to_json()))
        problems = [problem.message for problem in comparison.finish().problems]
        assert bool(problems) == bool(found)
        assert all(found in problem for problem in problems)


def test_rounded_numbers_say_so_and_the_audit_holds_them_against_the_rounded_cube(
    tmp_path: Path,
) -> None:
    root = sensitive_samples.programme(tmp_path)
    package = root / "data/datapackage.json"
    declared = json.loads(package.read_text("utf-8"))
    declared["resources"][-1]["jpreport"]["sensitive"]["method"] = "round"
    package.write_text(json.dumps(declared), encoding="utf-8")
    results = Results(read_settings(root), Records(read_package(package, root)))
    persons = results.figure("2.1")
    assert persons.text == "80 (rounded)"
    assert "All counts are rounded to base 5" in " ".join(map(str, persons.derivation.protection))
    for part in persons.breakdown["place"]:
        assert part.value is not None
        assert part.value % 5 == 0
        assert persons.part("place", part.label).text == f"{part.value} (rounded)"
    assert (persons.part("place", "north") / persons).qualifier == "rounded"
    case = Case(results.cubes.declaration("cases"), results.cubes.cube("cases"))
    told = FigureRecord.of(persons)
    true = FigureRecord.of(replace(persons.part("place", "south"), value=27))
    for record, found in ((told, False), (true, True)):
        comparison = Comparison([case], results.settings.indicators)
        comparison.item(Data(Place("x.json"), record.to_json()))
        assert bool(comparison.finish().problems) is found
