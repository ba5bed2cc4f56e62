"""An executed notebook to a document: every block, label and value checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jpreport.document.blocks import (
    Block,
    ChartBlock,
    CodeBlock,
    Document,
    Prose,
    TableBlock,
)
from jpreport.document.cover import FrontMatter
from jpreport.document.formulas import Formula, set_formulas
from jpreport.document.markdown import Node, Resolver, map_nodes, plain_text
from jpreport.document.myst import read_caption, read_markdown
from jpreport.document.outputs import CellOutputs, markup_outputs
from jpreport.document.pandoc import MARKDOWN, read_all
from jpreport.document.parameters import assigned
from jpreport.document.quotes import results_of
from jpreport.document.sources import Placed, SourceBook, numbered, section
from jpreport.errors import NOWHERE, ExportError, Place, Problem, did_you_mean
from jpreport.forms.cell_options import CellOptions, is_hidden, read_options
from jpreport.forms.mime import FRONT_MATTER, MADE_FROM
from jpreport.language import Terms, Wording, current, speaking

# Footnotes of pandoc, and the parts of a page.
_RESERVED = re.compile(r"(fn|fnref)\d+|jp-.*")


@dataclass(slots=True)
class Reading:
    """A notebook as far as it is read; problems are collected, never raised one by one.

    `titled` is the cell that holds the title.
    """

    language: str
    front: FrontMatter
    title: str = ""
    titled: Place = NOWHERE
    level: int = 0
    blocks: list[Placed] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)  # label -> the words of a reference
    counts: dict[str, int] = field(default_factory=dict)
    sections: list[int] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    book: SourceBook = field(default_factory=SourceBook)
    parameters: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, where: Place, message: str, hint: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(where, message, hint))

    def label(self, where: Place, label: str, words: str) -> None:
        """Take in a label, with the words of a reference to it."""
        if label in self.labels:
            self.problem(where, f'the label "{label}" is used twice', "give each its own")
        if _RESERVED.fullmatch(label):
            self.problem(where, f'the label "{label}" is one that the exporters give themselves')
        self.labels[label] = words

    def markdown(self, where: Place, cell: Mapping[str, Any], blocks: list[Node]) -> None:
        """Take in a Markdown cell: its values put in place, its headings counted."""
        text = read_markdown(str(cell["source"]))
        resolver = Resolver(where, text, results_of(cell), self.book.add)
        resolved = resolver.resolve(blocks)
        self.problems += resolver.problems
        self.figures += resolver.figures
        body = [self._heading(where, b) if b["t"] == "Header" else b for b in resolved]
        kept = tuple(block for block in body if block is not None)
        if kept:
            self.blocks.append(Placed(where, Prose(kept)))

    def _heading(self, where: Place, node: Node) -> Node | None:
        """Return a heading, one level up, or None for the title."""
        level, (label, classes, _), inlines = node["c"]
        words = " ".join(plain_text(inlines).split())
        if level == 1 and not self.title:
            self.title, self.titled = words, where
            if not words:
                self.problem(where, "the title is empty")
            return None
        if level == 1:
            self.problem(where, f'a second title, "{words}"', "sections start with ##")
            return None
        if level > self.level + 1 and level != 2:  # noqa: PLR2004 - sections are ##
            above = "#" * max(self.level + 1, 2)
            self.problem(
                where, f'"{"#" * level} {words}" skips a level', f"the next level is {above}"
            )
        self.level = level
        keys = []
        if "unnumbered" not in classes:
            self.sections = [*self.sections, *[0] * level][: level - 1]
            self.sections[-1] += 1
            keys = [["data-number", ".".join(map(str, self.sections))]]
        if label:
            number = section(keys[0][1]) if keys else words
            self.label(where, label, number)
        return {"t": "Header", "c": [level - 1, [label, classes, keys], inlines]}

    def code(self, where: Place, cell: Mapping[str, Any], parsed: Mapping[int, list[Node]]) -> None:
        """Take in a code cell: its source where it is to be seen, and its outputs."""
        options, problems = read_options(cell, where)
        where = where.labelled(options.label)
        self.problems += problems
        if _tags(cell) & {"parameters", "injected-parameters"}:
            self.parameters |= assigned(str(cell["source"]))
        if options.code and options.source:
            shown = CodeBlock(options.source, self.language)
            self.blocks.append(Placed(where, shown))
        options, quoted = self._worded(where, cell, options)
        reader = CellOutputs(where, options, parsed, self.book)
        blocks = reader.read(cell.get("outputs", ()) if options.output else ())
        self.problems += reader.problems
        self.figures += reader.figures
        self.blocks += [
            Placed(where, block, output=True, quoted=quoted)
            for block in self._captioned(where, blocks, options)
        ]

    def _worded(
        self, where: Place, cell: Mapping[str, Any], options: CellOptions
    ) -> tuple[CellOptions, tuple[tuple[str, str], ...]]:
        """Return a cell's options, values in place, and (figure, text) of those in its caption."""
        texts: list[str] = []
        quoted: tuple[tuple[str, str], ...] = ()
        for text in (options.alt, options.caption):
            resolver = Resolver(where, read_caption(text), results_of(cell), self.book.add)
            words, quoted = resolver.words()
            texts.append(words)
            self.problems += resolver.problems
            self.figures += resolver.figures
        alt, caption = texts
        if options.credit:
            said = current().say("Photograph: {credit}", credit=options.credit)
            caption = f"{caption.rstrip('.')}. {said}"
        return replace(options, alt=alt, caption=caption), quoted

    def _captioned(self, where: Place, blocks: list[Any], options: CellOptions) -> Iterator[Block]:
        """Give a cell's table or chart its label, caption and number."""
        floats = [block for block in blocks if isinstance(block, (TableBlock, ChartBlock))]
        if options.label and not options.caption:
            self.problem(where, "a label without a caption", "add a line `#| caption: ...`")
        if (options.label or options.caption) and not floats:
            self.problem(where, "a caption, but no table or chart", "let the cell end with one")
        if (options.label or options.caption) and len(floats) > 1:
            hint = "give each a cell of its own"
            self.problem(where, f"one caption for {len(floats)} tables or charts", hint)
        for block in blocks:
            if options.caption and floats and block is floats[0]:
                kind = type(block).__name__
                number = self.counts[kind] = self.counts.get(kind, 0) + 1
                named = replace(block, label=options.label, caption=options.caption, number=number)
                if options.label:
                    self.label(where, options.label, numbered(named))
                yield named
            else:
                yield block

    def link(self, placed: Placed) -> Placed:
        """Return a block with the words of every reference."""
        if not isinstance(placed.block, Prose):
            return placed

        def change(node: Node) -> Node:
            if node["t"] != "Link" or not node["c"][2][0].startswith("#"):
                return node
            attributes, inlines, (address, title) = node["c"]
            label = address[1:]
            if label not in self.labels:
                hint = did_you_mean(label, self.labels) or "label a cell with `#| label: ...`"
                self.problem(placed.where, f'a reference to "{label}", which is not there', hint)
            words = inlines or [{"t": "Str", "c": self.labels.get(label, label)}]
            classes = [*attributes[1], "reference"]
            return {"t": "Link", "c": [["", classes, []], words, [address, title]]}

        return replace(placed, block=Prose(tuple(map_nodes(list(placed.block.blocks), change))))

    def name_headings(self) -> None:
        """Give every heading without an id one made from its words, unlike any other."""
        for position, placed in enumerate(self.blocks):
            if isinstance(placed.block, Prose):
                named = tuple(map(self._named, placed.block.blocks))
                self.blocks[position] = replace(placed, block=Prose(named))

    def _named(self, node: Node) -> Node:
        if node["t"] != "Header" or node["c"][1][0]:
            return node
        level, (_, classes, keys), inlines = node["c"]
        letters = (c if c.isalnum() else "-" for c in plain_text(inlines).lower())
        slug = "-".join(filter(None, "".join(letters).split("-"))) or "section"
        # Never an id of a footnote (fn1, fnref1) or a bare number.
        slug = slug if slug[0].isalpha() and not slug.startswith("fn") else f"section-{slug}"
        name, count = slug, 1
        while name in self.labels:
            count += 1
            name = f"{slug}-{count}"
        words = section(keys[0][1]) if keys else plain_text(inlines)
        self.labels[name] = words
        return {"t": "Header", "c": [level, [name, classes, keys], inlines]}


