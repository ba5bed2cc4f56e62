"""What a format of a report can do, and the registry of them: one entry point a format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from jpreport.document.blocks import Document
from jpreport.errors import NOWHERE, ExportError, OutputError, Place, Problem
from jpreport.programme.formats import GROUP, registered_formats


@dataclass(frozen=True, slots=True)
class Rendering:
    """A report's file; `pages` is None where its format has none."""

    content: bytes
    pages: int | None = None


Kind = Literal["formula", "picture", "table", "link", "reference", "footnote"]


class Thing(NamedTuple):
    """What a file holds beside words.

    `name` has the letters and digits of a formula in TeX, a picture's alternative text, a link's
    address; of a table, how many cells its body has.
    """

    kind: Kind
    name: str = ""


@dataclass(frozen=True, slots=True)
class Revisions:
    """How a format tells what was appended behind a finished file.

    `lengths` are those, in bytes, of the revisions that a content may begin with. `signers` gives
    who signed what stands behind the first `length` bytes; it raises ValueError, with the
    reason, where that is anything but signatures.
    """

    lengths: Callable[[bytes], Sequence[int]]
    signers: Callable[[bytes, int], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format of reports; registered as an entry point of the group `jpreport.formats`.

    `suffix` is the name of the entry point. `render` sets a document, whose programme folder is
    given where there is one; the same document gives the same bytes. Its file carries what
    `attachments` (in `document.attachments`) returns, and a seal (`files.seal_at`).
    `provenance` returns the `provenance.json` in a content, b"" where there is none; it raises
    ValueError for what is no file of the format. `texts` returns what readers see of a format
    that is not text itself, page by page where it is `paged`, and raises ValueError likewise.
    `shown` returns all words of a file, and `held` what it holds beside them, to be compared with
    those of the document; a format of `tables_only` has its tables, its charts' data and what
    stands for them.
    `standard` is the (address, name) of what its files conform to.
    """

    suffix: str
    media_type: str
    render: Callable[[Document, Path | None], Rendering]
    provenance: Callable[[bytes], bytes]
    texts: Callable[[bytes], Sequence[str]] | None = None
    paged: bool = False
    revisions: Revisions | None = None
    standard: tuple[str, str] | None = None
    shown: Callable[[bytes], Sequence[str]] | None = None
    held: Callable[[bytes], Counter[Thing]] | None = None
    tables_only: bool = False


@cache
def load_format(name: str) -> Format:
    """Return a registered format; raises ExportError where it cannot be had."""
    entry = registered_formats().get(name)
    if entry is None:
        known = ", ".join(registered_formats())
        raise ExportError(Problem(NOWHERE, f'there is no format "{name}"', f"there are {known}"))
    try:
        found = entry.load()
    except (ImportError, AttributeError) as error:
        message = f'the format "{name}" cannot be loaded from {entry.value}: {error}'
        raise ExportError(Problem(NOWHERE, message, "install its package again")) from error
    if not isinstance(found, Format) or found.suffix != name:
        message = f'{entry.value} is no jpreport Format with the suffix "{name}"'
        raise ExportError(Problem(NOWHERE, message, f"see {GROUP} in its package's entry points"))
    return found


def format_of(path: Path) -> Format:
    """Return the format of a file by its suffix; raises OutputError where it is none of a report.

    A format that is registered and cannot be loaded raises ExportError.
    """
    name = path.suffix[1:].lower()
    if name not in registered_formats():
        known = ", ".join(registered_formats())
        raise OutputError(Problem(Place(str(path)), f"is no report: there are {known}"))
    return load_format(name)


def pages_of(path: Path) -> Sequence[str]:
    """Return what readers see on each page of a report; nothing where its format has no pages.

    Raises OutputError for a file that is none of its format.
    """
    made = format_of(path)
    try:
        return made.texts(path.read_bytes()) if made.texts and made.paged else ()
    except ValueError as error:
        raise OutputError(Problem(Place(str(path)), str(error))) from None


def signed_copy(
    path: Path, content: bytes, is_original: Callable[[bytes], bool]
) -> tuple[bytes, tuple[str, ...]] | None:
    """Return the original that a file begins with, and who signed it; None where it has none.

    Raises ValueError, with the reason, where more than signatures was appended.
    """
    name = path.suffix[1:].lower()
    revisions = load_format(name).revisions if name in registered_formats() else None
    for length in revisions.lengths(content) if revisions else ():
        if length < len(content) and is_original(content[:length]):
            assert revisions is not None  # noqa: S101 (for mypy: without, there is no length)
            return content[:length], revisions.signers(content, length)
    return None
