"""Amounts of several currencies add up at declared rates only."""

import re
from pathlib import Path
from typing import Any

import pytest

from figure_results import results
from jpreport.errors import FigureError
from jpreport.figures import Figure

GRANTS = """\
grant,day,place,kind,amount,currency
1,2020-01-01,North,a,10,USD
2,2020-06-30,North,b,20.5,EUR
3,2021-02-01,South,a,1000,RSD
4,2021-12-31,East,a,4,USD
"""
RATES = """
[currencies]
unit = "USD"
date = 2021-12-31
source = "UN operational rates"
rates = { EUR = 1.1, RSD = 0.01 }
"""


def money(folder: Path, grants: str = GRANTS, more: str = RATES, **given: Any) -> Figure:  # noqa: ANN401
    asked = {"unit": "USD", "measure": "sum(amount)", **given}
    return results(folder, asked, grants=grants, more=more).figure("1")


def test_amounts_are_converted_at_the_declared_rates(tmp_path: Path) -> None:
    one = money(tmp_path, currency="currency")
    assert one.value == 10 + 22.55 + 10 + 4
    assert {part.label: part.value for part in one.breakdown["place"]} == {
        "North": 32.55,
        "South": 10,
        "East": 4,
    }
    assert "WHEN 'EUR' THEN 1.1" in one.derivation.sql
    assert "rates of 2021-12-31, UN operational rates" in one.description
    assert money(tmp_path, currency="currency", measure="max(amount)").value == 22.55


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, r'takes amounts in EUR \(1\), RSD \(1\) and USD \(2\) as USD \(column "currency"\)'),
        ({"measure": "sum(amount) / 2"}, "takes amounts in"),
        ({"where": "place = 'South'"}, r"takes amounts in RSD \(1\) as USD"),
        ({"currency": "currenzy"}, 'no column "currenzy"; did you mean "currency"'),
        ({"currency": "currency", "unit": "EUR"}, "no rates to EUR are declared"),
        ({"currency": "currency", "unit": "persons"}, '"persons" is no currency'),
        ({"currency": "currency", "measure": "sum(amount) / 2"}, "is no sum, average"),
        ({"currency": "currency", "more": RATES.replace("RSD", "CHF")}, r"amounts in RSD \(1 rec"),
        ({"currency": "currency", "grants": GRANTS.replace("EUR", "")}, r"amounts in None \(1 rec"),
    ],
)
def test_nothing_is_added_up_in_silence(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    with pytest.raises(FigureError) as caught:
        money(tmp_path, **given)
    assert re.search(told, str(caught.value).replace("\n  ", "; "))


def test_amounts_of_one_currency_need_no_rate(tmp_path: Path) -> None:
    assert money(tmp_path, more="", where="currency = 'USD'").value == 14
    assert money(tmp_path, more="", measure="count(distinct currency)").value == 3
    assert money(tmp_path, more="", unit="EUR", where="currency = 'EUR'").value == 20.5
