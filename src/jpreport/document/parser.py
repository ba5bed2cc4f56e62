"""The parser of Markdown, set up once as jupyterlab-myst has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from jpreport.document.formulas import add_formulas, read_formula

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


def inline_tokens(text: str, notes: Iterable[str] = ()) -> Sequence[Token]:
    """Return the tokens of an inline text; those that are no words know their "span" in it.

    `notes` are the names of the footnotes that it may call.
    """
    env = {"footnotes": {"refs": {f":{name}": -1 for name in notes}}}
    return markdown_parser().parseInline(text, env)[0].children or ()


@cache
def markdown_parser() -> MarkdownIt:
    """Return the parser; tokens that are no words know their "span" in their inline text."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import (
        autolink,
        backtick,
        escape,
        html_inline,
        image,
        link,
        newline,
    )
    from mdit_py_plugins.colon_fence import colon_fence_plugin
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.footnote.index import footnote_ref
    from mdit_py_plugins.myst_blocks.index import block_break, line_comment, target
    from mdit_py_plugins.myst_role import myst_role_plugin
    from mdit_py_plugins.myst_role.index import myst_role

    def placed(read: Callable[[Any, bool], bool]) -> Callable[[Any, bool], bool]:
        """Read something as its plugin does, and keep where it stands."""

        def placing(state: Any, silent: bool) -> bool:  # noqa: ANN401, FBT001 - markdown-it's form
            start, count = state.pos, len(state.tokens)
            found = read(state, silent)
            if len(state.tokens) > count:
                state.tokens[-1].meta["span"] = (start, state.pos)
            return found

        return placing

    parser = MarkdownIt("commonmark").enable("table")
    for plugin in (colon_fence_plugin, deflist_plugin, footnote_plugin, myst_role_plugin):
        parser.use(plugin)
    add_formulas(parser)
    ended = ["paragraph", "reference", "blockquote", "list", "footnote_def"]
    rules = {"myst_line_comment": line_comment, "myst_target": target}
    for name, block in {**rules, "myst_block_break": block_break}.items():
        parser.block.ruler.before("blockquote", name, block, {"alt": ended})
    inline = {
        "myst_role": myst_role,
        "math_inline": read_formula,
        "footnote_ref": footnote_ref,
        "newline": newline,
        "escape": escape,
        "backticks": backtick,
        "html_inline": html_inline,
        "link": link,
        "image": image,
        "autolink": autolink,
    }
    for name, rule in inline.items():
        parser.inline.ruler.at(name, placed(rule))
    # Without these two, footnotes stay where they are written, so that the order is the text's.
    return parser.disable(["footnote_tail", "footnote_inline"])
