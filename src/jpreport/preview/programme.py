"""The programme as it is now: what was read of it, and the private copy that kernels work in."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from jpreport.document.localized import TRANSLATION
from jpreport.errors import NOWHERE, JpreportError, Problem, ProjectError
from jpreport.files import digest_json, environment_digests
from jpreport.files.inputs import inputs_read_once
from jpreport.forms.mime import FILES_READ
from jpreport.language import cyrillic_of
from jpreport.preview.page import draft
from jpreport.programme.folder import SETTINGS_FILE
from jpreport.release.job import EditionTask
from jpreport.release.planning import (
    TERMS_IN,
    BuildPlan,
    catalogues_of,
    inputs_of,
    plan_build,
    public_digests,
    settings_digest,
)
from jpreport.release.public import digest_read
from jpreport.release.request import Request
from jpreport.release.staging import Stage, stage_again, staged
from jpreport.release.staleness import Edition, Job
from jpreport.release.survey import restyled, retyped


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run of an edition in some languages, and what else than its notebook made it.

    `read` has the digests of what it read, of the `exact` ones as they were then.
    """

    notebook: NotebookNode
    languages: tuple[str, ...]
    basis: str
    read: dict[str, str]
    exact: frozenset[str] = frozenset()


class Programme:
    """A plan and a stage, made again where files that were saved ask for it."""

    def __init__(self, request: Request, templates: Path) -> None:
        self._request, self._templates = request, templates
        self._plan: BuildPlan | None = None
        self._stage: Stage | None = None
        self._staged = ExitStack()
        self._files: dict[Path, tuple[int, int]] = {}

    def close(self) -> None:
        """Remove the private copy; the next task has another."""
        self._stage = None
        self._staged.close()

    def read(self, saved: frozenset[Path] | None) -> bool:
        """Read again what was saved (None: everything).

        Returns whether kernels may go on: nothing was saved but notebooks and their translations,
        which they have not read, and templates. Raises JpreportError where nothing can be made of
        the programme.
        """
        with inputs_read_once():
            again = self._read_in_part(saved) if saved is not None and self._plan else None
            if again is None:
                self.close()
                self._plan = None
            self._plan = again or plan_build(self._request)
        return again is not None and self._request.root / SETTINGS_FILE not in (saved or ())

    def _read_in_part(self, saved: frozenset[Path]) -> BuildPlan | None:
        """Return the plan with texts, templates and the style as they are now; None for more."""
        plan, root = self.plan, self._request.root
        templates = {one for one in saved if one.is_relative_to(self._templates)}
        inside = saved - templates
        if not inside <= {*self._texts, root / SETTINGS_FILE}:
            return None
        if templates:
            plan = replace(plan, environment=environment_digests())
        for name in (one.relative_to(root).as_posix() for one in inside):
            old = plan.survey
            survey = restyled(old) if name == SETTINGS_FILE else retyped(old, name)
            if survey is None:
                return None
            plan = replace(plan, survey=survey)
            if self._stage is not None:
                stage_again(self._stage, root, name)
                # This was no run's doing.
                own = self._stage.folder / name
                self._files.pop(own, None)
                self._files |= self._written(own)
        return plan

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
            settings = settings_digest(survey.settings)
            known = {**self.plan.environment, "settings": settings}
            inputs = inputs_of(survey, edition, known, store.digests, draft=True)
            return draft(
                EditionTask(
                    Job(edition, inputs),
                    root,
                    self._request.output,
                    store.folder,
                    (),
                    survey.fronts[edition.slug],
                    self._staged_now(),
                    public_digests(survey),
                    survey.further[edition.slug],
                )
            )

    def _staged_now(self) -> Stage:
        """Return what kernels work in."""
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
        self._files = self._written()
        return self._stage

    def was_written_to(self) -> bool:
        """Whether a run has left files in the private copy, which others would find."""
        return self.is_copied and self._written() != self._files

    def _written(self, *paths: Path) -> dict[Path, tuple[int, int]]:
        """Return size and time of files in the private copy: of all, or of some."""
        if self._stage is None or not self.is_copied:
            return {}
        found = {}
        for path in paths or self._stage.folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                status = path.stat()
                found[path] = status.st_size, status.st_mtime_ns
        return found

    def result(self, task: EditionTask, run: NotebookNode, languages: tuple[str, ...]) -> Result:
        """Return what a run gave in some languages, with what it was made from."""
        digests, read = self._request.store.digests, self._read_by(task, run)
        copies = {name: task.stage.folder / name for name, digest in read.items() if digest}
        # Of what it read in a copy, the programme's own file may have been saved since.
        own = {
            name: digests.digest_input(copy)
            for name, copy in copies.items()
            if self.is_copied and copy.is_file() and (task.root / name).is_file()
        }
        return Result(run, languages, _basis(task, languages), read | own, frozenset(own))

    def holds(self, task: EditionTask, result: Result) -> bool:
        """Whether a run of the same notebook would read the same now."""
        now = self._read_by(task, result.notebook)
        basis = _basis(task, result.languages)
        return result.basis == basis and result.read == now and all(now.values())

    def _read_by(self, task: EditionTask, run: NotebookNode) -> dict[str, str]:
        texts = {one.relative_to(task.root).as_posix() for one in self._texts}
        digests = self._request.store.digests
        names = run.metadata.get(FILES_READ, ())
        # What may be saved while it runs is taken for what cannot be seen.
        return {
            name: "" if name in texts else digest_read(name, task.root, digests, task.public)
            for name in names
        }

    @property
    def _texts(self) -> frozenset[Path]:
        """The notebooks and their translations, which runs do not read as files."""
        found: set[Path] = set()
        for edition in self.plan.survey.editions:
            found.add(self._request.root / edition.report.notebook)
            for name, path in catalogues_of(edition, self._request.root).items():
                if name.startswith(TRANSLATION):
                    found |= {path, cyrillic_of(path)}
        return frozenset(found)


def _basis(task: EditionTask, languages: tuple[str, ...]) -> str:
    """Return the digest of all that decides what a run gives, apart from notebook and records."""
    report = task.job.edition.report
    others = {f"{TERMS_IN}{tag}" for tag in {*report.languages}.difference(languages)}
    left_out = {f"cells of {report.notebook}", "languages", *others}
    inputs = task.job.inputs.execution
    return digest_json([languages, {k: v for k, v in inputs.items() if k not in left_out}])
