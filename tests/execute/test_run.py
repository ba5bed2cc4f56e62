"""Whole runs on real kernels: results, failures, and the same bytes twice."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import nbformat
import pytest

from jpreport.errors import NotebookError, Place
from jpreport.execute.failure import RunError
from jpreport.execute.run import read_source, run_notebook

pytestmark = pytest.mark.slow

N = ("code", "n = 1", ["parameters"])
BAD_REPR = """class Bad:
    def _repr_html_(self):
        raise KeyError("boom")"""
DOOR = """from jpreport.errors import FigureError, Place, Problem
def figure(id):
    place = Place("programme.toml")
    raise FigureError(Problem(place, f'no indicator "{id}"', 'did you mean "1.1"?'))"""


def write(folder: Path, *cells: tuple[Any, ...], minor: int = 5) -> Path:
    made = []
    for kind, source, *tags in cells:
        cell = {"cell_type": kind, "source": source, "metadata": {"tags": tags[0]} if tags else {}}
        made.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    spec = {"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}}
    nb = {"nbformat": 4, "nbformat_minor": minor, "metadata": spec, "cells": made}
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    path = folder / "notebooks" / "n.ipynb"
    path.write_text(json.dumps(nb), "utf-8")
    return path


def fail(folder: Path, *cells: tuple[Any, ...]) -> RunError:
    with pytest.raises(RunError) as caught:
        run_notebook(write(folder, N, *cells), {}, cwd=folder)
    return caught.value


def plain(result: dict[str, Any]) -> str:
    return str(result["result"]["data"]["text/plain"])


PARAMETERS = """from datetime import date
day: date
days: list[date] = []
donor: str = ''
share: float = 0
note: str | None = 'x'
draft: bool = False"""
RICH = """class Rich:
    def _repr_mimebundle_(self, **_):
        return {'text/plain': 'r', 'text/html': '<b>r</b>', 'application/x+json': {'a': 1}}
rich = Rich()"""
PROSE = "# Report for {eval}`donor` in {eval}`day.year`\n\n- {eval}`rich`"
SHOW = """#| label: tbl-a
import asyncio, os, sys, warnings
await asyncio.sleep(0)
print('one'); print('err', file=sys.stderr); print('two')
warnings.warn('careful')
print(hash('a'), os.environ['TZ'], os.environ['JPREPORT_PROJECT'] in os.getcwd())
{type(x).__name__: x for x in (day, days, donor, share, note, draft)}"""
GOOD = (
    ("code", PARAMETERS, ["parameters"]),
    ("code", RICH),
    ("markdown", PROSE),
    ("code", SHOW),
    ("raw", "((("),
)
VALUES = {
    "day": "2010-06-01",
    "days": [date(2011, 2, 3)],
    "donor": 'Đ "x"\\n',
    "share": 1,
    "note": None,
    "draft": True,
}


Twice = tuple[nbformat.NotebookNode, str, str, list[tuple[int, int]]]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """Run the same notebook in two folders."""
    seen: list[tuple[int, int]] = []
    runs = []
    for name in ("one", "another/deeper"):
        folder = tmp_path_factory.mktemp("run") / name
        path = write(folder, *GOOD, minor=4)
        env = {"JPREPORT_PROJECT": str(folder)}
        nb = run_notebook(path, VALUES, cwd=path.parent, env=env, on_cell=lambda *n: seen.append(n))
        runs.append(nb)
    return runs[0], nbformat.writes(runs[0]), nbformat.writes(runs[1]), seen


def test_a_second_run_in_another_folder_gives_the_same_bytes(twice: Twice) -> None:
    _, first, second, _ = twice
    assert first == second


def test_no_clock_time_and_no_path_stays_in_the_notebook(twice: Twice) -> None:
    nb, text, _, _ = twice
    nbformat.validate(nb)
    assert "papermill" not in text
    assert "/tmp" not in text  # noqa: S108
    assert not any("execution" in cell.metadata for cell in nb.cells)
    assert [cell.id for cell in nb.cells][:3] == ["cell-1", "injected-parameters", "cell-2"]


def test_parameters_arrive_typed(twice: Twice) -> None:
    nb = twice[0]
    shown = nb.cells[4].outputs[-1].data["text/plain"]
    assert "'date': datetime.date(2010, 6, 1)" in shown
    assert "'list': [datetime.date(2011, 2, 3)]" in shown
    assert "'float': 1.0" in shown
    assert "'NoneType': None" in shown
    assert "'bool': True" in shown
    assert repr(VALUES["donor"]) in shown


def test_prose_values_are_stored_where_jupyterlab_myst_has_them(twice: Twice) -> None:
    [donor, year, rich] = twice[0].cells[3].metadata.user_expressions
    assert [donor.expression, year.expression, rich.expression] == ["donor", "day.year", "rich"]
    assert plain(donor) == repr(VALUES["donor"])
    assert plain(year) == "2010"
    assert rich.result == {
        "status": "ok",
        "data": {"text/plain": "r", "text/html": "<b>r</b>", "application/x+json": {"a": 1}},
        "metadata": {},
    }


def test_text_output_stays_and_names_no_process(twice: Twice) -> None:
    out, err, _ = twice[0].cells[4].outputs
    assert out.text.startswith("one\ntwo\n")
    assert out.text.endswith(" UTC True\n")
    assert err.text == "err\n<cell>:5: UserWarning: careful\n  warnings.warn('careful')\n"


def test_progress_counts_the_cells_of_the_source(twice: Twice) -> None:
    assert twice[3] == [(number, 5) for number in range(1, 6)] * 2


def test_a_failing_cell_is_told_with_label_line_and_code(tmp_path: Path) -> None:
    error = fail(tmp_path, ("code", "#| label: tbl-results\n\nx = 1\ny = x / 0"), ("code", "n = 2"))
    [problem] = pickle.loads(pickle.dumps(error)).problems  # noqa: S301
    assert str(problem.where) == "notebooks/n.ipynb, cell 2 (tbl-results), line 4"
    assert problem.message == "ZeroDivisionError: division by zero"
    assert problem.hint == "> y = x / 0"


def test_what_had_been_run_travels_with_the_error(tmp_path: Path) -> None:
    error = fail(tmp_path, ("markdown", "{eval}`n`"), ("code", "1 / 0"), ("code", "n"))
    nb = nbformat.reads(pickle.loads(pickle.dumps(error)).notebook, as_version=4)  # noqa: S301
    assert plain(nb.cells[1].metadata.user_expressions[0]) == "1"
    assert nb.cells[2].outputs[0].ename == "ZeroDivisionError"
    assert nb.cells[3].outputs == []
    assert "papermill" not in error.notebook


IN_LIBRARY = """
n.ipynb, cell 3, line 3: JSONDecodeError: Expecting value: line 1 column 1 (char 0)
  > f()
  in cell 2, line 3: return json.loads('')
