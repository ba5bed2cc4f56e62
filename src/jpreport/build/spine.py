"""The spine: from a programme folder to its reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jpreport import __version__
from jpreport.build.job import Event, Outcome, Watch, Work, discard, failed_notebook, run_job
from jpreport.build.survey import Survey, survey_programme
from jpreport.errors import JpreportError, Problem, ProjectError, did_you_mean
from jpreport.fanout import fan_out
from jpreport.plan import Job, fingerprint, staleness
from jpreport.project import SETTINGS_FILE
from jpreport.provenance import (
    digest_file,
    digest_json,
    environment_digests,
    prepare_folder,
    read_manifest,
    write_atomic,
    write_manifest,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What to build: `reports` are ids or slugs (none: all); `formats` None takes each report's."""

    root: Path
    output: Path
    reports: tuple[str, ...] = ()
    formats: tuple[str, ...] | None = None
    workers: int = 1
    force: bool = False

    @property
    def cache(self) -> Path:
        """Where it is kept which records have passed their contract."""
        return self.output / ".cache" / "records"


def plan_build(request: Request) -> tuple[Survey, list[Job]]:
    """Return the programme and one job an edition asked for, stale or not.

    Raises JpreportError with all problems of a stage where nothing can be built.
    """
    survey = survey_programme(request.root, request.cache)
    if survey.problems:
        raise JpreportError(survey.problems)
    manifest = read_manifest(request.output)
    shared = {**environment_digests(), **_input_digests(survey)}
    jobs = []
    for edition in _chosen(survey, request):
        formats = request.formats or edition.report.formats
        inputs = fingerprint(
            edition, shared, digest_file(survey.settings.root / edition.report.notebook)
        )
        recorded = manifest.get("reports", {}).get(edition.slug, {})
        outputs = {
            name: digest_file(request.output / name)
            for name in recorded.get("outputs", {})
            if (request.output / name).is_file()
        }
        reasons = staleness(inputs, recorded, outputs, force=request.force)
        reasons += tuple(
            f"{edition.slug}.{suffix} is missing"
            for suffix in formats
            if recorded and f"{edition.slug}.{suffix}" not in recorded.get("outputs", {})
        )
        jobs.append(Job(edition, inputs, reasons))
    return survey, jobs


def build(request: Request, watch: Watch = lambda _: None) -> list[Outcome]:
    """Build what is stale; return the outcome of every edition asked for, in declared order.

    Raises JpreportError with all problems of a stage where nothing can be built. A report that
    fails leaves none of its files behind; the others are built.
    """
    prepare_folder(request.output)
    survey, jobs = plan_build(request)
    manifest = read_manifest(request.output)
    outcomes = {job.edition.slug: _without_running(job, survey, manifest) for job in jobs}
    works = [
        Work(
            job,
            survey.settings.root,
            request.output,
            request.formats or job.edition.report.formats,
            survey.fronts[job.edition.slug],
        )
        for job in jobs
        if outcomes[job.edition.slug].state == "waiting"
    ]
    for outcome in outcomes.values():
        watch(Event(outcome.slug, outcome.state))
        if outcome.state == "failed":
            discard(request.output, outcome.slug)
    for outcome in _run(works, request.workers, watch):
        outcomes[outcome.slug] = outcome
    _publish(survey, request, jobs, manifest, outcomes)
    return list(outcomes.values())


def _run(works: list[Work], workers: int, watch: Watch) -> Iterator[Outcome]:
    if not works:
        return
    from jpreport.kernels import stop_all

    yield from fan_out(partial(run_job, watch=watch), works, workers, stop=stop_all)


def _chosen(survey: Survey, request: Request) -> Iterator[Any]:
    """Yield the editions that were asked for, by report id or by slug."""
    known = {edition.report.id for edition in survey.editions} | {
        edition.slug for edition in survey.editions
    }
    unknown = [name for name in request.reports if name not in known]
    if unknown:
        raise ProjectError(
            Problem(SETTINGS_FILE, f'there is no report "{name}"', did_you_mean(name, known))
            for name in unknown
        )
    for edition in survey.editions:
        if not request.reports or {edition.report.id, edition.slug} & set(request.reports):
            yield edition


def _input_digests(survey: Survey) -> dict[str, str]:
    """Return the digests of what every report may depend on."""
    settings, package = survey.settings, survey.package
    digests = {
        "settings": digest_file(settings.root / SETTINGS_FILE),
        "data package": digest_file(package.path),
    }
    for resource in package.resources.values():
        digests[f"table {resource.name}"] = digest_file(resource.path)
    modules = {
        path.relative_to(settings.root).as_posix(): digest_file(path)
        for folder in {(settings.root / report.notebook).parent for report in settings.report}
        for path in sorted(folder.rglob("*.py"))
    }
    return {**digests, "modules": digest_json(modules)}


def _without_running(job: Job, survey: Survey, manifest: Mapping[str, Any]) -> Outcome:
    """Return what is known of an edition before anything runs."""
    slug = job.edition.slug
    if slug in survey.faults:
        return Outcome(slug, "failed", problems=survey.faults[slug])
    if job.reasons:
        return Outcome(slug, "waiting")
    entry = manifest["reports"][slug]
    return Outcome(
        slug,
        "unchanged",
        title=entry["title"],
        figures=entry["figures"],
        pages=entry["pages"],
        outputs=entry["outputs"],
    )


def _publish(
    survey: Survey,
    request: Request,
    jobs: list[Job],
    manifest: Mapping[str, Any],
    outcomes: Mapping[str, Outcome],
) -> None:
    """Write the manifest and the index; remove editions that the settings no longer make."""
    from jpreport.export.index import render_index

    entries = dict(manifest.get("reports", {}))
    current = {edition.slug for edition in survey.editions}
    for slug in sorted(entries.keys() - current):
        discard(request.output, slug)
        failed_notebook(request.output, slug).unlink(missing_ok=True)
        del entries[slug]
    for job in jobs:
        outcome = outcomes[job.edition.slug]
        if outcome.state == "failed":
            entries.pop(outcome.slug, None)
        elif outcome.state == "built":
            entries[outcome.slug] = {
                "report": job.edition.report.id,
                "notebook": job.edition.report.notebook,
                "parameters": {k: str(v) for k, v in job.edition.parameters.items()},
                "title": outcome.title,
                "figures": outcome.figures,
                "pages": outcome.pages,
                "inputs": dict(job.inputs),
                "outputs": dict(outcome.outputs),
            }
    ordered = [entries[e.slug] | {"slug": e.slug} for e in survey.editions if e.slug in entries]
    front = next(iter(survey.fronts.values()), None)
    write_atomic(request.output / "index.html", render_index(front, ordered).encode())
    write_manifest(
        request.output,
        {
            "jpreport": __version__,
            "programme": survey.settings.programme.title,
            "synthetic": survey.package.synthetic,
            "inputs": {
                resource.source: digest_file(resource.path)
                for resource in survey.package.resources.values()
            },
            "reports": entries,
        },
    )
