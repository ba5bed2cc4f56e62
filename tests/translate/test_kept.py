"""A translation keeps values, references, numbers and form; no number is lost, added or forged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.language import Wording
from jpreport.language.latin import in_latin
from jpreport.language.number_words import number_words
from jpreport.translate.kept import unkept


def _told(text: str, other: str, language: str = "sr-Cyrl", own: str = "en") -> list[str]:
    return [message for message, _ in unkept(text, other, own, language)]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("{eval}`a` of {eval}`b`, see [](#t).[^1]", "[](#t): од {eval}`b` је {eval}`a`.[^1]"),
        ("It ran in 2010 and 2011.", "2010. године и 2011. године."),
        ("two strands, twenty-one persons", "две области, двадесет једна особа"),
        ("seven agencies", "7 агенција"),
        ("12 persons in 3 towns", "дванаест особа у три града"),
        ("Women", "Обе жене, једна и друга"),
        ("1,234.5 and 50%", "1.234,5 и 50%"),
        ("USD 1,4 million", "1,4 милиона USD"),
        ("under Law 72/2009, section 3.1", "по Закону 72/2009, одељак 3.1"),
        ("**Bold** [words](http://x.org) `code` $x_1$", "[Речи](http://x.org) **ма** `code` $x_1$"),
        ("{} centres of {name}", "{name}: {} центара"),
        ("one  \ntwo", "прва  \nдва"),
        ("- a", "- б"),
    ],
)
def test_what_is_kept_is_in_order(text: str, other: str) -> None:
    assert _told(text, other) == []
    assert _told(text, in_latin(other), "sr-Latn") == []


@pytest.mark.parametrize(
    ("text", "other", "told"),
    [
        ("{eval}`a`", "{eval}`b`", ["lacks {eval}`a`", "holds {eval}`b`, which"]),
        ("{eval}`a` {eval}`a`", "{eval}`a`", ["lacks {eval}`a`"]),
        ("a [](#t)", "а [](#u)", ["lacks (#t)", "holds (#u), which"]),
        ("a[^1]", "а", ["lacks [^1]"]),
        ("`a` $x$", "б", ["lacks `a`", "lacks $x$"]),
        ("{} centres", "центара", ["lacks {}"]),
        ("a", "а {eval} `b`", ["holds `b`, which", "{eval} without an expression"]),
        ("in 2010", "у 2011", ["lacks the number 2010", "holds the number 2011"]),
        ("1,234 persons", "1,234 особе", ["writes the number 1,234 as"]),
        ("5 persons", "5.5 особа", ["lacks the number 5", "holds the number 5.5", "writes"]),
        ("48.2% of all", "48.2% свих", ["writes the number 48.2 as"]),
        ("three towns", "градови", ["lacks the number 3"]),
        ("towns", "дванаест градова", ["holds the number 12"]),
        ("a", "- а", ["is of another form"]),
        ("a", "а\n\nб", ["is of another form"]),
        ("a", "а  \nб", ["is of another form"]),
        ("a", "# а", ["is of another form"]),
    ],
)  # fmt: skip
def test_what_is_not_kept_is_told(text: str, other: str, told: list[str]) -> None:
    found = _told(text, other)
    assert len(found) == len(told)
    assert all(one.startswith(start) for one, start in zip(found, told, strict=True)), found


_LANGUAGES = st.sampled_from(["en", "fr", "sr-Cyrl", "sr-Latn"])


@given(st.integers(0, 10**9), st.integers(0, 3), _LANGUAGES, _LANGUAGES)
def test_a_number_is_the_same_as_each_language_writes_it(
    number: int, decimals: int, own: str, language: str
) -> None:
    value = number / 10**decimals
    text, other = (
        f"x {Wording(tag).number(value, decimals=decimals)} x" for tag in (own, language)
    )
    assert _told(text, other, language, own) == []
    changed = other.replace(other[2], str((int(other[2]) + 1) % 10), 1)
    assert _told(text, changed, language, own) != []


@pytest.mark.parametrize(
    ("language", "text", "values"),
    [
        ("en", "two, twenty-one and one hundred and five thousand", [2, 21, 105_000]),
        ("en", "two and three; a dozen; one", [2, 3]),
        ("fr", "quatre-vingt-dix-sept, vingt et un, deux cent mille, soixante et onze", [
            97, 21, 200_000, 71]),
        ("sr", "двадесет и једна, сто двадесет пет хиљада, два и три, шездесет", [
            21, 125_000, 2, 3, 60]),
        ("sr-Latn", "dvanaest, pedeset šest i četiri stotine", [12, 56, 4]),
    ],
)  # fmt: skip
def test_numbers_in_words_are_read(language: str, text: str, values: list[int]) -> None:
    words = number_words(language)
    assert words
    assert [*words.values(text)] == values


def test_a_language_without_words_is_held_to_its_digits() -> None:
    assert _told("two of 5", "zwei von 5", "de") == []
    assert _told("two of 5", "zwei von 6", "de") == ["lacks the number 5", (
        "holds the number 6, which the sentence does not")]  # fmt: skip
