"""The spine: from a programme folder to its reports."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import BoundedSemaphore, Thread
from typing import Any

from jpreport import __version__, watch
from jpreport.build.gate import Candidate, let_back, pass_gate, place_of
from jpreport.build.job import (
    Event,
    Outcome,
    Protection,
    Watch,
    Work,
    digest_read,
    discard,
    executed_name,
    failed_notebook,
    run_job,
)
from jpreport.build.stage import staged
from jpreport.build.survey import Survey, survey_programme
from jpreport.errors import JpreportError, Problem, ProjectError, did_you_mean
from jpreport.fanout import fan_out
from jpreport.kernels import prewarm, stop_all
from jpreport.plan import Edition, Inputs, Job, plain, staleness
from jpreport.project import SETTINGS_FILE
from jpreport.provenance import (
    Store,
    digest_bytes,
    digest_json,
    environment_digests,
    locked,
    prepare_folder,
    prepare_private_folder,
    read_json,
    to_json_bytes,
    write_atomic,
)
from jpreport.quoted import figure_entry, figures_quoted
from jpreport.standing import edition_key


@dataclass(frozen=True, slots=True)
class Request:
    """What to build: `reports` are ids or slugs (none: all); `formats` None takes each report's.

    A build that is not `audited` is for comparison only, never for readers. One of `restricted`
    editions makes those and no other, and is not audited: they may show records of persons.
    """

    root: Path
    output: Path
    reports: tuple[str, ...] = ()
    formats: tuple[str, ...] | None = None
    workers: int = 1
    force: bool = False
    audited: bool = True
    restricted: bool = False

    def takes(self, edition: Edition) -> bool:
        """Whether an edition is for the audience that is built for."""
        return (edition.report.audience == "restricted") is self.restricted

    def formats_of(self, edition: Edition) -> tuple[str, ...]:
        """Return the formats that an edition is made in."""
        return self.formats or edition.report.formats


@dataclass(frozen=True, slots=True)
class Plan:
    """A programme with one job an edition asked for, stale or not."""

    survey: Survey
    jobs: tuple[Job, ...]
    read: Mapping[str, str]
    environment: Mapping[str, str]


def build(request: Request, watch: Watch = lambda _: None) -> list[Outcome]:
    """Build what is stale; return the outcome of every edition asked for, in declared order.

    Raises JpreportError with all problems of a stage where nothing can be built. A report that
    fails leaves none of its files behind; the others are built. If the audit finds anything,
    no file is left in its place: every outcome is "withheld", with what was found.
    """
    prepare = prepare_private_folder if request.restricted else prepare_folder
    prepare(request.output)
    store = Store(request.output)
    with locked(store.lock):
        let_back(request.output)
        prewarm()
        plan = plan_build(request, _load)
        outcomes = {job.edition.slug: _standing(job, plan, store) for job in plan.jobs}
        times = store.times()
        run = {job.edition.slug for job in plan.jobs if job.execute}
        for outcome in outcomes.values():
            expected = times.get(outcome.slug) if outcome.slug in run else None
            watch(Event(outcome.slug, outcome.state, expected=expected))
            if outcome.state == "failed":
                _drop(request.output, store, outcome.slug)
        protection = _protection(plan.survey)
        works = {
            job.edition.slug: Work(
                job,
                plan.survey.settings.root,
                request.output,
                request.formats_of(job.edition),
                plan.survey.fronts[job.edition.slug],
                plan.survey.settings.root,
                protection,
            )
            for job in plan.jobs
            if outcomes[job.edition.slug].state == "waiting"
        }
        with staged(plan.survey, request.output, restricted=request.restricted) as stage:
            work = [replace(one, stage=stage) for one in works.values()]
            for outcome in _run(work, request.workers, watch):
                outcomes[outcome.slug] = outcome
                _keep(store, works[outcome.slug], outcome)
        made = {s: o.seconds for s, o in outcomes.items() if o.state == "built" and s in run}
        known = {edition.slug for edition in plan.survey.editions}
        store.keep_times({slug: s for slug, s in (times | made).items() if slug in known})
        found = _publish(request, plan, store)
    return [_withheld(outcome, found) for outcome in outcomes.values()]


def plan_build(request: Request, meanwhile: Callable[[], None] = lambda: None) -> Plan:
    """Return the programme and one job an edition asked for, with the reasons why it is stale.

    `meanwhile` is called if there is nothing to do but wait.
    Raises JpreportError with all problems of a stage where nothing can be built.
    """
    _refuse_encodings()
    store = Store(request.output)
    with watch.watching(str(request.root)) as seen:
        survey = survey_programme(request.root, store.checked, meanwhile)
    if survey.problems:
        raise JpreportError(survey.problems)
    environment = environment_digests()
    root, protection = survey.settings.root, _protection(survey)
    jobs = []
    for edition in _chosen(survey, request):
        inputs = _inputs(survey, edition, environment, store)
        record = store.edition(edition.slug)
        files = {
            **{n: digest_read(n, root, store, protection) for n in record.get("read", ())},
            **{n: store.digest(place_of(request.output, n)) for n in record.get("outputs", ())},
        }
        execute, render = staleness(
            inputs, record, files, request.formats_of(edition), force=request.force
        )
        jobs.append(Job(edition, inputs, execute, render))
    inside = [root / name for name in sorted(seen) if (root / name).is_file()]
    read = {
        path.relative_to(root).as_posix(): store.digest(path)
        for path in inside
        if not path.is_relative_to(request.output)
    }
    return Plan(survey, tuple(jobs), read, environment)


def _refuse_encodings() -> None:
    """Refuse to work where a file that a kernel has read could not be found under its name."""
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8":
        message = f"Python decodes the names of files as {encoding}, reports need UTF-8"
        hint = "set PYTHONUTF8=1 before Python starts, or use the command jpreport"
        raise JpreportError(Problem("environment", message, hint))


def _inputs(
    survey: Survey, edition: Edition, environment: Mapping[str, str], store: Store
) -> Inputs:
    """Return what is known before a run of what an edition is made from."""
    settings, report = survey.settings, edition.report
    # Another report's entry changes nothing in this one, nor does what `check` lets pass.
    left_out = {"report": (), "literal": (), "root": Path()}
    own = settings.model_copy(update=left_out).model_dump(mode="json")
    front = survey.fronts[edition.slug].to_json() if edition.slug in survey.fronts else {}
    return Inputs(
        execution={
            "settings": digest_json(own),
            "data package": store.digest(survey.package.path),
            f"notebook {report.notebook}": store.digest(settings.root / report.notebook),
            # A new module in the folder may take the place of another.
            "modules": store.digest((settings.root / report.notebook).parent),
            "parameters": digest_json(plain(edition.parameters)),
            "environment": environment["environment"],
            "jpreport": environment["jpreport"],
        },
        rendering={"templates": environment["templates"], "cover": digest_json(front)},
    )


def _run(works: list[Work], workers: int, watch: Watch) -> Iterator[Outcome]:
    if not works:
        return
    # While one report is rendered, the next one's kernel runs.
    job = partial(run_job, watch=watch, kernels=BoundedSemaphore(workers))
    with _ready_to_render(works):
        yield from fan_out(job, works, 2 * workers, stop=stop_all)


def _load() -> None:
    """Import what runs and renders a report, which takes half a second."""
    for name in ("jpreport.engine.run", "jpreport.export.html", "jpreport.export.pdf"):
        import_module(name)


@contextmanager
def _ready_to_render(works: list[Work]) -> Iterator[None]:
    """Cut the typefaces while the first kernels run, unless they are kept from another build."""

    def cut() -> None:
        from jpreport.export.look import look_of
        from jpreport.export.webfonts import font_faces

        font_faces("", look_of(works[0].front.brand, works[0].root))

    _load()
    thread = Thread(target=cut, name="jpreport-fonts")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _chosen(survey: Survey, request: Request) -> Iterator[Edition]:
    """Yield the editions that were asked for, by report id or by slug."""
    editions = [edition for edition in survey.editions if request.takes(edition)]
    known = {name for edition in editions for name in (edition.report.id, edition.slug)}
    if request.restricted and not editions:
        hint = 'give a [[report]] audience = "restricted"'
        raise ProjectError(Problem(SETTINGS_FILE, "there is no restricted report", hint))
    unknown = [name for name in request.reports if name not in known]
    if unknown:
        raise ProjectError(
            Problem(SETTINGS_FILE, f'there is no report "{name}"', did_you_mean(name, known))
            for name in unknown
        )
    for edition in editions:
        if not request.reports or {edition.report.id, edition.slug} & set(request.reports):
            yield edition


def _standing(job: Job, plan: Plan, store: Store) -> Outcome:
    """Return what is known of an edition before anything runs."""
    slug = job.edition.slug
    if slug in plan.survey.faults:
        return Outcome(slug, "failed", problems=plan.survey.faults[slug])
    if job.reasons:
        return Outcome(slug, "waiting")
    return unchanged(slug, store.edition(slug))


def unchanged(slug: str, record: Mapping[str, Any]) -> Outcome:
    """Return the outcome of an edition that stands as its record says."""
    return Outcome(
        slug,
        "unchanged",
        title=record["title"],
        figures=record["figures"],
        pages=record["pages"],
        outputs=record["outputs"],
    )


def _protection(survey: Survey) -> Protection:
    cubes = {table: cube.digest() for table, cube in survey.cubes.items()}
    return Protection(cubes, survey.closed)


def _keep(store: Store, work: Work, outcome: Outcome) -> None:
    """Write down what an edition was made from, as soon as it is made."""
    if outcome.state != "built":
        store.forget_edition(outcome.slug)
        return
    edition = work.job.edition
    before = store.edition(outcome.slug)
    # What was rendered in one format only keeps the other one, if that is as up to date.
    kept = before.get("outputs", {}) if not work.job.execute else {}
    fresh = before.get("rendering") == dict(work.job.inputs.rendering)
    store.keep_edition(
        outcome.slug,
        {
            "report": edition.report.id,
            "notebook": edition.report.notebook,
            "parameters": plain(edition.parameters),
            "title": outcome.title,
            "figures": outcome.figures,
            "quoted": figures_quoted(_executed(work)),
            "pages": outcome.pages if outcome.pages is not None else before.get("pages"),
            "execution": dict(work.job.inputs.execution),
            "rendering": dict(work.job.inputs.rendering),
            "read": dict(outcome.read),
            "executed": executed_name(outcome.slug),
            "outputs": {**(kept if fresh else {}), **outcome.outputs},
        },
    )


def _executed(work: Work) -> Mapping[str, Any]:
    return read_json(work.output / executed_name(work.slug))


def _drop(output: Path, store: Store, slug: str) -> None:
    discard(output, slug)
    store.forget_edition(slug)


def _told(request: Request, plan: Plan) -> dict[str, str]:
    """Return the digests of the inputs as a manifest has them.

    Those of records of persons are not told, nor the notebooks of another audience named.
    """
    editions = plan.survey.editions
    own = {edition.report.notebook for edition in editions if request.takes(edition)}
    others = {edition.report.notebook for edition in editions} - own
    inputs = {**plan.read, **plan.survey.closed}
    return {name: digest for name, digest in inputs.items() if name not in others}


def _withheld(outcome: Outcome, found: tuple[Problem, ...]) -> Outcome:
    """Return the outcome of an edition of a release in which the audit found something."""
    if not found:
        return outcome
    if outcome.state == "failed":
        return replace(outcome, problems=(*outcome.problems, *found))
    return replace(outcome, state="withheld", problems=found)


def _tidy(output: Path, store: Store, published: Mapping[str, bytes]) -> None:
    """Remove what the last build published and this one does not: a notebook no longer used."""
    for name in store.survey().get("published", {}).keys() - published.keys():
        (output / name).unlink(missing_ok=True)


def _publish(request: Request, plan: Plan, store: Store) -> tuple[Problem, ...]:
    """Write the manifest and the index, if the audit finds nothing; else return what it found.

    Editions that the settings no longer make are removed.
    """
    from jpreport.crate import crate_files
    from jpreport.export.index import render_index

    survey = plan.survey
    current = [edition.slug for edition in survey.editions if request.takes(edition)]
    for slug in set(store.editions()).difference(current):
        _drop(request.output, store, slug)
        failed_notebook(request.output, slug).unlink(missing_ok=True)
    records = {slug: store.edition(slug) for slug in current}
    entries = {slug: record for slug, record in records.items() if record}
    published: dict[str, bytes] = {}
    front = next((survey.fronts[slug] for slug in current if slug in survey.fronts), None)
    if front is not None:
        listed = [{**record, "slug": slug} for slug, record in entries.items()]
        index = render_index(front, listed, survey.settings.root)
        published["index.html"] = index.encode()
    manifest = {
        "version": 1,
        "jpreport": __version__,
        "programme": survey.settings.programme.title,
        "synthetic": survey.package.synthetic,
        "inputs": _told(request, plan),
        "protected": sorted(survey.closed),
        "environment": dict(plan.environment),
        "indicators": [figure_entry(figure) for figure in survey.figures],
        "reports": entries,
    }
    if request.restricted:
        manifest["audience"] = "restricted"
    published["manifest.json"] = to_json_bytes(manifest)
    if not request.restricted:
        root = survey.settings.root
        published |= crate_files(request.output, root, entries, survey.fronts, published)
    _tidy(request.output, store, published)
    for table, cube in survey.cubes.items():
        # What the audit holds every published number against.
        write_atomic(store.cubes / f"{table}.json", to_json_bytes(cube.to_json()))
    store.keep_closed({name: plan.read.get(name, "") for name in survey.closed})
    outputs = tuple(name for record in entries.values() for name in record["outputs"])
    if request.audited and not request.restricted:
        made = Candidate(survey, request.output, outputs, published, plan.read, plan.environment)
        if found := pass_gate(made, store):
            return found
    else:
        for name, content in published.items():
            write_atomic(request.output / name, content)
    whole = not request.reports and request.formats is None
    if whole and len(entries) == len(current) and not survey.faults.keys() & set(current):
        store.keep_survey(
            {
                "read": dict(plan.read),
                "environment": dict(plan.environment),
                "editions": {slug: edition_key(record) for slug, record in entries.items()},
                "published": {name: digest_bytes(one) for name, one in published.items()},
            }
        )
    store.save_digests()
    return ()
