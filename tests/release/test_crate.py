"""A release as an RO-Crate: another library reads it, it tells no secrets, the same bytes twice."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from rocrate.rocrate import ROCrate

from jpreport.files import digest_file
from jpreport.release.crate import NAME
from jpreport.release.request import Request
from jpreport.release.spine import build
from programme_samples import PACKAGE, PROGRAMME, write_programme

BODIES = """
[[organization]]
name = "International Organization for Migration"
short_name = "IOM"
role = "participating"

[[organization]]
name = "Ministry of Interior"
role = "government"
"""


def built_in(root: Path) -> Path:
    write_programme(root)
    (root / "programme.toml").write_text(PROGRAMME + BODIES, encoding="utf-8")
    outcomes = build(Request(root, root / "outputs"))
    assert not [problem for outcome in outcomes for problem in outcome.problems]
    return root / "outputs"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_in(tmp_path_factory.mktemp("crate") / "a")


def entities(output: Path) -> dict[str, dict[str, Any]]:
    graph = json.loads((output / NAME).read_bytes())["@graph"]
    found = {entity["@id"]: entity for entity in graph}
    assert len(found) == len(graph)
    return found


def links(value: Any) -> list[str]:  # noqa: ANN401 - one link or several
    return [one["@id"] for one in (value if isinstance(value, list) else [value])]


@pytest.mark.slow
def test_every_file_is_there_with_its_size_and_digest(output: Path) -> None:
    crate = ROCrate(output)
    assert crate.version == "1.2"
    parts = {part.id: part for part in crate.root_dataset["hasPart"]}
    files = {p.relative_to(output).as_posix() for p in output.rglob("*") if p.is_file()}
    assert parts.keys() == {n for n in files if not n.startswith("failed")} - {NAME}
    for name, part in parts.items():
        assert part["sha256"] == digest_file(output / name)
        assert int(part["contentSize"]) == (output / name).stat().st_size
        assert part["encodingFormat"]
        assert part["description"]


@pytest.mark.slow
def test_the_library_that_archives_use_reads_the_same_graph(output: Path) -> None:
    again = ROCrate(output).metadata.generate()
    ours = json.loads((output / NAME).read_bytes())
    assert again["@context"] == ours["@context"]
    assert {one["@id"]: one for one in again["@graph"]} == entities(output)


@pytest.mark.slow
def test_each_report_is_the_result_of_a_run_of_its_notebook(output: Path) -> None:
    found = entities(output)
    action = found["#run-donor-ada"]
    assert links(action["instrument"]) == ["notebooks/donor.ipynb"]
    assert links(action["result"]) == [
        "donor-ada.html", "donor-ada.pdf", "executed/donor-ada.ipynb",
    ]  # fmt: skip
    inputs = [found[name] for name in links(action["object"])]
    manifest = json.loads((output / "manifest.json").read_bytes())
    read = manifest["reports"]["donor-ada"]["read"]
    assert {one["name"]: one["sha256"] for one in inputs if "sha256" in one}.items() <= read.items()
    assert {"data/grants.csv", "donor"} <= {one["name"] for one in inputs}
    notebook = found["notebooks/donor.ipynb"]
    assert notebook["@type"] == ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
    assert links(notebook["softwareRequirements"]) == ["#jpreport", "#papermill"]
    assert {links(found[name]["instrument"])[0] for name in links(found["./"]["mentions"])} == {
        "notebooks/donor.ipynb", "notebooks/summary.ipynb",
    }  # fmt: skip


@pytest.mark.slow
def test_what_is_not_stated_is_said_and_every_link_leads_somewhere(output: Path) -> None:
    found = entities(output)
    root = found["./"]
    assert root["datePublished"] == PACKAGE["created"][:10]
    assert found[links(root["license"])[0]]["name"] == "not stated"
    assert links(root["conformsTo"]) == ["https://w3id.org/ro/wfrun/process/0.5"]
    assert [found[one]["name"] for one in links(root["author"])] == [
        "International Organization for Migration"
    ]
    assert [found[one]["name"] for one in links(root["contributor"])] == ["Ministry of Interior"]
    outside = {"https://w3id.org/ro/crate/1.2"}

    def check(value: Any) -> None:  # noqa: ANN401 - any JSON
        if isinstance(value, list):
            for one in value:
                check(one)
        elif isinstance(value, dict):
            if value.keys() == {"@id"}:
                assert value["@id"] in found or value["@id"] in outside
            for one in value.values():
                check(one)

    check(list(found.values()))


@pytest.mark.slow
def test_the_same_programme_elsewhere_gives_the_same_crate(output: Path, tmp_path: Path) -> None:
    again = built_in(tmp_path / "another place")
    assert (again / NAME).read_bytes() == (output / NAME).read_bytes()
    assert str(tmp_path) not in (again / NAME).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_notebook_that_is_no_longer_used_goes(output: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(output.parent, tmp_path / "copy"))
    kept, _, _ = PROGRAMME.partition('[[report]]\nid = "donor"')
    (root / "programme.toml").write_text(kept + BODIES, encoding="utf-8")
    build(Request(root, root / "outputs"))
    assert [path.name for path in (root / "outputs/notebooks").iterdir()] == ["summary.ipynb"]
    assert (root / "notebooks/donor.ipynb").is_file()
    assert "donor.ipynb" not in (root / "outputs" / NAME).read_text(encoding="utf-8")


@pytest.mark.slow
def test_who_builds_into_the_programme_folder_keeps_the_notebooks(tmp_path: Path) -> None:
    root = write_programme(tmp_path / "one")
    before = (root / "notebooks/summary.ipynb").read_bytes()
    for _ in range(2):
        build(Request(root, root, ("summary",), ("html",)))
    assert (root / "notebooks/summary.ipynb").read_bytes() == before
    assert (root / NAME).is_file()
