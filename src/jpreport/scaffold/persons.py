"""Columns about persons: what tells that records are of people, and what would single one out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from jpreport.scaffold.columns import Column

# By what a column is called, in the languages of the field; the first that fits counts.
_NAMED = {
    "a person's name": r"(first|last|full|sur|family|given|middle|maiden|father|mother)_?s?_?name"
    r"|surname|^respondent$|(respondent|beneficiary|participant|client|patient|child|caregiver"
    r"|enumerator|interviewer|head|contact|person|victim|survivor|student|trainee)\w*_name"
    r"|name_of_(the_)?(respondent|beneficiary|participant|head|person|child|client|patient)"
    r"|^enumerator$|^interviewer$|^username$|^(nom|prenom|ime|prezime|nombre|apellidos?)$"
    r"|ime_i_prezime|nom_et_prenom|submitted_by$|submitter_?(name)?$",
    "a telephone number": r"phone|mobile|whatsapp|(^|_)(tel|gsm|msisdn)(_|$)|telefon|cell_?no",
    "an e-mail address": r"e_?mail|courriel",
    "a device": r"device_?id|imei|subscriber_?id|sim_?serial|sim_?id|mac_address",
    "a day of birth": r"birth|(^|_)dob(_|$)|naissance|rodenja|nacimiento",
    "an identity document": r"passport|national_id|id_card|(^|_)(jmbg|ssn|nin|curp|cnp)(_|$)"
    r"|identity_(no|number|card)|unhcr_id|case_(no|number|id)|registration_(no|number)",
    "an address": r"(^|_)(street|home_address|address|adresse|adresa|direccion)(_|$)",
}
_PLACED = r"(^|_)(gps|lat|lon|lng|latitude|longitude|geopoint|geolocation|altitude|precision)(_|$)"
_SEX = r"^(sex|gender|sexe|genre|pol|sexo|geschlecht)(_|$)|_(sex|gender)$"
_AGE = r"(^|_)(age|uzrast|edad|alter|starost)(_|$)"
_PLAIN_NAME = re.compile(r"[^\W\d_]+(?:[-'\u2019 .]+[^\W\d_]+){1,3}\.?")
_PHONE = re.compile(r"\+?[\d][\d\s()./-]{6,}\d")
_MOST = 0.8


def is_sex(column: Column) -> bool:
    """Whether a column says the sex of a person."""
    return bool(re.search(_SEX, column.name)) and column.distinct <= 12  # noqa: PLR2004


def is_age(column: Column) -> bool:
    """Whether a column says the age of a person in years."""
    return bool(re.search(_AGE, column.name)) and column.field.type in {"integer", "number"}


def marked(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns, each with what it tells of a person ("" for nothing)."""
    found = [replace(column, person=_told(column)) for column in columns]
    if any(map(is_sex, columns)) and any(map(is_age, columns)):
        found = [
            replace(one, person=one.person or "the sex or the age of a person")
            if is_sex(one) or is_age(one)
            else one
            for one in found
        ]
    if any(one.person for one in found):
        found = [
            replace(one, person="where a person was") if re.search(_PLACED, one.name) else one
            for one in found
        ]
    return tuple(found)


def coordinates(columns: Sequence[Column]) -> list[str]:
    """Return the columns that say where something is."""
    return [column.name for column in columns if re.search(_PLACED, column.name)]


def _told(column: Column) -> str:
    for what, pattern in _NAMED.items():
        if re.search(pattern, column.name):
            return what if column.known else ""
    texts = [value for value in column.known if isinstance(value, str)]
    if len(texts) > 1 and len(texts) == len(column.known):
        if _share(texts, lambda text: "@" in text and "." in text) >= _MOST:
            return "an e-mail address"
        if _share(texts, lambda text: bool(_PHONE.fullmatch(text))) >= _MOST:
            return "a telephone number"
        full = _share(texts, lambda text: text.istitle() and bool(_PLAIN_NAME.fullmatch(text)))
        if column.name == "name" and full >= _MOST and column.distinct > len(texts) // 2:
            return "a person's name"
    return ""


def _share(texts: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, texts)) / len(texts)
