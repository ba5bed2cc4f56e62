"""The outputs of one code cell to blocks: which form is printed, and what cannot be."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jpreport.document.blocks import ChartBlock, Prose, TableBlock, TextBlock
from jpreport.document.html_tables import cut_table, table_from_pandoc
from jpreport.document.markdown import (
    Node,
    Resolver,
    figure_span,
    plain_text,
    prose_value,
)
from jpreport.document.markdown_text import MarkdownText
from jpreport.document.myst import read_markdown
from jpreport.document.sources import SourceBook
from jpreport.errors import Place, Problem
from jpreport.forms.cell_options import CellOptions
from jpreport.forms.mime import CHART, FIGURE, TABLE
from jpreport.forms.tables import Table

OutputBlock = Prose | TableBlock | ChartBlock | TextBlock

_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# What drawing returns, shown when it ends a cell: "<Axes: >", "[<...Line2D at 0x7f>]".
_OBJECT = re.compile(r"[\[(]?<.*>[\])]?", re.DOTALL)
_ADDRESS = re.compile(r"<[^<>]* at 0x[0-9a-f]+>")
_FILE_NAME = re.compile(r"\S+\.(png|svg|jpe?g|gif|pdf)", re.IGNORECASE)
# How Python writes values that have words of their own.
_REPR = re.compile(
    r"<[\w.]+ object>|\b(?:np|numpy|datetime|pd|pandas|decimal)\.\w+\((?=[\d'\"-])"
    r"|\b(?:Timestamp|Decimal|Timedelta)\('"
)
_NO_OUTPUT = "show a table, a chart (SVG, PNG, JPEG) or text instead, or tag the cell `hide`"
# What pandoc leaves out of HTML without a word.
_LOST = re.compile(
    r"<(script|iframe|canvas|video|audio|object|embed|input|select|textarea|math)\b", re.IGNORECASE
)
_SHEETS = re.compile(r"<style\b.*?</style\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_HTML = "show a picture (SVG, PNG or JPEG) or a table instead, or tag the cell `hide`"
_CUT = "show fewer rows, such as frame.head(20); `import jpreport.notebook` shows others whole"
# A formula that code shows: what LaTeX says beside formulas is no part of a report.
_FORMULA = re.compile(
    r"\$\$?(?:\\displaystyle\s)?\s*(?P<tex>[^$]+?)\s*\$\$?|\\begin\{(\w+\*?)\}.*\\end\{\2\}",
    re.DOTALL,
)

# What one cell may show; more than that nobody reads, and setting it takes minutes.
MOST_TEXT, MOST_LINES, MOST_CELLS = 200_000, 2_000, 20_000
_MOST_MARKUP = 4_000_000


@dataclass(slots=True)
class CellOutputs:
    """Reads the outputs of one cell; `parsed` holds the pandoc blocks of those that are markup."""

    where: Place
    options: CellOptions
    parsed: Mapping[int, Sequence[Node]]
    book: SourceBook = field(default_factory=SourceBook)
    figures: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def _problem(self, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.where, message, hint))

    def _chart(self, data: Mapping[str, Any]) -> list[OutputBlock]:
        chart = data.get(CHART, {})
        media_type = next((name for name in _PICTURES if name in data), "")
        if not media_type:
            self._problem("a chart without a picture", "run the notebook with jpreport")
            return []
        text = _text(data[media_type])
        try:
            svg = media_type == "image/svg+xml"
            image = text.encode() if svg else _raster(base64.b64decode(text, validate=False))
        except (ValueError, OSError):
            self._problem("the picture cannot be read", "run the cell again")
            return []
        alt = self.options.alt or " ".join(str(chart.get("alt") or "").split())
        hint = "say what it shows in a line `#| alt: ...` at the top of the cell"
        if not alt:
            self._problem("a chart without alternative text", hint)
        elif _FILE_NAME.fullmatch(alt):
            self._problem(f'the alternative text "{alt}" is a file name', hint)
        table = self._table(chart["table"]) if chart.get("table") else None
        links = self.book.links(table, chart.get("figures", ()), self.where) if table else {}
        return [ChartBlock(media_type, image, alt, table, links=links)]

    def _table(self, value: Mapping[str, Any]) -> Table | None:
        try:
            table = Table.from_json(value)
        except (ValueError, KeyError, TypeError) as error:
            self._problem(f"the table cannot be read: {error}", "run the notebook again")
            return None
        self.figures += [cell.figure for row in table.rows for cell in row.cells if cell.figure]
        return table

    def _html(self, text: str, blocks: Sequence[Node]) -> list[OutputBlock]:
        """Return the tables of an HTML output and what stands around them, in their order."""
        if lost := _LOST.search(text):
            self._problem(
                f"an HTML output holds <{lost[1].lower()}>, which cannot be printed", _HTML
            )
            return []
        found: list[OutputBlock] = []
        nodes = list(_flat(blocks))
        for node, following in zip(nodes, [*nodes[1:], None], strict=False):
            if node["t"] != "Table":
                found += self._prose([node])
                continue
            if cut_table(node, plain_text(following) if following else ""):
                self._problem("the table is cut: pandas left a part of it out", _CUT)
            titles, table = table_from_pandoc(node)
            heads = [{"t": "Strong", "c": [{"t": "Str", "c": title}]} for title in titles]
            found += [Prose(({"t": "Para", "c": [head]},)) for head in heads]
            found.append(TableBlock(table))
        return found

    def _prose(self, nodes: Sequence[Node]) -> list[OutputBlock]:
        resolver = Resolver(self.where, MarkdownText(), {})
        resolved = resolver.resolve(list(nodes))
        self.problems += resolver.problems
        return [Prose(tuple(resolved))] if plain_text(resolved).strip() else []

    def _markdown(self, data: Mapping[str, Any], blocks: Sequence[Node]) -> list[OutputBlock]:
        # What code shows has no values of its own.
        text = read_markdown(_markup(data)[1])
        resolver = Resolver(self.where, text, {}, self.book.add)
        prose = Prose(tuple(resolver.resolve(list(blocks))))
        self.problems += resolver.problems
        return [prose]

    def _figure(self, data: Mapping[str, Any]) -> list[OutputBlock]:
        text, figure = prose_value(data)
        if figure:
            self.figures.append(str(figure.get("id")))
            inline = figure_span(text, figure, self.book.add(figure, self.where))
        else:
            inline = {"t": "Str", "c": text}
        return [Prose(({"t": "Para", "c": [inline]},))]

    def _plain(self, data: Mapping[str, Any]) -> list[OutputBlock]:
        text = _text(data.get("text/plain", "")).strip()
        if text and set(data) == {"text/plain"}:
            return [TextBlock(text)] if text != "None" else []
        kinds = ", ".join(sorted(set(data) - {"text/plain"})) or "nothing"
        self._problem(f"an output that cannot be printed ({kinds})", _NO_OUTPUT)
        return []

    def _bundle(  # noqa: PLR0911 (one for each form)
        self, position: int, data: Mapping[str, Any]
    ) -> list[OutputBlock]:
        if TABLE in data:
            table = self._table(data[TABLE])
            if table is None:
                return []
            records = data[TABLE].get("figures", ())
            return [TableBlock(table, links=self.book.links(table, records, self.where))]
        if CHART in data or any(name in data for name in _PICTURES):
            return self._chart(data)
        if FIGURE in data:
            return self._figure(data)
        kind, text = _markup(data)
        if len(text) > _MOST_MARKUP:
            self._problem(
                f"an output of {len(text):,} characters", f"the limit is {_MOST_MARKUP:,}"
            )
            return []
        if position in self.parsed:
            blocks = self.parsed[position]
            return self._html(text, blocks) if kind == "html" else self._markdown(data, blocks)
        return self._plain(data)

    def read(self, outputs: Sequence[Mapping[str, Any]]) -> list[OutputBlock]:
        """Return the blocks that the outputs make, the cell's options not yet applied."""
        blocks: list[OutputBlock] = []
        for position, output in enumerate(outputs):
            match output["output_type"]:
                case "error":
                    name, value = output.get("ename", ""), output.get("evalue", "")
                    self._problem(f"the cell raised {name}: {value}", "mend it and run again")
                case "stream" if output.get("name") == "stdout":
                    text = _ANSI.sub("", _text(output["text"])).rstrip()
                    if blocks and text and isinstance(blocks[-1], TextBlock):
                        blocks[-1] = TextBlock(f"{blocks[-1].text}\n{text}")
                    elif text.strip():
                        blocks.append(TextBlock(text))
                case "display_data" | "execute_result":
                    blocks += self._bundle(position, output.get("data", {}))
                case _:
                    pass  # stderr: warnings and progress are for the author
        if any(isinstance(block, ChartBlock) for block in blocks):
            blocks = [
                b for b in blocks if not (isinstance(b, TextBlock) and _OBJECT.fullmatch(b.text))
            ]
        for block in blocks:
            self._check(block)
        return blocks

    def _check(self, block: OutputBlock) -> None:
        """Tell what nobody reads: an output without end, Python's own names of its objects."""
        match block:
            case TextBlock(text):
                if len(text) > MOST_TEXT or text.count("\n") >= MOST_LINES:
                    size = f"{len(text):,} characters, {text.count(chr(10)) + 1:,} lines"
                    limit = f"the limit is {MOST_TEXT:,} characters and {MOST_LINES:,} lines"
                    self._problem(f"the cell prints {size}", f"{limit}: show a table or less")
                elif match := _ADDRESS.search(text):
                    hint = "its address changes with every run; end the line with a semicolon"
                    self._problem(f"the output names an object in memory, {match[0]}", hint)
                elif match := _REPR.search(text):
                    hint = "print the words that a reader should see, or show a table"
                    self._problem(f"the output shows Python's own notation, {match[0]}", hint)
            case TableBlock(table) if len(table.rows) * len(table.columns) > MOST_CELLS:
                size = f"{len(table.rows):,} rows of {len(table.columns)} columns"
                self._problem(f"a table of {size}", f"the limit is {MOST_CELLS:,} cells")


