"""Cell options: the `#| label:`, `#| caption:` and `#| alt:` lines at the top of a cell."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

import yaml

from jpreport.errors import Place, Problem

_LINE = re.compile(r"#\|\s?(.*)")
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*")
_KNOWN = ("label", "caption", "alt")


@dataclass(frozen=True, slots=True)
class CellOptions:
    """What a cell says about its output; "" where it says nothing. `source` is the rest."""

    source: str = ""
    label: str = ""
    caption: str = ""
    alt: str = ""


def read_options(source: str, where: Place) -> tuple[CellOptions, list[Problem]]:
    """Return the options at the top of a cell's source, and what is wrong with them.

    Options that other programs know (`#| echo:`) are let pass; a near miss is a problem.
    """
    lines = source.splitlines()
    head = 0
    while head < len(lines) and (_LINE.fullmatch(lines[head].strip()) or not lines[head].strip()):
        head += 1
    options = [m[1] for line in lines[:head] if (m := _LINE.fullmatch(line.strip()))]
    rest = "\n".join(lines[head:]).strip()
    try:
        # BaseLoader leaves every value the text that it is: no dates, no booleans.
        values = yaml.load("\n".join(options), Loader=yaml.BaseLoader) or {}  # noqa: S506
    except yaml.YAMLError:
        values = None
    if not isinstance(values, dict):
        hint = 'one "#| key: value" a line; put a value that holds a colon in quotes'
        return CellOptions(rest), [Problem(where, "the cell options cannot be read", hint)]
    problems = []
    for key in values:
        near = difflib.get_close_matches(str(key), _KNOWN, n=1, cutoff=0.75)
        if near and key not in _KNOWN:
            problems.append(
                Problem(where, f'unknown cell option "{key}"', f'did you mean "{near[0]}"?')
            )
    found = {key: " ".join(str(values.get(key, "")).split()) for key in _KNOWN}
    if found["label"] and not _LABEL.fullmatch(found["label"]):
        hint = "a letter, then letters, digits, - _ . or :"
        problems.append(Problem(where, f'"{found["label"]}" cannot be a label', hint))
    return CellOptions(rest, **found), problems
