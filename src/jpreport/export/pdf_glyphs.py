"""Letters with marks: which typeface has them whole, as Typst drops a letter that another has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_RESERVE = "DejaVuSans"  # as the PDF calls it
_SAID = re.compile(rb"<([0-9A-F]{4})> <((?:[0-9A-F]{4})+)>(?=\n)")
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


def tell_marks_apart(pdf: Any) -> None:  # noqa: ANN401 - pikepdf's Pdf
    """Let what readers copy from a PDF have each letter and each of its marks once.

    Where a mark stands on its own, Typst says of its glyph, as of the letter's, that it is both.
    """
    fonts: dict[tuple[int, int], _Glyphs] = {}
    for page in pdf.pages:
        named = page.Resources.get("/Font", {}).items()
        own = {name: font for name, font in named if str(font.BaseFont).endswith(_RESERVE)}
        fonts |= {f.objgen: _Glyphs(f) for f in own.values() if f.objgen not in fonts}
        if own:
            reserve = {name: fonts[font.objgen] for name, font in own.items()}
            drawn = _without_spans(page, reserve)
            if b"/ActualText" in page.Contents.read_bytes():
                page.Contents.write(drawn)
    for font in fonts.values():
        font.write()


def _with_marks(text: str) -> tuple[str, str]:
    """Return a letter and its marks, "" for any other text and where lines run to the left."""
    whole = unicodedata.normalize("NFC", text)
    left = unicodedata.bidirectional(whole[:1]) in {"R", "AL"}
    return (whole[:1], whole[1:]) if all(map(_is_mark, whole[1:])) and not left else ("", "")


def _without_spans(page: Any, fonts: Mapping[str, _Glyphs]) -> bytes:  # noqa: ANN401
    """Return what draws a page, without what is said of letters with marks in some fonts."""
    import pikepdf

    kept: list[Any] = []
    begun, said, font = None, "", ""
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, str(instruction.operator)
        kept.append(instruction)
        if operator == "Tf":
            font = str(operands[0])
        elif operator in {"Tj", "TJ"} and font in fonts:
            drawn = operands[0] if operator == "TJ" else operands
            for text in (bytes(one) for one in drawn if isinstance(one, pikepdf.String)):
                fonts[font].draw(text, said)
        elif operator == "BDC" and "/ActualText" in operands[1]:
            said = str(operands[1].ActualText)
            begun = len(kept) - 1 if _with_marks(said)[1] else None
        elif operator == "EMC":
            if begun is not None and font in fonts:
                del kept[-1], kept[begun]
            begun, said = None, ""
    return bytes(pikepdf.unparse_content_stream(kept))


class _Glyphs:
    """The glyphs of a font: what it says of each, and what each is, as they are drawn.

    A letter is drawn before its marks, and these in the order of its text. What they are together
    a span says, or, where glyphs were drawn first, the font.
    """

    def __init__(self, font: Any) -> None:  # noqa: ANN401
        self._font, self._table = font, font.ToUnicode.read_bytes()
        self._said = {
            int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
            for code, text in _SAID.findall(self._table)
        }
        self._wide = _wide(font.DescendantFonts[0])
        self._told: dict[int, str] = {}
        self._left: list[str] = []  # marks of the last letter that have not been drawn

    def draw(self, text: bytes, said: str) -> None:
        """Take in some glyphs by their codes; `said` is what a span says of them, "" for none."""
        for at in range(0, len(text), 2):
            code = int.from_bytes(text[at : at + 2], "big")
            letter, marks = _with_marks(said or self._said.get(code, ""))
            if code in self._wide:
                self._left = list(marks)
                if marks:
                    self._told[code] = letter
            elif marks and self._left:
                self._told[code] = self._left.pop(0)

    def write(self) -> None:
        """Write into the font what each glyph is."""
        table = self._table
        for code, text in self._told.items():
            new = text.encode("utf-16-be").hex().upper().encode()
            table = re.sub(rb"<%04X> <\w+>(?=\n)" % code, b"<%04X> <%s>" % (code, new), table)
        self._font.ToUnicode.write(table)


def _wide(font: Any) -> frozenset[int]:  # noqa: ANN401
    """Return the codes whose glyphs are not of the default width, which is that of marks: none."""
    found: set[int] = set()
    widths = list(font.get("/W", ()))
    while widths:
        first, second, *widths = widths
        if hasattr(second, "__len__"):
            found.update(range(int(first), int(first) + len(second)))
        else:
            found.update(range(int(first), int(second) + 1))
            widths = widths[1:]
    return frozenset(found)
