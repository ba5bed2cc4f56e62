"""Serbian in Latin letters, made from Cyrillic ones by the rule of its orthography."""

from __future__ import annotations

import re

# Pravopis srpskoga jezika (Matica srpska, 2010): a Latin letter or digraph for each.
_DIGRAPHS = {"љ": "lj", "њ": "nj", "џ": "dž"}
_SMALL = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
_SMALL |= _DIGRAPHS
_LETTERS = _SMALL | {c.upper(): latin.capitalize() for c, latin in _SMALL.items()}
_ONE = re.compile(f"[{''.join(_LETTERS)}]")
# Roles, code, addresses of links and tags stay as they are.
_KEPT = re.compile(r"(\{[\w:+-]+\}(`+).*?\2|(`+).*?\3|(?<=\])\([^)\s]*|<[^<>]*>)", re.DOTALL)


def in_latin(text: str) -> str:
    """Return a Serbian text in Latin letters; what is Latin already, code and links stay.

    A digraph is "LJ" in a word of capitals, "Lj" elsewhere.
    """
    out, end = [], 0
    for kept in _KEPT.finditer(text):
        out += [_ONE.sub(_letter, text[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join((*out, _ONE.sub(_letter, text[end:])))


def _letter(match: re.Match[str]) -> str:
    latin = _LETTERS[match[0]]
    if match[0].lower() not in _DIGRAPHS or match[0].islower():
        return latin
    text, at = match.string, match.start()
    after, before = text[at + 1 : at + 2], text[:at][-1:]
    # The next letter tells, the one before where the word ends here.
    shouted = after.isupper() if after.isalpha() else before.isupper()
    return latin.upper() if shouted else latin
