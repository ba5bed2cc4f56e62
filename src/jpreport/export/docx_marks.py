"""The marks of a Word file: bookmarks that tell what stands where, and figures that are locked.

How a changed file is led back to its notebook, also after another program has saved it:

- `jp_CELL_N` is a bookmark around the words of one paragraph. CELL is the cell of the notebook,
  from 1, as its author counts (`Place`'s "cell"; 0 where a document comes from no notebook). N
  counts the paragraphs of that cell from 1 in the order of reading: headings, paragraphs, items of
  lists, terms and their definitions, titles of callouts, cells of Markdown tables (the empty ones
  too), listings of code (one each), and the paragraphs of a footnote behind the one that calls it.
  Of a table or chart of a code cell there are the caption, where it has one, then the first cell
  of the table. `jp_title` is the title, the `#` heading of the notebook.
- All else that can be linked to has a bookmark of the name `anchor(name)`; the entry of a figure
  in the annex is `anchor(FigureSource.name)`.
- A quoted figure is an inline content control that Word neither edits nor deletes: its tag is the
  figure's key (`short` of it), its alias the figure's title. In it stands a link to the entry in
  the annex, whose tooltip is the figure's source: Word shows it on hover. Around it stands a
  bookmark, `figure_mark` of its key and of how many figures came before it.

LibreOffice 7.4 keeps all bookmarks and the figures' provenance (see `office`) when it saves such a
file. Of a figure's control it keeps no tag, lock, link or tooltip: there the bookmark alone says
which figure a number is, and nothing keeps it from being typed over.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import count
from typing import NamedTuple

from babel.core import get_global
from markupsafe import Markup, escape

from jpreport.document.blocks import Document, FigureLink
from jpreport.errors import Place
from jpreport.export.annex import Annex
from jpreport.export.typst_text import clean
from jpreport.files import digest_bytes, digest_json
from jpreport.language import current

TITLE = "jp_title"
# What Word takes: a longer name, or tag, is a damaged file to it.
_LONGEST_TAG, _LONGEST_TIP = 64, 250
_PLAIN = Markup("")


REPORT, LANGUAGE, BUILD = "jpreport report", "jpreport language", "jpreport build"


def origin(document: Document) -> dict[str, str]:
    """Return what a file says of itself in properties that word processors keep.

    They are the report's slug, its language, and a digest of all that it was made from.
    """
    front = document.front
    build = digest_json(dict(document.made_from))
    return {REPORT: front.slug, LANGUAGE: front.language, BUILD: build}


class Around(NamedTuple):
    """What begins and what ends a piece of a document."""

    start: Markup
    end: Markup


def anchor(name: str) -> str:
    """Return the bookmark of a name that is linked to: Word takes 40 letters, digits and lines."""
    return f"_{re.sub(r'[^A-Za-z0-9]', '_', name)[:30]}_{digest_bytes(name.encode())[:8]}"


def figure_mark(key: str, place: int) -> str:
    """Return the bookmark around a figure, the `place`th of the document from 1."""
    return f"jp_figure_{place}_{digest_bytes(key.encode())[:8]}"


def short(text: str) -> str:
    """Return a text as a tag or title of a content control: at most 64 signs, and still its own."""
    text = clean(text)
    digest = digest_bytes(text.encode())[:8]
    return text if len(text) <= _LONGEST_TAG else f"{text[: _LONGEST_TAG - 9]}~{digest}"


def word_language(tag: str) -> str:
    """Return a language as Word knows it, with the country where it is mostly spoken."""
    parts = (tag or "en").replace("_", "-").split("-")
    if any(len(part) == 2 for part in parts[1:]):  # noqa: PLR2004 - a country
        return "-".join(parts)
    likely = get_global("likely_subtags")
    whole = likely.get("_".join(parts)) or likely.get(parts[0], "")
    # As the United Nations write English.
    country = "GB" if parts == ["en"] else whole.rpartition("_")[2]
    return "-".join([*parts, country] if country else parts)


def run(text: str, style: str = "", language: str = "") -> Markup:
    """Return text as a run in a character style; line ends break the line.

    `language` is its tag, where it is not that of the document.
    """
    said = f'<w:rStyle w:val="{style}"/>' if style else ""
    said += f'<w:lang w:val="{word_language(language)}"/>' if language else ""
    looks = f"<w:rPr>{said}</w:rPr>" if said else ""
    lines = clean(text, lines=True).split("\n") if text else []
    return Markup("<w:r><w:br/></w:r>").join(
        Markup(f'<w:r>{looks}<w:t xml:space="preserve">{escape(line)}</w:t></w:r>')  # noqa: S704
        for line in lines
    )


def field(code: str, result: str | Markup, style: str = "") -> Markup:
    """Return a field of Word's with its result filled in."""
    shown = result if isinstance(result, Markup) else run(result, style)
    return field_around(code).start + shown + field_around(code).end


