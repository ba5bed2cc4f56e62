"""Read HTML, SVG and the XML of Word and Excel: words, attributes, comments, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jpreport.audit.items import SOFT, Grid, Item, Text
from jpreport.errors import Place

# Words go on across these; every other tag ends them.
_INLINE = re.compile(
    r"a|abbr|b|bdi|bdo|cite|code|data|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|"
    r"sub|sup|time|tspan|u|var|wbr"
)
# What the elements of Word are in HTML; all others of it stand within a line.
_WORD = {"w:p": "p", "w:tbl": "table", "w:tr": "tr", "w:tc": "td", "w:br": "br", "w:tab": "br"}
_VOID = re.compile(r"br|col|hr|img|input|link|meta|wbr")
# Attributes that draw: they hold numbers and names of styles only, and there are thousands.
_DRAWING = re.compile(r"d|points|transform|viewbox|[xy][12]?|[cdr][xy]|r")
# What stands at the head and the foot of Excel's sheets, and the codes that its words cling to.
_RUNNING = re.compile(r"(odd|even|first)(header|footer)")
_RUNNING_CODE = re.compile(r'&(K[0-9A-F]{6}|"[^"]*"|\d+|.)')


def _in_html(tag: str) -> str:
    return _WORD.get(tag, "span") if tag.startswith(("w:", "m:")) else tag


class _Reader(HTMLParser):
    """Gathers the items of one document; places are lines of its source."""

    def __init__(self, where: Place) -> None:
        super().__init__(convert_charrefs=True)
        self.items: list[Item] = []
        self._where = where
        self._words: list[str] = []
        self._line = 1
        self._element = ""
        # Tables may stand within tables: (line, rows) and the open cell of each.
        self._tables: list[tuple[int, list[list[str]]]] = []
        self._cells: list[list[str] | None] = []
        self._said: set[tuple[str, str]] = set()  # attributes: most of them are said often

    def _place(self, line: int, detail: str = "") -> Place:
        place = self._where.at(line=line)
        return place.at(detail) if detail else place

    def flush(self) -> None:
        """Take what was read since the last block as one text."""
        text = "".join(self._words)
        if text.strip(f" \n\t{SOFT}"):
            detail = f"<{self._element}>" if self._element in {"title", "desc", "style"} else ""
            self.items.append(Text(self._place(self._line, detail), text))
        self._words.clear()

    def _boundary(self, tag: str) -> None:
        if _INLINE.fullmatch(tag):
            self._words.append(SOFT)
        else:
            self.flush()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _in_html(tag)
        line = self.getpos()[0]
        for name, value in attrs:
            if value and (name, value) not in self._said and not _DRAWING.fullmatch(name):
                self._said.add((name, value))
                place = self._place(line, f'attribute "{name}" of <{tag}>')
                self.items.append(Text(place, value, name))
        self._boundary(tag)
        if not _VOID.fullmatch(tag) and not _INLINE.fullmatch(tag):
            self._element = tag
        if tag == "table":
            self._tables.append((line, []))
            self._cells.append(None)
        elif tag == "tr" and self._tables:
            self._close_cell()
            self._tables[-1][1].append([])
        elif tag in {"td", "th"} and self._tables:
            self._close_cell()
            self._cells[-1] = []

    def handle_endtag(self, tag: str) -> None:
        tag = _in_html(tag)
        self._boundary(tag)
        if not _INLINE.fullmatch(tag):
            self._element = ""
        if tag in {"td", "th", "tr"} and self._tables:
            self._close_cell()
        elif tag == "table" and self._tables:
            self._close_cell()
            line, rows = self._tables.pop()
            self._cells.pop()
            filled = tuple(tuple(row) for row in rows if row)
            if filled:
                self.items.append(Grid(self._place(line, "table"), filled))

    def _close_cell(self) -> None:
        words = self._cells[-1]
        if words is not None:
            rows = self._tables[-1][1]
            if not rows:
                rows.append([])
            rows[-1].append(" ".join("".join(words).split()))
        self._cells[-1] = None

    def handle_data(self, data: str) -> None:
        if _RUNNING.fullmatch(self._element):
            data = _RUNNING_CODE.sub(" ", data)
        if not self._words:
            self._line = self.getpos()[0]
        self._words.append(data)
        if self._cells and self._cells[-1] is not None:
            self._cells[-1].append(data)

    def handle_comment(self, data: str) -> None:
        self.items.append(Text(self._place(self.getpos()[0], "comment"), data))

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)


def read_markup(where: Place, text: str) -> Iterator[Item]:
    """Yield the words, attributes, comments and tables of HTML, SVG or XML."""
    reader = _Reader(where)
    reader.feed(text)
    reader.close()
    reader.flush()
    yield from reader.items
