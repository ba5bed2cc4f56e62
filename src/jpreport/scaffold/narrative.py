"""The first notebook: figures, a table of performance, charts, and places to write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jpreport.document.pieces import escaped
from jpreport.review.narrative.check import TO_WRITE
from jpreport.scaffold.framework import Framework

_MOST_BARS, _MOST_KEY = 12, 5
_SETUP = "import jpreport.notebook as jp\n\nrp = jp.open_report(None, period_end)"


def notebook_of(framework: Framework) -> dict[str, Any]:
    """Return the notebook of a first report over some indicators."""
    cells = []
    for number, (kind, source) in enumerate(_cells(framework), start=1):
        cell: dict[str, Any] = {
            "cell_type": "markdown" if kind == "markdown" else "code",
            "id": f"c{number}",
            "metadata": {"tags": ["parameters"]} if kind == "parameters" else {},
            "source": source,
        }
        if kind != "markdown":
            cell |= {"outputs": [], "execution_count": None}
        cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cells(framework: Framework) -> Iterator[tuple[str, str]]:
    indicators = framework.indicators
    yield "parameters", "from datetime import date\n\nperiod_end: date | None = None"
    yield "code", _SETUP
    yield "markdown", "# {eval}`rp.programme.title`"
    yield (
        "markdown",
        f"## Summary\n\n{_to_write('what the programme set out to do, and for whom.')}",
    )
    lines = [f"- {escaped(one['title'])}: {{eval}}`rp['{one['id']}']`" for one in _key(indicators)]
    yield "markdown", "The main results of the period are these:\n\n" + "\n".join(lines)
    yield "markdown", f"{_to_write('what these results mean, and what is still to be done.')}"
    yield from _performance(framework)
    for number, (one, column) in enumerate(_broken_down(indicators), start=1):
        yield from _by_column(one, column, number)
    yield (
        "markdown",
        (
            "## Records\n\nEvery number above comes from the records in [](#tbl-sources).\n\n"
            + _to_write("how the records were collected, and what they do not tell.")
        ),
    )
    yield "code", _labelled("tbl-sources", "Records behind the figures", "jp.sources_table(rp)")


def _to_write(what: str) -> str:
    return f"{TO_WRITE} {what}"


def _key(indicators: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    stated = [one for one in indicators if "target" in one]
    return (stated or indicators)[:_MOST_KEY]


def _performance(framework: Framework) -> Iterator[tuple[str, str]]:
    indicators = framework.indicators
    targets = [one["id"] for one in indicators if "target" in one]
    intro = "[](#tbl-performance) sets what was achieved against baselines and targets"
    caption = "Indicators against their targets"
    if not targets:
        intro, caption = "[](#tbl-performance) says what was achieved", "What was achieved"
    more = ", and [](#cht-progress) shows how far the programme has come" if targets else ""
    yield "markdown", f"## Performance\n\n{intro}{more}."
    call = "jp.performance_table(rp.figures(), objectives=rp.objectives)"
    yield "code", _labelled("tbl-performance", caption, call)
    if targets:
        chosen = "rp.figures()"
        caption = "Achieved against target"
        if len(targets) > _MOST_BARS or len(targets) < len(indicators):
            names = ", ".join(f'"{name}"' for name in targets[:_MOST_BARS])
            chosen = f"[rp[name] for name in ({names},)]"
            caption += ", the first indicators" if len(targets) > _MOST_BARS else ""
        yield "code", _labelled("cht-progress", caption, f"jp.progress_chart({chosen})")


def _broken_down(indicators: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], str]]:
    """Return what is shown in parts: an indicator of each table, by two of its columns."""
    shown: list[tuple[Mapping[str, Any], str]] = []
    tables: set[str] = set()
    for one in indicators:
        if one.get("disaggregate") and one["table"] not in tables and len(tables) < _MOST_KEY:
            tables.add(one["table"])
            shown += [(one, column) for column in one["disaggregate"]]
    return shown


def _by_column(one: Mapping[str, Any], column: str, number: int) -> Iterator[tuple[str, str]]:
    words = column.replace("_", " ")
    title = _plain(one["title"])
    caption = f"{title}, by {words}"
    if number == 1:
        yield "markdown", f"## Results in parts\n\n{_to_write('what stands out in the parts.')}"
    yield "markdown", f"### {escaped(title)}, by {words}"
    parts = f'rp["{one["id"]}"].by("{column}")'
    yield "code", _labelled(f"cht-part-{number}", caption, f"{parts}.bars()")
    yield "code", _labelled(f"tbl-part-{number}", caption, f"{parts}.table()")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _labelled(label: str, caption: str, call: str) -> str:
    # In quotes, as JSON has them: a title may hold a colon.
    return f"#| label: {label}\n#| caption: {json.dumps(caption, ensure_ascii=False)}\n{call}"
