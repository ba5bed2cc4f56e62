"""The languages that a report is made in, and the one that is spoken now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TypeVar

from jpreport.language.catalogue import Catalogue, catalogue_path
from jpreport.language.wording import ENGLISH, Wording
from jpreport.programme.folder import LANGUAGES_VARIABLE, NOTEBOOKS, PROJECT_VARIABLE

Made = TypeVar("Made")

_current: ContextVar[Wording | None] = ContextVar("wording", default=None)


def current() -> Wording:
    """Return the wording that is spoken: English, unless `speaking` or the kernel's job says else.

    In the kernel of a report that is the first of its languages.
    """
    return _current.get() or _own(os.environ.get(LANGUAGES_VARIABLE, ENGLISH.language))


@cache
def _own(languages: str) -> Wording:
    return Wording(languages.split(",", maxsplit=1)[0])


@contextmanager
def speaking(language: str | Wording) -> Iterator[Wording]:
    """Let `current` be the wording of a language, which may be given by its tag (BCP 47).

    Where that language is spoken already, its wording with the programme's terms goes on.
    A thread of a pool starts without it: hand it over with `contextvars.copy_context().run`.
    """
    spoken = current()
    wording = Wording(language) if isinstance(language, str) else language
    wording = spoken if language == spoken.language else wording
    token = _current.set(wording)
    try:
        yield wording
    finally:
        _current.reset(token)


def wording_in(language: str, root: Path) -> Wording:
    """Return the wording of a language with the terms of the programme in a folder, if it has any.

    Raises TranslationError where they cannot be read.
    """
    file = catalogue_path(root / NOTEBOOKS, language)
    return Wording(language, Catalogue.read(file))


_further = cache(wording_in)  # of a kernel, whose programme does not change


def in_further(language: str) -> Wording:
    """Return the wording of a further language of the kernel's report."""
    return _further(language, Path(os.environ.get(PROJECT_VARIABLE, "")))


def in_each(make: Callable[[str], Made]) -> Mapping[str, Made]:
    """Return what is made in each further language of the kernel's report, by tag.

    There is none outside of kernels, nor within what is made so.
    """
    languages = os.environ.get(LANGUAGES_VARIABLE, "").split(",")
    if _current.get() is not None:
        return {}
    made = {}
    for tag in languages[1:]:
        with speaking(in_further(tag)):
            made[tag] = make(tag)
    return made
