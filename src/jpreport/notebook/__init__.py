"""The one door for notebook authors: figures, tables, charts."""

from jpreport.notebook.breakdown import Breakdown, side_by_side
from jpreport.notebook.charts import (
    bar_chart,
    cumulative_chart,
    grouped_bar_chart,
    progress_chart,
    share_chart,
    small_multiples,
    stacked_bar_chart,
)
from jpreport.notebook.frames import frame_table
from jpreport.notebook.inline import configure
from jpreport.notebook.labels import mark as _
from jpreport.notebook.report import Report, open_report
from jpreport.notebook.sources import sources_table
from jpreport.notebook.tables import (
    breakdown_table,
    breakdowns_table,
    contributions_table,
    performance_table,
    reconciliation_table,
)

configure()

__all__ = [
    "Breakdown",
    "Report",
    "_",
    "bar_chart",
    "breakdown_table",
    "breakdowns_table",
    "contributions_table",
    "cumulative_chart",
    "frame_table",
    "grouped_bar_chart",
    "open_report",
    "performance_table",
    "progress_chart",
    "reconciliation_table",
    "share_chart",
    "side_by_side",
    "small_multiples",
    "sources_table",
    "stacked_bar_chart",
]
