"""The `[style]` of `programme.toml`: colours, logo and typefaces, checked before they are used."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from jpreport.design.colour import TEXT_CONTRAST, confused, contrast, nearest
from jpreport.design.style import DEFAULT, SERIES
from jpreport.errors import did_you_mean
from jpreport.files.inputs import read_input
from jpreport.programme.framework import Declared, Text

Location = tuple[str | int, ...]
Fault = tuple[Location, str, str]

MOST_LOGO = 500_000  # bytes; it is part of every page
_GROUNDS = {"white paper": DEFAULT.paper, "the tint of notes": DEFAULT.tint}
_PNG = b"\x89PNG\r\n\x1a\n"
_LIVE = re.compile(
    r"<(?:\w+:)?(script|foreignObject|text)\b|href\s*=\s*[\"'](?!#|data:)", re.IGNORECASE
)
# What running text cannot do without.
_NEEDED = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("–—‘’“”…•")  # noqa: RUF001
_NO_EMBEDDING = 0x2  # OpenType, OS/2, fsType: restricted licence


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise ValueError(f'"{value}" is no colour: write it as "#0b4f6c"')
    return value.lower()


def _six(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) != SERIES:
        raise ValueError(f"has {len(value)} colours; charts need {SERIES}")
    return value


def _family(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 -]*", value):
        raise ValueError(f'"{value}" must be of Latin letters, digits, spaces and hyphens')
    if value in (DEFAULT.serif, DEFAULT.sans):
        raise ValueError(f'"{value}" is in every report already: give yours another name')
    return value


Colour = Annotated[str, AfterValidator(_colour)]


class LogoFile(Declared):
    """A picture, SVG or PNG, in the programme folder, and the words for it."""

    file: Text
    """SVG or PNG."""
    alt: Text
    """The words for it."""


class Typeface(Declared):
    """A family of fonts: one TTF or OTF file a style, in the programme folder."""

    family: Annotated[str, AfterValidator(_family)]
    """Its name."""
    regular: Text
    """Its file (TTF or OTF)."""
    italic: Text
    """Its file (TTF or OTF)."""
    semibold: Text
    """Its file (TTF or OTF)."""
    bold: str = ""
    """Its file (TTF or OTF)."""

    @property
    def files(self) -> dict[str, str]:
        """Return the file of each style that there is one for."""
        styles = ("regular", "italic", "semibold", "bold")
        return {style: file for style in styles if (file := getattr(self, style))}


class Branding(Declared):
    """What a programme sets of the design; the rest stays as it is."""

    accent: Colour = DEFAULT.accent
    """The colour of headings and charts, "#0b4f6c"."""
    series: Annotated[tuple[Colour, ...], Field(strict=False), AfterValidator(_six)] | None = None
    """Six colours of charts with several series, in their order; without them, the accent leads
    the usual ones."""
    logo: LogoFile | None = None
    """A picture on the cover."""
    serif: Typeface | None = None
    """The typeface of running text."""
    sans: Typeface | None = None
    """The typeface of headings, tables and charts."""

    @property
    def all_series(self) -> tuple[str, ...]:
        """Return the colours of the series, whether or not they are set."""
        led = (self.accent, *DEFAULT.series[1:])
        return self.series or (
            DEFAULT.series if confused(led) or not _legible(self.accent) else led
        )

    @property
    def files(self) -> tuple[str, ...]:
        """Return every file of the programme folder that the design is made with."""
        logo = [self.logo.file] if self.logo else []
        faces = (face.files.values() for face in (self.serif, self.sans) if face)
        return (*logo, *chain.from_iterable(faces))


def faults(style: Branding, root: Path) -> Iterator[Fault]:
    """Yield what is wrong with a design: (key, message, what to do)."""
    yield from _accent(style)
    yield from _series(style)
    if style.logo:
        yield from _logo(style.logo, root)
    for role in ("serif", "sans"):
        face = getattr(style, role)
        for name, file in face.files.items() if face else ():
            yield from _font(("style", role, name), file, root)


def _accent(style: Branding) -> Iterator[Fault]:
    def passes(colour: str) -> bool:
        return all(contrast(colour, ground) >= TEXT_CONTRAST for ground in _GROUNDS.values())

    for name, ground in _GROUNDS.items():
        found = contrast(style.accent, ground)
        if found < TEXT_CONTRAST:
            yield (
                ("style", "accent"),
                _too_faint(f"{style.accent} on {name} ({ground})", found),
                f"the nearest shade that has it everywhere is {nearest(style.accent, passes)}",
            )


def _too_faint(pair: str, found: float) -> str:
    return f"{pair} has a contrast of {found:.2f} to 1; text needs {TEXT_CONTRAST} to 1"


def _best(colour: str) -> float:
    """Return the contrast of the text that stands on a colour best."""
    return max(contrast(text, colour) for text in (DEFAULT.ink, DEFAULT.paper))


def _legible(colour: str) -> bool:
    return _best(colour) >= TEXT_CONTRAST


def _series(style: Branding) -> Iterator[Fault]:
    key, colours = ("style", "series"), style.series or ()
    for colour in colours:
        if not _legible(colour):
            yield (
                key,
                _too_faint(f"text on {colour}, white or {DEFAULT.ink},", _best(colour)),
                f"the nearest shade on which one has is {nearest(colour, _legible)}",
            )
    for (one, other), sights in confused(colours).items():
        pair = f"series {one + 1} ({colours[one]}) and series {other + 1} ({colours[other]})"
        hint = "let dark and light colours take turns"
        yield key, f"{pair} of charts look alike {', '.join(sights)}", hint


def _inside(key: Location, file: str, root: Path) -> tuple[bytes, list[Fault]]:
    """Return the content of a file of the programme folder, and why there is none."""
    path = (root / file).resolve()
    if not path.is_relative_to(root):
        return b"", [(key, f"{file} is not in the programme folder", "copy it there")]
    try:
        return read_input(path), []
    except OSError:
        near = [p.relative_to(root).as_posix() for p in path.parent.glob("*") if p.is_file()]
        return b"", [(key, f"there is no file {file}", did_you_mean(file, near))]


def _logo(logo: LogoFile, root: Path) -> Iterator[Fault]:
    key = ("style", "logo", "file")
    content, problems = _inside(key, logo.file, root)
    yield from problems
    if problems:
        return
    if len(content) > MOST_LOGO:
        yield key, f"{logo.file} has {len(content):,} bytes", f"at most {MOST_LOGO:,} will do"
    if logo.file.lower().endswith(".png"):
        if not content.startswith(_PNG):
            yield key, f"{logo.file} is no PNG picture", ""
    elif logo.file.lower().endswith(".svg"):
        text = content.decode("utf-8", "replace")
        if "<svg" not in text:
            yield key, f"{logo.file} is no SVG picture", ""
        elif found := _LIVE.search(text):
            what = f"<{found[1]}>" if found[1] else "a link to another file"
            hint = "convert its text to paths and leave scripts and links out"
            yield key, f"{logo.file} has {what} in it: it would not look the same everywhere", hint
    else:
        yield key, f"{logo.file} is neither *.svg nor *.png", "give the logo in one of the two"


def _font(key: Location, file: str, root: Path) -> Iterator[Fault]:
    content, problems = _inside(key, file, root)
    yield from problems
    if problems:
        return
    from fontTools.ttLib import TTFont, TTLibError

    try:
        font = TTFont(io.BytesIO(content), lazy=True)
        characters = frozenset(map(chr, font.getBestCmap() or ()))
        licence = getattr(font["OS/2"], "fsType", 0) if "OS/2" in font else 0
    except (TTLibError, AssertionError, KeyError, ValueError) as error:
        yield key, f"{file} is no font that can be read ({error})", "give a TTF or OTF file"
        return
    if font.flavor:
        yield key, f"{file} is a web font ({font.flavor})", "give the TTF or OTF file"
    if "fvar" in font:
        yield key, f"{file} is a variable font", "give one file for each style"
    if missing := sorted(_NEEDED - characters):
        shown = " ".join(missing[:12])
        yield key, f"{file} lacks {len(missing)} usual characters, such as {shown}", ""
    if licence & _NO_EMBEDDING:
        hint = "take a typeface with an open licence"
        yield key, f"{file} says that it must not be embedded in documents", hint
