from __future__ import annotations

import base64
import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from audit_samples import (
    PERSONS,
    package_of,
    pdf,
    protected,
    true_cube,
    write_house,
    write_json,
    write_release,
)
from export_samples import code, shown, table
from export_samples import notebook as executed
from jpreport.audit import Audit, audit_record, audit_release
from jpreport.audit.claims import Claim
from jpreport.audit.places import Places
from jpreport.cli import main
from jpreport.disclosure import cache
from jpreport.disclosure.axes import TOTAL, Coordinate
from jpreport.disclosure.cubes import Cubes
from jpreport.disclosure.protected import ProtectedCube
from jpreport.errors import NOWHERE, OutputError
from jpreport.figures import (
    Days,
    Figure,
    FigureKey,
    FigureRecord,
    Part,
)
from jpreport.files import digest_file
from jpreport.forms.mime import FIGURE
from jpreport.forms.tables import Cell, Column, Row, Table

# Fewer than five boys were admitted in 2021; the cube says nothing of them.
BOYS: Coordinate = ("Male", "0-17", "2021")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_house(tmp_path_factory.mktemp("programme") / "house")


@pytest.fixture(scope="module")
def cube(house: Path) -> ProtectedCube:
    return protected(house)


@pytest.fixture(scope="module")
def built(house: Path, cube: ProtectedCube) -> Path:
    return write_release(house / "outputs", house, cube)


@pytest.fixture
def release(built: Path, tmp_path: Path) -> Path:
    """A release to spoil."""
    shutil.copytree(built, tmp_path / "release")
    return tmp_path / "release"


@pytest.fixture
def audited(house: Path, release: Path) -> Callable[[], Audit]:
    return lambda: audit_release(release, package_of(house), house)


def edit(path: Path, change: Callable[[Any], object]) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    write_json(path, value)


def bundles(value: object) -> list[dict[str, Any]]:
    """Every figure's JSON within a JSON value."""
    found = [value[FIGURE]] if isinstance(value, dict) and FIGURE in value else []
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            found += bundles(item)
    return found


def test_the_sample_has_what_the_tests_need(house: Path, cube: ProtectedCube) -> None:
    truth = true_cube(house)
    assert truth.cells[BOYS].persons == 3
    assert cube.cells[BOYS] is None
    assert cube.cells[TOTAL, TOTAL, TOTAL] == len(PERSONS.splitlines()) - 1


def test_a_clean_release_is_sound(audited: Callable[[], Audit]) -> None:
    result = audited()
    assert result.problems == ()
    assert result.notes == ()
    (told,) = result.tables
    assert told.compared > 10
    assert told.truth
    assert told.suppressed > 0
    assert json.loads(json.dumps(result.to_json()))["sound"] is True


def test_the_record_of_an_audit_has_rules_versions_and_verdicts_and_no_count_of_persons(
    house: Path, release: Path, tmp_path: Path, audited: Callable[[], Audit]
) -> None:
    target = tmp_path / "record.json"
    asked = ["audit", str(release), "--record", str(target), "--project", str(house)]
    assert main(asked) == 0
    told = json.loads(target.read_text("utf-8"))
    assert told["$type"] == "jpreport.audit/1"
    assert told["sound"] is True
    assert told["release"] == digest_file(release / "manifest.json")
    assert {"jpreport", "python", "highspy"} < told["versions"].keys()
    (cube,) = told["cubes"]
    assert cube["sound"] is True
    assert cube["rules"]["threshold"] == 5
    released = ProtectedCube.from_json(json.loads((release / "cubes/persons.json").read_bytes()))
    assert cube["cube"] == released.digest()
    # All numbers in it are of cells, files and rules; the same release has the same record.
    assert "dominated" not in cube
    assert told == json.loads(json.dumps(audit_record(audited(), release, ())))

    edit(release / "manifest.json", lambda manifest: add(manifest, boys(manifest, 3)))
    assert main(asked) == 1
    told = json.loads(target.read_text("utf-8"))
    assert told["sound"] is False
    assert [one["findings"] > 0 for one in told["criteria"]] == [False, True, True]
    assert "0-17" not in target.read_text("utf-8")


def boys(manifest: dict[str, Any], value: int | None, **stated: Any) -> Figure:  # noqa: ANN401
    """The cell of which the cube says nothing, as a figure of the manifest's indicator."""
    whole = FigureRecord.from_json(manifest["indicators"][0]).figure()
    condition = "sex = 'Male' AND (\"age_group\" = '0-17' AND \"year\" = '2021')"
    part = Part("boys", value, value or 0, condition, suppressed=value is None)
    at = (("sex", "Male"), ("age_group", "0-17"), ("year", "2021"))
    return replace(whole.narrowed(at, part), **stated)


