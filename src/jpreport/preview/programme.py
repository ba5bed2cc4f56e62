"""The programme as it is now: what was read of it, and the private copy that kernels work in."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from jpreport.errors import NOWHERE, JpreportError, Problem, ProjectError
from jpreport.files import digest_json, environment_digests
from jpreport.files.inputs import inputs_read_once
from jpreport.forms.mime import FILES_READ
from jpreport.preview.page import draft
from jpreport.release.job import EditionTask, digest_read
from jpreport.release.planning import BuildPlan, inputs_of, plan_build, public_digests
from jpreport.release.request import Request
from jpreport.release.staging import Stage, stage_again, staged
from jpreport.release.staleness import Edition, Job
from jpreport.release.survey import retyped


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run of an edition, and what it was made from beside its notebook."""

    notebook: NotebookNode
    basis: str
    read: dict[str, str]


class Programme:
    """A plan and a stage, made again where files that were saved ask for it."""

    def __init__(self, request: Request, templates: Path) -> None:
        self._request, self._templates = request, templates
        self._plan: BuildPlan | None = None
        self._stage: Stage | None = None
        self._staged = ExitStack()
        self._files: dict[str, tuple[int, int]] = {}

    def close(self) -> None:
        """Remove the private copy; the next task has another."""
        self._stage = None
        self._staged.close()

    def read(self, saved: frozenset[Path] | None, notebook: str) -> bool:
        """Read again what was saved (None: everything).

        Returns whether kernels may go on: nothing was saved but a `notebook`, which they have not
        read, and templates. Raises JpreportError where nothing can be made of the programme.
        """
        with inputs_read_once():
            if saved is not None and self._plan is not None:
                templates = {one for one in saved if one.is_relative_to(self._templates)}
                if templates:
                    self._plan = replace(self._plan, environment=environment_digests())
                rest = saved - templates
                survey = self._plan.survey
                if rest == {self._request.root / notebook}:
                    again = retyped(survey, notebook)
                    if again is not None:
                        self._plan = replace(self._plan, survey=again)
                        return True
                elif not rest:
                    return True
            self.close()
            self._plan = None
            self._plan = plan_build(self._request)
            return False

    @property
    def plan(self) -> BuildPlan:
        """What was read; raises ProjectError where that could not be."""
        if self._plan is None:
            raise ProjectError(Problem(NOWHERE, "the programme could not be read"))
        return self._plan

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The editions that can be shown."""
        return tuple(filter(self._request.takes, self.plan.survey.editions))

    @property
    def is_copied(self) -> bool:
        """Whether kernels work in a private copy."""
        return self._stage is not None and self._stage.folder != self._request.root

    def task(self, slug: str) -> EditionTask:
        """Return an edition as a draft that is to be made; raises JpreportError where it cannot be.

        Without a `slug`, or where it is gone, it is the first edition that was asked for.
        """
        survey = self.plan.survey
        named = {edition.slug: edition for edition in self.editions}
        edition = named.get(slug) or next(job.edition for job in self.plan.jobs)
        if edition.slug in survey.faults:
            raise JpreportError(survey.faults[edition.slug])
        with inputs_read_once():
            store, root = self._request.store, survey.settings.root
            inputs = inputs_of(survey, edition, self.plan.environment, store.digests)
            return draft(
                EditionTask(
                    Job(edition, inputs),
                    root,
                    self._request.output,
                    store.folder,
                    (),
                    survey.fronts[edition.slug],
                    self._staged_now(edition.report.notebook),
                    public_digests(survey),
                    survey.further[edition.slug],
                )
            )

    def _staged_now(self, notebook: str) -> Stage:
        """Return what kernels work in, with a notebook as it is now."""
        request = self._request
        if self._stage is None:
            self._stage = self._staged.enter_context(
                staged(
                    self.plan.survey,
                    request.output,
                    request.store.checked,
                    restricted=request.restricted,
                )
            )
        else:
            stage_again(self._stage, request.root, notebook)
        self._files = self._written()
        return self._stage

    def was_written_to(self) -> bool:
        """Whether a run has left files in the private copy, which others would find."""
        return self.is_copied and self._written() != self._files

    def _written(self) -> dict[str, tuple[int, int]]:
        if self._stage is None or not self.is_copied:
            return {}
        found = {}
        for path in self._stage.folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                status = path.stat()
                found[str(path)] = status.st_size, status.st_mtime_ns
        return found

    def result(self, task: EditionTask, run: NotebookNode) -> Result:
        """Return what a run gave, with what it was made from."""
        return Result(run, _basis(task), self._read_by(task, run))

    def holds(self, task: EditionTask, result: Result) -> bool:
        """Whether a run of the same notebook would read the same now."""
        now = self._read_by(task, result.notebook)
        return result.basis == _basis(task) and result.read == now and all(now.values())

    def _read_by(self, task: EditionTask, run: NotebookNode) -> dict[str, str]:
        own = task.job.edition.report.notebook
        digests = self._request.store.digests
        names = run.metadata.get(FILES_READ, ())
        # A run that reads its own notebook is taken for one that reads what cannot be seen.
        return {
            name: "" if name == own else digest_read(name, task.root, digests, task.public)
            for name in names
        }


def _basis(task: EditionTask) -> str:
    """Return the digest of all that decides what a run gives, apart from notebook and records."""
    own = f"cells of {task.job.edition.report.notebook}"
    return digest_json({k: v for k, v in task.job.inputs.execution.items() if k != own})
