"""What a translation has to keep of its sentence: values, references, numbers, its form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from jpreport.document.myst import read_markdown, read_sentence
from jpreport.document.translation import unlisted
from jpreport.language import Wording
from jpreport.language.number_words import number_words

# Digits with what may stand within a number; a space groups thousands only.
_DIGITS = re.compile(r"\d+(?:[.,'\u2019]\d+|[ \u00a0\u2009\u202f]\d{3}(?!\d))*")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?")
_FIELD = re.compile(r"(?<!\{)\{(?!eval)\w*\}(?!\})")  # of a sentence that code fills in
_NOTE = re.compile(r"\[\^[^\]\s]+\]")
_FEW = 10  # smaller numbers in words may be an article, or "both"


@lru_cache(maxsize=4096)  # reports share the terms, and Latin Serbian what is Cyrillic
def unkept(text: str, other: str, own: str, language: str) -> tuple[tuple[str, str], ...]:
    """Return (message, hint) of what a translation does not keep of a text, by their languages.

    Roles, formulas, code, marks of footnotes and addresses stand in it as they are written, in any
    order, and so do typed numbers, in the digits or the words of the language.
    """
    return tuple(_unkept(text, unlisted(other), own, language))


def _unkept(text: str, other: str, own: str, language: str) -> Iterator[tuple[str, str]]:
    words, kept = read_sentence(text)
    said, held = read_sentence(other)
    before = Counter((*kept, *_FIELD.findall(text)))
    after = Counter((*held, *_FIELD.findall(other)))
    for one in (before - after).elements():
        yield f"lacks {one}", "keep it as it is written; it may stand elsewhere in the sentence"
    for one in (after - before).elements():
        yield f"holds {one}, which the sentence does not", "take it out"
    formed = read_markdown(text).shape == read_markdown(other).shape
    if not formed or other.count("\n") > text.count("\n"):
        hint = "a translation is one paragraph, as its sentence is: no list, heading or new line"
        yield "is of another form than its sentence", hint
    told = {message for _, message, _ in read_markdown(text).faults}
    for _, message, hint in read_markdown(other).faults:
        if message not in told:
            yield message, hint
    yield from _numbers(words, said, own, language)


def _numbers(text: str, other: str, own: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield what typed numbers are lost, added, or written as in another language."""
    text, other = _NOTE.sub("", text), _NOTE.sub("", other)
    before, after = _DIGITS.findall(text), _DIGITS.findall(other)
    digits, others = Counter(map(_bare, before)), Counter(map(_bare, after))
    spelled, respelled = Counter(_spelled(text, own)), Counter(_spelled(other, language))
    if number_words(language) and number_words(own):
        # Words may become digits and digits words; those that neither has are one too many.
        lost = (digits + spelled) - (others + respelled)
        added = (others + respelled) - (digits + spelled)
        added -= Counter({one: n for one, n in added.items() if one in respelled and _small(one)})
    else:
        lost, added = digits - others, others - digits
    for one in lost.elements():
        yield f"lacks the number {_as_written(one, before)}", "a number stands in each language"
    for one in added.elements():
        number = _as_written(one, after)
        yield f"holds the number {number}, which the sentence does not", "take it out"
    wording, first = Wording(language), Wording(own)
    for number in after:
        # What names something, such as section 3.1, stays; an amount is written anew.
        amount = _GROUPED.fullmatch(number) or re.search(rf"{re.escape(number)}\s?%", other)
        kept = number in before and not amount
        if kept or (wording.writes(number) and number not in before) or number.isdigit():
            continue
        if not wording.writes(number) or wording.read(number) != first.read(number):
            hint = f'write it as the language does, such as "{wording.number(1234.5)}"'
            yield f"writes the number {number} as another language does", hint


def _bare(number: str) -> str:
    """Return the digits of a number alone."""
    return re.sub(r"\D", "", number)


def _small(number: str) -> bool:
    return int(number) <= _FEW


def _spelled(text: str, language: str) -> list[str]:
    words = number_words(language)
    return [str(value) for value in words.values(text)] if words else []


def _as_written(number: str, written: list[str]) -> str:
    return next((one for one in written if _bare(one) == number), number)