def add(manifest: dict[str, Any], figure: Figure) -> None:
    manifest["indicators"].append(FigureRecord.of(figure).alone.to_json())


BOYS_ID = "1.1[sex=Male, age_group=0-17, year=2021]"


def test_a_value_that_is_not_the_cubes_is_found(
    release: Path, audited: Callable[[], Audit]
) -> None:
    def plant(manifest: dict[str, Any]) -> None:
        whole = FigureRecord.from_json(manifest["indicators"][0]).figure()
        manifest["indicators"][0] = FigureRecord.of(replace(whole, value=101)).to_json()

    edit(release / "manifest.json", plant)
    (problem,) = audited().numbers
    assert str(problem.where) == "manifest.json, figure 1.1"
    assert 'a value that is not the one in the protected cube of "persons"' in problem.message


def test_a_record_that_was_altered_is_found(release: Path, audited: Callable[[], Audit]) -> None:
    edit(release / "executed/final.ipynb", lambda nb: bundles(nb)[0].update(value=101))
    found = audited().numbers
    assert {str(problem.where) for problem in found} == {
        "executed/final.ipynb, cell 1, figure ",
        "executed/final.ipynb, cell 1, figure 1.1",
    }
    assert all("what does not follow from its value" in problem.message for problem in found)


def test_a_suppressed_cell_that_stands_as_a_figure_is_found(
    release: Path, audited: Callable[[], Audit]
) -> None:
    edit(release / "manifest.json", lambda manifest: add(manifest, boys(manifest, 3)))
    result = audited()
    assert {str(p.where) for p in result.numbers} == {f"manifest.json, figure {BOYS_ID}"}
    assert all("is suppressed in the protected cube" in p.message for p in result.numbers)
    # With that number, others follow: the attack says so.
    (attack,) = result.attacks
    assert "follow from what is published" in attack.message
    assert "known exactly" in attack.message


def test_a_published_value_where_the_cube_is_silent_is_found(
    release: Path, audited: Callable[[], Audit]
) -> None:
    def plant(manifest: dict[str, Any]) -> None:
        add(manifest, boys(manifest, None, published=3))

    edit(release / "manifest.json", plant)
    assert any("gives a published value that is suppressed" in p.message for p in audited().numbers)


def test_a_filter_that_is_no_cell_is_found(release: Path, audited: Callable[[], Audit]) -> None:
    def plant(manifest: dict[str, Any]) -> None:
        manifest["indicators"][0]["derivation"]["where"] = "country <> 'Serbia'"

    edit(release / "manifest.json", plant)
    (problem,) = audited().numbers
    assert 'counts what is no cell of the protected cube of "persons"' in problem.message


def test_a_share_of_a_suppressed_number_is_found(
    release: Path, audited: Callable[[], Audit]
) -> None:
    def plant(manifest: dict[str, Any]) -> None:
        whole = FigureRecord.from_json(manifest["indicators"][0]).figure()
        add(manifest, boys(manifest, None))
        add(manifest, boys(manifest, 3) / whole)

    edit(release / "manifest.json", plant)
    (problem,) = audited().numbers
    assert f"is made from a number that is suppressed: {BOYS_ID}" in problem.message


def test_the_list_of_figures_attached_to_a_pdf_is_compared(
    release: Path, audited: Callable[[], Audit]
) -> None:
    rows = (
        "\ufeffid,unit,value,baseline,target,published,period,table,filter,measure,records\r\n"
        "1.1,persons,102,,,,2020-01-01/2021-12-31,persons,,count(*),102\r\n"
        f'"{BOYS_ID}",persons,3,,,,2020-01-01/2021-12-31,persons,'
        "\"sex = 'Male' AND age_group = '0-17' AND year = '2021'\",count(*),3\r\n"
    )
    (release / "final.pdf").write_bytes(pdf(attached={"indicators.csv": rows.encode()}))
    found = audited().numbers
    assert {str(p.where) for p in found} == {
        f"final.pdf, attachment indicators.csv, row 3, figure {BOYS_ID}"
    }


def test_a_list_of_sources_is_compared(release: Path, audited: Callable[[], Audit]) -> None:
    source = {"id": "1.1", "table": "persons", "measure": "count(*)", "value": 99}
    text = base64.b64encode(json.dumps({"sources": [source]}).encode()).decode()
    page = f'<a href="data:application/json;base64,{text}">sources</a>'
    (release / "more.html").write_text(page, encoding="utf-8")
    (problem,) = audited().numbers
    assert str(problem.where).startswith("more.html, line 1")


