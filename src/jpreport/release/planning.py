"""Which editions are stale, and why."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jpreport.document.localized import TRANSLATION
from jpreport.errors import (
    NOWHERE,
    JpreportError,
    NotebookError,
    Place,
    Problem,
    ProjectError,
    did_you_mean,
)
from jpreport.execute import reads
from jpreport.execute.reuse import read_source, run_digest
from jpreport.files import FileDigests, digest_json, environment_digests
from jpreport.language import catalogue_files, catalogue_path
from jpreport.programme.folder import NOTEBOOKS, SETTINGS_FILE, STATE
from jpreport.programme.settings import Settings
from jpreport.release.gate import place_of
from jpreport.release.public import PublicDigests, digest_read
from jpreport.release.request import Request
from jpreport.release.signed import digest_as_built
from jpreport.release.staleness import Edition, Inputs, Job, plain, staleness
from jpreport.release.survey import Survey, survey_programme

# How the inputs of an edition call the programme's terms in a language.
TERMS_IN = "terms "
# The code of jpreport is part of the environment, though it may lie in the programme folder.
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """A programme with one job an edition asked for, stale or not."""

    survey: Survey
    jobs: tuple[Job, ...]
    read: Mapping[str, str]
    environment: Mapping[str, str]

    def slugs(self, request: Request) -> list[str]:
        """Return the slugs of all editions for the audience, asked for or not."""
        return [edition.slug for edition in self.survey.editions if request.takes(edition)]


def plan_build(
    request: Request,
    meanwhile: Callable[[], None] = lambda: None,
    on_cells: Callable[[str, int, int], None] = lambda _table, _done, _of: None,
) -> BuildPlan:
    """Return the programme and one job an edition asked for, with the reasons why it is stale.

    `meanwhile` and `on_cells` are as in `survey_programme`.
    Raises JpreportError with all problems of a stage where nothing can be built.
    """
    _refuse_encodings()
    store = request.store
    with reads.watching(str(request.root)) as seen:
        survey = survey_programme(request.root, store.checked, meanwhile, on_cells)
    if survey.problems:
        raise JpreportError(survey.problems)
    environment = environment_digests()
    known = {**environment, "settings": settings_digest(survey.settings)}
    digests = store.digests
    root, public = survey.settings.root, public_digests(survey)
    jobs = []
    for edition in _chosen(survey, request):
        inputs = inputs_of(survey, edition, known, digests, draft=request.draft)
        record = store.edition(edition.slug)
        files: dict[str, str] = {}
        if record:
            files |= {n: digest_read(n, root, digests, public) for n in record.read}
            files |= {
                name: digest_as_built(place_of(request.output, name), built, digests)
                for name, built in record.outputs.items()
            }
        execute, render = staleness(
            inputs,
            record,
            files,
            edition.suffixes(request.formats_of(edition)),
            alone=request.formats is None,
        )
        if request.force:
            execute, render = ("forced",), ()
        jobs.append(Job(edition, inputs, execute, render))
    inside = [root / name for name in sorted(seen) if (root / name).is_file()]
    read = {
        path.relative_to(root).as_posix(): digests.digest_input(path)
        for path in inside
        if not any(path.is_relative_to(one) for one in (request.output, root / STATE, _PACKAGE))
    }
    # Also those that are not there yet.
    wanted = {path for job in jobs for path in catalogues_of(job.edition, root).values()}
    there = {one for path in wanted for one in catalogue_files(path) or (path,)}
    read |= {one.relative_to(root).as_posix(): digests.digest_input(one) for one in there}
    return BuildPlan(survey, tuple(jobs), read, environment)


def only_words_changed(request: Request) -> bool:
    """Whether notebooks changed in their prose alone, so that most likely nothing will run."""
    store, changed = request.store, False
    for record in filter(None, map(store.edition, store.editions())):
        name = record.notebook
        text = store.digests.digest_input(request.root / name)
        if text != record.rendering.get(f"notebook {name}"):
            changed = True
            if _run_digest(request.root, name, text) != record.execution.get(f"cells of {name}"):
                return False
    return changed


def _refuse_encodings() -> None:
    """Refuse to work where a file that a kernel has read could not be found under its name."""
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8":
        message = f"Python decodes the names of files as {encoding}, reports need UTF-8"
        hint = "set PYTHONUTF8=1 before Python starts, or use the command jpreport"
        raise JpreportError(Problem(NOWHERE.at("environment"), message, hint))


def settings_digest(settings: Settings) -> str:
    """Return the digest of what a programme's settings say to every report."""
    # Another report's entry changes nothing in this one, nor does what `check` lets pass.
    left_out = {"report": (), "literal": (), "root": Path()}
    return digest_json(settings.model_copy(update=left_out).model_dump(mode="json"))


