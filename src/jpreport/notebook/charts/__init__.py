"""The charts of a report, made from tidy frames and figures."""

from jpreport.notebook.charts.bars import (
    bar_chart,
    grouped_bar_chart,
    small_multiples,
    stacked_bar_chart,
)
from jpreport.notebook.charts.cumulative import cumulative_chart
from jpreport.notebook.charts.progress import progress_chart
from jpreport.notebook.charts.shares import share_chart

__all__ = [
    "bar_chart",
    "cumulative_chart",
    "grouped_bar_chart",
    "progress_chart",
    "share_chart",
    "small_multiples",
    "stacked_bar_chart",
]
