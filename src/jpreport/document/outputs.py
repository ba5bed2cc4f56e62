"""The outputs of one code cell to blocks: which form is printed, and what cannot be."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jpreport.document.blocks import ChartBlock, Prose, TableBlock, TextBlock
from jpreport.document.drawings import unreadable
from jpreport.document.formulas import Formula
from jpreport.document.html_outputs import NO_OUTPUT, html_blocks
from jpreport.document.markdown import Node, Resolver, figure_span, prose_value
from jpreport.document.myst import read_markdown
from jpreport.document.sources import SourceBook
from jpreport.errors import Place, Problem
from jpreport.forms.cell_options import CellOptions
from jpreport.forms.mime import CHART, FIGURE, TABLE
from jpreport.forms.tables import Table

OutputBlock = Prose | TableBlock | ChartBlock | TextBlock

_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_CONVERTED = ("image/webp", "image/gif")  # what no PDF holds, set as PNG
_MOST_LINES, _MOST_LETTERS = 1_000, 100_000  # that a cell may print
_MOST_WORD = 2_000  # characters: less than a page, which the word would run off
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# What drawing returns, shown when it ends a cell: "<Axes: >", "[<...Line2D at 0x7f>]".
_OBJECT = re.compile(r"[\[(]?<.*>[\])]?", re.DOTALL)
_ADDRESS = re.compile(r"<[^<>]* at 0x[0-9a-f]+>")
# How Python writes values that have words of their own.
_REPR = re.compile(
    r"\b(?:np|numpy|datetime|pd|pandas|decimal)\.\w+\((?=[\d'\"-])|<[\w.]+ object>"
    r"|\b(?:Timestamp|Decimal|Timedelta)\('|^b'.*'$|^(?:Name: .*, )?(?:Length: \d+, )?dtype: \w+$"
    r"|\b(?:array|\w*Index|Counter|OrderedDict|defaultdict|dict_\w+|dtype|\w+Path|UUID|Period)"
    r"\((?=[\[{'\"<])",
    re.MULTILINE,
)
_CUT = re.compile(r"^\[(\d+ rows x \d+ columns)\]$", re.MULTILINE)  # as pandas prints it
_FILE_NAME = re.compile(r"\S+\.(png|svg|jpe?g|gif|pdf)", re.IGNORECASE)
# How to get a picture out of what draws itself in a browser, by a part of its media type.
_STILL = {
    "plotly": "install the package kaleido, and Chrome or Chromium, which draw it as a picture",
    "vega": "install the package vl-convert-python, which draws it as a picture",
    "widget": "a report holds no widgets: show what it says as a table, a chart or text",
}
_MARKUP = {"text/html": "html", "text/markdown": "markdown"}
_MOST_MARKUP = 4_000_000
# What pandoc leaves out of HTML without a word.
_LOST = re.compile(
    r"<(script|iframe|canvas|video|audio|object|embed|input|select|textarea)\b", re.IGNORECASE
)
_FORMULA = re.compile(r"\$(\$?)([^$]+)\1\$|(\\begin\{.*\})", re.DOTALL)


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
        found = (name for name in (*_PICTURES, *_CONVERTED) if name in data)
        media_type = next(found, "")
        if not media_type:
            self._problem("a chart without a picture", "run the notebook with jpreport")
            return []
        text = _text(data[media_type])
        try:
            svg = media_type == "image/svg+xml"
            image = text.encode() if svg else base64.b64decode(text, validate=False)
            if svg and (why := unreadable(text)):
                self._problem(f"the chart cannot be read: {why}")
                return []
            if not svg:
                image, media_type = _raster(image, media_type)
        except (ValueError, OSError) as error:
            # Pillow names an object in memory, whose address changes with every run.
            told = str(error) if "<" not in str(error) else f"it is no {media_type}"
            self._problem(f"the picture cannot be read: {told}", "give an SVG, PNG or JPEG")
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

    def _markdown(self, data: Mapping[str, Any], blocks: Sequence[Node]) -> list[OutputBlock]:
        # What code shows has no values of its own.
        resolver = Resolver(
            self.where, read_markdown(_text(data["text/markdown"])), {}, self.book.add
        )
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

    def _formula(self, data: Mapping[str, Any]) -> list[OutputBlock]:
        """Return a formula that code shows, such as `Math` of IPython or a term of sympy."""
        written = _FORMULA.fullmatch(_text(data["text/latex"]).strip())
        tex = (written[2] or written[3]).strip() if written else ""
        formula = Formula(tex, display=True, line=0)
        if message := formula.fault[0] if tex else "LaTeX that is no formula cannot be printed":
            self._problem(message, NO_OUTPUT)
            return []
        return [Prose(({"t": "Para", "c": [formula.node]},))]

    def _plain(self, data: Mapping[str, Any]) -> list[OutputBlock]:
        text = _text(data.get("text/plain", "")).strip()
        if set(data) == {"text/plain"} and text:
            return [TextBlock(text)] if text != "None" else []
        kinds = ", ".join(sorted(data)) or "nothing"
        still = (hint for part, hint in _STILL.items() if part in kinds)
        self._problem(f"an output that cannot be printed ({kinds})", next(still, NO_OUTPUT))
        return []

    def _bundle(self, position: int, data: Mapping[str, Any]) -> list[OutputBlock]:
        if TABLE in data:
            table = self._table(data[TABLE])
            if table is None:
                return []
            records = data[TABLE].get("figures", ())
            return [TableBlock(table, links=self.book.links(table, records, self.where))]
        if CHART in data or any(name in data for name in (*_PICTURES, *_CONVERTED)):
            return self._chart(data)
        if FIGURE in data:
            return self._figure(data)
        return self._marked_up(position, data)

    def _marked_up(self, position: int, data: Mapping[str, Any]) -> list[OutputBlock]:
        size = sum(len(_text(data.get(kind, ""))) for kind in _MARKUP)
        if size > _MOST_MARKUP:
            limit = f"a report reads at most {_MOST_MARKUP:,} of a cell: show less"
            self._problem(f"an output of {size:,} characters", limit)
            return []
        if "text/html" in data and position in self.parsed:
            if lost := _LOST.search(_text(data["text/html"])):
                self._problem(f"HTML with <{lost[1].lower()}> cannot be printed", NO_OUTPUT)
                return []
            placed, problems = html_blocks(self.where, self.parsed[position])
            self.problems += problems
            return [*placed]
        if position in self.parsed:
            return self._markdown(data, self.parsed[position])
        return self._formula(data) if "text/latex" in data else self._plain(data)

    def _printed(self, text: str) -> None:
        """Tell what of a printed text was not written for readers."""
        if match := _ADDRESS.search(text):
            hint = "its address changes with every run; end the line with a semicolon"
            self._problem(f"the output names an object in memory, {match[0]}", hint)
        elif _OBJECT.fullmatch(text) and "\n" not in text:
            self._problem(f"the output is a Python object, {text}", NO_OUTPUT)
        elif match := _CUT.search(text):
            hint = "end the cell with it, which shows it whole, or with `.head()`"
            self._problem(f"pandas has cut a frame of {match[1]}", hint)
        elif match := _REPR.search(text):
            hint = "print the words that a reader should see, or show a table"
            self._problem(f"the output shows Python's own notation, {match[0]}", hint)

    def _texts(self, blocks: list[OutputBlock]) -> list[OutputBlock]:
        """Return the blocks without what drawing returns; tell what no report prints."""
        if any(isinstance(block, ChartBlock) for block in blocks):
            blocks = [
                b for b in blocks if not (isinstance(b, TextBlock) and _OBJECT.fullmatch(b.text))
            ]
        texts = [block.text for block in blocks if isinstance(block, TextBlock)]
        for text in texts:
            self._printed(text)
        tables = (block.table for block in blocks if isinstance(block, TableBlock))
        for cell in (cell.text for one in tables for row in one.rows for cell in row.cells):
            if match := _ADDRESS.search(cell) or _REPR.search(cell):
                hint = "turn the column into texts or numbers first"
                self._problem(f"a cell of the table shows Python's own notation, {match[0]}", hint)
        lines, letters = sum(text.count("\n") + 1 for text in texts), sum(map(len, texts))
        if lines > _MOST_LINES or letters > _MOST_LETTERS:
            self._problem(
                f"the cell prints {lines:,} line{'s' if lines > 1 else ''} "
                f"with {letters:,} characters",
                f"a report prints at most {_MOST_LINES:,} lines and {_MOST_LETTERS:,} characters "
                "of a cell: show a table or a summary",
            )
        if (longest := max((len(w) for t in texts for w in t.split()), default=0)) > _MOST_WORD:
            hint = f"a report prints at most {_MOST_WORD:,} of them without a space"
            self._problem(f"the cell prints a word of {longest:,} characters", hint)
        return blocks

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
        return self._texts(blocks)


def _raster(content: bytes, media_type: str) -> tuple[bytes, str]:
    """Return a picture that every page can show, and its type; raises OSError or ValueError.

    Pictures of the web become PNG; colours for the press (CMYK) become those of a screen, since
    PDF/A asks for a profile of the press.
    """
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        if getattr(picture, "n_frames", 1) > 1:
            raise ValueError("it moves")
        if media_type not in _CONVERTED and picture.mode != "CMYK":
            return content, media_type
        png = media_type in _CONVERTED
        out = io.BytesIO()
        picture.convert("RGBA" if png else "RGB").save(out, "PNG" if png else "JPEG")
        return out.getvalue(), "image/png" if png else media_type


def _text(value: Any) -> str:  # noqa: ANN401 - notebooks hold a text or its lines
    return value if isinstance(value, str) else "".join(value)


def markup_outputs(outputs: Sequence[Mapping[str, Any]]) -> dict[int, tuple[str, str]]:
    """Return (format, text) of the outputs that pandoc has to read, by their position."""
    found: dict[int, tuple[str, str]] = {}
    for position, output in enumerate(outputs):
        data = output.get("data", {})
        if any(name in data for name in (TABLE, CHART, FIGURE, *_PICTURES, *_CONVERTED)):
            continue
        kind = next((kind for kind in _MARKUP if kind in data), "")
        if kind and len(text := _text(data[kind])) <= _MOST_MARKUP:
            found[position] = (_MARKUP[kind], text)
    return found
