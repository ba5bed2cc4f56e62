"""Cell options and tags: what is obeyed, what is refused, and what is a slip of the pen."""

from __future__ import annotations

from typing import Any

import pytest

from jpreport.errors import Place
from jpreport.forms.cell_options import is_hidden, read_options


def cell(source: str = "x", *tags: str, kind: str = "code") -> dict[str, Any]:
    return {"cell_type": kind, "source": source, "metadata": {"tags": list(tags)}}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (cell(), (False, True, False)),
        (cell("x", "hide"), (True, True, False)),
        (cell("x", "remove-cell"), (True, True, False)),
        (cell("x", "remove_cell"), (True, True, False)),
        (cell("x", "hide-cell", kind="markdown"), (True, True, False)),
        (cell("#| include: false\nx"), (True, True, False)),
        (cell("x", "remove-output"), (False, False, False)),
        (cell("x", "hide-output"), (False, False, False)),
        (cell("#| output: false\nx"), (False, False, False)),
        (cell("#| echo: true\nx"), (False, True, True)),
        (cell("x", "show-code"), (False, True, True)),
        (cell("#| echo: false\nx", "hide-input", "my own"), (False, True, False)),
        (cell("#| include: false", kind="markdown"), (False, True, False)),
    ],
)
def test_what_leaves_something_out_is_obeyed(
    made: dict[str, Any], expected: tuple[bool, bool, bool]
) -> None:
    options, problems = read_options(made, Place())
    assert (options.hidden, options.output, options.code) == expected
    assert is_hidden(made) == expected[0]
    assert not problems


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (cell("x", "remove-ouput"), 'unknown tag "remove-ouput"\n  did you mean "remove-output"?'),
        (cell("x", "Hide"), 'unknown tag "Hide"\n  did you mean "hide"?'),
        (cell("x", "raises-exception"), 'the tag "raises-exception" cannot be obeyed'),
        (cell("#| eval: false\nx"), 'the cell option "eval" cannot be obeyed'),
        (cell("#| fig-cap: C\nx"), "write `#| caption: ...`"),
        (cell("#| outptu: false\nx"), 'did you mean "output"?'),
        (cell("#| layout-ncol: 2\nx"), 'unknown cell option "layout-ncol"'),
        (cell("#| output: asis\nx"), 'the cell option "output" is "asis"'),
    ],
)
def test_what_is_not_obeyed_is_told(made: dict[str, Any], expected: str) -> None:
    [problem] = read_options(made, Place())[1]
    assert expected in str(problem)