def field_around(code: str) -> Around:
    """Return what begins and ends a field, its result being between."""
    sign = Markup('<w:r><w:fldChar w:fldCharType="{}"/></w:r>')
    asked = Markup('<w:r><w:instrText xml:space="preserve"> {} </w:instrText></w:r>').format(code)
    return Around(sign.format("begin") + asked + sign.format("separate"), sign.format("end"))


def fielded(message: str, style: str = "", **fields: Markup) -> Markup:
    """Return one of our sentences as runs, with fields for the names in its braces."""
    said = current().say(message, **{name: f"\0{name}\0" for name in fields})
    return Markup("").join(
        fields[piece] if place % 2 else run(piece, style)
        for place, piece in enumerate(said.split("\0"))
    )


def link(to: str, tip: str = "") -> Around:
    """Return what begins and ends a link to an `anchor`, with what is shown on hover."""
    shown = Markup(' w:tooltip="{}"').format(tip) if tip else _PLAIN
    start = Markup('<w:hyperlink w:anchor="{}"{} w:history="1">').format(anchor(to), shown)
    return Around(start, Markup("</w:hyperlink>"))


class Marks:
    """Gives the marks of one document, in the order of its paragraphs."""

    def __init__(self, document: Document, annex: Annex | None) -> None:
        self._sources = {source.name: source.record for source in document.sources}
        self._lines = {
            entry.name: "; ".join(
                f"{term}: {''.join(run.text for run in runs)}" for term, runs in entry.lines[:3]
            )
            for entry in (annex.entries if annex else ())
        }
        self._ids = count(1)
        self._cell, self._paragraphs = 0, Counter[int]()
        self._figures = count(1)

    def enter(self, where: Place) -> None:
        """Go on with a block of a cell."""
        self._cell = int(where.get("cell") or 0)

    @property
    def next_id(self) -> int:
        """A number that nothing else in the document has."""
        return next(self._ids)

    def bookmark(self, name: str) -> Around:
        """Return what begins and ends a bookmark of a name as it is; nothing for ""."""
        if not name:
            return Around(_PLAIN, _PLAIN)
        number = self.next_id
        start = Markup('<w:bookmarkStart w:id="{}" w:name="{}"/>').format(number, name)
        return Around(start, Markup('<w:bookmarkEnd w:id="{}"/>').format(number))

    def target(self, name: str) -> Around:
        """Return what begins and ends a bookmark that is linked to by a name."""
        return self.bookmark(anchor(name) if name else "")

    def paragraph(self) -> Around:
        """Return the bookmark of the next paragraph of the cell."""
        self._paragraphs[self._cell] += 1
        return self.bookmark(f"jp_{self._cell}_{self._paragraphs[self._cell]}")

    @staticmethod
    def reference(name: str) -> str:
        """Return the code of Word's field for what a captioned table or chart is called."""
        return f"REF {anchor(name)} \\h \\* MERGEFORMAT"

    def figure(self, key: str, to: FigureLink | None) -> Around:
        """Return what begins and ends a locked figure, with the way to its source if it has one."""
        record = self._sources.get(to.to) if to else None
        title = Markup('<w:alias w:val="{}"/>').format(short(record.title)) if record else _PLAIN
        control = Markup(
            '<w:sdt><w:sdtPr>{}<w:tag w:val="{}"/><w:id w:val="{}"/>'
            '<w:lock w:val="sdtContentLocked"/></w:sdtPr><w:sdtContent>'
        ).format(title, short(key), self.next_id)
        own = self.bookmark(figure_mark(key, next(self._figures)))
        control, close = own.start + control, Markup("</w:sdtContent></w:sdt>") + own.end
        if to is None:
            return Around(control, close)
        said = record and f"{record.title}: {record.text}. {self._lines.get(to.to, record.id)}"
        tip = clean(said or "")
        tip = tip if len(tip) <= _LONGEST_TIP else f"{tip[:_LONGEST_TIP]}\N{HORIZONTAL ELLIPSIS}"
        (begin, end), (forth, back) = self.target(to.name), link(to.to, tip)
        return Around(control + begin + forth, back + end + close)