"""
OUR_OWN = """
n.ipynb, cell 3, line 1: programme.toml: no indicator "9.9"
  did you mean "1.1"?
"""
ALL_VALUES = """
notebooks/n.ipynb, cell 3, {eval}`figure('9.9')`: programme.toml: no indicator "9.9"
  did you mean "1.1"?
notebooks/n.ipynb, cell 3, {eval}`n/0`: ZeroDivisionError: division by zero
"""
IN_DISPLAY = """
n.ipynb, cell 3: KeyError: 'boom'
  in cell 2, line 3: raise KeyError("boom")
"""
IN_DISPLAY_OF_VALUE = IN_DISPLAY.replace("cell 3", "cell 3, {eval}`Bad()`")
KILLED = """
cell 2: the kernel was killed, most likely because memory ran out (exit code -9)
  let the cell keep less in memory, or build fewer reports at a time (--jobs 1)
"""


@pytest.mark.parametrize(
    ("expected", "cells"),
    [
        (
            IN_LIBRARY,
            [("code", "import json\ndef f():\n    return json.loads('')"), ("code", "\n\nf()")],
        ),
        (OUR_OWN, [("code", DOOR), ("code", "figure('9.9')")]),
        (
            ALL_VALUES,
            [("code", DOOR), ("markdown", "{eval}`n` {eval}`figure('9.9')`\n{eval}`n/0`")],
        ),
        (IN_DISPLAY, [("code", BAD_REPR), ("code", "Bad()")]),
        (IN_DISPLAY, [("code", BAD_REPR), ("code", "display(Bad())\nprint('IPython goes on')")]),
        (IN_DISPLAY_OF_VALUE, [("code", BAD_REPR), ("markdown", "{eval}`n` {eval}`Bad()`")]),
        (
            "cell 2, {eval}`display(n)`: a prose value must not display anything",
            [("markdown", "{eval}`n` {eval}`display(n)`")],
        ),
        ("cell 2, line 2: ZeroDivisionError", [("code", "async def f():\n    1 / 0\nawait f()")]),
        (
            "cell 2, line 2: SyntaxError: invalid syntax\n  > n = = 2",
            [("code", "n = 1\nn = = 2")],
        ),
        ("cell 2, line 1: UsageError: Line magic function `%nosuch`", [("code", "%nosuch")]),
        ("cell 2, line 1: StdinNotImplementedError", [("code", "input('?')")]),
        ("cell 2, line 2: SystemExit: 0", [("code", "import sys\nsys.exit(0)")]),
        ("cell 2: the cell ends the kernel", [("code", "exit()"), ("code", "n")]),
        ("cell 2, line 1: ZeroDivisionError", [("code", "1 / 0", ["raises-exception"])]),
        (KILLED, [("code", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")]),
        (
            "cell 2: the kernel died (exit code 3)",
            [("markdown", "{eval}`__import__('os')._exit(3)`")],
        ),
    ],
)
def test_a_failure_is_told(tmp_path: Path, expected: str, cells: list[tuple[Any, ...]]) -> None:
    assert expected.strip() in str(fail(tmp_path, *cells))


@pytest.mark.parametrize(
    "cell", [("code", "while True: pass"), ("markdown", "{eval}`__import__('time').sleep(99)`")]
)
def test_a_run_is_stopped_when_its_time_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: tuple[Any, ...]
) -> None:
    # The run's clock jumps an hour when the cell begins, however long it took to get there.
    jumped = 0
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + jumped)
    monkeypatch.setattr("jpreport.execute.cells.time", clock)

    def on_cell(number: int, _: int) -> None:
        nonlocal jumped
        jumped = 3600 * (number > 1)

    path = write(tmp_path, N, cell)
    with pytest.raises(RunError) as caught:
        run_notebook(path, {}, cwd=tmp_path, timeout=1800.5, on_cell=on_cell)
    expected = "notebooks/n.ipynb, cell 2: stopped here: the report ran longer than 1800.5 s"
    assert expected in str(caught.value)


def test_bad_parameters_are_refused_before_a_kernel_starts(tmp_path: Path) -> None:
    def no_kernel(**_: object) -> NoReturn:
        pytest.fail("a kernel was started")

    path = write(tmp_path, GOOD[0])
    with pytest.raises(NotebookError) as caught:
        run_notebook(path, {"dy": 1, "share": "x"}, cwd=tmp_path, start=no_kernel)
    assert [p.message.split(":")[0] for p in caught.value.problems] == [
        'unknown parameter "dy"',
        'parameter "share"',
        'parameter "day" has no value',
    ]
    assert str(caught.value.problems[0].where) == "notebooks/n.ipynb, cell 1"


def test_an_invalid_notebook_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, N)
    text = path.read_text("utf-8")
    path.write_text(text.replace('"metadata": {', '"extra": 1, "metadata": {', 1), "utf-8")
    with pytest.raises(NotebookError, match="not a valid notebook"):
        run_notebook(path, {}, cwd=tmp_path)


def test_a_run_works_within_an_event_loop(tmp_path: Path) -> None:
    import asyncio

    async def main() -> nbformat.NotebookNode:
        return run_notebook(write(tmp_path, N, ("code", "n")), {"n": 5}, cwd=tmp_path)

    assert asyncio.run(main()).cells[2].outputs[0].data["text/plain"] == "5"


def papermill(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "papermill", *map(str, args), "--engine", "jpreport"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_papermill_runs_it_on_its_own(tmp_path: Path) -> None:
    path, out = write(tmp_path, *GOOD[:3]), tmp_path / "out.ipynb"
    done = papermill(path, out, "-p", "donor", "IOM", "-p", "day", "2010-06-01", "-p", "share", "1")
    assert done.returncode == 0, done.stderr
    nb = nbformat.read(out, as_version=4)
    assert plain(nb.cells[3].metadata.user_expressions[0]) == "'IOM'"
    assert plain(nb.cells[3].metadata.user_expressions[1]) == "2010"
    assert nb.metadata.papermill.parameters == {"donor": "IOM", "day": "2010-06-01", "share": 1.0}
    assert nb.metadata.papermill.output_path == str(out)


def test_papermill_refuses_what_does_not_fit(tmp_path: Path) -> None:
    done = papermill(write(tmp_path, GOOD[0]), tmp_path / "out.ipynb", "-p", "donr", "IOM")
    assert done.returncode == 1
    assert 'unknown parameter "donr"\n  did you mean "donor"?' in done.stderr


def test_papermill_keeps_the_notebook_of_a_failed_run(tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    done = papermill(write(tmp_path, N, ("code", "1 / 0")), out)
    assert done.returncode == 1
    assert "n.ipynb, cell 2, line 1: ZeroDivisionError: division by zero" in done.stderr
    assert nbformat.read(out, as_version=4).cells[1].outputs[0].ename == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("key", "value"), [("id", {}), ("id", []), ("id", 7), ("nbformat_minor", "5"), ("metadata", 3)]
)
def test_a_notebook_with_values_of_other_types_is_refused(
    tmp_path: Path, key: str, value: object
) -> None:
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "x"}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    (whole if key == "nbformat_minor" else cell)[key] = value
    (tmp_path / "a.ipynb").write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(NotebookError, match="not a"):
        read_source(tmp_path / "a.ipynb", Place("a.ipynb"))
