"""The documents that one executed notebook is set as, a language each, and their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from textwrap import shorten
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jpreport.errors import ExportError, JpreportError, Problem, TranslationError
from jpreport.forms import mime
from jpreport.language import Catalogue, Wording, catalogue_path, wording_in

if TYPE_CHECKING:
    from jpreport.document.blocks import Document
    from jpreport.document.formats import Rendering
    from jpreport.programme.settings import Report
    from jpreport.release.survey import Survey
    from jpreport.translate.texts import Text

_MOST = 70  # letters of a sentence that a problem tells
_HINT = "translate it (jpreport translate status lists all), or build with --draft"


def gaps(survey: Survey, report: Report, language: str = "") -> dict[str, tuple[Problem, ...]]:
    """Return what keeps a report from being released in its further languages, or in one of them.

    Raises JpreportError where a catalogue, or what it is to have, cannot be read.
    """
    found: dict[str, tuple[Problem, ...]] = {}
    # Few reports have several languages.
    if report.languages[1:]:
        from jpreport.translate.catalogues import wanted
        from jpreport.translate.standing import standing

        for one in wanted(survey.settings, survey.package, (report.id,), language, free=False):
            told = standing(one)
            problems = (_gap(one.language, *still) for still in told.open)
            found[one.language] = (*found.get(one.language, ()), *told.faults, *problems)
    return found


def _gap(language: str, state: str, text: Text) -> Problem:
    start = shorten(text.text, _MOST, placeholder="\N{HORIZONTAL ELLIPSIS}")
    message = f'{state} in "{language}" ({Wording(language).name}): "{start}"'
    return Problem(text.where, message, _HINT)


def in_languages(
    notebook: Any,  # noqa: ANN401 - a NotebookNode, which is untyped
    root: Path,
    lacking: Mapping[str, tuple[Problem, ...]] = MappingProxyType({}),
    *,
    draft: bool = False,
) -> tuple[dict[str, Document], list[JpreportError]]:
    """Return a completed notebook as a document in each of its languages, its own one first.

    Beside them, why others cannot be: what is `lacking` sentences is not released but as a `draft`,
    marked so. Raises ExportError where the notebook itself cannot be read.
    """
    own, *further = _languages(notebook)
    refused: list[JpreportError] = [
        TranslationError(lacking[tag]) for tag in further if lacking.get(tag) and not draft
    ]
    chosen = [tag for tag in further if draft or not lacking.get(tag)]
    with ThreadPoolExecutor(max_workers=1 + len(further)) as pool:
        made = partial(document_in, notebook, root)
        pending = {tag: pool.submit(made, tag) for tag in (own, *chosen)}
    documents = {own: pending[own].result()}
    for tag in chosen:
        try:
            document = pending[tag].result()
        except JpreportError as error:
            refused.append(error)
        else:
            front = replace(document.front, draft=document.front.draft or bool(lacking.get(tag)))
            documents[tag] = replace(document, front=front)
    there = tuple(documents)
    return {
        tag: replace(one, front=replace(one.front, languages=there))
        for tag, one in documents.items()
    }, refused


def _languages(notebook: Any) -> tuple[str, ...]:  # noqa: ANN401
    front = notebook.metadata[mime.FRONT_MATTER]
    return (front["language"], *notebook.metadata.get(mime.FRONTS, ()))


def document_in(notebook: Any, root: Path, language: str) -> Document:  # noqa: ANN401
    """Return a completed notebook as a document in one of its languages.

    Raises ExportError where it cannot be read, TranslationError for a catalogue.
    """
    from jpreport.document.localized import localized
    from jpreport.document.reading import read_document

    if language == _languages(notebook)[0]:
        return read_document(localized(notebook, language, None))
    source = root / notebook.metadata[mime.MADE_FROM]["notebook"]
    file = catalogue_path(source.parent, language, source.stem)
    own = localized(notebook, language, Catalogue.read(file))
    return read_document(own, wording_in(language, root).terms)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of an edition by name; `errors` say why others could not be made."""

    title: str
    figures: int
    quoted: Sequence[Mapping[str, Any]]
    pages: int | None
    files: Mapping[str, bytes]
    translations: Mapping[str, Mapping[str, Any]]
    errors: Sequence[JpreportError] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """In which formats the edition of a slug is set, from a programme's folder.

    `gaps` are what its languages lack; as a `draft` it is set in these too.
    """

    slug: str
    root: Path
    formats: Sequence[str]
    gaps: Mapping[str, tuple[Problem, ...]]
    draft: bool

    def files(
        self,
        notebook: Any,  # noqa: ANN401
        executed: str,
        on_file: Callable[[str, bytes], None],
    ) -> Rendered:
        """Set a completed notebook in all its languages; each file made is given to `on_file`.

        Its own file is called `executed`. Raises ExportError where there is no file of a report.
        """
        from nbformat import v4

        from jpreport.export.rendering import render

        documents, refused = in_languages(notebook, self.root, self.gaps, draft=self.draft)
        text: str = v4.writes(notebook)  # type: ignore[no-untyped-call]
        files = {executed: text.encode()}
        (own, first), *further = documents.items()
        stems = first.front.stems
        # Pandoc and Typst work outside of this interpreter's lock: side by side, beside the audit.
        with ThreadPoolExecutor(max_workers=len(self.formats) * len(documents)) as pool:
            pending = {
                f"{stems[tag]}.{name}": pool.submit(render, name, document, self.root)
                for tag, document in documents.items()
                for name in self.formats
            }
            names = {one: name for name, one in pending.items()}
            on_file(executed, files[executed])
            for one in as_completed(names):
                if one.exception() is None:
                    on_file(names[one], one.result().content)
        errors = [error for one in pending.values() if (error := one.exception())]
        unmade = [error for error in errors if isinstance(error, ExportError)]
        if len(errors) == len(pending) or len(unmade) < len(errors):
            raise next(iter(error for error in errors if error not in unmade), errors[0])
        made = {name: one.result() for name, one in pending.items() if one.exception() is None}
        pages = {
            tag: next((n for name in self.formats if (n := _pages(made, stems[tag], name))), None)
            for tag in documents
        }
        return Rendered(
            first.title,
            first.figures,
            [source.to_json() for source in first.sources if source.quotes],
            pages[own],
            files | {name: one.content for name, one in made.items()},
            {tag: {"title": one.title, "pages": pages[tag]} for tag, one in further},
            [*refused, *unmade],
        )


def _pages(made: Mapping[str, Rendering], stem: str, name: str) -> int | None:
    rendering = made.get(f"{stem}.{name}")
    return rendering.pages if rendering else None
