"""Build reports again, and set them once more with the digests that were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jpreport.errors import JpreportError, Problem
from jpreport.forms import mime
from jpreport.programme.folder import MANIFEST, STATE
from jpreport.programme.formats import registered_formats
from jpreport.release.languages import in_languages
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

    By suffix, such as "html" or, in another language, "sr-Latn.html"; "ipynb" is the executed
    notebook. What is like the published file then differs from it in nothing but the digests of
    its inputs.
    """
    import nbformat

    from jpreport.export.rendering import render

    path = fresh / "executed" / f"{slug}.ipynb"
    if not path.is_file():
        return {}
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    notebook.metadata[mime.MADE_FROM] = dict(made_from)
    documents, _ = in_languages(notebook, root)
    stems = next(iter(documents.values())).front.stems
    named = {stems[tag].partition(".")[2]: one for tag, one in documents.items()}
    files: dict[str, bytes] = {}
    for suffix in suffixes:
        if suffix == "ipynb":
            files[suffix] = str(nbformat.writes(notebook)).encode()  # type: ignore[no-untyped-call]
            continue
        tag, _, name = suffix.rpartition(".")
        if name in registered_formats() and tag in named:
            files[suffix] = render(name, named[tag], root).content
    return files
