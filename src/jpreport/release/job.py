"""One edition, from its template to its files: a job that can run anywhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jpreport import __version__
from jpreport.document.cover import FrontMatter
from jpreport.errors import (
    ExecutionError,
    ExportError,
    JpreportError,
    NotebookError,
    Place,
    Problem,
)
from jpreport.files import (
    EditionRecord,
    Store,
    digest_bytes,
    write_atomic,
)
from jpreport.files.inputs import read_input
from jpreport.forms import mime
from jpreport.language import catalogue_files, catalogue_path
from jpreport.programme.folder import (
    AUDIENCE_VARIABLE,
    LANGUAGES_VARIABLE,
    NOTEBOOKS,
    PROJECT_VARIABLE,
    TABLES_VARIABLE,
)
from jpreport.programme.formats import registered_formats
from jpreport.release.languages import Setting
from jpreport.release.public import PublicDigests, digest_read
from jpreport.release.staging import Stage
from jpreport.release.staleness import Job, plain

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from jpreport.execute.cells import Gate

# Libraries that open files without Python, unseen by `jpreport.execute.reads`.
_UNWATCHED = re.compile(
    r"\b(duckdb|pyarrow|polars|fastparquet|h5py|netCDF4|ctypes|cffi|read_(parquet|feather|orc))\b"
)

EditionState = Literal[
    "waiting", "running", "rendering", "built", "unchanged", "failed", "withheld"
]


@dataclass(frozen=True, slots=True)
class Event:
    """Something to show while a build runs: an edition's state, the cell it is at.

    While a table is "protecting", `slug` is its name, and the cells are those of its cube.

    `expected` is how many seconds of wall time a waiting edition took when it was last made, if
    that is known; `worker` is the name of a cluster's worker that is at it.
    """

    slug: str
    state: EditionState | Literal["protecting"]
    cell: int = 0
    cells: int = 0
    expected: float | None = None
    worker: str = ""


OnEvent = Callable[[Event], None]
# Is given each file of an edition, by name, as soon as it is made, and before it is written.
OnFile = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True)
class EditionTask:
    """A job with all that it needs; picklable. Its kernel works in `stage`.

    `front` is in the report's first language, `further` has those in the others, and `gaps` what
    these lack. A `draft` is made in them all the same.
    """

    job: Job
    root: Path
    output: Path
    state: Path
    formats: tuple[str, ...]
    front: FrontMatter
    stage: Stage
    public: PublicDigests = field(default_factory=PublicDigests)
    further: Mapping[str, FrontMatter] = field(default_factory=dict)
    gaps: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    draft: bool = False

    @property
    def slug(self) -> str:
        """The name of the edition's files."""
        return self.job.edition.slug


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one edition.

    `outputs` maps file names to digests; `read` does so for what its run read, below the
    programme folder ("" for what leaves no file); `quoted` are the figures that it quotes;
    `seconds` is wall time; `translations` have title and pages in each further language, by tag.
    """

    slug: str
    state: EditionState
    title: str = ""
    figures: int = 0
    quoted: Sequence[Mapping[str, Any]] = ()
    pages: int | None = None
    seconds: float = 0.0
    outputs: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """What became of one edition, before anything of it is written; picklable.

    `files` are its files by name, `partial` is the JSON of what a run that failed got to, and
    `killed` means that the system ended its kernel.
    """

    outcome: Outcome
    files: Mapping[str, bytes] = field(default_factory=dict)
    partial: str = ""
    killed: bool = False


def run_job(
    task: EditionTask, make: Callable[[EditionTask], Made], on_event: OnEvent = lambda _: None
) -> Outcome:
    """Make one edition, here or on another machine, and write its files; raises OutputError.

    A file that cannot be made leaves the edition's others, and none of an earlier build under its
    name. Where the run fails, or every file does, nothing is written under the edition's name;
    what a failed run got to is left in `failed/`.
    """
    made = make(task)
    outcome, failed = made.outcome, failed_notebook(task.output, task.slug)
    if made.partial:
        write_atomic(failed, made.partial.encode())
    elif made.files:
        failed.unlink(missing_ok=True)
    if outcome.problems:
        discard(task.output, task.slug, keep=made.files)
    for name, content in made.files.items():
        write_atomic(task.output / name, content)
    on_event(Event(task.slug, outcome.state))
    return outcome


def make_edition(
    task: EditionTask,
    on_event: OnEvent = lambda _: None,
    on_file: OnFile | None = None,
    kernels: AbstractContextManager[object] | None = None,
) -> Made:
    """Execute one edition if it has to be, and render it.

    `kernels` is held while a kernel runs, and limits how many do; it is free again while the
    edition is rendered.
    """
    started = time.perf_counter()
    try:
        if task.job.execute:
            with kernels or nullcontext():
                started = time.perf_counter()
                executed = execute(task, on_event)
        else:
            executed = _executed(task)
        on_event(Event(task.slug, "rendering"))
        read = complete(task, executed)["read"]
        setting = Setting(task.slug, task.root, task.formats, task.gaps, draft=task.draft)
        rendered = setting.files(executed, executed_name(task.slug), on_file or (lambda *_: None))
    except JpreportError as error:
        seconds = time.perf_counter() - started
        outcome = Outcome(task.slug, "failed", seconds=seconds, problems=placed(task, error))
        if not isinstance(error, ExecutionError):
            return Made(outcome)
        return Made(outcome, partial=getattr(error, "notebook", ""), killed=error.killed)
    outcome = Outcome(
        task.slug,
        "built",
        title=rendered.title,
        figures=rendered.figures,
        quoted=rendered.quoted,
        pages=rendered.pages,
        seconds=time.perf_counter() - started,
        outputs={name: digest_bytes(content) for name, content in rendered.files.items()},
        read=read,
        translations=rendered.translations,
        problems=tuple(one for error in rendered.errors for one in placed(task, error)),
    )
    return Made(outcome, rendered.files)


def placed(task: EditionTask, error: JpreportError) -> tuple[Problem, ...]:
    """Return the problems of an edition; an exporter knows cells, and not whose they are."""
    if not isinstance(error, ExportError):
        return error.problems
    notebook = Place(task.job.edition.report.notebook)
    return tuple(one.within(notebook) for one in error.problems)


def discard(
    output: Path, slug: str, record: EditionRecord | None = None, keep: Collection[str] = ()
) -> None:
    """Remove an edition's files, so that none that is out of date stays under its name.

    `record` may name some in formats that are not installed any more; those to `keep` stay.
    """
    formats = registered_formats()
    # Of whichever languages: no slug has a point.
    made = (path.name for path in output.glob(f"{slug}.*") if path.suffix[1:] in formats)
    names = {executed_name(slug), *made}
    for name in names.union(record.outputs if record else ()).difference(keep):
        (output / name).unlink(missing_ok=True)


def failed_notebook(output: Path, slug: str) -> Path:
    """Return where a failed edition's notebook goes."""
    return output / "failed" / f"{slug}.ipynb"


