"""How values read in tables and charts: numbers, shares, dates, names and blanks."""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

from jpreport.figures import SHARE, is_currency

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
BLANK = "\N{EN DASH}"  # what a cell shows that has nothing to say
MOST_DECIMALS = 8
# Not from `calendar`: its names change with the machine's locale.
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def clean(text: str) -> str:
    """Return a text without what no document can hold: control characters, lone surrogates."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\t\n"
        else character
        for character in text.replace("\r\n", "\n").replace("\r", "\n")
    )


def heading(name: object) -> str:
    """Return a column's name as words: `age_group` reads "Age group", all else stays as it is."""
    text = clean(str(name))
    if _IDENTIFIER.fullmatch(text):
        return text[0].upper() + text[1:].replace("_", " ")
    return text


def in_words(label: str, unit: str) -> str:
    """Return a label with its unit behind it, unless the numbers themselves show the unit."""
    return f"{label} ({unit})" if unit and unit != SHARE and not is_currency(unit) else label


def number(value: float | numbers.Number, places: int = 0) -> str:
    """Return a number with thousands separators and a true minus sign, rounded to `places`."""
    if isinstance(value, numbers.Integral):
        text = f"{int(value):,}" + ("." + "0" * places if places else "")
    else:
        exact = float(value)  # type: ignore[arg-type]
        if not math.isfinite(exact):
            return ("" if exact > 0 else MINUS) + "\N{INFINITY}"
        text = f"{exact:,.{places}f}"
    if text.startswith("-"):
        # What rounds to nothing has no sign.
        text = MINUS + text[1:] if any(digit in "123456789" for digit in text) else text[1:]
    return text


def places(values: Iterable[float | numbers.Number]) -> int:
    """Return how many decimals a column needs: as few as show its values, two at most.

    Numbers below one get enough decimals for three digits of the largest.
    """
    exact = [float(v) for v in values if not isinstance(v, numbers.Integral)]  # type: ignore[arg-type]
    finite = [value for value in exact if math.isfinite(value)]
    largest = max(map(abs, finite), default=0.0)
    most = 2
    if 0 < largest < 1:
        most = min(MOST_DECIMALS, 2 - math.floor(math.log10(largest)))
    for count in range(most):
        if all(math.isclose(round(v, count), v, rel_tol=1e-9, abs_tol=1e-12) for v in finite):
            return count
    return most


def percent(share: float) -> str:
    """Return a share as whole per cent; what is more than nothing never reads "0%"."""
    if 0 < share < 0.005:  # noqa: PLR2004 - half of one per cent
        return "<1%"
    # Halves go up, as readers expect; the small term takes binary fractions back to decimal ones.
    return f"{number(math.floor(share * 100 + 0.5 + 1e-9))}%"


def texts(values: Sequence[float | numbers.Number | None], unit: str = "") -> list[str]:
    """Return the numbers of one column or chart alike: equal decimals; "" for None."""
    if unit == SHARE:
        return ["" if value is None else percent(float(value)) for value in values]  # type: ignore[arg-type]
    count = places(value for value in values if value is not None)
    if is_currency(unit) and count == 1:
        count = 2
    return ["" if value is None else number(value, count) for value in values]


def date_text(value: dt.date) -> str:
    """Return a day as "1 June 2010", with the time where it has one."""
    day = f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    if isinstance(value, dt.datetime) and value.time() != dt.time.min:
        zone = f" {value.tzname()}" if value.tzinfo else ""
        return f"{day}, {value:%H:%M}{zone}"
    return day


def text(value: object) -> str:
    """Return any value that is not a number of a number column as the text of a cell."""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return date_text(value)
    return clean(str(value))


def rounding_notes(percents: Sequence[str]) -> tuple[str, ...]:
    """Return a note where shares, as they are printed, do not make a hundred."""
    shown = [percent.rstrip("%") for percent in percents if percent]
    known = [Decimal(percent) for percent in shown if percent.replace(".", "").isdigit()]
    if not shown or (len(known) == len(shown) and sum(known) == 100):  # noqa: PLR2004
        return ()
    return ("Shares are rounded and may not add up to 100%.",)


def listing(items: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else list(items))
