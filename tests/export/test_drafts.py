"""What an exporter makes of a notebook that was run in JupyterLab is what a build would make."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from jpreport.document.cover import FrontMatter
from jpreport.document.reading import read_document
from jpreport.errors import ProjectError
from jpreport.execute.parameters import injected_source
from jpreport.export.context import complete
from jpreport.export.exporters import HTMLReportExporter, PDFReportExporter
from jpreport.export.html import render_html
from jpreport.forms.mime import MADE_FROM
from jpreport.programme.folder import PROJECT_VARIABLE
from jpreport.release.request import Request
from jpreport.release.spine import build
from pdf_reading import marks_of_texts, opened, pages, pdf_of, squeezed
from programme_samples import notebook, write_programme
from style_samples import add_style


class Log:
    """What an exporter would log."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def warning(self, line: str, *values: object) -> None:
        self.lines.append(line % values)


def as_saved(built: Path, template: Path) -> None:
    """Turn an executed notebook into what JupyterLab would have saved as its template."""
    nb = nbformat.read(built, as_version=4)
    nb.cells = [c for c in nb.cells if "injected-parameters" not in c.metadata.get("tags", ())]
    for key in [key for key in nb.metadata if key.startswith(("jpreport", "papermill"))]:
        del nb.metadata[key]
    nbformat.write(nb, template)


def completed(nb: NotebookNode, path: Path) -> tuple[Path | None, Log]:
    log = Log()
    resources = {"metadata": {"path": str(path.parent), "name": path.stem}}
    return complete(nb, resources, log), log  # type: ignore[arg-type]


def front(nb: NotebookNode) -> FrontMatter:
    return read_document(nb).front


def executed(path: Path, *cells: tuple[str, str]) -> NotebookNode:
    notebook(path, [("markdown", "# T\n\nText"), *cells])
    return nbformat.read(path, as_version=4)


def test_front_matter_is_that_of_the_edition(tmp_path: Path) -> None:
    root = write_programme(tmp_path)
    declared = [
        "from datetime import date\n",
        'donor: str = "Ada"',
        "period_start: date | None = date(2020, 3, 1)",
        "period_end: date | None = None",
    ]
    nb = executed(root / "notebooks/donor.ipynb", ("parameters", "\n".join(declared)))
    assert completed(nb, root / "notebooks/donor.ipynb")[0] == root
    found = front(nb)
    assert (found.report_id, found.slug, found.programme) == ("donor", "donor-ada", "Visits")
    assert (found.period_start, found.period_end) == ("2020-03-01", "2020-12-31")


def test_parameters_that_were_given_count(tmp_path: Path) -> None:
    root = write_programme(tmp_path)
    nb = executed(
        root / "notebooks/donor.ipynb",
        ("parameters", "period_start = None"),
        ("code", injected_source({"period_start": dt.date(2020, 5, 1)})),
    )
    nb.cells[-1].metadata.tags = ["injected-parameters"]
    completed(nb, root / "notebooks/donor.ipynb")
    assert front(nb).period_start == dt.date(2020, 5, 1).isoformat()


def test_notebook_of_no_report_has_the_programme_only(tmp_path: Path) -> None:
    root = write_programme(tmp_path)
    nb = executed(root / "notebooks/draft.ipynb")
    completed(nb, root / "notebooks/draft.ipynb")
    assert (front(nb).report_id, front(nb).programme) == ("", "Visits")


def test_notebook_far_from_any_programme_has_no_cover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nb = executed(tmp_path / "alone.ipynb")
    assert completed(nb, tmp_path / "alone.ipynb")[0] is None
    assert front(nb).programme == ""
    root = write_programme(tmp_path / "elsewhere")
    monkeypatch.setenv(PROJECT_VARIABLE, str(root))
    nb = executed(tmp_path / "alone.ipynb")
    assert completed(nb, tmp_path / "alone.ipynb")[0] == root
    assert front(nb).programme == "Visits"


def test_broken_programme_is_a_problem_in_words(tmp_path: Path) -> None:
    root = write_programme(tmp_path)
    nb = executed(root / "notebooks/draft.ipynb")
    (root / "programme.toml").write_text("[programme]\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="title: is missing"):
        completed(nb, root / "notebooks/draft.ipynb")


def test_typeface_that_is_gone_is_told(tmp_path: Path) -> None:
    root = add_style(write_programme(tmp_path))
    nb = executed(root / "notebooks/draft.ipynb")
    assert completed(nb, root / "notebooks/draft.ipynb")[1].lines == []
    (root / "style/DejaVuSans.ttf").unlink()
    lines = completed(nb, root / "notebooks/draft.ipynb")[1].lines
    assert lines == ["style/DejaVuSans.ttf is not at hand: Own Sans is not used"]


@pytest.mark.slow
def test_saved_notebook_gives_the_document_of_the_build(tmp_path: Path) -> None:
    root = add_style(write_programme(tmp_path))
    output = root / "outputs"
    build(Request(root, output, reports=("donor-ada",)))
    template = root / "notebooks/donor.ipynb"
    as_saved(output / "executed/donor-ada.ipynb", template)
    page, _ = HTMLReportExporter().from_filename(str(template))
    pdf, _ = PDFReportExporter().from_filename(str(template))

    executed = nbformat.read(output / "executed/donor-ada.ipynb", as_version=4)
    resources = {"metadata": {"path": str(root / "notebooks")}}
    # A build's own rendering, of what the two exporters have read.
    document = read_document(executed)
    built = (output / "donor-ada.html").read_text("utf-8"), (output / "donor-ada.pdf").read_bytes()
    assert (render_html(document, root), pdf_of(document, root)) == built

    def exported() -> tuple[object, ...]:
        return tuple(
            exporter().from_notebook_node(copy.deepcopy(executed), resources)[0]
            for exporter in (HTMLReportExporter, PDFReportExporter)
        )

    drafts = read_document(executed)
    drafts = replace(drafts, front=replace(drafts.front, draft=True))
    assert exported() == (render_html(drafts, root), pdf_of(drafts, root))
    # Only a build knows, and attaches, what a report was made from.
    del executed.metadata[MADE_FROM]
    assert exported() == (page, pdf)


@pytest.mark.parametrize("front", [False, True], ids=["no programme", "a programme"])
def test_what_an_exporter_makes_is_marked_a_draft_on_every_page(
    tmp_path: Path, *, front: bool
) -> None:
    root = write_programme(tmp_path) if front else tmp_path
    (root / "notebooks").mkdir(exist_ok=True)
    long = "\n\n".join(["Some words of a paragraph. " * 40] * 12)
    notebook(root / "notebooks/n.ipynb", [("markdown", f"# T\n\n## One\n\n{long}")])
    page, _ = HTMLReportExporter().from_filename(str(root / "notebooks/n.ipynb"))
    assert "<title>Draft – T" in page
    assert '<aside class="illustrative" aria-label="Draft"><strong>Draft.</strong>' in page
    assert "Not audited, not for publication." in page
    content, _ = PDFReportExporter().from_filename(str(root / "notebooks/n.ipynb"))
    texts = [squeezed(text).lower() for text in pages(content)]
    assert len(texts) > 2
    assert all("notaudited,notforpublication" in text for text in texts)
    # On the cover it is tagged, as all text there is: nothing is left out by screen readers.
    file = opened(content)
    assert "/Artifact" not in marks_of_texts(file.pages[0])
    assert str(file.docinfo["/Subject"]).startswith("Draft: Not audited")
