"""Build reports again, and set them once more with the digests that were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jpreport.errors import JpreportError, Problem
from jpreport.forms import mime
from jpreport.programme.folder import MANIFEST, STATE
from jpreport.programme.formats import registered_formats
from jpreport.release.request import Request
from jpreport.release.spine import build
from jpreport.review.verify.manifest import read_manifest


def build_again(
    root: Path,
    fresh: Path,
    formats_of: Mapping[str, tuple[str, ...]],
    audience: str,
    workers: int = 1,
) -> Iterator[Problem]:
    """Build reports, each in its formats; yield what keeps them from being built."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for slug, formats in formats_of.items():
        groups.setdefault(formats, []).append(slug)
    for formats, slugs in groups.items():
        request = Request(
            root,
            fresh,
            tuple(slugs),
            formats,
            workers,
            audited=False,
            restricted=audience == "restricted",
            state=fresh / STATE / "state",
        )
        try:
            for outcome in build(request):
                yield from outcome.problems
        except JpreportError as error:
            yield from error.problems


def manifest_of(folder: Path) -> Mapping[str, Any]:
    """Return the manifest of a folder that was built; one of nothing where it was not."""
    path = folder / MANIFEST
    empty: Mapping[str, Any] = {"reports": {}, "inputs": {}, "protected": []}
    return read_manifest(path) if path.is_file() else empty


def set_as_recorded(
    fresh: Path, slug: str, made_from: Mapping[str, Any], suffixes: Iterable[str], root: Path
) -> dict[str, bytes]:
    """Return the files of a report that was built again, as if it were made from other inputs.

    By suffix; "ipynb" is the executed notebook. What is like the published file then differs
    from it in nothing but the digests of its inputs.
    """
    import nbformat

    from jpreport.document.reading import read_document
    from jpreport.export.rendering import render

    path = fresh / "executed" / f"{slug}.ipynb"
    if not path.is_file():
        return {}
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    notebook.metadata[mime.MADE_FROM] = dict(made_from)
    document = read_document(notebook)
    files: dict[str, bytes] = {}
    for suffix in suffixes:
        if suffix == "ipynb":
            files[suffix] = str(nbformat.writes(notebook)).encode()  # type: ignore[no-untyped-call]
        elif suffix in registered_formats():
            files[suffix] = render(suffix, document, root).content
    return files
