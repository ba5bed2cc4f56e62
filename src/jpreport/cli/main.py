"""Parse the command line, run one verb, turn errors into exit codes."""

from __future__ import annotations

import argparse
import atexit
import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from jpreport import __version__
from jpreport.cli.at_once import at_once
from jpreport.cli.audit_options import add_audit_verbs
from jpreport.cli.folders import root_of
from jpreport.cli.process import few_arenas, restart_in_utf8
from jpreport.cli.release_verbs import add_release_verbs
from jpreport.cli.scaffold_verbs import add_scaffold_verbs
from jpreport.cli.translate_verbs import add_translate_verb
from jpreport.cli.word_verbs import add_word_verbs
from jpreport.errors import JpreportError

DONE, MENDABLE, OUR_FAULT, INTERRUPTED = 0, 1, 3, 130

# Where verbs are that are not in `verbs`: each is a function of its module, loaded when it is run.
_MODULES = {
    "trace": "trace_verb",
    **dict.fromkeys(("verify", "diff"), "audit_verbs"),
    **dict.fromkeys(("audit", "publish", "strip"), "release_verbs"),
    **dict.fromkeys(("init", "add"), "scaffold_verbs"),
    "translate": "translate_verbs",
    "review": "word_verbs",
}
# What the user can mend: a name that is too long, a disk that is full or cannot be written.
_OF_THE_SYSTEM = (errno.ENAMETOOLONG, errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_LONGEST = 60
_REPORT_IT = """\
  This is a fault of jpreport, not of your programme: please report it with what
  the same command prints with --debug."""

_EPILOG = """\
examples:
  jpreport init activities.xlsx         a programme and a first report from a workbook
  jpreport build                        every report that is out of date, HTML and PDF
  jpreport build donor --format pdf     all editions of one report, PDF only
  jpreport build --restricted           editions that may show records of persons, apart
  jpreport build --dry-run              what would be built, and why
  jpreport preview donor                the page beside the notebook, as you write
  jpreport check                        settings, records and notebooks; builds nothing
  jpreport check --format github        the same, as annotations of the lines at fault
  jpreport check --json                 the same, for another program
  jpreport figures                      every indicator: value, target, published value
  jpreport trace 1.1                    where one figure comes from, with its records
  jpreport trace outputs/donor.pdf 277  where a number in a published report comes from
  jpreport verify                       build the release again: is it the same, byte for byte?
  jpreport diff ../draft-1 .            what changed since another release, and why
  jpreport review back.docx             what reviewers changed in Word, for the notebook
  jpreport strip                        take out what runs left in the notebooks
  jpreport translate status             what of other languages is stale or missing
  jpreport publish 2026-midterm         record that a release is out
  jpreport audit                        attack the release: can anybody be singled out?

exit codes: 0 done, 1 something to mend in the programme folder, 2 wrong usage,
3 a fault of jpreport, 130 interrupted
"""

_PREVIEWS = """\
examples:
  jpreport preview                              the first report; others are a pick list away
  jpreport preview donor                        the first edition of one report
  jpreport preview donor-government-of-belgium  one edition
  jpreport preview --no-browser                 on a machine reached by SSH: forward its port
"""

_RESTRICTED = (
    'build the reports of audience "restricted", which may show records of persons, and no others; '
    "into OUTPUT-restricted/, beside the release"
)
_CLUSTER = (
    "make the reports on a Dask cluster: a scheduler's address (tls://HOST:8786), its file, or "
    "local:N for N processes of this machine; records of persons stay here"
)
_DRAFT = "build languages that lack translations too, marked as drafts"
_STRICT = "refuse numbers in the reports that come from no figure"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `jpreport` and return its exit code."""
    options = command_parser().parse_args(arguments)
    # A polite end from outside cleans up like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if (code := at_once(options)) is not None:
            return code
        module = _MODULES.get(options.verb, "verbs")
        run = getattr(import_module(f"jpreport.cli.{module}"), options.verb)
        return int(run(options))
    except KeyboardInterrupt:
        print("jpreport: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has seen enough; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except JpreportError as error:
        if options.debug:
            raise
        from jpreport.cli.problems import Style, print_problems

        style: Style = getattr(options, "style", "text")
        print_problems(error.problems, style=style, root=_root(options))
        return MENDABLE
    except Exception as error:
        if options.debug:
            raise
        if isinstance(error, OSError) and error.errno in _OF_THE_SYSTEM:
            said, code = f"{error.strerror}: {_shortened(error.filename)}", MENDABLE
        else:
            said, code = f"{type(error).__name__}: {error}\n{_REPORT_IT}", OUR_FAULT
        print(f"jpreport: {said}", file=sys.stderr)
        return code


def _shortened(name: object) -> str:
    text = os.fsdecode(name) if isinstance(name, str | bytes) else "a file"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} letters)"


def _root(options: argparse.Namespace) -> Path | None:
    try:
        return root_of(options)
    except JpreportError:
        return None


def command_parser() -> argparse.ArgumentParser:
    """Return the reader of the command line, with the help of every verb."""
    common = argparse.ArgumentParser(add_help=False)
    place = common.add_argument_group("where")
    place.add_argument(
        "--project",
        type=Path,
        metavar="DIR",
        help="programme folder (default: the nearest one upward that holds programme.toml)",
    )
    place.add_argument(
        "--output", type=Path, metavar="DIR", help="output folder (default: outputs/ in it)"
    )
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")

    parser = argparse.ArgumentParser(
        prog="jpreport",
        description="Reproducible, accessible end-of-programme reports from Jupyter notebooks.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"jpreport {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    build = verbs.add_parser(
        "build",
        parents=[common],
        help="build the reports that are out of date",
        description="Build the reports that are out of date: HTML, PDF, index and manifest. "
        "What was built is audited; if anything is found, nothing is released and the exit code "
        "is 1. Restricted editions are built only if they are named, or with --restricted.",
    )
    build.add_argument(
        "reports", nargs="*", metavar="REPORT", help="report id or edition (default: all)"
    )
    build.add_argument(
        "--jobs",
        type=_positive,
        metavar="N",
        default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2,
        help="reports at a time (default: the cores, %(default)s here)",
    )
    build.add_argument(
        "--format",
        type=_formats,
        action="extend",
        metavar="html,...",
        dest="formats",
        help="formats; may be given again (default: those that programme.toml gives each report)",
    )
    build.add_argument("--cluster", type=_cluster, metavar="WHERE", help=_CLUSTER)
    build.add_argument("--restricted", action="store_true", help=_RESTRICTED)
    build.add_argument("--draft", action="store_true", help=_DRAFT)
    build.add_argument("--force", action="store_true", help="build even what is up to date")
    build.add_argument("--dry-run", action="store_true", help="show what would be built, and why")
    build.add_argument("--explain", action="store_true", help="say why each report is built")
    build.add_argument("--strict", action="store_true", help=_STRICT)
    _add_style(build, "--problems", ("text", "github"))

    check = verbs.add_parser(
        "check",
        parents=[common],
        help="check settings, records and notebooks; builds nothing",
        description="Check settings, records, indicators and notebooks: also that no number is "
        "typed into the text, and what the last build printed. Builds nothing.",
    )
    check.add_argument("--strict", action="store_true", help=_STRICT)
    _add_style(check, "--format", ("text", "json", "github"))
    check.add_argument(
        "--json", action="store_const", const="json", dest="style", help="the same as --format json"
    )
    preview = verbs.add_parser(
        "preview",
        parents=[common],
        help="show the page of a report while you write it",
        description="Serve the page of a report on this machine and open it in the browser. It\n"
        "follows every saved change of the programme, and says what keeps it from being up to\n"
        "date. What it shows is a draft; the release in the output folder stays as it is.\n"
        "Ctrl-C ends it.",
        epilog=_PREVIEWS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    preview.add_argument(
        "report",
        nargs="?",
        metavar="REPORT",
        help="report id or edition to begin with (default: the first one)",
    )
    preview.add_argument(
        "--no-browser",
        action="store_false",
        dest="browser",
        help="open no browser; the address is printed",
    )
    figures = verbs.add_parser(
        "figures",
        parents=[common],
        help="show every indicator",
        description="Show every indicator: value, baseline, target, published value.",
    )
    figures.add_argument("--json", action="store_true", help="print JSON, with each derivation")
    add_audit_verbs(verbs, common)
    add_release_verbs(verbs, common)
    add_scaffold_verbs(verbs, common)
    add_translate_verb(verbs, common)
    add_word_verbs(verbs, common)
    return parser


def _add_style(verb: argparse.ArgumentParser, option: str, styles: Sequence[str]) -> None:
    verb.add_argument(
        option,
        choices=styles,
        dest="style",
        default="text",
        help="how to print problems: for people (the default), for other programs, or for a "
        "workflow on GitHub, which shows them beside the lines at fault",
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 upward")
    return int(text)


def _cluster(text: str) -> str:
    kind, _, rest = text.partition(":")
    if not (rest.startswith("//") or Path(text).is_file()):
        if kind != "local" or not rest:
            told = "is no address of a scheduler (tls://HOST:8786), no file and not local:N"
            raise argparse.ArgumentTypeError(f"{text!r} {told}")
        _positive(rest)
    return text


def _formats(text: str) -> tuple[str, ...]:
    from jpreport.programme.formats import registered_formats

    formats = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [one for one in formats if one not in registered_formats()]
    if unknown or not formats:
        raise argparse.ArgumentTypeError(f"{text!r}: choose from {', '.join(registered_formats())}")
    return formats


def run() -> NoReturn:
    """Run `jpreport` as this process, and end it."""
    restart_in_utf8()
    few_arenas()
    # Nearly all that a build makes lives until its end: to look through it again and again for
    # what nobody needs any more took a fifth of its time.
    gc.set_threshold(200_000, 20, 50)
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        # Python has its own way to end when what was printed is lost.
        sys.exit(code)
    # Python would take all modules apart object by object, which lasts a third of a second.
    atexit._run_exitfuncs()  # noqa: SLF001 (there is no public name for what every exit does)
    os._exit(code)
