"""Executed notebooks for the tests of the exporters, built cell by cell."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode, v4
from PIL import Image

from jpreport.document.cover import Amount, Contribution, FrontMatter, Organization
from jpreport.figures import (
    Derivation,
    Figure,
    FigureKey,
    Period,
)
from jpreport.forms.mime import CHART, FRONT_MATTER, TABLE
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.language import ENGLISH

FRONT = FrontMatter(
    report_id="final",
    slug="final",
    programme="Joint Programme for Safe Schools in Ruritania",
    short_title="JP Ruritania",
    country="Ruritania",
    start="2010-06-01",
    end="2012-10-31",
    status="Completed",
    objective="To make every school of the country a safe place.",
    period_start="2010-06-01",
    period_end="2012-10-31",
    date="2012-12-15",
    illustrative=True,
    organizations=(
        Organization("United Nations Children\u2019s Fund", "UNICEF", "participating"),
        Organization("International Organization for Migration", "IOM", "participating"),
        Organization("Ministry of Education", "MoE", "government"),
        Organization("Network of Parents \u010ca\u0161a \u0416", "", "implementing"),
    ),
    contributions=(
        Contribution("Government of Belgium", Amount(680_000, "USD")),
        Contribution("Government of Switzerland", Amount(200_000, "USD")),
    ),
    total=Amount(880_000, "USD"),
)

PERFORMANCE = Table(
    columns=(
        Column("Indicator"),
        Column("Baseline", "number", group="Planned"),
        Column("Target", "number", group="Planned"),
        Column("Achieved", "number", unit="persons"),
        Column("Reason for variance"),
        Column("Source of verification"),
    ),
    rows=(
        Row((Cell("SO1: Teachers know how to act"),), "section"),
        Row(
            (
                Cell("1.1 Teachers trained on the role of the school in prevention"),
                Cell("0"),
                Cell("not stated", "not stated"),
                Cell("277", figure="1.1", note=1),
                Cell("not stated", "not stated"),
                Cell("Attendance sheets"),
            )
        ),
        Row(
            (
                Cell("1.2 Head teachers trained"),
                Cell("0"),
                Cell("150"),
                Cell("160", figure="1.2"),
                Cell("Two more sessions were asked for"),
                Cell("Attendance sheets"),
            )
        ),
        Row((Cell("SO2: Children are reached"),), "section"),
        Row(
            (
                Cell("2.1 Children reached by campaigns"),
                Cell("not stated", "not stated"),
                Cell("not stated", "not stated"),
                Cell("at least 4,500", figure="2.1"),
                Cell("", "empty"),
                Cell("Reports of five campaigns"),
            )
        ),
        Row(
            (
                Cell("2.2 Children referred to a counsellor"),
                Cell("not stated", "not stated"),
                Cell("not stated", "not stated"),
                Cell("suppressed", "suppressed", note=2),
                Cell("", "empty"),
                Cell("Case files"),
            )
        ),
    ),
    notes=(
        "Each person is counted once, however many trainings they attended.",
        "Fewer persons than may be published.",
    ),
)

CONTRIBUTIONS = Table(
    columns=(
        Column("Donor"),
        Column("Contribution", "number", unit="USD"),
        Column("Share", "number", unit="%"),
    ),
    rows=(
        Row((Cell("Government of Belgium"), Cell("680,000", figure="R.1"), Cell("77"))),
        Row((Cell("Government of Switzerland"), Cell("200,000", figure="R.2"), Cell("23"))),
        Row((Cell("Total"), Cell("880,000", figure="R.4"), Cell("100")), "total"),
    ),
)

CHART_DATA = Table(
    columns=(Column("Region"), Column("Teachers", "number", unit="persons")),
    rows=(
        Row((Cell("North"), Cell("120"))),
        Row((Cell("South"), Cell("97"))),
        Row((Cell("Capital"), Cell("60"))),
    ),
)

CHART_SVG = """<?xml version="1.0" encoding="utf-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 150" width="480pt" height="150pt">
<rect width="480" height="150" fill="#ffffff"/>
<g fill="#0b4f6c"><rect x="90" y="12" width="340" height="30"/>
<rect x="90" y="58" width="275" height="30"/><rect x="90" y="104" width="170" height="30"/></g>
<g fill="#16232e" font-family="Source Sans Pro, sans-serif" font-size="15">
<text x="80" y="32" text-anchor="end">North</text><text x="440" y="32">120</text>
<text x="80" y="78" text-anchor="end">South</text><text x="375" y="78">97</text>
<text x="80" y="124" text-anchor="end">Capital</text><text x="270" y="124">60</text></g>
</svg>
"""

# What pandas writes for a small frame, an index with a name and a missing value.
FRAME_HTML = """<div>
<style scoped>
    .dataframe tbody tr th { vertical-align: top; }
</style>
<table border="1" class="dataframe">
  <thead>
    <tr style="text-align: right;"><th></th><th>sessions</th><th>place</th></tr>
    <tr><th>year</th><th></th><th></th></tr>
  </thead>
  <tbody>
    <tr><th>2010</th><td>12.0</td><td>North &amp; South</td></tr>
    <tr><th>2011</th><td>NaN</td><td>a&lt;b</td></tr>
  </tbody>
