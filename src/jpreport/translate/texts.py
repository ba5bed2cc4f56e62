"""What of a programme is translated: the prose of its notebooks, and its terms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jpreport.data import Field, Package, Records, Resource
from jpreport.document.myst import read_caption, read_markdown
from jpreport.document.translation import messages
from jpreport.errors import NOWHERE, Place, Problem
from jpreport.execute.check import cell_place
from jpreport.execute.parameters import source_of
from jpreport.forms.cell_options import is_hidden, read_options
from jpreport.forms.tables import column_words
from jpreport.language import SHARE, is_currency
from jpreport.programme.folder import SETTINGS_FILE
from jpreport.programme.settings import Settings

Notebooks = Mapping[str, Mapping[str, Any]]

MARK = "_"
_IN_CAPTION = "a chart says texts in quotes; what is computed stands in its caption, as {eval}"
_WORD = re.compile(r"\w+")
# Arguments of what a notebook shows whose texts a reader sees.
_ARGUMENTS = ("title", "labels", "notes", "alt", "total")
# What plain figures of matplotlib say, by what is called: which of its arguments are texts.
_FIGURE_TEXTS = {
    **dict.fromkeys(("title", "suptitle", "set_title", "xlabel", "ylabel"), 0),
    **dict.fromkeys(("set_xlabel", "set_ylabel", "legend", "bar", "barh", "pie"), 0),
    **dict.fromkeys(("set_xticklabels", "set_yticklabels", "annotate"), 0),
    **dict.fromkeys(("xticks", "yticks", "set_xticks", "set_yticks"), 1),
    **dict.fromkeys(("text", "figtext"), 2),
}
_MADE = "what code puts together is not translated: mark its parts, or say it in prose with {eval}"
_LABELS = ("label", "xlabel", "ylabel", "tick_label")
# More values of a column than anybody translates one by one.
_MOST_VALUES = 150


@dataclass(frozen=True, slots=True)
class Text:
    """A text to translate: where it stands, and the reference that its catalogue gives.

    A `free` one, a value of the records, may stay as it is.
    """

    text: str
    where: Place
    reference: str
    free: bool = False


def prose(notebook: Mapping[str, Any], where: Place) -> Iterator[Text]:
    """Yield the texts that a reader sees in the cells of a notebook, captions among them."""
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "raw" or is_hidden(cell):
            continue
        place, name = cell_place(dict(cell), number, where), _reference(cell, number, where)
        if cell["cell_type"] == "markdown":
            for one in messages(source_of(cell)):
                yield Text(one.text, place.at(line=one.line), name)
            continue
        options, _ = read_options(cell, place)
        for text in (options.caption, options.alt, options.credit):
            if read_caption(text).messages:
                yield Text(text, place, name)


def terms(
    settings: Settings, package: Package, notebooks: Notebooks, *, free: bool = True
) -> Iterator[Text]:
    """Yield the texts of settings, contract and code that stand in what the notebooks show.

    With `free`, values of records too; raises DataError where these cannot be read.
    """
    yield from _declared(settings)
    named: set[str] = {name for one in settings.indicator for name in one.disaggregate}
    # The annex says in words what is counted, where and when.
    rules = (f"{one.measure} {one.where} {one.date or ''}" for one in settings.indicator)
    told = {word for rule in rules for word in _WORD.findall(rule)}
    told |= {one.date for one in package.resources.values() if one.date}
    tables: set[str] = set()
    for file, notebook in notebooks.items():
        for number, cell in enumerate(notebook["cells"], start=1):
            place = cell_place(dict(cell), number, Place(file))
            for source in _code(cell):
                named |= {*_strings(source)}
                tables |= {*_whole_tables(source)}
                for text in _marked(source):
                    yield Text(text, place, _reference(cell, number, Place(file)))
    yield from _of_contract(package, named | told, tables)
    if free:
        yield from _of_records(package, named, tables)


def _reference(cell: Mapping[str, Any], number: int, where: Place) -> str:
    return f"{where.file}#{cell.get('id', number)}"


def _declared(settings: Settings) -> Iterator[Text]:
    """Yield the texts of the settings."""
    numbers = ("baseline", "target")  # which may be texts
    keys = ("title", "unit", "verification", "published_in", "variance_reason", *numbers)
    programme = ("title", "short_title", "country", "status", "objective")
    parts: list[tuple[str, str, object, tuple[str, ...]]] = [
        ("[programme]", "programme", settings.programme, programme),
        *(
            (f'[[organization]] "{body.name}"', "organization", body, ("name", "short_name"))
            for body in settings.organization
        ),
        *(
            (f'[[objective]] "{one.id}"', f"objective.{one.id}", one, ("title", "statement"))
            for one in settings.objective
        ),
        *(
            (f'[[indicator]] "{one.id}"', f"indicator.{one.id}", one, keys)
            for one in settings.indicator
        ),
        ("[style.logo]", "style.logo", settings.style.logo, ("alt",)),
    ]
    for part, reference, entry, names in parts:
        for key in names:
            text = getattr(entry, key, None)
            if isinstance(text, str) and text and text != SHARE and not is_currency(text):
                where = Place(SETTINGS_FILE).at(part, key=key)
                yield Text(text, where, f"{SETTINGS_FILE}#{reference}")


def unmarked(notebooks: Notebooks) -> Iterator[Problem]:
    """Yield the marks in code, and the texts of plain figures, from which none can be extracted."""
    for file, notebook in notebooks.items():
        for number, cell in enumerate(notebook["cells"], start=1):
            for source in _code(cell):
                for name, call in _calls(source):
                    text = call.args[0] if name == MARK and call.args else None
                    place = cell_place(dict(cell), number, Place(file))
                    if text and not isinstance(getattr(text, "value", None), str):
                        said = f"{MARK}({ast.unparse(text)}) marks no text in quotes"
                        yield Problem(place, said, _MADE)
                    for made in _figure_texts(name, call):
                        if isinstance(made, ast.JoinedStr) and any(map(_is_words, _typed(made))):
                            said = f"{name}({ast.unparse(made)}) is not translated"
                            yield Problem(place, said, _IN_CAPTION)


def _shown(
    package: Package, named: set[str], tables: set[str]
) -> Iterator[tuple[Resource, Field, Place, str]]:
    """Yield the columns that are shown, with place and reference of each."""
    file = package.place.file
    for table, resource in package.resources.items():
        for field in resource.fields:
            whole = table in tables and field.name not in resource.primary_key
            if field.name in named or whole:
                place = Place(file).at(f'table "{table}"', f"field {field.name}")
                yield resource, field, place, f"{file}#{table}.{field.name}"


def _of_contract(package: Package, named: set[str], tables: set[str]) -> Iterator[Text]:
    """Yield titles and names of tables; headings and closed lists of the columns shown."""
    file = package.place.file
    for table, resource in package.resources.items():
        for name in filter(None, (resource.title, column_words(table))):
            yield Text(name, Place(file).at(f'table "{table}"'), f"{file}#{table}")
    for _, field, place, reference in _shown(package, named, tables):
        for text in (field.title, column_words(field.name), *field.enum):
            if isinstance(text, str) and _is_words(text):
                yield Text(text, place, reference)


def _of_records(package: Package, named: set[str], tables: set[str]) -> Iterator[Text]:
    """Yield the values of columns of texts; none of persons' records, nor of very many."""
    with Records(package) as records:
        for resource, field, place, reference in _shown(package, named, tables):
            if field.enum or field.type != "string" or resource.sensitive:
                continue
            sql = f'SELECT DISTINCT "{field.name}" FROM "{resource.name}" ORDER BY 1'  # noqa: S608
            values = [str(value) for (value,) in records.query(sql) if value is not None]
            for value in filter(_is_words, values if len(values) <= _MOST_VALUES else ()):
                yield Text(value, place, reference, free=True)


