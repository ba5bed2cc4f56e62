"""Rounding by the rules of `wording`: exact decimals, and as many of them as are printed."""

from __future__ import annotations

import numbers
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple, SupportsFloat

from babel.numbers import is_currency

Amount = SupportsFloat

SHARE = "share"
_CENTS = 2
_SIGNIFICANT = 2
# As many digits as a float may need: nothing is rounded but where it is said to be.
CONTEXT = Context(prec=1200, rounding=ROUND_HALF_UP)


class Stated(NamedTuple):
    """A number that a text states, and with how many decimals; a percentage is a share."""

    value: Decimal
    decimals: int

    @classmethod
    def of(cls, value: Amount) -> Stated:
        """Return a number with as many decimals as it is written with."""
        found = decimal_of(value)
        return cls(found, decimals_of(found, ""))

    def fits(self, value: Amount) -> bool:
        """Whether a value is the one stated, at the precision that the text has."""
        return rounded(value, self.decimals) == self.value


def decimal_of(value: Amount) -> Decimal:
    """Return a number as the decimal that it is written as; raises ValueError for NaN."""
    if isinstance(value, numbers.Integral):
        return Decimal(int(value))
    if isinstance(value, numbers.Rational):
        value = float(value)
    found = value if isinstance(value, Decimal) else Decimal(str(value))
    if found.is_nan():
        raise ValueError(f"is {value!r}, which is no number")
    return found


def rounded(value: Amount | Decimal, decimals: int) -> Decimal:
    """Return a number rounded to some decimals, halves away from zero."""
    return decimal_of(value).quantize(Decimal((0, (1,), -decimals)), context=CONTEXT)


def most_decimals(unit: str) -> int:
    """Return how many decimals a unit has at most, but for small numbers."""
    return 1 if unit == SHARE else _CENTS


def percent_of(unit: str) -> Decimal:
    """Return what an amount is multiplied by to be printed: a share is in per cent."""
    return Decimal(100 if unit == SHARE else 1)


def shown_as(value: Decimal, unit: str, decimals: int | None = None) -> tuple[Decimal, int]:
    """Return a number rounded by the rules (a share: per cent), and its decimals.

    Where the number of `decimals` is given, it is that.
    """
    scaled = CONTEXT.multiply(value, percent_of(unit))
    if decimals is not None:
        return rounded(scaled, decimals), decimals
    most = max(most_decimals(unit), _SIGNIFICANT - 1 - scaled.adjusted()) if scaled else 0
    shown = rounded(scaled, most)
    return shown, decimals_of(shown, unit)


def decimals_of(value: Decimal, unit: str) -> int:
    """Return with how many decimals a number is printed: money with none or two."""
    exponent = value.normalize(CONTEXT).as_tuple().exponent
    count = max(0, -exponent) if isinstance(exponent, int) else 0
    return _CENTS if count == 1 and is_currency(unit) else count
