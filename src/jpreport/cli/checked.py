"""What a check found: kept as JSON, and told."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jpreport.cli.problems import print_problems
from jpreport.errors import Place, Problem


def kept(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return problems, each once, as JSON values."""
    return [asdict(one) for one in dict.fromkeys(problems)]


def problems_of(found: Mapping[str, Any], *names: str) -> tuple[Problem, ...]:
    """Return the problems that were kept under some names, each once."""
    listed = (one for name in names for one in found[name])
    problems = (
        Problem(Place.from_json(one["where"]), one["message"], one["hint"]) for one in listed
    )
    return tuple(dict.fromkeys(problems))


def tell(found: Mapping[str, Any], options: argparse.Namespace, root: Path) -> int:
    """Print what `jpreport check` found; return its exit code."""
    strict = ("underived",) if options.strict else ()
    errors = problems_of(found, "errors", *strict)
    warnings = problems_of(found, "warnings", *(() if strict else ("underived",)), "unreconciled")
    print_problems(errors, warnings, style=options.style, root=root)
    if not errors and options.style != "json":
        print(found["said"])
    return 1 if errors else 0
