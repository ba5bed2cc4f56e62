"""Prose values: `{eval}` roles are found where MyST finds them, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.execute.prose import expressions, roles


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("no role at all", ()),
        ('a {eval}`rp["1.1"]` b', ('rp["1.1"]',)),
        ("# {eval}`a`", ("a",)),
        ("- one\n  - {eval}`a`\n\n    {eval}`b`", ("a", "b")),
        ("| {eval}`h` |\n|---|\n| {eval}`a \\| b` |", ("h", "a | b")),
        ("**{eval}`a`** [{eval}`b`](u) ![{eval}`c`](x)", ("a", "b", "c")),
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
        ("\\{eval}`a`", ()),
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
    assert [(role.expression, role.line) for role in roles(markdown)] == [
        ("a", 4),
        ("b", 5),
        ("c", 9),
    ]


def test_a_role_in_a_fence_knows_its_line() -> None:
    markdown = "one\n\n~~~{note} T {eval}`a`\n:class: x\n\n{eval}`b`\n~~~\n{eval}`c`\n"
    assert [role.line for role in roles(markdown)] == [3, 6, 8]


@given(st.lists(st.from_regex(r"[a-z][a-z0-9_.\[\]\"()+ ]{0,20}[a-z]", fullmatch=True)))
def test_every_role_is_found_in_order(written: list[str]) -> None:
    markdown = "\n\n".join(f"Text {{eval}}`{expression}` on." for expression in written)
    assert expressions(markdown) == tuple(written)


@given(st.text())
def test_no_text_breaks_it(markdown: str) -> None:
    assert isinstance(roles("{eval}`a`" + markdown), tuple)
