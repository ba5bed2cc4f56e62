"""The verbs that start a programme and add to one: init, add."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jpreport.cli.folders import root_of

if TYPE_CHECKING:
    from jpreport.scaffold.start import Found
    from jpreport.scaffold.writing import Draft

T = TypeVar("T")

_INIT = """\
examples:
  jpreport init                           a small programme to learn from, in this folder
  jpreport init activities.xlsx           ask before anything is written
  jpreport init activities.xlsx --yes     take what is proposed
  jpreport init export/ --project lorn    all files of a folder, into a new one
  jpreport init survey.csv --ci github    with a workflow that checks and builds
"""
_ADD = """\
examples:
  jpreport add indicator                                  a commented one, to fill in
  jpreport add report donor                               a report with a notebook of its own
  jpreport add table visits.xlsx                          records from another file
"""


def add_scaffold_verbs(verbs: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Add init and add to the verbs of a parser."""
    init = verbs.add_parser(
        "init",
        parents=[common],
        help="start a programme from the files that you have",
        description="Look at workbooks, CSV, Parquet and survey exports, say what is in them, and "
        "write a programme: settings, contract, notebook. Then build its first report. Files are "
        "copied as they are; what is cleaned is declared in data/datapackage.json. Nothing that "
        "is there is overwritten.",
        epilog=_INIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    init.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="files or folders (default: none, for the programme to learn from)",
    )
    init.add_argument("--yes", action="store_true", help="ask nothing")
    init.add_argument("--title", default="", help="what the programme is called")
    init.add_argument("--ci", choices=("github",), default="", help="write a workflow as well")
    init.add_argument("--no-build", action="store_false", dest="build", help="build no report yet")
    add = verbs.add_parser(
        "add",
        parents=[common],
        help="add an indicator, a report or a table",
        description="Add to the programme; comments and format of programme.toml stay.",
        epilog=_ADD,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add.add_argument("what", choices=("indicator", "report", "table"))
    add.add_argument("name", nargs="?", default="", help="id of it, or the file of a table")


def init(options: argparse.Namespace) -> int:
    """Start a programme, and build it."""
    from jpreport.scaffold.start import look, start

    folder = (options.project or Path.cwd()).resolve()
    found = look(options.files) if options.files else None
    if found:
        _show(found)
        found = replace(found, draft=replace(found.draft, title=options.title or found.draft.title))
        if not options.yes and not sys.stdin.isatty():
            print("Nothing is written: say --yes to take what is proposed.")
            return 1
        try:
            draft = found.draft if options.yes else _agreed(found.draft, options.title)
        except EOFError:
            print()
            draft = None
        if draft is None:
            print("Nothing is written.")
            return 1
        found = replace(found, draft=draft)
    start(found, folder, ci=options.ci)
    print(f"The programme stands in {folder}: programme.toml, data/, notebooks/")
    code = _built(options, folder) if options.build else 0
    if found is not None:
        print("Next: write the passages marked **To write:** in notebooks/report.ipynb, and look")
        print("at programme.toml and data/datapackage.json; then `jpreport check --strict`.")
    return code


def _agreed(draft: Draft, title: str) -> Draft | None:
    """Ask what nobody can know but who is asked; None where nothing is to be written.

    Raises EOFError where the answers end.
    """
    title = title or _asked("Title", draft.title, str)
    start, end = draft.start, draft.end
    if not draft.dated:
        start = _asked("First day of the programme", start, dt.date.fromisoformat)
        end = _asked("Last day of the programme", end, dt.date.fromisoformat)
    yes = _asked("Write this programme (y or n)", "y", _yes_or_no)
    return replace(draft, title=title, start=start, end=end) if yes == "y" else None


def _asked(question: str, usual: T, read: Callable[[str], T]) -> T:
    """Return an answer, the usual one where nothing is said; ask again until it can be read."""
    while True:
        said = input(f"{question} [{usual}]: ").strip()
        try:
            return read(said) if said else usual
        except ValueError:
            print(f'"{said}" is no answer to that, such as {usual}')


def _yes_or_no(said: str) -> str:
    if said.lower() not in {"y", "yes", "n", "no"}:
        raise ValueError(said)
    return said[0].lower()


def _show(found: Found) -> None:
    from rich.table import Table
    from rich.text import Text

    from jpreport.cli.show import wide_console

    console = wide_console()
    for place, findings in found.findings:
        table = Table(
            title=place, box=None, pad_edge=False, title_justify="left", title_style="bold"
        )
        for name in ("", "found", "made of it"):
            table.add_column(name, overflow="fold", header_style="dim")
        for one in findings:
            table.add_row("!" if one.look else "", Text(one.what), Text(one.made_of_it))
        console.print(table)
        console.print()
    console.print(f"{len(found.draft.framework.indicators)} indicators; look at lines marked !")


def _built(options: argparse.Namespace, folder: Path) -> int:
    from jpreport.cli.problems import print_problems
    from jpreport.cli.progress import progress
    from jpreport.cli.show import closing_table
    from jpreport.programme.folder import OUTPUTS
    from jpreport.release.request import Request
    from jpreport.release.spine import build

    output = options.output.resolve() if options.output else folder / OUTPUTS
    with progress(1) as watch:
        outcomes = build(Request(folder, output), watch)
    closing_table(outcomes)
    problems = dict.fromkeys(problem for outcome in outcomes for problem in outcome.problems)
    print_problems(tuple(problems), root=folder)
    return 1 if problems else 0


def add(options: argparse.Namespace) -> int:
    """Add an indicator, a report or a table to a programme."""
    from jpreport.scaffold.adding import add_indicator, add_report, add_table

    root = root_of(options)
    verb = {"indicator": add_indicator, "report": add_report, "table": add_table}[options.what]
    for line in verb(root, options.name):
        print(line)
    return 0
