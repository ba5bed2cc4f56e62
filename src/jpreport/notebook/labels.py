"""Texts from data as they stand in tables and charts: cleaned, column names as words."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from jpreport.forms.tables import column_words
from jpreport.language import current, phrase

# What a category is called that a record does not state.
NOT_RECORDED = phrase("not recorded")
# What we call a category or a column ourselves, among what is the programme's own.
_OURS = frozenset((NOT_RECORDED, phrase("other"), phrase("Indicator"), phrase("Measure")))
# As `Report.by_year` calls its rows.
_TITLE_WITH_UNIT = re.compile(r"(.+) \(([^()]+)\)")


def mark(text: str) -> str:
    """Return a text as it is: a mark in code that it is to be translated, written `_("...")`."""
    return text


def clean(text: str) -> str:
    """Return a text without what no document can hold: control characters, lone surrogates."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\t\n"
        else character
        for character in text.replace("\r\n", "\n").replace("\r", "\n")
    )


def said(text: str) -> str:
    """Return a text from data or settings in the language that is spoken, clean."""
    words = current()
    if text in _OURS:
        return clean(words.say(text))
    found = words.term(text)
    parts = _TITLE_WITH_UNIT.fullmatch(text) if found == text else None
    if parts and (title := words.term(parts[1])) != parts[1]:
        return clean(words.with_unit(title, parts[2]))
    return clean(found)


def heading(name: object) -> str:
    """Return a column's name as words in the language that is spoken; a unit's, as a heading."""
    text = clean(str(name))
    found = current().term(text)
    return said(column_words(text)) if found == text else found[:1].upper() + found[1:]


def cell_text(value: object) -> str:
    """Return any value that is not a number of a number column: a name, so a year stays 2011."""
    if isinstance(value, dt.date) or type(value).__name__.startswith("bool"):
        return current().value(value)
    return said(str(value))
