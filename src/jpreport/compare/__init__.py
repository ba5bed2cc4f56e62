"""Compare two releases: figures, the records that explain them, and the prose."""

from jpreport.compare.comparison import Comparison, ExplainedChange, compare
from jpreport.compare.page import as_html, as_text
from jpreport.compare.side import Side, open_side

__all__ = [
    "Comparison",
    "ExplainedChange",
    "Side",
    "as_html",
    "as_text",
    "compare",
    "open_side",
]
