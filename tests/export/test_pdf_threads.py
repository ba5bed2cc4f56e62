"""PDFs are read by several threads of a build: PDFium, which can take one, is entered by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from jpreport.audit.pdf import read_pdf
from jpreport.document.blocks import Document
from jpreport.errors import Place
from jpreport.export.pdf import FORMAT
from pdf_reading import pdf_of, prose


@pytest.mark.slow
def test_many_threads_read_pages_at_once() -> None:
    pdfs = [
        pdf_of(Document("T", blocks=(prose(f"# A{n}\n\n" + "Word. " * 3000),))) for n in range(4)
    ]

    def read(number: int) -> bool:
        content = pdfs[number % 4]
        if number % 2:
            return any(
                "Word" in str(item) for item in read_pdf(Place(), content, lambda *_: iter(()))
            )
        return "Word" in "".join(FORMAT.texts.__wrapped__(content))  # not the kept one

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(200)))
