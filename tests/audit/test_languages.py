"""What a release tells in another language is read as what it tells in its own."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_samples import (
    WORDS,
    package_of,
    protected,
    speak_serbian,
    true_cube,
    write_house,
    write_release,
)
from jpreport.audit import Audit, audit_release
from jpreport.audit.words import dates
from jpreport.language import Wording


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_house(tmp_path_factory.mktemp("programme") / "house")
    speak_serbian(root)
    write_release(root / "outputs", root, protected(root), serbian=True)
    return root


@pytest.fixture
def release(house: Path, tmp_path: Path) -> Path:
    shutil.copytree(house / "outputs", tmp_path / "release")
    return tmp_path / "release"


def audited(house: Path, release: Path) -> Audit:
    return audit_release(release, package_of(house), house)


def test_a_clean_release_in_two_languages_is_sound(house: Path, release: Path) -> None:
    assert "Женски" in (release / "final.sr-Cyrl.html").read_text(encoding="utf-8")
    assert audited(house, release).problems == ()


def test_true_counts_under_translated_labels_are_found(house: Path, release: Path) -> None:
    truth = true_cube(house).cells
    rows = "".join(
        f"<tr><td>{WORDS['Male']}</td><td>{WORDS[age]}</td><td>{year}.</td>"
        f"<td>{truth['Male', age, year].value}</td></tr>"
        for age in ("0-17", "18-25", "26 and over")
        for year in ("2020", "2021")
    )
    head = "<tr><th>Пол</th><th>Старост</th><th>Година</th><th>Број</th></tr>"
    page = f"<table>{head}{rows}</table>"
    (release / "other.sr-Cyrl.html").write_text(page, encoding="utf-8")
    (problem,) = audited(house, release).numbers
    assert str(problem.where).startswith("other.sr-Cyrl.html")
    assert "shows counts that the protected cube" in problem.message


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)),
    st.sampled_from(("en", "fr", "sr-Cyrl", "sr-Latn")),
)
def test_a_day_is_read_as_each_language_writes_it(day: dt.date, language: str) -> None:
    text = Wording(language).date(day)
    assert dates(text) == {day}
    assert dates(f"({text})") == {day}
