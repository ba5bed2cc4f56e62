"""Letters with marks: which typeface has them whole, as Typst drops a letter that another has."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

# Joiners and variation selectors change the letter before them, as accents do.
_JOINED = frozenset("\u200c\u200d\ufe0e\ufe0f")


@cache
def _characters(font: Path) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    with TTFont(font, lazy=True) as opened:
        return frozenset(map(chr, opened.getBestCmap() or ()))


def _is_mark(char: str) -> bool:
    return char in _JOINED or unicodedata.category(char).startswith("M")


def set_apart(text: str, usual: list[Path], reserve: Path) -> tuple[str, list[str]]:
    """Return the letters that stand with marks and are in `reserve` alone, and those in no font.

    The first are a pattern of Typst for letters with their marks, "" for none; a letter with its
    marks has to come from one font: Typst looks for the letter in another only if that lacks the
    marks too.
    """
    marks = "".join(filter(_is_mark, sorted(set(text) if not text.isascii() else ())))
    if not marks:
        return "", []
    apart: set[str] = set()
    lost: set[str] = set()
    for letter, with_marks in set(re.findall(rf"([^{marks}\s])([{marks}]+)", text)):
        whole = frozenset(unicodedata.normalize("NFC", letter + with_marks))
        if all(letter in _characters(font) or whole <= _characters(font) for font in usual):
            continue
        here = {letter, *with_marks} <= _characters(reserve)
        (apart if here else lost).add(letter)
    codes = "".join(rf"\x{{{ord(letter):x}}}" for letter in sorted(apart))
    return codes and rf"[{codes}]\p{{M}}+", sorted(lost)
