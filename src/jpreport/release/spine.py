"""The spine: from a programme folder to its reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import BoundedSemaphore, Thread

from jpreport.errors import Problem
from jpreport.execute.kernels import prewarm, stop_all
from jpreport.files import (
    EditionRecord,
    Store,
    locked,
    prepare_folder,
    prepare_private_folder,
)
from jpreport.release.fanout import fan_out
from jpreport.release.gate import restore_held_back
from jpreport.release.job import (
    Event,
    Outcome,
    Watch,
    Work,
    discard,
    executed_name,
    failed_notebook,
    run_job,
)
from jpreport.release.planning import Plan, plan_build, protection_of
from jpreport.release.publish import publish
from jpreport.release.request import Request
from jpreport.release.staging import Stage, staged
from jpreport.release.staleness import Job, plain


def build(request: Request, watch: Watch = lambda _: None) -> list[Outcome]:
    """Build what is stale; return the outcome of every edition asked for, in declared order.

    Raises JpreportError with all problems of a stage where nothing can be built. A report that
    fails leaves none of its files behind; the others are built. If the audit finds anything,
    no file is left in its place: every outcome is "withheld", with what was found.
    """
    prepare = prepare_private_folder if request.restricted else prepare_folder
    prepare(request.output)
    store = request.store
    store.prepare()
    with locked(store.lock, request.output):
        restore_held_back(request.output)
        prewarm(None if request.restricted else request.root)
        plan = plan_build(request, _load)
        outcomes = {job.edition.slug: _known(job, plan, store) for job in plan.jobs}
        times = store.times()
        run = {job.edition.slug for job in plan.jobs if job.execute}
        for outcome in outcomes.values():
            expected = times.get(outcome.slug) if outcome.slug in run else None
            watch(Event(outcome.slug, outcome.state, expected=expected))
            if outcome.state == "failed":
                _drop(request.output, store, outcome.slug)
        works = _works(request, plan, outcomes)
        with _staged(request, plan, works) as ready:
            for outcome in _run(ready, request.workers, watch):
                outcomes[outcome.slug] = outcome
                _keep(store, works[outcome.slug], outcome)
        made = {s: o.seconds for s, o in outcomes.items() if o.state == "built" and s in run}
        known = {edition.slug for edition in plan.survey.editions}
        store.keep_times({slug: s for slug, s in (times | made).items() if slug in known})
        _drop_others(request, plan, store)
        found = publish(request, plan, store)
    return [_withheld(outcome, found) for outcome in outcomes.values()]


def _works(request: Request, plan: Plan, outcomes: Mapping[str, Outcome]) -> dict[str, Work]:
    """Return what is to be done for each edition that waits, by slug."""
    survey, protection = plan.survey, protection_of(plan.survey)
    root = survey.settings.root
    return {
        job.edition.slug: Work(
            job,
            root,
            request.output,
            request.store.folder,
            request.formats_of(job.edition),
            survey.fronts[job.edition.slug],
            Stage(root),
            protection,
        )
        for job in plan.jobs
        if outcomes[job.edition.slug].state == "waiting"
    }


@contextmanager
def _staged(request: Request, plan: Plan, works: Mapping[str, Work]) -> Iterator[list[Work]]:
    """Yield what is to be done where it is to be done; nothing is staged for what only renders."""
    if not any(one.job.execute for one in works.values()):
        yield [*works.values()]
        return
    with staged(plan.survey, request.output, restricted=request.restricted) as stage:
        yield [replace(one, stage=stage) for one in works.values()]


def _run(works: list[Work], workers: int, watch: Watch) -> Iterator[Outcome]:
    if not works:
        return
    # While one report is rendered, the next one's kernel runs.
    job = partial(run_job, watch=watch, kernels=BoundedSemaphore(workers))
    with _ready_to_render(works):
        yield from fan_out(job, works, 2 * workers, stop=stop_all)


def _load() -> None:
    """Import what runs and renders a report, which takes half a second."""
    for name in ("jpreport.execute.run", "jpreport.export.html", "jpreport.export.pdf"):
        import_module(name)


@contextmanager
def _ready_to_render(works: list[Work]) -> Iterator[None]:
    """Cut the typefaces while the first kernels run, unless they are kept from another build."""

    def cut() -> None:
        from jpreport.export.branding import look_of
        from jpreport.export.webfonts import font_faces

        font_faces("", look_of(works[0].front.brand, works[0].root))

    _load()
    thread = Thread(target=cut, name="jpreport-fonts")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _known(job: Job, plan: Plan, store: Store) -> Outcome:
    """Return what is known of an edition before anything runs."""
    slug = job.edition.slug
    if slug in plan.survey.faults:
        return Outcome(slug, "failed", problems=plan.survey.faults[slug])
    record = store.edition(slug)
    if job.reasons or record is None:
        return Outcome(slug, "waiting")
    return Outcome(
        slug,
        "unchanged",
        title=record.title,
        figures=record.figures,
        pages=record.pages,
        outputs=record.outputs,
    )


def _keep(store: Store, work: Work, outcome: Outcome) -> None:
    """Write down what an edition was made from, as soon as it is made."""
    if outcome.state != "built":
        store.forget_edition(outcome.slug)
        return
    edition = work.job.edition
    before = store.edition(outcome.slug)
    outputs, pages = dict(outcome.outputs), outcome.pages
    # What was rendered in one format only keeps the other one, if that is as up to date.
    if before and not work.job.execute and before.rendering == dict(work.job.inputs.rendering):
        outputs = {**before.outputs, **outputs}
        pages = before.pages if pages is None else pages
    record = EditionRecord(
        report=edition.report.id,
        notebook=edition.report.notebook,
        parameters=plain(edition.parameters),
        title=outcome.title,
        figures=outcome.figures,
        quoted=outcome.quoted,
        pages=pages,
        execution=dict(work.job.inputs.execution),
        rendering=dict(work.job.inputs.rendering),
        read=dict(outcome.read),
        executed=executed_name(outcome.slug),
        outputs=outputs,
    )
    store.keep_edition(outcome.slug, record)


def _drop(output: Path, store: Store, slug: str) -> None:
    discard(output, slug)
    store.forget_edition(slug)


def _drop_others(request: Request, plan: Plan, store: Store) -> None:
    """Remove the editions that the settings no longer make."""
    for slug in set(store.editions()).difference(plan.slugs(request)):
        _drop(request.output, store, slug)
        failed_notebook(request.output, slug).unlink(missing_ok=True)


def _withheld(outcome: Outcome, found: tuple[Problem, ...]) -> Outcome:
    """Return the outcome of an edition of a release in which the audit found something."""
    if not found:
        return outcome
    if outcome.state == "failed":
        return replace(outcome, problems=(*outcome.problems, *found))
    return replace(outcome, state="withheld", problems=found)
