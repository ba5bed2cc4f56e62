"""Figures for the tests of the exporters, and notebooks that quote them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from nbformat import NotebookNode

from export_samples import code, markdown, notebook, shown
from jpreport.figures import (
    Derivation,
    Figure,
    FigureKey,
    Part,
    Period,
)
from jpreport.figures import share as share_of
from jpreport.notebook.tables import breakdown_table, performance_table, reconciliation_table

WHOLE = Period(dt.date(2010, 6, 1), dt.date(2012, 10, 31))
YEAR = Period(dt.date(2011, 1, 1), dt.date(2011, 12, 31), whole=False)
DIGEST = "1f5736eed35de539dafaa7c7e362598f527688d9f2d79f62752ae12e83906740"


def measured(name: str, title: str, value: float | None, **changes: Any) -> Figure:  # noqa: ANN401
    """Return a figure counted in a table of participants."""
    values: dict[str, Any] = {
        "unit": "persons",
        "period": WHOLE,
        "derivation": Derivation(
            table="training_participants",
            where="profession = 'Social worker' and completed",
            measure="count(distinct participant_id)",
            dated_by="attended_on",
            sql="SELECT count(distinct participant_id) AS value\n"
            'FROM "training_participants"\n'
            "WHERE (profession = 'Social worker' and completed\n)\n"
            "  AND \"attended_on\" BETWEEN DATE '2010-06-01' AND DATE '2012-10-31'",
            records=281,
            source="data/training_participants.csv",
            digest=DIGEST,
        ),
        **changes,
    }
    return Figure(FigureKey(name), title, value=value, **values)


TRAINED = measured(
    "1.1",
    "Social workers trained",
    277,
    published=277,
    published_in="Programme page",
    breakdown={
        "sex": (
            Part("Female", 221, 224, "\"sex\" = 'Female'"),
            Part("Male", 56, 57, "\"sex\" = 'Male'"),
        )
    },
)
REACHED = measured("1.10", "Persons reached", 4500, qualifier="at least")
ALL = measured("1.9", "Social workers in the country", 554)
WOMEN = share_of(TRAINED.part("sex", "Female"), TRAINED)
COVERED = share_of(TRAINED, ALL)


def bundle(value: Any) -> dict[str, Any]:  # noqa: ANN401 - what a cell shows
    """Return the MIME bundle of a figure, a table or a chart."""
    data: dict[str, Any] = value._repr_mimebundle_()
    return data


def quoting(text: str, *figures: Figure) -> NotebookNode:
    """Return a Markdown cell; each `{}` in its text quotes the next figure."""
    names = [f"f{place}" for place in range(len(figures))]
    source = text.format(*(f"{{eval}}`{name}`" for name in names))
    return markdown(source, dict(zip(names, map(bundle, figures), strict=True)))


def table_cell(value: Any, label: str, caption: str) -> NotebookNode:  # noqa: ANN401
    """Return a code cell that shows a table or a chart with a caption."""
    return code(f"#| label: {label}\n#| caption: {caption}\nx", shown(bundle(value)))


def report(*cells: NotebookNode) -> NotebookNode:
    """Return a notebook that quotes figures in prose, in tables and in a note."""
    return notebook(
        markdown("# Final report"),
        code("donor: str = 'Belgium'", tags=("parameters",)),
        code("# Parameters\ndonor = 'Switzerland'", tags=("injected-parameters",)),
        quoting("In all, {} were trained, {} of whom were women.", TRAINED, WOMEN),
        quoting("## Results\n\n{} and {} again, {} of all.[^n]\n\n[^n]: Also {}.",
                TRAINED, TRAINED, COVERED, REACHED),
        table_cell(performance_table([TRAINED, REACHED]), "tbl-all", "All indicators"),
        table_cell(breakdown_table(TRAINED, "sex"), "tbl-sex", "By sex"),
        *cells,
    )  # fmt: skip


def reconciled(figures: Sequence[Figure]) -> NotebookNode:
    """Return a cell with the reconciliation of some figures, without a caption."""
    return code("x", shown(bundle(reconciliation_table(figures))))
