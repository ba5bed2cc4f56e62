"""A tiny programme with a sensitive table, that tests may write anywhere and change."""

import json
from pathlib import Path

from programme_samples import PACKAGE, PROGRAMME, write_programme

CASES = "case,person,sex,place,seen\n" + "".join(
    f"C-{number:03},P-{number:03},{'male' if number % 13 == 0 else 'female'},"
    f"{('north', 'south', 'west')[number % 3]},{2020 + number % 2}-03-{1 + number % 28:02}\n"
    for number in range(80)
)
SENSITIVE = {"unit": "person", "dimensions": ["sex", "place", {"name": "year", "column": "seen",
             "derive": "year"}]}  # fmt: skip
INDICATOR = """
[[indicator]]
id = "2.1"
level = "output"
title = "Persons seen"
unit = "persons"
table = "cases"
measure = "count(distinct person)"
disaggregate = ["sex", "place"]
"""


def programme(root: Path, settings: str = INDICATOR) -> Path:
    write_programme(root)
    (root / "data/cases.csv").write_text(CASES, encoding="utf-8")
    text = PROGRAMME.replace("end = 2020-12-31", "end = 2021-12-31")
    (root / "programme.toml").write_text(text + settings, encoding="utf-8")
    fields = [{"name": name, "type": "string"} for name in ("case", "person", "sex", "place")]
    cases = {
        "name": "cases",
        "path": "cases.csv",
        "jpreport": {"date": "seen", "sensitive": SENSITIVE},
        "schema": {"primaryKey": ["case"], "fields": [*fields, {"name": "seen", "type": "date"}]},
    }
    package = {**PACKAGE, "resources": [*PACKAGE["resources"], cases]}
    (root / "data/datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return root
