"""A cell that names a file of closed records is not run, whatever would have opened it."""

from __future__ import annotations

import ast

import pytest
from IPython.core.error import InputRejected

from jpreport.errors import NOWHERE, Problem
from jpreport.files import closed
from jpreport.notebook.closing import _Refusing


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(NOWHERE, "stays closed", "use its cube")
    file = closed.ClosedFile("data/persons.csv", problem, ((1, 1),))
    monkeypatch.setattr(closed, "_by_key", {(1, 1): file})


@pytest.mark.parametrize(
    "cell",
    [
        "duckdb.sql(\"select * from '../data/persons.csv' limit 2\")",
        "pd.read_parquet(folder / 'persons.csv')",
        "subprocess.run('head -1 data/persons.csv|cat', shell=True)",
        "def f():\n    return open(f'{folder}/persons.csv')",
    ],
)
def test_a_cell_that_names_the_file_is_refused(cell: str) -> None:
    with pytest.raises(InputRejected) as refused:
        _Refusing().visit(ast.parse(cell))
    assert refused.value._render_traceback_() == [
        "ClosedRecordsError: stays closed\n  use its cube"
    ]


def test_other_cells_run() -> None:
    tree = ast.parse("open('data/persons.csv.bak'); 'persons'; 1; b'x'")
    assert ast.dump(_Refusing().visit(tree)) == ast.dump(tree)
