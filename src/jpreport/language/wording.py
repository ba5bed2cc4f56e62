"""How values read: numbers, shares, money, days, spans, lists and counts, each in one form.

A value reads the same in prose, tables, charts, alternative texts and annex, because all of them
ask here. The rules for numbers:

- A share is given in per cent with at most one decimal, money with none or two, all else with at
  most two. Zeros at the end are left out. Halves are rounded away from zero.
- Two significant digits always stay, so that what is not zero never reads as zero: a rate of
  0.0004 is "0.0004", a share of it "0.04%".
- Thousands are grouped. The one minus sign is U+2212, in front of all; nothing has no sign.

Separators, names of months and the joints of lists are those of the Unicode CLDR (Babel); our own
words are English sentences that a catalogue, `locale/TAG.po`, has in another language.
"""

from __future__ import annotations

import copy
import datetime as dt
import numbers
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from functools import cache
from typing import Literal, Protocol

from babel import Locale
from babel.dates import format_date, get_month_names
from babel.lists import format_list
from babel.numbers import (
    NumberPattern,
    get_decimal_symbol,
    get_group_symbol,
    is_currency,
)
from babel.units import format_unit

from jpreport.language import catalogue
from jpreport.language.catalogue import Catalogue, house, phrase, phrases
from jpreport.language.rounding import (
    CONTEXT,
    SHARE,
    Amount,
    Stated,
    decimal_of,
    decimals_of,
    most_decimals,
    percent_of,
    rounded,
    shown_as,
)
from jpreport.programme.framework import Qualifier, Scale

__all__ = [
    "DASH",
    "ENGLISH",
    "MINUS",
    "SHARE",
    "Stated",
    "Terms",
    "Wording",
    "every_wording",
    "in_every_language",
    "is_currency",
    "phrase",
    "phrases",
    "rounded",
]

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"  # what a cell shows that has nothing to say
_NO_BREAK = "\N{NO-BREAK SPACE}"
# English without a country: days and lists as the United Nations write them, not as Americans do.
_FORMAL = {"en": "en_001"}
_QUALIFIED: dict[Qualifier, str] = {
    "exact": "{number}",
    "at least": phrase("at least {number}"),
    "rounded": phrase("{number} (rounded)"),
    "estimated": phrase("an estimated {number}"),
}
_SCALES: dict[Scale, int] = {"": 0, "thousand": 3, "million": 6, "billion": 9}
_SCALED: dict[Scale, str] = {
    "thousand": phrase("{number} thousand"),
    "million": phrase("{number} million"),
    "billion": phrase("{number} billion"),
}


