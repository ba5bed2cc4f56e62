"""The documentation: no broken link, and its examples are true of the programme in the wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jpreport.cli.main import main
from jpreport.data import cleaning, fields, package
from jpreport.notebook import open_report
from jpreport.scaffold import start

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
WATER = Path(start.__file__).with_name("water")


def examples(language: str) -> Iterator[tuple[str, str]]:
    for page in sorted((DOCS / "how-to").glob("*.md")):
        for text in re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            yield page.stem, text


def test_every_declaration_in_the_how_tos_is_one(tmp_path: Path) -> None:
    root = Path(shutil.copytree(WATER, tmp_path / "water"))
    declared = [text for _, text in examples("toml")]
    assert declared
    with (root / "programme.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(("", *declared)))
    assert main(["check", "--strict", "--project", str(root)]) == 0


def test_every_cell_in_the_how_tos_shows_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(shutil.copytree(WATER, tmp_path / "water")) / "notebooks")
    rp = open_report()
    shown = [eval(text, {"rp": rp}) for page, text in examples("python") if page == "chart"]  # noqa: S307
    assert shown
    assert all(one._repr_mimebundle_() for one in shown)


def test_the_contract_page_has_every_key() -> None:
    page = (DOCS / "reference/contract.md").read_text("utf-8")
    known = {*package._PACKAGE, *package._RESOURCE, *package._SCHEMA, *fields._CONSTRAINTS}
    known |= {*fields._PROPERTIES, "trim", "merged", "leaveOut"}
    left_out = {"$schema", "profile", "data", "type", *package._NOT_DONE}
    missing = {key for key in known - left_out if f"`{key}`" not in page}
    assert missing <= {"rdfType", "example", "categories", "categoriesOrdered"}, missing
    assert cleaning.cleaning_of


@pytest.mark.slow
def test_the_site_is_written_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(DOCS), str(tmp_path)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    settings = (tmp_path / "reference/settings.html").read_text("utf-8")
    assert "The value aimed at, where the sources state one." in settings
    assert "jpreport.notebook.bar_chart" in (tmp_path / "reference/notebook.html").read_text(
        "utf-8"
    )
