"""What a PDF holds beside words, as its tags say: what was laid out, and nothing else, has one."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pikepdf

from jpreport.document.formats import Thing
from jpreport.export.accounting import squeezed
from jpreport.export.pdf_tags import kids_of, listed

# The contents, and the signs of footnotes, are links of their own.
_PASSED_OVER = frozenset({"/TOC", "/Lbl"})


def _addresses(element: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield where the areas of a link lead; "" for a place of the same file."""
    for kid in listed(element, "/K"):
        if isinstance(kid, pikepdf.Dictionary):
            if "/Obj" in kid:
                action = kid.Obj.get("/A")
                yield "" if action is None else str(action.get("/URI", ""))
            yield from _addresses(kid)


def _cells(table: Any) -> int:  # noqa: ANN401
    """Return how many cells the body of a table has.

    The words over its first rows, which a page that it goes on repeats, are of the head there.
    """
    head, body = list[int](), list[int]()
    for part in kids_of(table):
        rows = [part] if part.S == "/TR" else kids_of(part)
        found = head if part.S == "/THead" else body
        found += [len(kids_of(row)) for row in rows if row.S == "/TR"]
    return sum(body) + (head.count(1) if max(head, default=1) > 1 else 0)


def _things(element: Any) -> Iterator[Thing | None]:  # noqa: ANN401
    """Yield what an element holds, and None where a main section begins."""
    for kid in kids_of(element):
        match str(kid.S):
            case "/H1":
                yield None
            case "/Formula":
                yield Thing("formula", squeezed(str(kid.get("/Alt", ""))))
            case "/Figure" if "/Alt" in kid:
                yield Thing("picture", squeezed(str(kid.Alt)))
            case "/Note" | "/FENote":
                yield Thing("footnote")
            case "/Table":
                yield Thing("table", str(_cells(kid)))
            case "/Link":
                address = next(_addresses(kid), "")
                yield Thing("link", squeezed(address)) if address else Thing("reference")
        if str(kid.S) not in _PASSED_OVER:
            yield from _things(kid)


def pdf_things(content: bytes) -> Counter[Thing]:
    """Return what a PDF holds beside words, without its annex, which is its last main section."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        found = [*_things(pdf.Root.StructTreeRoot)]
        last = len(found) - found[::-1].index(None) if pdf.attachments and None in found else None
    return Counter(thing for thing in found[:last] if thing)
