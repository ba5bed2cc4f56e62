"""The JSON Schema of `programme.toml`: editors complete by it, the reference is made of it."""

from __future__ import annotations

import ast
import inspect
import json
from itertools import pairwise

from jpreport.programme.framework import Declared
from jpreport.programme.settings import Settings


def settings_schema() -> str:
    """Return the schema as JSON; keys are described by the strings below them in the source."""
    schema = Settings.model_json_schema()
    # The folder is where the file stands, never what it says.
    schema["properties"].pop("root")
    schema["required"].remove("root")
    models = {model.__name__: model for model in Declared.__subclasses__()}
    for name, part in {**schema["$defs"], "Settings": schema}.items():
        for key, words in _descriptions(models[name]).items():
            part["properties"][key] |= {"description": words}
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return f"{json.dumps(whole, indent=2, ensure_ascii=False)}\n"


def _descriptions(model: type[Declared]) -> dict[str, str]:
    """Return what the source says below each key; pydantic would read it at each import."""
    body = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 (for mypy)
    return {
        key.target.id: " ".join(words.value.value.split())
        for key, words in pairwise(body.body)
        if isinstance(key, ast.AnnAssign)
        and isinstance(key.target, ast.Name)
        and isinstance(words, ast.Expr)
        and isinstance(words.value, ast.Constant)
        and isinstance(words.value.value, str)
    }
