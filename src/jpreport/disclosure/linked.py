"""Sensitive tables of the same persons: what each hides alone, both together may tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from jpreport.data.contract import quoted
from jpreport.disclosure.counting import Source
from jpreport.disclosure.declaration import Sensitive
from jpreport.errors import NOWHERE, Problem


def linked_tables(declarations: Mapping[str, Sensitive], source: Source) -> Iterator[Problem]:
    """Yield a problem for each two tables that hold the same persons.

    The same are those whose unit has one name and some values in common. Their cubes have
    totals in common, so that they would have to be protected as one.
    """
    for (one, first), (other, second) in combinations(declarations.items(), 2):
        if first.unit != second.unit:
            continue
        unit = quoted(first.unit)
        ((shared,),) = source.query(
            f"SELECT count(*) FROM (SELECT DISTINCT {unit}::VARCHAR AS person FROM {quoted(one)}) "  # noqa: S608
            f"WHERE person IN (SELECT {unit}::VARCHAR FROM {quoted(other)})"
        )
        if shared:
            yield Problem(
                NOWHERE.at(one, other),
                f'{shared} persons stand in both tables ("{first.unit}"): each may be safe alone, '
                "and both together tell a count",
                "put them into one table, with the dimensions of both, or keep one of them out "
                "of this programme",
            )
