"""A document as the files of a Typst project: a fixed template, and all that is said as JSON."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from importlib.resources import files
from typing import Any

from jpreport.design.page import TEXT_MM
from jpreport.design.style import DEFAULT, Logo, Style
from jpreport.document.blocks import (
    Block,
    ChartBlock,
    CodeBlock,
    Document,
    Prose,
    TableBlock,
)
from jpreport.document.cover import FrontMatter
from jpreport.document.drawings import in_parts
from jpreport.document.sources import shown_figures
from jpreport.errors import NOWHERE, ExportError, Problem
from jpreport.export.annex import NAME, Annex, AnnexEntry, write_annex
from jpreport.export.annex_words import Run
from jpreport.export.typst_prose import blocks as prose_json
from jpreport.export.typst_tables import table_json
from jpreport.export.typst_text import clean
from jpreport.language import current, phrase, speaking

# The page, in millimetres: A4. Tables and charts take the width of the text; paragraphs keep to
# a narrower measure at its right, where a line has some 80 characters.
PAGE_MM = {
    "width": 210.0,
    "height": 297.0,
    "text": TEXT_MM,
    "prose": 128.0,
    "top": 30.0,
    "bottom": 27.0,
}

# Type of tables, in points: the usual size first, the least that can be read last.
TABLE_SIZES_PT = (9.0, 8.25, 7.5)

SUFFIXES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}

# What the template says: sentences whose braces it fills itself keep them.
_WORDS = {
    "contents": phrase("Contents"),
    "tables": phrase("Tables"),
    "charts": phrase("Charts"),
    "table": phrase("Table"),
    "chart": phrase("Chart"),
    "page": phrase("Page {number} of {total}"),
    "page_short": phrase("p.\N{NO-BREAK SPACE}{number}"),
    "part": phrase("Part {number} of {total}"),
    "continued": phrase("Table {table}, continued. Part {number} of {total}"),
    "no_rows": phrase("No records"),
    "source_of": phrase("Source of figure"),
    "figures_shown": phrase("Figures shown:"),
    "attached": phrase("Attached to this file:"),
    "mark": phrase("{label}: {text}"),
    "between": phrase("; "),
    "contributions": phrase("Contributions"),
    "amount": phrase("Amount"),
    "total": phrase("Total"),
    "not_stated": phrase("not stated"),
    "others": phrase("Other languages"),
}
_ROLES = {
    "participating": phrase("Participating organizations"),
    "government": phrase("Government partners"),
    "implementing": phrase("Implementing partners"),
    "other": phrase("Other partners"),
}


def _words() -> dict[str, str]:
    kept = {name: f"{{{name}}}" for name in ("number", "total", "table", "label", "text")}
    return {key: current().say(words, **kept) for key, words in _WORDS.items()}


def _language(tag: str) -> dict[str, str | None]:
    """Return language and region of a BCP 47 tag; raises ExportError for one that is none."""
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:-[A-Za-z]{4})?(?:-([A-Za-z]{2}))?", tag or "en")
    if match is None:
        hint = 'set `language` in programme.toml to a tag such as "en" or "sr-Latn-RS"'
        raise ExportError(Problem(NOWHERE, f'"{tag}" is no language tag', hint))
    # Typst's patterns of Serbian are Cyrillic; Croatian divides the same words in Latin letters.
    # The file says its own language all the same (see pdf_tags).
    lang = "hr" if tag.startswith("sr-Latn") else match[1].lower()
    return {"lang": lang, "region": match[2].upper() if match[2] else None}


def language_codes(front: FrontMatter) -> dict[str, str]:
    """Return the languages of a report by the codes that Typst has them by, its own last."""
    tags = [*(tag for tag in front.languages if tag != front.language), front.language or "en"]
    return {"-".join(filter(None, _language(tag).values())): tag for tag in tags}


def _issued(iso: str) -> list[int] | None:
    """Return year, month and day of the report's date."""
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return None
    return [day.year, day.month, day.day]


def _front_json(front: FrontMatter) -> dict[str, Any]:
    """Return what the cover and the running lines say, as finished texts."""
    words = current()
    span = clean(words.period(front.start, front.end))
    period = clean(words.period(front.period_start, front.period_end))
    return {
        "programme": clean(front.programme),
        "short_title": clean(front.short_title),
        "mark": front.mark,
        "period": period,
        "facts": [
            [term, clean(text)]
            for term, text in (
                (words.say("Programme period"), span),
                (words.say("Duration"), front.duration),
                (words.say("Reporting period"), period if period != span else ""),
                (words.say("Country"), front.country),
                (words.say("Status"), front.status),
                (words.say("Report date"), words.date(front.date)),
            )
            if text
        ],
        "others": [
            [name, _language(tag)["lang"], f"{stem}.pdf"]
            for tag, name, stem in front.editions
            if tag != front.language
        ],
        "organizations": [
            [words.say(title), [[clean(o.name), clean(o.short_name)] for o in members]]
            for role, title in _ROLES.items()
            if (members := [o for o in front.organizations if o.role == role])
        ],
        "contributions": [
            [clean(c.donor) or words.say("not stated"), clean(c.text)] for c in front.contributions
        ],
        "total": clean(front.total.text) if front.total else "",
        "objective": clean(front.objective),
        "logo": {"file": logo_name(logo), "alt": clean(logo.alt)}
        if (logo := front.brand.logo)
        else None,
    }


