"""One edition, from its template to its files: a job that can run anywhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from jpreport import __version__
from jpreport.document.cover import FrontMatter
from jpreport.errors import ExecutionError, ExportError, JpreportError, Place, Problem
from jpreport.files import FileDigests, Store, digest_bytes, digest_json, write_atomic
from jpreport.forms import mime
from jpreport.programme.folder import AUDIENCE_VARIABLE, PROJECT_VARIABLE, STAGED_CUBES
from jpreport.release.staging import Stage
from jpreport.release.staleness import Job, plain

# Libraries that open files without Python, unseen by `jpreport.execute.reads`.
_UNWATCHED = re.compile(
    r"\b(duckdb|pyarrow|polars|fastparquet|h5py|netCDF4|ctypes|cffi|read_(parquet|feather|orc))\b"
)

State = Literal["waiting", "running", "rendering", "built", "unchanged", "failed", "withheld"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something to show while a build runs: an edition's state, the cell it is at.

    `expected` is how many seconds of wall time a waiting edition took when it was last made, if
    that is known.
    """

    slug: str
    state: State
    cell: int = 0
    cells: int = 0
    expected: float | None = None


Watch = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Protection:
    """What is told in place of the digests of records of persons.

    `cubes` has the digest of each protected cube by its table, `closed` what stands for the
    digest of a file with such records, by its name.
    """

    cubes: Mapping[str, str] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Work:
    """A job with all that it needs; picklable. Its kernel works in `stage`."""

    job: Job
    root: Path
    output: Path
    state: Path
    formats: tuple[str, ...]
    front: FrontMatter
    stage: Stage
    protection: Protection = field(default_factory=Protection)

    @property
    def slug(self) -> str:
        """The name of the edition's files."""
        return self.job.edition.slug


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one edition.

    `outputs` maps file names to digests; `read` does so for what its run read, below the
    programme folder ("" for what leaves no file); `quoted` are the figures that it quotes;
    `seconds` is wall time.
    """

    slug: str
    state: State
    title: str = ""
    figures: int = 0
    quoted: Sequence[Mapping[str, Any]] = ()
    pages: int | None = None
    seconds: float = 0.0
    outputs: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def run_job(
    work: Work,
    watch: Watch = lambda _: None,
    kernels: AbstractContextManager[object] | None = None,
) -> Outcome:
    """Execute one edition if it has to be, render it, write its files; raises OutputError.

    `kernels` is held while a kernel runs, and limits how many do; it is free again while the
    edition is rendered.

    Nothing is written under the edition's name unless all of it succeeded; what a failed one
    got to is left in `failed/`.
    """
    started = time.perf_counter()
    try:
        if work.job.execute:
            with kernels or nullcontext():
                started = time.perf_counter()
                executed = _execute(work, watch)
        else:
            executed = _executed(work)
        watch(Event(work.slug, "rendering"))
        rendered = _render(work, executed)
    except JpreportError as error:
        discard(work.output, work.slug)
        partial = getattr(error, "notebook", None)
        if isinstance(error, ExecutionError) and partial:
            write_atomic(failed_notebook(work.output, work.slug), partial.encode())
        watch(Event(work.slug, "failed"))
        seconds = time.perf_counter() - started
        return Outcome(work.slug, "failed", seconds=seconds, problems=_placed(work, error))
    failed_notebook(work.output, work.slug).unlink(missing_ok=True)
    for name, content in rendered.files.items():
        write_atomic(work.output / name, content)
    watch(Event(work.slug, "built"))
    return Outcome(
        work.slug,
        "built",
        title=rendered.title,
        figures=rendered.figures,
        quoted=rendered.quoted,
        pages=rendered.pages,
        seconds=time.perf_counter() - started,
        outputs={name: digest_bytes(content) for name, content in rendered.files.items()},
        read=rendered.read,
    )


def _placed(work: Work, error: JpreportError) -> tuple[Problem, ...]:
    """Return the problems of an edition; an exporter knows cells, and not whose they are."""
    if not isinstance(error, ExportError):
        return error.problems
    notebook = Place(work.job.edition.report.notebook)
    return tuple(one.within(notebook) for one in error.problems)


def discard(output: Path, slug: str) -> None:
    """Remove an edition's files, so that none that is out of date stays under its name."""
    for suffix in ("html", "pdf"):
        (output / f"{slug}.{suffix}").unlink(missing_ok=True)
    (output / executed_name(slug)).unlink(missing_ok=True)


