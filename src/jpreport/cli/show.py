"""Show results on a terminal or in a log."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jpreport.release.job import Outcome

_LOG_WIDTH = 200
SHOWN = {"built": "built", "failed": "failed", "unchanged": "up to date", "withheld": "withheld"}


def wide_console() -> Console:
    """Return a console that folds lines on a terminal, and only there."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    return console


def closing_table(outcomes: Sequence[Outcome]) -> None:
    """Print report, state, figures, pages and seconds, a line each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("report", no_wrap=True)
    table.add_column("state")
    for name in ("figures", "pages", "seconds"):
        table.add_column(name, justify="right")
    for outcome in outcomes:
        failed = outcome.state in {"failed", "withheld"}
        table.add_row(
            Text(outcome.slug),
            Text(SHOWN.get(outcome.state, outcome.state), style="red" if failed else ""),
            "" if failed else str(outcome.figures),
            "" if failed or outcome.pages is None else str(outcome.pages),
            f"{outcome.seconds:.1f}" if outcome.seconds else "",
        )
    wide_console().print(table)
