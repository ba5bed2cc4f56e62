"""Print the CPU seconds of a notebook's cells in a plain Python that has its imports.

Its cells are the code cells and the values in the prose, which are code as well: two numbers, all
of them and the code cells alone.
"""

from __future__ import annotations

import ast
import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401
import matplotlib.pyplot as plt  # noqa: F401
import openpyxl  # noqa: F401
import pandas as pd  # noqa: F401
import pyarrow.csv
import pyarrow.pandas_compat
import pyarrow.parquet  # noqa: F401

import jpreport.figures.protected
import jpreport.notebook  # noqa: F401
from jpreport.document.myst import read_markdown


def _run(source: str, names: dict[str, Any]) -> None:
    """Run a cell, and write what it shows as a kernel would: its last value, rich."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
        for form in ("_repr_mimebundle_", "_repr_html_", "__repr__"):
            if hasattr(value, form):
                getattr(value, form)()
                break


def _evaluate(source: str, names: dict[str, Any]) -> None:
    for role in read_markdown(source).roles:
        value = eval(role.expression, names)  # noqa: S307
        for form in ("_repr_mimebundle_", "__repr__"):
            if hasattr(value, form):
                getattr(value, form)()
                break


def main() -> None:
    """Run the cells of the notebook that is the program's argument."""
    cells = json.loads(Path(sys.argv[1]).read_text("utf-8"))["cells"]
    names: dict[str, Any] = {"__name__": "__main__"}
    spent = {"code": 0.0, "markdown": 0.0}
    for cell in cells:
        begun, run = time.process_time(), _run if cell["cell_type"] == "code" else _evaluate
        run("".join(cell["source"]), names)
        spent[cell["cell_type"]] += time.process_time() - begun
    print(spent["code"] + spent["markdown"], spent["code"])


main()
