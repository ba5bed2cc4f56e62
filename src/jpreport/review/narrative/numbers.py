"""Literal numbers in a text: which of them state a quantity, and which only name something."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from jpreport.document.myst import MASK
from jpreport.language import Wording
from jpreport.language.number_words import ENGLISH_WORDS, NumberWords, number_words

_YEAR = r"(?:19|20)\d\d"
_MARK = r"\d+(?:[./-]\w+|\(\w+\)|[a-z]\b)*"  # 3, 3.1, 3(a), 72/2009
# These may count things ("forms 27"): as names they have a capital.
_CAPITALIZED = (
    r"\b(?:Figure|Form|Room|Part|Goal|Rule|Item|Issue|Decision|Law|Note|Principle|Target)"
)
_SHORT = r"(?:\b(?i:sect|art|para|fig|nos?|nr|pp?|vol|čl|чл|st|ст|str|стр)\.)"
_CURRENCIES = "USD|EUR|GBP|CHF|RSD|SEK|NOK|DKK|JPY|CAD|AUD|BAM|HUF|RON|BGN|TRY|INR|KES|ZAR"
_OTHER_DATE = re.compile(rf"\b\d{{1,2}}\.?\s+[^\W\d_]+\s+{_YEAR}\b")
_YEARS = re.compile(
    rf"(?<![\w.,])(?:{_YEAR})(?:\s*[-\u2013/]\s*(?:{_YEAR}|\d\d))?s?(?![\w%]|[.,]\d)"
)
_NUMBERING = re.compile(r"\s*(?:\d+(?:\.\d+)+\.?|\d+[.)])\s")
_MONEY_BEFORE = re.compile(r"(?:\b[A-Z]{3}|[$€£¥])\s?$")
_ORDINAL = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"


class _Patterns(NamedTuple):
    """What is looked for in the texts of one language, and what may stand in them."""

    allowed: tuple[re.Pattern[str], ...]
    quantity: re.Pattern[str]
    words: NumberWords | None
    spelled: re.Pattern[str]
    big: re.Pattern[str]
    fraction: re.Pattern[str]


@cache
def _patterns(language: str) -> _Patterns:
    words, wording = number_words(language), Wording(language)
    english = language.partition("-")[0] == "en"
    named = rf"(?:\b(?i:{(words or ENGLISH_WORDS).named})|{_CAPITALIZED})"
    short = (*wording.months("abbreviated"), *(["Sept"] if english else []))
    month = rf"(?:{'|'.join(wording.months())}|(?:{'|'.join(short)})\b\.?)"
    day = r"\d{1,2}(?:st|nd|rd|th)?" if english else r"\d{1,2}(?:er|\.)?"
    allowed = tuple(
        re.compile(pattern, re.MULTILINE)
        for pattern in (
            # What no reader sees, or sees as an address.
            r"\b(?:https?://|www\.)\S+|\S+@\S+\.\w+",
            r"^\([A-Za-z][\w.:-]*\)=\s*$",
            r"^\s*:[\w-]+:.*$",
            r"\{[#.][^}\n]*\}",
            # Days and times. Months are capitalized: "27 may have" is no date.
            rf"\b{_YEAR}-\d\d-\d\d\b",
            rf"\b\d{{1,2}}([./])\s?\d{{1,2}}\1\s?{_YEAR}\b\.?",
            rf"\b{day}(?:\s*(?:-|\u2013|to|and)\s*{day})?\s+(?:of\s+)?{month}(?:\s+{_YEAR}\b)?",
            rf"\b{month}\s+{day}(?:\s*[-\u2013]\s*{day})?,?\s+{_YEAR}\b",
            r"\b\d{1,2}:\d\d\b",
            # Numbers that are names: of sections, laws, documents, things.
            rf"(?:{named}\s|{_SHORT})\s*{_MARK}",
            rf"{named}(?:s|es)\s+{_MARK}(?:(?:,\s*{_MARK})*\s*(?:and|or|to|-|\u2013|&)\s*{_MARK})?",
            rf"[§№]+\s*{_MARK}",
            rf"\b\d+/{_YEAR}(?:-[A-Z]+)?\b",
            r"\b[A-Z]+(?:/[A-Z0-9.]+)+",
            rf"\b(?!(?:{_CURRENCIES})\d)[^\W\d_]+\d[\w.-]*\w|\b(?!(?:{_CURRENCIES})\d)[^\W\d_]+\d",
            r"\b[A-Z][^\W\d_]*[-.]\d[\w.-]*\b",
            r"\b\d+(?:st|nd|rd|th)\b",
            r"\(\d{1,2}\)",
        )
    )
    scales = words.scales if words else "million"
    quantity = re.compile(
        r"(?:(?:\b[A-Z]{3}|[$€£¥])\s?)?[+\-\u2212]?"
        r"\d(?:\d|[.,'\u2019 \u00a0\u2009\u202f](?=\d{3}(?!\d))|[.,]\d)*"
        rf"(?:\s?%|\s?per\s?cent|\s(?:{scales})s?\b|-?[^\W\d_]+)?"
    )
    ordinal = rf"(?![\s-](?:{_ORDINAL})\b)" if english else ""
    return _Patterns(
        allowed,
        quantity,
        words,
        re.compile(f"(?i){words.phrase}{ordinal}" if words else "(?!)"),
        re.compile(rf"(?i)\b(?:{words.many})\b" if words else "(?!)"),
        re.compile(f"(?i){words.fraction}" if words else "(?!)"),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A literal number: where it starts in the text, and how it reads."""

    start: int
    text: str


