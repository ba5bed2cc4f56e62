"""The PDF of a page, made in a thread of its own when it is asked for."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from jpreport.document.blocks import Document
from jpreport.errors import JpreportError, Problem
from jpreport.export.pdf import render_pdf
from jpreport.files.pdfium import PDFIUM
from jpreport.preview.page import Page
from jpreport.release.job import EditionTask, placed

_DOTS = 1.6  # of a page's picture, for each point of the page


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


@dataclass(frozen=True, slots=True)
class Printing:
    """The PDF of a page is made, or why it cannot be."""

    page: Page
    printed: Printed | None = None
    problems: tuple[Problem, ...] = ()


class Printer:
    """Makes one PDF at a time; `tell` is told of each from another thread."""

    def __init__(self, tell: Callable[[Printing], None]) -> None:
        self._tell = tell
        self._thread: Thread | None = None

    def start(self, task: EditionTask, page: Page) -> None:
        """Make the PDF of a page, unless one is being made."""
        if self._thread is None:
            self._thread = Thread(target=self._work, args=(task, page), name="jpreport-pdf")
            self._thread.start()

    def end(self) -> None:
        """Wait for the one that is being made; the next one may start."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work(self, task: EditionTask, page: Page) -> None:
        try:
            self._tell(Printing(page, Printed(task, page.document)))
        except JpreportError as error:
            self._tell(Printing(page, problems=placed(task, error)))
