"""Typefaces are cut once a machine, the same way whether they were kept or not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jpreport.export import webfonts
from jpreport.export.branding import Appearance

TEXT = "Ada, Љиљана ↩\ufe0e"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder where cut typefaces are kept, empty, in a process that has cut none."""
    monkeypatch.setattr(webfonts, "user_cache_path", lambda name: tmp_path / name)
    monkeypatch.setattr(webfonts, "_LATIN", frozenset("abcde ↩\ufe0e"))  # fewer are cut sooner
    monkeypatch.setattr(webfonts, "_CYRILLIC", frozenset("љи"))
    webfonts._kept.cache_clear()
    yield tmp_path / "jpreport" / "fonts"
    webfonts._kept.cache_clear()


def faces(monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    """Return the rules as another process would make them."""
    webfonts._kept.cache_clear()
    if monkeypatch:

        def refuse(*_: object) -> str:
            raise AssertionError("it was cut again")

        monkeypatch.setattr(webfonts, "_cut", refuse)
    return webfonts.font_faces(TEXT, Appearance())


def test_what_was_kept_is_what_is_cut(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = faces()
    assert len(list(kept.iterdir())) == 5
    assert faces(monkeypatch) == first


def test_what_was_damaged_is_cut_again(kept: Path) -> None:
    first = faces()
    for number, file in enumerate(sorted(kept.iterdir())):
        content = file.read_bytes()
        damaged = (b"", content[:-9], b"x" * 80 + b" y", b"\xff", content.replace(b"A", b"B", 1))
        file.write_bytes(damaged[number])
    assert faces() == first


def test_a_folder_that_cannot_be_written_costs_time_alone(kept: Path) -> None:
    kept.parent.parent.mkdir(parents=True, exist_ok=True)
    kept.parent.write_text("no folder")
    assert faces() == faces()


def test_pages_with_the_usual_letters_share_their_typefaces(kept: Path) -> None:
    webfonts.font_faces("Novi Sad, Niš – 5 €", Appearance())
    webfonts.font_faces("back ↩\ufe0e", Appearance())
    assert len(list(kept.iterdir())) == 5