@dataclass(slots=True)
class Scanner:
    """Finds the literal numbers of texts; `used` collects the declared literals that it met.

    `literals` are texts that may stand as they are, `units` what the programme counts in.
    Numbers in words are looked for in the languages of `language.number_words`: all from eleven
    upward, fractions, and those up to ten that count one of the units ("six centres", not "two
    strands").
    """

    literals: Collection[str] = ()
    units: Collection[str] = ()
    language: str = "en"
    used: set[str] = field(default_factory=set)

    def find(self, text: str, *, heading: bool = False) -> tuple[Found, ...]:
        """Return the literal numbers of a text, in its order; `heading` may start with a number."""
        masked = self._without_literals(text)
        if heading and (match := _NUMBERING.match(masked)):
            masked = _masked(masked, match)
        patterns = _patterns(self.language)
        for pattern in patterns.allowed:
            masked = pattern.sub(_hide, masked)
        if self.language.partition("-")[0] != "en":
            masked = _OTHER_DATE.sub(_hide, masked)
        masked = _YEARS.sub(self._year, masked)
        found = list(_matches(patterns.quantity, masked))
        found += self._in_words(patterns.quantity.sub(_hide, masked))
        return tuple(sorted(found, key=lambda one: one.start))

    def _without_literals(self, text: str) -> str:
        # The longest first: one literal may stand within another.
        for literal in sorted(self.literals, key=len, reverse=True):
            first, *_ = parts = literal.split()
            if first not in text:
                continue
            words = r"\s+".join(map(re.escape, parts))
            hidden = re.sub(rf"(?<!\w){words}(?!\w)", _hide, text)
            if hidden != text:
                self.used.add(literal)
            text = hidden
        return text

    def _year(self, match: re.Match[str]) -> str:
        """Hide a year, unless it is an amount or a number of things."""
        before, after = match.string[: match.start()], match.string[match.end() :]
        amount = _MONEY_BEFORE.search(before)
        counted = re.match(rf"\s*(?:per\s?cent\b|{self._units})", after)
        return match[0] if amount or counted else _hide(match)

    @property
    def _units(self) -> str:
        words = [re.escape(unit) for unit in self.units if unit]
        return rf"(?:{'|'.join(words)})\b" if words else r"(?!)"

    def _in_words(self, text: str) -> Iterator[Found]:
        patterns = _patterns(self.language)
        yield from (
            one for one in _matches(patterns.spelled, text) if patterns.big.search(one.text)
        )
        yield from _matches(patterns.fraction, text)
        if patterns.words:
            few = re.compile(rf"(?i)\b(?:{patterns.words.few})\s+{self._units}")
            yield from _matches(few, text)


def _hide(match: re.Match[str]) -> str:
    """Return as much mask as the match is long; its line breaks stay."""
    return "".join(character if character == "\n" else MASK for character in match[0])


def _masked(text: str, match: re.Match[str]) -> str:
    return _hide(match) + text[match.end() :]


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        yield Found(match.start(), " ".join(match[0].split()))
