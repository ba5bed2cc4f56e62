"""Check that no number of a programme's reports escapes: before a build, and after."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jpreport.errors import NotebookError, OutputError, Place, Problem
from jpreport.execute.check import load_notebook
from jpreport.execute.parameters import source_of
from jpreport.programme.folder import MANIFEST, entry_place
from jpreport.programme.settings import Settings
from jpreport.review.narrative.check import caption_warnings, check_narrative, unwritten
from jpreport.review.narrative.consistency import check_release
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.verify.manifest import quoted_in, read_manifest

# How a notebook asks for every indicator there is, without naming one.
_ALL = re.compile(r"\.figures\(|\.indicators\b")


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with a programme's numbers.

    `problems` have to be mended; `underived` are numbers of the last build without
    derivation, and `unwritten` passages still to be written, which only a strict check refuses;
    `warnings` are for the author to weigh.
    """

    problems: tuple[Problem, ...] = ()
    underived: tuple[Problem, ...] = ()
    unwritten: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def scanner_for(settings: Settings) -> Scanner:
    """Return what finds literal numbers in this programme's texts.

    The titles that the settings declare may stand as they are: "Children under 5".
    """
    titles = [settings.programme.title, *(one.title for one in settings.objective)]
    titles += [one.title for one in settings.indicator]
    return Scanner(
        literals=(
            *(literal.text for literal in settings.literal),
            *(title for title in titles if re.search(r"\d", title)),
        ),
        units=tuple(dict.fromkeys(indicator.unit for indicator in settings.indicator)),
        language=settings.programme.language,
    )


def check_numbers(settings: Settings, output: Path) -> Findings:
    """Return the findings on a programme's notebooks and on its last build in `output`.

    A notebook that cannot be read is left out; the check of the notebooks tells of that.
    """
    scanner = scanner_for(settings)
    notebooks = _notebooks(settings)
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for name, notebook in notebooks.items():
        where = Place(name)
        problems += check_narrative(notebook, where, scanner)
        warnings += caption_warnings(notebook, where)
    problems += _unused_literals(settings, scanner)
    manifest: Mapping[str, Any] = {}
    try:
        manifest = read_manifest(output / MANIFEST) if (output / MANIFEST).is_file() else {}
    except OutputError as error:
        warnings += error.problems
    faults, underived = check_release(manifest, output, scanner)
    warnings += _unused_indicators(settings, notebooks, manifest)
    left = tuple(one for name, nb in notebooks.items() for one in unwritten(nb, Place(name)))
    return Findings((*problems, *faults), underived, left, tuple(warnings))


def _notebooks(settings: Settings) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for report in settings.report:
        try:
            found[report.notebook] = load_notebook(
                settings.root / report.notebook, Place(report.notebook)
            )
        except NotebookError:
            continue
    return found


def _unused_literals(settings: Settings, scanner: Scanner) -> Iterator[Problem]:
    for literal in settings.literal:
        if literal.text not in scanner.used:
            where = entry_place("literal", literal.text)
            yield Problem(where, "stands in no notebook", "remove it")


def _unused_indicators(
    settings: Settings, notebooks: Mapping[str, Mapping[str, Any]], manifest: Mapping[str, Any]
) -> Iterator[Problem]:
    """Find indicators that no report uses, by name or, as last built, in any table."""
    built = {record.get("report") for record in manifest.get("reports", {}).values()}
    sources = "\n".join(source_of(cell) for nb in notebooks.values() for cell in nb["cells"])
    if _ALL.search(sources) and not built >= {report.id for report in settings.report}:
        return  # what a table of all figures holds is known when it is built
    used = {
        name
        for report in manifest.get("reports", {}).values()
        for source in quoted_in(report)
        for name in (source.record.id, *source.record.derivation.parents)
    }
    for indicator in settings.indicator:
        used |= {indicator.numerator, indicator.denominator}
    for indicator in settings.indicator:
        named = re.search(rf"""(["']){re.escape(indicator.id)}\1""", sources)
        if not named and indicator.id not in used | {settings.programme.contributions}:
            where = entry_place("indicator", indicator.id)
            yield Problem(where, "no report uses it", "quote it, or remove it")
