"""Literal numbers in a text: which of them state a quantity, and which only name something."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from jpreport.document.myst import MASK
from jpreport.language import ENGLISH

_MONTH = (
    rf"(?:{'|'.join(ENGLISH.months())}"
    rf"|(?:{'|'.join((*ENGLISH.months('abbreviated'), 'Sept'))})\b\.?)"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_MARK = r"\d+(?:[./-]\w+|\(\w+\)|[a-z]\b)*"  # 3, 3.1, 3(a), 72/2009
# The second line may count things ("forms 27"): there the name has a capital.
_NAMED = (
    r"(?:\b(?i:section|article|paragraph|chapter|annex|appendix|table|chart|protocol|resolution"
    r"|version|phase|step|objective|indicator|page|volume|directive|regulation|convention|clause)"
    r"|\b(?:Figure|Form|Room|Part|Goal|Rule|Item|Issue|Decision|Law|Note|Principle|Target))"
)
_SHORT = r"(?:\b(?i:sect|art|para|fig|nos?|nr|pp?|vol)\.)"
_CURRENCIES = "USD|EUR|GBP|CHF|RSD|SEK|NOK|DKK|JPY|CAD|AUD|BAM|HUF|RON|BGN|TRY|INR|KES|ZAR"

_ALLOWED = tuple(
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
        rf"\b{_DAY}(?:\s*(?:-|\u2013|to|and)\s*{_DAY})?\s+(?:of\s+)?{_MONTH}(?:\s+{_YEAR}\b)?",
        rf"\b{_MONTH}\s+{_DAY}(?:\s*[-\u2013]\s*{_DAY})?,?\s+{_YEAR}\b",
        r"\b\d{1,2}:\d\d\b",
        # Numbers that are names: of sections, laws, documents, things.
        rf"(?:{_NAMED}\s|{_SHORT})\s*{_MARK}",
        rf"{_NAMED}(?:s|es)\s+{_MARK}(?:(?:,\s*{_MARK})*\s*(?:and|or|to|-|\u2013|&)\s*{_MARK})?",
        rf"[§№]+\s*{_MARK}",
        rf"\b\d+/{_YEAR}(?:-[A-Z]+)?\b",
        r"\b[A-Z]+(?:/[A-Z0-9.]+)+",
        rf"\b(?!(?:{_CURRENCIES})\d)[^\W\d_]+\d[\w.-]*\w|\b(?!(?:{_CURRENCIES})\d)[^\W\d_]+\d",
        r"\b[A-Z][^\W\d_]*[-.]\d[\w.-]*\b",
        r"\b\d+(?:st|nd|rd|th)\b",
        r"\(\d{1,2}\)",
    )
)
_OTHER_DATE = re.compile(rf"\b\d{{1,2}}\.?\s+[^\W\d_]+\s+{_YEAR}\b")
_YEARS = re.compile(
    rf"(?<![\w.,])(?:{_YEAR})(?:\s*[-\u2013/]\s*(?:{_YEAR}|\d\d))?s?(?![\w%]|[.,]\d)"
)
_NUMBERING = re.compile(r"\s*(?:\d+(?:\.\d+)+\.?|\d+[.)])\s")
_MONEY_BEFORE = re.compile(r"(?:\b[A-Z]{3}|[$€£¥])\s?$")
_QUANTITY = re.compile(
    r"(?:(?:\b[A-Z]{3}|[$€£¥])\s?)?[+\-\u2212]?"
    r"\d(?:\d|[.,'\u2019 \u00a0\u2009\u202f](?=\d{3}(?!\d))|[.,]\d)*"
    r"(?:\s?%|\s?per\s?cent|\s(?:hundred|thousand|million|billion)s?\b|-?[^\W\d_]+)?"
)

_SMALL = "one|two|three|four|five|six|seven|eight|nine|ten"
_BIG = (
    "eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty"
    "|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?"
)
_ORDINAL = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_SPELLED = re.compile(
    rf"(?i)\b(?:{_SMALL}|{_BIG})(?:(?:\s+and)?[\s-]+(?:{_SMALL}|{_BIG}))*\b"
    rf"(?![\s-](?:{_ORDINAL})\b)"
)
_BIG_WORD = re.compile(rf"(?i)\b(?:{_BIG})\b")
_FRACTION = re.compile(
    r"(?i)(?<!first )(?<!second )(?<!other )(?<!latter )"
    r"\b(?:(?:one|a)[\s-])?(?:half\s+(?:of\s+)?(?:the|all|them|its|their|those)\b)"
    r"|\b(?:one|a)[\s-](?:half|third|quarter|fifth|tenth)\s+of\b"
    r"|\b(?:two|three|four|five|six|seven|eight|nine)[\s-](?:thirds|quarters|fifths|tenths)\b"
    rf"|\b(?:{_SMALL})\s+per\s?cent\b"
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
    Numbers in words are looked for in English only: all from eleven upward, fractions, and
    those up to ten that count one of the units ("six centres", not "two strands").
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
        for pattern in _ALLOWED:
            masked = pattern.sub(_hide, masked)
        english = self.language.partition("-")[0] == "en"
        if not english:
            masked = _OTHER_DATE.sub(_hide, masked)
        masked = _YEARS.sub(self._year, masked)
        found = list(_matches(_QUANTITY, masked))
        masked = _QUANTITY.sub(_hide, masked)
        if english:
            found += self._in_words(masked)
        return tuple(sorted(found, key=lambda one: one.start))

    def _without_literals(self, text: str) -> str:
        # The longest first: one literal may stand within another.
        for literal in sorted(self.literals, key=len, reverse=True):
            words = r"\s+".join(map(re.escape, literal.split()))
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
        yield from (one for one in _matches(_SPELLED, text) if _BIG_WORD.search(one.text))
        yield from _matches(_FRACTION, text)
        few = _SMALL.removeprefix("one|")
        yield from _matches(re.compile(rf"(?i)\b(?:{few})\s+{self._units}"), text)


def _hide(match: re.Match[str]) -> str:
    """Return as much mask as the match is long; its line breaks stay."""
    return "".join(character if character == "\n" else MASK for character in match[0])


def _masked(text: str, match: re.Match[str]) -> str:
    return _hide(match) + text[match.end() :]


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        yield Found(match.start(), " ".join(match[0].split()))
