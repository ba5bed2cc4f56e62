"""Languages of a report: one run, the same figures in each, a file each; none with gaps."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jpreport.document.cover import FrontMatter
from jpreport.document.provenance import read_provenance
from jpreport.forms.mime import LANGUAGES as LANGUAGES_TYPE
from jpreport.language import catalogue_path
from jpreport.release.job import Outcome
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.review.verify import verify
from language_samples import LANGUAGES, prose_in, speak, translate, write_spoken

pytestmark = pytest.mark.slow

NOTEBOOK = "notebooks/summary.ipynb"
FILES = {
    "executed/summary.ipynb",
    *(f"summary.{tag}{suffix}" for tag in ("", "fr.", "sr-Cyrl.") for suffix in ("html", "pdf")),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_spoken(tmp_path_factory.mktemp("spoken") / "programme")
    (outcome,) = make(root)
    assert outcome.problems == ()
    assert set(outcome.outputs) == FILES
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the programme as it was built."""
    copy = tmp_path / "programme"
    shutil.copytree(built, copy)
    shutil.copy(built.parent / "runs.txt", tmp_path)
    return copy


def make(
    root: Path, *, draft: bool = False, formats: tuple[str, ...] | None = None
) -> list[Outcome]:
    return build(Request(root, root / "outputs", ("summary",), formats, draft=draft))


def runs(root: Path) -> int:
    return (root.parent / "runs.txt").read_text(encoding="utf-8").count("run")


def files(output: Path) -> dict[str, bytes]:
    return {name: (output / name).read_bytes() for name in sorted(FILES)}


