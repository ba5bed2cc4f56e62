"""A number in a sheet: the text of a cell as a value and the format in which it reads so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from jpreport.language import MINUS, Stated, Wording
from jpreport.language.wording import rounded
from jpreport.programme.framework import Scale

Number = int | float

_POWERS: Mapping[Scale, int] = {"billion": 9, "million": 6, "thousand": 3}
_PERCENT = -2
# Excel takes no longer format, and no larger number to its last digit.
_LONGEST, _LARGEST = 255, 10**15
_SIGN = re.compile(f"[-{MINUS}]")
_LITERAL = r'((?:"[^"]*"|\\.|%)*)'
_CODE = re.compile(rf"{_LITERAL}(#,##)?0(?:\.(0+))?(,*){_LITERAL}")
_PART = re.compile(r'"([^"]*)"|\\(.)|(%)')


@dataclass(frozen=True, slots=True)
class Display:
    """How a number reads: what stands before and after its digits, and how these are written.

    It is divided by ten to the `power`, which is -2 for per cent; thousands are `grouped`. A
    negative number has its sign in `before`.
    """

    before: str = ""
    after: str = ""
    decimals: int = 0
    grouped: bool = True
    power: int = 0

    def text(self, number: Number, wording: Wording) -> str:
        """Return a number as it reads in a language."""
        shown = abs(Decimal(str(number))).scaleb(-self.power)
        digits = wording.number(shown, decimals=self.decimals)
        if not self.grouped:
            digits = f"{rounded(shown, self.decimals):f}"
        return f"{self.before}{digits}{self.after}"

    @property
    def digits(self) -> str:
        """The format code of the digits, as Excel has it."""
        decimals = f".{'0' * self.decimals}" if self.decimals else ""
        return f"{'#,##0' if self.grouped else '0'}{decimals}{',' * (self.power // 3)}"

    @property
    def code(self) -> str:
        """The format code, as Excel has it: of numbers with a sign, the second part is theirs."""
        signed = f"{self._literal(self.before)}{self.digits}{self._literal(self.after)}"
        plain = self.signless
        return f"{plain.code};{signed}" if plain != self else signed

    @property
    def signless(self) -> Display:
        """How a number that is not negative reads."""
        return replace(self, before=_SIGN.sub("", self.before))

    def _literal(self, text: str) -> str:
        # Only a sign that is no literal makes it per cent.
        parts = text.split("%") if self.power == _PERCENT else [text]
        return "%".join(_quoted(part) for part in parts)

    @classmethod
    def of_code(cls, code: str, *, negative: bool) -> Display | None:
        """Return the display of a format code of `code`; None for another."""
        match = _CODE.fullmatch(code.split(";")[-1 if negative else 0])
        if match is None:
            return None
        before, grouped, decimals, commas, after = match.groups(default="")
        percent = "%" in re.sub(r'"[^"]*"', "", before + after)
        return cls(
            _unquoted(before),
            _unquoted(after),
            len(decimals),
            bool(grouped),
            _PERCENT if percent else 3 * len(commas),
        )


def _quoted(text: str) -> str:
    quoted = (r"\"" if part == '"' else f'"{part}"' for part in re.split('(")', text) if part)
    return "".join(quoted)


def _unquoted(code: str) -> str:
    return _PART.sub(lambda match: match[1] or match[2] or match[3] or "", code)


@lru_cache(4096)  # each format asks for the same, and tables repeat their numbers
def as_number(
    text: str, wording: Wording, value: Number | None = None, *, exact: bool = False
) -> tuple[Number, Display] | None:
    """Return the number that the text of a cell states, and how it reads; None for another text.

    A text states a number if nothing else in it does. The number is `value`, that of the figure
    in the cell, where the text is its rounding; it is the number as printed where the figure is
    another, unknown or not `exact` to be told.
    """
    stated = wording.read(text)
    found = _split(text, stated, wording) if stated else None
    if found is None or len(found[1].code) > _LONGEST:
        return None
    printed, display = found
    plain: Number = int(printed) if printed == int(printed) else float(printed)
    for number in (plain,) if value is None or not exact else (value, plain):
        alike = (number < 0) == (printed < 0) and abs(number) < _LARGEST
        if alike and display.text(number, wording) == text:
            return number, display
    return None


def _split(text: str, stated: Stated, wording: Wording) -> tuple[Decimal, Display] | None:
    """Return the number in a text and how it reads there; None where that is more than it."""
    percent = "%" in text
    decimals = stated.decimals + (_PERCENT if percent else 0)
    if decimals < 0 or text.count("%") > 1 or text.splitlines() != [text]:
        return None
    shown = abs(stated.value).scaleb(-_PERCENT if percent else 0)
    digits = wording.number(shown, decimals=decimals)
    for written, grouped in ((digits, True), (f"{shown:.{decimals}f}", False)):
        before, found, after = text.partition(written)
        around = before + after
        if not found or any(char.isdigit() or char == ";" for char in around):
            continue
        if len(_SIGN.findall(before)) != (stated.value < 0):
            continue
        if percent:
            return stated.value, Display(before, after, decimals, grouped, _PERCENT)
        worded = any(map(str.isalpha, around))
        scales = (
            power
            for scale, power in _POWERS.items()
            if worded
            and wording.number(shown.scaleb(power), decimals=decimals, scale=scale) in text
        )
        power = next(scales, 0)
        return stated.value.scaleb(power), Display(before, after, decimals, grouped, power)
    return None
