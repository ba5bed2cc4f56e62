"""Results of a tiny programme with two tables, for the tests of figures."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from data_samples import field, resource, write, write_package
from jpreport.data import Records, programme_package
from jpreport.figures import Figure, Results
from jpreport.programme.settings import read_settings

GRANTS = """\
grant,day,place,kind,amount,currency
1,2020-01-01,North,a,10,USD
2,2020-06-30,North,b,20.5,USD
3,2021-02-01,South,a,30,USD
4,2021-12-31,East,a,4,USD
"""
PLACES = "place,label,active\nNorth,The North,true\nSouth,The South,true\nWest,The West,false\n"
HEAD = 'title = "W"\nstart = 2020-01-01\nend = 2021-12-31\n'
BASE = {"level": "output", "title": "Grants", "unit": "grants", "table": "grants",
        "measure": "count(*)", "disaggregate": ["place"]}  # fmt: skip


def results(  # noqa: PLR0913
    folder: Path,
    *indicators: dict[str, Any],
    start: dt.date | None = None,
    end: dt.date | None = None,
    grants: str = GRANTS,
    more: str = "",
    programme: str = "",
) -> Results:
    """Return the results of a programme with these indicators, each with an id of its own."""
    write(folder, "grants.csv", grants)
    write(folder, "places.csv", PLACES)
    kinds = field("kind", enum=["a", "b", "c"])
    fields = [field("grant", "integer"), field("day", "date"), field("place"), kinds,
              field("amount", "number"), field("currency")]  # fmt: skip
    places = [field("place"), field("label"), field("active", "boolean")]
    dated = {"jpreport": {"date": "day"}}
    write_package(folder, resource("grants", fields, **dated), resource("places", places))
    tables = [
        "[[indicator]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in one.items())
        for one in ({"id": f"{n}", **BASE, **given} for n, given in enumerate(indicators, start=1))
    ]
    text = f"{programme}[programme]\n{HEAD}" + "\n".join(tables) + more
    (folder / "programme.toml").write_text(text, encoding="utf-8")
    settings = read_settings(folder)
    return Results(settings, Records(programme_package(settings)), start, end)


def toml(value: object) -> str:
    """Return a value as TOML has it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def figure(folder: Path, **given: Any) -> Figure:  # noqa: ANN401
    """Return the figure of one indicator."""
    return results(folder, given).figure("1")
