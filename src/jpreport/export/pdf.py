"""The PDF exporter: PDF/UA-1 and PDF/A-3a through Typst, the same bytes every time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import typst
from nbconvert.exporters.exporter import Exporter

from jpreport.design.style import Style
from jpreport.document.blocks import Document
from jpreport.document.formats import Format, Rendering, Revisions
from jpreport.document.provenance import NAME
from jpreport.document.reading import read_document
from jpreport.errors import ExportError
from jpreport.export.branding import appearance_of
from jpreport.export.context import complete, with_values
from jpreport.export.pdf_errors import explain
from jpreport.export.pdf_fonts import font_folder
from jpreport.export.pdf_signatures import revision_lengths, signers
from jpreport.export.pdf_tags import mark_row_headers
from jpreport.export.typst import project
from jpreport.files import seal_at


def _compile(document: Document, style: Style, fonts: str) -> bytes:
    """Return the PDF that Typst makes; raises typst.TypstError."""
    pdf: bytes = typst.compile(  # type: ignore[call-overload] # files by name are not in its stub
        project(document, style),
        font_paths=[fonts],
        ignore_system_fonts=True,
        pdf_standards=["ua-1", "a-3a"],
        # A report without a date must not get that of its making.
        timestamp=0,
    )
    return pdf


def render_pdf(document: Document, folder: Path | None = None) -> Rendering:
    """Return a document as PDF/UA-1 and PDF/A-3a; the same document gives the same bytes.

    `folder` is the programme's, where its typefaces are.

    Raises ExportError, naming the table, chart or section, where it cannot be set: a character
    that no typeface has, a picture that cannot be read, a table too wide for any page.
    """
    appearance = appearance_of(document.front.brand, folder)
    with font_folder(appearance.fonts) as typefaces:
        fonts = str(typefaces)
        try:
            pdf = _compile(document, appearance.style, fonts)
        except typst.TypstError as error:

            def attempt(part: Document) -> typst.TypstError | None:
                try:
                    _compile(part, appearance.style, fonts)
                except typst.TypstError as fault:
                    return fault
                return None

            raise ExportError(explain(document, error, attempt)) from error
    marked, pages = mark_row_headers(pdf)
    # PDF/A allows nothing behind the end mark; what stands before `startxref` moves no object.
    return Rendering(seal_at(marked, marked.rindex(b"startxref")), pages)


def _provenance(content: bytes) -> bytes:
    """Return the provenance that is attached to a PDF."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return bytes(pdf.attachments[NAME].get_file().read_bytes())
    except KeyError:
        return b""
    except pikepdf.PdfError as error:
        raise ValueError(f"cannot be read as a PDF: {error}") from None


def _page_texts(content: bytes) -> tuple[str, ...]:
    """Return the text of every page."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        raise ValueError("cannot be read as a PDF") from None
    try:
        return tuple(str(page.get_textpage().get_text_bounded()) for page in document)
    finally:
        document.close()


FORMAT = Format(
    "pdf",
    "application/pdf",
    render_pdf,
    _provenance,
    texts=_page_texts,
    paged=True,
    revisions=Revisions(revision_lengths, signers),
    standard=("https://www.nationalarchives.gov.uk/PRONOM/fmt/479", "Acrobat PDF/A 3a: PRONOM"),
)


class PDFReportExporter(Exporter):
    """Executed notebook to PDF: `jupyter nbconvert --to jpreport_pdf`."""

    export_from_notebook = "Report (PDF)"
    output_mimetype = "application/pdf"

    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(  # type: ignore[override] # a file, where the base has a notebook
        self,
        nb: Any,  # noqa: ANN401
        resources: dict[str, Any] | None = None,
        **kw: Any,  # noqa: ANN401
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the file and nbconvert's resources; raises ExportError with every problem."""
        given, found = super().from_notebook_node(nb, resources, **kw)
        executed = with_values(given, found)
        folder = complete(executed, found, self.log)
        document = read_document(executed)
        pdf = render_pdf(document, folder)
        found["jpreport"] = {"figures": document.figures, "pages": pdf.pages}
        return pdf.content, found
