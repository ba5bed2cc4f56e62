"""Check a release as it was last built: one figure, one value, one rounding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from jpreport.document.quotes import numbered_cells, shown_text, values_of
from jpreport.errors import NOWHERE, Place, Problem
from jpreport.figures import ENGLISH
from jpreport.files import digest_bytes
from jpreport.forms.mime import FIGURE
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.narrative.outputs import underived

_NAMED = re.compile(r"""(?:\[|figure\(\s*)(["'])([^"']+)\1""")


def executed_notebooks(
    manifest: Mapping[str, Any], output: Path
) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Return the notebook's path and the executed notebook of every report, by slug.

    What is not there, or not as it was built, is left out: `jpreport verify` tells of that.
    """
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for slug, record in manifest.get("reports", {}).items():
        try:
            content = (output / record["executed"]).read_bytes()
        except OSError:
            continue
        if digest_bytes(content) == record["outputs"].get(record["executed"]):
            found[slug] = (record["notebook"], json.loads(content))
    return found


def check_release(
    manifest: Mapping[str, Any], output: Path, scanner: Scanner
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Return (problems, numbers without derivation) of the reports as they were last built."""
    executed = executed_notebooks(manifest, output)
    problems = [*_conflicting_values(manifest)]
    loose: list[Problem] = []
    for slug, (_, notebook) in executed.items():
        entries = manifest["reports"][slug].get("quoted", [])
        problems += _roundings(slug, entries, notebook)
        loose += underived(notebook, Place(f"executed/{slug}.ipynb"), scanner)
    return tuple(problems), tuple(loose)


def _roundings(
    slug: str, entries: list[Mapping[str, Any]], notebook: Mapping[str, Any]
) -> Iterator[Problem]:
    """Find figures that one report quotes with different rounding."""
    loose = _loose_quotes(notebook)
    for entry in entries:
        if entry["value"] is None:
            continue
        told: dict[Decimal, str] = {}
        quoted = [(place["text"], place["cell"]) for place in entry["quoted"]]
        typed = [(text, cell) for name, text, cell in loose if name == entry["id"]]
        for text, cell in (*quoted, *typed):
            stated = ENGLISH.read(text)
            if stated and ((text, cell) in quoted or stated.fits(entry["value"])):
                told.setdefault(stated.value, f'"{text}" (cell {cell})')
        if len(told) > 1:
            message = f"{entry['id']} is quoted with different rounding: {', '.join(told.values())}"
            yield Problem(NOWHERE.at(slug), message, "quote the figure itself in both places")


def _loose_quotes(notebook: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """Return (indicator, text, cell) of prose values that name one figure but are none."""
    found = []
    for number, cell in numbered_cells(notebook):
        if cell["cell_type"] != "markdown":
            continue
        for expression, data in values_of(cell).items():
            names = {match[2] for match in _NAMED.finditer(expression)}
            if FIGURE not in data and len(names) == 1:
                found.append((names.pop(), shown_text(data), number))
    return found


def _conflicting_values(manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Find figures that have one value in one report and another in the next."""
    values: dict[tuple[str, str], dict[str, str]] = {}
    for slug, record in manifest.get("reports", {}).items():
        for entry in record.get("quoted", []):
            if entry["period"] is not None:
                period = f"{entry['period']['start']} to {entry['period']['end']}"
                told = values.setdefault((entry["id"], period), {})
                told.setdefault(entry["text"], slug)
    for (name, period), told in values.items():
        if len(told) > 1:
            shown = ", ".join(f'"{text}" in {slug}' for text, slug in told.items())
            hint = "build all reports from the same records: jpreport build"
            yield Problem(NOWHERE.at(name), f"differs between reports for {period}: {shown}", hint)
