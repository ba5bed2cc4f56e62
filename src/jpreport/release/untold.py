"""Warn where a new release tells a difference from one that it was not protected against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from jpreport.errors import Problem
from jpreport.programme.folder import PUBLISHED_CUBES
from jpreport.programme.settings import read_settings
from jpreport.release.request import Request


def cube_files(release: Path) -> dict[str, bytes]:
    """Return the files of a release's protected cubes by table."""
    return {path.stem: path.read_bytes() for path in release.glob(f"{PUBLISHED_CUBES}/*.json")}


def untold_differences(request: Request, before: Mapping[str, bytes]) -> Iterator[Problem]:
    """Yield a warning for each release that the one in the outputs was not protected against.

    Those are the release that it replaced, whose `cube_files` are `before`, and those that were
    recorded and are not named.
    """
    now = {} if request.restricted else cube_files(request.output)
    changed = {table: content for table, content in before.items() if now.get(table) != content}
    settings = read_settings(request.root)
    previous = settings.previous_releases
    others = [one for one in settings.recorded if one not in previous]
    if not now or not (changed or others):
        return
    from jpreport.disclosure.cubes import read_cube
    from jpreport.disclosure.differences import cubes_in, unnamed

    old = {table: cube for table, one in changed.items() if (cube := read_cube(one))}
    name = f"{request.output.name}, as it was before"
    known = [(name, old), *((f"{one.parent.name}/{one.name}", cubes_in(one)) for one in others)]
    yield from unnamed(cubes_in(request.output), known, previous)
