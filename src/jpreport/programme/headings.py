"""What a results framework's columns are called, and its words: one list for all who read one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import get_args

from slugify import slugify

from jpreport.programme.framework import Direction, Level

# By the key of an indicator or another part of the framework; the first that fits counts.
PARTS: Mapping[str, str] = {
    "title": r"indicator|indicator_(name|title|statement|description)|title|result_indicator"
    r"|description|measure|indicateur|indikator|indicador|pokazatelj",
    "id": r"id|code|no|nr|number|ref|indicator_(id|code|no|number|ref)|indicator_2",
    "baseline": r"baseline(_value)?|base_line|pocetna_vrednost|valeur_de_reference|linea_de_base",
    "target": r"((end|final|overall|total|annual|planned)_)?target(_value)?|planned|cible|meta"
    r"|cilj",
    "target_upper": r"(upper|highest)_target|target_upper",
    "achieved": r"(achieved|achievement|actual|actuals|result|results|progress|reached|current"
    r"|value|endline|cumulative|realise|valeur|vrednost)"
    r"(_(value|to_date|result|total|achievement))?",
    "unit": r"unit|units|unit_of_measure(ment)?|uom|unite|jedinica|indicator_units",
    "direction": r"direction|desired_(direction|change)|polarity|trend|wanted",
    "place": r"place|location|district|region|province|governorate|area|country|site|county"
    r"|municipality",
    "period": r"period|year|quarter|month|reporting_period|half_year|semester",
    "level": r"level|type|result_level|indicator_(level|type)|outcome_output",
    "objective": r"objective|outcome|component|pillar|sector|strategic_objective|output|goal|result"
    r"|specific_objective|output_statement|outcome_statement",
    "verification": r"(means|sources?)_of_verification|mov|verification|source|data_source"
    r"|sources?_of_data",
    "variance_reason": r"reasons?_(for|of)_variance|variance_reason|remarks|comments?|explanation",
    "published_in": r"published_in",
    "disaggregate": r"breakdown|disaggregated_by",
}
PER_CENT = ("%", "percent", "per cent", "percentage", "pct")
_DOWN = re.compile(r"(?i)decreas|descend|down|lower|reduc|less|fewer|\u2193|minus|smaller|baisse")
_UP = re.compile(r"(?i)increas|ascend|\bup|higher|more|\u2191|plus|greater|hausse")
_CODED = re.compile(r"([A-Za-z]{0,10}\s?\d[\d.]*)\s*[:.\u2013-]?\s+(.+)")


def part_of(name: str) -> str:
    """Return what a column of that name holds, "" where nothing tells."""
    plain = slugify(name, separator="_")
    return next((part for part, pattern in PARTS.items() if re.fullmatch(pattern, plain)), "")


def direction_of(text: str) -> Direction | None:
    """Return whether less or more is better, as a text says it; None where it says neither."""
    if _DOWN.search(text):
        return "decreasing"
    return "increasing" if _UP.search(text) else None


def level_of(text: str) -> Level | None:
    """Return the level that a text names, such as "Outcome 1"; None where it names none."""
    return next((one for one in get_args(Level) if one in text.casefold()), None)


def coded(text: str) -> tuple[str, str]:
    """Return the code and the title of "SO1: Safe water"; without a code, "" and the text."""
    found = _CODED.fullmatch(text)
    return (re.sub(r"\s", "", found[1]).rstrip("."), found[2]) if found else ("", text)


def objective_of(text: str, known: Mapping[str, str]) -> str:
    """Return the id of the objective that a text names by id, title or both; else the text.

    `known` are the titles of objectives by id.
    """
    named = {title: name for name, title in known.items()}
    code = coded(text)[0]
    return text if text in known else named.get(text) or (code if code in known else text)


def is_per_cent(unit: str, texts: Collection[str] = ()) -> bool:
    """Whether a unit is per cent, or values are all written with its sign."""
    return unit.casefold() in PER_CENT or (bool(texts) and all(one.endswith("%") for one in texts))
