"""What each verb of the command line does."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from jpreport.cli.checked import kept, listed, problems_of, tell
from jpreport.cli.folders import checked_of, output_of, restricted_output_of, root_of
from jpreport.cli.problems import print_problems
from jpreport.cli.progress import progress
from jpreport.cli.show import closing_table, wide_console
from jpreport.errors import JpreportError, Problem
from jpreport.figures import NOT_STATED, Figure, FigureRecord
from jpreport.programme.folder import entry_place
from jpreport.programme.settings import Report, read_settings
from jpreport.release.planning import plan_build
from jpreport.release.request import Request
from jpreport.release.spine import build as build_reports
from jpreport.release.survey import Survey, survey_programme
from jpreport.release.unchanged import judged
from jpreport.release.untold import cube_files, untold_differences
from jpreport.review.narrative.programme import check_numbers


def build(options: argparse.Namespace) -> int:
    """Build what is stale, or show the plan."""
    root = root_of(options)
    requests = list(_requests(options, root))
    if options.dry_run:
        return max(_show_plan(request) for request in requests)
    return max(_build(request, options) for request in requests)


def _requests(options: argparse.Namespace, root: Path) -> Iterator[Request]:
    """Yield what to build: for readers, and apart from it the restricted editions."""
    wanted = Request(
        root=root,
        output=output_of(options, root),
        reports=tuple(options.reports),
        formats=tuple(dict.fromkeys(options.formats)) if options.formats else None,
        workers=options.jobs,
        force=options.force,
        draft=options.draft,
        cluster=options.cluster or "",
    )
    apart = replace(wanted, output=restricted_output_of(options, root), restricted=True)
    if not wanted.reports:
        yield apart if options.restricted else wanted
        return
    reports = read_settings(root).report
    named = {name: options.restricted or _is_restricted(name, reports) for name in wanted.reports}
    for request in (wanted, apart):
        chosen = tuple(name for name, closed in named.items() if closed is request.restricted)
        if chosen:
            yield replace(request, reports=chosen)


def _is_restricted(name: str, reports: Sequence[Report]) -> bool:
    """Whether a name, of a report or of one of its editions, is that of a restricted one."""
    matching = [one for one in reports if name == one.id or name.startswith(f"{one.id}-")]
    nearest = max(matching, key=lambda one: len(one.id), default=None)
    return nearest is not None and nearest.audience == "restricted"


def _build(request: Request, options: argparse.Namespace) -> int:
    if options.explain:
        _show_plan(request)
    before = cube_files(request.output)
    with progress(options.jobs) as watch:
        outcomes = build_reports(request, watch)
    closing_table(outcomes)
    if request.restricted:
        print(f"{request.output}: may show records of persons; not for publication")
    problems = dict.fromkeys(problem for outcome in outcomes for problem in outcome.problems)
    if options.strict and not any(outcome.state == "withheld" for outcome in outcomes):
        problems |= dict.fromkeys(_escaped(request))
    warnings = tuple(untold_differences(request, before))
    print_problems(tuple(problems), warnings, style=options.style, root=request.root)
    return 1 if problems else 0


def preview(options: argparse.Namespace) -> int:
    """Serve the page of a report until Ctrl-C."""
    from jpreport.preview.serve import preview as serve

    root = root_of(options)
    output, restricted = output_of(options, root), False
    if options.report and (
        restricted := _is_restricted(options.report, read_settings(root).report)
    ):
        output = restricted_output_of(options, root)
    reports = (options.report,) if options.report else ()

    def say(address: str) -> None:
        print(f"{address}\nThe preview follows what you save; Ctrl-C ends it.", flush=True)

    with suppress(KeyboardInterrupt):  # how it is ended
        serve(Request(root, output, reports, restricted=restricted), say, browser=options.browser)
    return 0


def check(options: argparse.Namespace) -> int:
    """Check the programme folder."""
    root, output = root_of(options), output_of(options, root_of(options))

    def found() -> dict[str, Any]:
        survey = survey_of(options, root)
        numbers = check_numbers(survey.settings, output)
        errors = kept((*survey.all_problems, *numbers.problems, *_untranslated(survey)))
        doubts = () if errors else survey.doubts(checked_of(options, root))
        unlike = [figure for figure in survey.figures if figure.reconciles is False]
        return {
            "errors": errors,
            "warnings": kept((*doubts, *numbers.warnings)),
            "underived": kept(numbers.underived),
            "unwritten": kept(numbers.unwritten),
            "unreconciled": kept(_unreconciled(unlike)),
            "notebooks": [report.notebook for report in survey.settings.report],
            "said": f"{len(survey.package.resources)} tables, {len(survey.figures)} indicators, "
            f"{len(survey.editions)} reports: all as declared",
        }

    return tell(judged("check", root, output, found), options, root)


def _untranslated(survey: Survey) -> Iterator[Problem]:
    if any(report.languages[1:] for report in survey.settings.report):
        from jpreport.translate.standing import untranslated

        yield from untranslated(survey.settings, survey.package)


def _unreconciled(figures: Sequence[Figure]) -> Iterator[Problem]:
    """Yield one warning for all figures that differ from what was published."""
    told = [f"{one.title}: computed {one.text}, published {one.published_text}" for one in figures]
    if told:
        more = f" (and {len(told) - 1} more: {listed([one.id for one in figures[1:]])})"
        message = told[0] + (more if len(told) > 1 else "")
        yield Problem(entry_place("indicator", figures[0].id, "published"), message)


def figures(options: argparse.Namespace) -> int:
    """Show every indicator."""
    survey = sound(survey_of(options, root_of(options)))
    if options.json:
        print(json.dumps([FigureRecord.of(one).to_json() for one in survey.figures], indent=1))
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "indicator"):
        table.add_column(name)
    for name in ("value", "baseline", "target", "published"):
        table.add_column(name, justify="right")
    table.add_column("agrees")
    agrees = {True: "yes", False: "no", None: ""}
    for figure in survey.figures:
        out = figure.published
        published = "" if out is None else figure.worded(out, declared=True)
        texts = (figure.baseline_text, figure.target_text, published)
        table.add_row(
            Text(figure.id),
            Text(f"{figure.title} ({figure.unit})"),
            figure.text,
            *(text or NOT_STATED for text in texts),
            agrees[figure.reconciles],
        )
    wide_console().print(table)
    return 0


def survey_of(options: argparse.Namespace, root: Path) -> Survey:
    """Return the programme folder, read and checked."""
    return survey_programme(root, checked_of(options, root))


def sound(survey: Survey) -> Survey:
    """Return the survey; raises JpreportError where a problem keeps figures from being computed."""
    if survey.problems:
        raise JpreportError(survey.problems)
    return survey


def _escaped(request: Request) -> tuple[Problem, ...]:
    """Return the numbers of the notebooks, and of the reports as they stand, from no figure."""

    def found() -> dict[str, Any]:
        numbers = check_numbers(read_settings(request.root), request.output)
        return {"errors": kept(numbers.problems), "underived": kept(numbers.underived)}

    judgement = judged("numbers", request.root, request.output, found)
    return problems_of(judgement, "errors", "underived")


def _show_plan(request: Request) -> int:
    plan = plan_build(request)
    survey = plan.survey
    for job in plan.jobs:
        slug = job.edition.slug
        if slug in survey.faults:
            print(f"{slug}: cannot be built")
        else:
            print(f"{slug}: {'; '.join(job.reasons) or 'up to date'}")
    faults = tuple(dict.fromkeys(p for problems in survey.faults.values() for p in problems))
    print_problems(faults)
    return 1 if faults else 0
