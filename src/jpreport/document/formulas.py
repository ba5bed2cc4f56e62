"""What is a formula in a Markdown text, and each in the notation that the PDF sets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jpreport.document.pandoc import write_formulas

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# An amount that looks like the beginning of a formula: said, since JupyterLab shows one.
AMOUNT = re.compile(r"(?<![\w$\\])\$\s*\d[^$\n]*[\\^{][^$\n]*\$(?!\d)")
AMOUNT_HINT = "write `${}2x$` for a formula that begins with a digit, `\\$` for a dollar"
# A hash is code to Typst. Pandoc writes none but its frame, beside those in strings.
_CODE = re.compile(r"(?<!\\)#(?!box\(stroke: black, inset: 3pt, \[)")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')

_ROLE = re.compile(r"\{eval\}`[^`]*`?")

_set: dict[tuple[str, bool], str] = {}
_MOST_SET = 2000


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in TeX; `line` counts the text's lines from 1."""

    tex: str
    display: bool
    line: int

    def __str__(self) -> str:
        """Return the formula as it may stand in a text."""
        mark = "$$" if self.display else "$"
        return f"{mark}{self.tex}{mark}"

    @property
    def fault(self) -> tuple[str, str]:
        """Why no exporter can set it, and what to do; empty where they can."""
        if role := _ROLE.search(self.tex):
            return f"{role[0]} stands where no value can: in a formula", "write it into a sentence"
        if typst_formula(self.tex, display=self.display):
            return "", ""
        hint = "look for braces that stand alone, and write it with other commands"
        return f"the formula {self} cannot be set", hint

    @property
    def node(self) -> dict[str, Any]:
        """The formula as a part of pandoc's tree."""
        kind = "DisplayMath" if self.display else "InlineMath"
        return {"t": "Math", "c": [{"t": kind}, self.tex]}


def add_formulas(parser: MarkdownIt) -> None:
    """Let a parser read formulas where JupyterLab does; `read_formula` says where it does not."""
    from mdit_py_plugins.amsmath import amsmath_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser.use(dollarmath_plugin, allow_blank_lines=False, double_inline=True)
    parser.use(amsmath_plugin)


def read_formula(state: Any, silent: bool) -> bool:  # noqa: ANN401, FBT001 - markdown-it's form
    """Read a formula within a line; money is none.

    A dollar opens no formula behind a letter or a digit ("US$"), nor before a digit ("$5"); it
    closes none before a digit ("US$10").
    """
    from mdit_py_plugins.dollarmath.index import math_inline_dollar

    read = math_inline_dollar(allow_space=True, allow_digits=True, allow_double=True)
    start, text = state.pos, state.src
    if text[start] != "$" or (start and text[start - 1].isalnum()):
        return False
    if not text.startswith("$$", start) and text[start + 1 :].lstrip()[:1].isdigit():
        return False
    closed = read(state, True)  # noqa: FBT003
    money = text[state.pos : state.pos + 1].isdigit()
    state.pos = start
    return closed and not money and read(state, silent)


def set_formulas(formulas: Iterable[Formula]) -> None:
    """Bring formulas into Typst's notation, all at one go: a process costs more than a formula."""
    new = dict.fromkeys((one.tex, one.display) for one in formulas)
    if asked := [one for one in new if one not in _set]:
        if len(_set) + len(asked) > _MOST_SET:
            _set.clear()
        _set.update(zip(asked, map(_readable, write_formulas(asked)), strict=True))


def typst_formula(tex: str, *, display: bool) -> str:
    """Return a formula in Typst's notation, "" if no exporter can set it."""
    set_formulas([Formula(tex, display, 0)])
    return _set[tex, display]


def _readable(written: str) -> str:
    """Return the formula in what pandoc wrote; TeX that it cannot read comes as escaped text."""
    written = written.strip()
    formula = written[1:-1].strip()
    whole = len(written) > 1 and written[0] == written[-1] == "$"
    return "" if not whole or _CODE.search(_STRING.sub("", formula)) else formula
