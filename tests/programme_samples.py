"""A tiny programme that tests may write anywhere and change."""

import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

PROGRAMME = """\
[programme]
title = "Visits"
start = 2020-01-01
end = 2020-12-31
contributions = "R.1"

[[indicator]]
id = "1.1"
level = "output"
title = "Visits made"
unit = "visits"
table = "visits"
measure = "count(*)"
disaggregate = ["sex"]
published = 5
published_in = "Annual letter"

[[indicator]]
id = "R.1"
level = "input"
title = "Contributions"
unit = "EUR"
table = "grants"
measure = "sum(amount)"
disaggregate = ["donor"]

[[report]]
id = "summary"
notebook = "notebooks/summary.ipynb"

[[report]]
id = "donor"
notebook = "notebooks/donor.ipynb"
for_each = { donor = "grants.donor" }
"""
PACKAGE: dict[str, Any] = {
    "name": "visits",
    "created": "2021-02-03T00:00:00Z",
    "resources": [
        {
            "name": "visits",
            "path": "visits.csv",
            "jpreport": {"date": "day"},
            "schema": {
                "primaryKey": ["visit"],
                "fields": [
                    {"name": "visit", "type": "integer", "constraints": {"required": True}},
                    {"name": "day", "type": "date"},
                    {"name": "person", "type": "string"},
                    {
                        "name": "sex",
                        "type": "string",
                        "constraints": {"enum": ["female", "male"]},
                    },
                ],
            },
        },
        {
            "name": "grants",
            "path": "grants.csv",
            "schema": {
                "fields": [
                    {"name": "donor", "type": "string", "constraints": {"required": True}},
                    {"name": "amount", "type": "number"},
                ],
            },
        },
    ],
}
VISITS = """\
visit,day,person,sex
1,2020-01-01,ada,female
2,2020-02-02,bob,male
3,2020-03-03,cyd,female
4,2020-04-04,dan,male
5,2020-12-31,eve,female
"""
GRANTS = "donor,amount\nAda,100.50\nB and C,200\n"

SUMMARY = [
    ("parameters", "from datetime import date\n\nperiod_start: date | None = None"),
    (
        "code",
        (
            "from jpreport.notebook import open_report, bar_chart, reconciliation_table\n"
            "rp = open_report(period_start)"
        ),
    ),
    ("code", "answer = 42"),
    ("markdown", '# Visits\n\n## Results\n\nThere were {eval}`rp["1.1"]` visits; see [](#tbl-r).'),
    (
        "code",
        "#| label: tbl-r\n#| caption: Computed and published\nreconciliation_table(rp.figures())",
    ),
    (
        "code",
        (
            "#| label: cht-sex\n#| caption: Visits by sex\n"
            'counts = rp.table("visits").groupby("sex").size().reset_index(name="visits")\n'
            'bar_chart(counts, "sex", "visits")'
        ),
    ),
]
DONOR = [
    ("parameters", 'donor: str = "Ada"'),
    ("code", "from jpreport.notebook import open_report\nrp = open_report()"),
    (
        "markdown",
        '# To {eval}`donor`\n\n## Thanks\n\nYou gave {eval}`rp["R.1"].part("donor", donor)`.',
    ),
]


def notebook(path: Path, cells: list[tuple[str, str]]) -> None:
    nb = v4.new_notebook()
    for number, (kind, source) in enumerate(cells, start=1):
        make = v4.new_markdown_cell if kind == "markdown" else v4.new_code_cell
        cell = make(source, id=f"c{number}")
        if kind == "parameters":
            cell.metadata.tags = ["parameters"]
        nb.cells.append(cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)


def edit_notebook(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def write_programme(root: Path) -> Path:
    """Write the programme into a folder that need not be there, and return it."""
    notebook(root / "notebooks/summary.ipynb", SUMMARY)
    notebook(root / "notebooks/donor.ipynb", DONOR)
    (root / "data").mkdir(exist_ok=True)
    (root / "data/visits.csv").write_text(VISITS, encoding="utf-8")
    (root / "data/grants.csv").write_text(GRANTS, encoding="utf-8")
    (root / "data/datapackage.json").write_text(json.dumps(PACKAGE), encoding="utf-8")
    (root / "programme.toml").write_text(PROGRAMME, encoding="utf-8")
    return root
