"""Edits of a notebook's cells as steps, and the proof that they change no more than they say."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jpreport.document.formulas import set_formulas
from jpreport.document.markdown import Resolver, plain_text
from jpreport.document.markdown_text import Message
from jpreport.document.myst import read_markdown
from jpreport.document.pandoc import MARKDOWN, read_all
from jpreport.document.pieces import folded, signs
from jpreport.document.quotes import results_of, text_of
from jpreport.errors import NOWHERE
from jpreport.forms.cell_options import read_options

_MARKER = re.compile(r"(.*?)((?:[-+*]|\d+[.)])\s+)$")


@dataclass(frozen=True, slots=True)
class Step:
    """One edit of a cell, from 1: a text replaced, taken out, or put in behind another.

    `index` is the message's place in the cell, for "insert" that of the one before (-1: none).
    `text` is Markdown; `old` and `new` are how the text reads before and after, "" where it is not
    there. With `item`, what is put in is an item of the list that the message before is in.
    """

    cell: int
    kind: Literal["replace", "delete", "insert", "caption", "alt"]
    index: int = 0
    text: str = ""
    old: str = ""
    new: str = ""
    item: bool = False


def rewritten(source: str, steps: Sequence[Step]) -> str:
    """Return a Markdown cell with steps made; raises ValueError where one has no place."""
    messages = read_markdown(source).messages
    lines = re.sub(r"\r\n?", "\n", source).split("\n")
    # From below upward, so that rows stay what they are; what is put in behind comes first.
    order = {"insert": 1, "replace": 0, "delete": 0}
    ranked = [(one.index, order[one.kind], place) for place, one in enumerate(steps)]
    for *_, place in sorted(ranked, reverse=True):
        step = steps[place]
        if step.kind == "insert":
            _insert(lines, messages, step)
            continue
        (row, column), (last, end) = _span(messages[step.index])
        before, behind = lines[row][:column], lines[last][end:]
        if step.kind == "replace":
            text = step.text.replace("|", "\\|") if messages[step.index].table else step.text
            block = text.replace("\n", f"\n{_below(before)}")
            lines[row : last + 1] = [f"{before}{block}{behind}"]
        else:
            lines[row : last + 1] = []
            if row and row < len(lines) and not (lines[row - 1].strip() or lines[row].strip()):
                del lines[row]
    return "\n".join(lines)


def _span(message: Message) -> tuple[tuple[int, int], tuple[int, int]]:
    if message.span is None:
        raise ValueError("its place in the cell is not known")
    return message.span


def _below(before: str) -> str:
    return re.sub(r"[^>\s]", " ", before)


def _insert(lines: list[str], messages: Sequence[Message], step: Step) -> None:
    """Put a paragraph or an item of a list in behind a message, or at the top of the cell."""
    if step.index < 0:
        lines[:0] = [step.text, ""]
        return
    (row, column), (last, _) = _span(messages[step.index])
    marker = _MARKER.match(lines[row][:column])
    if step.item and marker:
        lines[last + 1 : last + 1] = [f"{lines[row][:column]}{step.text}"]
        return
    before = marker[1] if marker else lines[row][:column]
    below = "" if step.text.startswith("#") else re.sub(r"[^>\s]", "", before)
    text = f"- {step.text}" if step.item else step.text
    lines[last + 1 : last + 1] = [below.rstrip(), f"{below}{text}".rstrip()]
    if last + 3 < len(lines) and lines[last + 3].strip() not in ("", ">"):
        lines.insert(last + 3, below.rstrip())


def with_option(source: str, key: str, old: str, new: str) -> str:
    """Return a code cell with a caption or an alt text replaced; raises ValueError."""
    lines = source.split("\n")
    cell = {"cell_type": "code", "source": source}
    before, _ = read_options(cell, NOWHERE)
    if getattr(before, key) != old:
        raise ValueError("the cell's options are not as they were")
    start = next(n for n, line in enumerate(lines) if re.match(rf"\s*#\|\s?{key}\s*:", line))
    for end in range(start + 1, len(lines) + 1):
        for written in (new, json.dumps(new, ensure_ascii=False)):
            text = "\n".join([*lines[:start], f"#| {key}: {written}", *lines[end:]])
            after, problems = read_options({"cell_type": "code", "source": text}, NOWHERE)
            same = all(
                getattr(after, name) == getattr(before, name)
                for name in ("source", "label", "caption", "alt", "credit", "hidden")
                if name != key
            )
            if same and getattr(after, key) == new and not problems:
                return text
        if end < len(lines) and not re.match(r"\s*#\|\s\s", lines[end]):
            break
    raise ValueError(f"the {key} cannot be written as an option of its cell")


def _rendered(cells: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Counter[str], int]]:
    """Yield of each Markdown cell its texts as a report has them, and how many problems it has."""
    texts = [read_markdown(text_of(cell["source"])) for cell in cells]
    set_formulas(formula for text in texts for formula in text.formulas)
    blocks = read_all((MARKDOWN, text.pandoc) for text in texts)
    for cell, text, read in zip(cells, texts, blocks, strict=True):
        resolver = Resolver(NOWHERE, text, results_of(cell))
        leaves = Counter(filter(None, map(plain, _leaves(resolver.resolve(read)))))
        yield leaves, len(resolver.problems) + len(text.faults)


def plain(text: str) -> str:
    """Return a text folded, with single blanks and none around it."""
    return " ".join(signs(folded(text)).split())


def _leaves(node: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a pandoc tree
    """Yield the texts of a tree: paragraphs, headings, terms, those of footnotes too."""
    if isinstance(node, list):
        for one in node:
            yield from _leaves(one)
    elif isinstance(node, dict) and node.get("t") in {"Para", "Plain", "Header"}:
        inlines = node["c"][2] if node["t"] == "Header" else node["c"]
        yield plain_text(inlines)
        yield from _leaves(inlines)
    elif isinstance(node, dict) and node.get("t") == "DefinitionList":
        for term, texts in node["c"]:
            yield plain_text(term)
            yield from _leaves([term, texts])
    elif isinstance(node, dict):
        yield from _leaves(node.get("c"))


def made(cells: Mapping[int, Mapping[str, Any]], steps: Iterable[Step]) -> dict[int, str]:
    """Return the sources of the cells, by number, that steps change.

    Raises ValueError, with the reason, where a cell would not read exactly as the steps say.
    """
    by_cell: dict[int, list[Step]] = {}
    for step in steps:
        by_cell.setdefault(step.cell, []).append(step)
    sources: dict[int, str] = {}
    for number, own in by_cell.items():
        source = text_of(cells[number]["source"])
        if cells[number]["cell_type"] == "markdown":
            sources[number] = rewritten(source, own)
            continue
        for step in own:
            source = with_option(source, step.kind, step.old, step.text)
        sources[number] = source
    _prove(cells, by_cell, sources)
    return sources


def _prove(
    cells: Mapping[int, Mapping[str, Any]],
    steps: Mapping[int, Sequence[Step]],
    sources: Mapping[int, str],
) -> None:
    prose = [number for number in sources if cells[number]["cell_type"] == "markdown"]
    # A value that moves to another cell is the same there.
    shared = [
        entry
        for number in prose
        for entry in cells[number]["metadata"].get("user_expressions") or ()
    ]
    old = [cells[number] for number in prose]
    new = [
        {**cells[number], "source": sources[number], "metadata": {"user_expressions": shared}}
        for number in prose
    ]
    read = list(_rendered([*old, *new]))
    for number, (before, faults), (after, more) in zip(
        prose, read[: len(prose)], read[len(prose) :], strict=True
    ):
        wanted = before.copy()
        wanted.subtract(plain(one.old) for one in steps[number] if one.old)
        if min(wanted.values(), default=0) < 0:
            raise ValueError("what it replaces is not found in the cell as a report reads it")
        wanted.update(plain(one.new) for one in steps[number] if one.new)
        if +wanted != +after or more > faults:
            raise ValueError("the cell would not read as the reviewer wrote it")
