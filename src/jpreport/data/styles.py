"""How the numbers and the days of a column are written, judged by all of its cells together."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

_GROUPS = ("", ",", ".", " ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "'")
_DAYS = tuple(
    sign.join(order)
    for sign in "./-"
    for order in (("%d", "%m", "%Y"), ("%m", "%d", "%Y"), ("%Y", "%m", "%d"))
)


class NumberStyle(NamedTuple):
    """The decimal sign and the sign between groups of three digits ("": none)."""

    decimal: str
    group: str

    def read(self, text: str) -> Decimal | None:
        """Return the number that a text is in this style, None where it is none."""
        point, group = re.escape(self.decimal), re.escape(self.group)
        whole = rf"\d+|[1-9]\d{{0,2}}(?:{group}\d{{3}})+" if group else r"\d+"
        if not re.fullmatch(rf"[+-]?(?:{whole})(?:{point}\d+)?", text.strip(), re.ASCII):
            return None
        plain = text.strip().replace(self.group, "") if self.group else text.strip()
        return Decimal(plain.replace(self.decimal, "."))


def number_styles(texts: Collection[str]) -> list[NumberStyle]:
    """Return the styles in which all texts are numbers, one for each way to read them.

    Where there are several, a text means one number in one of them and another in the next.
    """
    found: dict[tuple[Decimal, ...], NumberStyle] = {}
    for style in (NumberStyle(point, group) for point in ".," for group in _GROUPS):
        if style.decimal != style.group:
            values = tuple(value for one in texts if (value := style.read(one)) is not None)
            if len(values) == len(texts):
                found.setdefault(values, style)
    return list(found.values())


def day_formats(texts: Collection[str]) -> list[str]:
    """Return the `strptime` patterns in which all texts are days, one for each way to read them."""
    found: dict[tuple[dt.datetime, ...], str] = {}
    for pattern in _DAYS:
        try:
            days = tuple(dt.datetime.strptime(one, pattern) for one in texts)  # noqa: DTZ007 (days)
        except ValueError:
            continue
        found.setdefault(days, pattern)
    return list(found.values())


def hints(texts: Collection[str], kind: str) -> Iterator[str]:
    """Yield what to state in the contract so that a column of numbers or days can be read.

    Nothing is proposed that could make another number or day of a cell than was meant.
    """
    if kind == "number":
        styles = number_styles(texts)
        if len(styles) == 1:
            yield from _stated(styles[0])
        elif styles:
            yield "its signs can be read in several ways: write numbers as 1234.5, without groups"
    elif kind == "date":
        formats = day_formats(texts)
        if len(formats) == 1:
            yield f'state "format": "{formats[0]}" for this field'
        elif formats:
            ways = " or ".join(f'"{one}"' for one in formats)
            yield f'state the "format" that is meant for this field: {ways}'


def _stated(style: NumberStyle) -> Iterator[str]:
    said: Mapping[str, str] = {"decimalChar": style.decimal, "groupChar": style.group}
    usual = {"decimalChar": ".", "groupChar": ""}
    parts = [f'"{key}": "{sign}"' for key, sign in said.items() if sign != usual[key]]
    if parts:
        yield f"write numbers as 1234.5, or state {', '.join(parts)} for this field"