def by_age_and_year(house: Path, *, hide: bool) -> Table:
    """A table without figures, of boys and men by age group and year."""
    cells, cube = true_cube(house).cells, protected(house).cells

    def cell(age: str, year: str) -> Cell:
        at = ("Male", age, year)
        hidden = hide and cube[at] is None
        return Cell("suppressed", "suppressed") if hidden else Cell(str(cells[at].value))

    ages = ("0-17", "18-25", "26 and over")
    return Table(
        (Column("Age"), *(Column(year, "number", group="Male") for year in ("2020", "2021"))),
        tuple(Row((Cell(age), cell(age, "2020"), cell(age, "2021"))) for age in ages),
    )


@pytest.mark.parametrize("kind", ["notebook", "page", "CSV"])
def test_a_table_of_true_counts_is_found(
    kind: str, house: Path, release: Path, audited: Callable[[], Audit]
) -> None:
    told = by_age_and_year(house, hide=False)
    lines = [["sex", "age", "year", "n"]] + [
        ["Male", row.cells[0].text, year, row.cells[at].text]
        for row in told.rows
        for at, year in ((1, "2020"), (2, "2021"))
    ]
    if kind == "notebook":
        write_json(release / "executed/other.ipynb", executed(code("frame", shown(table(told)))))
    elif kind == "page":
        body = "".join(f"<tr>{''.join(f'<td>{one}</td>' for one in row)}</tr>" for row in lines)
        (release / "other.html").write_text(f"<table>{body}</table>", encoding="utf-8")
    else:
        (release / "other.csv").write_text("\n".join(",".join(row) for row in lines))
    (problem,) = audited().numbers
    assert str(problem.where).startswith(("executed/other.ipynb, cell 1", "other."))
    assert "shows counts that the protected cube" in problem.message
    assert "sex Male, age_group" in problem.message


def test_a_table_that_hides_what_the_cube_hides_is_sound(
    house: Path, release: Path, audited: Callable[[], Audit]
) -> None:
    nb = executed(code("frame", shown(table(by_age_and_year(house, hide=True)))))
    write_json(release / "executed/other.ipynb", nb)
    assert audited().problems == ()


def test_a_table_of_something_else_is_no_table_of_persons(
    release: Path, audited: Callable[[], Audit]
) -> None:
    other = Table(
        (Column("Age"), Column("2020", "number", group="Male"), Column("2021", "number")),
        (
            Row((Cell("0-17"), Cell("31"), Cell("3"))),
            Row((Cell("18-25"), Cell("17"), Cell("25"))),
        ),
    )
    write_json(release / "executed/other.ipynb", executed(code("x", shown(table(other)))))
    assert audited().problems == ()


def test_a_number_in_the_cell_of_a_suppressed_figure_is_found(
    release: Path, audited: Callable[[], Audit]
) -> None:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    raw = FigureRecord.of(boys(manifest, None)).to_json()
    shows = Table(
        (Column("Who"), Column("Persons", "number")),
        (Row((Cell("Boys"), Cell("3", figure=BOYS_ID))),),
    )
    bundle = table(shows)
    bundle[next(iter(bundle))]["figures"] = [raw]
    write_json(release / "executed/other.ipynb", executed(code("x", shown(bundle))))
    (problem,) = audited().numbers
    assert str(problem.where) == f"executed/other.ipynb, cell 1, figure {BOYS_ID}"


def spoil(release: Path, cube: ProtectedCube) -> None:
    write_json(release / "cubes/persons.json", cube.to_json())


def test_without_secondary_suppression_the_attack_succeeds(
    house: Path, release: Path, audited: Callable[[], Audit]
) -> None:
    spoil(release, protected(house, secondary=False))
    result = audited()
    (problem,) = result.attacks
    assert str(problem.where) == "persons"
    assert "suppressed counts follow from what is published" in problem.message
    assert "known exactly" in problem.message
    # The message must not do the intruder's work.
    assert " 3" not in problem.message.replace("known exactly", "")


def test_small_counts_that_are_published_are_found(
    house: Path, cube: ProtectedCube, release: Path, audited: Callable[[], Audit]
) -> None:
    spoil(release, replace(cube, cells=true_cube(house).values()))
    (problem,) = [p for p in audited().attacks if "fewer than 5 persons" in p.message]
    assert "sex Male, age_group 0-17, year 2021" in problem.message


def test_weaker_rules_and_missing_cubes_are_found(
    house: Path, cube: ProtectedCube, release: Path, audited: Callable[[], Audit]
) -> None:
    spoil(release, replace(cube, threshold=3))
    assert any("weaker rules" in p.message for p in audited().attacks)
    (release / "cubes/persons.json").unlink()
    assert any("no protected cube" in p.message for p in audited().attacks)
    with pytest.raises(OutputError, match="holds no release"):
        audit_release(release / "executed", package_of(house), house)


