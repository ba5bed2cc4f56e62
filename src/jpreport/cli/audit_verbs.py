"""What the verbs of an auditor do: verify, diff."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from pathlib import Path

from jpreport.cli.folders import output_of, root_of
from jpreport.cli.problems import print_problems
from jpreport.errors import ProjectError
from jpreport.files import write_atomic
from jpreport.programme.folder import find_programme
from jpreport.review.compare.comparison import compare
from jpreport.review.compare.page import as_html, as_text
from jpreport.review.compare.side import open_side
from jpreport.review.verify import verify as verify_again
from jpreport.review.verify.verdict import Verdict


def verify(options: argparse.Namespace) -> int:
    """Build a release again and say whether it is the same."""
    if options.release is None:
        root = root_of(options)
        target = output_of(options, root)
    else:
        target = options.release.resolve()
        root = options.project.resolve() if options.project else _programme_of(target)
    verdict = verify_again(target, root)
    if options.json:
        print(json.dumps(verdict.to_json(), indent=1))
    else:
        _show_verdict(verdict)
    return 0 if verdict.reproduced else 1


def _programme_of(target: Path) -> Path:
    """Return the programme folder around a release, else the one around the working folder."""
    with suppress(ProjectError):
        return find_programme(target if target.is_dir() else target.parent)
    return find_programme(Path.cwd())


def _show_verdict(verdict: Verdict) -> None:
    same = [file for file in verdict.files if file.state == "reproduced"]
    others = [file for file in verdict.files if file.state != "reproduced"]
    words = {"differs": "another build gives other bytes"}
    for file in verdict.files:
        if file.signed_by:
            print(f"{file.name}: as built, signed by {', '.join(file.signed_by)}")
            print("  the signature fits the file; whether to trust its certificate was not checked")
    for file in others:
        state = words.get(file.state, file.state)
        print(f"{file.name}: {state}{f': {file.detail}' if file.detail else ''}")
    count = len(verdict.files)
    print(f"{len(same)} of {count} file{'s' if count > 1 else ''} reproduced byte for byte")
    for cause in verdict.causes:
        print(f"input that differs: {cause.name}: {cause.how}")
    if not verdict.causes and any(file.state == "differs" for file in others):
        print("no recorded input differs: the release or its manifest was altered")
    for change in verdict.figures:
        before, after = change.texts
        arrow = "\N{RIGHTWARDS ARROW}"
        print(f"figure: {change.id} {change.title}: {before or '-'} {arrow} {after or '-'}")
    if verdict.problems:
        print_problems(tuple(dict.fromkeys(verdict.problems)))


def diff(options: argparse.Namespace) -> int:
    """Show what changed between two releases."""
    sides = [
        open_side(options.before, options.project_before),
        open_side(options.after, options.project_after),
    ]
    comparison = compare(*sides)
    if options.html:
        write_atomic(options.html, as_html(comparison).encode())
        print(f"written to {options.html}", file=sys.stderr)
    if options.json:
        print(json.dumps(comparison.to_json(), indent=1, ensure_ascii=False))
    elif not options.html:
        print(as_text(comparison))
    return 0