def _raster(image: bytes) -> bytes:
    """Return a PNG or JPEG that every page can show; raises OSError for what is no picture.

    Colours for the press (CMYK) become those of a screen, as PDF/A asks for a profile of the press.
    """
    from PIL import Image

    with Image.open(io.BytesIO(image), formats=("PNG", "JPEG")) as picture:
        if picture.mode != "CMYK":
            return image
        out = io.BytesIO()
        picture.convert("RGB").save(out, "JPEG", quality=92)
        return out.getvalue()


def _text(value: Any) -> str:  # noqa: ANN401 - notebooks hold a text or its lines
    return value if isinstance(value, str) else "".join(value)


def _markup(data: Mapping[str, Any]) -> tuple[str, str]:
    """Return (format, text) of what pandoc reads of an output, empty where it is no markup."""
    if any(name in data for name in (TABLE, CHART, FIGURE, *_PICTURES)):
        return "", ""
    if "text/html" in data:
        return "html", _SHEETS.sub("", _text(data["text/html"]))
    if "text/markdown" in data:
        return "markdown", _text(data["text/markdown"])
    if formula := _FORMULA.fullmatch(_text(data.get("text/latex", "")).strip()):
        return "markdown", f"$$\n{formula['tex']}\n$$" if formula["tex"] else formula[0]
    return "", ""


def markup_outputs(outputs: Sequence[Mapping[str, Any]]) -> dict[int, tuple[str, str]]:
    """Return (format, text) of the outputs that pandoc has to read, by their position.

    What is too long for a report is not read; `CellOutputs` refuses it.
    """
    found = {place: _markup(output.get("data", {})) for place, output in enumerate(outputs)}
    return {place: one for place, one in found.items() if one[0] and len(one[1]) <= _MOST_MARKUP}


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield blocks without the divisions around them; a heading is a line in bold type."""
    for node in nodes:
        if node["t"] == "Div":
            yield from _flat(node["c"][1])
        elif node["t"] == "Header":
            yield {"t": "Para", "c": [{"t": "Strong", "c": node["c"][2]}]}
        elif node["t"] == "Plain":
            yield {**node, "t": "Para"}
        elif node["t"] == "BlockQuote" and any(one["t"] == "Table" for one in node["c"]):
            yield from _flat(node["c"])
        else:
            yield node
