"""The options of the verbs that an auditor uses: trace, verify, diff."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any


def add_audit_verbs(verbs: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Add trace, verify and diff to the verbs of a parser."""
    trace = verbs.add_parser(
        "trace",
        parents=[common],
        help="show where a figure comes from",
        description="Show the derivation of a figure and the records that it counts, by the id of "
        "the figure or by a text in a published report.",
    )
    trace.add_argument(
        "figure",
        metavar="ID|FILE",
        help='id of a figure, such as 1.1 or "1.1[sex=Female]"; or the file of a report',
    )
    trace.add_argument("text", nargs="?", metavar="TEXT", help='with FILE: the number, as "277"')
    trace.add_argument(
        "--page", type=int, metavar="N", help="with a PDF: only what is on this page"
    )
    trace.add_argument("--start", type=_day, metavar="DATE", help="with ID: first day to count")
    trace.add_argument("--end", type=_day, metavar="DATE", help="with ID: last day to count")
    trace.add_argument("--csv", type=Path, metavar="FILE", help="write its records to a file")

    verify = verbs.add_parser(
        "verify",
        parents=[common],
        help="build a release again and compare it, byte for byte",
        description="Build a release again in a temporary folder, from the inputs at hand: is it "
        "the same, byte for byte? If not, which input differs, and which figures with it? "
        "Exit code 0 if it is the same, 1 if not.",
    )
    verify.add_argument(
        "release",
        nargs="?",
        type=Path,
        metavar="RELEASE",
        help="folder of reports, or one report, in it or apart (default: the programme's outputs)",
    )
    verify.add_argument("--json", action="store_true", help="print JSON")

    diff = verbs.add_parser(
        "diff",
        parents=[common],
        help="compare two releases",
        description="Compare two releases: indicators, the records behind a change, the text. "
        "Each is a folder of reports, its manifest.json, or a programme folder.",
    )
    diff.add_argument("before", type=Path, metavar="OLD", help="the earlier release")
    diff.add_argument("after", type=Path, metavar="NEW", help="the later release")
    for side, name in (("before", "OLD"), ("after", "NEW")):
        diff.add_argument(
            f"--project-{side}",
            type=Path,
            metavar="DIR",
            help=f"programme folder of {name} (default: the one it lies in)",
        )
    diff.add_argument("--json", action="store_true", help="print JSON")
    diff.add_argument("--html", type=Path, metavar="FILE", help="write a page for reviewers")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2012-10-31") from None
