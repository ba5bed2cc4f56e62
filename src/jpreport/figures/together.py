"""Measure many indicators of one table in one query: those that differ by labels only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from jpreport.data import Records
from jpreport.data.sql import Comparison, Joined, SqlError, condition
from jpreport.errors import JpreportError
from jpreport.figures.derivation import Derivation, Period, select
from jpreport.figures.measured import Together, dated_by, grouped, number_of
from jpreport.programme.framework import Indicator

# What indicators have in common that one query answers: table, measure, dates, columns asked for.
_Group = tuple[str, str, str, tuple[str, ...]]
_Members = list[tuple[Indicator, tuple[str, ...]]]


def measured_together(
    indicators: Iterable[Indicator], records: Records, period: Period
) -> Together:
    """Return the values and parts of indicators that ask one measure of one table by labels.

    Indicators of other forms, alone in their form, or with a fault are left to be measured one by
    one.
    """
    groups: dict[_Group, _Members] = defaultdict(list)
    for indicator in indicators:
        resource = records.package.resources.get(indicator.table)
        if resource is None or resource.sensitive or not indicator.where or indicator.currency:
            continue
        asked = _asked(indicator.where)
        texts = {one.name for one in resource.fields if one.type == "string"}
        if asked and asked.keys() <= texts and indicator.kind == "number":
            form = indicator.table, indicator.measure, dated_by(indicator, resource), (*asked,)
            groups[form].append((indicator, (*asked.values(),)))
    found = Together()
    for form, members in groups.items():
        if len(members) > 1:
            # Where one has a fault, each of them says what is wrong with it.
            with suppress(JpreportError):
                _measure(form, members, records, period, found)
    return found


def _asked(where: str) -> dict[str, str]:
    """Return the text that a filter asks each column for; none for a filter of another form."""
    try:
        whole = condition(where)
    except SqlError:
        return {}
    parts = whole.parts if isinstance(whole, Joined) and whole.joint == "and" else (whole,)
    asked = [
        (part.column, part.value)
        for part in parts
        if isinstance(part, Comparison) and part.sign == "=" and isinstance(part.value, str)
    ]
    once = len(dict(asked)) == len(parts)
    return dict(sorted(asked)) if once else {}


def _measure(
    form: _Group, members: _Members, records: Records, period: Period, found: Together
) -> None:
    table, measure, dated, columns = form
    zone = records.package.resources[table].field(dated).moments if dated else ""
    derivation = Derivation(table=table, dated_by=dated, zone=zone)
    rows = records.query(grouped(derivation, columns, measure, "", period))
    values = {tuple(map(str, labels)): (value, count) for *labels, value, count in rows}
    (none,) = records.query(select(derivation, f"{measure} AS value, count(*)", "false", period))
    for indicator, labels in members:
        value, count = values.get(labels, none)
        found.values[indicator.id] = number_of(indicator, value), int(count)
    # The columns that they are disaggregated by, each in one query too.
    for column in dict.fromkeys(name for one, _ in members for name in one.disaggregate):
        parts: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for *at, label, value, count in records.query(
            grouped(derivation, (*columns, column), measure, "", period)
        ):
            parts[tuple(map(str, at))].append((label, value, count))
        for indicator, asked in members:
            if column in indicator.disaggregate:
                found.parts.setdefault(indicator.id, {})[column] = parts.get(asked, [])
