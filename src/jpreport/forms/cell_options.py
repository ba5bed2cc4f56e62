"""Cell options: the `#| label:`, `#| caption:` and `#| alt:` lines of a cell, and its tags."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import yaml

from jpreport.errors import NOWHERE, Place, Problem, did_you_mean

_LINE = re.compile(r"#\|\s?(.*)")
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*")
_KNOWN = ("label", "caption", "alt", "credit")
# Options and tags of Quarto and Jupyter Book: what they leave out of the report.
_HIDING = frozenset({"hide", "remove-cell", "hide-cell"})
_SILENCING = frozenset({"remove-output", "hide-output"})
_SHOWING = frozenset({"show-code"})
# Those that ask for what a report does anyway.
_IDLE = frozenset({"remove-input", "hide-input", "remove-stderr"})
_FLAGS = ("include", "output", "echo", "warning", "message")
_REFUSED_TAGS = {
    "raises-exception": "a cell that raises makes no report: catch the exception in the cell",
    "skip-execution": "every cell of a report runs: make it a raw cell, or take it out",
}
_REFUSED = {
    **dict.fromkeys(("fig-cap", "tbl-cap"), "write `#| caption: ...`"),
    "fig-alt": "write `#| alt: ...`",
    "eval": _REFUSED_TAGS["skip-execution"],
    "error": _REFUSED_TAGS["raises-exception"],
}
_TAGS = (*_HIDING, *_SILENCING, *_SHOWING, *_IDLE, *_REFUSED_TAGS, "parameters")


# The key of a cell's metadata that holds its options in another language than its own.
SAID = "jpreport_said"


@dataclass(frozen=True, slots=True)
class CellOptions:
    """What a cell says about its output; "" where it says nothing. `source` is the rest.

    `caption` and `alt` may hold `{eval}` roles; `credit` is who made a photograph.
    `hidden` leaves out all of the cell, `output` says whether its outputs are printed, `code`
    whether its source is.
    """

    source: str = ""
    label: str = ""
    caption: str = ""
    alt: str = ""
    credit: str = ""
    hidden: bool = False
    output: bool = True
    code: bool = False


def is_hidden(cell: Mapping[str, Any]) -> bool:
    """Whether nothing of a cell is printed."""
    return _read(cell, NOWHERE)[0].hidden


def read_options(cell: Mapping[str, Any], where: Place) -> tuple[CellOptions, list[Problem]]:
    """Return what the tags of a cell and the options at its top say, and what is wrong with them.

    Those of Jupyter Book and Quarto that leave something out are obeyed; what a report cannot do,
    and an option that nobody knows, is a problem. Other tags are the author's own.
    """
    options, problems = _read(cell, where)
    said = cell.get("metadata", {}).get(SAID, {})
    return replace(options, **said), list(problems)


def unknown_tags(cell: Mapping[str, Any]) -> list[str]:
    """Return the tags of a cell that mean nothing to a report."""
    tags = map(str, cell.get("metadata", {}).get("tags") or ())
    return [tag for tag in tags if tag.replace("_", "-") not in (*_TAGS, "injected-parameters")]


def _read(cell: Mapping[str, Any], where: Place) -> tuple[CellOptions, tuple[Problem, ...]]:
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    tags = cell.get("metadata", {}).get("tags") or ()
    return _parse(source if cell["cell_type"] == "code" else "", tuple(map(str, tags)), where)


@lru_cache(maxsize=2000)
def _parse(
    source: str, tags: tuple[str, ...], where: Place
) -> tuple[CellOptions, tuple[Problem, ...]]:
    lines = source.splitlines()
    head = 0
    while head < len(lines) and (_LINE.fullmatch(lines[head].strip()) or not lines[head].strip()):
        head += 1
    options = [m[1] for line in lines[:head] if (m := _LINE.fullmatch(line.strip()))]
    problems = list(_tag_problems(tags, where))
    try:
        # BaseLoader leaves every value the text that it is: no dates, no booleans.
        values = yaml.load("\n".join(options), Loader=yaml.BaseLoader) or {}  # noqa: S506
    except yaml.YAMLError:
        values = None
    if not isinstance(values, dict):
        hint = 'one "#| key: value" a line; in quotes if it holds a colon or begins with a sign'
        problems.append(Problem(where, "the cell options cannot be read", hint))
        values = {}
    problems += _option_problems(values, where)
    found = {key: " ".join(str(values.get(key, "")).split()) for key in _KNOWN}
    flags = {key: values.get(key) == "true" for key in _FLAGS if key in values}
    named = {tag.replace("_", "-") for tag in tags}
    return CellOptions(
        "\n".join(lines[head:]).strip(),
        **found,
        hidden=bool(named & _HIDING) or not flags.get("include", True),
        output=not named & _SILENCING and flags.get("output", True),
        code=bool(named & _SHOWING) or flags.get("echo", False),
    ), tuple(problems)


def _tag_problems(tags: Iterable[str], where: Place) -> Iterator[Problem]:
    for tag in tags:
        name = tag.replace("_", "-")
        if hint := _REFUSED_TAGS.get(name):
            yield Problem(where, f'the tag "{tag}" cannot be obeyed', hint)
        elif name not in (*_TAGS, "injected-parameters"):
            near = difflib.get_close_matches(name, _TAGS, n=1, cutoff=0.75)
            if near:
                yield Problem(where, f'unknown tag "{tag}"', f'did you mean "{near[0]}"?')


def _option_problems(values: Mapping[str, Any], where: Place) -> Iterator[Problem]:
    for key, value in values.items():
        if hint := _REFUSED.get(key):
            yield Problem(where, f'the cell option "{key}" cannot be obeyed', hint)
        elif key in _FLAGS and value not in ("true", "false"):
            yield Problem(where, f'the cell option "{key}" is "{value}"', "say true or false")
        elif key not in (*_KNOWN, *_FLAGS):
            hint = did_you_mean(str(key), (*_KNOWN, *_FLAGS))
            yield Problem(where, f'unknown cell option "{key}"', hint)
    label = values.get("label", "")
    if label and not _LABEL.fullmatch(str(label)):
        hint = "a letter, then letters, digits, - _ . or :"
        yield Problem(where, f'"{label}" cannot be a label', hint)
