"""Numbers in words, in each language that the house speaks; digits are `Wording`'s."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from jpreport.language.latin import in_latin

_HUNDRED, _THOUSAND = 100, 1000


@dataclass(frozen=True, slots=True)
class NumberWords:
    """The words of one language; `small` are those up to ten, `big` from eleven upward.

    `vague` are numbers without a value (dozens); `joint` stands between the words of one number.
    `scales` follow digits: "1.4 million". `fraction` is a pattern of shares in words, `named` of
    words that a number names a thing behind, such as "section".
    """

    small: Mapping[str, int]
    big: Mapping[str, int]
    vague: str
    joint: str
    fraction: str
    named: str

    @property
    def scales(self) -> str:
        """What may follow digits, as a pattern."""
        return "|".join(word for word, value in self.big.items() if value >= _HUNDRED)

    @property
    def few(self) -> str:
        """The words from two to ten, as a pattern."""
        return "|".join(word for word, value in self.small.items() if value > 1)

    @property
    def ten(self) -> str:
        """The words up to ten, as a pattern."""
        return "|".join(self.small)

    @property
    def many(self) -> str:
        """The words from eleven upward, and the vague ones, as a pattern."""
        return "|".join((*self.big, self.vague))

    @property
    def phrase(self) -> str:
        """A number of one or more words, as a pattern."""
        word = f"(?:{'|'.join(self.small)}|{self.many})"
        return rf"\b{word}(?:(?:\s+{self.joint})?[\s-]+{word})*\b"

    def values(self, text: str) -> Iterator[int]:
        """Yield the numbers from two upward that a text states in words."""
        known = {**self.small, **self.big}
        for phrase in re.finditer(self.phrase, text, re.IGNORECASE):
            told = [known[w] for w in re.findall(r"\w+", phrase[0].lower()) if w in known]
            yield from (value for value in _numbers(told) if value > 1)


def _numbers(told: list[int]) -> Iterator[int]:
    """Yield the numbers that a row of words makes: twenty, one is 21; two, three are two."""
    whole = part = last = 0
    for value in told:
        # Twenty-one, dix-sept.
        goes_on = value < last and (last >= 20 or (last == 10 and value > 6))  # noqa: PLR2004
        if value >= _THOUSAND:
            whole, part = whole + max(part, 1) * value, 0
        elif value == _HUNDRED or (value == 20 and last == 4):  # noqa: PLR2004 - quatre-vingts
            part = max(part, 1) * value
        elif not last or goes_on:
            part += value
        else:
            yield whole + part
            whole, part = 0, value
        last = value
    if told:
        yield whole + part


def _counted(words: str, first: int = 1, step: int = 1) -> dict[str, int]:
    """Return words in the order of their values; forms of one word have a stroke between."""
    return {
        form: first + place * step
        for place, forms in enumerate(words.split())
        for form in forms.split("/")
    }


ENGLISH_WORDS = NumberWords(
    _counted("one two three four five six seven eight nine ten"),
    {
        **_counted(
            "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 11
        ),
        **_counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
        "hundred": 100,
        "thousand": 1000,
        "million": 10**6,
        "billion": 10**9,
    },
    "hundreds|thousands|millions|billions|dozens?",
    "and",
    r"(?<!first )(?<!second )(?<!other )(?<!latter )"
    r"\b(?:(?:one|a)[\s-])?(?:half\s+(?:of\s+)?(?:the|all|them|its|their|those)\b)"
    r"|\b(?:one|a)[\s-](?:half|third|quarter|fifth|tenth)\s+of\b"
    r"|\b(?:two|three|four|five|six|seven|eight|nine)[\s-](?:thirds|quarters|fifths|tenths)\b"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\s+per\s?cent\b",
    "section|article|paragraph|chapter|annex|appendix|table|chart|protocol|resolution|version"
    "|phase|step|objective|indicator|page|volume|directive|regulation|convention|clause",
)
_FRENCH = NumberWords(
    _counted("un/une deux trois quatre cinq six sept huit neuf dix"),
    {
        **_counted("onze douze treize quatorze quinze seize", 11),
        **_counted("vingt/vingts trente quarante cinquante soixante septante", 20, 10),
        "nonante": 90,
        **dict.fromkeys(("cent", "cents"), 100),
        "mille": 1000,
        **dict.fromkeys(("million", "millions"), 10**6),
        **dict.fromkeys(("milliard", "milliards"), 10**9),
    },
    "(?:diz|douz|quinz|vingt|trent|quarant|cinquant|soixant|cent)aines?|milliers?",
    "et",
    r"\bla\s+moitié\s+d(?:es?|u|')|\b(?:un|deux|trois|quatre)\s+"
    r"(?:tiers|quarts?|cinquièmes?|dixièmes?)\b"
    r"|\b(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix)\s+pour\s+cent\b",
    "section|article|paragraphe|chapitre|annexe|tableau|graphique|protocole|résolution|version"
    "|phase|étape|objectif|indicateur|page|volume|directive|règlement|convention|clause",
)
_TEENS = "један два три четр пет шес седам осам девет"
_TENTHS = "два три четр пе шез седам осам деве"
_CYRILLIC = NumberWords(
    _counted(
        "један/једна/једно два/две/двоје/двојица/двојицу три/троје/тројица/тројицу "
        "четири/четворо/четворица/четворицу пет/петоро/петорица/петорицу "
        "шест/шесторо/шесторица/шесторицу седам/седморо/седморица/седморицу "
        "осам/осморо/осморица/осморицу девет/деветоро/деветорица/деветорицу "
        "десет/десеторо/десеторица/десеторицу"
    ),
    {
        **_counted(
            " ".join(
                f"{stem}наест/{stem}наесторо/{stem}наесторица".replace("једанн", "један")
                for stem in _TEENS.split()
            ),
            11,
        ),
        **_counted(
            " ".join(f"{stem}десет/{stem}десеторо/{stem}десеторица" for stem in _TENTHS.split()),
            20,
            10,
        ),
        **_counted("сто двеста/двесто триста/тристо четиристо петсто шестсто", 100, 100),
        **_counted("седамсто осамсто деветсто", 700, 100),
        **dict.fromkeys(("хиљада", "хиљаде", "хиљаду"), 1000),
        **dict.fromkeys(("милион", "милиона", "милиони"), 10**6),
        **dict.fromkeys(("милијарда", "милијарде", "милијарди"), 10**9),
    },
    "стотин(?:а|е|у|ама)|(?:десет|двадесет|тридесет)ак|туцад?",
    "и",
    r"\bполовин[аеу]\b|\b(?:једна|две|три|четири)\s+"
    r"(?:трећин|четвртин|петин|десетин)[аеу]\b|\b(?:трећин|четвртин|петин)[аеу]\b"
    r"|\b(?:један|два|три|четири|пет|шест|седам|осам|девет|десет)\s+(?:одсто|посто)\b",
    "одељ(?:ак|ку|ка)|члан(?:а|у|ом)?|став(?:а|у)?|поглављ[еау]|прилог(?:а|у)?|табел[аеиу]"
    "|графикон(?:а|у)?|протокол(?:а|у)?|резолуциј[аеиу]|верзиј[аеиу]|фаз[аеиу]|корак(?:а|у)?"
    "|циљ(?:а|у|ем)?|индикатор(?:а|у)?|показатељ(?:а|у)?|стран(?:а|е|и|ица|ице|ици)",
)


@cache
def number_words(language: str) -> NumberWords | None:
    """Return the words of a language by its tag (BCP 47), None where they are not known."""
    known = {"en": ENGLISH_WORDS, "fr": _FRENCH, "sr": _CYRILLIC, "sr-Cyrl": _CYRILLIC}
    if language.startswith("sr-Latn"):
        return NumberWords(
            {in_latin(word): value for word, value in _CYRILLIC.small.items()},
            {in_latin(word): value for word, value in _CYRILLIC.big.items()},
            *map(in_latin, (_CYRILLIC.vague, _CYRILLIC.joint, _CYRILLIC.fraction, _CYRILLIC.named)),
        )
    return known.get(language) or known.get(language.partition("-")[0])
