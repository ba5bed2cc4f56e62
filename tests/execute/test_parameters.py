"""Parameters: declared, checked, and written for the kernel."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.errors import NotebookError, Place
from jpreport.execute.parameters import check_parameters, injected_source, read_declaration

CELL = """
from datetime import date
from typing import Literal

donor: str
period_start: date | None = None
period_end: "date | None" = date(2012, 10, 31)
share: float = 1
count = 3
names: list[str] = []
days: list[date] = [date(2010, 6, 1)]
level: Literal["output", "outcome"] = "output"
draft = False
"""


def notebook(*sources: str) -> dict[str, Any]:
    metadata = {"tags": ["parameters"]}
    return {"cells": [{"cell_type": "code", "metadata": metadata, "source": s} for s in sources]}


def problems_of(source: str) -> list[str]:
    with pytest.raises(NotebookError) as caught:
        read_declaration(notebook(source), Place("n.ipynb"))
    return [str(problem).splitlines()[0] for problem in caught.value.problems]


def check(values: dict[str, Any], source: str = CELL) -> tuple[dict[str, Any], list[str]]:
    typed, problems = check_parameters(read_declaration(notebook(source)), values, Place("n.ipynb"))
    return typed, [f"{problem.message} | {problem.hint}" for problem in problems]


def test_the_declaration_holds_names_types_and_defaults() -> None:
    declaration = read_declaration(notebook(CELL))
    assert {p.name: str(p.shape) for p in declaration.parameters} == {
        "donor": "str",
        "period_start": "date | None",
        "period_end": "date | None",
        "share": "float",
        "count": "int",
        "names": "list[str]",
        "days": "list[date]",
        "level": "Literal['output', 'outcome']",
        "draft": "bool",
    }
    assert [p.name for p in declaration.parameters if p.required] == ["donor"]
    by_name = {p.name: p.default for p in declaration.parameters}
    assert by_name["period_end"] == date(2012, 10, 31)
    assert by_name["days"] == [date(2010, 6, 1)]


def test_a_source_may_be_a_list_of_lines_and_hold_magics() -> None:
    nb = notebook("")
    nb["cells"][0]["source"] = ["%matplotlib inline\n", "a = 1\n"]
    assert read_declaration(nb).names == ("a",)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x: bytes = b''", "n.ipynb, cell 1, line 1: `bytes` is not a type"),
        ("x: int | str = 1", "`int | str` is not a type"),
        ("x: dict[str, int] = 1", "`dict[str, int]` is not a type"),
        ("\nx = date.today()", 'line 2: the default of "x" is not written out'),
        ("x = 1 + y", 'the default of "x" is not written out'),
        ("x = {}", 'the default of "x" is not written out'),
        ("x: int = 'a'", "the default of \"x\" is of another type: 'a' is not int"),
        ("x: date = None", "None is not date"),
        ("x: date = date(2010, 13, 1)", "not written out"),
        ("print(1)", "`print(1)` declares no parameter"),
        ("x = y = 1", "`x = y = 1` declares no parameter"),
        ("list = [1]", '"list" is a function or type of Python itself'),
        ("_x = 1", '"_x" begins with an underscore'),
        ("x = 1\nx = 2", 'line 2: "x" is declared twice'),
        ("x = (", "line 1: not Python: '(' was never closed"),
    ],
)
def test_what_cannot_be_a_parameter_is_refused(source: str, expected: str) -> None:
    [line] = problems_of(source)
    assert expected in line


def test_all_problems_of_the_cell_are_told_at_once() -> None:
    assert len(problems_of("x = {}\n_y = 1\nz: set = 1")) == 3


def test_there_is_one_parameters_cell_at_most() -> None:
    with pytest.raises(NotebookError, match=r'n\.ipynb: cells 1 and 2 are tagged "parameters"'):
        read_declaration(notebook("a = 1", "b = 1"), Place("n.ipynb"))


def test_a_notebook_without_parameters_needs_no_cell_and_takes_none() -> None:
    declared = read_declaration(notebook(), Place("n.ipynb"))
    assert check_parameters(declared, {}) == ({}, ())
    _, [problem] = check_parameters(declared, {"donor": "IOM"}, Place("n.ipynb"))
    assert str(problem).startswith('n.ipynb: unknown parameter "donor"')
    assert 'give it the tag "parameters"' in problem.hint


def test_values_arrive_as_their_types_say() -> None:
    values = {"donor": "IOM", "period_start": "2011-01-01", "share": 2, "days": ["2011-01-02"]}
    typed, problems = check(values)
    assert problems == []
    assert typed == {
        "donor": "IOM",
        "period_start": date(2011, 1, 1),
        "share": 2.0,
        "days": [date(2011, 1, 2)],
    }
    assert type(typed["share"]) is float


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"doner": 1}, 'unknown parameter "doner" | did you mean "donor"?'),
        ({}, 'parameter "donor" has no value | the notebook declares `donor: str`'),
        ({"donor": 1}, '"donor": 1 is not str | give it a value of type `str`'),
        ({"donor": None}, "None is not str"),
        ({"count": True}, "True is not int"),
        ({"share": True}, "True is not float"),
        ({"count": 1.0}, "1.0 is not int"),
        ({"share": 10**400}, "int too large"),
        ({"draft": 1}, "1 is not bool"),
        ({"period_start": "2011-02-30"}, "'2011-02-30' is no day of the calendar"),
        ({"period_start": "2010-W22-2"}, "is not date"),
        ({"period_start": datetime(2011, 1, 1)}, "is not date"),  # noqa: DTZ001
        ({"names": ["a", 1]}, "1 is not str"),
        ({"names": "a"}, "'a' is not list[str]"),
        ({"level": "impact"}, "'impact' is not Literal['output', 'outcome']"),
        ({"a-b": 1}, 'parameter name "a-b" is not a Python name'),
        ({"a = 1; b": 1}, "is not a Python name"),
        ({"class": 1}, "is a word of the Python language"),
        ({"_private": 1}, "begins with an underscore"),
        ({"list": 1}, "is a function or type of Python itself"),
    ],
)
def test_values_that_do_not_fit_are_refused(values: dict[str, Any], expected: str) -> None:
    _, problems = check(values)
    assert any(expected in problem for problem in problems), problems


def test_one_and_true_are_different_choices() -> None:
    source = "from typing import Literal\nn: Literal[1, 2] = 1"
    assert check({"n": 1}, source) == ({"n": 1}, [])
    assert check({"n": True}, source)[1]


SCALARS = st.one_of(
    st.text(), st.integers(), st.floats(allow_nan=False), st.booleans(), st.dates(), st.none()
)
NAMES = st.sampled_from(["a", "date", "datetime", "donor", "ž"])


@given(st.dictionaries(NAMES, SCALARS | st.lists(SCALARS)))
def test_a_written_value_is_read_back_equal_and_of_its_type(values: dict[str, Any]) -> None:
    scope: dict[str, Any] = {}
    exec(injected_source(values), scope)  # noqa: S102
    for name, value in values.items():
        assert scope[name] == value
        assert repr(scope[name]) == repr(value)


@given(st.dictionaries(NAMES, SCALARS | st.lists(SCALARS)))
def test_a_written_value_fits_the_type_that_it_declares(values: dict[str, Any]) -> None:
    declaration = read_declaration(notebook(injected_source(values)))
    assert check_parameters(declaration, values) == (values, ())


def test_a_subclass_is_written_as_its_plain_type() -> None:
    numpy = pytest.importorskip("numpy")
    values = {"a": numpy.float64(0.5), "b": numpy.str_("x"), "c": float("nan")}
    assert injected_source(values).splitlines()[1:] == ["a = 0.5", "b = 'x'", 'c = float("nan")']


@pytest.mark.parametrize("name", ["a = 1; b", "class", "_a", "print"])
def test_a_name_that_is_code_is_never_written(name: str) -> None:
    with pytest.raises(ValueError, match=r'parameter name ".*" (is|begins)'):
        injected_source({name: 1})


def test_a_value_that_no_parameter_has_is_never_written() -> None:
    with pytest.raises(ValueError, match="no parameter's value"):
        injected_source({"a": {"b": 1}})


def test_checking_parameters_loads_neither_jupyter_nor_pandas() -> None:
    code = (
        "import sys, jpreport.execute.parameters; "
        "print({'nbformat', 'papermill', 'IPython', 'pandas', 'markdown_it'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
