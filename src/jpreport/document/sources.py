"""Where the quoted figures come from: their records collected, the places that quote them found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from jpreport.document.blocks import (
    Block,
    CellLinks,
    ChartBlock,
    FigureLink,
    FigureSource,
    Prose,
    Quote,
    TableBlock,
)
from jpreport.document.markdown import Node, plain_text
from jpreport.document.quotes import names_of
from jpreport.errors import Place, Problem
from jpreport.figures import FROM_CUBE
from jpreport.forms.tables import Table

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST_NAME = 60
# What says of which part and of which days a figure is.
_PART = re.compile(r"\[[^\]]*\]|@\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d")
_OPERATORS = re.compile(r" [-+/] |[()]")


@dataclass(slots=True)
class SourceBook:
    """The figures of a document by key, which is their id and period, as far as they are known.

    Until `place` gives them their names, everything names them by key.
    """

    known: dict[str, FigureSource] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, record: Mapping[str, Any], where: Place) -> str:
        """Take in what a notebook says of a figure; return its key, "" if that is not enough."""
        if "derivation" not in record:
            return ""
        try:
            source = self._read(record, where)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"the figure {record.get('id')!r} cannot be read: {error!r}"
            self.problems.append(Problem(where, message, "run the notebook again"))
            return ""
        other = self.known.setdefault(source.name, source)
        if (other.value, other.text) != (source.value, source.text):
            message = f'figure {source.id} is "{other.text}" elsewhere and "{source.text}" here'
            hint = "one indicator has one value for one period: quote the same figure"
            self.problems.append(Problem(where, message, hint))
        return source.name

    def _read(self, record: Mapping[str, Any], where: Place) -> FigureSource:
        origin, period = record["derivation"], record["period"]
        for day in ("start", "end"):
            date.fromisoformat(period[day])
        # The records of persons are not counted one group at a time.
        protected = origin["source"].startswith(FROM_CUBE)
        parents = tuple(self.add(one, where) for one in record.get("parents", ()))
        unknown = ("",) * (len(origin["parents"]) - len(parents))
        return FigureSource(
            name=f"{record['id']} {period['start']} {period['end']}",
            id=record["id"],
            title=record["title"],
            text=record["text"],
            unit=record["unit"],
            qualifier=record["qualifier"],
            value=record["value"],
            baseline=record["baseline"],
            target=record["target"],
            published=record["published"],
            published_text=record.get("published_text", ""),
            published_in=record["published_in"],
            reconciles=record["reconciles"],
            period_start=period["start"],
            period_end=period["end"],
            table=origin["table"],
            where=origin["where"],
            measure=origin["measure"],
            dated_by=origin["dated_by"],
            sql=origin["sql"],
            records=None if protected or origin["parents"] else origin["records"],
            file=origin["source"],
            digest=origin["digest"],
            made_from=tuple(origin["parents"]),
            parents=(*parents, *unknown),
            at=tuple((name, label) for name, label in record.get("at", ())),
        )

    def links(self, table: Table, records: Iterable[Mapping[str, Any]], where: Place) -> CellLinks:
        """Return the cells that show a figure; `records` are those of the table's figures.

        Row headers name a figure and do not show it. An id alone that two of the records have,
        each for another period, does not tell which of them a cell shows.
        """
        keys: dict[str, set[str]] = {}
        for record in records:
            key = self.add(record, where)
            for name in names_of(record) if key else ():
                keys.setdefault(name, set()).add(key)
        found = {}
        for y, row in enumerate(table.rows):
            for x, cell in enumerate(row.cells):
                own = keys.get(cell.figure or "", set())
                if row.role != "section" and x >= table.stub and len(own) == 1 and any(own):
                    found[y, x] = FigureLink(*own)
        return found

    def place(self, blocks: Iterable[Block]) -> tuple[tuple[Block, ...], tuple[FigureSource, ...]]:
        """Return the blocks with their figures linked, and the figures that they quote.

        With a quoted figure comes what it is made from and what it is a part of.
        """
        order = _order(self.known)
        names = _names(sorted(self.known.values(), key=lambda source: order[source.name]))
        placer = _Placer(names)
        linked = tuple(placer.block(block) for block in blocks)
        kept: dict[str, FigureSource] = {}
        waiting = list(placer.quotes)
        while waiting:
            key = waiting.pop()
            if key not in kept:
                source = self.known[key]
                whole = self._whole(source)
                kept[key] = replace(
                    source,
                    name=names[key],
                    parents=tuple(names.get(one, "") for one in source.parents),
                    whole=names.get(whole, ""),
                    quotes=tuple(placer.quotes.get(key, ())),
                )
                waiting += [one for one in (*source.parents, whole) if one]
        return linked, tuple(kept[key] for key in sorted(kept, key=order.__getitem__))

    def _whole(self, source: FigureSource) -> str:
        """Return the key of the figure that this one is a cell of, "" where it is not known."""
        if not source.at:
            return ""
        key = source.name.replace(source.id, source.id.partition("[")[0], 1)
        return key if key in self.known else ""


def _order(sources: Mapping[str, FigureSource]) -> dict[str, tuple[Any, ...]]:
    """Return what sorts figures, by key: 1.10 behind 1.9, one by period, parts as they are met."""
    order: dict[str, tuple[Any, ...]] = {}
    for place, (key, source) in enumerate(sources.items()):
        base = source.id.partition("[")[0]
        pieces = [int(p) if n % 2 else p for n, p in enumerate(re.split(r"(\d+)", base))]
        # The whole programme comes before the years.
        period = (source.period_start, -date.fromisoformat(source.period_end).toordinal())
        order[key] = (pieces, period, base != source.id, place)
    return order


def _names(sources: Iterable[FigureSource]) -> dict[str, str]:
    """Return a name for each figure by its key: that of its id, with a number where it is taken."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for source in sources:
        slug = _NOT_IN_A_NAME.sub("-", source.id)[:_LONGEST_NAME].strip("-")
        name, count = f"jp-figure-{slug}", 1
        while name in taken:
            count += 1
            name = f"jp-figure-{slug}-{count}"
        taken.add(name)
        names[source.name] = name
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
    name = _PART.sub("", name)
    operands = {one for one in _OPERATORS.split(name) if one}
    return operands.pop() if len(operands) == 1 else name


