"""Markdown made of what may stand beside or around a role, and of what looks like one."""

from __future__ import annotations

from hypothesis import strategies as st

_WORDS = (
    *("word", " ", " ", "\n", "\n", "\n\n", "{eval}`a`", "{eval}`b`", "{eval}``a`b``", "\\", "|"),
    *("\\|", "{eval}`a \\| b`", "{eval}`f(\n1)`", "`", "``", "```", "**", "*", "_", "$", "~", "^"),
    *("'", '"', "[", "](u)", "[^1]", "\n\n[^1]: ", "<b>", "<!--", "-->", "\n\n<div>\n", "{.x}"),
    *("\n\n## ", "\n- ", "\n  ", "\n    ", "\n> ", "> ", "\n1. ", "\n: ", "\n|---|\n", "\n---\n"),
    *("\n\n| a | b |\n|---|---|\n| ", "\t", "\n\n:::{note} T\n", "\n:::\n", "\n\n```{tip}\n"),
    *("\n```\n", "\n~~~\n", "\n:class: x\n", "{", "}", "eval", "\u00a0", "http://x.org/"),
    *("\u27e60\u27e7", "\ue000", "\n![", "](a.png)"),
)
TEXTS = st.lists(st.sampled_from(_WORDS), max_size=14).map("".join)
