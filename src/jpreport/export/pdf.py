"""The PDF exporter: PDF/UA-1 and PDF/A-3a through Typst, the same bytes every time."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path

import typst

from jpreport.design.style import Style
from jpreport.document.blocks import Document
from jpreport.document.formats import Format, Rendering, Revisions
from jpreport.document.provenance import NAME
from jpreport.errors import ExportError
from jpreport.export.branding import appearance_of
from jpreport.export.pdf_errors import Fault, explain, glyph_problems
from jpreport.export.pdf_fonts import RESERVE, font_folder, text_fonts
from jpreport.export.pdf_glyphs import set_apart
from jpreport.export.pdf_signatures import revision_lengths, signers
from jpreport.export.pdf_tags import tagged
from jpreport.export.pdf_things import pdf_things
from jpreport.export.typst import language_codes, project
from jpreport.files import seal_at
from jpreport.files.pdfium import PDFIUM
from jpreport.files.private import private_folder
from jpreport.language import speaking

_FAULTS = (typst.TypstError, typst.TypstWarning)


def _compile(document: Document, style: Style, fonts: Path) -> bytes:
    """Return the PDF that Typst makes; raises typst.TypstError or a warning, typst.TypstWarning.

    What Typst leaves out of the page it tells in a warning only. Raises ExportError for letters
    that it would drop without a word.
    """
    sources = project(document, style)
    said = sources["data.json"].decode()
    pattern, lost = set_apart(said, text_fonts(fonts), fonts / RESERVE)
    if lost:
        raise ExportError(glyph_problems(document, lost))
    sources["apart.json"] = json.dumps(pattern).encode()
    with private_folder() as name:
        # As files: Typst's binding takes no bytes but text.
        for file, content in sources.items():
            (name / file).write_bytes(content)
        pdf, warnings = typst.compile_with_warnings(
            f"{name}/main.typ",
            root=str(name),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            pdf_standards=["ua-1", "a-3a"],
            # A report without a date must not get that of its making.
            timestamp=0,
        )
    if warnings:
        raise warnings[0]
    return pdf


def render_pdf(document: Document, folder: Path | None = None) -> Rendering:
    """Return a document as PDF/UA-1 and PDF/A-3a; the same document gives the same bytes.

    `folder` is the programme's, where its typefaces are.

    Raises ExportError, naming the table, chart or section, where it cannot be set: a character
    that no typeface has, a picture that cannot be read, a table too wide for any page.
    """
    appearance = appearance_of(document.front.brand, folder)
    with font_folder(appearance.fonts) as typefaces:
        try:
            pdf = _compile(document, appearance.style, typefaces)
        except _FAULTS as error:

            def attempt(part: Document) -> Fault | None:
                try:
                    _compile(part, appearance.style, typefaces)
                except _FAULTS as fault:
                    return fault
                return None

            raise ExportError(explain(document, error, attempt)) from error
    with speaking(document.wording):
        marked, pages = tagged(pdf, language_codes(document.front))
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


# A build compares them with the document, then its audit reads them.
@lru_cache(maxsize=8)
def _page_texts(content: bytes) -> tuple[str, ...]:
    """Return the text of every page."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        with PDFIUM, pypdfium2.PdfDocument(content) as document:
            return tuple(str(page.get_textpage().get_text_bounded()) for page in document)
    except pypdfium2.PdfiumError:
        raise ValueError("cannot be read as a PDF") from None


FORMAT = Format(
    "pdf",
    "application/pdf",
    render_pdf,
    _provenance,
    texts=_page_texts,
    paged=True,
    shown=_page_texts,
    held=pdf_things,
    revisions=Revisions(revision_lengths, signers),
    standard=("https://www.nationalarchives.gov.uk/PRONOM/fmt/479", "Acrobat PDF/A 3a: PRONOM"),
)
