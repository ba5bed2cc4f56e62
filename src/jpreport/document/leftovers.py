"""Markup that was meant to be more than the characters that it is, and would be printed as such."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_CALL = re.compile(r"(?<!\\)\[\^([^\]\s]+)\]")
_SAID = ("text", "softbreak", "hardbreak")
_CODE = ("code_inline", "myst_role", "html_inline", "math_inline")
_LEFT = (
    (
        re.compile(r"(?<!\\)\{eval\}"),
        "{eval} without an expression behind it",
        'write {eval}`rp["1.1"]`, without a space',
    ),
    (
        re.compile(r"(?<!\\)\$\$"),
        "$$ that ends no formula",
        "end it in the same paragraph, or write \\$ for a dollar",
    ),
    (
        re.compile(r"\\(?:begin|end)\{\w+\*?\}"),
        "LaTeX that is no formula",
        "set it apart with empty lines around it, within $$ if it is none of amsmath",
    ),
    (
        re.compile(r"(?<![\\!])\[[^\[\]]+(?<!\\)\]\[[^\[\]]+\]"),
        "a link whose address is not in its cell",
        "write [words](address), or the address into the same cell",
    ),
    (re.compile(r"\{\{<.*?>\}\}"), "a shortcode of Quarto", "write what it stands for"),
    (
        re.compile(r"\{\{[^{}<]*\}\}|\{%.*?%\}"),
        "a placeholder that nothing fills",
        "write {eval}`expression`",
    ),
    (
        re.compile(r"(?<!\w)@(?:fig|tbl|tab|sec|eq|lst)-\w+"),
        "a reference of Quarto",
        "write [](#label)",
    ),
    (
        re.compile(r"\[[^\[\]]*(?<!\w)@[A-Za-z]\w+[^\[\]]*\](?!\()"),
        "a citation",
        "name the source in a footnote",
    ),
    (
        re.compile(r"(?<!\w)\^\[[^\]]+\]|\w\^\[[^\]]{4,}\]"),
        "a footnote within its sentence",
        "write [^1], and below [^1]: with its words",
    ),
    (
        re.compile(
            r"\\(?:new|clear)page\b|\\pagebreak\b|\\(?:text\w+|emph|(?:no|auto)?cite\w*|(?:eq|page|auto)?ref|"
            r"label|footnote|url|href|(?:sub)*section\*?|[vh]space\*?)\{"
        ),
        "a command of LaTeX",
        "write it as Markdown; formulas stand within $",
    ),
    (
        re.compile(r"^\+[-=]{3}.*|^\|.*", re.MULTILINE),
        "a table that cannot be read",
        "write a head, below it a line such as |---|---|, and a line for each row",
    ),
    (
        re.compile(r"^: \S.*"),
        "a caption or definition below nothing that has one",
        "a table with a caption is the output of a code cell, with #| caption:",
    ),
    (re.compile(r"(?<![=\w])==\w[^=\n]*=="), "marks of a highlight", "write **words**"),
    (re.compile(r"^##+\w.*"), "a heading without a space", "write a space behind ##"),
    (
        re.compile(r"(?<![\w:]):(?:\w+:(?=`)|[a-z][a-z_]+:(?![\w:]))"),
        "a role of reStructuredText, or the name of an emoji",
        "write the sign itself, or [words](#label)",
    ),
    (re.compile(r"^\[!\w+\]"), "a callout of GitHub", "write :::{note} and ::: around it"),
    (re.compile(r"!?\[\[[^\W\d][^\[\]]*\]\]"), "a link of a wiki", "write [words](address)"),
    (re.compile(r"^\[TOC\]$"), "a list of contents", "take it out: a report has one"),
    (re.compile(r"^\*\[[^\]]+\]: "), "an abbreviation", "write it out where it stands first"),
    (
        re.compile("[\x01-\x08\x0e-\x1f\x7f\ue000-\uf8ff\ufffc]"),
        "a character without a sign, as Word pastes bullets and pictures",
        'type the sign again; a list begins with "- "',
    ),
)
_HEADER = re.compile(r"---\n(?:[\w-]+:.*\n|[ -].*\n)+(?:---|\.\.\.)[ \t]*\n")
_RUN = re.compile(r"\{(?:r|python|julia)\}\s.*|r\s+[\w.:$]+[(\[$].*", re.DOTALL)
_TEX = re.compile(r"\\([(\[])[^\n]*?[\\^_=][^\n]*?\\[)\]]")
# What to write instead of directives and roles that a report has not.
_CURES = {
    **dict.fromkeys(("figure", "image"), "show it by a code cell with #| caption: and #| alt:"),
    **dict.fromkeys(("math", "eq"), "write $...$, or $$...$$ for a formula that stands apart"),
    **dict.fromkeys(
        ("list-table", "csv-table", "table"),
        "write a table of Markdown, or show one by a code cell",
    ),
    **dict.fromkeys(
        ("dropdown", "details", "tab-set", "tab-item", "tabbed", "grid", "card", "margin"),
        "a page has nothing to fold: use headings or callouts",
    ),
    **dict.fromkeys(("python", "r", "code-cell", "julia", "bash"), "make it a code cell"),
    **dict.fromkeys(("include", "literalinclude", "glossary"), "write its words here"),
    **dict.fromkeys(("tableofcontents", "toctree", "contents"), "take it out: a report has one"),
    **dict.fromkeys(("ref", "numref", "doc", "term", "any"), "write [](#label)"),
    **dict.fromkeys(("cite", "footcite", "bibliography"), "name the source in a footnote"),
    **dict.fromkeys(("sub", "sup"), "write H~2~O and x^2^"),
    **dict.fromkeys(("abbr", "download", "guilabel", "kbd", "code"), "write the words alone"),
}


def cure(name: str) -> str:
    """Return what to write instead of a directive or role, "" where nothing is known."""
    callout = re.match(r"\{?\.callout-(\w+)", name)
    if callout:
        return f"write :::{{{callout[1]}}} and its title behind"
    if name.startswith("{."):
        return "write its words without the division around them"
    return _CURES.get(re.split(r"[^\w-]", name.strip("{"))[0], "")


def _without_code(content: str, children: Iterable[Token]) -> str:
    """Return an inline text without what is code, a value or a formula in it."""
    for child in children:
        if child.type.startswith(_CODE) and child.content:
            content = content.replace(child.content, "", 1)
    return content


def left_over(content: str, children: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Yield (message, hint) of what is left of markup in an inline text that has been read."""
    said = "".join(child.content or "\n" for child in children if child.type in _SAID)
    text = _without_code(content, children)
    for child in children:
        if child.type == "code_inline" and _RUN.fullmatch(child.content):
            yield "code in a sentence that nothing runs", "write {eval}`expression`"
    if _TEX.search(text):
        yield "LaTeX that is no formula", "write $...$, or $$...$$ for one that stands apart"
    for pattern, message, hint in _LEFT:
        # What the author escaped reads the same as text, not as source.
        found = pattern.search(text)
        if found and found[0] in said and not text.endswith("\\", 0, found.start()):
            yield message, hint


