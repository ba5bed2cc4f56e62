"""A hint never changes a number or a day: it is of the whole column, and of one reading only."""

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_samples import field, open_package, resource, write
from jpreport.data import Package, Records, check_records
from jpreport.data.cells import UnreadableError, cell_reader
from jpreport.data.contract import Field
from jpreport.data.styles import NumberStyle, day_formats, hints, number_styles


def written(value: Decimal, style: NumberStyle, *, grouped: bool) -> str:
    text = f"{value:,}" if grouped else f"{value}"
    return text.translate({ord(","): style.group if grouped else "", ord("."): style.decimal})


SIGNS = (
    (".", ""),
    (",", ""),
    (".", ","),
    (",", "."),
    (",", " "),
    (".", "\N{NO-BREAK SPACE}"),
    (".", "'"),
)
STYLES = [NumberStyle(*signs) for signs in SIGNS]


@given(
    st.lists(st.decimals(-(10**7), 10**7, places=3) | st.integers(-(10**7), 10**7).map(Decimal)),
    st.sampled_from(STYLES),
    st.booleans(),
)
def test_following_a_hint_gives_the_numbers_that_were_written(
    values: list[Decimal],
    style: NumberStyle,
    grouped: bool,  # noqa: FBT001
) -> None:
    grouped = grouped and bool(style.group)
    texts = [written(value, style, grouped=grouped) for value in values]
    proposed = next(hints(set(texts), "number"), "")
    found = re.search(r"state (.*) for this field", proposed)
    if found is None:
        return
    said = json.loads(f"{{{found[1]}}}")
    declared = Field("x", "number", decimal_char=said.get("decimalChar", "."),
                     group_char=said.get("groupChar", ""))  # fmt: skip
    assert list(map(cell_reader(declared), texts)) == values


@pytest.mark.parametrize(
    ("texts", "hint"),
    [
        (["1,234", "2,500"], "can be read in several ways"),
        (["1,234", "12,5"], '"decimalChar": ","'),
        (["1,234", "1,234,567"], '"groupChar": ","'),
        (["1,234", "2.5"], '"groupChar": ","'),
        (["1.234,5"], '"decimalChar": ",", "groupChar": "."'),
        (["0,125"], '"decimalChar": ","'),
        (["1 234", "7"], '"groupChar": " "'),
        (["1,23", "2.5"], "correct it in the file"),
        (["1_2"], "correct it in the file"),
    ],
)
def test_hints_look_at_the_whole_column(tmp_path: Path, texts: list[str], hint: str) -> None:
    package = column(tmp_path, "number", texts)
    assert any(hint in problem.hint for problem in check_records(package))


@pytest.mark.parametrize(
    ("texts", "hint"),
    [
        (["03/04/2020", "05/06/2020"], '"%d/%m/%Y" or "%m/%d/%Y"'),
        (["03/04/2020", "25/06/2020"], 'state "format": "%d/%m/%Y"'),
        (["03/25/2020", "05/06/2020"], 'state "format": "%m/%d/%Y"'),
        (["25/04/2020", "2020-05-06"], "correct it in the file"),
    ],
)
def test_hints_of_days_look_at_the_whole_column(
    tmp_path: Path, texts: list[str], hint: str
) -> None:
    assert any(hint in one.hint for one in check_records(column(tmp_path, "date", texts)))


@given(
    st.lists(st.dates(dt.date(1000, 1, 1)), min_size=1), st.sampled_from(["%d.%m.%Y", "%m/%d/%Y"])
)
def test_the_formats_of_days_hold_the_one_they_were_written_in(
    days: list[dt.date], pattern: str
) -> None:
    texts = [day.strftime(pattern) for day in days]
    assert [dt.datetime.strptime(one, pattern).date() for one in texts] in [  # noqa: DTZ007
        [dt.datetime.strptime(one, found).date() for one in texts]  # noqa: DTZ007
        for found in day_formats(texts)
    ]


@pytest.mark.parametrize("kind", ["integer", "number", "year"])
@pytest.mark.parametrize("text", ["1_2", "1_234", "_1", "1_"])
def test_underscores_make_no_number(kind: Any, text: str) -> None:  # noqa: ANN401
    with pytest.raises(UnreadableError):
        cell_reader(Field("x", kind))(text)


def test_a_style_reads_what_it_says() -> None:
    assert NumberStyle(",", ".").read("1.234,5") == Decimal("1234.5")
    assert NumberStyle(",", ".").read("1.23,5") is None
    assert number_styles(["1,5"]) == [NumberStyle(",", "")]


def column(folder: Path, kind: str, cells: list[str]) -> Package:
    write(folder, "t.csv", "n,x\n" + "".join(f'{n},"{one}"\n' for n, one in enumerate(cells)))
    return open_package(folder, resource("t", [field("n", "integer"), field("x", kind)]))


def test_a_number_that_passes_is_read_as_it_stands(tmp_path: Path) -> None:
    with Records(column(tmp_path, "number", ["1234.5"])) as records:
        assert records.query("select x from t") == [(Decimal("1234.5"),)]
