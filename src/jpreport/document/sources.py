"""Where the quoted figures come from: their records collected, the places that quote them found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jpreport.document.blocks import (
    Block,
    CellLinks,
    ChartBlock,
    FigureLink,
    FigureSource,
    Kind,
    Prose,
    Quote,
    TableBlock,
)
from jpreport.document.markdown import Node, plain_text
from jpreport.errors import NOWHERE, Place, Problem
from jpreport.figures import FigureKey, FigureRecord
from jpreport.forms.tables import Table
from jpreport.language import current

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST_NAME = 60


def section(number: str) -> str:
    """Return what a section is called by its number, as in a reference."""
    return current().say("Section {number}", number=number)


def numbered(block: TableBlock | ChartBlock) -> str:
    """Return what a captioned table or chart is called, as in a reference."""
    if isinstance(block, TableBlock):
        return current().say("Table {number}", number=block.number)
    return current().say("Chart {number}", number=block.number)


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and its place in the notebook; `output` where a code cell shows it.

    `quoted` are (key, text) of the figures that its caption quotes.
    """

    where: Place
    block: Block
    output: bool = False
    quoted: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class SourceBook:
    """The figures of a document by id and period, as far as they are known.

    Until `place` gives them their names, everything names them so.
    """

    known: dict[str, FigureRecord] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, value: Mapping[str, Any], where: Place) -> str:
        """Take in a record of a notebook; return its id with its period, "" for no record."""
        try:
            record = FigureRecord.from_json(value)
        except ValueError as error:
            message = f"the figure {value.get('id')!r} cannot be read: {error}"
            self.problems.append(Problem(where, message, "run the notebook again"))
            return ""
        return self._keep(record, where)

    def _keep(self, record: FigureRecord, where: Place) -> str:
        for parent in record.parents:
            self._keep(parent, where)
        key = str(record.dated)
        other = self.known.setdefault(key, record.alone)
        if (other.value, other.text) != (record.value, record.text):
            message = f'figure {record.id} is "{other.text}" elsewhere and "{record.text}" here'
            hint = "one indicator has one value for one period: quote the same figure"
            self.problems.append(Problem(where, message, hint))
        return key

    def links(self, table: Table, records: Iterable[Mapping[str, Any]], where: Place) -> CellLinks:
        """Return the cells that show a figure; `records` are those of the table's figures.

        Row headers name a figure and do not show it. An id alone that two of the records have,
        each for another period, does not tell which of them a cell shows.
        """
        keys: dict[str, set[str]] = {}
        for record in records:
            if key := self.add(record, where):
                for name in (key, self.known[key].id):
                    keys.setdefault(name, set()).add(key)
        found = {}
        for y, row in enumerate(table.rows):
            for x, cell in enumerate(row.cells):
                own = keys.get(cell.figure or "", set())
                if row.role != "section" and x >= table.stub and len(own) == 1:
                    found[y, x] = FigureLink(*own)
        return found

    def place(self, blocks: Iterable[Placed]) -> tuple[tuple[Block, ...], tuple[FigureSource, ...]]:
        """Return the blocks with their figures linked, and the figures that they quote.

        With a quoted figure comes what it is made from and what it is a part of.
        """
        order = _order(self.known)
        names = _names({key: self.known[key] for key in sorted(self.known, key=order.__getitem__)})
        placer = _Placer(names)
        linked = tuple(map(placer.place, blocks))
        kept: dict[str, FigureSource] = {}
        waiting = list(placer.quotes)
        while waiting:
            key = waiting.pop()
            record = self.known.get(key)
            if record is not None and key not in kept:
                terms, whole = [*map(str, record.terms)], str(record.dated.whole)
                whole = whole if record.key.part else ""
                kept[key] = FigureSource(
                    record,
                    names[key],
                    tuple(names.get(one, "") for one in terms),
                    names.get(whole, ""),
                    tuple(placer.quotes.get(key, ())),
                )
                waiting += [*terms, whole]
        return linked, tuple(kept[key] for key in sorted(kept, key=order.__getitem__))


