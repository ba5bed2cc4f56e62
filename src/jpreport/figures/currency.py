"""Amounts of several currencies: converted at declared rates, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from jpreport.data import Records, Resource
from jpreport.data.sql import SqlError, aggregate
from jpreport.errors import DataError, FigureError, Problem, did_you_mean
from jpreport.figures.derivation import Derivation, Period, select
from jpreport.figures.measured import dated_by, place_of
from jpreport.language import current, is_currency
from jpreport.programme.framework import Currencies, Indicator

_AMOUNTS = frozenset(("sum", "avg", "mean", "median", "min", "max"))


class Exchange:
    """The declared rates, for the records of one period."""

    def __init__(self, currencies: Currencies | None, records: Records, period: Period) -> None:
        self._currencies = currencies
        self._records = records
        self._period = period
        self._columns: dict[str, list[str]] = {}

    def in_one_currency(self, indicator: Indicator) -> Indicator:
        """Return the indicator with a measure in one currency.

        Where it names the column that says which currency an amount is in, the measure converts
        each amount at the declared rates. Raises FigureError for an amount without a rate, and
        where amounts in another currency than the unit, or in several, would be taken as they are.
        """
        resource = self._records.package.resources.get(indicator.table)
        if resource is None or resource.sensitive or not is_currency(indicator.unit):
            if not indicator.currency:
                return indicator
            message = f'the unit "{indicator.unit}" is no currency'
            raise _refusal(indicator, message, 'such as unit = "USD"')
        if indicator.currency:
            return self._converted(indicator, resource)
        for column in self._said(resource) if "count" not in indicator.measure.lower() else ():
            found = self._used(indicator, column, resource)
            if found and [*found] != [indicator.unit]:
                listed = current().listing([f"{one} ({count})" for one, count in found.items()])
                message = f'takes amounts in {listed} as {indicator.unit} (column "{column}")'
                hint = f'say currency = "{column}", and declare rates under [currencies]'
                raise _refusal(indicator, message, hint, "measure")
        return indicator

    def _said(self, resource: Resource) -> list[str]:
        """Return the columns of a table that say which currency an amount is in."""
        if resource.name not in self._columns:
            found = self._columns[resource.name] = []
            for field in resource.fields:
                if field.type == "string":
                    sql = f'SELECT DISTINCT "{field.name}" FROM "{resource.name}"'  # noqa: S608
                    values = [one for (one,) in self._records.query(sql) if one is not None]
                    if values and all(map(is_currency, values)):
                        found.append(field.name)
        return self._columns[resource.name]

    def _used(self, indicator: Indicator, column: str, resource: Resource) -> dict[str, int]:
        """Return the currencies of the records that count, with their numbers."""
        dated = dated_by(indicator, resource)
        zone = resource.field(dated).moments if dated in resource.field_names else ""
        derivation = Derivation(table=resource.name, dated_by=dated, zone=zone)
        sql = select(derivation, f'"{column}", count(*)', indicator.where, self._period)
        with suppress(DataError):  # which is told of the indicator itself
            rows = self._records.query(f"{sql} GROUP BY 1 ORDER BY 1")
            return {str(name): count for name, count in rows}
        return {}

    def _converted(self, indicator: Indicator, resource: Resource) -> Indicator:
        column, currencies = indicator.currency, self._currencies
        if column not in resource.field_names:
            message = f'table "{resource.name}" has no column "{column}"'
            raise _refusal(indicator, message, did_you_mean(column, resource.field_names))
        if currencies is None or currencies.unit != indicator.unit:
            message = f"no rates to {indicator.unit} are declared"
            hint = f'write [currencies] with unit = "{indicator.unit}", date and rates'
            raise _refusal(indicator, message, hint)
        with suppress(SqlError):
            found = aggregate(indicator.measure)
            if found.function in _AMOUNTS and found.column and not found.distinct:
                rates: Mapping[str, float] = {currencies.unit: 1, **currencies.rates}
                used = self._used(indicator, column, resource)
                missing = [f"{one} ({used[one]} records)" for one in used if one not in rates]
                if missing:
                    message = f"there is no rate for amounts in {current().listing(missing)}"
                    raise _refusal(indicator, message, "declare it under [currencies] rates")
                cases = " ".join(f"WHEN '{one}' THEN {rates[one]}" for one in used)
                factor = f'CASE "{column}" {cases} END' if used else "1"
                said = f"{currencies.date}, {currencies.source}".removesuffix(", ")
                note = f"/* rates of {said.replace('*/', '')} */"
                measure = f'{found.function}("{found.column}" * {factor}) {note}'
                return indicator.model_copy(update={"measure": measure})
        message = "is no sum, average, median, smallest or largest of one column"
        raise _refusal(indicator, message, "such as sum(amount): amounts are converted", "measure")


def _refusal(indicator: Indicator, message: str, hint: str, key: str = "currency") -> FigureError:
    return FigureError(Problem(place_of(indicator, key), message, hint))
