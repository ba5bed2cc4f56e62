"""What a published report carries in itself: its figures and all that it was made from."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jpreport.document.quotes import Quote
from jpreport.errors import OutputError, Place, Problem
from jpreport.figures import NOT_STATED, Derivation, Period
from jpreport.figures.figure import select

NAME = "provenance.json"
# A page has it in a ZIP, beside the same figures as a table.
ARCHIVE = "figures.zip"
_VERSION = 2
_LINK = re.compile(
    rb'<a download="' + ARCHIVE.encode() + rb'" href="data:application/zip;base64,([\w+/=]*)"'
)


def read_provenance(path: Path) -> Mapping[str, Any]:
    """Return the provenance that an HTML page or a PDF carries.

    Raises OutputError where the file cannot be read, carries none, or one of another version.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OutputError(Problem(Place(str(path)), f"cannot be read: {error.strerror}")) from None
    attached = _in_pdf(path, content) if content.startswith(b"%PDF") else _in_page(content)
    if not attached:
        hint = "name the folder of its release, or the report in it"
        raise OutputError(Problem(Place(str(path)), "carries no provenance of its own", hint))
    try:
        value = json.loads(attached)
    except ValueError:
        raise OutputError(
            Problem(Place(str(path)), f"its {NAME} is not JSON: it was altered")
        ) from None
    if not isinstance(value, dict) or value.get("version") != _VERSION:
        raise OutputError(
            Problem(Place(str(path)), f"its {NAME} is not of this version of jpreport")
        )
    return value


def _in_pdf(path: Path, content: bytes) -> bytes:
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return bytes(pdf.attachments[NAME].get_file().read_bytes())
    except KeyError:
        return b""
    except (pikepdf.PdfError, ValueError) as error:
        raise OutputError(Problem(Place(str(path)), f"cannot be read as a PDF: {error}")) from None


def _in_page(content: bytes) -> bytes:
    # The last one: the annex stands behind all that an author writes.
    links = _LINK.findall(content)
    if not links:
        return b""
    try:
        packed = base64.b64decode(links[-1], validate=True)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            return archive.read(NAME)
    except (binascii.Error, zipfile.BadZipFile, zlib.error, KeyError, EOFError):
        return b"altered"


def attached_figures(provenance: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Yield every figure as a manifest has it, and the places that quote it, as readers call them.

    With the quoted figures come those that they are made from or a part of.
    """
    files: Mapping[str, str] = provenance["files"]
    front = provenance["front"]
    whole: Mapping[str, Any] = {}
    for source in provenance["sources"]:
        if "title" in source:
            whole = source
            entry = _entry(source, files, (front["start"], front["end"]))
        else:
            entry = _part(source, _entry(whole, files, (front["start"], front["end"])))
        yield entry, list(source.get("quoted", ()))


def attached_quotes(provenance: Mapping[str, Any]) -> tuple[Quote, ...]:
    """Return the quotes of a report by the places that its annex names."""
    return tuple(
        Quote(entry["id"], entry["text"], 0, "", "", entry, place)
        for entry, places in attached_figures(provenance)
        for place in places
    )


def _entry(
    source: Mapping[str, Any], files: Mapping[str, str], programme: tuple[str, str]
) -> dict[str, Any]:
    days = source["period_start"], source["period_end"]
    texts = {key: source.get(key, "") for key in ("table", "where", "measure", "dated_by", "sql")}
    file, made_from = source.get("file", ""), list(source.get("made_from", ()))
    return {
        **{key: source[key] for key in ("id", "title", "text")},
        **{key: source.get(key, "") for key in ("unit", "qualifier", "published_in")},
        "value": source.get("value"),
        "published": source.get("published"),
        "period": {"start": days[0], "end": days[1], "whole": days == programme},
        "derivation": {
            **texts,
            # Of a protected cube the value is the count.
            "records": source.get("records", 0 if made_from else source.get("value") or 0),
            "source": file,
            "digest": files.get(file, ""),
            "parents": made_from,
        },
    }


def _part(source: Mapping[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """Return a part's entry: what it shares with the figure that it is a part of, and its own."""
    label = source["id"].removeprefix(whole["id"]).partition("=")[2].removesuffix("]")
    where = source.get("where", "")
    derivation = Derivation(**{**whole["derivation"], "parents": (), "where": where})
    first, last = (dt.date.fromisoformat(whole["period"][key]) for key in ("start", "end"))
    period = Period(first, last, whole["period"]["whole"])
    sql = select(derivation, f"{derivation.measure} AS value", where, period)
    return {
        **whole,
        "id": source["id"],
        "title": f"{whole['title']}: {NOT_STATED if label == 'None' else label}",
        "text": source["text"],
        "value": source.get("value"),
        "published": None,
        "published_in": "",
        "derivation": {
            **whole["derivation"],
            "where": where,
            "records": source.get("records", source.get("value") or 0),
            "sql": sql,
        },
    }
