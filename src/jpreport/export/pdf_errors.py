"""What Typst could not set, in words for the author: where it stands and what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from textwrap import shorten

import typst

from jpreport.document.blocks import Block, ChartBlock, CodeBlock, Document, Prose, TableBlock
from jpreport.document.markdown import plain_text
from jpreport.errors import NOWHERE, Place, Problem
from jpreport.forms.tables import Table

_GLYPH = re.compile(r'the text `"((?:\\u\{[0-9a-f]+\}|\\.|[^"\\])+)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_GLYPH_HINT = (
    "no typeface of the report has it: name one that has under [style.serif] and [style.sans] "
    "in programme.toml"
)

Fault = typst.TypstError | typst.TypstWarning

_COVER = NOWHERE.at("the cover")

_UNREST = "write a line more or less before the last page, and tell those who make jpreport"
# A part of Typst's message -> what it means, and what to do.
_MEANINGS = (
    (
        "jp: a table too wide",
        "the table fits on no page, even in small type, turned and in parts",
        "its row headers leave no room for another column: give it fewer of them",
    ),
    ("parse SVG", "the picture cannot be read", "draw it again; it must be SVG, PNG or JPEG"),
    ("decode image", "the picture cannot be read", "draw it again; it must be SVG, PNG or JPEG"),
    ("linked image", "the picture refers to another file", "draw it with everything inside"),
    ("foreign object", "the picture holds HTML", "draw its words as text of the SVG"),
    ("missing alt text", "there is no alternative text", "say what it shows in `#| alt: ...`"),
    ("unknown variable", "a formula cannot be set", "write it with simpler signs"),
    # What the contents say of the pages could be wrong.
    ("did not converge", "its pages do not come to rest", _UNREST),
    ("did not stabilize", "its pages do not come to rest", _UNREST),
    ("depth exceeded", "quotes, lists or callouts are nested too deeply", "nest them less"),
)


def _characters(diagnostic: str) -> list[str]:
    """Return the characters without a glyph that Typst's diagnostics name."""
    found: dict[str, None] = {}
    for match in _GLYPH.finditer(diagnostic):
        text = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], match[1])
        found.update(dict.fromkeys(text))
    return list(found)


def _table_texts(table: Table, where: Place) -> Iterator[tuple[Place, str]]:
    for column in table.columns:
        name = where.at(column=column.label)
        yield from ((name, text) for text in (column.label, column.unit, column.group))
    for number, row in enumerate(table.rows, start=1):
        for column, cell in zip(table.columns, row.cells, strict=False):
            yield where.at(row=number, column=column.label), cell.text
    yield from ((where.at("notes"), note) for note in table.notes)


def _name(block: Block, section: str) -> str:
    """Return how to name a block to its author."""
    if isinstance(block, TableBlock | ChartBlock):
        kind = "table" if isinstance(block, TableBlock) else "chart"
        name = block.label or block.caption
        return f'{kind} "{name}"' if name else f"a {kind} in {section}"
    if isinstance(block, Prose):
        return section
    return f"{'code' if isinstance(block, CodeBlock) else 'output'} in {section}"


def _named(document: Document) -> Iterator[tuple[Place, Block]]:
    """Yield the blocks with their names; narrative comes one paragraph at a time."""
    section = "the part before the first section"
    for block in document.blocks:
        if not isinstance(block, Prose):
            yield NOWHERE.at(_name(block, section)), block
            continue
        for node in block.blocks:
            if node["t"] == "Header":
                _, (_, _, keys), content = node["c"]
                words = shorten(plain_text(content), 60, placeholder=" \u2026")
                number = dict(keys).get("data-number", "")
                section = f'section "{number} {words}"' if number else f'section "{words}"'
            yield NOWHERE.at(section), Prose((node,))


def _everything(value: object) -> Iterator[str]:
    """Yield every text in a tree of lists and dictionaries."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _everything(item)


def _texts(document: Document) -> Iterator[tuple[Place, str]]:
    """Yield every text of a document with its place."""
    yield NOWHERE.at("the title"), document.title
    yield from ((_COVER, text) for text in _everything(asdict(document.front)))
    for source in document.sources:
        where = NOWHERE.at(f"the source of figure {source.record.id}")
        yield from ((where, text) for text in _everything(asdict(source)))
    for where, block in _named(document):
        match block:
            case Prose():
                yield from ((where, text) for text in _everything(block.blocks))
            case TableBlock():
                yield where.at("caption"), block.caption
                yield from _table_texts(block.table, where)
            case ChartBlock():
                yield where.at("caption"), block.caption
                yield where, block.image.decode(errors="ignore")
            case CodeBlock():
                yield where, block.source
            case _:
                yield where, block.text


def _script(char: str) -> str:
    """Return what a script is called, as Unicode's names of its letters begin."""
    name = unicodedata.name(char, "a character without a name")
    return name.split(" ", 1)[0].title() if unicodedata.category(char)[0] in "LM" else name


def glyph_problems(document: Document, characters: list[str]) -> list[Problem]:
    """Return where characters without a glyph stand, an entry for each place and script."""
    found: dict[tuple[Place, str], list[str]] = {}
    texts = list(_texts(document))
    for char in characters:
        places = [where for where, text in texts if char in text]
        for where in dict.fromkeys(places or [NOWHERE]):
            found.setdefault((where, _script(char)), []).append(char)
    return [
        Problem(
            where,
            f'"{"".join(chars)}" ({script}, U+{ord(chars[0]):04X}) cannot be printed',
            _GLYPH_HINT,
        )
        for (where, script), chars in found.items()
    ]


def _problem(where: Place, error: Fault) -> Problem:
    for part, message, hint in _MEANINGS:
        if part in error.message:
            return Problem(where, message, hint)
    return Problem(where, f"Typst says: {error.message}", "; ".join(error.hints))


def explain(
    document: Document,
    error: Fault,
    attempt: Callable[[Document], Fault | None],
) -> list[Problem]:
    """Return why a document could not be set, with the place of each fault.

    `attempt` sets a part of the document on its own and returns what Typst says of it.
    """
    characters = _characters(error.diagnostic)
    if characters:
        return glyph_problems(document, characters)
    if attempt(replace(document, blocks=())) is None:
        problems = [
            _problem(where, fault)
            for where, block in _named(document)
            if (fault := attempt(replace(document, blocks=(block,)))) is not None
            and "heading level" not in fault.message  # a section alone has none above it
        ]
        if problems:
            return list(dict.fromkeys(problems))
        return [_problem(NOWHERE, error)]
    return [_problem(_COVER, error)]
