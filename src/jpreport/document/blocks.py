"""The document as data: what a reader of notebooks hands to every exporter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from jpreport.document.cover import FrontMatter
from jpreport.errors import Place
from jpreport.figures import FigureRecord
from jpreport.forms.tables import Table
from jpreport.language import Terms, Wording


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


Kind = Literal["prose", "table", "chart", "output"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A place that quotes a figure.

    `place` is what a reader calls it ("Section 2", "Table 1"), `cell` the cell of the notebook,
    from 1, as its author counts, and `text` the figure as it reads there. `name` is that of its
    FigureLink, "" but for the first in a place. `context` is the paragraph or the row around it.
    """

    place: str
    cell: int
    kind: Kind
    text: str
    name: str = ""
    context: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the place as plain JSON values, without the words around it."""
        return {"place": self.place, "cell": self.cell, "in": self.kind, "text": self.text}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Quote:
        """Return the place that `to_json` wrote; raises KeyError for others."""
        return cls(value["place"], value["cell"], value["in"], value["text"])


@dataclass(frozen=True, slots=True)
class FigureSource:
    """A figure of a document with the places that quote it, for its entry in the annex.

    `name` is the entry's name in the document, `parents` are those of the figures that it is made
    from ("" where nothing is known of one), `whole` is that of the figure that it is a part of.
    """

    record: FigureRecord
    name: str = ""
    parents: tuple[str, ...] = ()
    whole: str = ""
    quotes: tuple[Quote, ...] = ()

    @property
    def counted(self) -> int | None:
        """How many records it counts; None for a formula and for records of persons."""
        origin = self.record.derivation
        # The records of persons are not counted one group at a time.
        return None if origin.protected or origin.parents else origin.records

    @property
    def places(self) -> tuple[Quote, ...]:
        """The first quote of each place, which has a name to come back to."""
        return tuple(quote for quote in self.quotes if quote.name)

    def to_json(self) -> dict[str, Any]:
        """Return the figure and its places as plain JSON values."""
        quoted: list[dict[str, Any]] = []
        for quote in self.quotes:
            if (place := quote.to_json()) not in quoted:
                quoted.append(place)
        return {"figure": self.record.to_json(), "quoted": quoted}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> FigureSource:
        """Return what `to_json` wrote, without names; raises ValueError, with the reason."""
        try:
            quotes = tuple(map(Quote.from_json, value["quoted"]))
            return cls(FigureRecord.from_json(value["figure"]), quotes=quotes)
        except (KeyError, TypeError) as error:
            raise ValueError(f"is no quoted figure: {error!r}") from None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A report, ready to be set; a key of what is made of it once.

    `figures` counts the distinct figures that it quotes, `sources` says where they come from.
    `parameters` are those of the notebook: plain JSON values, or the Python that gives others.
    `made_from` has the digests of all that a build made it from; it is empty outside of builds.
    `places` says of each block from which cell it comes, where it comes from a notebook. `terms`
    are the programme's words in its language.
    """

    title: str
    front: FrontMatter = field(default_factory=FrontMatter)
    blocks: tuple[Block, ...] = ()
    figures: int = 0
    sources: tuple[FigureSource, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    made_from: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[Place, ...] = field(default=(), compare=False)
    terms: Terms = field(default_factory=dict[str, str], compare=False)

    @property
    def wording(self) -> Wording:
        """The words of its language."""
        return Wording(self.front.language, self.terms)
