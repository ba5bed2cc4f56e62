"""What a cell says of itself: tags and options of Jupyter Book and Quarto are obeyed or refused."""

from __future__ import annotations

import pytest

from export_samples import code, markdown
from jpreport.errors import Place
from jpreport.forms.cell_options import TAGS, is_left_out, options_of, read_options


@pytest.mark.parametrize(
    ("source", "tags"),
    [
        ("x", ("remove-output",)),
        ("x", ("hide-output",)),
        ("#| output: false\nx", ()),
        ("#| tags: [remove-output]\nx", ()),
        ("x", ("remove-cell",)),
        ("x", ("hide-cell",)),
        ("x", ("hide",)),
        ("#| include: false\nx", ()),
        ("#| include: False\nx", ()),
    ],
)
def test_what_is_not_to_be_shown_is_not(source: str, tags: tuple[str, ...]) -> None:
    options, problems = read_options(source, Place(), tags)
    assert not problems
    assert not options.shows_output


def test_whole_cells_are_left_out() -> None:
    assert is_left_out(code("#| include: false\nx"))
    assert is_left_out(code("x", tags=("remove-cell",)))
    assert not is_left_out(code("#| output: false\nx"))
    hidden = markdown("text")
    hidden["metadata"]["tags"] = ["hide-cell"]
    assert is_left_out(hidden)


@pytest.mark.parametrize("source", ["#| echo: true\nx", "#| tags: show-code\nx"])
def test_code_is_shown_where_it_is_asked_for(source: str) -> None:
    options, problems = read_options(source, Place())
    assert not problems
    assert options.shows_code
    assert options.source == "x"


@pytest.mark.parametrize(
    "source",
    [
        "#| echo: false\nx",
        "#| output: true\nx",
        "#| warning: false\nx",
        "#| message: false\nx",
        "#| error: false\nx",
        "#| eval: true\nx",
        "#| tags: [hide-input, remove-input]\nx",
    ],
)
def test_what_a_report_does_by_itself_changes_nothing(source: str) -> None:
    options, problems = read_options(source, Place())
    assert not problems
    assert options.shows_output
    assert not options.shows_code


@pytest.mark.parametrize(
    ("source", "tags", "expected"),
    [
        ("#| captoin: c\nx", (), 'unknown cell option "captoin"; did you mean "caption"?'),
        ("#| eval: false\nx", (), 'the cell option "eval: false" cannot be honoured'),
        ("#| output: asis\nx", (), 'the cell option "output: asis" cannot be honoured'),
        ("#| error: true\nx", (), 'the cell option "error: true" cannot be honoured'),
        ("#| code-fold: true\nx", (), 'unknown cell option "code-fold"'),
        ("#| echo: fales\nx", (), "a report takes false or true"),
        ("x", ("remove_output",), 'unknown tag "remove_output"; did you mean "remove-output"?'),
        ("x", ("hide-ouput",), 'did you mean "hide-output"?'),
        ("x", ("todo",), 'unknown tag "todo"; known: hide,'),
        ("#| tags: [remove-cel]\nx", (), 'did you mean "remove-cell"?'),
        ("x", ("skip-execution",), 'the tag "skip-execution" cannot be honoured'),
        ("x", ("raises-exception",), "catch what the cell raises"),
    ],
)
def test_what_is_not_understood_is_refused(
    source: str, tags: tuple[str, ...], expected: str
) -> None:
    _, problems = read_options(source, Place(), tags)
    assert expected in "; ".join(f"{one.message}; {one.hint}" for one in problems)


def test_captions_of_quarto_are_captions() -> None:
    source = "#| label: fig-a\n#| fig-cap: Reach\n#| fig-alt: Bars\n#| credit: A. B.\nx"
    options, problems = read_options(source, Place())
    assert not problems
    assert (options.caption, options.alt, options.credit) == ("Reach", "Bars", "A. B.")


def test_every_tag_is_known_on_any_cell() -> None:
    cell = markdown("text")
    cell["metadata"]["tags"] = sorted(TAGS)
    assert options_of(cell, Place())[1] == []
