"""A document in a registered format, seen to keep what every format promises."""

from __future__ import annotations

from pathlib import Path

from jpreport.document.attachments import attachments
from jpreport.document.blocks import Document
from jpreport.document.formats import Rendering, load_format
from jpreport.document.provenance import NAME
from jpreport.errors import NOWHERE, ExportError, JpreportError, Problem
from jpreport.export.accounting import lost, missing, tables_alone
from jpreport.files import is_intact
from jpreport.language import speaking
from jpreport.programme.formats import registered_formats


def render(name: str, document: Document, folder: Path | None = None) -> Rendering:
    """Return a document in the format of a name; `folder` is the programme's.

    Raises ExportError where the document cannot be set, where the file lacks words of it, where
    the exporter of another package fails, or where the file has no seal that fits or carries
    another provenance.
    """
    made = load_format(name)
    try:
        with speaking(document.wording):
            rendering = made.render(document, folder)
    except JpreportError:
        raise
    except Exception as error:
        entry = registered_formats()[name]
        if entry.module.startswith(f"{__name__.partition('.')[0]}."):
            raise
        message = f'the exporter of "{name}", {entry.value}, failed: {error!r}'
        hint = "this is a fault of its package: tell those who made it"
        raise ExportError(Problem(NOWHERE, message, hint)) from error
    if not is_intact(rendering.content):
        raise ExportError(Problem(NOWHERE, f'the format "{name}" writes no seal that fits'))
    whole = tables_alone(document) if made.tables_only else document
    problems = lost(whole, made.shown(rendering.content)) if made.shown else []
    problems += missing(whole, made.held(rendering.content)) if made.held else []
    if problems:
        raise ExportError(problems)
    carried = [one.content for one in attachments(document) if one.name == NAME]
    if carried and made.provenance(rendering.content) != carried[0]:
        message = f'the format "{name}" does not carry the provenance of the report'
        raise ExportError(Problem(NOWHERE, message))
    return rendering
