"""A whole release with a sensitive table, built with real kernels, and then audited."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from audit_samples import STORY, package_of, write_house
from jpreport.audit import audit_release
from jpreport.build import Request, build
from programme_samples import notebook

pytestmark = pytest.mark.slow

CELLS = [
    ("parameters", "from datetime import date\n\nperiod_start: date | None = None"),
    (
        "code",
        (
            "from jpreport.notebook import breakdown_table, open_report, performance_table\n"
            "rp = open_report(period_start)"
        ),
    ),
    ("markdown", '# Final report\n\n## Results\n\nThere were {eval}`rp["1.1"]` persons.'),
    (
        "code",
        '#| label: tbl-age\n#| caption: Persons by age\nbreakdown_table(rp["1.1"], "age_group")',
    ),
    (
        "code",
        "#| label: tbl-performance\n#| caption: Indicators\nperformance_table(rp.figures())",
    ),
]


def built(root: Path) -> Path:
    request = Request(root=root, output=root / "outputs", workers=1)
    assert [outcome.state for outcome in build(request)] == ["built"]
    return root / "outputs"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_house(tmp_path_factory.mktemp("programme") / "house")
    notebook(root / "notebooks/final.ipynb", CELLS)
    built(root)
    return root


def test_a_release_as_it_is_built_is_sound(house: Path) -> None:
    result = audit_release(house / "outputs", package_of(house), house)
    assert result.problems == ()
    (table,) = result.tables
    assert table.truth
    assert table.compared > 5


def test_what_an_author_types_into_a_report_is_found(house: Path, tmp_path: Path) -> None:
    root = tmp_path / "typed"
    shutil.copytree(house, root)
    typed = ("markdown", f"## Stories\n\nOne of them, VX-7409, {STORY}.")
    notebook(root / "notebooks/final.ipynb", [*CELLS, typed])
    output = built(root)
    leaks = audit_release(output, package_of(root), root).leaks
    for name in ("final.html, line ", "final.pdf, page ", "executed/final.ipynb, cell 6"):
        columns = {p.message.split('"')[1] for p in leaks if p.where.startswith(name)}
        assert columns == {"person_id", "story"}
    manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["reports"]) == {"final"}