def test_a_notebook_runs_once_whatever_the_number_of_its_languages(built: Path) -> None:
    assert runs(built) == 1


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a figure without its words."""
    words = ("text", "published_text", "title", "verification", "published_in", "language")
    kept = {key: value for key, value in record.items() if key not in words}
    return kept | {"parents": [_bare(one) for one in record["parents"]]}


def test_every_language_quotes_the_same_figures_in_the_same_cells(built: Path) -> None:
    found = []
    for tag, stem in zip(LANGUAGES, ("summary", "summary.fr", "summary.sr-Cyrl"), strict=True):
        for suffix in ("html", "pdf"):
            said = read_provenance(built / f"outputs/{stem}.{suffix}")
            assert said.front.language == tag
            assert {source.record.language for source in said.sources} == {tag}
            sources = [source.to_json() for source in said.sources]
            found.append(
                [
                    (_bare(one["figure"]), [(q["cell"], q["in"]) for q in one["quoted"]])
                    for one in sources
                ]
            )
    assert found[0]
    assert all(one == found[0] for one in found)


def test_values_and_words_are_those_of_the_language(built: Path) -> None:
    text = (built / "outputs/summary.fr.html").read_text(encoding="utf-8")
    plain = re.sub(r"<[^>]+>", "", text.replace("\N{NARROW NO-BREAK SPACE}", "_"))
    assert "1_000,50" in plain  # the contribution of Ada, on the cover
    assert re.search(r"1(er)?\s+janvier\s+2020", plain)
    assert "visits (fr)" in plain
    assert "female (fr)" in text
    assert "Visits, 5, by sex (fr)" in plain


def test_a_plain_figure_has_the_words_that_are_translated(built: Path) -> None:
    executed = json.loads((built / "outputs/executed/summary.ipynb").read_bytes())
    (output,) = (one for one in executed["cells"][-1]["outputs"] if "image/svg+xml" in one["data"])
    pictures = output["data"][LANGUAGES_TYPE]
    assert set(pictures) == set(LANGUAGES[1:])
    assert len({"".join(one["image/svg+xml"]) for one in pictures.values()}) == 2


def test_pages_lead_to_each_other_and_the_index_to_all(built: Path) -> None:
    names = {"en": "summary.html", "fr": "summary.fr.html", "sr-Cyrl": "summary.sr-Cyrl.html"}
    for name in names.values():
        page = (built / "outputs" / name).read_text(encoding="utf-8")
        for tag, other in names.items():
            assert f'<link rel="alternate" hreflang="{tag}" href="{other}">' in page
            if other != name:
                assert f'<a href="{other}" hreflang="{tag}" lang="{tag}"' in page
    page = (built / "outputs/index.html").read_text(encoding="utf-8")
    assert all(f'href="{name}"' in page for name in FILES - {"executed/summary.ipynb"})
    assert "français" in page
    assert "Visits (sr-Cyrl)" in page


def test_the_manifest_and_the_crate_tell_each_file_with_its_language(built: Path) -> None:
    manifest = json.loads((built / "outputs/manifest.json").read_bytes())
    report = manifest["reports"]["summary"]
    assert set(report["outputs"]) == FILES
    assert report["translations"]["fr"] == {"title": "Visits (fr)", "pages": report["pages"]}
    crate = json.loads((built / "outputs/ro-crate-metadata.json").read_bytes())
    told = {one["@id"]: one.get("inLanguage") for one in crate["@graph"]}
    assert told["summary.sr-Cyrl.pdf"] == "sr-Cyrl"
    assert told["summary.html"] == "en"


def test_another_build_gives_the_same_bytes(root: Path) -> None:
    before = files(root / "outputs")
    shutil.rmtree(root / "outputs")
    shutil.rmtree(root / ".jpreport")
    make(root)
    assert files(root / "outputs") == before
    (file,) = verify(root / "outputs" / "summary.fr.html", root).files
    assert file.state == "reproduced"


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_translation_of_prose_is_set_anew_and_runs_nothing(root: Path) -> None:
    before, ran = files(root / "outputs"), runs(root)
    edited(prose_in(root / NOTEBOOK, "fr"), 'msgstr "Results (fr)"', 'msgstr "Bilan"')
    (outcome,) = make(root)
    assert outcome.state == "built"
    after = files(root / "outputs")
    assert runs(root) == ran
    changed = {name for name in FILES if after[name] != before[name]}
    assert changed == {"executed/summary.ipynb", "summary.fr.html", "summary.fr.pdf"}
    assert b"Bilan" in after["summary.fr.html"]


def test_a_term_of_the_programme_is_said_by_another_run(root: Path) -> None:
    ran = runs(root)
    edited(catalogue_path(root / "notebooks", "fr"), "female (fr)", "femmes")
    make(root)
    assert runs(root) == ran + 1
    assert b"femmes" in (root / "outputs/summary.fr.html").read_bytes()
    assert b"femmes" not in (root / "outputs/summary.html").read_bytes()


def test_a_language_with_a_gap_is_not_released_unless_as_a_draft(root: Path) -> None:
    edited(prose_in(root / NOTEBOOK, "fr"), 'msgstr "A note. (fr)"', 'msgstr ""')
    (outcome,) = make(root)
    assert outcome.state == "built"
    (problem,) = outcome.problems
    assert (problem.where.file, problem.where.get("cell")) == (NOTEBOOK, 3)
    assert problem.message == 'missing in "fr" (français): "A note."'
    left = {path.name for path in (root / "outputs").glob("summary.*")}
    assert left == {name for name in FILES if name.startswith("summary") and ".fr." not in name}
    assert b'hreflang="fr"' not in (root / "outputs/summary.html").read_bytes()
    assert make(root)[0].problems == (problem,)  # it is told until it is mended

    (outcome,) = make(root, draft=True)
    assert outcome.problems == ()
    drafts = {tag: front(root, tag).draft for tag in LANGUAGES}
    assert drafts == {"en": False, "fr": True, "sr-Cyrl": False}
    (outcome,) = make(root)
    assert outcome.problems == (problem,)
    assert not (root / "outputs/summary.fr.html").exists()


def front(root: Path, tag: str) -> FrontMatter:
    stem = "summary" if tag == "en" else f"summary.{tag}"
    return read_provenance(root / f"outputs/{stem}.html").front


Edit = Callable[[Path], None]


@pytest.mark.parametrize(
    "languages",
    [("en",), ("en", "sr-Cyrl"), ("en", "sr-Cyrl", "sr-Latn"), ("sr-Cyrl", "fr")],
    ids=",".join,
)
def test_what_languages_are_left_out_or_new_is_as_in_a_clean_build(
    root: Path, languages: tuple[str, ...]
) -> None:
    speak(root, *languages)
    make(root)
    clean = Request(root, root.parent / "clean", ("summary",), state=root.parent / "state")
    build(replace(clean, audited=False))
    made = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for folder in (root / "outputs",)
        for path in folder.rglob("summary*")
    }
    expected = {
        path.relative_to(root.parent / "clean").as_posix(): path.read_bytes()
        for path in (root.parent / "clean").rglob("summary*")
    }
    assert made == expected


def test_a_language_that_nothing_is_translated_into_tells_every_sentence(root: Path) -> None:
    speak(root, "en", "fr", "de")
    (outcome,) = make(root, formats=("html",))
    told = [one for one in outcome.problems if 'in "de" (Deutsch)' in one.message]
    assert len(told) == len(outcome.problems) > 3
    translate(root, "de")
    assert make(root, formats=("html",))[0].problems == ()
