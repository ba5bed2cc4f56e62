"""Check a notebook before a kernel starts: format, code, cell options, prose values."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jpreport.document.markdown_text import MarkdownText
from jpreport.document.myst import read_caption, read_markdown
from jpreport.errors import NOWHERE, NotebookError, Place, Problem
from jpreport.execute.parameters import read_declaration, source_of
from jpreport.files.inputs import read_input
from jpreport.forms.cell_options import is_hidden, read_options, unknown_tags

_FORMAT = 4
_CONFLICT = re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE)
_SAVE = "open and save it in JupyterLab"


def load_notebook(path: Path, where: Place) -> dict[str, Any]:
    """Return a notebook file as parsed JSON.

    Raises NotebookError if there is no such file, it is no JSON, or no notebook of format 4.
    """
    try:
        content = read_input(path)
        nb: Any = json.loads(content.decode())
    except FileNotFoundError:
        raise NotebookError(Problem(where, "there is no such notebook")) from None
    except OSError as error:
        raise NotebookError(Problem(where, f"cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError:
        raise NotebookError(Problem(where, "not UTF-8 text", _SAVE)) from None
    except json.JSONDecodeError as error:
        place = where.at(line=error.lineno)
        if conflict := _CONFLICT.search(content):
            place = where.at(line=content.count(b"\n", 0, conflict.start()) + 1)
            hint = "keep one of its two sides, and take the marks out"
            raise NotebookError(Problem(place, "a merge was not finished here", hint)) from None
        raise NotebookError(Problem(place, f"not JSON: {error.msg}", _SAVE)) from None
    found = nb.get("nbformat") if isinstance(nb, dict) else None
    if found != _FORMAT:
        message = f"notebook format {found}; this release reads 4" if found else "not a notebook"
        raise NotebookError(Problem(where, message, _SAVE))
    cells = nb.get("cells")
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise NotebookError(Problem(where, "not a notebook: a cell is malformed", _SAVE))
    if problems := list(_halves(cells, where)):
        raise NotebookError(problems)
    metadata = nb.setdefault("metadata", {})
    if not isinstance(metadata, dict) or not isinstance(metadata.get("kernelspec", {}), dict):
        raise NotebookError(Problem(where, "not a notebook: its metadata are malformed", _SAVE))
    return dict(nb)


def _halves(cells: list[dict[str, Any]], where: Place) -> Iterator[Problem]:
    """Yield the cells that hold half a character, as JSON lets them: no file can."""
    for number, cell in enumerate(cells, start=1):
        try:
            json.dumps(cell, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = f"U+{ord(error.object[error.start]):04X}"
            message = f"holds half of a character ({half}, a lone surrogate)"
            yield Problem(where.at(cell=number), message, "type the character again")


def _is_cell(cell: object) -> bool:
    return (
        isinstance(cell, dict)
        and cell.get("cell_type") in ("code", "markdown", "raw")
        and _is_text(cell.get("source"))
        and isinstance(metadata := cell.get("metadata"), dict)
        and _are_texts(metadata.get("tags", []))
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) or _are_texts(value)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def cell_place(cell: dict[str, Any], number: int, where: Place) -> Place:
    """Return a cell's place: notebook, number (from 1) and label, if it has one."""
    label = ""
    if cell["cell_type"] == "code":
        label = read_options(cell, where)[0].label
    return where.at(cell=number, label=label)


def leading_blank_lines(source: str) -> int:
    """Return how many lines at the top of a cell IPython leaves out of its count."""
    return source[: len(source) - len(source.lstrip())].count("\n")


def _compile(source: str, mode: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a string is no fault of the form
        flags = ast.PyCF_ONLY_AST | (ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if mode == "exec" else 0)
        compile(source, "<cell>", mode, flags=flags, dont_inherit=True)


def _code_problems(source: str, place: Place) -> Iterator[Problem]:
    try:
        _compile(source, "exec")
    except (SyntaxError, ValueError):
        # Imported late, and only for code that is not plain Python: it may hold IPython's magics.
        from IPython.core.inputtransformer2 import TransformerManager

        try:
            manager = TransformerManager()  # type: ignore[no-untyped-call]
            _compile(manager.transform_cell(source), "exec")
        except SyntaxError as error:
            number = (error.lineno or 1) + leading_blank_lines(source)
            line = place.at(line=number)
            code = (error.text or "").strip()
            yield Problem(line, f"{type(error).__name__}: {error.msg}", code and f"> {code}")
        except ValueError as error:
            yield Problem(place, f"not Python: {error}")


def _prose_problems(text: MarkdownText, place: Place, *, shown: bool = True) -> Iterator[Problem]:
    if shown:
        yield from text.problems(place)
    for role in text.roles:
        try:
            _compile(role.expression, "eval")
        except (SyntaxError, ValueError) as error:
            message = f"{role} is not a Python expression: {getattr(error, 'msg', error)}"
            hint = 'write one expression, such as {eval}`rp["1.1"]`'
            yield Problem(place.at(line=role.line), message, hint)


def _cell_problems(nb: dict[str, Any], where: Place) -> Iterator[Problem]:
    labels: dict[str, int] = {}
    for number, cell in enumerate(nb["cells"], start=1):
        place = cell_place(cell, number, where)
        source = source_of(cell)
        if cell["cell_type"] == "markdown":
            yield from _prose_problems(read_markdown(source), place, shown=not is_hidden(cell))
        if cell["cell_type"] != "code":
            continue
        yield from _code_problems(source, place)
        options, problems = read_options(cell, place)
        yield from problems
        for text in (options.caption, options.alt):
            yield from _prose_problems(read_caption(text), place)
        if options.label and labels.setdefault(options.label, number) != number:
            message = f'the label "{options.label}" is taken by cell {labels[options.label]}'
            yield Problem(place, message, "give each cell its own label")


def tag_doubts(path: Path, where: Place) -> Iterator[Problem]:
    """Yield a warning for every tag of a readable notebook that means nothing to a report."""
    for number, cell in enumerate(load_notebook(path, where)["cells"], start=1):
        for tag in unknown_tags(cell):
            hint = "take it out, or let it be if it is a mark of your own"
            place = cell_place(cell, number, where)
            yield Problem(place, f'the tag "{tag}" does nothing in a report', hint)


def check_notebook(path: Path, where: Place = NOWHERE) -> tuple[Problem, ...]:
    """Return everything that is wrong with a notebook file, as far as can be told without running.

    `where` names the notebook in the problems; by default, its path.
    """
    where = where or Place(path.as_posix())
    try:
        nb = load_notebook(path, where)
    except NotebookError as error:
        return error.problems
    problems = list(_cell_problems(nb, where))
    language = nb.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    if language != "python":
        problems.append(Problem(where, f"written in {language}; reports are made from Python"))
    try:
        read_declaration(nb, where)
    except NotebookError as error:
        # A syntax error in the parameters cell has been told already.
        problems += [p for p in error.problems if not p.message.startswith("not Python")]
    return tuple(problems)