class Terms(Protocol):
    """The words of a programme in a language: a catalogue, or a mapping."""

    def get(self, text: str, /) -> str | None:
        """Return a text in the language; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language, by its tag (BCP 47): "en", "sr-Latn".

    `terms` are the programme's own words in it, by what they are in its notebooks.
    """

    language: str = "en"
    terms: Terms = field(default_factory=dict[str, str], compare=False, repr=False)

    @property
    def name(self) -> str:
        """The language's own name for itself: "français", "српски (ћирилица)"."""
        return str(self._locale.get_display_name() or self.language)

    # Numbers

    def number(  # noqa: PLR0913
        self,
        value: Amount,
        unit: str = "",
        *,
        places: int = 0,
        bare: bool = False,
        decimals: int | None = None,
        scale: Scale = "",
        declared: bool = False,
    ) -> str:
        """Return a number as the module's rules have it: "1,234.5", "48.2%", "USD 680,000".

        `unit` "share" reads in per cent, an ISO 4217 code stands by the amount; other units are
        not written. `places` is the least number of decimals; `bare` leaves the currency out, for
        columns whose header has it. `decimals` are as many as are printed instead of those of the
        rules; what is `declared` is never rounded. A `scale` makes it "USD 4.9 billion". Raises
        ValueError for what is not a number (NaN).
        """
        exact = decimal_of(value)
        if exact.is_infinite():
            return f"{MINUS if exact < 0 else ''}\N{INFINITY}"
        shown, fitting = shown_as(CONTEXT.scaleb(exact, -_SCALES[scale]), unit, decimals)
        if declared:
            shown = CONTEXT.multiply(exact.scaleb(-_SCALES[scale], CONTEXT), percent_of(unit))
            fitting = decimals_of(shown, unit)
        text = self._written(shown, max(places, fitting), unit, bare=bare)
        return self.say(_SCALED[scale], number=text) if scale else text

    def signed(self, value: Amount, unit: str = "") -> str:
        """Return a number with its sign: a plus before what is more than nothing."""
        return f"{'+' if decimal_of(value) > 0 else ''}{self.number(value, unit)}"

    def column(self, values: Sequence[Amount | None], unit: str = "") -> list[str]:
        """Return the plain numbers of a column or chart with equally many decimals; "" for None.

        The header has their unit. Decimals are filled up with zeros, never rounded otherwise than
        alone.
        """
        known = [exact for v in values if v is not None and (exact := decimal_of(v)).is_finite()]
        most = max((shown_as(exact, unit)[1] for exact in known), default=0)
        places = min(most, most_decimals(unit))
        return ["" if v is None else self.number(v, unit, places=places, bare=True) for v in values]

    def ticks(self, values: Iterable[float], unit: str = "") -> list[str]:
        """Return the exact values of an axis, with equally many decimals."""
        scale = 100 if unit == SHARE else 1
        exact = [Decimal(f"{value * scale:.12g}") for value in values]
        most = max((decimals_of(value, unit) for value in exact), default=0)
        return [self._written(value, most, unit, bare=True) for value in exact]

    def shares_note(self, values: Iterable[Amount]) -> tuple[str, ...]:
        """Return a note where shares, as they are printed, do not make a hundred."""
        shown = [shown_as(decimal_of(value), SHARE)[0] for value in values]
        if not shown or sum(shown) == 100:  # noqa: PLR2004 - per cent
            return ()
        return (self.say("Shares are rounded and may not add up to 100%."),)

    def qualified(self, number: str, qualifier: Qualifier) -> str:
        """Return a number with how firm it is: "at least 4,500"."""
        return self.say(_QUALIFIED[qualifier], number=number)

    def with_unit(self, label: str, unit: str) -> str:
        """Return a label with its unit behind it, unless the numbers themselves show the unit."""
        return (
            f"{label} ({self.term(unit)})"
            if unit and unit != SHARE and not is_currency(unit)
            else label
        )

    def read(self, text: str) -> Stated | None:
        """Return the first number that a text states; None if it states none."""
        match = _number_pattern(self._locale).search(text)
        if match is None:
            return None
        fraction = match["fraction"] or ""
        value = Decimal(re.sub(r"\D", "", match["whole"]) + (f".{fraction}" if fraction else ""))
        shift = 2 if match["percent"] else 0
        value = value.scaleb(-shift, CONTEXT)
        return Stated(-value if match["sign"] else value, len(fraction) + shift)

    def writes(self, number: str) -> bool:
        """Whether the language writes a number so: its digits, its groups, its decimals."""
        return bool(_number_pattern(self._locale).fullmatch(number))

    @property
    def point(self) -> str:
        """What stands before the decimals."""
        return str(get_decimal_symbol(self._locale))

    # Days

    def date(self, day: dt.date | str) -> str:
        """Return a day as "1 June 2010", with the time where it has one.

        A text is a day in ISO 8601, or is returned as it is.
        """
        if isinstance(day, str):
            try:
                day = dt.date.fromisoformat(day[:10])
            except ValueError:
                return str(day)
        text = format_date(day, "long", self._formal)
        if day.day == 1 and self._locale.language == "fr":  # which CLDR leaves out
            text = text.replace("1", "1er", 1)
        if isinstance(day, dt.datetime) and day.time() != dt.time.min:
            zone = f" {day.tzname()}" if day.tzinfo else ""
            return f"{text}, {day:%H:%M}{zone}"
        return text

    def period(self, start: dt.date | str, end: dt.date | str) -> str:
        """Return two days with a dash between them; one of them alone where the other is ""."""
        return f" {DASH} ".join(filter(None, (self.date(start), self.date(end))))

    def months(self, width: Literal["wide", "abbreviated"] = "wide") -> tuple[str, ...]:
        """Return the names of the twelve months."""
        names = get_month_names(width, locale=self._locale)
        return tuple(str(names[number]) for number in range(1, 13))

    def duration(self, start: dt.date, end: dt.date) -> str:
        """Return how long it is from a day to another, both included, in whole months or days."""
        after = end + dt.timedelta(days=1)
        months = (after.year - start.year) * 12 + after.month - start.month
        if after.day == start.day and months > 0:
            return str(format_unit(months, "duration-month", locale=self._locale))
        return str(format_unit((after - start).days, "duration-day", locale=self._locale))

    # Words

    def say(self, message: str, **values: object) -> str:
        """Return an English sentence in this language, with values in its braces."""
        return (self._house.get(message) or message).format(**values)

    def labelled(self, label: str, text: str) -> str:
        """Return "label: text"."""
        return self.say("{label}: {text}", label=label, text=text)

    def series(self, parts: Iterable[str]) -> str:
        """Return "a; b; c": parts that have commas of their own."""
        return self.say("; ").join(parts)

    def term(self, text: str) -> str:
        """Return words of the programme in this language, or as they are where it has no others."""
        return self.terms.get(text) or text

    def count(self, one: str, many: str, number: int) -> str:
        """Return a number of things: `count("{} record", "{} records", 2)` is "2 records"."""
        return self.counted(one, many, number).format(self.number(number))

    def counted(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the form of a sentence that a number asks for, with values in its braces."""
        text = self._house.count(one, many, number) or (one if number == 1 else many)
        return text.format(**values) if values else text

    def listing(self, items: Sequence[str], joint: Literal["and", "or"] = "and") -> str:
        """Return "a, b and c"."""
        style: Literal["standard", "or"] = "standard" if joint == "and" else "or"
        return format_list(items, style, self._formal)

    def value(self, value: object) -> str:
        """Return any value as it reads in a sentence.

        Raises ValueError, with the reason, for what has no form there: None, NaN, lists.
        """
        if isinstance(value, str):
            return value
        if isinstance(value, bool) or type(value).__name__ == "bool":  # numpy's own
            return self.say("yes") if value else self.say("no")
        if isinstance(value, dt.date):
            return self.date(value)
        if isinstance(value, numbers.Real | Decimal):
            return self.number(value)
        raise ValueError(f"is {value!r}, which has no form in a sentence")

    @property
    def _house(self) -> Catalogue:
        return house(self._tag)

    @property
    def _tag(self) -> str:
        return self.language.replace("-", "_")

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self._tag)

    @property
    def _formal(self) -> Locale:
        return Locale.parse(_FORMAL.get(self._tag, self._tag))

    def _written(self, shown: Decimal, decimals: int, unit: str, *, bare: bool) -> str:
        """Return a rounded number (a share: per cent) in this language's form."""
        locale = self._locale
        pattern = _pattern(self._tag, percent=unit == SHARE, decimals=decimals)
        with localcontext(CONTEXT):
            amount = abs(shown).scaleb(-2) if unit == SHARE else abs(shown)
            text = str(pattern.apply(amount, locale))
        if is_currency(unit) and not bare:
            before = locale.currency_formats["standard"].pattern.startswith("¤")
            text = _NO_BREAK.join((unit, text) if before else (text, unit))
        return MINUS + text if shown < 0 else text


ENGLISH = Wording()


@cache
def _pattern(tag: str, *, percent: bool, decimals: int) -> NumberPattern:
    locale = Locale.parse(tag)
    pattern: NumberPattern = copy.copy(
        (locale.percent_formats if percent else locale.decimal_formats)[None]
    )
    pattern.frac_prec = (decimals, decimals)
    return pattern


@cache
def _number_pattern(locale: Locale) -> re.Pattern[str]:
    group, point = re.escape(get_group_symbol(locale)), re.escape(get_decimal_symbol(locale))
    return re.compile(
        rf"(?P<sign>(?<!\w)[-{MINUS}])?(?:[A-Z]{{3}}\s?)?"
        rf"(?P<whole>\d+(?:(?:{group}|[\u00a0\u202f])\d{{3}}(?!\d))*)"
        rf"(?:{point}(?P<fraction>\d+))?(?P<percent>\s?%)?"
    )


def every_wording() -> tuple[Wording, ...]:
    """Return English, and each language that has a catalogue of ours, in both its scripts."""
    tags = {file.stem for file in catalogue.CATALOGUES.glob("*.po")}
    tags |= {tag.replace("_Cyrl", "_Latn") for tag in tags}
    return (ENGLISH, *map(Wording, sorted(tags)))


def in_every_language(message: str) -> frozenset[str]:
    """Return how one of our sentences reads in each language that has a catalogue of ours."""
    return frozenset(words.say(message) for words in every_wording())