def cells_of(line: str) -> int:
    """Return how many cells a line of a table has."""
    from markdown_it.rules_block.table import escapedSplit

    return len(escapedSplit(line.lstrip(" \t>").strip().strip("|"))) if line.strip() else 0


def long_row(line: str, columns: int) -> tuple[str, str] | None:
    """Return (message, hint) of a row with more cells than its table, which Markdown drops."""
    if (count := cells_of(line)) <= columns:
        return None
    hint = "write \\| for a bar within a cell, in code too"
    return f"a row of {count} cells below a head of {columns}", hint


def header_of(source: str) -> bool:
    """Say whether a text begins with a header of YAML, as files of Quarto and Jekyll do."""
    return bool(_HEADER.match(source))


def called_notes(content: str, children: Sequence[Token]) -> list[str]:
    """Return the footnotes that an inline text calls, whether or not they are there."""
    return _CALL.findall(_without_code(content, children)) if "[^" in content else []


def lone_notes(
    calls: Mapping[str, int], notes: Mapping[str, int]
) -> Iterator[tuple[int, str, str]]:
    """Yield (row, message, hint) of footnotes that are not there, or that nothing calls."""
    known, called = ({name.casefold() for name in names} for names in (notes, calls))
    for name, row in calls.items():
        if name.casefold() not in known:
            message = f"the footnote [^{name}] is not in its cell"
            yield row, message, f"write [^{name}]: and its words into the same cell"
    for name, row in notes.items():
        if name.casefold() not in called:
            yield row, f"no word calls the footnote [^{name}]", f"write [^{name}] behind one"
