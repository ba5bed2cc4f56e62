"""Which passages of the narrative read otherwise than in another release."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from jpreport.cell_options import read_options
from jpreport.quoted import numbered_cells, prose_of, text_of


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
        if "hide" in cell["metadata"].get("tags", ()):
            continue
        if cell["cell_type"] == "markdown":
            for paragraph in re.split(r"\n\s*\n", prose_of(cell)):
                if text := " ".join(paragraph.split()):
                    yield text
        elif cell["cell_type"] == "code":
            options, _ = read_options(text_of(cell["source"]), "")
            yield from filter(None, (options.caption, options.alt))
