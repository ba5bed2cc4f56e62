"""The values that editions are made for: of a source, filtered, labelled, limited; or listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from jpreport.release.survey import survey_programme
from programme_samples import write_programme

DECLARED = 'for_each = { donor = "grants.donor" }'


@pytest.mark.parametrize(
    ("each", "slugs"),
    [
        ('"grants.donor"', ["donor-ada", "donor-b-and-c"]),
        ('["B and C"]', ["donor-b-and-c"]),
        ('{ source = "grants.donor", where = "amount > 150" }', ["donor-b-and-c"]),
        ('{ source = "grants.donor", limit = 1 }', ["donor-ada"]),
        ('{ source = "grants.donor", label = "amount" }', ["donor-100-5", "donor-200-0"]),
        ('{ values = ["Ada", "B and C"], limit = 1 }', ["donor-ada"]),
    ],
)
def test_editions_are_made_for_these_values(tmp_path: Path, each: str, slugs: list[str]) -> None:
    root = write_programme(tmp_path)
    settings = root / "programme.toml"
    settings.write_text(settings.read_text().replace(DECLARED, f"for_each = {{ donor = {each} }}"))
    survey = survey_programme(root)
    assert survey.all_problems == ()
    assert [one.slug for one in survey.editions if one.report.id == "donor"] == slugs


@pytest.mark.parametrize(
    ("each", "message"),
    [
        ('{ source = "grants.donor", where = "amout > 1" }', "amout"),
        ('{ source = "grants.donor", label = "name" }', '"grants" has no "name"'),
        ('{ source = "grants.donor", where = "amount > 999" }', "no edition would be made"),
        ('{ values = ["Ada"], where = "amount > 1" }', "`where` and `label` go with a `source`"),
        ('{ source = "grants.donor", limit = 0 }', "for_each.donor.limit"),
    ],
)
def test_what_gives_no_edition_is_told(tmp_path: Path, each: str, message: str) -> None:
    root = write_programme(tmp_path)
    settings = root / "programme.toml"
    settings.write_text(settings.read_text().replace(DECLARED, f"for_each = {{ donor = {each} }}"))
    try:
        problems = survey_programme(root).all_problems
    except Exception as error:  # noqa: BLE001 (settings that cannot be read at all)
        problems = error.problems  # type: ignore[attr-defined]
    assert message in " ".join(map(str, problems))
