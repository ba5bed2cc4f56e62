"""Which passages of the narrative read otherwise than in another release."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from jpreport.document.quotes import caption_of, numbered_cells, prose_of
from jpreport.errors import NOWHERE
from jpreport.forms.cell_options import is_hidden, read_options


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or caption of a report, before and after; "" where it is not there."""

    report: str
    before: str
    after: str


def changed_passages(
    report: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Passage]:
    """Yield the passages that differ between two executed notebooks, values in place."""
    old, new = list(_passages(before)), list(_passages(after))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag != "equal":
            pairs = zip_longest(old[start:end], new[other_start:other_end], fillvalue="")
            yield from (Passage(report, one, other) for one, other in pairs)


def _passages(notebook: Mapping[str, Any]) -> Iterator[str]:
    for _, cell in numbered_cells(notebook):
        if is_hidden(cell):
            continue
        if cell["cell_type"] == "markdown":
            for paragraph in re.split(r"\n\s*\n", prose_of(cell)):
                if text := " ".join(paragraph.split()):
                    yield text
        elif cell["cell_type"] == "code":
            options, _ = read_options(cell, NOWHERE)
            yield from (caption_of(cell, text) for text in (options.caption, options.alt) if text)


_AROUND = 10  # words of context on each side


def excerpts(passage: Passage) -> tuple[str, str]:
    """Return the words of a passage from the first that differs to the last, with some around.

    What stands on one side only is returned whole. Marks of emphasis are left out.
    """
    old, new = (re.sub(r"\*\*|__", "", one).split() for one in (passage.before, passage.after))
    if not old or not new:
        return " ".join(old), " ".join(new)
    most = min(len(old), len(new))
    pairs = enumerate(zip(old, new, strict=False))
    start = next((at for at, (one, other) in pairs if one != other), most)
    pairs = enumerate(zip(reversed(old), reversed(new), strict=False))
    end = next((at for at, (one, other) in pairs if one != other), most)
    end = max(0, min(end, most - start) - _AROUND)
    start = max(0, start - _AROUND)
    before, after = (" ".join(words[start : len(words) - end]) for words in (old, new))
    ellipses = ("\N{HORIZONTAL ELLIPSIS} " * bool(start), " \N{HORIZONTAL ELLIPSIS}" * bool(end))
    return before.join(ellipses), after.join(ellipses)
