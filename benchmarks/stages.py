"""Print as JSON where the time of one report goes, stage by stage, in one cold process."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

_stages: dict[str, tuple[float, float]] = {}


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _stage(name: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), _cpu()
    yield
    _stages[name] = time.perf_counter() - wall, _cpu() - cpu


def main() -> None:
    """Make the first report of the programme folder that is the program's first argument.

    What is rendered for a second time has another title: Typst remembers what is the same.
    """
    root, output = Path(sys.argv[1]), Path(sys.argv[2])
    with _stage("import of the plan"):
        from jpreport.disclosure import Cubes  # noqa: F401 (imported by the plan)
        from jpreport.release.planning import plan_build
        from jpreport.release.request import Request
        from jpreport.release.spine import build
        from jpreport.release.staging import staged
    from jpreport.execute.kernels import open_kernel, prewarm

    spent: list[float] = []

    @asynccontextmanager
    async def watched(**settings: Any) -> AsyncIterator[Any]:  # noqa: ANN401
        async with open_kernel(**settings) as kernel:
            yield kernel
            spent.append(_cpu_of(kernel.manager.provisioner.pid))

    prewarm()
    with _stage("plan: records, protected cubes, figures"):
        plan = plan_build(Request(root, output))
    with _stage("the same plan again: cubes and checks are kept"):
        plan_build(Request(root, output))
    with _stage("import of papermill and nbclient"):
        from jpreport.execute.run import run_notebook
    edition = plan.jobs[0].edition
    with staged(plan.survey, output) as stage:
        path = stage / edition.report.notebook
        for name in ("first", "second"):
            with _stage(f"{name} kernel: our side of it"):
                notebook = run_notebook(
                    path,
                    edition.parameters,
                    cwd=path.parent,
                    env={"JPREPORT_PROJECT": str(stage)},
                    start=watched,
                )
            wall, cpu = _stages[f"{name} kernel: our side of it"]
            _stages[f"{name} kernel: its own process"] = wall, spent.pop()
            _stages[f"{name} kernel: our side of it"] = wall, cpu
    with _stage("import of the exporters"):
        from jpreport.document.reading import read_document
        from jpreport.export.html import render_html
        from jpreport.export.pdf import render_pdf
    notebook.metadata["jpreport"] = plan.survey.fronts[edition.slug].to_json()
    for name in ("first", "second"):
        with _stage(f"{name} report: reading the document (pandoc)"):
            document = dataclasses.replace(read_document(notebook), title=f"The {name}")
        with _stage(f"{name} report: HTML"):
            render_html(document, root)
        with _stage(f"{name} report: PDF (Typst)"):
            render_pdf(document, root)
    from jpreport.audit import audit_release

    build(Request(root, output))
    with _stage("audit of all files of a release of one report"):
        audit_release(output, plan.survey.package, root)
    print(json.dumps(_stages))


main()
