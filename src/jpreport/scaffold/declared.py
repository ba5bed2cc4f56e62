"""A table that was found, as a contract declares it."""

from __future__ import annotations

from typing import Any

from jpreport.data.contract import Cleaning, Field
from jpreport.scaffold.tables import Table


def resource_of(table: Table) -> dict[str, Any]:
    """Return a table as the contract declares it: a resource of a Data Package."""
    grid, clean = table.grid, table.layout.cleaning
    own: dict[str, Any] = {}
    if table.date:
        own["date"] = table.date.name
    if table.sensitive:
        own["sensitive"] = dict(table.sensitive)
    dialect = dict(grid.dialect)
    if grid.kind != "parquet":
        dialect |= _standard_steps(clean)
        own["clean"] = {
            "trim": True,
            **({"merged": dict(clean.merged)} if clean.merged else {}),
            **(
                {"leaveOut": {k: list(v) for k, v in clean.leave_out.items()}}
                if clean.leave_out
                else {}
            ),
        }
    schema: dict[str, Any] = {"fields": [_field(one.field) for one in table.columns]}
    if table.layout.beside:
        schema["fieldsMatch"] = ["subset"]
    schema["fields"] += [_field(one) for one in table.derived]
    if table.key:
        schema["primaryKey"] = [table.key]
    return {
        "name": table.name,
        "type": "table",
        "title": table.title,
        "path": grid.path.name,
        "format": grid.kind,
        **({"encoding": grid.encoding} if grid.kind == "csv" else {}),
        **({"dialect": dialect} if dialect else {}),
        **({"jpreport": own} if own else {}),
        "schema": schema,
    }


def _standard_steps(clean: Cleaning) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    if clean.header_rows != (1,):
        steps["headerRows"] = list(clean.header_rows)
    if clean.comment_rows:
        steps["commentRows"] = sorted(clean.comment_rows)
    return steps


def _field(declared: Field) -> dict[str, Any]:
    usual = Field(declared.name)
    keys = {
        "type": "type", "title": "title", "description": "description",
        "format": "format", "unit": "unit",
        "decimal_char": "decimalChar", "group_char": "groupChar", "bare_number": "bareNumber",
        "true_values": "trueValues", "false_values": "falseValues",
        "missing_values": "missingValues",
    }  # fmt: skip
    said: dict[str, Any] = {"name": declared.name, "type": declared.type}
    for attribute, key in keys.items():
        value = getattr(declared, attribute)
        if value != getattr(usual, attribute):
            said[key] = list(value) if isinstance(value, tuple) else value
    constraints: dict[str, Any] = {}
    if declared.required:
        constraints["required"] = True
    if declared.unique:
        constraints["unique"] = True
    if declared.enum:
        constraints["enum"] = list(declared.enum)
    own = {key: value for key in ("column", "derive") if (value := getattr(declared, key))}
    return {
        **said,
        **({"constraints": constraints} if constraints else {}),
        **({"jpreport": own} if own else {}),
    }
