"""Find filters of indicators that miss records by a letter."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from functools import cache

from jpreport.data import Records
from jpreport.data.doubts import skeleton
from jpreport.data.sql import (
    Between,
    Comparison,
    Condition,
    Joined,
    Not,
    OneOf,
    SqlError,
    condition,
)
from jpreport.errors import Problem
from jpreport.figures.measured import place_of
from jpreport.programme.settings import Settings

_NEAR = 0.7


def filter_doubts(settings: Settings, records: Records) -> Iterator[Problem]:
    """Yield a warning for each text that filters ask for, that no record has, though near ones do.

    Of sensitive tables, whose cubes have closed lists of labels, unknown ones are refused.
    """

    @cache
    def known(table: str, column: str) -> Counter[str]:
        sql = f'SELECT "{column}", count(*) FROM "{table}" GROUP BY 1'  # noqa: S608
        return Counter({text: count for text, count in records.query(sql) if text is not None})

    asking: dict[tuple[str, str, str], list[str]] = {}
    resources = records.package.resources
    for indicator in settings.indicator:
        resource = resources.get(indicator.table)
        if resource is None or resource.sensitive or not indicator.where:
            continue
        try:
            asked = list(_asked(condition(indicator.where)))
        except SqlError:
            continue
        texts = {field.name for field in resource.fields if field.type == "string"}
        for column, text in asked:
            if column in texts and text not in known(resource.name, column):
                asking.setdefault((resource.name, column, text), []).append(indicator.id)
    for (table, column, text), ids in asking.items():
        labels = known(table, column)
        near = [one for one in labels if skeleton(one) == skeleton(text)]
        near = near or difflib.get_close_matches(text, labels, n=3, cutoff=_NEAR)
        if near:
            listed = ", ".join(f'"{one}" ({labels[one]})' for one in near)
            also = f"; so do {len(ids) - 1} other indicators" if len(ids) > 1 else ""
            yield Problem(
                place_of(settings.indicators[ids[0]], "where"),
                f'asks for {column} "{text}", which no record of "{table}" has{also}',
                f"near it are: {listed}",
            )


def _asked(one: Condition) -> Iterator[tuple[str, str]]:
    """Yield the texts that a condition compares columns with."""
    match one:
        case Comparison(column, "=" | "<>", str() as text):
            yield column, text
        case OneOf(column, values):
            yield from ((column, value) for value in values if isinstance(value, str))
        case Not(inner):
            yield from _asked(inner)
        case Joined(_, parts):
            for part in parts:
                yield from _asked(part)
        case Between() | Comparison():
            pass