def test_a_changed_word_costs_no_attack_and_a_changed_cube_does(
    cube: ProtectedCube,
    release: Path,
    audited: Callable[[], Audit],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attack = Mock(wraps=cache.audit)
    audited()
    monkeypatch.setattr(cache, "audit", attack)
    path = next(release.glob("*.html"))
    path.write_text(path.read_text(encoding="utf-8").replace("</p>", " indeed</p>", 1), "utf-8")
    assert audited().attacks == ()
    assert attack.call_count == 0
    shown = next(cell for cell in cube.published if TOTAL not in cell)
    spoil(release, replace(cube, cells={**cube.cells, shown: None}))
    audited()
    assert attack.call_count == 1


def add_record(house: Path, target: Path, line: str) -> Path:
    shutil.copytree(house, target, ignore=shutil.ignore_patterns("outputs", "work", "stage"))
    path = target / "data/persons.csv"
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    return target


def test_one_new_record_is_found_between_two_releases(
    house: Path, built: Path, tmp_path: Path
) -> None:
    line = "VX-9000,Nobody Else,900,Female,26 and over,Serbia,2021-05-05,\n"
    later = add_record(house, tmp_path / "later", line)
    output = write_release(later / "outputs", later, protected(later))
    alone = audit_release(output, package_of(later), later)
    assert alone.problems == ()
    both = audit_release(output, package_of(later), later, previous=[built])
    assert both.previous
    (problem,) = both.attacks
    assert "added between two releases" in problem.message


def test_the_same_release_twice_tells_nothing_new(house: Path, built: Path, release: Path) -> None:
    again = audit_release(release, package_of(house), house, previous=[built])
    assert again.problems == ()


def test_a_previous_release_without_its_cube_is_no_answer(
    house: Path, release: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (problem,) = audit_release(
        release, package_of(house), house, previous=[tmp_path / "empty"]
    ).problems
    assert "the previous release has no protected cube" in problem.message


def test_records_that_changed_since_are_noted(house: Path, built: Path, tmp_path: Path) -> None:
    line = "VX-9000,Nobody Else,900,Male,0-17,Serbia,2021-05-05,\n"
    later = add_record(house, tmp_path / "later", line)
    result = audit_release(built, package_of(later), later)
    assert result.problems == ()
    (note,) = result.notes
    assert "the records are not those that the release was made from" in note


@pytest.fixture
def places(house: Path, cube: ProtectedCube) -> Places:
    return Places(cube, Cubes(package_of(house), house, house).declaration("persons"))


def claim(condition: str, period: Days | None = None) -> Claim:
    return Claim(NOWHERE, FigureKey("1.1", period=period), 1, "persons", condition)


@pytest.mark.parametrize(
    ("condition", "cell"),
    [
        ("", (TOTAL, TOTAL, TOTAL)),
        ("sex = 'Male'", ("Male", TOTAL, TOTAL)),
        ("((\"age_group\" = '26 and over')\n)", (TOTAL, "26 and over", TOTAL)),
        ("sex='Male' and year = 2020", ("Male", TOTAL, "2020")),
    ],
)
def test_a_filter_is_a_cell(condition: str, cell: Coordinate, places: Places) -> None:
    assert places.sums(claim(condition)) == ((cell,),)


@pytest.mark.parametrize(
    "condition",
    [
        "sex = 'Male' OR sex = 'Female'",
        "sex <> 'Male'",
        "sex = 'male'",
        "name = 'Ana'",
        "sex = 'Male' AND sex = 'Female'",
        "NOT sex = 'Male'",
    ],
)
def test_other_filters_are_none(condition: str, places: Places) -> None:
    assert places.sums(claim(condition)) == ()


def test_a_part_of_the_programme_is_a_sum_of_years(places: Places) -> None:
    period = Days(dt.date(2020, 1, 1), dt.date(2020, 12, 31))
    sums = places.sums(claim("", period))
    assert ((TOTAL, TOTAL, "2020"),) in sums


def test_the_verb(house: Path, built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--project", str(house)]) == 0
    out = capsys.readouterr().out
    assert "nothing found" in out
    assert "persons: " in out
    assert "typed into the text" in out
    assert main(["audit", str(built), "--project", str(house), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"][0]["threshold"] == 5


def test_the_verb_fails_on_a_finding(
    house: Path, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (release / "extra.html").write_text("<p>VX-7405</p>", encoding="utf-8")
    assert main(["audit", str(release), "--project", str(house)]) == 1
    told = capsys.readouterr()
    assert "extra.html, line 1" in told.err
    assert "1 found" in told.out
    assert "7405" not in told.out + told.err
    assert main(["audit", str(release / "none"), "--project", str(house)]) == 1
