"""Formulas: which dollars make one, and what cannot be set."""

from __future__ import annotations

import pytest

from jpreport.document.markdown import Resolver, unprintable
from jpreport.document.myst import read_markdown
from jpreport.document.pandoc import MARKDOWN, read_all
from jpreport.errors import Place


@pytest.mark.parametrize(
    ("markdown", "formulas"),
    [
        ("$x$ and $ y $", ["$x$", "$y$"]),
        ("US$5 million for 3 ha, US$10/ha", []),
        ("US${eval}`a` and US${eval}`b`", []),
        ("between $5 and $10, or 5$ and 10$", []),
        ("$ 5 and $ 6", []),
        ("A$ and B$", []),
        ("\\$x\\$", []),
        ("`$x$`", []),
        ("    $x$", []),
        ("$$\\frac{a}{b}$$", ["$$\\frac{a}{b}$$"]),
        ("$$\na\n$$\nmore", ["$$a$$"]),
        ("> $$\n> a +\n> b\n> $$\n> more", ["$$a +\nb$$"]),
        ("- one\n\n  $$a$$\n\n- two", ["$$a$$"]),
        ("So $$a$$ it is", ["$$a$$"]),
        ("$$2x$$ and ${}2x$", ["$$2x$$", "${}2x$"]),
        ("\\begin{equation}\na\n\\end{equation}", ["$$\\begin{equation}\na\n\\end{equation}$$"]),
        ("| a |\n|---|\n| $b$ \\| $c$ |", ["$b$", "$c$"]),
        (":::{note}\n$$a$$\n:::", ["$$a$$"]),
        ("a $x +\ny$ b", ["$x +\ny$"]),
        ("[$x$](https://example.org)", ["$x$"]),
    ],
)
def test_a_dollar_opens_a_formula_but_where_it_is_money(markdown: str, formulas: list[str]) -> None:
    text = read_markdown(markdown)
    assert [str(one) for one in text.formulas] == formulas
    assert not text.problems(Place())
    resolver = Resolver(Place(), text, {})
    resolved = str(resolver.resolve(read_all([(MARKDOWN, text.pandoc)])[0]))
    assert resolved.count("'Math'") == len(formulas)
    told = [problem for problem in resolver.problems if "has no value" not in problem.message]
    assert not told


def test_what_stands_around_a_formula_stays_where_it_is() -> None:
    text = read_markdown("> a\n>\n> $$\n> x\n> $$\n> b\n\n- c\n\n  $$y$$\n\n  d\n- e")
    blocks = read_all([(MARKDOWN, text.pandoc)])[0]
    assert [block["t"] for block in blocks] == ["BlockQuote", "BulletList"]
    assert [block["t"] for block in blocks[0]["c"]] == ["Para"] * 3
    assert [len(item) for item in blocks[1]["c"]] == [3, 1]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("T\n\n$\\foo{x}$", "line 3: the formula $\\foo{x}$ cannot be set"),
        ("$$\\frac{$$", "line 1: the formula $$\\frac{$$ cannot be set"),
        ("$x # y$", "line 1: the formula $x # y$ cannot be set"),
    ],
)
def test_a_formula_that_no_page_can_show_is_told(markdown: str, expected: str) -> None:
    [problem] = unprintable([(Place(), markdown)])
    assert expected in str(problem)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("so $2x^2$ it is", "begins with a digit reads as money"),
        ("$$a$$ (eq-one)", 'cannot be referred to as "eq-one"'),
    ],
)
def test_a_formula_that_is_read_otherwise_is_told(markdown: str, expected: str) -> None:
    [problem] = read_markdown(markdown).problems(Place())
    assert expected in str(problem)


@pytest.mark.parametrize(
    "tex", ["\\text{Број}", "\\boxed{a}", "ж", "\\begin{pmatrix}1\\end{pmatrix}"]
)
def test_formulas_of_any_script_can_be_set(tex: str) -> None:
    assert not list(unprintable([(Place(), f"$${tex}$$")]))
