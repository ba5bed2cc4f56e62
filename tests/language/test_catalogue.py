"""Catalogues: what they have is said, what they lack is told; Latin Serbian follows Cyrillic."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.errors import TranslationError
from jpreport.language import Catalogue
from jpreport.language.latin import in_latin

_HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && '
    '(n%100<10 || n%100>=20) ? 1 : 2);\\n"\n\n'
)
_CYRILLIC = """
msgid "Region"
msgstr "Регион"

#, fuzzy
msgid "Sex"
msgstr "Род"

msgid "Age"
msgstr ""

msgid "{} centre"
msgid_plural "{} centres"
msgstr[0] "{} центар"
msgstr[1] "{} центра"
msgstr[2] "{} центара"
"""


def _write(folder: Path, tag: str, messages: str) -> Path:
    path = folder / tag / "notebook.po"
    path.parent.mkdir(parents=True)
    path.write_text(_HEADER + messages, encoding="utf-8")
    return path


def test_what_is_empty_or_fuzzy_is_missing(tmp_path: Path) -> None:
    catalogue = Catalogue.read(_write(tmp_path, "sr_Cyrl", _CYRILLIC))
    told = [catalogue.get(text) for text in ("Region", "Sex", "Age", "Else", "")]
    assert told == ["Регион", None, None, None, None]
    forms = [catalogue.count("{} centre", "{} centres", number) for number in (21, 2, 11)]
    assert forms == ["{} центар", "{} центра", "{} центара"]
    assert Catalogue().get("Region") is None
    assert Catalogue().count("{} centre", "{} centres", 2) is None


def test_latin_serbian_is_the_cyrillic_unless_it_has_its_own(tmp_path: Path) -> None:
    _write(tmp_path, "sr_Cyrl", _CYRILLIC + '\nmsgid "Law"\nmsgstr "Правни факултет"\n')
    alone = Catalogue.read(tmp_path / "sr_Latn" / "notebook.po")
    assert [alone.get("Region"), alone.get("Law"), alone.get("Sex")] == [
        *("Region", "Pravni fakultet", None),
    ]
    assert alone.count("{} centre", "{} centres", 5) == "{} centara"
    own = Catalogue.read(_write(tmp_path, "sr_Latn", '\nmsgid "Law"\nmsgstr "Fakultet prava"\n'))
    assert [own.get("Region"), own.get("Law")] == ["Region", "Fakultet prava"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'msgid "a"\nmsgid "b"\nmsgstr "c"\n', "line 1: cannot be read: missing msgstr"),
        (b'msgid "a"\nmsgstr "b"\n<<<<<<< HEAD\n', "line 3: cannot be read: Unknown"),
        (b'msgid "a"\nmsgstr "\xff"\n', "cannot be read: 'utf-8' codec"),
        (b'"a"\n', "cannot be read"),
        (b'msgid "a"\nmsgstr b"\n', "line 2: cannot be read"),
        (b'msgid "a"\nmsgstr "b\n', "line 2: cannot be read"),
        (b'msgid "a"\nmsgstr ""\nb"\n', "line 3: cannot be read"),
        (b'msgid "a"\nmsgstr "a "b" c"\n', "line 2: cannot be read"),
        (b'msgid "a"\nmsgstr "b\\"\n', "line 2: cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "fr" / "notebook.po"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(TranslationError) as caught:
        Catalogue.read(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_windows_may_have_saved_it(tmp_path: Path) -> None:
    path = _write(tmp_path, "sr_Cyrl", _CYRILLIC)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert Catalogue.read(path).get("Region") == "Регион"


def test_a_catalogue_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert Catalogue.read(tmp_path / "fr" / "notebook.po").get("Région") is None


def test_what_is_in_cyrillic_is_not_missing_in_latin(tmp_path: Path) -> None:
    latin = Catalogue.read(tmp_path / "sr_Latn" / "notebook.po")
    assert [latin.get("Регион"), latin.get("Region")] == ["Region", None]
    assert Catalogue.read(tmp_path / "fr" / "notebook.po").get("Регион") is None


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Љубав, љубав, ЉУБАВ, КОЊ, Коњ, Њ.", "Ljubav, ljubav, LJUBAV, KONJ, Konj, Nj."),
        ("Џ, џеп, ЏЕП, Ђурђевак, ћуприја", "Dž, džep, DŽEP, Đurđevak, ćuprija"),
        ("ЉИЉ-ЉИЉ и Љ. Њ. ЊЕГОШ", "LJILJ-LJILJ i Lj. Nj. NJEGOŠ"),
        ('{eval}`rp["Љ"]` `код` [веза](#љ) <b љ>', '{eval}`rp["Љ"]` `код` [veza](#љ) <b љ>'),
        ("UNHCR у Нишу, {number} особа, [^1] é", "UNHCR u Nišu, {number} osoba, [^1] é"),
    ],
)
def test_latin_letters_follow_the_orthography(cyrillic: str, latin: str) -> None:
    assert in_latin(cyrillic) == latin


@given(st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x3FF)))
def test_what_is_not_cyrillic_stays(text: str) -> None:
    assert in_latin(text) == text


@given(st.text("абвгдђежзијклљмнњопрстћуфхцчџшАБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШ .,-"))
def test_no_cyrillic_letter_is_left(text: str) -> None:
    assert not any("\u0400" <= letter <= "\u04ff" for letter in in_latin(text))
