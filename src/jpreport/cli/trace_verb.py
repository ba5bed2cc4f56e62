"""What `trace` does: a figure, or a number in a report, down to its records."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.table import Table

from jpreport.cli.folders import checked_of, root_of
from jpreport.cli.show import wide_console
from jpreport.cli.verbs import sound, survey_of
from jpreport.data import Records
from jpreport.document.blocks import FigureSource
from jpreport.document.formats import pages_of, signed_copy
from jpreport.document.provenance import read_provenance
from jpreport.errors import (
    NOWHERE,
    DisclosureError,
    FigureError,
    OutputError,
    Place,
    Problem,
    ProjectError,
)
from jpreport.figures import NOT_STATED, Figure, FigureKey, FigureRecord, Results
from jpreport.files import digest_bytes, is_intact, write_atomic
from jpreport.language import ENGLISH
from jpreport.programme.folder import find_programme
from jpreport.review.changes import changed_figures
from jpreport.review.point import (
    Match,
    figure_named,
    matches,
    measured,
    pages_with,
    records_may_be_shown,
)
from jpreport.review.verify.manifest import executed_in, listed, quoted_in

_RECORDS_SHOWN = 20


def trace(options: argparse.Namespace) -> int:
    """Show the derivation of one figure and the records that it counts."""
    file = Path(options.figure)
    if options.text is not None or file.is_file():
        return _trace_file(options, file)
    root = root_of(options)
    survey = sound(survey_of(options, root))
    with Records(survey.package, kept=checked_of(options, root)) as records:
        results = Results(survey.settings, records, options.start, options.end)
        figure = figure_named(results, options.figure)
        _show_derivation(figure)
        for one in _made_from(figure):
            print()
            _show_derivation(one)
        if figure.derivation.parents and options.csv:
            hint = " or ".join(one.id for one in measured(results, figure))
            raise FigureError(
                Problem(
                    NOWHERE.at(figure.id),
                    "is made from other figures",
                    f"trace each of them: {hint}",
                )
            )
        if not figure.derivation.parents:
            _show_records(results, figure, options.csv)
    return 0


def _made_from(figure: Figure) -> tuple[Figure, ...]:
    """Return what a figure is made from, and that in turn, each once."""
    found: dict[FigureKey, Figure] = {}
    for parent in figure.parents:
        for one in (parent, *_made_from(parent)):
            found.setdefault(one.dated, one)
    return tuple(found.values())


def _trace_file(options: argparse.Namespace, file: Path) -> int:
    """Show the figures of a published report that read like a text."""
    if options.text is None:
        raise OutputError(
            Problem(Place(str(file)), "which number?", f'jpreport trace {file} "277"')
        )
    if not file.is_file():
        raise OutputError(Problem(Place(str(file)), "is not there"))
    folder, sources, intact = _sources_of(file.resolve())
    if not intact:
        print(f"warning: {file} is not as it was built; see jpreport verify", file=sys.stderr)
    pages = pages_of(file)
    if options.page is not None and not pages:
        raise OutputError(Problem(Place(str(file)), "has no pages", "name the PDF of the report"))
    found = matches(options.text, sources, pages)
    if options.page is not None:
        placed = tuple(one for one in found if options.page in one.pages)
        # Words that print sets otherwise cannot be found again: then the number itself decides.
        on_page = options.page in pages_with(options.text, pages)
        found = placed or tuple(one for one in found if not one.pages and on_page)
    if not found:
        parts = [] if options.page is None else [f"page {options.page}"]
        where = Place(str(file)).at(*parts)
        hint = "numbers without derivation are listed by jpreport check"
        raise OutputError(Problem(where, f'no figure reads "{options.text}"', hint))
    for place, match in enumerate(found):
        print("\n" if place else "", end="")
        _show_match(match)
    if pages and not any(match.pages for match in found):
        numbers = ", ".join(map(str, pages_with(options.text, pages))) or "none"
        print(f'\npages with the text "{options.text}": {numbers}')
    _show_at_hand(options, folder, found)
    return 0


def _sources_of(file: Path) -> tuple[Path, tuple[FigureSource, ...], bool]:
    """Return the folder of a report, the figures that it quotes, and whether it is as built.

    A file that no manifest lists says of itself what it quotes; raises OutputError for one
    that does not.
    """
    release = listed(file)
    if release is None:
        return file.parent, read_provenance(file).sources, _is_as_built(file, is_intact)
    folder, name, manifest = release
    record = next(one for one in manifest["reports"].values() if name in one["outputs"])
    executed = executed_in(folder, record)
    # Set again, it tells the words around each quote, by which its page is found.
    sources = _set_again(executed) if executed else quoted_in(record)
    digest = record["outputs"][name]
    return folder, sources, _is_as_built(file, lambda one: digest_bytes(one) == digest)


def _is_as_built(file: Path, is_original: Callable[[bytes], bool]) -> bool:
    """Whether a report is what was built, signed since then or not."""
    content = file.read_bytes()
    with suppress(ValueError):
        return is_original(content) or signed_copy(file, content, is_original) is not None
    return False


def _set_again(notebook: Mapping[str, Any]) -> tuple[FigureSource, ...]:
    import nbformat

    from jpreport.document.reading import read_document

    # Read as a file is, which joins the lines of its texts.
    executed = nbformat.reads(json.dumps(notebook), as_version=4)  # type: ignore[no-untyped-call]
    return read_document(executed).sources


def _show_match(match: Match) -> None:
    _show_derivation(match.record.figure())
    kinds = {"prose": "text"}
    places = dict.fromkeys(
        f"{one.place}, cell {one.cell} ({kinds.get(one.kind, one.kind)})" for one in match.quotes
    )
    print(f"  {'quoted in':<12}{'; '.join(places)}")
    if match.pages:
        numbers = ", ".join(map(str, match.pages))
        print(f"  {'pages':<12}{numbers}")


def _show_at_hand(options: argparse.Namespace, folder: Path, found: tuple[Match, ...]) -> None:
    """Show the records of a single match, where they are the ones that it was counted from."""
    if len(found) > 1:
        print("\nSeveral figures read so; jpreport trace ID shows the records of one.")
        return
    [match] = found
    with suppress(ProjectError):
        options.project = options.project or find_programme(folder)
    if options.project is None:
        print("\nThe records are not at hand: --project DIR names the programme folder.")
        return
    survey = sound(survey_of(options, root := root_of(options)))
    recorded = match.record.figure()
    with Records(survey.package, kept=checked_of(options, root)) as records:
        results = Results(survey.settings, records, recorded.period.start, recorded.period.end)
        resource = survey.package.resources.get(recorded.derivation.table)
        if resource is not None and not records_may_be_shown(resource):
            _withhold(results, recorded, options.csv)
            return
        figure = results.named(recorded.key)
        if changed_figures([match.record], [FigureRecord.of(figure)]) or (
            figure.derivation.digest != recorded.derivation.digest
        ):
            print(
                f"\nThe programme folder is not as it was: {figure.id} would now be {figure.text}."
            )
        elif figure.derivation.parents:
            names = " or ".join(one.id for one in measured(results, figure))
            print(f"\nIt is made from other figures: trace {names}.")
        else:
            _show_records(results, figure, options.csv)


def _show_records(results: Results, figure: Figure, target: Path | None) -> None:
    """Print the records that a measured figure counts, or write them to a file."""
    if not records_may_be_shown(results.records.resource(figure.derivation.table)):
        _withhold(results, figure, target)
        return
    names, rows = results.records_of(figure)
    if target:
        _write_csv(target, names, rows)
        print(f"\n{ENGLISH.count('{} record', '{} records', len(rows))} written to {target}")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows[:_RECORDS_SHOWN]:
        table.add_row(*("" if value is None else str(value) for value in row))
    print()
    wide_console().print(table)
    if len(rows) > _RECORDS_SHOWN:
        print(
            f"... and {ENGLISH.number(len(rows) - _RECORDS_SHOWN)} more; --csv FILE writes them all"
        )


def _withhold(results: Results, figure: Figure, target: Path | None) -> None:
    """Say why the records of a sensitive table are not shown; refuse to write them."""
    table = figure.derivation.table
    if target:
        raise FigureError(
            Problem(NOWHERE.at(f"table {table}"), "is sensitive: its records are not written")
        )
    with suppress(DisclosureError):
        declared = results.cubes.declaration(table)
        names = ", ".join(dimension.name for dimension in declared.dimensions)
        print(f"  {'cube':<12}{table} by {names}; threshold {declared.threshold} persons")
    if figure.suppressed:
        print(
            "\nThe number is suppressed: it is small, or would give a small one away. "
            "Nobody can be told what it is."
        )
    print(
        "\nThe table is sensitive: its records are about persons and are not shown. Its numbers "
        "come from one protected cube a release."
    )


def _show_derivation(figure: Figure) -> None:
    derivation = figure.derivation
    print(f"{figure.id}  {figure.title}")
    if derivation.protected:
        derivation = replace(derivation, sql="")
    lines = {
        "value": f"{figure.text} ({figure.unit}, {figure.qualifier})",
        "period": ENGLISH.period(figure.period.start, figure.period.end)
        + (" (records carry no date)" if derivation.sql and not derivation.dated_by else ""),
        "derivation": figure.origin,
        "sql": derivation.sql.replace("\n", "\n              "),
        "file": derivation.source,
        "sha-256": derivation.digest,
        "and from": "; ".join(f"{one.source} ({one.digest})" for one in derivation.further),
        "published": NOT_STATED
        if figure.published is None
        else f"{figure.published_text} ({figure.published_in})",
        "declared in": figure.declared_in,
    }
    for name, text in lines.items():
        if text:
            print(f"  {name:<12}{text}")


def _write_csv(path: Path, names: list[str], rows: list[tuple[object, ...]]) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    write_atomic(path, text.getvalue().encode())
