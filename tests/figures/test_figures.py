"""Figures: values, qualifiers, periods, reconciliation; SQL that cannot leave the records."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as run_settings
from hypothesis import strategies as st

from data_samples import field, resource, write, write_package
from jpreport.data import Records, programme_package, read_package
from jpreport.errors import FigureError, ProjectError
from jpreport.figures import (
    FigureRecord,
    Results,
    filter_doubts,
    share,
)
from jpreport.forms import mime
from jpreport.programme.settings import read_settings

PACKAGE = {
    "name": "wells",
    "resources": [
        {
            "name": "visits",
            "path": "visits.csv",
            "jpreport": {"date": "day"},
            "schema": {
                "primaryKey": ["visit"],
                "fields": [
                    {"name": "visit", "type": "integer", "constraints": {"required": True}},
                    {"name": "day", "type": "date"},
                    {"name": "person", "type": "string"},
                    {
                        "name": "sex",
                        "type": "string",
                        "constraints": {"enum": ["male", "female"]},
                    },
                    {"name": "cost", "type": "number"},
                ],
            },
        },
        {
            "name": "villages",
            "path": "villages.csv",
            "schema": {"fields": [{"name": "village", "type": "string"}]},
        },
    ],
}
VISITS = """\
visit,day,person,sex,cost
1,2020-01-01,a,male,0.1
2,2020-06-30,a,male,0.2
3,2020-07-01,b,female,10
4,2021-12-31,c,,5
"""
HEAD = '[programme]\ntitle = "W"\nstart = 2020-01-01\nend = 2021-12-31\n'
BASE = {"level": "output", "title": "T", "unit": "persons", "table": "visits"}


def results(
    folder: Path,
    *indicators: dict[str, object],
    start: dt.date | None = None,
    end: dt.date | None = None,
    visits: str = VISITS,
) -> Results:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data/visits.csv").write_text(visits, encoding="utf-8")
    (folder / "data/villages.csv").write_text("village\nx\ny\n", encoding="utf-8")
    (folder / "data/datapackage.json").write_text(json.dumps(PACKAGE), encoding="utf-8")
    tables = (
        "[[indicator]]\n"
        + "".join(f"{key} = {json.dumps(value)}\n" for key, value in indicator.items())
        for indicator in indicators
    )
    (folder / "programme.toml").write_text(HEAD + "\n".join(tables), encoding="utf-8")
    loaded = read_settings(folder)
    records = Records(read_package(folder / "data/datapackage.json", folder))
    return Results(loaded, records, start, end)


def indicator(**changes: object) -> dict[str, object]:
    return {"id": "1", **BASE, "measure": "count(distinct person)", **changes}


def refusal(folder: Path, **changes: object) -> str:
    with pytest.raises(FigureError) as caught:
        results(folder, indicator(**changes)).figures()
    return str(caught.value)


def test_value_with_its_derivation(tmp_path: Path) -> None:
    (figure,) = results(tmp_path, indicator(where="sex = 'male'", published=1)).figures()
    assert (figure.value, figure.text, figure.reconciles) == (1, "1", True)
    derivation = figure.derivation
    assert (derivation.table, derivation.records, derivation.source) == (
        "visits",
        2,
        "data/visits.csv",
    )
    assert len(derivation.digest) == 64
    assert "count(distinct person)" in derivation.sql
    assert "BETWEEN DATE '2020-01-01' AND DATE '2021-12-31'" in derivation.sql


def test_what_is_printed_can_be_run_again(tmp_path: Path) -> None:
    found = results(tmp_path, indicator(disaggregate=["sex"]))
    (figure,) = found.figures()
    for one in (figure, figure.part("sex", "male"), figure.part("sex", None)):
        assert found.records.query(one.derivation.sql) == [(one.value,)]
        _, rows = found.records_of(one)
        assert len(rows) == one.derivation.records


@given(st.dates(dt.date(2019, 6, 1), dt.date(2022, 6, 1)), st.integers(0, 900))
@run_settings(max_examples=40, deadline=None)
def test_period_selects_by_date(
    tmp_path_factory: pytest.TempPathFactory, start: dt.date, days: int
) -> None:
    end = start + dt.timedelta(days=days)
    days_of_visits = [dt.date.fromisoformat(line.split(",")[1]) for line in VISITS.split()[1:]]
    expected = sum(start <= day <= end for day in days_of_visits)
    folder = tmp_path_factory.mktemp("period")
    outside = end < dt.date(2020, 1, 1) or start > dt.date(2021, 12, 31)
    try:
        found = results(folder, indicator(measure="count(*)"), start=start, end=end)
    except FigureError as error:
        assert outside
        assert "lies outside the programme" in str(error)
    else:
        assert not outside
        assert found.figure("1").value == expected


def test_part_of_the_programme_is_not_reconciled(tmp_path: Path) -> None:
    found = results(tmp_path, indicator(published=3), end=dt.date(2020, 12, 31))
    assert found.figure("1").value == 2
    assert found.figure("1").reconciles is None


def test_period_that_runs_backwards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="before it starts"):
        results(tmp_path, start=dt.date(2021, 1, 1), end=dt.date(2020, 1, 1))


def test_one_changed_record_is_noticed(tmp_path: Path) -> None:
    good = results(tmp_path, indicator(published=3)).figure("1")
    changed = VISITS.replace("2021-12-31,c", "2021-12-31,a")
    bad = results(tmp_path, indicator(published=3), visits=changed).figure("1")
    assert (good.reconciles, bad.reconciles) == (True, False)
    assert good.derivation.digest != bad.derivation.digest


def test_published_value_is_compared_at_its_own_precision(tmp_path: Path) -> None:
    third = indicator(measure="count(distinct person) / 9.0", published=0.33)
    assert results(tmp_path, third).figure("1").reconciles is True
    assert results(tmp_path, third | {"published": 0.34}).figure("1").reconciles is False


def test_breakdown_follows_the_order_of_the_contract(tmp_path: Path) -> None:
    figure = results(tmp_path, indicator(disaggregate=["sex"])).figure("1")
    parts = [(part.label, part.value, part.records) for part in figure.breakdown["sex"]]
    assert parts == [("male", 1, 2), ("female", 1, 1), (None, 1, 1)]
    assert figure.part("sex", "female").id == "1[sex=female]"
    with pytest.raises(FigureError, match='did you mean "female"'):
        figure.part("sex", "femal")
    with pytest.raises(FigureError, match='not disaggregated by "age"'):
        figure.part("age", "x")


def test_sums_of_money_are_exact(tmp_path: Path) -> None:
    cost = indicator(unit="USD", measure="sum(cost)", where="visit < 3", published=0.3)
    assert results(tmp_path, cost).figure("1").reconciles is True


def test_table_without_dates_counts_in_any_period(tmp_path: Path) -> None:
    undated = indicator(table="villages", measure="count(*)")
    figure = results(tmp_path, undated, end=dt.date(2020, 1, 2)).figure("1")
    assert (figure.value, figure.derivation.dated_by) == (2, "")


def test_nothing_to_sum_is_not_zero(tmp_path: Path) -> None:
    figure = results(tmp_path, indicator(measure="sum(cost)", where="visit > 9")).figure("1")
    assert (figure.value, figure.text, figure.variance) == (None, "no records", None)


def test_ratio_names_its_parents_and_is_as_firm_as_the_weaker(tmp_path: Path) -> None:
    men = indicator(id="men", where="sex = 'male'", qualifier="at least")
    ratio = {
        "id": "r",
        "level": "outcome",
        "title": "R",
        "unit": "share",
        "numerator": "men",
        "denominator": "1",
    }
    figure = results(tmp_path, indicator(), men, ratio).figure("r")
    assert figure.text == "at least 33.3%"
    assert figure.derivation.parents == ("men", "1")


def test_share_of_another_unit_is_refused(tmp_path: Path) -> None:
    found = results(tmp_path, indicator(), indicator(id="2", unit="visits", measure="count(*)"))
    with pytest.raises(FigureError, match="1 counts persons, 2 counts visits"):
        share(found.figure("1"), found.figure("2"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measure": "count(distinct person"}, '[[indicator]] "1", measure: is not an SQL'),
        ({"where": "sex = 'male"}, "where: is not an SQL expression"),
        ({"where": "true) OR (true"}, "where: is not an SQL expression"),
        ({"where": "true; DROP TABLE visits"}, "where: is not an SQL expression"),
        ({"measure": "count(distinct persn)"}, 'there is no column "persn"'),
        ({"where": "gender = 'male'"}, 'there is no column "gender"'),
        ({"table": "visit"}, 'there is no table "visit"'),
        ({"disaggregate": ["gender"]}, 'has no column "gender"'),
        ({"date": "date"}, 'has no column "date"'),
        ({"measure": "cuont(*)"}, "cuont"),
        ({"measure": "person"}, "not one"),
        ({"measure": "max(person)"}, "which is not a number"),
        ({"where": "day < current_date"}, "gives another result on another day"),
        ({"measure": "count(*) + random()"}, "gives another result on another day"),
        (
            {"where": "visit in (select 1 from read_csv('/etc/passwd'))"},
            "tries to read or write files",
        ),
        (
            {"where": "visit in (select 1 from read_text('/etc/passwd'))"},
            "tries to read or write files",
        ),
    ],
)
def test_faulty_indicators_are_named(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    assert message in refusal(tmp_path, **changes)


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(FigureError) as caught:
        results(
            tmp_path, indicator(measure="cuont(*)"), indicator(id="2", table="nowhere")
        ).figures()
    assert len(caught.value.problems) == 2


def test_words_within_strings_are_not_functions(tmp_path: Path) -> None:
    assert results(tmp_path, indicator(where="person <> 'now'")).figure("1").value == 3


def test_a_sample_is_another_one_each_time(tmp_path: Path) -> None:
    drawn = "visit in (select visit from visits using sample 2)"
    assert '"sample" gives another result' in refusal(tmp_path, where=drawn)


def test_figure_shows_itself_in_a_notebook(tmp_path: Path) -> None:
    figure = results(
        tmp_path, indicator(title='<b>"x"</b>', qualifier="at least", target=5)
    ).figure("1")
    bundle = figure._repr_mimebundle_()
    assert bundle["text/plain"] == "at least 3"
    assert "<b>" not in bundle["text/html"]
    assert bundle[mime.FIGURE]["text"] == "at least 3"
    assert bundle[mime.FIGURE]["variance"] == -2
    assert json.loads(json.dumps(bundle[mime.FIGURE])) == json.loads(
        json.dumps(FigureRecord.of(figure).to_json())
    )


MOMENTS = """\
visit,at
1,2020-12-31T00:00:00
2,2020-12-31T23:59:59
3,2020-12-31T23:30:00Z
4,2021-01-01T00:30:00+02:00
5,2021-01-01T00:00:00
"""


@pytest.mark.parametrize(("zone", "count"), [("UTC", 4), ("Europe/Belgrade", 3), ("Asia/Tokyo", 2)])
def test_days_of_moments_are_those_of_the_programme(tmp_path: Path, zone: str, count: int) -> None:
    write(tmp_path, "visits.csv", MOMENTS)
    fields = [field("visit", "integer"), field("at", "datetime")]
    write_package(tmp_path, resource("visits", fields, jpreport={"date": "at"}))
    (tmp_path / "programme.toml").write_text(
        HEAD.replace("2021-12-31", "2020-12-31")
        + f'timezone = "{zone}"\n[[indicator]]\nid = "1"\nlevel = "output"\ntitle = "T"\n'
        'unit = "visits"\ntable = "visits"\nmeasure = "count(*)"\n',
        encoding="utf-8",
    )
    settings = read_settings(tmp_path)
    with Records(programme_package(settings)) as records:
        (figure,) = Results(settings, records).figures()
        assert (figure.value, figure.derivation.zone) == (count, zone)
        assert records.query(figure.derivation.sql) == [(count,)]
        assert FigureRecord.from_json(FigureRecord.of(figure).to_json()).figure() == figure


def test_a_zone_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "programme.toml").write_text(f'{HEAD}timezone = "Europe/Belgrad"\n', "utf-8")
    with pytest.raises(ProjectError, match=r'timezone: .*did you mean "Europe/Belgrade"'):
        read_settings(tmp_path)


SECTORS = "visit,day,person,sex,cost\n1,2020-01-01,WASH,male,1\n2,2020-01-01,Health,male,1\n"


@pytest.mark.parametrize(
    "where",
    [
        "person = 'WASH '",
        "person = 'wash'",
        "person in ('Health', 'W\u0410SH')",
        "not (person = 'WAHS') and cost > 0",
    ],
)
def test_near_values_are_named(tmp_path: Path, where: str) -> None:
    found = results(
        tmp_path, indicator(where=where), indicator(id="2", where=where), visits=SECTORS
    )
    (problem,) = filter_doubts(found.settings, found.records)
    assert str(problem.where) == 'programme.toml, [[indicator]] "1", where'
    assert "1 other indicator" in problem.message
    assert problem.hint == 'near it are: "WASH" (1)'


@pytest.mark.parametrize("where", ["person = 'WASH'", "person = 'Shelter'", "cost = 7", ""])
def test_what_has_records_or_nothing_near_is_not_told(tmp_path: Path, where: str) -> None:
    found = results(tmp_path, indicator(where=where), visits=SECTORS)
    assert not list(filter_doubts(found.settings, found.records))


@pytest.mark.parametrize("measure", ["sum(cost) / sum(visit - 1)", "sum(1) // sum(visit - 1)"])
def test_a_part_of_nothing_is_not_stated_and_leaves_the_others(
    tmp_path: Path, measure: str
) -> None:
    rows = "visit,day,person,sex,cost\n1,2020-01-01,a,male,1\n3,2020-01-01,b,female,4\n"
    found = results(tmp_path, indicator(measure=measure, disaggregate=["sex"]), visits=rows)
    (figure,) = found.figures()
    assert figure.value is not None
    male, female = (figure.part("sex", sex) for sex in ("male", "female"))
    assert (male.value, male.text, female.value is None) == (None, "not stated", False)
    assert "divides by zero" in male.description
    assert FigureRecord.from_json(FigureRecord.of(male).to_json()).text == "not stated"
