"""The document as data: what a reader of notebooks hands to every exporter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jpreport.cover import FrontMatter
from jpreport.tables import Table


@dataclass(frozen=True, slots=True)
class Prose:
    """Narrative as pandoc JSON blocks: values in place, references resolved, nothing raw.

    Headings count from level 1 (the notebook's `##`), each with an id and, unless its class is
    `unnumbered`, its section number in the attribute `data-number`. Callouts are Divs of class
    `callout` and `note`, `important`, `warning` or `tip`, their heading in the attribute `title`.
    """

    blocks: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table; `number` counts the captioned tables from 1, None where there is no caption."""

    table: Table
    label: str = ""
    caption: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """A picture with its words, and the data behind it where they are known."""

    media_type: str
    image: bytes
    alt: str
    data: Table | None = None
    label: str = ""
    caption: str = ""
    number: int | None = None


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
class Document:
    """A report, ready to be set; `figures` counts the distinct figures that it quotes."""

    title: str
    front: FrontMatter = field(default_factory=FrontMatter)
    blocks: tuple[Block, ...] = ()
    figures: int = 0
