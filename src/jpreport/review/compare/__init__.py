"""Compare two releases: figures, the records that explain them, and the prose."""

from jpreport.review.compare.comparison import Comparison, ExplainedChange, compare
from jpreport.review.compare.page import as_html, as_text
from jpreport.review.compare.side import Side, open_side

__all__ = [
    "Comparison",
    "ExplainedChange",
    "Side",
    "as_html",
    "as_text",
    "compare",
    "open_side",
]
