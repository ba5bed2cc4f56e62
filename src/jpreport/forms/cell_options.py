"""What a cell says of itself: its tags, and the `#| key: value` lines at its top.

Those of Jupyter Book and Quarto are honoured where a report can, and refused by name elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from jpreport.errors import Place, Problem, did_you_mean

_LINE = re.compile(r"#\|\s?(.*)")
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*")
_TEXTS = ("label", "caption", "alt", "credit")
_ALIASES = {"fig-cap": "caption", "tbl-cap": "caption", "fig-alt": "alt"}

# What is folded away on a screen is left out: paper has nothing to unfold.
_NO_CELL = frozenset({"hide", "remove-cell", "hide-cell"})
_NO_OUTPUT = frozenset({"remove-output", "hide-output"})
_CODE = frozenset({"show-code"})
# A report shows no code unless it is asked to.
_IDLE_TAGS = frozenset({"remove-input", "hide-input", "parameters", "injected-parameters"})
TAGS = _NO_CELL | _NO_OUTPUT | _CODE | _IDLE_TAGS
_REFUSED_TAGS = {
    "skip-execution": "take the cell out, or make it a raw cell",
    "raises-exception": "catch what the cell raises",
}

# Option of Quarto -> value -> the tag that says the same; "" where a report is so by itself.
_SWITCHES: Mapping[str, Mapping[str, str]] = {
    "echo": {"false": "", "true": "show-code"},
    "output": {"false": "remove-output", "true": ""},
    "include": {"false": "remove-cell", "true": ""},
    "warning": {"false": ""},
    "message": {"false": ""},
    "error": {"false": ""},
    "eval": {"true": ""},
}
_KNOWN = (*_TEXTS, *_ALIASES, *_SWITCHES, "tags")


@dataclass(frozen=True, slots=True)
class CellOptions:
    """What a cell says about what it shows; "" where it says nothing. `source` is the rest."""

    source: str = ""
    label: str = ""
    caption: str = ""
    alt: str = ""
    credit: str = ""
    tags: frozenset[str] = frozenset()

    @property
    def left_out(self) -> bool:
        """Whether no report shows anything of the cell."""
        return bool(self.tags & _NO_CELL)

    @property
    def shows_output(self) -> bool:
        """Whether a report shows what the cell shows."""
        return not self.tags & (_NO_CELL | _NO_OUTPUT)

    @property
    def shows_code(self) -> bool:
        """Whether a report shows the cell's source."""
        return bool(self.tags & _CODE)


def is_left_out(cell: Mapping[str, Any]) -> bool:
    """Return whether no report shows anything of a notebook's cell: it is raw, or says so."""
    return cell["cell_type"] == "raw" or options_of(cell, Place())[0].left_out


def options_of(cell: Mapping[str, Any], where: Place) -> tuple[CellOptions, list[Problem]]:
    """Return what a notebook's cell says of itself, and what is wrong with it."""
    tags = cell["metadata"].get("tags", ())
    source = cell["source"] if cell["cell_type"] == "code" else ""
    text = source if isinstance(source, str) else "".join(source)
    return read_options(text, where, tags)


def read_options(
    source: str, where: Place, tags: Collection[str] = ()
) -> tuple[CellOptions, list[Problem]]:
    """Return the options at the top of a cell's source, and what is wrong with them and its tags.

    What is not understood is a problem: it may have been meant to keep something unpublished.
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
        told = [Problem(where, "the cell options cannot be read", hint)]
        return CellOptions(rest, tags=frozenset(tags)), told
    listed = values.get("tags") or []
    own = [*tags, *(listed if isinstance(listed, list) else [str(listed)])]
    faults = [*_unknown(values), *_unknown_tags(own)]
    texts = dict.fromkeys(_TEXTS, "")
    for key, value in values.items():
        name = _ALIASES.get(key, key)
        if name in texts:
            texts[name] = " ".join(str(value).split())
        elif key in _SWITCHES:
            own.append(_SWITCHES[key].get(str(value).lower(), ""))
    if texts["label"] and not _LABEL.fullmatch(texts["label"]):
        hint = "a letter, then letters, digits, - _ . or :"
        faults.append((f'"{texts["label"]}" cannot be a label', hint))
    problems = [Problem(where, message, hint) for message, hint in faults]
    return CellOptions(rest, **texts, tags=frozenset(filter(None, own))), problems


def _unknown(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if key not in _KNOWN:
            yield f'unknown cell option "{key}"', did_you_mean(str(key), _KNOWN)
        elif key in _SWITCHES and str(value).lower() not in _SWITCHES[key]:
            choices = " or ".join(_SWITCHES[key])
            yield (
                f'the cell option "{key}: {value}" cannot be honoured',
                f"a report takes {choices}",
            )


def _unknown_tags(tags: Collection[str]) -> Iterator[tuple[str, str]]:
    for tag in tags:
        if tag in _REFUSED_TAGS:
            yield f'the tag "{tag}" cannot be honoured', _REFUSED_TAGS[tag]
        elif tag not in TAGS:
            yield f'unknown tag "{tag}"', did_you_mean(tag.replace("_", "-"), TAGS)
