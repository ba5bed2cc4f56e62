"""Check a release as it was last built: one figure, one value, one rounding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from jpreport.document.blocks import FigureSource
from jpreport.document.quotes import numbered_cells, shown_text, values_of
from jpreport.errors import NOWHERE, Place, Problem
from jpreport.forms.mime import FIGURE
from jpreport.language import Wording
from jpreport.review.changes import period_words
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.narrative.outputs import underived
from jpreport.review.verify.manifest import executed_in, quoted_in

_NAMED = re.compile(r"""(?:\[|figure\(\s*)(["'])([^"']+)\1""")


def check_release(
    manifest: Mapping[str, Any], output: Path, scanner: Scanner
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Return (problems, numbers without derivation) of the reports as they were last built."""
    problems = [*_conflicting_values(manifest)]
    loose: list[Problem] = []
    for slug, report in manifest.get("reports", {}).items():
        # What is not there, or not as it was built, `jpreport verify` tells of.
        if (notebook := executed_in(output, report)) is None:
            continue
        problems += _roundings(slug, quoted_in(report), notebook)
        loose += underived(notebook, Place(f"executed/{slug}.ipynb"), scanner)
    return tuple(problems), tuple(loose)


def _roundings(
    slug: str, sources: Iterable[FigureSource], notebook: Mapping[str, Any]
) -> Iterator[Problem]:
    """Find figures that one report quotes with different rounding."""
    loose = _loose_quotes(notebook)
    for source in sources:
        record = source.record
        if record.value is None:
            continue
        shown: dict[Decimal, str] = {}
        quoted = [(quote.text, quote.cell) for quote in source.quotes]
        typed = [(text, cell) for name, text, cell in loose if name == record.id]
        for text, cell in (*quoted, *typed):
            stated = Wording(record.language).read(text)
            if stated and ((text, cell) in quoted or stated.fits(record.value)):
                shown.setdefault(stated.value, f'"{text}" (cell {cell})')
        if len(shown) > 1:
            message = f"{record.id} is quoted with different rounding: {', '.join(shown.values())}"
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
    for slug, report in manifest.get("reports", {}).items():
        for source in quoted_in(report):
            record = source.record
            texts = values.setdefault((record.id, period_words(record)), {})
            texts.setdefault(record.text, slug)
    for (name, period), texts in values.items():
        if len(texts) > 1:
            shown = ", ".join(f'"{text}" in {slug}' for text, slug in texts.items())
            hint = "build all reports from the same records: jpreport build"
            yield Problem(NOWHERE.at(name), f"differs between reports for {period}: {shown}", hint)