def failed_notebook(output: Path, slug: str) -> Path:
    """Return where a failed edition's notebook goes."""
    return output / "failed" / f"{slug}.ipynb"


@dataclass(frozen=True, slots=True)
class _Rendered:
    title: str
    figures: int
    quoted: Sequence[Mapping[str, Any]]
    pages: int | None
    files: Mapping[str, bytes]
    read: Mapping[str, str]


def executed_name(slug: str) -> str:
    """Return the name of an edition's executed notebook."""
    return f"executed/{slug}.ipynb"


def _executed(work: Work) -> str:
    """Return the notebook that an earlier build executed."""
    return (work.output / executed_name(work.slug)).read_text(encoding="utf-8")


def _execute(work: Work, watch: Watch) -> str:
    import nbformat

    from jpreport.execute.kernels import open_kernel
    from jpreport.execute.run import run_notebook

    report = work.job.edition.report
    stage = work.stage
    notebook = run_notebook(
        stage.folder / report.notebook,
        work.job.edition.parameters,
        cwd=(stage.folder / report.notebook).parent,
        env={PROJECT_VARIABLE: str(stage.folder), AUDIENCE_VARIABLE: report.audience},
        timeout=report.timeout,
        start=partial(open_kernel, hidden=stage.hidden, confinement=stage.confinement),
        on_cell=lambda cell, cells: watch(Event(work.slug, "running", cell, cells)),
    )
    read = notebook.metadata.get(mime.FILES_READ, [])
    if _reads_unseen(notebook, work.root, read):
        read.append("library")
    return str(nbformat.writes(notebook))  # type: ignore[no-untyped-call]


def _reads_unseen(notebook: Any, root: Path, read: list[str]) -> bool:  # noqa: ANN401
    """Whether the notebook or a module of the programme names a library that cannot be watched."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    modules = (root / name for name in read if name.endswith(".py"))
    texts += [module.read_text("utf-8", "replace") for module in modules if module.is_file()]
    return any(_UNWATCHED.search(text) for text in texts)


def _render(work: Work, executed: str) -> _Rendered:
    """Set what is in an executed notebook's file, whenever that was written."""
    import nbformat

    from jpreport.document.reading import read_document

    notebook = nbformat.reads(executed, as_version=4)  # type: ignore[no-untyped-call]
    notebook.metadata[mime.FRONT_MATTER] = work.front.to_json()
    made_from = _made_from(work, notebook.metadata.get(mime.FILES_READ, ()))
    notebook.metadata[mime.MADE_FROM] = made_from
    document = read_document(notebook)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    files = {executed_name(work.slug): text.encode()}
    pages: int | None = None
    # Pandoc and Typst work outside of this interpreter's lock: side by side.
    with ThreadPoolExecutor(max_workers=1) as beside:
        if "pdf" in work.formats:
            from jpreport.export.pdf import render_pages

            pdf = beside.submit(render_pages, document, work.root)
        if "html" in work.formats:
            from jpreport.export.html import render_html

            files[f"{work.slug}.html"] = render_html(document, work.root).encode()
        if "pdf" in work.formats:
            files[f"{work.slug}.pdf"], pages = pdf.result()
    quoted = [source.to_json() for source in document.sources if source.quotes]
    return _Rendered(document.title, document.figures, quoted, pages, files, made_from["read"])


def _made_from(work: Work, read: Iterable[str]) -> dict[str, Any]:
    """Return what the report itself says that it was made from: all that a rebuild needs."""
    digests = Store(work.state).digests
    return {
        "jpreport": __version__,
        "audience": work.job.edition.report.audience,
        "notebook": work.job.edition.report.notebook,
        "parameters": plain(work.job.edition.parameters),
        "execution": dict(work.job.inputs.execution),
        "rendering": dict(work.job.inputs.rendering),
        "read": {name: digest_read(name, work.root, digests, work.protection) for name in read},
    }


def digest_read(name: str, root: Path, digests: FileDigests, protection: Protection) -> str:
    """Return the digest of what a run read: of the file, or of the cube that it was staged as."""
    if name in protection.closed:
        return protection.closed[name]
    folder, _, table = name.removesuffix(".json").partition("/")
    cubes = protection.cubes
    if folder == STAGED_CUBES and cubes:
        return digest_json({table: cubes[table]} if table in cubes else dict(cubes))
    return digests.digest_input(root / name)
