"""What `build` and `check` say where nothing changed; loads nothing heavy."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jpreport.cli.folders import output_of, root_of
from jpreport.release.unchanged import is_new, nothing_changed, standing


def at_once(options: argparse.Namespace) -> int | None:
    """Do what a verb has to do where nothing changed; None where that is not known."""
    if options.verb not in {"build", "check"}:
        return None
    root = root_of(options)
    output = output_of(options, root)
    if options.verb == "build":
        return _built(options, root, output)
    found = standing("check", root, output)
    if found is None:
        return None
    from jpreport.cli.checked import tell

    return tell(found, options, root)


def _built(options: argparse.Namespace, root: Path, output: Path) -> int | None:
    """Say that all is up to date; None where it may not be."""
    records = None
    if not (options.force or options.formats or options.restricted or options.draft):
        records = nothing_changed(root, output, options.reports)
    plans = options.dry_run or options.explain
    if records is None:
        elsewhere = options.restricted or options.cluster
        if (options.force or is_new(root, output)) and not (plans or elsewhere):
            from jpreport.execute.kernels import prewarm

            prewarm(root)  # beside what plans, as notebooks will run
        return None
    if options.strict and not _strictly(standing("numbers", root, output)):
        return None
    if plans:
        print("\n".join(f"{slug}: up to date" for slug in records))
    if not options.dry_run:
        print(f"{len(records)} report{' is' if len(records) == 1 else 's are'} up to date")
    return 0


def _strictly(found: Mapping[str, Any] | None) -> bool:
    return found is not None and not found["underived"]
