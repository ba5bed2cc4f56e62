"""Write what a figure's record is into the manifest's JSON Schema, from its type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jpreport.files
from jpreport.figures.record import schema

PATH = Path(jpreport.files.__file__).with_name("manifest.schema.json")


def generated(described: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest's schema with the definitions of figures as the code has them."""
    return {**described, "$defs": described["$defs"] | schema()["$defs"]}


if __name__ == "__main__":
    text = json.dumps(generated(json.loads(PATH.read_bytes())), indent=1, ensure_ascii=False)
    PATH.write_text(f"{text}\n", encoding="utf-8")
