"""The documents that one executed notebook is set as, a language each, and their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jpreport.errors import ExportError
from jpreport.forms import mime
from jpreport.language import Catalogue, catalogue_files, catalogue_of, wording_in

if TYPE_CHECKING:
    from jpreport.document.blocks import Document
    from jpreport.document.formats import Rendering


def in_languages(
    notebook: Any,  # noqa: ANN401 - a NotebookNode, which is untyped
    root: Path,
    *,
    draft: bool = False,
) -> tuple[dict[str, Document], list[ExportError]]:
    """Return a completed notebook as a document in each of its languages, its own one first.

    Beside them, why others cannot be: what lacks sentences is not released but as a `draft`, marked
    so. Raises ExportError where the notebook itself cannot be read, TranslationError for a
    catalogue.
    """
    own, *further = _languages(notebook)
    made = partial(document_in, notebook, root, draft=draft)
    with ThreadPoolExecutor(max_workers=1 + len(further)) as pool:
        pending = {tag: pool.submit(made, tag) for tag in (own, *further)}
    documents = {own: pending[own].result()}
    refused = []
    for tag in further:
        error = pending[tag].exception()
        if error is None:
            documents[tag] = pending[tag].result()
        elif isinstance(error, ExportError):
            refused.append(error)
        else:
            raise error
    there = tuple(documents)
    return {
        tag: replace(one, front=replace(one.front, languages=there))
        for tag, one in documents.items()
    }, refused


def _languages(notebook: Any) -> tuple[str, ...]:  # noqa: ANN401
    front = notebook.metadata[mime.FRONT_MATTER]
    return (front["language"], *notebook.metadata.get(mime.FRONTS, ()))


def document_in(
    notebook: Any,  # noqa: ANN401
    root: Path,
    language: str,
    *,
    draft: bool = False,
) -> Document:
    """Return a completed notebook as a document in one of its languages; raises as above."""
    from jpreport.document.localized import localized
    from jpreport.document.reading import read_document

    if language == _languages(notebook)[0]:
        return read_document(localized(notebook, language, None).notebook)
    source = root / notebook.metadata[mime.MADE_FROM]["notebook"]
    file = catalogue_of(source, language)
    known = Catalogue.read(file) if catalogue_files(file) else Catalogue()
    found = localized(notebook, language, known)
    if found.missing and not draft:
        raise ExportError(found.missing)
    document = read_document(found.notebook, wording_in(language, source).terms)
    if found.missing:
        return replace(document, front=replace(document.front, draft=True))
    return document


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of an edition by name; `errors` say why others could not be made."""

    title: str
    figures: int
    quoted: Sequence[Mapping[str, Any]]
    pages: int | None
    files: Mapping[str, bytes]
    translations: Mapping[str, Mapping[str, Any]]
    errors: Sequence[ExportError] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """In which formats the edition of a slug is set, from a programme's folder."""

    slug: str
    root: Path
    formats: Sequence[str]
    draft: bool = False

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

        documents, refused = in_languages(notebook, self.root, draft=self.draft)
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
