"""The annex as the Typst template takes it, and the files that are attached with it."""

from __future__ import annotations

from typing import Any

from jpreport.export.annex import NAME, TITLE, Annex, AnnexEntry, Run
from jpreport.export.typst_text import clean

Json = Any


def _run(run: Run) -> Json:
    """Return a piece of text as it is, or with what it leads to and is called."""
    text = clean(run.text)
    if not (run.to or run.name or run.code):
        return text
    return {"s": text, "to": run.to, "name": run.name, "place": run.place, "code": run.code}


def _entry(entry: AnnexEntry) -> dict[str, Json]:
    return {
        "name": entry.name,
        "number": clean(entry.number),
        "title": clean(entry.title),
        "value": clean(entry.value),
        "lines": [[clean(term), list(map(_run, runs))] for term, runs in entry.lines],
        "sql": clean(entry.sql, lines=True),
    }


def annex_json(annex: Annex | None) -> dict[str, Json] | None:
    """Return the annex; each attached file is read by the name that `annex_files` gives it."""
    if annex is None:
        return None
    return {
        "name": NAME,
        "title": TITLE,
        "intro": annex.intro,
        "entries": list(map(_entry, annex.entries)),
        "attached": [
            {
                "name": file.name,
                "type": file.media_type,
                "relationship": file.relationship,
                "description": file.description,
                "file": f"attached-{file.name}",
            }
            for file in annex.attached
        ],
    }


def annex_files(annex: Annex | None) -> dict[str, bytes]:
    """Return what is attached, by the names that the template knows."""
    attached = annex.attached if annex else ()
    return {f"attached-{file.name}": file.content for file in attached}