def inputs_of(
    survey: Survey,
    edition: Edition,
    known: Mapping[str, str],
    digests: FileDigests,
    *,
    draft: bool = False,
) -> Inputs:
    """Return what is known before a run of what an edition is made from.

    `known` are the digests of the environment, and "settings".
    """
    settings, report = survey.settings, edition.report
    text = digests.digest_input(settings.root / report.notebook)
    front = survey.fronts[edition.slug].to_json() if edition.slug in survey.fronts else {}
    further = report.languages[1:]
    covers = [one.to_json() for one in survey.further.get(edition.slug, {}).values()]
    catalogues = {
        name: digest_json([digests.digest_input(file) for file in catalogue_files(path)])
        for name, path in catalogues_of(edition, settings.root).items()
    }
    return Inputs(
        execution={
            "settings": known["settings"],
            "data package": digests.digest_input(survey.package.path),
            f"cells of {report.notebook}": _run_digest(settings.root, report.notebook, text),
            # A new module in the folder may take the place of another.
            "modules": digests.digest((settings.root / report.notebook).parent),
            "parameters": digest_json(plain(edition.parameters)),
            "environment": known["environment"],
            "jpreport": known["jpreport"],
            **({"languages": digest_json(report.languages)} if further else {}),
            **{name: one for name, one in catalogues.items() if name.startswith(TERMS_IN)},
        },
        rendering={
            f"notebook {report.notebook}": text,
            "templates": known["templates"],
            "cover": digest_json([front, *covers] if covers else front),
            **{name: one for name, one in catalogues.items() if name.startswith(TRANSLATION)},
            **({"draft": "yes"} if draft and further else {}),
        },
    )


@lru_cache(maxsize=256)
def _run_digest(root: Path, notebook: str, _content: str) -> str:
    """Return the digest of what a notebook runs; "" for one that cannot be read."""
    try:
        return run_digest(read_source(root / notebook, Place(notebook)))
    except NotebookError:
        return ""


def catalogues_of(edition: Edition, root: Path) -> dict[str, Path]:
    """Return the catalogues of an edition's further languages, by what its inputs call them."""
    notebook = root / edition.report.notebook
    further = edition.report.languages[1:]
    terms = {f"{TERMS_IN}{tag}": catalogue_path(root / NOTEBOOKS, tag) for tag in further}
    return terms | {
        f"{TRANSLATION}{tag}": catalogue_path(notebook.parent, tag, notebook.stem)
        for tag in further
    }


def public_digests(survey: Survey) -> PublicDigests:
    """Return what a job must know of the records that are closed to it."""
    cubes = {table: cube.digest() for table, cube in survey.cubes.items()}
    return PublicDigests(cubes, survey.closed)


def _chosen(survey: Survey, request: Request) -> Iterator[Edition]:
    """Yield the editions that were asked for, by report id or by slug."""
    editions = [edition for edition in survey.editions if request.takes(edition)]
    known = {name for edition in editions for name in (edition.report.id, edition.slug)}
    if request.restricted and not editions:
        hint = 'give a [[report]] audience = "restricted"'
        raise ProjectError(Problem(Place(SETTINGS_FILE), "there is no restricted report", hint))
    unknown = [name for name in request.reports if name not in known]
    if unknown:
        raise ProjectError(
            Problem(Place(SETTINGS_FILE), f'there is no report "{name}"', did_you_mean(name, known))
            for name in unknown
        )
    for edition in editions:
        if not request.reports or {edition.report.id, edition.slug} & set(request.reports):
            yield edition
