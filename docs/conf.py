"""The documentation as a site: `make docs`. What can be read from the code is written from it."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import jpreport
from jpreport.cli.main import command_parser
from jpreport.disclosure import declaration
from jpreport.programme.schema import settings_schema

project = "jpreport"
author = "jpreport contributors"
copyright = author  # noqa: A001 (Sphinx's name)
release = version = jpreport.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = "jpreport"
html_show_sphinx = False
html_copy_source = False
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
default_role = "code"
smartquotes = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"

_HERE = Path(__file__).parent
_WRITTEN = "<!-- Written by conf.py from the code. -->\n\n"


def _kind(schema: dict[str, Any]) -> str:
    """Return the type of a key in words."""
    if choices := schema.get("enum"):
        return " or ".join(f'"{choice}"' for choice in choices)
    if "$ref" in schema:
        return f"a table: [{(name := schema['$ref'].rpartition('/')[2])}](#{name.lower()})"
    if variants := schema.get("anyOf"):
        kinds = [_kind(one) for one in variants if one != {"type": "null"}]
        return " or ".join(dict.fromkeys(kinds))
    kind = schema.get("format") or schema["type"]
    if kind == "array":
        return f"a list: {_kind(schema['items'])}"
    return {"object": "a table", "string": "text", "integer": "whole number"}.get(kind, kind)


def _settings_page() -> str:
    schema = json.loads(settings_schema())
    # In the order of the file.
    first = [_name(value) for value in schema["properties"].values()]
    parts = {"The file": schema} | {name: schema["$defs"][name] for name in first}
    parts |= schema["$defs"]
    lines = ["# programme.toml", "", "Keys that your sources have no value for are left out."]
    for name, part in parts.items():
        lines += [
            "",
            f"## {name}",
            "",
            part.get("description", "") if name in schema["$defs"] else "",
        ]
        lines += ["", "| key | what it is | type | if left out |", "| --- | --- | --- | --- |"]
        for key, value in part["properties"].items():
            default = value.get("default")
            absent = "must be there" if key in part.get("required", ()) else _default(default)
            words = f"`{key}` | {value['description']} | {_kind(value)} | {absent}"
            lines.append(f"| {words} |")
    return "\n".join(lines)


def _name(schema: dict[str, Any]) -> str:
    """Return the name of the part of the schema that a key leads to."""
    inner = schema.get("items") or schema.get("anyOf", [schema])[0]
    return str(inner["$ref"].rpartition("/")[2])


def _default(value: object) -> str:
    return (
        "" if value in (None, "", [], {}) or isinstance(value, dict) else f"`{json.dumps(value)}`"
    )


def _commands_page() -> str:
    parser = command_parser()
    lines = ["# Commands", "", "```text", parser.format_help(), "```"]
    (verbs,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))  # noqa: SLF001
    for name, verb in verbs.choices.items():
        lines += ["", f"## jpreport {name}", "", "```text", verb.format_help().rstrip(), "```"]
    return "\n".join(lines)


def setup(_app: object) -> None:
    """Write the pages that are made from the code."""
    os.environ["COLUMNS"] = "96"
    persons = f"# Records of persons\n\n{declaration.__doc__}"
    pages = {"settings": _settings_page(), "commands": _commands_page(), "persons": persons}
    for name, page in pages.items():
        path = _HERE / "reference" / f"{name}.md"
        text = f"{_WRITTEN}{page}\n"
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
