"""What differs between two blocks beside their words: addresses, formulas, fields, pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import unquote

from jpreport.review.word.blocks import Block, short


def unworded(original: Block, block: Block) -> Iterator[tuple[Literal["number", "unmapped"], str]]:
    """Yield what of a block is otherwise than it was sent; `number` where one may be."""
    before, after = _addresses(original), _addresses(block)
    if before != after:
        yield "unmapped", f"the address behind a link is {after}, not {before}"
    if len(original.masked) == len(block.masked):
        for one, other in zip(original.masked, block.masked, strict=True):
            if one != other:
                yield "number", f'what the report sets itself reads "{other}", not "{one}"'
    if not block.looks <= original.looks:
        yield "unmapped", f"another picture, or the same in another form: {short(original.shown)}"


def _addresses(block: Block) -> str:
    """Return the addresses behind a block's links; LibreOffice ends some with a slash."""
    return ", ".join(unquote(one).rstrip("/") for one in block.links) or "none"
