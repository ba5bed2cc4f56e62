"""Formats come from a registry: whoever brings one brings all that the verbs must know of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jpreport.audit import audit_release
from jpreport.cli import main
from jpreport.data import read_package
from jpreport.document import formats
from jpreport.document.formats import load_format
from jpreport.errors import ExportError, ProjectError
from jpreport.execute.kernels.warm import cool_down
from jpreport.programme.formats import registered_formats
from jpreport.programme.settings import read_settings
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.review.verify import verify
from programme_samples import PROGRAMME, write_programme

# A whole exporter: plain text, its provenance in hexadecimal digits, sealed.
EXPORTER = """
import re
from jpreport.document.attachments import attachments
from jpreport.document.formats import Format, Rendering
from jpreport.files import seal_at

def render(document, folder):
    [carried] = [one.content for one in attachments(document) if one.name == "provenance.json"]
    text = f"{document.title}\\n{document.figures} figures\\n%carried {carried.hex()}\\n"
    return Rendering(seal_at(b"\\xff" + text.encode()))

def provenance(content):
    found = re.search(rb"%carried ([0-9a-f]+)", content)
    return bytes.fromhex(found[1].decode()) if found else b""

def texts(content):
    return [content[1:].decode()]

FORMAT = Format("note", "text/x-note", render, provenance, texts)
FAILING = Format("note", "text/x-note", lambda *_: 1 / 0, provenance)
BROKEN = Format("note", "text/x-note", lambda *_: Rendering(b"no seal"), provenance)
"""


@pytest.fixture
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with the format "note", as pip would have put it there."""
    site = tmp_path / "site"
    info = site / "report_note-1.dist-info"
    info.mkdir(parents=True)
    (site / "report_note.py").write_text(EXPORTER, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: report-note\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[jpreport.formats]\nnote = report_note:FORMAT\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))  # kernels read the settings too
    cool_down()
    for cache in (registered_formats, load_format):
        cache.cache_clear()
    yield info
    cool_down()
    sys.modules.pop("report_note", None)
    for cache in (registered_formats, load_format):
        cache.cache_clear()


def programme(root: Path, *names: str) -> Path:
    write_programme(root)
    chosen = f'id = "summary"\nformats = {json.dumps(names)}'
    text = PROGRAMME.replace('id = "summary"', chosen)
    (root / "programme.toml").write_text(text, encoding="utf-8")
    return root


def test_names_are_known_without_importing_what_renders() -> None:
    assert set(registered_formats()) >= {"docx", "html", "ods", "pdf", "xlsx"}
    for name in registered_formats():
        assert load_format(name).suffix == name


def test_an_unknown_format_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    root = programme(tmp_path, "html", "rtf")
    with pytest.raises(ProjectError, match='there is no format "rtf"') as caught:
        read_settings(root)
    assert f"there are {', '.join(registered_formats())}" in caught.value.problems[0].hint
    with pytest.raises(SystemExit):
        main(["build", "--format", "rtf", "--project", str(root)])


@pytest.mark.usefixtures("registered")
@pytest.mark.slow
def test_a_format_of_another_package_goes_all_the_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = programme(tmp_path / "programme", "html", "note")
    output = root / "outputs"
    outcomes = build(Request(root, output, reports=("summary",)))
    assert not [problem for outcome in outcomes for problem in outcome.problems]
    assert not (output / "summary.pdf").exists()
    assert '<a href="summary.note">NOTE</a>' in (output / "index.html").read_text("utf-8")
    manifest = json.loads((output / "manifest.json").read_bytes())
    assert "summary.note" in manifest["reports"]["summary"]["outputs"]
    crate = {
        one["@id"]: one
        for one in json.loads((output / "ro-crate-metadata.json").read_bytes())["@graph"]
    }
    assert crate["summary.note"]["encodingFormat"] == "text/x-note"
    assert verify(output, root).reproduced
    sent = tmp_path / "sent.note"
    sent.write_bytes((output / "summary.note").read_bytes())
    assert verify(sent, root).reproduced
    where = ["--project", str(root)]
    capsys.readouterr()
    assert main(["trace", str(sent), "5", *where]) == 0
    told = capsys.readouterr().out
    assert "5" in told
    assert "pages" not in told  # the format has none
    assert main(["trace", str(sent), "5", "--page", "1", *where]) == 1
    assert "has no pages" in capsys.readouterr().err
    package = read_package(root / "data/datapackage.json", root)
    assert audit_release(output, package, root).problems == ()
    sent.write_bytes(sent.read_bytes().replace(b"figures", b"fingers"))
    assert verify(sent, root).files[0].state == "altered"


@pytest.mark.usefixtures("registered")
@pytest.mark.slow
def test_the_audit_reads_a_format_with_its_own_reader(tmp_path: Path) -> None:
    root = programme(tmp_path / "programme", "note")
    output = root / "outputs"
    build(Request(root, output, reports=("summary",)))
    package = read_package(root / "data/datapackage.json", root)
    leak = output / "summary.note"
    leak.write_bytes(leak.read_bytes() + f"made in {root}/data\n".encode())
    (problem,) = audit_release(output, package, root).problems
    assert problem.where.file == "summary.note"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("BROKEN", 'the format "note" writes no seal'),
        ("FAILING", 'the exporter of "note", report_note:FAILING, failed: ZeroDivisionError'),
    ],
)
def test_a_format_that_keeps_no_promise_builds_nothing(
    registered: Path, tmp_path: Path, name: str, told: str
) -> None:
    entry = f"[jpreport.formats]\nnote = report_note:{name}\n"
    (registered / "entry_points.txt").write_text(entry)
    root = programme(tmp_path / "programme", "note")
    (outcome,) = build(Request(root, root / "outputs", reports=("summary",)))
    assert outcome.state == "failed"
    assert outcome.problems[0].message.startswith(told)


@pytest.mark.parametrize("value", ["nowhere:FORMAT", "report_note:nothing", "json:dumps"])
def test_an_entry_point_that_is_no_format_is_named(registered: Path, value: str) -> None:
    (registered / "entry_points.txt").write_text(f"[jpreport.formats]\nnote = {value}\n")
    with pytest.raises(ExportError, match=value.partition(":")[0]):
        formats.load_format("note")
