"""Markdown has one reader: roles are found where MyST finds them, by check and page alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from export_samples import figure, markdown, notebook
from jpreport.document.blocks import Prose
from jpreport.document.markdown import map_nodes, unprintable
from jpreport.document.markdown_text import Role
from jpreport.document.myst import read_markdown
from jpreport.document.pandoc import MARKDOWN, read_all
from jpreport.document.reading import read_document
from jpreport.errors import ExportError, Place
from markdown_samples import TEXTS


def expressions(markdown: str) -> tuple[str, ...]:
    return tuple(role.expression for role in read_markdown(markdown).roles)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("no role at all", ()),
        ('a {eval}`rp["1.1"]` b', ('rp["1.1"]',)),
        ("# {eval}`a`", ("a",)),
        ("- one\n  - {eval}`a`\n\n    {eval}`b`", ("a", "b")),
        ("| {eval}`h` |\n|---|\n| {eval}`a \\| b` |", ("h", "a | b")),
        ("**{eval}`a`** [{eval}`b`](u)", ("a", "b")),
        ("![{eval}`c`](x)", ()),
        ("> {eval}`a`", ("a",)),
        ("T[^1]\n\n[^1]: {eval}`a`\n\n{eval}`b`", ("a", "b")),
        ("[^1]: {eval}`unused`", ("unused",)),
        ("T^[{eval}`a`]", ("a",)),
        ("Term {eval}`a`\n\n:   One {eval}`b`\n\n    Two {eval}`c`", ("a", "b", "c")),
        (":::{note} {eval}`a`\n{eval}`b`\n:::", ("a", "b")),
        ("```{note} T\n{eval}`a`\n```", ("a",)),
        ("~~~{tip} {eval}`a`\n{eval}`b`\n~~~", ("a", "b")),
        ("````{warning}\n- {eval}`a`\n\n```{note}\n{eval}`b`\n```\n````\n{eval}`c`",
         ("a", "b", "c")),
        ("```{code-block} python\n{eval}`a`\n```", ()),
        ("```{math}\n{eval}`a`\n```", ()),
        ("{eval}`f(\n1)`", ("f( 1)",)),
        ("{eval}``x`y``", ("x`y",)),
        ("`{eval}`a``", ()),
        ("``{eval}`a` ``", ()),
        ("```\n{eval}`a`\n```", ()),
        ("    {eval}`a`", ()),
        (r"\{eval}`a`", ()),
        ("<!-- {eval}`a` -->", ()),
        ("<div>{eval}`a`</div>", ()),
        ("{abbr}`a` {eval} `a`", ()),
        ("{eval}`unclosed", ()),
    ],
)  # fmt: skip
def test_roles_are_found(markdown: str, expected: tuple[str, ...]) -> None:
    assert expressions(markdown) == expected


def test_a_role_knows_its_line() -> None:
    markdown = "# T\n\none\n{eval}`a` x\n{eval}`b`\n\n| h |\n|---|\n| {eval}`c` |\n"
    assert [(role.expression, role.line) for role in read_markdown(markdown).roles] == [
        ("a", 4),
        ("b", 5),
        ("c", 9),
    ]


def test_a_role_in_a_fence_knows_its_line() -> None:
    markdown = "one\n\n~~~{note} T {eval}`a`\n:class: x\n\n{eval}`b`\n~~~\n{eval}`c`\n"
    assert [role.line for role in read_markdown(markdown).roles] == [3, 6, 8]


@given(st.lists(st.from_regex(r"[a-z][a-z0-9_.\[\]\"()+ ]{0,20}[a-z]", fullmatch=True)))
def test_every_role_is_found_in_order(written: list[str]) -> None:
    markdown = "\n\n".join(f"Text {{eval}}`{expression}` on." for expression in written)
    assert expressions(markdown) == tuple(written)


@given(st.text())
def test_no_text_breaks_it(markdown: str) -> None:
    assert read_markdown("{eval}`a`" + markdown).marked


def _id(role: Role) -> str:
    """Return an indicator of its own for each expression."""
    return role.expression.encode().hex()


def _page(texts: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the ids of the figures on the page and of those in the manifest, and the problems."""
    cells = [
        markdown(text, {role.expression: figure(_id(role), "7") for role in read.roles})
        for text in texts
        for read in [read_markdown(text)]
    ]
    made = notebook(markdown("# Title"), *cells)
    found: list[str] = []

    def see(node: dict[str, Any]) -> dict[str, Any]:
        if node["t"] == "Span" and "figure" in node["c"][0][1]:
            found.append(dict(node["c"][0][2])["data-figure"])
        return node

    try:
        document = read_document(made)
    except ExportError as error:
        return [], [], [str(problem) for problem in error.problems]
    for block in document.blocks:
        assert isinstance(block, Prose)
        map_nodes(list(block.blocks), see)
    quoted = [source.record.id for source in document.sources for _ in source.quotes]
    return sorted(found), sorted(quoted), []


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXTS, min_size=12, max_size=12))
@example(["| a |\n|---|\n| {eval}`a \\| b` |", "{eval}`a \\| b`", "\\{eval}`x`", "[{eval}`a`](u)"])
@example([":::{note} {eval}`a`\n- {eval}`b`\n:::", "- :::{note}\n  {eval}`a`\n  :::"])
@example(
    ["> ```{tip} T\n> {eval}`f(\n> 1)` {eval}`a`\n> ```", "$5 {eval}`a` and $6", "$x {eval}`a`$"]
)
@example([" <!--word", "a <b>{eval}`a`</b>"])
@example(["[^1]: {eval}`a`", "T[^1] U[^1]\n\n[^1]: {eval}`a`", "<div>{eval}`a`</div>"])
def test_check_engine_page_and_manifest_find_the_same_roles(texts: list[str]) -> None:
    places = [Place().at(cell=number) for number in range(2, len(texts) + 2)]
    told = [*unprintable(list(zip(places, texts, strict=True)))]
    for place, text in zip(places, texts, strict=True):
        told += read_markdown(text).problems(place)
    refused = {place for place in places for one in told if one.where.steps[:1] == place.steps}
    _, _, problems = _page(texts)
    assert sorted(problems) == sorted(map(str, told))
    sound = [text for place, text in zip(places, texts, strict=True) if place not in refused]
    roles = sorted(_id(role) for text in sound for role in read_markdown(text).roles)
    assert _page(sound) == (roles, roles, [])


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("$x {eval}`a`$", "line 1: {eval}`a` stands where no value can"),
        ("T\n\n[^1]: {eval}`a`", "line 3: {eval}`a` stands where no value can"),
        ("T[^1] U[^1]\n\n[^1]: {eval}`a`", "line 3: {eval}`a` stands in a footnote that several"),
        ("{.x}\n  ", "pandoc cannot read the text"),
        ("![x](a.png)", 'a picture in Markdown ("a.png")'),
    ],
)
def test_what_no_page_can_show_is_told_before_anything_runs(markdown: str, expected: str) -> None:
    [problem] = unprintable([(Place().at(cell=1), markdown)])
    assert expected in str(problem)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("T\n\n<div>{eval}`a`</div>", "cell 1, line 3: {eval} within HTML is not evaluated"),
        ("T\n\n:::", 'cell 1, line 3: ":::" ends no callout'),
        ("- :::{note}\n  T", "cell 1, line 1: a callout is not closed"),
        ("T[^1]\n\n[^1]: U[^2]\n\n[^2]: V\n\n    W[^1]", "line 3: a footnote refers to itself"),
        ("T {abbr}`a`", 'cell 1, line 1: unknown role "abbr"'),
        ("```{notte}\nT\n```", 'cell 1, line 1: unknown directive "notte"'),
        ("T {numref}`a`", "write [](#label)"),
        ("::: {.callout-note}\nT\n:::", "write :::{note} and its title behind"),
        ("::: {.column-margin}\nT\n:::", "write its words without the division"),
        ("```{r, echo=FALSE}\nx\n```", "make it a code cell"),
        ("T {{< meta version >}}", "a shortcode of Quarto"),
        ("T {{ total }} U", "a placeholder that nothing fills"),
        ("T @fig-one U", "a reference of Quarto"),
        ("T [see @smith2020, p. 4]", "a citation"),
        ("T^[a note of words]", "a footnote within its sentence"),
        ("T `r nrow(x)` U", "code in a sentence that nothing runs"),
        ("T `{python} x` U", "code in a sentence that nothing runs"),
        ("T\n\n\\newpage", "cell 1, line 3: a command of LaTeX"),
        ("T \\textbf{U}", "a command of LaTeX"),
        ("T \\(a^2\\) U", "LaTeX that is no formula"),
        ("+---+---+\n| a | b |\n+---+---+", "a table that cannot be read"),
        ("| a | b |\n| 1 | 2 |", "a table that cannot be read"),
        ("| a |\n|---|\n| 1 |\n\n: T", "a caption or definition below nothing"),
        ("| a | b |\n|---|---|\n| 1 | `p|q` |", "line 3: a row of 3 cells below a head of 2"),
        ("> | a |\n> |---|\n> | 1 | 2 |", "line 3: a row of 2 cells below a head of 1"),
        ("T ==U== V", "marks of a highlight"),
        ("##T", "a heading without a space"),
        ("T :smile: U", "the name of an emoji"),
        ("T :ref:`a` U", "a role of reStructuredText"),
        ("> [!NOTE]\n> T", "a callout of GitHub"),
        ("T [[Page]]", "a link of a wiki"),
        ("[TOC]", "a list of contents"),
        ("*[MDG]: T", "an abbreviation"),
        ("---\ntitle: T\n---\n\nU", "line 1: a header of YAML"),
        ("\uf0b7 T", "a character without a sign"),
        ("\x1b[31mT", "a character without a sign"),
        ("T \ufffc U", "a character without a sign"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(markdown: str, expected: str) -> None:
    [problem] = read_markdown(markdown).problems(Place().at(cell=1))
    assert expected in str(problem)


@pytest.mark.parametrize(
    "markdown",
    [
        "From 10:30:45 to 11:00, a:b, C:\\new, x@example.org, `a|b`, `{{ x }}`, `r`, `r squared`",
        "| a | b |\n|---|:-:|\n| 1 \\| 2 | 3 |\n| 4 |",
        "#1 of 5, a == b == c, [a] (b), \\{\\{ x }}, \\@fig-one, [x@y.org](mailto:x@y.org)",
        "a | b\n--|--\n1 | 2\n\n1\\^[2]\n\n---\n\nA: b\n\n---",
    ],
)
def test_what_only_looks_like_markup_passes(markdown: str) -> None:
    assert read_markdown(markdown).problems(Place()) == []


@pytest.mark.parametrize(
    "markdown",
    ["A\n% {eval}`x` 5\nB", "> A\n> % five\n> B", "% one\n% two", ":::{note}\n% 5\nA\n:::"],
)
def test_a_comment_of_myst_is_not_printed(markdown: str) -> None:
    text = read_markdown(markdown)
    said = str(read_all([(MARKDOWN, text.pandoc)]))
    assert "five" not in said
    assert "%" not in said
    assert not text.roles
    assert not any("5" in passage.text for passage in text.passages)


def test_what_looks_like_a_comment_within_a_line_or_code_is_none() -> None:
    text = read_markdown("5 % of it\n\n```\n% code\n```\n\n    % code")
    assert str(read_all([(MARKDOWN, text.pandoc)])).count("%") == 3
