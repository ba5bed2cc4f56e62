"""Edits of a report in another language than its notebook's: they go into its catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jpreport.document.localized import localized
from jpreport.document.myst import read_markdown
from jpreport.document.quotes import text_of
from jpreport.errors import NOWHERE
from jpreport.files import write_atomic
from jpreport.forms.cell_options import read_options
from jpreport.language import Catalogue, catalogue_path
from jpreport.review.word.findings import Cells, Change, Left
from jpreport.review.word.steps import Step
from jpreport.translate.catalogues import retold

_SHAPE = "a translation has the paragraphs of its notebook, and no more: change the notebook"


def catalogue_of(notebook: Path, language: str) -> Path:
    """Return the catalogue of a notebook in a language."""
    return catalogue_path(notebook.parent, language, notebook.stem)


def in_language(executed: Mapping[str, Any], notebook: Path, language: str) -> Mapping[str, Any]:
    """Return an executed notebook in a language; raises TranslationError for its catalogue."""
    from nbformat import from_dict

    known = Catalogue.read(catalogue_of(notebook, language))
    spoken: Mapping[str, Any] = localized(from_dict(executed), language, known)  # type: ignore[no-untyped-call]
    return spoken


def worded(changes: Iterable[Change]) -> tuple[list[Change], list[Change], list[Left]]:
    """Return the changes of prose, those of cells' options, and what a catalogue cannot take."""
    found: dict[str, list[Change]] = {"replace": [], "caption": [], "alt": []}
    left: list[Left] = []
    for one in changes:
        kinds = [step.kind for step in one.steps]
        if len(kinds) == 1 and kinds[0] in found:
            found[kinds[0]].append(one)
        else:
            left.append(one.left(_SHAPE))
    return found["replace"], [*found["caption"], *found["alt"]], left


def retell(changes: Iterable[Change], own: Cells, catalogue: Path) -> Iterator[Change]:
    """Write changes into a catalogue, Latin Serbian's own too; yield those that it takes.

    It takes none whose entry no longer reads as the document did. `own` are the cells in the
    notebook's language. Raises TranslationError or OutputError for its file.
    """
    known = Catalogue.read(catalogue)
    texts: dict[str, str] = {}
    for change in changes:
        [step] = change.steps
        name = _text(own[step.cell], step)
        if known.get(name) == change.before:
            texts[name] = step.text
            yield change
    if texts:
        write_atomic(catalogue, retold(catalogue, texts))


def _text(cell: Mapping[str, Any], step: Step) -> str:
    """Return the text of the notebook that a step is about."""
    if step.kind == "replace":
        return read_markdown(text_of(cell["source"])).messages[step.index].text
    options, _ = read_options(cell, NOWHERE)
    return options.caption if step.kind == "caption" else options.alt
