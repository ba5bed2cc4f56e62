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
    fonts: dict[tuple[int, int], Any] = {}
    for page in pdf.pages:
        named = page.Resources.get("/Font", {}).items()
        reserve = {name: font for name, font in named if str(font.BaseFont).endswith(_RESERVE)}
        fonts |= {font.objgen: font for font in reserve.values()}
        if reserve and b"/ActualText" in page.Contents.read_bytes():
            page.Contents.write(_without_spans(page, reserve))
    for font in fonts.values():
        table = font.ToUnicode.read_bytes()
        said = {
            code: bytes.fromhex(text.decode()).decode("utf-16-be")
            for code, text in _SAID.findall(table)
        }
        for code, text in _told_apart(said, _wide(font.DescendantFonts[0])).items():
            new = text.encode("utf-16-be").hex().upper().encode()
            table = re.sub(rb"<%s> <\w+>(?=\n)" % code, b"<%s> <%s>" % (code, new), table)
        font.ToUnicode.write(table)


def _with_marks(text: str) -> tuple[str, str]:
    """Return a letter and its marks, "" for any other text and where lines run to the left."""
    whole = unicodedata.normalize("NFC", text)
    left = unicodedata.bidirectional(whole[:1]) in {"R", "AL"}
    return (whole[:1], whole[1:]) if all(map(_is_mark, whole[1:])) and not left else ("", "")


def _without_spans(page: Any, fonts: Mapping[str, Any]) -> bytes:  # noqa: ANN401
    """Return what draws a page, without what is said of letters with marks in some fonts."""
    import pikepdf

    kept: list[Any] = []
    begun, font = None, ""
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, str(instruction.operator)
        kept.append(instruction)
        if operator == "Tf":
            font = str(operands[0])
        elif operator == "BDC" and "/ActualText" in operands[1]:
            begun = len(kept) - 1 if _with_marks(str(operands[1].ActualText))[1] else None
        elif operator == "EMC" and begun is not None:
            if font in fonts:
                del kept[-1], kept[begun]
            begun = None
    return bytes(pikepdf.unparse_content_stream(kept))


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


def _told_apart(said: Mapping[bytes, str], wide: frozenset[int]) -> dict[bytes, str]:
    """Return what each glyph is, of letters with marks that have no glyph of their own.

    Codes are given in the order of drawing. A mark that an earlier letter has drawn already says
    that letter's text; one mark may have several glyphs, by where it stands.
    """
    told = dict(said)
    texts: dict[str, list[bytes]] = {}
    for code, text in sorted(said.items()):
        if int(code, 16) in wide and _with_marks(text)[1]:
            told[code] = _with_marks(text)[0]
        elif _with_marks(text)[1]:
            texts.setdefault(text, []).append(code)
    known: set[str] = set()  # marks that are told already
    for text, codes in texts.items():
        marks = _with_marks(text)[1]
        fresh = marks if len(codes) == len(marks) else [one for one in marks if one not in known]
        told |= zip(codes, [*fresh, *marks], strict=False)
        known.update(marks)
    return told
