"""Texts as words that can be compared, and the dates that stand in them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator

from jpreport.audit.items import SOFT
from jpreport.language import every_wording

_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
# Say how to break or join a line, and are not seen.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
# Months by their names, whole and short, in each language that reports are made in.
_MONTH = {
    name.casefold().rstrip("."): number
    for wording in every_wording()
    for width in ("wide", "abbreviated")
    for number, name in enumerate(wording.months(width), 1)
}
_NAME = "|".join(map(re.escape, sorted(_MONTH, key=len, reverse=True)))
_YEAR = re.compile(r"\d{4}")
_NUMERIC_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.]?)(\d{2})\2(\d{2})(?!\d)")
_NUMERIC_LAST = re.compile(r"(?<!\d)(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4})(?!\d)")
_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er)?[\s.\-]+({_NAME})[\s.,\-]+(\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b({_NAME})[\s.]+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?!\d)", re.IGNORECASE
)


def folded(text: str) -> str:
    """Return a text without case, marks on letters, and variants of the same character."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))


def words(text: str) -> list[str]:
    """Return the runs of letters and digits of a text, folded."""
    return _WORD.findall(folded(text if text.isascii() else _UNSEEN.sub("", text)))


def readings(text: str) -> tuple[str, ...]:
    """Return a text with the words at its soft breaks joined, and with them apart."""
    if SOFT in text:
        return text.replace(SOFT, ""), text.replace(SOFT, " ")
    return (text,)


def _date(year: str, month: str | int, day: str) -> Iterator[dt.date]:
    try:
        yield dt.date(int(year), int(month), int(day))
    except ValueError:
        return


def dates(text: str) -> set[dt.date]:
    """Return the days that a text names: 2011-05-04, 20110504, 4 May 2011, May 4, 2011, 4.5.2011.

    4/5/2011 is taken as both of the days that it can be. Months are read in every language of ours.
    """
    found: set[dt.date] = set()
    if not _YEAR.search(text):
        return found
    for year, _, month, day in _NUMERIC_FIRST.findall(text):
        found.update(_date(year, month, day))
    for one, separator, other, year in _NUMERIC_LAST.findall(text):
        found.update(_date(year, other, one))
        if separator == "/":
            found.update(_date(year, one, other))
    for day, month, year in _DAY_MONTH.findall(text):
        found.update(_date(year, _MONTH[month.casefold()], day))
    for month, day, year in _MONTH_DAY.findall(text):
        found.update(_date(year, _MONTH[month.casefold()], day))
    return found