def _is_words(text: str) -> bool:
    return any(map(str.isalpha, text))


def _code(cell: Mapping[str, Any]) -> Iterator[ast.AST]:
    """Yield the Python of a cell: its code, and the expressions of its roles."""
    source = source_of(cell)
    if cell["cell_type"] == "markdown":
        roles = read_markdown(source).roles
    elif cell["cell_type"] == "code":
        options, _ = read_options(cell, NOWHERE)
        roles = tuple(r for t in (options.caption, options.alt) for r in read_caption(t).roles)
        yield from _parsed(source)
    else:
        return
    for role in roles:
        yield from _parsed(role.expression)


def _parsed(source: str) -> Iterator[ast.AST]:
    try:
        yield ast.parse(source)
    except (SyntaxError, ValueError):
        from IPython.core.inputtransformer2 import TransformerManager

        manager = TransformerManager()  # type: ignore[no-untyped-call]
        with suppress(SyntaxError, ValueError):  # told by the check of the code
            yield ast.parse(manager.transform_cell(source))


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


def _whole_tables(tree: ast.AST) -> Iterator[str]:
    """Yield the tables of records that code shows with all of their columns."""
    for _, call in _calls(tree):
        for given in call.args:
            for name, inner in _calls(given) if isinstance(given, ast.Call) else ():
                if inner is given and name == "table" and inner.args:
                    yield from _strings(inner.args[0])


def _marked(tree: ast.AST) -> Iterator[str]:
    """Yield the texts that code marks as such, and those that it gives as titles and the like."""
    for name, call in _calls(tree):
        if name == MARK and call.args:
            yield from _strings(call.args[0])
        for text in _figure_texts(name, call):
            yield from filter(_is_words, _strings(text))
        for keyword in call.keywords:
            if keyword.arg in _ARGUMENTS:
                value = keyword.value
                shown = value.values if isinstance(value, ast.Dict) else [value]
                for part in shown:
                    yield from _strings(part)


def _typed(made: ast.JoinedStr) -> Iterator[str]:
    """Yield what stands between the values of an f-string."""
    for one in made.values:
        if isinstance(one, ast.Constant):
            yield str(one.value)


def _figure_texts(name: str, call: ast.Call) -> Iterator[ast.expr]:
    """Yield what a call says in a plain figure: its text, or the texts of a list."""
    place = _FIGURE_TEXTS.get(name, len(call.args))
    given = [
        *call.args[place : place + 1],
        *(one.value for one in call.keywords if one.arg in _LABELS),
    ]
    for one in given:
        texts = one.elts if isinstance(one, ast.List | ast.Tuple) else [one]
        yield from (text for text in texts if isinstance(text, ast.Constant | ast.JoinedStr))
