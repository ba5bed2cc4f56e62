"""Print as JSON where the time of one report goes, stage by stage, in one cold process."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_stages: dict[str, tuple[float, float]] = {}


@contextmanager
def _stage(name: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    _stages[name] = time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Make the first report of the programme folder that is the program's argument."""
    root = Path(sys.argv[1])
    with _stage("import of the plan"):
        from jpreport.build.spine import Request, plan_build
    from jpreport.kernels import prewarm

    prewarm()
    with _stage("plan: settings, records, figures"):
        plan = plan_build(Request(root, Path(sys.argv[2])))
    with _stage("import of papermill and nbclient"):
        from jpreport.engine.run import run_notebook
    edition = plan.jobs[0].edition
    path = root / edition.report.notebook
    with _stage("kernel and cells (CPU: what is spent beside them)"):
        notebook = run_notebook(path, edition.parameters, cwd=path.parent)
    with _stage("import of the exporters"):
        from jpreport.export.document import read_document
        from jpreport.export.html import render_html
        from jpreport.export.pdf import render_pages
    notebook.metadata["jpreport"] = plan.survey.fronts[edition.slug].to_json()
    with _stage("reading the document (pandoc)"):
        document = read_document(notebook)
    with _stage("HTML"):
        render_html(document)
    with _stage("PDF (Typst)"):
        render_pages(document)
    print(json.dumps(_stages))


main()
