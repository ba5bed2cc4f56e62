"""Review of a returned Word document: find its report, compare, prove, and write what can be."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jpreport.document.formats import load_format
from jpreport.document.quotes import numbered_cells, text_of
from jpreport.errors import OutputError, Place, Problem
from jpreport.export.docx_marks import BUILD, LANGUAGE, REPORT
from jpreport.files import write_atomic
from jpreport.files.canonical import canonical
from jpreport.forms.mime import FRONTS
from jpreport.programme.folder import MANIFEST
from jpreport.programme.settings import read_settings
from jpreport.review.narrative.programme import scanner_for
from jpreport.review.verify.manifest import read_manifest
from jpreport.review.word.blocks import WordText
from jpreport.review.word.findings import Cells, Change, Left, Returned, Review
from jpreport.review.word.reading import read_word
from jpreport.review.word.returned import compared
from jpreport.review.word.steps import made
from jpreport.review.word.targets import sources_of
from jpreport.review.word.translation import catalogue_of, in_language, retell, worded

_FORMAT = "docx"


def review_document(path: Path, root: Path, output: Path, author: str = "") -> Review:
    """Return what a reviewer did to a report of the release in `output`; changes nothing.

    With an `author`, only what that person tracked counts; numbers are told whoever typed them.
    Raises OutputError where the file is no Word document, or of no report of the release.
    """
    where = Place(str(path))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OutputError(Problem(where, f"cannot be read: {error.strerror}")) from None
    returned = read_word(content, where, author)
    manifest = read_manifest(output / MANIFEST)
    slug = _slug(path, returned, manifest["reports"])
    record = manifest["reports"][slug]
    executed = spoken = _executed(output, record)
    scanner, name, catalogue = scanner_for(read_settings(root)), slug, ""
    if (tag := returned.properties.get(LANGUAGE, "")) in executed["metadata"].get(FRONTS, ()):
        source = root / record["notebook"]
        spoken = in_language(executed, source, tag)
        scanner, name = replace(scanner, language=tag), f"{slug}.{tag}"
        catalogue = catalogue_of(source, tag).relative_to(root).as_posix()
    original = _original(spoken, output / f"{name}.{_FORMAT}", root)
    sources = sources_of(spoken)
    older = returned.properties.get(BUILD) != original.properties.get(BUILD)
    drift: list[Left] = []
    if older:
        sent = replace(returned, blocks=tuple(one.rejected for one in returned.blocks))
        drift = _drifted(compared(original, sent, sources, scanner))
        original = sent
    found = compared(original, returned, sources, scanner, author)
    if author:
        everybody = compared(original, read_word(content, where), sources, scanner)
        numbers = [one for one in everybody.left if one.kind == "number"]
        found.left = [*numbers, *(one for one in found.left if one not in numbers)]
    own, cells = dict(numbered_cells(executed)), dict(numbered_cells(spoken))
    prose, options, unlike = worded(found.changes) if catalogue else (found.changes, [], [])
    changes, refused = _proven(cells, prose)
    left = (*found.left, *unlike, *refused, *drift)
    notebook = record["notebook"]
    return Review(
        slug, notebook, (*changes, *options), left, found.comments, older,
        catalogue=catalogue, own=own, cells=cells,
    )  # fmt: skip


def apply_review(review: Review, root: Path) -> Review:
    """Write the changes into the notebook; those whose cell is no longer as it was are conflicts.

    Those of another language go into its catalogue. Raises OutputError or TranslationError where
    a file cannot be read or written.
    """
    where = Place(review.notebook)
    try:
        notebook = json.loads((root / review.notebook).read_bytes())
        cells = _present(notebook["cells"], review.own)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutputError(Problem(where, f"cannot be read: {error}")) from None
    wanted, conflicts = [], []
    for change in review.changes:
        if all(step.cell in cells for step in change.steps):
            wanted.append(change)
        else:
            reason = "the notebook's cell is no longer what the document was made from"
            conflicts.append(change.left(reason, "conflict"))
    if review.catalogue:
        changes = tuple(retell(wanted, review.own, root / review.catalogue))
        reason = "the catalogue's entry no longer reads as the document did"
        refused = [one.left(reason, "conflict") for one in wanted if one not in changes]
    else:
        changes, refused = _proven(review.cells, wanted)
        for number, source in made(review.cells, [s for one in changes for s in one.steps]).items():
            cells[number]["source"] = source
        if changes:
            write_atomic(root / review.notebook, canonical(json.dumps(notebook).encode()))
    left = (*review.left, *conflicts, *refused)
    return replace(review, changes=changes, left=left, applied=True)


def _present(cells: Sequence[dict[str, Any]], executed: Cells) -> dict[int, dict[str, Any]]:
    """Return the notebook's cells that are what was executed, by the number that they had then."""
    named = {cell.get("id"): cell for cell in cells if cell.get("id")}
    found = {}
    for number, then in executed.items():
        now = named.get(then.get("id")) or (cells[number - 1] if number <= len(cells) else None)
        if now is not None and text_of(now["source"]) == text_of(then["source"]):
            found[number] = now
    return found


def _proven(cells: Cells, changes: Sequence[Change]) -> tuple[tuple[Change, ...], list[Left]]:
    """Return the changes that leave every cell reading as they say, and those that do not."""
    try:
        made(cells, [step for one in changes for step in one.steps])
    except ValueError:
        pass
    else:
        return tuple(changes), []
    kept: list[Change] = []
    refused: list[Left] = []
    for change in changes:
        try:
            made(cells, [step for one in (*kept, change) for step in one.steps])
        except ValueError as error:
            refused.append(change.left(f"cannot be written: {error}"))
        else:
            kept.append(change)
    return tuple(kept), refused


def _slug(path: Path, returned: WordText, reports: Mapping[str, Any]) -> str:
    """Return which report a document is, by what it says of itself, else by its name."""
    found = returned.properties.get(REPORT, "")
    if found not in reports:
        named = [one for one in reports if path.stem.startswith(one)]
        found = max(named, key=len, default="")
    if not found:
        message = f"is none of the reports of this release: {', '.join(reports)}"
        hint = "give it the name of its report, or name the release with --output"
        raise OutputError(Problem(Place(str(path)), message, hint))
    return found


def _drifted(found: Returned) -> list[Left]:
    """Return what a document of another build has otherwise, nothing of it being tracked."""
    reason = "reads otherwise in the report at hand: changed untracked, or in the report since"
    return [
        *(change.left(reason) for change in found.changes),
        *(replace(one, kind="unmapped", message=f"{one.message}; {reason}") for one in found.left),
    ]


def _executed(output: Path, record: Mapping[str, Any]) -> Mapping[str, Any]:
    path = output / record["executed"]
    try:
        notebook: Mapping[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        hint = "build the reports again: jpreport build"
        raise OutputError(Problem(Place(str(path)), "cannot be read", hint)) from None
    return notebook


def _original(executed: Mapping[str, Any], path: Path, root: Path) -> WordText:
    """Return the document as it was built; set again where its file is gone."""
    try:
        content = path.read_bytes()
    except OSError:
        from nbformat import from_dict

        from jpreport.document.reading import read_document

        document = read_document(from_dict(executed))  # type: ignore[no-untyped-call]
        content = load_format(_FORMAT).render(document, root).content
    return read_word(content, Place(str(path)))
