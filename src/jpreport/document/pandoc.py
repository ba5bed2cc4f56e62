"""Pandoc as two functions: text to its JSON tree, and the tree to a format."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Literal

# What JupyterLab shows with jupyterlab-myst, and no more: an extension that only pandoc knows
# would give a report that differs from what the author saw.
MARKDOWN = "commonmark_x" + "".join(
    f"-{extension}"
    for extension in (
        "raw_html",
        "raw_attribute",
        "emoji",
        "alerts",
        "yaml_metadata_block",
        "implicit_header_references",
        "gfm_auto_identifiers",
        "tex_math_dollars",  # `document.formulas` says what is one
    )
)

_LEADING = r"[\s>*+\-\d.):]*"
_NOTES = re.compile(rf"(?:{_LEADING}\[\^[^\]\s]+\]:)+")  # footnotes that begin in a line
_CALL = re.compile(r"\[\^([^\]\s]+)\]")

# One process reads any number of texts, each on its own: a footnote or a fence of one cell
# cannot reach into the next. The empty table of files keeps readers from opening any.
_READ_ALL = """
local out = {}
for i, job in ipairs(pandoc.json.decode(io.read("a"), false)) do
  local read, document = pcall(pandoc.read, job[2], job[1], nil, {})
  if not read then document = pandoc.Pandoc({pandoc.RawBlock("unread", "")}) end
  out[i] = pandoc.write(document, "json")
end
io.write("[" .. table.concat(out, ",") .. "]")
"""

_WRITE_FORMULAS = """
local out = {}
for i, job in ipairs(pandoc.json.decode(io.read("a"), false)) do
  local formula = pandoc.Math(job[2] and "DisplayMath" or "InlineMath", job[1])
  out[i] = pandoc.write(pandoc.Pandoc({pandoc.Para({formula})}), "typst", {wrap_text = "none"})
end
io.write(pandoc.json.encode(out))
"""

_VERSION = [1, 23, 1]
# What was read, as JSON: whoever gets it may change it.
_read: dict[tuple[str, str], str] = {}
_MOST_READ = 2000
# A text that pandoc never comes to the end of must not take the machine with it.
_MEMORY = ("+RTS", "-M2g", "-RTS")
_OPTIONS = {"html5": ("--mathml", "--syntax-highlighting=none"), "typst": ()}


@cache
def _program() -> str:
    import pypandoc

    path: str = pypandoc.get_pandoc_path()
    return path


def _run(arguments: Sequence[str], text: str) -> bytes:
    """Return what pandoc prints; raises RuntimeError, as no input of a user makes it fail."""
    result = subprocess.run(  # noqa: S603 - the program is our own wheel's, no shell is involved
        [_program(), *arguments, *_MEMORY],
        input=text.encode(errors="replace"),
        capture_output=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"pandoc: {result.stderr.decode(errors='replace').strip()}")
    return result.stdout


def _json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    # Half a surrogate pair, which Python lets a text hold, is replaced when this is encoded.
    return json.dumps(value, ensure_ascii=False)


def read_all(sources: Iterable[tuple[str, str]]) -> list[list[dict[str, Any]]]:
    """Return the blocks of each (format, text), read by one pandoc process.

    Of a text over which pandoc fails that is one raw block of the format "unread".
    """
    # Without an end to its last line, a text that ends in a heading gets an empty paragraph.
    jobs = [(kind, f"{text}\n") for kind, text in sources]
    # Editions of one template share most of their texts, and so do two versions of a notebook.
    read = {job: _read.get(job, "") for job in jobs}
    if new := [job for job, text in read.items() if not text]:
        documents = json.loads(_run(["lua", "-e", _READ_ALL], _json(new)))
        fresh = {job: _json(one["blocks"]) for job, one in zip(new, documents, strict=True)}
        if len(_read) + len(fresh) > _MOST_READ:
            _read.clear()
        _read.update(fresh)
        read |= fresh
    return [json.loads(read[job]) for job in jobs]


def write(blocks: Iterable[dict[str, Any]], to: Literal["html5", "typst"]) -> str:
    """Return pandoc blocks in a format; raw blocks of that format pass as they are."""
    return _write(blocks, to, *_OPTIONS[to]).decode()


def write_docx(blocks: Iterable[dict[str, Any]]) -> bytes:
    """Return pandoc blocks as a Word file; raw blocks and inlines of "openxml" pass as they are."""
    return _write(blocks, "docx", "--output=-")


def _write(blocks: Iterable[dict[str, Any]], to: str, *options: str) -> bytes:
    document = {"pandoc-api-version": _VERSION, "meta": {}, "blocks": list(blocks)}
    arguments = ["--from=json", f"--to={to}", "--wrap=none", "--sandbox", *options]
    return _run(arguments, _json(document))


def write_formulas(formulas: Sequence[tuple[str, bool]]) -> list[str]:
    """Return what one pandoc process writes for Typst of each (TeX, whether it stands apart)."""
    written: list[str] = json.loads(_run(["lua", "-e", _WRITE_FORMULAS], _json(formulas)))
    return written


def endless_note(lines: Sequence[str]) -> int:
    """Return the row of a footnote that leads back to itself, -1 if there is none.

    Pandoc never comes to the end of such a text. What is a footnote is taken widely here, so that
    none that pandoc sees is missed.
    """
    calls: dict[str, set[str]] = {}
    begun: dict[str, int] = {}
    within: set[str] = set()  # the notes that the line may belong to
    blank = False
    for row, line in enumerate(lines):
        told = line.replace(">", " ")
        apart = not told.startswith("  ")
        if opening := _NOTES.match(line):
            names = _called(opening[0])
            within = {*names, *(() if apart else within)}
            begun |= {name: begun.get(name, row) for name in names}
            told = told[opening.end() :]
        elif blank and told.strip() and apart:
            within = set()
        blank = not told.strip() and not opening
        for name in within:
            calls.setdefault(name, set()).update(_called(told))
    for name, row in begun.items():
        reached, ahead = set(), set(calls.get(name, ()))
        while ahead:
            reached |= ahead
            ahead = {far for near in ahead for far in calls.get(near, ())} - reached
        if name in reached:
            return row
    return -1


def _called(text: str) -> set[str]:
    return {name.casefold() for name in _CALL.findall(text)}
