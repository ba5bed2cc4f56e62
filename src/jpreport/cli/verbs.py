"""What each verb of the command line does."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.table import Table
from rich.text import Text

from jpreport.build import Request, Survey, plan_build, survey_programme
from jpreport.build import build as build_reports
from jpreport.cli.places import output_of, root_of
from jpreport.cli.show import closing_table, progress, show_problems, wide_console
from jpreport.data import Records
from jpreport.errors import FigureError, JpreportError, Problem
from jpreport.figures import NOT_STATED, Figure, Results, describe, format_value
from jpreport.provenance import Store

_RECORDS_SHOWN = 20


def build(options: argparse.Namespace) -> int:
    """Build what is stale, or show the plan."""
    root = root_of(options)
    request = Request(
        root=root,
        output=output_of(options, root),
        reports=tuple(options.reports),
        formats=options.formats,
        workers=options.jobs,
        force=options.force,
    )
    if options.dry_run:
        return _show_plan(request)
    if options.explain:
        _show_plan(request)
    with progress() as watch:
        outcomes = build_reports(request, watch)
    closing_table(outcomes)
    problems = dict.fromkeys(problem for outcome in outcomes for problem in outcome.problems)
    if problems:
        show_problems(tuple(problems))
    return 1 if problems else 0


def check(options: argparse.Namespace) -> int:
    """Check the programme folder."""
    root = root_of(options)
    survey = _survey(options, root)
    if survey.all_problems:
        show_problems(survey.all_problems)
        return 1
    unreconciled = [figure for figure in survey.figures if figure.reconciles is False]
    for figure in unreconciled:
        print(
            f"warning: {figure.id} {figure.title}: computed {figure.text}, "
            f"published {format_value(figure.published or 0, figure.unit)}",
            file=sys.stderr,
        )
    print(
        f"{len(survey.package.resources)} tables, {len(survey.figures)} indicators, "
        f"{len(survey.editions)} reports: all as declared"
    )
    return 0


def figures(options: argparse.Namespace) -> int:
    """Show every indicator."""
    survey = _sound(_survey(options, root_of(options)))
    if options.json:
        print(json.dumps([figure.to_json() for figure in survey.figures], indent=1))
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "indicator"):
        table.add_column(name)
    for name in ("value", "baseline", "target", "published"):
        table.add_column(name, justify="right")
    table.add_column("agrees")
    agrees = {True: "yes", False: "no", None: ""}
    for figure in survey.figures:
        numbers = (figure.baseline, figure.target, figure.published)
        table.add_row(
            Text(figure.id),
            Text(f"{figure.title} ({figure.unit})"),
            figure.text,
            *(NOT_STATED if n is None else format_value(n, figure.unit) for n in numbers),
            agrees[figure.reconciles],
        )
    wide_console().print(table)
    return 0


def trace(options: argparse.Namespace) -> int:
    """Show the derivation of one figure and the records that it counts."""
    survey = _sound(_survey(options, root_of(options)))
    with Records(survey.package) as records:
        results = Results(survey.settings, records)
        figure = results.figure(options.figure)
        _show_derivation(figure)
        if figure.derivation.parents:
            for name in figure.derivation.parents:
                print()
                _show_derivation(results.figure(name))
            if options.csv:
                raise FigureError(
                    Problem(figure.id, "is made from other figures", "trace each of them")
                )
            return 0
        names, rows = results.records_of(figure)
    if options.csv:
        _write_csv(options.csv, names, rows)
        print(f"\n{len(rows):,} records written to {options.csv}")
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows[:_RECORDS_SHOWN]:
        table.add_row(*("" if value is None else str(value) for value in row))
    print()
    wide_console().print(table)
    if len(rows) > _RECORDS_SHOWN:
        print(f"... and {len(rows) - _RECORDS_SHOWN:,} more; --csv FILE writes them all")
    return 0


def _survey(options: argparse.Namespace, root: Path) -> Survey:
    return survey_programme(root, Store(output_of(options, root)).checked)


def _sound(survey: Survey) -> Survey:
    if survey.problems:
        raise JpreportError(survey.problems)
    return survey


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
    if faults:
        show_problems(faults)
    return 1 if faults else 0


def _show_derivation(figure: Figure) -> None:
    derivation = figure.derivation
    print(f"{figure.id}  {figure.title}")
    lines = {
        "value": f"{figure.text} ({figure.unit}, {figure.qualifier})",
        "period": f"{figure.period.start} to {figure.period.end}"
        + ("" if derivation.dated_by or derivation.parents else " (records carry no date)"),
        "derivation": describe(figure),
        "sql": derivation.sql.replace("\n", "\n              "),
        "file": derivation.source,
        "sha-256": derivation.digest,
        "published": NOT_STATED
        if figure.published is None
        else f"{format_value(figure.published, figure.unit)} ({figure.published_in})",
    }
    for name, text in lines.items():
        if text:
            print(f"  {name:<12}{text}")


def _write_csv(path: Path, names: list[str], rows: list[tuple[object, ...]]) -> None:
    import csv
    import io

    from jpreport.provenance import write_atomic

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    write_atomic(path, text.getvalue().encode())
