"""Laws of arithmetic: SQL, frame, Arrow and file agree, and statistics are those of pandas."""

import datetime as dt
import math
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_samples import field, open_package, resource, write
from jpreport.data import Records

COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(10**12), 10**12),
    "number": st.one_of(
        st.integers(-1000, 1000).map(Decimal),
        st.decimals(-(10**6), 10**6, places=2),
        st.decimals(-100, 100, places=9),
    ),
    "string": st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
    "boolean": st.booleans(),
    "date": st.dates(dt.date(1700, 1, 1), dt.date(2200, 1, 1)),
    "datetime": st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)),  # noqa: DTZ001
    "year": st.integers(1000, 9999),
}
WRITTEN: dict[type, Callable[[Any], str]] = {
    bool: lambda value: str(value).lower(),
    dt.date: dt.date.isoformat,
    dt.datetime: dt.datetime.isoformat,
    Decimal: lambda value: f"{value:f}",
}
PANDAS: dict[str, Callable[[pd.Series], float]] = {
    "count(x)": lambda x: x.count(),
    "count(distinct x)": lambda x: x.nunique(),
    "sum(x)": lambda x: x.sum(),
    "avg(x)": lambda x: x.mean(),
    "mean(x)": lambda x: x.mean(),
    "min(x)": lambda x: x.min(),
    "max(x)": lambda x: x.max(),
    "median(x)": lambda x: x.median(),
    "median(distinct x)": lambda x: pd.Series(x.unique()).median(),
    "median(x) filter (x > 0)": lambda x: x[x > 0].median(),
    "median(x - 1)": lambda x: (x - 1).median(),
    "(select median(y) from (select x as y from t))": lambda x: x.median(),
    "quantile_cont(x, 0.25)": lambda x: x.quantile(0.25),
    "quantile_cont(x, 0.333)": lambda x: x.quantile(0.333),
    "percentile_cont(0.9) within group (order by x)": lambda x: x.quantile(0.9),
    "percentile_cont(0.9) within group (order by x desc)": lambda x: x.quantile(0.1),
    "quantile_disc(x, 0.5)": lambda x: x.quantile(0.5, interpolation="lower"),
    "mad(x)": lambda x: (x - x.median()).abs().median(),
    "stddev_samp(x)": lambda x: x.std(),
    "stddev_pop(x)": lambda x: x.std(ddof=0),
    "var_samp(x)": lambda x: x.var(),
    "var_pop(x)": lambda x: x.var(ddof=0),
    "sum(x) / count(x)": lambda x: x.mean(),
    "sum(x) / 3": lambda x: x.sum() / 3,
    "sum(x * x)": lambda x: (x * x).sum(),
    "max(x) - min(x)": lambda x: x.max() - x.min(),
}


def opened(folder: str, kind: str, values: list[Any]) -> Records:
    """Return a table `t` with a column `x` of some type, None where a cell is empty."""
    cells = ["" if one is None else WRITTEN.get(type(one), str)(one) for one in values]
    quoted = (cell.replace('"', '""') for cell in cells)
    rows = "".join(f'{number},"{cell}"\n' for number, cell in enumerate(quoted))
    write(Path(folder), "t.csv", f"n,x\n{rows}")
    return Records(
        open_package(Path(folder), resource("t", [field("n", "integer"), field("x", kind)]))
    )


@pytest.mark.parametrize("kind", COLUMNS)
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
def test_file_arrow_sql_and_frame_agree(kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | COLUMNS[kind], max_size=12))
    with tempfile.TemporaryDirectory() as folder, opened(folder, kind, values) as records:
        told = [x for (x,) in records.query("select x from t")]
        arrow = records.relation("t").to_arrow_table().column("x").to_pylist()
        frame = records.frame("t")["x"]
    expected = [float(x) if isinstance(x, Decimal) else x for x in values]
    alike = [[float(x) if isinstance(x, Decimal) else x for x in found] for found in (told, arrow)]
    assert alike == [expected, expected]
    if kind == "number":
        assert frame.dtype == "float64"
    shown = [None if pd.isna(x) else x for x in frame]
    if kind in {"date", "datetime"}:
        moments = [x and pd.Timestamp(x).to_pydatetime() for x in expected]
        assert [x and x.to_pydatetime() for x in shown] == moments
    else:
        assert shown == expected


@pytest.mark.parametrize("kind", ["integer", "number"])
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.differing_executors])
@given(data=st.data())
def test_statistics_are_those_of_pandas(kind: str, data: st.DataObject) -> None:
    one = st.integers(-(10**6), 10**6) if kind == "integer" else COLUMNS["number"]
    values = data.draw(st.lists(st.none() | one, min_size=1, max_size=12))
    with tempfile.TemporaryDirectory() as folder, opened(folder, kind, values) as records:
        (row,) = records.query(f"select {', '.join(PANDAS)} from t")  # noqa: S608
    column = pd.Series([float(x) for x in values if x is not None], dtype="float64")
    for (measure, expected), found in zip(PANDAS.items(), row, strict=True):
        value = expected(column)
        if found is None:
            assert column.empty or math.isnan(value), measure
        else:
            assert float(found) == pytest.approx(value, rel=1e-7, abs=1e-6), measure


def test_a_statistic_takes_parameters(tmp_path: Path) -> None:
    with opened(str(tmp_path), "number", [Decimal(1), Decimal(2), Decimal(9)]) as records:
        assert records.query("select median(x) from t where x < ?", [5]) == [(1.5,)]


@pytest.mark.parametrize("measure", ["median(x)", "quantile_cont(x, 0.5)", "min(x)", "max(x)"])
@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_days_have_a_middle_too(tmp_path: Path, kind: str, measure: str) -> None:
    days = [dt.date(2020, 1, 1), dt.date(2020, 1, 3)]
    values = [dt.datetime.combine(d, dt.time()) if kind == "datetime" else d for d in days]
    with opened(str(tmp_path), kind, values) as records:
        (found,) = records.query(f"select cast({measure} as date) from t")[0]  # noqa: S608
    middle = dt.date(2020, 1, 2)
    assert found == {"min(x)": days[0], "max(x)": days[1]}.get(measure, middle)


def test_arrow_types_are_few(tmp_path: Path) -> None:
    with opened(str(tmp_path), "number", [Decimal("0.1234567")]) as records:
        assert records.relation("t").to_arrow_table().schema.field("x").type == pa.float64()
