"""A results framework that stays in its file: `framework` in programme.toml, where that says it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from pydantic import ValidationError

from jpreport.errors import ProjectError
from jpreport.figures.derivation import equals
from jpreport.programme.framework import Indicator
from jpreport.programme.results_table import FrameworkFile, read_framework
from jpreport.scaffold.framework import Framework, Parts
from jpreport.scaffold.tables import Table

_NOT_KEYS = ("achieved", "place", "period")


def kept_in_file(table: Table, parts: Parts, framework: Framework) -> Framework:
    """Return the framework with what `framework` has to say in programme.toml.

    As it is, where the file read in that way does not say the very same indicators.
    """
    grid, rows = table.grid, table.layout.cleaning.header_rows
    if "id" not in parts or len(rows) > 1 or not framework.indicators or grid.kind == "parquet":
        return framework
    ((key,), said) = parts["id"], framework.indicators
    used = [one for part, several in parts.items() if part not in _NOT_KEYS for one in several]
    texts = key.field.type == "string"
    measure, _ = Counter(str(one["measure"]) for one in said).most_common(1)[0]
    styles = [one.field for one in used if one.field.type in {"integer", "number"}]
    signs = next((one for one in styles if one.decimal_char != "." or one.group_char), None)
    file = {
        "file": grid.path.name,
        "sheet": grid.sheet or 1,
        "header_row": rows[0],
        "table": table.name,
        "where": equals(key.name, "{id}") if texts else f"{key.name} = {{id}}",
        "measure": measure,
        "unit": "" if "unit" in parts else said[0]["unit"],
        "ignore": tuple(one.raw for one in table.columns if one not in used),
        "decimal": signs.decimal_char if signs and signs.type == "number" else ".",
        "group": signs.group_char if signs else "",
    }
    titles = {one["id"]: one["title"] for one in framework.objectives}
    try:
        stated = FrameworkFile.model_validate(file)
        read = read_framework(stated, grid.path.parent, {}, titles)
        wanted = [Indicator.model_validate(one).model_dump() for one in said]
    except (ProjectError, ValidationError):
        return framework
    if [one.model_dump() for one in read] != wanted:
        return framework
    own = stated.model_dump(exclude_defaults=True)
    return replace(framework, file={**own, "file": f"data/{grid.path.name}"})
