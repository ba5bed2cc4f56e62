"""What a trace counts is exactly what the figure says; a text leads back to its figures."""

import datetime as dt
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run_settings
from hypothesis import strategies as st

from jpreport.data import Records, read_package
from jpreport.document.blocks import FigureSource, Quote
from jpreport.document.formats import pages_of
from jpreport.errors import FigureError, OutputError
from jpreport.figures import (
    Figure,
    FigureKey,
    FigureRecord,
    Period,
    Results,
    average,
    difference,
    quotient,
    share,
    total,
)
from jpreport.figures.derivation import Derivation
from jpreport.programme.settings import read_settings
from jpreport.review.point import (
    figure_named,
    matches,
    measured,
    pages_with,
    records_may_be_shown,
)
from programme_samples import PACKAGE

# Each measure in SQL, and the same in Python over the rows that a trace shows.
MEASURES: dict[str, Callable[[list[dict[str, Any]]], int | None]] = {
    "count(*)": len,
    "count(distinct person)": lambda rows: len({row["person"] for row in rows if row["person"]}),
    "sum(visit)": lambda rows: sum(row["visit"] for row in rows) if rows else None,
}
WHERES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "": lambda _: True,
    "person = 'ada' or person = 'bob'": lambda row: row["person"] in ("ada", "bob"),
    "sex is null": lambda row: row["sex"] is None,
}
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2020, 12, 31))
VISITS = st.lists(
    st.tuples(
        DAYS,
        st.sampled_from(["ada", "bob", "o'hara", "", "x / y"]),
        st.sampled_from(["female", "male", ""]),
    ),
    max_size=8,
)
SETTINGS = run_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def programme(folder: Path, visits: list[tuple[dt.date, str, str]]) -> Path:
    indicators = [
        {
            "id": f"{one}.{other}", "level": "output", "title": "t", "unit": "u", "where": where,
            "table": "visits", "measure": measure, "disaggregate": ["sex", "person"],
        }
        for one, measure in enumerate(MEASURES)
        for other, where in enumerate(WHERES)
    ]  # fmt: skip
    text = '[programme]\ntitle = "V"\nstart = 2020-01-01\nend = 2020-12-31\n'
    for indicator in indicators:
        lines = (f"{key} = {json.dumps(value)}\n" for key, value in indicator.items() if value)
        text += "[[indicator]]\n" + "".join(lines)
    (folder / "data").mkdir(exist_ok=True)
    (folder / "programme.toml").write_text(text, encoding="utf-8")
    package = {**PACKAGE, "resources": PACKAGE["resources"][:1]}
    (folder / "data/datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    rows = [f"{n},{day},{person},{sex}" for n, (day, person, sex) in enumerate(visits, start=1)]
    lines = "\n".join(["visit,day,person,sex", *rows, ""])
    (folder / "data/visits.csv").write_text(lines, encoding="utf-8")
    return folder


def opened(root: Path, *period: dt.date) -> Results:
    records = Records(read_package(root / "data/datapackage.json", root))
    return Results(read_settings(root), records, *period)


@SETTINGS
@given(visits=VISITS, one=DAYS, other=DAYS)
def test_a_trace_counts_what_the_figure_says(
    tmp_path: Path, visits: list[tuple[dt.date, str, str]], one: dt.date, other: dt.date
) -> None:
    start, end = sorted((one, other))
    results = opened(programme(tmp_path, visits), start, end)
    for whole in results.figures():
        parts = [
            (whole.part(dimension, part.label), dimension, part.label)
            for dimension, cells in whole.breakdown.items()
            for part in cells
        ]
        measure = MEASURES[results.settings.indicators[whole.id].measure]
        where = WHERES[results.settings.indicators[whole.id].where]
        for figure, dimension, label in [(whole, "", None), *parts]:
            assert figure_named(results, figure.id) == figure
            names, rows = results.records_of(figure)
            shown = [dict(zip(names, row, strict=True)) for row in rows]
            assert measure(shown) == figure.value
            assert len(shown) == figure.derivation.records
            expected = [
                number
                for number, (day, person, sex) in enumerate(visits, start=1)
                if start <= day <= end
                and where({"person": person or None, "sex": sex or None})
                and (not dimension or {"sex": sex, "person": person}[dimension] == (label or ""))
            ]
            assert [row["visit"] for row in shown] == expected


@SETTINGS
@given(visits=VISITS, one=DAYS, other=DAYS, turned=st.booleans())
def test_cross_cells_count_what_they_say_and_add_up_to_their_margins(
    tmp_path: Path,
    visits: list[tuple[dt.date, str, str]],
    one: dt.date,
    other: dt.date,
    *,
    turned: bool,
) -> None:
    start, end = sorted((one, other))
    results = opened(programme(tmp_path, visits), start, end)
    columns = ("person", "sex") if turned else ("sex", "person")
    for whole in results.figures():
        rule = results.settings.indicators[whole.id].measure
        cells = results.cross(whole.id, columns)
        margins = {column: results.cross(whole.id, [column]) for column in columns}
        assert len(cells) == math.prod(map(len, margins.values()))
        for column, margin in margins.items():
            assert [one.value for one in margin] == [part.value for part in whole.breakdown[column]]
            for label in margin:
                inside = [cell for cell in cells if dict(cell.at)[column] == dict(label.at)[column]]
                # A person of no sex and of one is two in the cells; records are in one each.
                added = sum(cell.value or 0 for cell in inside)
                assert added == (label.value or 0) or rule == "count(distinct person)"
                assert sum(cell.derivation.records for cell in inside) == label.derivation.records
        for cell in cells:
            assert figure_named(results, cell.id) == cell
            names, rows = results.records_of(cell)
            shown = [dict(zip(names, row, strict=True)) for row in rows]
            assert MEASURES[rule](shown) == cell.value
            assert len(shown) == cell.derivation.records
            assert all(row[name] == label for row in shown for name, label in cell.at)
            assert results.records.query(cell.derivation.sql) == [(cell.value,)]


def test_any_column_crosses_and_no_other(tmp_path: Path) -> None:
    results = opened(programme(tmp_path, [VISIT, (*VISIT[:1], "bob", "male")]))
    [first, *_] = results.cross("0.0", ["day", "sex"])
    assert (first.id, first.value) == ("0.0[day=2020-01-01, sex=female]", 1)
    assert figure_named(results, first.id) == first
    for columns, words in (
        (["sexx"], 'no column "sexx"'),
        ([], "needs columns"),
        (["sex", "sex"], "name each of them once"),
    ):
        with pytest.raises(FigureError, match=words):
            results.cross("0.0", columns)


def test_a_label_that_looks_like_another_column_is_found(tmp_path: Path) -> None:
    results = opened(programme(tmp_path, [(VISIT[0], '"x, sex=male"', "female"), VISIT]))
    for cell in results.cross("0.0", ["sex", "person"]):
        assert figure_named(results, cell.id) == cell


@SETTINGS
@given(visits=VISITS.filter(len), data=st.data())
def test_a_formula_is_found_by_its_id(
    tmp_path: Path, visits: list[tuple[dt.date, str, str]], data: st.DataObject
) -> None:
    results = opened(programme(tmp_path, visits))
    whole = results.figure("0.0")
    [*parts] = results.cross("0.0", ["sex", "person"])
    first = results.over(dt.date(2020, 1, 1), dt.date(2020, 6, 30)).figure("0.0")
    last = results.over(dt.date(2020, 7, 1), dt.date(2020, 12, 31)).figure("0.0")
    leaves = [whole, *parts, first, last, share(parts[0], whole), last - first, first + last]
    made = data.draw(st.sampled_from(["total", "difference", "quotient", "average"]))
    one, other = data.draw(st.permutations(leaves))[:2]
    try:
        figure = {
            "total": lambda: total([one, other]),
            "difference": lambda: difference(one, other),
            "quotient": lambda: quotient(one, other),
            "average": lambda: average([one, other, whole]),
        }[made]()
    except FigureError:
        return
    named = figure_named(results.over(figure.period.start, figure.period.end), figure.id)
    assert FigureRecord.of(named) == FigureRecord.of(figure)
    assert {one.derivation.parents for one in measured(results, named)} == {()}


VISIT = (dt.date(2020, 1, 1), "ada", "female")


def test_a_share_is_found_by_its_id_and_leads_to_what_is_counted(tmp_path: Path) -> None:
    results = opened(programme(tmp_path, [VISIT, (*VISIT[:1], "x / y", "male")]))
    name = "0.0[person=x / y] / 0.0"
    figure = figure_named(results, name)
    assert (figure.id, figure.value) == (name, 0.5)
    assert [one.id for one in measured(results, figure)] == ["0.0[person=x / y]", "0.0"]


def test_an_unknown_figure_is_refused(tmp_path: Path) -> None:
    results = opened(programme(tmp_path, [VISIT]))
    for name in ("9.9", "0.0[sex=none]", "0.0[height=2]", "0.0 / 9.9"):
        with pytest.raises(FigureError):
            figure_named(results, name)


def test_sensitive_tables_are_not_shown(tmp_path: Path) -> None:
    package = read_package(programme(tmp_path, []) / "data/datapackage.json", tmp_path)
    resource = package.resources["visits"]
    assert records_may_be_shown(resource)

    class Sensitive:
        sensitive = object()

    assert not records_may_be_shown(Sensitive())  # type: ignore[arg-type]


def quote(name: str, text: str, context: str = "") -> FigureSource:
    days = dt.date(2020, 1, 1), dt.date(2020, 12, 31)
    figure = Figure(FigureKey(name), name, "u", 1, Period(*days), Derivation())
    place = Quote("the opening", 1, "prose", text, context=context)
    return FigureSource(FigureRecord.of(figure), quotes=(place,))


SOURCES = (
    quote("1", "at least 277", "The campaigns reached at least 277 persons in all the cities."),
    quote("2", "277", "The programme trained 277 social workers from 72 centres."),
    quote("3", "2,770"),
    quote("4", "50%"),
    quote("5", "0.5"),
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("277", ["2", "1"]),
        ("at  least 277", ["1", "2"]),
        ("2770", ["3"]),
        ("50 %", ["4"]),
        ("50%", ["4"]),
        ("0.5", ["5"]),
        ("27", []),
        ("words", []),
    ],
)
def test_figures_are_found_by_text_the_same_words_first(text: str, names: list[str]) -> None:
    assert [one.record.id for one in matches(text, SOURCES)] == names


def test_pages_are_found_by_the_words_around() -> None:
    pages = (
        "277 to begin with",
        "The pro-\ngramme trained 277 social\nworkers from 72 cen-\ntres.",
        "3",
    )
    [one, other] = matches("277", SOURCES, pages)
    assert (one.record.id, one.pages) == ("2", (2,))
    assert (other.record.id, other.pages) == ("1", ())
    assert pages_with("277", pages) == (1, 2)


def test_a_file_that_is_no_pdf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"no")
    with pytest.raises(OutputError, match="cannot be read as a PDF"):
        pages_of(path)
