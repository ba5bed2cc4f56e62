"""Measure many indicators of one table in one query: those that differ by labels only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from jpreport.data import Records
from jpreport.data.sql import Comparison, Joined, SqlError, condition
from jpreport.errors import JpreportError
from jpreport.figures.derivation import Derivation, Period, select
from jpreport.figures.measured import Value, dated_by, number_of
from jpreport.programme.framework import Indicator

# What indicators have in common that one query answers: table, measure, dates, columns asked for.
_Group = tuple[str, str, str, tuple[str, ...]]
_Members = list[tuple[Indicator, tuple[str, ...]]]


def measured_together(
    indicators: Iterable[Indicator], records: Records, period: Period
) -> Mapping[str, Value]:
    """Return the values of indicators that ask one measure of one table by labels, by id.

    Indicators of other forms, alone in their form, or with a fault are left to be measured one by
    one.
    """
    groups: dict[_Group, _Members] = defaultdict(list)
    for indicator in indicators:
        resource = records.package.resources.get(indicator.table)
        if resource is None or resource.sensitive or not indicator.where or indicator.currency:
            continue
        asked = _asked(indicator.where)
        texts = {field.name for field in resource.fields if field.type == "string"}
        if asked and asked.keys() <= texts and indicator.kind == "number":
            form = indicator.table, indicator.measure, dated_by(indicator, resource), (*asked,)
            groups[form].append((indicator, (*asked.values(),)))
    found: dict[str, Value] = {}
    for form, members in groups.items():
        if len(members) > 1:
            try:
                found |= _measured(form, members, records, period)
            except JpreportError:
                continue  # each of them says what is wrong with it
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


def _measured(
    form: _Group, members: _Members, records: Records, period: Period
) -> Mapping[str, Value]:
    table, measure, dated, columns = form
    zone = records.package.resources[table].field(dated).moments if dated else ""
    derivation = Derivation(table=table, dated_by=dated, zone=zone)
    names = ", ".join(f'"{name}"' for name in columns)
    sql = select(derivation, f"{names}, {measure} AS value, count(*)", "", period)
    rows = records.query(f"{sql}\nGROUP BY {names}")
    values = {tuple(map(str, labels)): (value, count) for *labels, value, count in rows}
    nothing = select(derivation, f"{measure} AS value, count(*)", "false", period)
    (none,) = records.query(nothing)
    return {
        indicator.id: (number_of(indicator, value), int(count))
        for indicator, labels in members
        for value, count in [values.get(labels, none)]
    }
