"""A comparison does not tell a difference that singles somebody out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import figure_samples as figures
import sensitive_samples
from jpreport.audit import Audit
from jpreport.cli import main
from jpreport.data import read_package
from jpreport.disclosure.cubes import Cubes
from jpreport.figures import Derivation, FigureRecord
from jpreport.files import to_json_bytes, write_atomic
from jpreport.programme.settings import read_settings
from jpreport.release.request import Request
from jpreport.release.untold import untold_differences
from jpreport.review.changes import FigureChange
from jpreport.review.compare.comparison import compare
from jpreport.review.compare.page import as_html, as_text
from jpreport.review.compare.prose import Passage
from jpreport.review.compare.side import open_side
from jpreport.review.compare.withheld import masked_passage, singling_out


def programme(root: Path, more: int) -> Path:
    sensitive_samples.programme(root)
    table = root / "data/cases.csv"
    new = "".join(f"C-9{n:02},P-9{n:02},female,north,2020-04-01\n" for n in range(more))
    table.write_text(table.read_text("utf-8") + new, encoding="utf-8")
    return root


def release(root: Path) -> Path:
    """What a build leaves of the cubes of a programme."""
    package = read_package(root / "data/datapackage.json", root)
    releases = read_settings(root).previous_releases
    cube = Cubes(package, root, root / ".jpreport/protected", releases).cube("cases")
    output = root / "outputs"
    write_atomic(output / "cubes/cases.json", to_json_bytes(cube.to_json()))
    write_atomic(output / "manifest.json", to_json_bytes({"cubes": {"cubes/cases.json": ""}}))
    return output


def test_one_more_person_is_not_told_in_any_form(tmp_path: Path) -> None:
    sides = [open_side(programme(tmp_path / f"n{more}", more)) for more in (0, 1)]
    comparison = compare(*sides)
    assert [one.withheld for one in comparison.figures] == [True]
    told = as_text(comparison) + as_html(comparison) + json.dumps(comparison.to_json())
    assert "could single somebody out" in told
    for number in ("80", "81", "+1"):
        assert number not in told.replace("#", " ").split("<style>")[0].split()
    assert '"value": 8' not in told


VALUE = st.integers(0, 40)


@given(VALUE, VALUE, st.integers(3, 9))
def test_a_change_is_told_only_if_it_is_as_large_as_the_threshold(
    before: int, after: int, threshold: int
) -> None:
    derivation = Derivation(table="cases", measure="count(*)", source="protected cube of x")
    one, other = (
        FigureRecord.of(
            replace(
                figures.TRAINED, value=value, derivation=derivation, breakdown={}, published=None
            )
        )
        for value in (before, after)
    )
    change = FigureChange(one.id, "", one, other)
    found = singling_out([change], lambda _: threshold, lambda _: None)
    assert bool(found) == (0 < abs(after - before) < threshold)
    passage = Passage("r", f"There were {before}, in 2.{before}.", f"There were {after}.")
    masked = masked_passage(passage, found)
    assert masked.after == ("There were [not shown]." if found else passage.after)


def warnings(root: Path, before: dict[str, bytes]) -> list[str]:
    return [
        str(one) for one in untold_differences(Request(root=root, output=root / "outputs"), before)
    ]


@pytest.fixture
def replaced(tmp_path: Path) -> Callable[[int], tuple[Path, dict[str, bytes]]]:
    """A programme whose release has been replaced by one with some more persons."""

    def made(more: int) -> tuple[Path, dict[str, bytes]]:
        root = programme(tmp_path / "programme", 0)
        before = {"cases": (release(root) / "cubes/cases.json").read_bytes()}
        shutil.copytree(root / "outputs", tmp_path / "copy")
        programme(root, more)
        release(root)
        return root, before

    return made


def test_a_release_that_tells_a_difference_without_naming_any_is_a_warning(
    replaced: Callable[[int], tuple[Path, dict[str, bytes]]],
) -> None:
    root, before = replaced(1)
    (told,) = warnings(root, before)
    assert "outputs, as it was before, cases: " in told
    assert "by fewer than 5 persons" in told
    assert not any(number in told.split() for number in ("80", "81"))
    assert warnings(root, {}) == []


def test_no_warning_of_a_release_that_is_named_or_tells_nothing_new(
    replaced: Callable[[int], tuple[Path, dict[str, bytes]]], tmp_path: Path
) -> None:
    root, before = replaced(0)
    assert warnings(root, before) == []
    shutil.move(tmp_path / "copy", root / "releases/first")
    programme(root, 1)
    release(root)
    assert warnings(root, before) == []


def test_a_recorded_release_that_is_not_named_is_a_warning(
    replaced: Callable[[int], tuple[Path, dict[str, bytes]]], tmp_path: Path
) -> None:
    root, _ = replaced(1)
    shutil.move(tmp_path / "copy", root / "releases/first")
    settings = root / "programme.toml"
    text = settings.read_text("utf-8").replace(
        "[programme]\n", "[programme]\nprevious_releases = []\n"
    )
    settings.write_text(text, encoding="utf-8")
    (told,) = warnings(root, {})
    assert "releases/first, cases: " in told


def test_an_interrupted_publish_leaves_nothing_under_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = programme(tmp_path, 0)
    output = release(root)
    monkeypatch.setattr("jpreport.cli.release_verbs._audited", lambda *_: (Audit(), {}))
    (output / "manifest.json").rename(tmp_path / "aside")
    write_atomic(output / "manifest.json/file", b"no file: the copy fails here")
    with pytest.raises(IsADirectoryError):
        main(["publish", "first", "--project", str(root), "--debug"])
    assert not (root / "releases/first").exists()
    shutil.rmtree(output / "manifest.json")
    (tmp_path / "aside").rename(output / "manifest.json")
    assert main(["publish", "first", "--project", str(root)]) == 0
    assert read_settings(root).recorded == (root / "releases/first",)
    assert sorted(path.name for path in (root / ".jpreport").iterdir()) == [
        ".gitignore",
        "protected",
    ]