</table>
</div>"""


def markdown(source: str, values: Mapping[str, Mapping[str, Any]] | None = None) -> NotebookNode:
    """Return a Markdown cell; `values` are the MIME bundles of its {eval} roles."""
    entries = [
        {"expression": expression, "result": {"status": "ok", "data": dict(data), "metadata": {}}}
        for expression, data in (values or {}).items()
    ]
    return v4.new_markdown_cell(source, metadata={"user_expressions": entries} if entries else {})


def code(source: str, *outputs: NotebookNode, tags: tuple[str, ...] = ()) -> NotebookNode:
    """Return an executed code cell."""
    metadata = {"tags": list(tags)} if tags else {}
    return v4.new_code_cell(source, outputs=list(outputs), metadata=metadata, execution_count=1)


def shown(data: Mapping[str, Any]) -> NotebookNode:
    """Return a cell's result."""
    return v4.new_output("execute_result", data=dict(data), execution_count=1)


def picture(kind: str, mode: str) -> bytes:
    """Return a small picture as a program would write it."""
    out = io.BytesIO()
    Image.new(mode, (40, 30), 0).save(out, kind)
    return out.getvalue()


def printed(text: str, name: str = "stdout") -> NotebookNode:
    """Return what a cell printed."""
    return v4.new_output("stream", name=name, text=text)


def figure(identifier: str, text: str) -> dict[str, Any]:
    """Return the MIME bundle of a figure."""
    stated = ENGLISH.read(text)
    made = Figure(
        FigureKey(identifier),
        f"Figure {identifier}",
        "share" if "%" in text else "persons",
        float(stated.value) if stated else None,
        Period(dt.date(2010, 6, 1), dt.date(2012, 10, 31)),
        Derivation(),
        qualifier="at least" if "at least" in text else "exact",
    )
    assert made.text == text
    return dict(made._repr_mimebundle_())


def table(value: Table) -> dict[str, Any]:
    """Return the MIME bundle of a table."""
    return {TABLE: value.to_json(), "text/html": "<table></table>", "text/plain": "a table"}


def chart(alt: str, data: Table | None = CHART_DATA, svg: str = CHART_SVG) -> dict[str, Any]:
    """Return the MIME bundle of a chart."""
    value = {"version": 1, "alt": alt, "table": data.to_json() if data else None}
    return {CHART: value, "image/svg+xml": svg, "text/plain": alt}


def notebook(*cells: NotebookNode, front: FrontMatter | None = FRONT) -> NotebookNode:
    """Return an executed notebook, as it comes back from a file."""
    nb = v4.new_notebook(cells=list(cells))
    for number, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{number}"
    nb.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python"}
    if front is not None:
        nb.metadata[FRONT_MATTER] = front.to_json()
    read: NotebookNode = nbformat.reads(json.dumps(nb), as_version=4)
    return read


def sample() -> NotebookNode:
    """Return a notebook with one of everything that a report can hold."""
    return notebook(
        markdown("# Final report on {eval}`country`", {"country": {"text/plain": "'Ruritania'"}}),
        code("period_start: date | None = None", tags=("parameters",)),
        markdown(
            'The programme trained {eval}`rp["1.1"]` teachers, of whom {eval}`rp.share()` were '
            "women, and reached {eval}`rp['2.1']` children.[^who] [](#tbl-performance) gives every "
            "indicator, [](#cht-regions) the regions, [](#money) what was paid.\n\n"
            "[^who]: Children at primary schools; *nobody* is counted twice.\n\n"
            ":::{note} Direct and indirect\nDirect and indirect beneficiaries are never added "
            "up.\n:::\n\n"
            "## Purpose\n\nSchools are where children spend most of their day. The programme "
            "worked with three of them at first, then with every school that asked.\n\n"
            "> We had never spoken about this with other schools.\n>\n> \u2014 A head teacher\n\n"
            "### What was agreed\n\n"
            "1. Teachers learn what to look for.\n2. Schools know whom to call.\n\n"
            "- A by-law and a protocol\n- One network\n\n"
            "Referral\n: Handing a case to the service that can help.\n\n"
            "Network\n: Six centres that share what they learn.\n\n"
            "| Step | Who |\n|---|---|\n| First word | **Teacher** |\n| Referral | Centre |\n",
            {
                'rp["1.1"]': figure("1.1", "277"),
                "rp.share()": figure("1.1.share", "62%"),
                "rp['2.1']": figure("2.1", "at least 4,500"),
            },
        ),
        markdown("## Results"),
        code(
            "#| label: tbl-performance\n#| caption: Indicator-based performance assessment\n"
            "performance_table(rp.figures())",
            shown(table(PERFORMANCE)),
        ),
        code(
            "#| label: cht-regions\n#| caption: Teachers trained, by region\nbar_chart(frame)",
            shown(chart("Bars: North 120, South 97 and Capital 60 teachers.")),
        ),
        markdown(
            "### Counselling\n\n:::{warning}\nYears before 2010 are not covered.\n:::\n\n"
            "A value from code: {eval}`sessions`.",
            {"sessions": {"text/plain": "900"}},
        ),
        code("frame", shown({"text/html": FRAME_HTML, "text/plain": "frame"})),
        code("print('checked')", printed("checked 3 tables\n"), printed("warn\n", "stderr")),
        code("None", shown({"text/plain": "None"})),
        code("secret = 1", printed("not to be seen"), tags=("hide",)),
        markdown("(money)=\n## Resources"),
        code(
            "#| label: tbl-money\n#| caption: Contributions by donor\ncontributions_table(fig)",
            shown(table(CONTRIBUTIONS)),
        ),
        markdown("## Data and method {.unnumbered}\n\nMeasured as this code says."),
        code("total = frame['amount'].sum()", tags=("show-code",)),
    )
