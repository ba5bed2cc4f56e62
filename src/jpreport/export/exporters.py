"""The way in for nbconvert: `jupyter nbconvert --to jpreport_html`, and `--to jpreport_pdf`."""

from __future__ import annotations

from typing import Any, ClassVar

from nbconvert.exporters.exporter import Exporter

from jpreport.document.reading import read_document
from jpreport.export import html, pdf
from jpreport.export.context import complete, with_values


class _ReportExporter(Exporter):
    """Executed notebook to a report in one format; no build needs nbconvert."""

    format: ClassVar = html.FORMAT

    def _file_extension_default(self) -> str:
        return f".{self.format.suffix}"

    def from_notebook_node(
        self,
        nb: Any,  # noqa: ANN401
        resources: dict[str, Any] | None = None,
        **kw: Any,  # noqa: ANN401
    ) -> tuple[Any, dict[str, Any]]:
        """Return the file and nbconvert's resources; raises ExportError with every problem."""
        given, found = super().from_notebook_node(nb, resources, **kw)
        executed = with_values(given, found)
        folder = complete(executed, found, self.log)
        document = read_document(executed)
        made = self.format.render(document, folder)
        found["jpreport"] = {"figures": document.figures}
        if made.pages is not None:
            found["jpreport"]["pages"] = made.pages
        return made.content, found


class HTMLReportExporter(_ReportExporter):
    """`jupyter nbconvert --to jpreport_html`."""

    export_from_notebook = "Report (HTML)"
    output_mimetype = "text/html"

    def from_notebook_node(  # type: ignore[override] # a page, where the base has a notebook
        self,
        nb: Any,  # noqa: ANN401
        resources: dict[str, Any] | None = None,
        **kw: Any,  # noqa: ANN401
    ) -> tuple[str, dict[str, Any]]:
        """Return the page as text."""
        content, found = super().from_notebook_node(nb, resources, **kw)
        return content.decode(), found


class PDFReportExporter(_ReportExporter):
    """`jupyter nbconvert --to jpreport_pdf`."""

    format = pdf.FORMAT
    export_from_notebook = "Report (PDF)"
    output_mimetype = "application/pdf"
