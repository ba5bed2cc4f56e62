"""A release is built again: the same bytes, or the cause by its name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import jpreport.files
from jpreport.errors import OutputError
from jpreport.figures.record import schema
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.review.verify import verify
from jpreport.review.verify.manifest import quoted_in, release_of
from jpreport.review.verify.verdict import Verdict
from programme_samples import edit_notebook, write_programme

SCHEMA = Path(jpreport.files.__file__).with_name("manifest.schema.json")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in HTML, one report of it also in PDF."""
    root = write_programme(tmp_path_factory.mktemp("built"))
    for reports, formats in (((), ("html",)), (("donor-ada",), ("html", "pdf"))):
        request = Request(root, root / "outputs", reports, formats)
        assert not [problem for outcome in build(request) for problem in outcome.problems]
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """The same release on another path, to be changed."""
    return Path(shutil.copytree(built, tmp_path / "another place"))


def outputs(root: Path) -> Path:
    return root / "outputs"


def states(verdict: Verdict) -> dict[str, str]:
    return {file.name: file.state for file in verdict.files if file.state != "reproduced"}


def causes(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(cause.kind, cause.name, cause.how) for cause in verdict.causes]


def change_manifest(root: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = outputs(root) / "manifest.json"
    manifest = json.loads(path.read_bytes())
    change(manifest)
    text = json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


@pytest.mark.slow
def test_an_untouched_release_is_reproduced_on_another_path(root: Path) -> None:
    shutil.rmtree(root / ".jpreport")
    verdict = verify(outputs(root), root)
    assert verdict.reproduced
    assert (verdict.causes, verdict.figures, verdict.problems) == ((), (), ())
    assert {file.name for file in verdict.files} == {
        "donor-ada.html", "donor-ada.pdf", "donor-b-and-c.html", "executed/donor-ada.ipynb",
        "executed/donor-b-and-c.ipynb", "executed/summary.ipynb", "index.html", "manifest.json",
        "notebooks/donor.ipynb", "notebooks/summary.ipynb", "ro-crate-metadata.json",
        "summary.html",
    }  # fmt: skip
    assert not (root / ".jpreport").exists()


@pytest.mark.slow
def test_the_manifest_is_what_its_schema_says(root: Path) -> None:
    schema = json.loads(SCHEMA.read_bytes())
    Draft202012Validator.check_schema(schema)
    text = (outputs(root) / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(manifest)] == []
    assert text == json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    assert str(root) not in text
    quoted = {one.record.id: one for one in quoted_in(manifest["reports"]["summary"])}
    assert quoted["1.1"].record.value == 5
    assert quoted["1.1"].record.derivation.source == "data/visits.csv"
    places = [(one.cell, one.kind, one.text) for one in quoted["1.1"].quotes]
    assert (4, "prose", "5") in places
    assert (5, "table", "5") in places
    [part] = quoted_in(manifest["reports"]["donor-ada"])
    assert (part.record.id, part.record.value) == ("R.1[donor=Ada]", 100.5)


def test_the_schema_of_a_figure_is_that_of_its_type() -> None:
    """Run scripts/manifest_schema.py where this fails."""
    described = json.loads(SCHEMA.read_bytes())
    assert described["$defs"] == described["$defs"] | schema()["$defs"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["donor-ada.pdf", "summary.html", "executed/summary.ipynb"])
def test_one_altered_byte_is_no_changed_input(root: Path, name: str) -> None:
    path = outputs(root) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    verdict = verify(outputs(root), root)
    assert states(verdict) == {name: "altered"}
    [file] = [one for one in verdict.files if one.name == name]
    assert f"1 byte differs, the first is byte {len(content) // 2 + 1:,}" in file.detail
    assert "Another build gives the original." in file.detail
    assert (verdict.causes, verdict.figures) == ((), ())


@pytest.mark.slow
def test_index_manifest_missing_and_foreign_files_are_told(root: Path) -> None:
    (outputs(root) / "index.html").write_text("<p>other</p>", encoding="utf-8")
    (outputs(root) / "summary.html").unlink()
    (outputs(root) / "invented.pdf").write_bytes(b"%PDF")
    change_manifest(root, lambda manifest: manifest.update(programme="Another"))
    assert states(verify(outputs(root), root)) == {
        "index.html": "altered",
        "manifest.json": "altered",
        "summary.html": "missing",
        "invented.pdf": "foreign",
    }


@pytest.mark.slow
def test_a_digest_that_was_altered_with_its_file_is_not_believed(root: Path) -> None:
    path = outputs(root) / "summary.html"
    path.write_bytes(path.read_bytes().replace(b"There were", b"There are"))
    digest = jpreport.files.digest_file(path)
    change_manifest(
        root, lambda manifest: manifest["reports"]["summary"]["outputs"].update({path.name: digest})
    )
    verdict = verify(outputs(root), root)
    assert states(verdict) == {"summary.html": "differs", "manifest.json": "altered"}
    assert not verdict.causes


@pytest.mark.slow
def test_a_changed_record_is_named_with_its_file_and_figures(root: Path) -> None:
    with (root / "data/visits.csv").open("a", encoding="utf-8") as file:
        file.write("6,2020-05-05,zoe,female\n")
    verdict = verify(outputs(root), root)
    assert causes(verdict) == [("data", "data/visits.csv", "changed")]
    assert "summary" in verdict.causes[0].reports
    assert [(change.id, change.texts) for change in verdict.figures] == [("1.1", ("5", "6"))]
    assert states(verdict)["summary.html"] == "differs"


@pytest.mark.slow
def test_a_changed_notebook_is_named_and_one_report_is_enough(root: Path) -> None:
    edit_notebook(root / "notebooks/summary.ipynb", "There were", "There have been")
    verdict = verify(outputs(root) / "summary.html", root)
    assert causes(verdict) == [("notebook", "notebooks/summary.ipynb", "changed")]
    assert states(verdict) == {"summary.html": "differs"}
    assert not verdict.figures
    assert verify(outputs(root) / "donor-ada.pdf", root).reproduced


@pytest.mark.slow
def test_a_changed_setting_is_named_with_the_figures(root: Path) -> None:
    settings = root / "programme.toml"
    text = settings.read_text(encoding="utf-8")
    where = 'table = "visits"\nwhere = "sex = \'female\'"'
    settings.write_text(text.replace('table = "visits"', where), encoding="utf-8")
    verdict = verify(outputs(root), root)
    assert causes(verdict) == [("settings", "programme.toml", "changed")]
    assert [(change.id, change.texts) for change in verdict.figures] == [("1.1", ("5", "3"))]


@pytest.mark.slow
def test_another_environment_is_named(root: Path) -> None:
    names = ("environment", "jpreport", "templates")
    change_manifest(
        root, lambda manifest: manifest["environment"].update(dict.fromkeys(names, "0" * 64))
    )
    told = verify(outputs(root) / "summary.html", root).causes
    assert [cause.kind for cause in told] == ["environment", "jpreport", "jpreport"]
    assert "another Python or other installed packages" in told[0].name


@pytest.mark.slow
def test_what_cannot_be_built_again_is_told_with_its_cause(root: Path) -> None:
    (root / "data/grants.csv").write_text("donor,amount\n,x\n", encoding="utf-8")
    verdict = verify(outputs(root), root)
    assert not verdict.reproduced
    assert ("data", "data/grants.csv", "changed") in causes(verdict)
    assert "data/grants.csv, row 2" in "\n".join(map(str, verdict.problems))


@pytest.mark.slow
def test_a_lost_data_file_and_a_file_of_no_release_are_told(root: Path) -> None:
    (root / "data/grants.csv").unlink()
    assert ("data", "data/grants.csv", "is gone") in causes(verify(outputs(root), root))
    stray = outputs(root) / "summary.pdf"
    stray.write_bytes(b"%PDF")
    with pytest.raises(OutputError, match="cannot be read as a PDF"):
        verify(stray, root)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is not there"),
        ("{", "is not JSON"),
        ('{"version": 99}', "no manifest of this version"),
        ('{"version": 2, "reports": {"a": {}}}', "holds a figure that cannot be read"),
        ('{"version": 2, "indicators": [{"id": "1"}]}', "no figure of this version"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(
    tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(OutputError, match=message):
        verify(tmp_path, tmp_path)


def test_a_file_away_from_its_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="belongs to no release"):
        release_of(tmp_path / "a" / "report.pdf")
