"""Parameters: what a notebook declares, and whether given values fit."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jpreport.errors import NOWHERE, NotebookError, Place, Problem, did_you_mean
from jpreport.execute.shapes import TYPES, Shape, fit, read_literal, read_shape, shape_of

TAG = "parameters"
# The tag of the cell that gives the parameters their values in a run.
INJECTED = "injected-parameters"
# A notebook that has no name yet.
NOTEBOOK = NOWHERE.at("notebook")
_NONE_DECLARED = (
    "the notebook declares no parameters: add a code cell that does, one `name: type = value` a "
    f'line, and give it the tag "{TAG}" (in JupyterLab: Property Inspector > Cell Tags)'
)
_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared name; `default` counts only where the parameter is not `required`."""

    name: str
    shape: Shape
    required: bool
    default: Any
    line: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """All parameters of a notebook, in order; `cell` counts its cells from 1, None for no cell."""

    parameters: tuple[Parameter, ...] = ()
    cell: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the declared names."""
        return tuple(parameter.name for parameter in self.parameters)


def source_of(cell: Mapping[str, Any]) -> str:
    """Return a cell's source, which a file may hold as a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def tags_of(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a cell's tags."""
    return tuple(cell.get("metadata", {}).get("tags", ()))


def _fault_of_name(name: object) -> str:
    """Return why a name cannot be a parameter's, "" if it can."""
    if not (isinstance(name, str) and name.isidentifier()):
        return "is not a Python name"
    if keyword.iskeyword(name):
        return "is a word of the Python language"
    if name.startswith("_"):
        return "begins with an underscore"
    return "is a function or type of Python itself" if name in dir(builtins) else ""


def _shape(annotation: ast.expr) -> Shape:
    try:
        return read_shape(annotation)
    except (ValueError, SyntaxError):
        text = ast.unparse(annotation)
        raise ValueError(f"`{text}` is not a type that a parameter can have: {TYPES}") from None


def _default(name: str, written: ast.expr) -> Any:  # noqa: ANN401
    try:
        return read_literal(written)
    except (ValueError, TypeError, SyntaxError):
        raise ValueError(f'the default of "{name}" is not written out: use a literal') from None


def _declared(node: ast.stmt) -> Parameter | None:
    """Return what a statement of the parameters cell declares; raises ValueError."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
            return None
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None):
            return Parameter(
                name, _shape(annotation), required=True, default=None, line=node.lineno
            )
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as v):
            shape = _shape(annotation)
            value = _default(name, v)
            try:
                value = fit(value, shape)
            except ValueError as error:
                raise ValueError(f'the default of "{name}" is of another type: {error}') from None
        case ast.Assign(targets=[ast.Name(id=name)], value=v):
            value = _default(name, v)
            shape = shape_of(value)
        case _:
            raise ValueError(f"`{ast.unparse(node).splitlines()[0]}` declares no parameter")
    return Parameter(name, shape, required=False, default=value, line=node.lineno)


def _read_cell(source: str, where: Place) -> tuple[list[Parameter], list[Problem]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(_MAGIC.sub("", source))
    except SyntaxError as error:
        line = where.at(line=error.lineno)
        return [], [Problem(line, f"not Python: {error.msg}", "correct the parameters cell")]
    found: dict[str, Parameter] = {}
    problems: list[Problem] = []
    for node in tree.body:
        line = where.at(line=node.lineno)
        try:
            parameter = _declared(node)
        except ValueError as error:
            hint = "one `name: type = value` a line; computed values belong in the next cell"
            problems.append(Problem(line, str(error), hint))
            continue
        if parameter is None:
            continue
        if fault := _fault_of_name(parameter.name):
            message = f'"{parameter.name}" {fault}'
            problems.append(Problem(line, message, "give the parameter another name"))
        if parameter.name in found:
            problems.append(Problem(line, f'"{parameter.name}" is declared twice', "keep one"))
        found[parameter.name] = parameter
    return list(found.values()), problems


def _written(value: object) -> str:
    match value:
        case list() | tuple():
            return f"[{', '.join(map(_written, value))}]"
        case date():
            return f"_date({value.year}, {value.month}, {value.day})"
        case bool() | None:
            return repr(value)
        case str():
            return repr(str(value))  # a subclass, such as NumPy's, writes itself otherwise
        case int():
            return repr(int(value))
        case float():
            # Infinity has no literal of its own; the nearest is a number beyond all others.
            text = repr(float(value)).replace("inf", "1e999")
            return text if text[-1].isdigit() else f'float("{text}")'
    raise ValueError(f"{value!r} is no parameter's value")


def injected_source(values: Mapping[str, Any], comment: str = "Parameters") -> str:
    """Return the Python source that gives the names these values.

    Raises ValueError for a name or a value that a parameter cannot have.
    """
    for name in values:
        if fault := _fault_of_name(name):
            raise ValueError(f'parameter name "{name}" {fault}')
    lines = [f"{name} = {_written(value)}" for name, value in values.items()]
    if any("_date(" in line for line in lines):
        # Under another name: a notebook may use `date` or `datetime` for something else.
        lines.insert(0, "from datetime import date as _date")
    return "\n".join([f"# {comment}", *lines])


def read_declaration(nb: Mapping[str, Any], where: Place = NOTEBOOK) -> Declaration:
    """Return what the notebook (parsed JSON) declares in its cell tagged `parameters`, if any.

    `where` names the notebook in problems. Raises NotebookError with every problem: several such
    cells, a type or a default that a parameter cannot have, a bad name.
    """
    tagged = [
        (number, cell)
        for number, cell in enumerate(nb.get("cells", ()), start=1)
        if cell.get("cell_type") == "code" and TAG in tags_of(cell)
    ]
    if not tagged:
        return Declaration()
    if len(tagged) > 1:
        numbers = " and ".join(str(number) for number, _ in tagged)
        message = f'cells {numbers} are tagged "{TAG}"'
        raise NotebookError(Problem(where, message, "keep the tag of one of them"))
    [(number, cell)] = tagged
    parameters, problems = _read_cell(source_of(cell), where.at(cell=number))
    if problems:
        raise NotebookError(problems)
    return Declaration(tuple(parameters), number)


def check_parameters(
    declaration: Declaration, values: Mapping[str, Any], where: Place = NOTEBOOK
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Return the given values as their declared types have them, and what is wrong with them.

    An int stands for a float, an ISO 8601 day for a date; a boolean is no number. Values that
    were not given are not filled in: the notebook's own cell does that.
    """
    place = where.at(cell=declaration.cell)
    known = {parameter.name: parameter for parameter in declaration.parameters}
    typed: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in values.items():
        hint = did_you_mean(str(name), known) or _NONE_DECLARED
        if fault := _fault_of_name(name):
            problems.append(Problem(place, f'parameter name "{name}" {fault}', hint))
        elif name not in known:
            problems.append(Problem(place, f'unknown parameter "{name}"', hint))
        else:
            shape = known[name].shape
            try:
                typed[name] = fit(value, shape)
            except (ValueError, OverflowError) as error:
                hint = f"give it a value of type `{shape}`"
                problems.append(Problem(place, f'parameter "{name}": {error}', hint))
    for parameter in declaration.parameters:
        if parameter.required and parameter.name not in values:
            message = f'parameter "{parameter.name}" has no value'
            hint = f"the notebook declares `{parameter.name}: {parameter.shape}`; give it one"
            problems.append(Problem(place, message, hint))
    return typed, tuple(problems)