class _Placer:
    """Links figures in the order of the document; `quotes` are their places by key."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.quotes: dict[str, list[Quote]] = {}
        self.count = 0
        self.section = "the opening"

    def _quote(self, key: str, words: str, name: str = "") -> FigureLink:
        """Return the link to a figure; the first from a place has a name to come back to."""
        quotes = self.quotes.setdefault(key, [])
        if any(quote.words == words for quote in quotes):
            return FigureLink(self.names[key])
        if not name:
            name = self._next()
            self.count += 1
        quotes.append(Quote(name, words))
        return FigureLink(self.names[key], name)

    def _next(self, further: int = 0) -> str:
        return f"jp-quote-{self.count + further + 1}"

    def block(self, block: Block) -> Block:
        match block:
            case Prose():
                return Prose(tuple(map(self._prose, block.blocks)))
            case TableBlock():
                words = f"Table {block.number}" if block.number else f"a table in {self.section}"
                links = {at: self._quote(link.to, words) for at, link in block.links.items()}
                return replace(block, links=links)
            case ChartBlock():
                words = f"Chart {block.number}" if block.number else f"a chart in {self.section}"
                names: dict[str, str] = {}
                links = {}
                for at, link in block.links.items():
                    name = names.setdefault(_item(block, at), self._next(len(names)))
                    links[at] = FigureLink(self._quote(link.to, words, name).to, name)
                self.count += len(names)
                return replace(block, links=links)
            case _:
                return block

    def _prose(self, node: Node) -> Node:
        if node["t"] != "Header":
            linked: Node = _linked(node, self._span)
            return linked
        _, (label, _, keys), inlines = node["c"]
        number = dict(keys).get("data-number")
        self.section = f"Section {number}" if number else " ".join(plain_text(inlines).split())
        for key in _keys(inlines):
            self._quote(key, self.section, label)
        heading: Node = _linked(node, _plain)
        return heading

    def _span(self, node: Node) -> Node:
        (_, classes, keys), inlines = node["c"]
        (key,) = _keys(node)
        link = self._quote(key, self.section)
        own = [["data-figure", dict(keys)["data-figure"]], ["data-source", link.to]]
        return {"t": "Span", "c": [[link.name, classes, own], inlines]}


def _plain(node: Node) -> Node:
    """Return a figure without its link."""
    (_, classes, keys), inlines = node["c"]
    return {
        "t": "Span",
        "c": [["", classes, [pair for pair in keys if pair[0] != "data-source"]], inlines],
    }


def _is_quoted(node: Node) -> bool:
    return node["t"] == "Span" and any(key == "data-source" for key, _ in node["c"][0][2])


def _keys(value: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a pandoc tree
    """Yield the keys of the figures in a part of a tree."""
    if isinstance(value, list):
        for item in value:
            yield from _keys(item)
    elif isinstance(value, dict) and "t" in value:
        if _is_quoted(value):
            yield dict(value["c"][0][2])["data-source"]
        else:
            yield from _keys(value.get("c"))


def _linked(value: Any, change: Callable[[Node], Node]) -> Any:  # noqa: ANN401
    """Return a part of a tree with its figures changed; in a link there is no other link."""
    if isinstance(value, list):
        return [_linked(item, change) for item in value]
    if not isinstance(value, dict) or "t" not in value:
        return value
    if _is_quoted(value):
        return change(value)
    inside = _plain if value["t"] == "Link" else change
    return {**value, "c": _linked(value["c"], inside)} if "c" in value else value
