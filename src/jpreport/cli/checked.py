"""What a check found: kept as JSON, and told."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from jpreport.cli.problems import print_problems
from jpreport.errors import Place, Problem
from jpreport.programme.folder import entry_of

# More names of one kind than anyone reads one by one.
_SHOWN = 5


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
    strict = ("underived", "unwritten")
    errors = problems_of(found, "errors", *(strict if options.strict else ()))
    weighed = ("warnings", *(() if options.strict else strict), "unreconciled")
    # Sought each time: what a check has read says nothing of a notebook that is new.
    idle = _idle_notebooks(root, found["notebooks"])
    warnings = (*problems_of(found, *weighed), *idle)
    print_problems(errors, _gathered(warnings), style=options.style, root=root)
    if not errors and options.style != "json":
        print(found["said"])
    return 1 if errors else 0


def _idle_notebooks(root: Path, named: Collection[str]) -> Iterator[Problem]:
    """Yield a warning for every notebook of the folder `notebooks` that no report is made from."""
    for path in sorted((root / "notebooks").rglob("*.ipynb")):
        file = path.relative_to(root)
        if file.as_posix() not in named and not any(part.startswith(".") for part in file.parts):
            hint = "name it in a [[report]] of programme.toml, or keep it elsewhere"
            yield Problem(Place(file.as_posix()), "no report is made from this notebook", hint)


def _gathered(warnings: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return one warning for all entries of the settings that one thing is said of."""
    alike: dict[tuple[str, str], list[Problem]] = {}
    for one in dict.fromkeys(warnings):
        entry = entry_of(one.where)
        key = (one.message, one.hint) if entry else (str(one.where), one.message)
        alike.setdefault(key, []).append(one)
    found = []
    for first, *others in alike.values():
        names = [entry[1] for one in others if (entry := entry_of(one.where))]
        said = f"{first.message} (so for {len(names)} more: {listed(names)})"
        found.append(replace(first, message=said) if names else first)
    return tuple(found)


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence, the first ones only."""
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
