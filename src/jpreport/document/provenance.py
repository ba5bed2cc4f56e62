"""What a published report carries in itself: its figures and all that it was made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jpreport import __version__
from jpreport.document.blocks import Document, FigureSource
from jpreport.document.cover import FrontMatter
from jpreport.document.formats import format_of
from jpreport.errors import OutputError, Place, Problem

NAME = "provenance.json"
# What the file is, and of which version.
_TYPE = "jpreport.provenance/3"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a report says of itself: its first page, its figures, what it was made from.

    `sources` are the figures that it quotes, with what they are made from or a part of;
    `made_from` is empty outside of builds.
    """

    jpreport: str
    title: str
    front: FrontMatter
    parameters: Mapping[str, Any]
    made_from: Mapping[str, Any]
    sources: tuple[FigureSource, ...]

    @classmethod
    def of(cls, document: Document) -> Provenance:
        """Return what a document says of itself."""
        return cls(
            document.made_from.get("jpreport", __version__),
            document.title,
            document.front,
            document.parameters,
            document.made_from,
            document.sources,
        )

    @classmethod
    def from_json(cls, value: object) -> Provenance:
        """Return the provenance that `to_bytes` wrote; raises ValueError, with the reason."""
        if not isinstance(value, dict) or value.get("$type") != _TYPE:
            raise ValueError("is not of this version of jpreport")
        try:
            return cls(
                value["jpreport"],
                value["title"],
                FrontMatter.from_json(value["front"]),
                value["parameters"],
                value["made_from"],
                tuple(map(FigureSource.from_json, value["sources"])),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"cannot be read: {error!r}") from None

    def to_bytes(self) -> bytes:
        """Return it as JSON, keys sorted."""
        front = self.front.to_json()
        # How a programme looks says nothing of where its figures come from.
        front.pop("brand", None)
        value = {
            "$type": _TYPE,
            "jpreport": self.jpreport,
            "title": self.title,
            "front": front,
            "parameters": dict(self.parameters),
            "made_from": dict(self.made_from),
            "sources": [source.to_json() for source in self.sources],
        }
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return f"{text}\n".encode(errors="replace")


def read_provenance(path: Path) -> Provenance:
    """Return the provenance that a report carries.

    Raises OutputError where the file cannot be read, carries none, or one of another version.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OutputError(Problem(Place(str(path)), f"cannot be read: {error.strerror}")) from None
    try:
        attached = format_of(path).provenance(content)
    except ValueError as error:
        raise OutputError(Problem(Place(str(path)), str(error))) from None
    if not attached:
        hint = "name the folder of its release, or the report in it"
        raise OutputError(Problem(Place(str(path)), "carries no provenance of its own", hint))
    try:
        return Provenance.from_json(_json(attached))
    except ValueError as error:
        raise OutputError(Problem(Place(str(path)), f"its {NAME} {error}")) from None


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        raise ValueError("is not JSON: it was altered") from None