def _order(records: Mapping[str, FigureRecord]) -> dict[str, tuple[Any, ...]]:
    """Return what sorts figures: 1.10 behind 1.9, one by period, parts as they are met."""
    order: dict[str, tuple[Any, ...]] = {}
    for place, (key, record) in enumerate(records.items()):
        base, inside = record.key.order
        # The whole programme comes before the years.
        period = (record.period.start, -record.period.end.toordinal())
        order[key] = (base, period, inside, place)
    return order


def _names(records: Mapping[str, FigureRecord]) -> dict[str, str]:
    """Return a name for each figure: that of its id, with a number where it is taken."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key, record in records.items():
        slug = _NOT_IN_A_NAME.sub("-", record.id)[:_LONGEST_NAME].strip("-")
        name, count = f"jp-figure-{slug}", 1
        while name in taken:
            count += 1
            name = f"jp-figure-{slug}-{count}"
        taken.add(name)
        names[key] = name
    return names


def shown_figures(chart: ChartBlock) -> list[tuple[str, FigureLink]]:
    """Return what a chart shows: the id of each indicator, and the link of its first figure.

    The parts of an indicator are one item; each has a link of its own in the chart's data.
    """
    found: dict[str, FigureLink] = {}
    for at, link in chart.links.items():
        found.setdefault(_item(chart, at), link)
    return list(found.items())


def _item(chart: ChartBlock, at: tuple[int, int]) -> str:
    """Return what a cell of a chart's data is a part of: its figure's id without the parts.

    What is computed of one indicator's parts alone is that indicator.
    """
    y, x = at
    name = (chart.data.rows[y].cells[x].figure if chart.data else None) or ""
    key = FigureKey.parse(name)
    return key.indicators[0] if len(key.indicators) == 1 else str(key.bare)


class _Placer:
    """Links figures in the order of the document; `quotes` are their places by key."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.quotes: dict[str, list[Quote]] = {}
        self.count = 0
        self.section = current().say("the opening")
        self.placed = Placed(NOWHERE, Prose(()))
        self.context = ""

    def _quote(self, key: str, place: str, text: str, name: str = "") -> FigureLink:
        """Return the link to a figure; the first from a place has a name to come back to."""
        quotes = self.quotes.setdefault(key, [])
        if any(quote.place == place for quote in quotes):
            name = ""
        elif not name:
            name = self._next()
            self.count += 1
        quotes.append(Quote(place, self._cell_number, self._kind, text, name, self.context))
        return FigureLink(self.names[key], name)

    @property
    def _cell_number(self) -> int:
        return int(self.placed.where.get("cell") or 0)

    @property
    def _kind(self) -> Kind:
        match self.placed.block:
            case TableBlock():
                return "table"
            case ChartBlock():
                return "chart"
            case _:
                return "output" if self.placed.output else "prose"

    def _next(self, further: int = 0) -> str:
        return f"jp-quote-{self.count + further + 1}"

    def place(self, placed: Placed) -> Block:
        self.placed = placed
        match placed.block:
            case Prose() as block:
                return Prose(tuple(map(self._prose, block.blocks)))
            case TableBlock() as block:
                words = self._words(block)
                self._caption(block, words)
                links = {
                    at: self._cell(block.table, at, link.to, words)
                    for at, link in block.links.items()
                }
                return replace(block, links=links)
            case ChartBlock() as block:
                words = self._words(block)
                self._caption(block, words)
                data = block.data
                if data is None:
                    return block
                names: dict[str, str] = {}
                links = {}
                for at, link in block.links.items():
                    name = names.setdefault(_item(block, at), self._next(len(names)))
                    links[at] = FigureLink(self._cell(data, at, link.to, words, name).to, name)
                self.count += len(names)
                return replace(block, links=links)
            case block:
                return block

    def _words(self, block: TableBlock | ChartBlock) -> str:
        if block.number:
            return numbered(block)
        if isinstance(block, TableBlock):
            return current().say("a table in {section}", section=self.section)
        return current().say("a chart in {section}", section=self.section)

    def _caption(self, block: TableBlock | ChartBlock, words: str) -> None:
        """Quote the figures of a caption; words that are listed elsewhere lead nowhere."""
        if block.caption:
            for key, text in self.placed.quoted:
                quote = Quote(words, self._cell_number, self._kind, text, "", block.caption)
                self.quotes.setdefault(key, []).append(quote)

    def _cell(
        self, table: Table, at: tuple[int, int], key: str, words: str, name: str = ""
    ) -> FigureLink:
        cells = table.rows[at[0]].cells
        self.context = " ".join(cell.text for cell in cells)
        return self._quote(key, words, cells[at[1]].text, name)

    def _prose(self, node: Node) -> Node:
        self.context = plain_text(node)
        if node["t"] != "Header":
            linked: Node = self._linked(node, self._span)
            return linked
        _, (label, _, keys), inlines = node["c"]
        number = dict(keys).get("data-number")
        self.section = section(number) if number else " ".join(plain_text(inlines).split())
        for span in _spans(inlines):
            self._quote(_key(span), self.section, plain_text(span), label)
        heading: Node = self._linked(node, _plain)
        return heading

    def _span(self, node: Node) -> Node:
        (_, classes, keys), inlines = node["c"]
        link = self._quote(_key(node), self.section, plain_text(inlines))
        own = [["data-figure", dict(keys)["data-figure"]], ["data-source", link.to]]
        return {"t": "Span", "c": [[link.name, classes, own], inlines]}

    def _span_in_link(self, node: Node) -> Node:
        """Quote a figure that leads nowhere itself; its entry says where it stands."""
        text = plain_text(node["c"][1])
        self.quotes.setdefault(_key(node), []).append(
            Quote(self.section, self._cell_number, self._kind, text, "", self.context)
        )
        return _plain(node)

    def _linked(self, value: Any, change: Callable[[Node], Node], *, within: str = "") -> Any:  # noqa: ANN401
        """Return a part of a tree with its figures changed; in a link there is no other link.

        `within` is the kind of the node around it whose words are the context.
        """
        if isinstance(value, list):
            return [self._linked(item, change, within=within) for item in value]
        if not isinstance(value, dict) or "t" not in value:
            return value
        if _is_quoted(value):
            return change(value)
        if "c" not in value:
            return value
        kind, around = value["t"], self.context
        # A cell of a table says little: the table is what stands around it.
        if kind in {"Para", "Plain", "Table"} and within != "Table":
            self.context, within = plain_text(value), kind
        inside = self._span_in_link if kind == "Link" and change == self._span else change
        linked = {**value, "c": self._linked(value["c"], inside, within=within)}
        self.context = around
        return linked


def _plain(node: Node) -> Node:
    """Return a figure without its link."""
    (_, classes, keys), inlines = node["c"]
    return {
        "t": "Span",
        "c": [["", classes, [pair for pair in keys if pair[0] != "data-source"]], inlines],
    }


def _is_quoted(node: Node) -> bool:
    return node["t"] == "Span" and any(key == "data-source" for key, _ in node["c"][0][2])


def _key(span: Node) -> str:
    return str(dict(span["c"][0][2])["data-source"])


def _spans(value: Any) -> Iterator[Node]:  # noqa: ANN401 - any part of a pandoc tree
    """Yield the figures in a part of a tree."""
    if isinstance(value, list):
        for item in value:
            yield from _spans(item)
    elif isinstance(value, dict) and "t" in value:
        if _is_quoted(value):
            yield value
        else:
            yield from _spans(value.get("c"))
