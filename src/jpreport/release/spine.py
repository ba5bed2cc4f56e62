"""The spine: from a programme folder to its reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import BoundedSemaphore, Thread

from jpreport.document.formats import load_format
from jpreport.errors import ClusterError, JpreportError, Place, Problem
from jpreport.execute.kernels import prewarm, stop_all
from jpreport.files import (
    EditionRecord,
    Store,
    locked,
    prepare_folder,
    prepare_private_folder,
)
from jpreport.files.atomic import remove_unfinished
from jpreport.files.inputs import inputs_read_once
from jpreport.files.private import check_temporary
from jpreport.release.auditing import EarlyAudit
from jpreport.release.fanout import Pool, fan_out
from jpreport.release.gate import restore_held_back
from jpreport.release.job import (
    EditionTask,
    Event,
    Made,
    OnEvent,
    OnFile,
    Outcome,
    discard,
    executed_name,
    failed_notebook,
    make_edition,
    run_job,
)
from jpreport.release.languages import gaps
from jpreport.release.planning import (
    BuildPlan,
    only_words_changed,
    plan_build,
    public_digests,
)
from jpreport.release.publish import publish
from jpreport.release.request import Request
from jpreport.release.signed import refused
from jpreport.release.staging import Stage, staged
from jpreport.release.staleness import Job, plain


def build(request: Request, on_event: OnEvent = lambda _: None) -> list[Outcome]:
    """Build what is stale; return the outcome of every edition asked for, in declared order.

    Raises JpreportError with all problems of a stage where nothing can be built. A report that
    fails leaves none of its files behind; the others are built. If the audit finds anything,
    no file is left in its place: every outcome is "withheld", with what was found.
    """
    check_temporary()
    if request.cluster and request.restricted:
        message = "restricted reports may show records of persons, which stay on this machine"
        raise ClusterError(Problem(Place("--cluster"), message, "build them without --cluster"))
    prepare = prepare_private_folder if request.restricted else prepare_folder
    prepare(request.output)
    store = request.store
    store.prepare()
    with locked(store.lock, request.output), inputs_read_once():
        remove_unfinished(request.output)
        remove_unfinished(store.folder)
        restore_held_back(request.output)
        only_words = only_words_changed(request)
        audited = request.audited and not request.restricted
        # Where notebooks run, it has time to load while they do.
        early = EarlyAudit() if audited and only_words else None
        if not (only_words or request.cluster):
            prewarm(None if request.restricted else request.root)
        plan = plan_build(
            request,
            partial(_load, runs=not only_words),
            lambda table, done, of: on_event(Event(table, "protecting", done, of)),
        )
        outcomes = {job.edition.slug: _known(job, plan, store) for job in plan.jobs}
        touched = {one.slug for one in outcomes.values() if one.state != "unchanged"}
        touched |= set(store.editions()).difference(plan.slugs(request))
        # A signature is somebody's act.
        if not request.force and (problems := tuple(refused(request.output, store, touched))):
            raise JpreportError(problems)
        times = store.times()
        run = {job.edition.slug for job in plan.jobs if job.execute}
        for outcome in outcomes.values():
            expected = times.get(outcome.slug) if outcome.slug in run else None
            on_event(Event(outcome.slug, outcome.state, expected=expected))
            if outcome.state == "failed":
                _drop(request.output, store, outcome.slug)
        tasks = _tasks(request, plan, outcomes)
        if audited and tasks:
            early = early or EarlyAudit()
            early.begin(plan.survey, request.output, store.checked)
        with _staged(request, plan, tasks) as ready:
            for outcome in _run(request, ready, on_event, early.file if early else _unheard):
                _keep(store, tasks.pop(outcome.slug), outcome)
                # What it quotes, which is most of it, is kept.
                outcomes[outcome.slug] = replace(outcome, quoted=())
        made = {s: o.seconds for s, o in outcomes.items() if o.state == "built" and s in run}
        known = {edition.slug for edition in plan.survey.editions}
        store.keep_times({slug: s for slug, s in (times | made).items() if slug in known})
        _drop_others(request, plan, store)
        found = publish(request, plan, store, early)
        with suppress(OSError):
            failed_notebook(request.output, "").parent.rmdir()  # if nothing is in it
    return [_withheld(outcome, found) for outcome in outcomes.values()]


def _tasks(
    request: Request, plan: BuildPlan, outcomes: Mapping[str, Outcome]
) -> dict[str, EditionTask]:
    """Return what is to be done for each edition that waits, by slug."""
    survey, public = plan.survey, public_digests(plan.survey)
    root = survey.settings.root
    return {
        job.edition.slug: EditionTask(
            job,
            root,
            request.output,
            request.store.folder,
            request.formats_of(job.edition),
            survey.fronts[job.edition.slug],
            Stage(root),
            public,
            survey.further[job.edition.slug],
            gaps(survey, job.edition.report),
            request.draft,
        )
        for job in plan.jobs
        if outcomes[job.edition.slug].state == "waiting"
    }


@contextmanager
def _staged(
    request: Request, plan: BuildPlan, tasks: Mapping[str, EditionTask]
) -> Iterator[list[EditionTask]]:
    """Yield what is to be done where it is to be done; nothing is staged for what only renders."""
    if not any(one.job.execute for one in tasks.values()):
        yield [*tasks.values()]
        return
    with staged(
        plan.survey,
        request.output,
        request.store.checked,
        restricted=request.restricted,
        travels=bool(request.cluster),
    ) as stage:
        yield [replace(one, stage=stage) for one in tasks.values()]


def _run(
    request: Request, tasks: list[EditionTask], on_event: OnEvent, on_file: OnFile
) -> Iterator[Outcome]:
    if not tasks:
        return
    with _pool(request, tasks, on_event, on_file) as pool:
        job = partial(run_job, make=pool.make, on_event=on_event)
        yield from fan_out(job, tasks, pool.at_once, stop=pool.stop)


@contextmanager
def _pool(
    request: Request, tasks: list[EditionTask], on_event: OnEvent, on_file: OnFile
) -> Iterator[Pool[EditionTask, Made]]:
    """Yield where editions are made: here, or on a cluster, on which only what runs is."""
    kernels = BoundedSemaphore(request.workers)
    here = partial(make_edition, on_event=on_event, on_file=on_file, kernels=kernels)
    if request.cluster and any(task.job.execute for task in tasks):
        from jpreport.release.cluster import cluster_pool

        with cluster_pool(request.cluster, tasks, here, on_event, on_file) as pool:
            yield pool
        return
    with _ready_to_render(tasks):
        # While one report is rendered, the next one's kernel runs.
        yield Pool(here, 2 * request.workers, stop_all)


def _load(*, runs: bool) -> None:
    """Import what renders a report, and `runs` one, which takes half a second."""
    for name in ("jpreport.execute.run", "jpreport.export.html")[not runs :]:
        import_module(name)


@contextmanager
def _ready_to_render(tasks: list[EditionTask]) -> Iterator[None]:
    """Cut the typefaces while the first kernels run, unless they are kept from another build."""

    def cut() -> None:
        from jpreport.export.branding import appearance_of
        from jpreport.export.webfonts import font_faces

        font_faces("", appearance_of(tasks[0].front.brand, tasks[0].root))

    _load(runs=any(task.job.execute for task in tasks))
    for name in dict.fromkeys(name for task in tasks for name in task.formats):
        load_format(name)
    thread = Thread(target=cut, name="jpreport-fonts")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _unheard(_name: str, _content: bytes) -> None:
    """Audit nothing."""


def _known(job: Job, plan: BuildPlan, store: Store) -> Outcome:
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
        translations=record.translations,
    )


def _keep(store: Store, task: EditionTask, outcome: Outcome) -> None:
    """Write down what an edition was made from, as soon as it is made."""
    if outcome.state != "built":
        _drop(task.output, store, outcome.slug)
        return
    edition = task.job.edition
    before = store.edition(outcome.slug)
    outputs, pages = dict(outcome.outputs), outcome.pages
    translations = dict(outcome.translations)
    # What was rendered in one format only keeps the report's others, if they are as up to date.
    if before and not task.job.execute and before.rendering == dict(task.job.inputs.rendering):
        others = set(edition.report.formats) - set(task.formats)
        names = {f"{outcome.slug}.{one}" for one in edition.suffixes(sorted(others))}
        kept = sorted(names & before.outputs.keys())
        outputs |= {name: before.outputs[name] for name in kept}
        if any(load_format(name.rpartition(".")[2]).paged for name in kept):
            pages = before.pages if pages is None else pages
            known = before.translations
            translations = {
                tag: {**one, "pages": one["pages"] or known.get(tag, {}).get("pages")}
                for tag, one in translations.items()
            }
    discard(task.output, outcome.slug, before, keep=outputs)
    record = EditionRecord(
        report=edition.report.id,
        notebook=edition.report.notebook,
        parameters=plain(edition.parameters),
        title=outcome.title,
        figures=outcome.figures,
        quoted=outcome.quoted,
        pages=pages,
        execution=dict(task.job.inputs.execution),
        rendering=dict(task.job.inputs.rendering),
        read=dict(outcome.read),
        executed=executed_name(outcome.slug),
        outputs=outputs,
        language=edition.report.languages[0],
        translations=translations,
    )
    store.keep_edition(outcome.slug, record)


def _drop(output: Path, store: Store, slug: str) -> None:
    discard(output, slug, store.edition(slug))
    store.forget_edition(slug)


def _drop_others(request: Request, plan: BuildPlan, store: Store) -> None:
    """Remove the editions that the settings no longer make."""
    for slug in set(store.editions()).difference(plan.slugs(request)):
        _drop(request.output, store, slug)
        failed_notebook(request.output, slug).unlink(missing_ok=True)


def _withheld(outcome: Outcome, found: tuple[Problem, ...]) -> Outcome:
    """Return the outcome of an edition of a release in which the audit found something."""
    if not found:
        return outcome
    problems = (*outcome.problems, *found)
    state = outcome.state if outcome.state == "failed" else "withheld"
    return replace(outcome, state=state, problems=problems)
