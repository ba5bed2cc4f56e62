"""An executed notebook as the page of a draft."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from nbformat import NotebookNode

from jpreport.document.blocks import Document, Prose
from jpreport.execute.reuse import changed
from jpreport.export.html import render_html
from jpreport.release.job import EditionTask, complete
from jpreport.release.languages import document_in


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
    """Return the same edition, marked in all its languages as what no audit has read."""
    further = {tag: replace(front, draft=True) for tag, front in task.further.items()}
    return replace(task, front=replace(task.front, draft=True), further=further)


def set_page(task: EditionTask, notebook: NotebookNode, language: str) -> Page:
    """Return the page of a notebook that was executed in one of the edition's languages.

    Raises ExportError, whose places are within the notebook, and TranslationError.
    """
    own = changed(notebook, metadata=changed(notebook.metadata))
    complete(task, own)
    document = document_in(own, task.root, language)
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
