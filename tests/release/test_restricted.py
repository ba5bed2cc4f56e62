"""Restricted editions: they may see records of persons, and are kept apart from the release."""

import json
import shutil
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from audit_samples import package_of, write_house
from jpreport.audit import audit_release
from jpreport.cli import main
from jpreport.document.cover import RESTRICTED
from jpreport.errors import OutputError
from jpreport.files import Store
from jpreport.programme.folder import state_folder
from jpreport.programme.settings import read_settings
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.release.staging import Stage, staged
from jpreport.release.survey import survey_programme
from programme_samples import notebook

START = [
    ("parameters", "from datetime import date\n\nperiod_start: date | None = None"),
    ("code", "from jpreport.notebook import frame_table, open_report\nrp = open_report()"),
    ("markdown", '# {}\n\n## Results\n\nThere were {{eval}}`rp["1.1"]` persons.'),
]
RECORDS = (
    "code",
    (
        "#| label: tbl-persons\n#| caption: Persons in the house\n"
        'frame_table(rp.table("persons")[["person_id", "sex"]])'
    ),
)
DECLARED = """
[[report]]
id = "casework"
notebook = "notebooks/casework.ipynb"
audience = "restricted"
for_each = { place = "visits.place" }
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    root = write_house(tmp_path / "house")
    with (root / "programme.toml").open("a", encoding="utf-8") as file:
        file.write(DECLARED)
    for name, cells in {"final": [], "casework": [RECORDS]}.items():
        start = [(kind, text.replace("{}", name.title())) for kind, text in START[2:]]
        texts = [(kind, text.replace("{{", "{").replace("}}", "}")) for kind, text in start]
        place = [("parameters", f"{START[0][1]}\nplace: str = ''"), START[1]]
        notebook(root / f"notebooks/{name}.ipynb", [*place, *texts, *cells])
    return root


def names(folder: Path) -> set[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name for name in found if not name.startswith(".")}


def test_an_audience_is_one_of_two(house: Path) -> None:
    assert [one.audience for one in read_settings(house).report] == ["public", "restricted"]


def test_what_an_earlier_build_made_is_not_staged(house: Path) -> None:
    apart = house / "outputs-restricted"
    Store(state_folder(house, apart)).prepare()
    copied = house / "kept"
    (copied / "executed").mkdir(parents=True)
    (copied / "manifest.json").touch()
    for folder in (apart, copied):
        folder.mkdir(exist_ok=True)
        (folder / "casework-nis.html").write_text("VX-7401", encoding="utf-8")
    with staged(survey_programme(house), house / "outputs") as stage:
        assert not list(stage.folder.rglob("casework-nis.html"))
    with staged(survey_programme(house), apart, restricted=True) as stage:
        assert stage == Stage(house)


@pytest.mark.slow
def test_restricted_editions_are_kept_apart(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--project", str(house)]
    assert main(["build", *where]) == 0
    release, apart = house / "outputs", house / "outputs-restricted"
    assert not apart.exists()
    assert not any("casework" in name for name in names(release))
    for name in ("manifest.json", "index.html"):
        assert "casework" not in (release / name).read_text("utf-8")
    capsys.readouterr()

    assert main(["build", "casework-nis", *where]) == 0
    assert "not for publication" in capsys.readouterr().out
    made = {"casework-nis.html", "casework-nis.pdf", "executed/casework-nis.ipynb"}
    assert names(apart) == made | {"manifest.json", "index.html"}
    assert apart.stat().st_mode & 0o777 == 0o700
    assert (apart / ".gitignore").read_text("utf-8") == "*\n"
    assert json.loads((apart / "manifest.json").read_text("utf-8"))["audience"] == "restricted"
    said = ". ".join(RESTRICTED)
    for name in ("casework-nis.html", "index.html"):
        page = (apart / name).read_text("utf-8")
        assert f"<strong>{RESTRICTED[0]}.</strong> <span>{RESTRICTED[1]}</span>" in page
    assert "VX-7401" in (apart / "casework-nis.html").read_text("utf-8")
    with PdfDocument(apart / "casework-nis.pdf") as document:
        pages = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    assert said in pages[0]
    assert len(pages) > 1
    words = said.replace(". C", ": c").rstrip(".")
    assert [page for page in pages[1:] if words not in page] == []
    assert any("VX-7401" in page for page in pages)

    # The release does not know of them, and the audit does not take them for one.
    assert main(["build", *where]) == 0
    assert main(["audit", *where]) == 0
    capsys.readouterr()
    assert main(["audit", str(apart), *where]) == 1
    assert "holds restricted editions" in capsys.readouterr().err
    with pytest.raises(OutputError, match="are no release"):
        audit_release(apart, package_of(house), house)
    assert main(["verify", str(apart), *where]) == 0
    assert main(["build", "--restricted", *where]) == 0
    assert "casework-belgrade.pdf" in names(apart)
    assert main(["build", "final", "--restricted", *where]) == 1
    assert 'there is no report "final"' in capsys.readouterr().err

    # One that is put among the reports by accident is found, whatever its kind.
    for name in made:
        shutil.copy(apart / name, release / Path(name).name)
    leaks = audit_release(release, package_of(house), house).leaks
    told = {
        str(one.where).partition(",")[0] for one in leaks if "restricted edition" in one.message
    }
    assert told == {Path(name).name for name in made}


@pytest.mark.slow
def test_in_a_release_the_same_notebook_is_refused(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = house / "programme.toml"
    text = settings.read_text("utf-8").replace('audience = "restricted"\n', "")
    settings.write_text(text, encoding="utf-8")
    # Not even if somebody asks for the records from outside.
    monkeypatch.setenv("JPREPORT_AUDIENCE", "restricted")
    request = Request(house, house / "outputs", reports=("casework",), formats=("html",))
    outcomes = build(request)
    assert {one.state for one in outcomes} == {"failed"}
    assert all("stays closed" in str(one.problems) for one in outcomes)
    assert not any("casework" in name for name in names(house / "outputs") if "failed" not in name)


@pytest.mark.slow
def test_without_a_restricted_report_there_is_nothing_to_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_house(tmp_path / "house")
    assert main(["build", "--restricted", "--project", str(root)]) == 1
    assert "there is no restricted report" in capsys.readouterr().err
