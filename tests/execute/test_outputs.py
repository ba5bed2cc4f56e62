"""What a cell gives out: put together, bounded, and refused by name where no page can hold it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat import v4

from jpreport.execute.outputs import MOST_OUTPUT, size_of, tidy_outputs
from jpreport.execute.run import run_notebook
from programme_samples import notebook, write_programme

TEXT = st.text(alphabet="ab\r\n \\/", max_size=30)


def tidied(*outputs: dict[str, Any]) -> list[tuple[str, str]]:
    cell: Any = v4.new_code_cell(outputs=[v4.new_output(**one) for one in outputs])
    tidy_outputs(cell)
    return [(one.get("name", one.output_type), one.get("text", "")) for one in cell.outputs]


def printed(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


@given(st.lists(TEXT, min_size=1, max_size=4))
@example(["a\rb\r", "\nc"])
@example(["\r", "\r"])
def test_text_is_the_same_however_it_was_cut(pieces: list[str]) -> None:
    whole = re.sub(r".*\r(?=[^\n])", "", "".join(pieces))
    assert tidied(*map(printed, pieces)) == [("stdout", whole)]


def test_a_line_of_any_length_is_read_in_a_time_that_grows_with_it() -> None:
    # Five million characters: what looked at each pair of them would not end.
    text = "x" * 5_000_000
    assert tidied(printed(text)) == [("stdout", text)]


def test_what_is_printed_comes_before_the_warnings_beside_it() -> None:
    shown = {"output_type": "display_data", "data": {"text/plain": "t"}}
    beside = (printed("w", "stderr"), printed("p"), printed("v", "stderr"))
    assert tidied(*beside, shown) == [("stdout", "p"), ("stderr", "wv"), ("display_data", "")]
    apart = (printed("w", "stderr"), shown, printed("p"))
    assert tidied(*apart) == [("stderr", "w"), ("display_data", ""), ("stdout", "p")]


def test_the_shortest_outputs_are_counted_too() -> None:
    message = {"msg_type": "stream", "content": {"text": "a"}}
    assert 10 < MOST_OUTPUT / size_of(message) < 100_000


WIDGET = """\
import comm
state = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel", "outputs": []}
made = comm.create_comm(target_name="jupyter.widget", data={"state": state})
message = get_ipython().kernel.get_parent("shell")["header"]["msg_id"]
made.send({"method": "update", "state": {"msg_id": message}})
print("inside")
made.send({"method": "update", "state": {"msg_id": ""}})
view = {"model_id": made.comm_id, "version_major": 2, "version_minor": 0}
display({"application/vnd.jupyter.widget-view+json": view, "text/plain": "Output()"}, raw=True)"""
UPDATED = """\
shown = display({"text/plain": "a"}, raw=True, display_id=True)
shown.update({"text/plain": 5}, raw=True)"""
# What a cell does -> what is said of it.
HOSTILE = {
    "widget": (WIDGET, "a report holds no widgets"),
    "number": ("display({'text/plain': 5}, raw=True)", "as text/plain what is no text, 5"),
    "none": ("display({'text/html': None}, raw=True)", "as text/html what is no text, None"),
    "updated": (UPDATED, "as text/plain what is no text, 5"),
    "nan": ("display({'application/json': float('nan')}, raw=True)", "cannot be printed"),
    "picture": ("display({'image/png': b'no picture'}, raw=True)", "it is no image/png"),
    "word": ("print('x' * 90_000)", "a word of 90,000 characters"),
    "line": ("print('x' * 1_000_000)", "1,000,000 characters"),
    "lines": ("for i in range(10_000): print('line', i)", "prints 10,000 lines"),
    "half": ("print('a\\ud800b')", "surrogates not allowed"),
    "big": ("print('word ' * 8_000_000)", "39,999,999 characters"),
    "bigger": ("print('word ' * 11_000_000)", "more than 50,000,000 characters"),
    "flushed": ("for i in range(20_000): print(i, flush=True)", "prints 20,000 lines"),
    "value": (
        "#| caption: Of {eval}`f()`\ndef f():\n    while True: print('word ' * 100)",
        "more than 50,000,000 characters",
    ),
    "endless": ("while True: print('word ' * 100)", "cell 2"),
}


@pytest.mark.slow
def test_nothing_is_lost_however_fast_a_cell_shows_it(tmp_path: Path) -> None:
    code = "for i in range(3_000):\n    print(i, flush=True)\n    display(i)"
    notebook(tmp_path / "n.ipynb", [("markdown", "# Words"), ("code", code)])
    printed, *shown = run_notebook(tmp_path / "n.ipynb", {}, cwd=tmp_path).cells[1].outputs
    assert printed.text.split() == [one.data["text/plain"] for one in shown]
    assert printed.text.split() == list(map(str, range(3_000)))


@pytest.mark.slow
def test_a_hostile_cell_is_named_and_the_build_ends(tmp_path: Path) -> None:
    """One build of a report for each: all are told at once, and none takes the others along."""
    root = write_programme(tmp_path)
    settings = (root / "programme.toml").read_text("utf-8")
    entries = [settings[: settings.index("[[report]]")]]
    shutil.rmtree(root / "notebooks")
    for name, (code, _) in HOSTILE.items():
        notebook(root / f"notebooks/{name}.ipynb", [("markdown", "# Words"), ("code", code)])
        limit = "timeout = 8\n" if name == "endless" else ""
        entries.append(f'[[report]]\nid = "{name}"\nnotebook = "notebooks/{name}.ipynb"\n{limit}\n')
    (root / "programme.toml").write_text("".join(entries), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "jpreport", "build"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    told = dict(re.findall(r"^notebooks/(\w+)\.ipynb, (.*\n .*)$", done.stderr, re.MULTILINE))
    assert {*told} == {*HOSTILE}
    for name, (_, said) in HOSTILE.items():
        assert said in told[name]
        assert told[name].startswith("cell 2")
