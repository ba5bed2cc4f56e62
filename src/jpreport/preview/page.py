"""An executed notebook as the page of a draft, and as the pages of its PDF."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from typing import Any

from nbformat import NotebookNode

from jpreport.document.blocks import Document, Prose
from jpreport.document.reading import read_document
from jpreport.execute.reuse import changed
from jpreport.export.html import render_html
from jpreport.export.pdf import render_pdf
from jpreport.files.pdfium import PDFIUM
from jpreport.release.job import EditionTask, complete

_DOTS = 1.6  # of a page's picture, for each point of the page


@dataclass(frozen=True, slots=True)
class Page:
    """A draft: its document, its HTML, and which elements of that come from which cell.

    `blocks` lists, for each part of the text in its order, the cell (from 1, as its author
    counts; None for what none wrote), its label, and of how many elements it is made.
    """

    document: Document
    html: str
    blocks: list[dict[str, Any]] = field(default_factory=list)


def draft(task: EditionTask) -> EditionTask:
    """Return the same edition, marked as what no audit has read."""
    return replace(task, front=replace(task.front, draft=True))


def set_page(task: EditionTask, notebook: NotebookNode) -> Page:
    """Return the page of an executed notebook; raises ExportError, whose places are within it."""
    own = changed(notebook, metadata=changed(notebook.metadata))
    complete(task, own)
    document = read_document(own)
    html = render_html(document, task.root)
    blocks = [
        {
            "cell": place.get("cell"),
            "label": place.steps[-1].label if place.steps else "",
            "count": len(block.blocks) if isinstance(block, Prose) else 1,
        }
        for block, place in zip(document.blocks, document.places, strict=True)
    ]
    return Page(document, html, blocks)


class Printed:
    """The PDF of a draft, and its pages as pictures, made when they are asked for."""

    def __init__(self, task: EditionTask, document: Document) -> None:
        rendering = render_pdf(document, task.root)
        self.content, self.pages = rendering.content, rendering.pages or 0

    def picture(self, page: int) -> bytes:
        """Return a page, from 0, as PNG; raises IndexError."""
        if not 0 <= page < self.pages:
            raise IndexError(page)
        import pypdfium2  # type: ignore[import-untyped]

        out = io.BytesIO()
        with PDFIUM, pypdfium2.PdfDocument(self.content) as pdf:
            pdf[page].render(scale=_DOTS).to_pil().save(out, "PNG", compress_level=1)
        return out.getvalue()