def meta_json(document: Document) -> dict[str, Any]:
    """Return the file's metadata."""
    front = document.front
    partners = [o for o in front.organizations if o.role == "participating"]
    keywords = [front.programme, front.country, *(c.donor for c in front.contributions)]
    mark = current().labelled(*front.mark) if front.mark else ""
    return {
        "title": clean(document.title),
        "authors": [clean(o.name) for o in partners],
        "keywords": [clean(k) for k in dict.fromkeys(keywords) if k],
        "description": " ".join(filter(None, (clean(front.objective), mark))) or None,
        "date": _issued(front.date),
        **_language(front.language),
    }


def _block_json(block: Block, position: int) -> dict[str, Any]:
    if isinstance(block, Prose):
        return {"t": "prose", "c": prose_json(block.blocks)}
    if isinstance(block, CodeBlock):
        return {"t": "listing", "s": clean(block.source, lines=True)}
    if isinstance(block, TableBlock | ChartBlock):
        shared = {
            # What has no caption is no figure, and nothing leads to it.
            "id": clean(block.label) if block.number is not None else "",
            "caption": clean(block.caption),
            "number": block.number,
        }
        if isinstance(block, TableBlock):
            return {"t": "table", "table": table_json(block.table, block.links), **shared}
        return {
            "t": "chart",
            "files": [*chart_files(block, position)],
            "alt": clean(block.alt),
            "figures": [
                {"s": clean(name), **link._asdict()} for name, link in shown_figures(block)
            ],
            **shared,
        }
    return {"t": "output", "s": clean(block.text, lines=True)}


def _run_json(run: Run) -> Any:  # noqa: ANN401 - JSON
    """Return a piece of text as it is, or with what it leads to and is called."""
    text = clean(run.text)
    if not (run.to or run.name or run.code):
        return text
    return {"s": text, "to": run.to, "name": run.name, "place": run.place, "code": run.code}


def _entry_json(entry: AnnexEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "number": clean(entry.number),
        "title": clean(entry.title),
        "value": clean(entry.value),
        "lines": [[clean(term), list(map(_run_json, runs))] for term, runs in entry.lines],
        "sql": clean(entry.sql, lines=True),
    }


def _annex_json(annex: Annex) -> dict[str, Any]:
    return {
        "name": NAME,
        "title": annex.title,
        "intro": annex.intro,
        "protection": list(map(clean, annex.protection)),
        "entries": list(map(_entry_json, annex.entries)),
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


def chart_files(block: ChartBlock, position: int) -> dict[str, bytes]:
    """Return the files of a chart, one a page, by the names under which the template reads them."""
    suffix = SUFFIXES.get(block.media_type, "svg")
    parts = in_parts(block.image) if suffix == "svg" else [block.image]
    return {f"chart-{position}-{part}.{suffix}": image for part, image in enumerate(parts)}


def logo_name(logo: Logo) -> str:
    """Return the name of the logo's file; the template reads it by that name."""
    return f"logo.{SUFFIXES[logo.media_type]}"


def _names(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what in a report can be led to; the template gives it a label of that name."""
    for block in data["blocks"]:
        nodes = block["c"] if block["t"] == "prose" else [block]
        yield from (node["id"] for node in nodes if "id" in node)
    yield from _named([data["blocks"], data["annex"]])


def _named(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        yield value.get("name", "")
        yield from _named(list(value.values()))


def project(document: Document, style: Style = DEFAULT) -> dict[str, bytes]:
    """Return the project's files by name; "main.typ" is the one to compile.

    Raises ExportError where the language is no language tag or two labels are one.
    """
    counts = Counter(getattr(block, "label", "") for block in document.blocks)
    doubled = [label for label, count in counts.items() if label and count > 1]
    if doubled:
        hint = "give each table and chart its own"
        raise ExportError(
            Problem(NOWHERE, f'the label "{name}" is used twice', hint) for name in doubled
        )
    with speaking(document.wording):
        annex = write_annex(document)
        data = {
            "words": _words(),
            "style": {**asdict(style), "table_sizes": TABLE_SIZES_PT},
            "page": PAGE_MM,
            "meta": meta_json(document),
            "front": _front_json(document.front),
            "blocks": [_block_json(block, i) for i, block in enumerate(document.blocks)],
            "annex": _annex_json(annex) if annex else None,
        }
    names = Counter(_names(data))
    data["names"] = {name: 1 for name, count in names.items() if name and count == 1}
    folder = files("jpreport.export") / "templates" / "typst"
    project_files = {
        entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".typ")
    }
    project_files["data.json"] = json.dumps(data, ensure_ascii=False, sort_keys=True).encode()
    if logo := document.front.brand.logo:
        project_files[logo_name(logo)] = base64.b64decode(logo.data)
    for file in annex.attached if annex else ():
        project_files[f"attached-{file.name}"] = file.content
    for position, block in enumerate(document.blocks):
        if isinstance(block, ChartBlock):
            project_files |= chart_files(block, position)
    return project_files
