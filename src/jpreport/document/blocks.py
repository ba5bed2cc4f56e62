"""The document as data: what a reader of notebooks hands to every exporter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jpreport.document.cover import FrontMatter
from jpreport.forms.tables import Table


class FigureLink(NamedTuple):
    """A quoted figure: the name of its entry in the annex, and its own name ("" if it has none).

    The first quotation in each section, table and chart has a name: the entry leads back there.
    """

    to: str
    name: str = ""


# By row and column, both from 0.
CellLinks = Mapping[tuple[int, int], FigureLink]


@dataclass(frozen=True, slots=True)
class Prose:
    """Narrative as pandoc JSON blocks: values in place, references resolved, nothing raw.

    Headings count from level 1 (the notebook's `##`), each with an id and, unless its class is
    `unnumbered`, its section number in the attribute `data-number`. Callouts are Divs of class
    `callout` and `note`, `important`, `warning` or `tip`; their first block, a Plain, is their
    heading. Quoted figures are Spans of class `figure`, their id in `data-figure`; one that has
    an entry in the annex names it in `data-source`; its own id is the name of a FigureLink.
    """

    blocks: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table; `number` counts the captioned tables from 1, None where there is no caption."""

    table: Table
    label: str = ""
    caption: str = ""
    number: int | None = None
    links: CellLinks = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """A picture with its words, and the data behind it where they are known.

    `links` are the figures among the data.
    """

    media_type: str
    image: bytes
    alt: str
    data: Table | None = None
    label: str = ""
    caption: str = ""
    number: int | None = None
    links: CellLinks = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """The source of a cell that its author wants to be seen."""

    source: str
    language: str


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Plain text that a cell printed or showed, lines as they are."""

    text: str


Block = Prose | TableBlock | ChartBlock | CodeBlock | TextBlock


@dataclass(frozen=True, slots=True)
class Quote:
    """A place that quotes a figure: the name of its FigureLink, and what a reader calls it."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class FigureSource:
    """Where one figure comes from, for one period: what its entry in the annex says.

    `name` is the entry's name in the document. Dates are ISO 8601; `digest` is the SHA-256 of
    `file`. `made_from` are the ids of the figures that it is made from, `parents` the names of
    their entries ("" where nothing is known of one), `whole` that of the figure that it is a
    part of, and `at` the columns and labels that cut it out (None: not recorded). What comes
    from a protected cube has no number of records.
    """

    name: str
    id: str
    title: str
    text: str
    unit: str = ""
    qualifier: str = "exact"
    value: float | None = None
    baseline: float | None = None
    target: float | None = None
    published: float | None = None
    published_text: str = ""
    published_in: str = ""
    reconciles: bool | None = None
    period_start: str = ""
    period_end: str = ""
    table: str = ""
    where: str = ""
    measure: str = ""
    dated_by: str = ""
    sql: str = ""
    records: int | None = None
    file: str = ""
    digest: str = ""
    made_from: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    whole: str = ""
    at: tuple[tuple[str, str | None], ...] = ()
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A report, ready to be set.

    `figures` counts the distinct figures that it quotes, `sources` says where they come from.
    `parameters` are those of the notebook: plain JSON values, or the Python that gives others.
    `made_from` has the digests of all that a build made it from; it is empty outside of builds.
    """

    title: str
    front: FrontMatter = field(default_factory=FrontMatter)
    blocks: tuple[Block, ...] = ()
    figures: int = 0
    sources: tuple[FigureSource, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    made_from: Mapping[str, Any] = field(default_factory=dict)
