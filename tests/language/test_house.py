"""The house's own catalogues: complete, nothing left over, braces kept; every word goes through."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message as Entry

from jpreport.language import Wording, catalogue, speaking
from jpreport.language.catalogue import read_catalogue
from jpreport.notebook.labels import heading
from jpreport.notebook.labels import said as text_said
from language_messages import Message, house_messages

FILES = sorted(catalogue.CATALOGUES.glob("*.po"))


@pytest.fixture(scope="module")
def messages() -> dict[Message, str]:
    return house_messages()


def entries(file: Path) -> dict[Message, Entry]:
    return {
        tuple(one.id) if isinstance(one.id, list | tuple) else one.id: one
        for one in read_catalogue(file)
        if one.id
    }


def braces(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_there_are_catalogues() -> None:
    assert {file.stem for file in FILES} >= {"fr", "sr_Cyrl"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_catalogue_has_each_message_of_the_house_and_no_other(
    file: Path, messages: dict[Message, str]
) -> None:
    known = entries(file)
    assert {one: place for one, place in messages.items() if one not in known} == {}
    assert known.keys() - messages.keys() == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_translation_is_there_and_keeps_what_stands_in_braces(file: Path) -> None:
    for said, entry in entries(file).items():
        assert not entry.fuzzy, said
        wanted = braces(said if isinstance(said, str) else said[1])
        texts = (entry.string,) if isinstance(entry.string, str) else entry.string
        assert isinstance(said, str) or len(texts) == read_catalogue(file).num_plurals
        for text in texts:
            assert text, said
            assert braces(text) == wanted, said


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("sr-Cyrl", 1, "1 запис"),
        ("sr-Cyrl", 3, "3 записа"),
        ("sr-Cyrl", 21, "21 запис"),
        ("sr-Latn", 5, "5 zapisa"),
        ("sr-Latn-RS", 1, "1 zapis"),
        ("sr", 1, "1 запис"),
        ("fr", 0, "0 enregistrement"),
        ("fr-CH", 2, "2 enregistrements"),
        ("de", 2, "2 records"),
    ],
)
def test_a_number_of_things_has_the_form_of_its_language(
    language: str, count: int, said: str
) -> None:
    assert Wording(language).count("{} record", "{} records", count) == said


def test_a_heading_is_the_term_of_a_unit_or_of_a_columns_name() -> None:
    terms = {"persons": "personnes", "Age group": "Groupe d\u2019âge", "Trained": "Formés"}
    with speaking(Wording("fr", terms)):
        said = [heading(name) for name in ("persons", "age_group", "other", "town_hall")]
        assert said == ["Personnes", "Groupe d\u2019âge", "Other", "Town hall"]
        assert text_said("Trained (persons)") == "Formés (personnes)"
        assert text_said("other") == "autre"
