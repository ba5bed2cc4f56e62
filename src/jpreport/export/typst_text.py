"""Text from data, made fit to be set: nothing invisible, nothing that a font cannot hold."""

from __future__ import annotations

import unicodedata

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# They have no shape, and could turn the text around them or what a reader copies.
_DROPPED = frozenset("\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SPACES = frozenset("\t\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
# Controls, lone surrogates, private use, code points without a character.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn"})


def _clean(char: str) -> str:
    if char in _DROPPED:
        return ""
    if char in _SPACES:
        return " "
    return _REPLACEMENT if unicodedata.category(char) in _UNPRINTABLE else char


def clean(text: str, *, lines: bool = False) -> str:
    """Return text without what cannot be printed; an unprintable character shows as U+FFFD.

    So does a text of which nothing would be left: a heading must not be empty. Line ends become
    spaces, or stay with `lines`.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        text = text.replace("\n", " ")
    return "".join(c if c == "\n" or c.isprintable() else _clean(c) for c in text) or _REPLACEMENT


def widest(texts: list[str], count: int = 12) -> list[str]:
    """Return the few texts that could be the widest in print, whatever the typeface."""
    return sorted(set(texts), key=lambda text: (-rough_width(text), text))[:count]


def usual(texts: list[str]) -> str:
    """Return a text that most are no wider than (85 %); "" of none."""
    ranked = sorted(texts, key=lambda text: (rough_width(text), text))
    return ranked[17 * (len(ranked) - 1) // 20] if ranked else ""


def rough_width(text: str) -> float:
    """Return a rough width in em."""
    narrow = sum(map(text.count, "iIjlt.,:;'|!()[] "))
    wide = sum(map(text.count, "mwMW@%")) + sum(c > "\u024f" for c in text)
    return 0.52 * len(text) - 0.25 * narrow + 0.35 * wide
