"""Typefaces are cut once a machine, the same way whether they were kept or not."""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from jpreport.export import webfonts
from jpreport.export.branding import Appearance

TEXT = "Ada, Љиљана ↩\ufe0e"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder where cut typefaces are kept, empty, in a process that has cut none."""
    monkeypatch.setattr(webfonts, "user_cache_path", lambda name: tmp_path / name)
    monkeypatch.setattr(webfonts, "_LATIN", frozenset("abcde ↩\ufe0e"))  # fewer are cut sooner
    monkeypatch.setattr(webfonts, "_CYRILLIC", frozenset("љи"))
    monkeypatch.setattr(webfonts, "_FEW", 1)
    # A variable face takes seconds to cut: how it is cut is asked below, once.
    monkeypatch.setattr(webfonts, "ITALIC", Path(f"{webfonts.SANS}-It.ttf"))
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
    assert len(list(kept.iterdir())) == 6
    assert faces(monkeypatch) == first


def test_what_was_damaged_is_cut_again(kept: Path) -> None:
    first = faces()
    for number, file in enumerate(sorted(kept.iterdir())):
        content = file.read_bytes()
        damaged = (
            b"",
            content[:-9],
            content[1:],
            b"x" * 80 + b" y",
            b"\xff",
            content.replace(b"A", b"B", 1),
        )
        file.write_bytes(damaged[number])
    assert faces() == first


def test_a_folder_that_cannot_be_written_costs_time_alone(kept: Path) -> None:
    kept.parent.parent.mkdir(parents=True, exist_ok=True)
    kept.parent.write_text("no folder")
    assert faces() == faces()


def test_pages_with_the_usual_letters_share_their_typefaces(kept: Path) -> None:
    webfonts.font_faces("abc", Appearance())
    webfonts.font_faces("bad ↩\ufe0e", Appearance())
    assert len(list(kept.iterdir())) == 5


def test_italics_have_cyrillic_as_serbian_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[tuple[str, frozenset[str]]] = []
    monkeypatch.setattr(webfonts, "cut", lambda *face: cut.append(face) or str(len(cut)))
    assert "unicode-range" not in webfonts.font_faces("a", Appearance())
    rules = webfonts.font_faces("бгдпт" + "".join(webfonts._CYRILLIC), Appearance())
    italic = re.search(
        r'"Source Serif Pro";font-weight:400;font-style:italic;unicode-range:U\+400-45F;'
        r"src:url\(data:font/woff2;base64,([^)]*)\)",
        rules,
    )
    assert italic
    path, letters = cut[int(italic[1]) - 1]
    assert letters == webfonts._CYRILLIC
    font = TTFont(io.BytesIO(base64.b64decode(webfonts._cut(path, frozenset("бгдпт"), ""))))
    assert "fvar" not in font
    table, names = font["GSUB"].table, font.getBestCmap()
    [cyrillic] = [one.Script for one in table.ScriptList.ScriptRecord if one.ScriptTag == "cyrl"]
    [serbian] = [one.LangSys for one in cyrillic.LangSysRecord if one.LangSysTag == "SRB "]
    features = [table.FeatureList.FeatureRecord[index] for index in serbian.FeatureIndex]
    lookups = [
        index
        for one in features
        if one.FeatureTag == "locl"
        for index in one.Feature.LookupListIndex
    ]
    changed = {
        letter for index in lookups for sub in table.LookupList.Lookup[index].SubTable
        for letter in getattr(sub, "ExtSubTable", sub).mapping
    }  # fmt: skip
    assert changed >= {names[ord(letter)] for letter in "бгдпт"}
