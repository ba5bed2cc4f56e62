"""Which results of a run hold for a notebook as it is now."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode, v4

from jpreport.execute.reuse import (
    asked,
    author_numbers,
    behind,
    carry,
    carry_end,
    finished,
    questions,
    shared,
    with_parameters,
)
from jpreport.forms.mime import FILES_READ

TEXTS = ["Plain.", "Other.", "It is {eval}`a`.", "It is {eval}`b`, or {eval}`a`."]
CODE = ["a = 1", "b = 2", "a + b"]


def prose(text: str) -> NotebookNode:
    return v4.new_markdown_cell(text)


def code(source: str) -> NotebookNode:
    return v4.new_code_cell(source, id=f"id-{CODE.index(source)}")


cells = st.lists(st.one_of(st.builds(prose, st.sampled_from(TEXTS)),
                           st.builds(code, st.sampled_from(CODE))), max_size=8)  # fmt: skip


def run(notebook: list[NotebookNode], start: str = "") -> list[NotebookNode]:
    """Answer as a kernel does: what a cell gives depends on all that was asked before it."""
    done, heard = [], start
    for cell in notebook:
        new = NotebookNode({**cell})
        if question := asked(cell):
            heard += question
            if cell.cell_type == "code":
                new.outputs, new.execution_count = [NotebookNode(text=heard)], len(heard)
            else:
                new.metadata = NotebookNode({**cell.metadata, "user_expressions": [heard]})
        done.append(new)
    return done


def results(notebook: list[NotebookNode]) -> list[object]:
    return [
        (cell.cell_type, cell.source, cell.get("outputs"), cell.metadata.get("user_expressions"))
        for cell in notebook
    ]


def notebook(content: list[NotebookNode], **metadata: object) -> NotebookNode:
    made = v4.new_notebook(metadata=metadata)
    made.cells = content
    return made


@given(cells, cells)
def test_a_run_that_goes_on_from_what_is_shared_gives_what_a_whole_run_gives(
    old: list[NotebookNode], new: list[NotebookNode]
) -> None:
    before, common = run(old), shared(questions(old), questions(new))
    for done in range(common + 1):
        carried = carry(before, new, done)
        at = behind(carried, done)
        heard = "".join(questions(carried[:at]))
        assert results(carried[:at] + run(carried[at:], heard)) == results(run(new))


@given(cells, cells)
def test_a_result_holds_exactly_for_what_asks_the_same(
    old: list[NotebookNode], new: list[NotebookNode]
) -> None:
    before = notebook(run(old), **{FILES_READ: ["data/x.csv"]})
    found = finished(notebook(new, kept=True), before)
    assert (found is not None) is (questions(old) == questions(new))
    if found:
        assert results(found.cells) == results(run(new))
        assert found.metadata == {"kept": True, FILES_READ: ["data/x.csv"]}


@given(cells, st.data())
def test_what_is_not_yet_known_is_named_by_its_cell(
    old: list[NotebookNode], data: st.DataObject
) -> None:
    done = data.draw(st.integers(0, len(questions(old))))
    carried = carry_end(run(old), old, done)
    waiting = author_numbers(old, done)
    known = results(run(old))
    for number, cell in enumerate(carried, start=1):
        assert (results([cell])[0] == known[number - 1]) is (number in waiting or not asked(cell))


def test_the_parameters_stand_where_papermill_puts_them() -> None:
    given = v4.new_code_cell("a = 2", metadata={"tags": ["injected-parameters"]})
    declared = v4.new_code_cell("a = 1", metadata={"tags": ["parameters"]})
    source = notebook([prose("One"), declared, prose("Two")])
    found = with_parameters(source, [given]).cells
    assert [cell.source for cell in found] == ["One", "a = 1", "a = 2", "Two"]
    assert with_parameters(notebook([prose("One")]), [given]).cells[0].source == "a = 2"
    assert author_numbers(found, 0) == (2, 2)


def test_what_a_kernel_is_not_told_asks_nothing() -> None:
    plain = v4.new_code_cell("x", id="one")
    kept = v4.new_code_cell("x", id="one", metadata={"papermill": {"status": "x"}, "tags": []})
    assert asked(plain) == asked(kept)
    assert asked(plain) != asked(v4.new_code_cell("x", id="one", metadata={"tags": ["raises"]}))
    assert asked(prose("Plain.")) == "" == asked(v4.new_raw_cell("x"))
    assert asked(prose("A {eval}`a`.")) == asked(prose("Other {eval}`a`!"))
