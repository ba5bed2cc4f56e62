"""Indicators of plain records: how many there are, and what of them adds up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeGuard

from jpreport.data.contract import Value
from jpreport.figures.derivation import equals
from jpreport.language import is_currency
from jpreport.programme.headings import is_per_cent
from jpreport.scaffold.columns import Column
from jpreport.scaffold.persons import is_age
from jpreport.scaffold.tables import Table
from jpreport.scaffold.tools import is_own

_NOT_ADDED = re.compile(
    r"(^|_)(age|year|lat|lon|lng|latitude|longitude|altitude|precision|percent\w*|pct|rate|ratio"
    r"|share|average|avg|mean|score|index|rank|level|price|distance|phone|zip|code|id|no|number"
    r"|week|month|day|date|datum|jour|fecha|version|status|temperature|ph|gps)(_|$)"
)
_CURRENCY = re.compile(r"(^|_)(currency|devise|monnaie|valuta|moneda|divisa|wahrung)(_|$)")
_MONEY = re.compile(
    r"amount|cost|budget|spent|expen|value|price|paid|payment|grant|fund|contribution|montant"
    r"|cout|iznos|importe|monto|valor|betrag|total|cash|transfer"
)
_SHORT = 3  # letters of a word that is no plural
_MOST_SUMS, _MOST_LISTS, _MOST_LABELS, _MOST_FLAGS = 6, 3, 25, 3


def counted(table: Table, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield indicators of plain records: how many there are, and what can be added up."""
    lists = [name for name, count in table.lists() if count <= _MOST_LABELS]
    if table.sensitive:
        yield {
            "id": f"{prefix}1",
            "level": "output",
            "title": f"Persons recorded in {table.title}",
            "unit": "persons",
            "table": table.name,
            "measure": f"count(distinct {table.key})",
            "disaggregate": list(table.sensitive["dimensions"]),
        }
        return
    shared: dict[str, Any] = {"level": "output", "table": table.name}
    if lists:
        shared["disaggregate"] = lists[:_MOST_LISTS]
    yield {
        "id": f"{prefix}1",
        "title": f"{table.title}: records",
        "unit": "records",
        "measure": "count(*)",
        **shared,
    }
    number = 1
    money = _currency(table)
    for column in _added(table):
        # Amounts of several currencies never add up.
        for currency in money.field.enum if money and _MONEY.search(column.name) else (None,):
            number += 1
            said: dict[str, Any] = {"id": f"{prefix}{number}", "title": _words(column)}
            said["unit"] = _unit(column)
            if money and currency:
                said |= {"title": f"{_words(column)} in {currency}", "unit": currency}
                said["where"] = equals(money.name, str(currency))
            yield {**said, "measure": f'sum("{column.name}")', **shared}
    for column in [one for one in table.columns if one.field.type == "boolean"][:_MOST_FLAGS]:
        number += 1
        yield {
            "id": f"{prefix}{number}",
            "title": f"{_words(column)}: yes",
            "unit": "records",
            "where": f'"{column.name}"',
            "measure": "count(*)",
            **shared,
        }


def _currency(table: Table) -> Column | None:
    """Return the column that says which currency amounts are in."""
    lists = (one for one in table.columns if one.field.enum)
    return next(
        (
            one
            for one in lists
            if _CURRENCY.search(one.name) or all(is_currency(str(v)) for v in one.field.enum)
        ),
        None,
    )


def _unit(column: Column) -> str:
    """Return what a column's numbers are of: "Households reached" are households."""
    words = [word for word in _words(column).lower().split() if not word[0].isdigit()] or ["units"]
    plural = (word for word in words if len(word) > _SHORT and word.endswith("s"))
    return column.field.unit or next(plural, words[-1])


def _words(column: Column) -> str:
    text = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", column.field.title or column.name)
    words = re.sub(r"[_\s]+", " ", text.rpartition("/")[2]).strip()
    return words[:1].upper() + words[1:]


def _added(table: Table) -> list[Column]:
    """Return the columns of amounts, which add up; of what is below nothing, those of money."""
    computed = [Column(one.label, one) for one in table.derived if one.type == "number"]

    def adds(column: Column) -> bool:
        unit, numbers = column.field.unit, [one for one in column.known if _is_number(one)]
        money = is_currency(unit) or bool(_MONEY.search(column.name))
        return (
            column.field.type in {"integer", "number"}
            and not (column.is_code or is_age(column) or is_own(column))
            and not _NOT_ADDED.search(column.name)
            and not is_per_cent(unit)
            and len(numbers) == len(column.known)
            and (money or (bool(numbers) and min(numbers) >= 0))
        )

    return list(filter(adds, (*table.columns, *computed)))[:_MOST_SUMS]


def _is_number(value: Value) -> TypeGuard[int | Decimal]:
    return isinstance(value, int | Decimal)