def _tags(cell: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(cell["metadata"].get("tags", ()))


def _language(metadata: Mapping[str, Any]) -> str:
    info = metadata.get("language_info") or {}
    return str(info.get("name") or metadata.get("kernelspec", {}).get("language") or "python")


def _parse(
    cells: Sequence[tuple[Place, Mapping[str, Any]]],
) -> tuple[dict[Place, dict[int, list[Node]]], list[Problem]]:
    """Return the pandoc blocks of every cell by its place and output; 0 is a Markdown cell's own.

    Everything that is markup is read at one go: a process costs more than a text.
    """
    sources: dict[tuple[Place, int], tuple[str, str]] = {}
    formulas: list[Formula] = []
    problems: list[Problem] = []
    for where, cell in cells:
        if cell["cell_type"] == "markdown":
            found = {0: ("markdown", str(cell["source"]))}
        else:
            found = markup_outputs(cell.get("outputs", ()))
        for position, (kind, text) in found.items():
            if kind == "markdown":
                read = read_markdown(text)
                sources[where, position] = (MARKDOWN, read.pandoc)
                problems += read.problems(where)
                formulas += read.formulas
            else:
                sources[where, position] = (kind, text)
    set_formulas(formulas)
    parsed: dict[Place, dict[int, list[Node]]] = {}
    for (where, position), blocks in zip(sources, read_all(sources.values()), strict=True):
        parsed.setdefault(where, {})[position] = blocks
    return parsed, problems


def _front(metadata: Mapping[str, Any]) -> tuple[FrontMatter, list[Problem]]:
    if FRONT_MATTER not in metadata:
        return FrontMatter(), []
    try:
        return FrontMatter.from_json(metadata[FRONT_MATTER]), []
    except (ValueError, KeyError, TypeError) as error:
        where = NOWHERE.at(f'metadata "{FRONT_MATTER}"')
        hint = "run the notebook with jpreport"
        return FrontMatter(), [Problem(where, f"cannot be read: {error}", hint)]


def named_cells(nb: Any) -> Iterator[tuple[Place, Any]]:  # noqa: ANN401
    """Yield cells with their places; the one with the parameters' values is the engine's own."""
    number = 0
    for cell in nb.cells:
        own = "injected-parameters" in _tags(cell)
        number += not own
        yield NOWHERE.at("the parameters' values") if own else NOWHERE.at(cell=number), cell


def read_notebook(nb: Any, terms: Terms | None = None) -> Reading:  # noqa: ANN401 - untyped
    """Return what can be read of a notebook, run or not, with every problem.

    A problem's `where` is the cell's number (from 1, as its author counts) and label. `terms` are
    the programme's words in the language that its front matter names.
    """
    front, faults = _front(nb.metadata)
    cells = [
        (where, cell)
        for where, cell in named_cells(nb)
        if cell["cell_type"] != "raw" and not is_hidden(cell)
    ]
    reader = Reading(_language(nb.metadata), front, problems=faults)
    with speaking(Wording(front.language, terms or {})):
        _read(cells, reader)
    return reader


def _read(cells: Sequence[tuple[Place, Mapping[str, Any]]], reader: Reading) -> None:
    parsed, more = _parse(cells)
    reader.problems += more
    for where, cell in cells:
        if cell["cell_type"] == "markdown":
            reader.markdown(where, cell, parsed[where][0])
        else:
            reader.code(where, cell, parsed.get(where, {}))
    if not reader.title:
        reader.problem(NOWHERE, "the report has no title", "start its first cell with `# Title`")
    reader.name_headings()
    reader.blocks = [*map(reader.link, reader.blocks)]


def read_document(nb: Any, terms: Terms | None = None) -> Document:  # noqa: ANN401 - untyped
    """Return an executed notebook as a document; raises ExportError with every problem.

    `terms` are as in `read_notebook`.
    """
    read = read_notebook(nb, terms)
    with speaking(Wording(read.front.language, terms or {})):
        placed, sources = read.book.place(read.blocks)
    if problems := [*read.problems, *read.book.problems]:
        raise ExportError(problems)
    made_from = nb.metadata.get(MADE_FROM, {})
    return Document(
        read.title,
        read.front,
        placed,
        len(set(read.figures)),
        sources,
        read.parameters,
        made_from,
        tuple(one.where for one in read.blocks),
        terms or {},
    )