def executed_name(slug: str) -> str:
    """Return the name of an edition's executed notebook."""
    return f"executed/{slug}.ipynb"


def _executed(task: EditionTask) -> NotebookNode:
    """Return the notebook as it is now, with the results of an earlier build's run.

    Raises NotebookError where it was changed since the plan.
    """
    from nbformat import v4

    from jpreport.execute.reuse import finished, read_source

    text = (task.output / executed_name(task.slug)).read_text(encoding="utf-8")
    run: NotebookNode = v4.reads(text)  # type: ignore[no-untyped-call]
    name = task.job.edition.report.notebook
    notebook = finished(read_source(task.root / name, Place(name)), run)
    if notebook is None:
        raise NotebookError(Problem(Place(name), "was changed meanwhile", "build it again"))
    return notebook


def execute(task: EditionTask, on_event: OnEvent, gate: Gate | None = None) -> NotebookNode:
    """Return the edition's notebook, run on a kernel in the task's stage; see `run_notebook`."""
    from jpreport.execute.kernels import open_kernel
    from jpreport.execute.run import run_notebook

    report = task.job.edition.report
    stage = task.stage
    notebook = run_notebook(
        stage.folder / report.notebook,
        task.job.edition.parameters,
        cwd=(stage.folder / report.notebook).parent,
        env={
            PROJECT_VARIABLE: str(stage.folder),
            AUDIENCE_VARIABLE: report.audience,
            TABLES_VARIABLE: str(stage.tables or ""),
            LANGUAGES_VARIABLE: ",".join(report.languages),
        },
        timeout=report.timeout,
        start=partial(open_kernel, hidden=stage.hidden, confinement=stage.confinement),
        on_cell=lambda cell, cells: on_event(Event(task.slug, "running", cell, cells)),
        gate=gate,
    )
    for cell in notebook.cells:
        # Warnings and progress are for the author: what no report shows is not kept in a release.
        if "outputs" in cell:
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    read = notebook.metadata.get(mime.FILES_READ, [])
    if _reads_unseen(notebook, task.root, read):
        read.append("library")
    return notebook


def _reads_unseen(notebook: Any, root: Path, read: list[str]) -> bool:  # noqa: ANN401
    """Whether the notebook or a module of the programme names a library that cannot be watched."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    modules = (root / name for name in read if name.endswith(".py"))
    texts += [
        read_input(module).decode("utf-8", "replace") for module in modules if module.is_file()
    ]
    return any(_UNWATCHED.search(text) for text in texts)


def complete(task: EditionTask, notebook: NotebookNode) -> dict[str, Any]:
    """Give an executed notebook its front matter, and what the report says it was made from.

    Returns the latter: all that a rebuild needs.
    """
    digests = Store(task.state).digests
    # The programme's terms are read for each language, in the run or when it is set.
    terms = (catalogue_path(task.root / NOTEBOOKS, tag) for tag in task.further)
    files = (one.relative_to(task.root) for path in terms for one in catalogue_files(path))
    read = {*notebook.metadata.get(mime.FILES_READ, ()), *(one.as_posix() for one in files)}
    made_from = {
        "jpreport": __version__,
        "audience": task.job.edition.report.audience,
        "notebook": task.job.edition.report.notebook,
        "parameters": plain(task.job.edition.parameters),
        "execution": dict(task.job.inputs.execution),
        "rendering": dict(task.job.inputs.rendering),
        "read": {name: digest_read(name, task.root, digests, task.public) for name in sorted(read)},
    }
    notebook.metadata[mime.FRONT_MATTER] = task.front.to_json()
    further = {tag: one.to_json() for tag, one in task.further.items()}
    for one in further.values():
        del one["brand"]  # is that of the first
    notebook.metadata.pop(mime.FRONTS, None)
    if further:
        notebook.metadata[mime.FRONTS] = further
    notebook.metadata[mime.MADE_FROM] = made_from
    return made_from
