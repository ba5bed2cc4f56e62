"""What a results framework says: directions, milestones, parts, ranges, texts, zeros, scales."""

import datetime as dt
import heapq
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figure_results import figure, results
from jpreport.errors import FigureError, ProjectError
from jpreport.figures import Figure, FigureRecord
from jpreport.forms import mime
from jpreport.language import ENGLISH, Wording, speaking
from jpreport.notebook import progress_chart
from jpreport.notebook.tables import breakdown_table, performance_table

YEAR = {"start": dt.date(2021, 1, 1), "end": dt.date(2021, 12, 31)}


def kept(one: Figure) -> Figure:
    """Return a figure as its record gives it back."""
    return FigureRecord.from_json(
        json.loads(json.dumps(one._repr_mimebundle_()[mime.FIGURE]))
    ).figure()


def cells(one: Figure) -> list[str]:
    table = performance_table([one])
    return [cell.text for cell in table.table.rows[-1].cells]


def test_less_is_better_where_the_framework_says_so(tmp_path: Path) -> None:
    less = figure(tmp_path, measure="1577", target=1763, baseline=2000, direction="decreasing")
    assert (less.variance, less.better, less.progress) == (-186, True, pytest.approx(423 / 237))
    assert "\N{MINUS SIGN}186, better" in cells(less)
    more = figure(tmp_path, measure="1577", target=1763)
    assert (more.better, more.progress) == (False, pytest.approx(0.894, rel=1e-3))
    assert kept(less) == less


@pytest.mark.parametrize("baseline", [{}, {"baseline": 1763}, {"baseline": 1577}])
def test_no_share_is_told_where_less_is_better_and_nobody_knows_from_what(
    tmp_path: Path, baseline: dict[str, int]
) -> None:
    less = figure(tmp_path, measure="1577", target=1763, direction="decreasing", **baseline)
    assert less.progress is None
    alt = progress_chart([less]).alt
    assert "better" in alt
    assert "%" not in alt


@pytest.mark.parametrize(
    ("value", "variance", "better"), [(85, 0, None), (80, 0, None), (75, -5, False), (97, 7, False)]
)
def test_a_target_may_be_a_range(tmp_path: Path, value: int, variance: int, better: object) -> None:
    one = figure(tmp_path, measure=str(value), target=80, target_upper=90)
    assert (one.target_text, one.variance, one.better) == ("80 to 90", variance, better)
    assert kept(one) == one


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ({"target_upper": 3}, "target_upper"),
        ({"target": 4, "target_upper": 3}, "target_upper"),
        ({"target": "good"}, "kind"),
        ({"kind": "text", "target": 3}, "kind"),
        ({"milestones": {"soon": 3}}, "neither a year nor two days"),
    ],
)
def test_what_a_framework_cannot_say(tmp_path: Path, key: dict[str, Any], value: str) -> None:
    with pytest.raises(ProjectError, match=value):
        figure(tmp_path, **key)


def test_milestones_are_the_targets_of_their_periods(tmp_path: Path) -> None:
    aims = {"milestones": {"2021": 3, "2020-01-01/2020-06-30": 2}, "target": 9}
    assert results(tmp_path, aims).figure("1").target == 9
    assert results(tmp_path, aims, **YEAR).figure("1").target == 3  # type: ignore[arg-type]
    half = results(tmp_path, aims, end=dt.date(2020, 6, 30)).figure("1")
    assert (half.target, half.variance) == (2, 0)
    other = results(tmp_path, aims, end=dt.date(2020, 3, 31)).figure("1")
    assert (other.target, other.target_text) == (None, "")


def test_parts_have_baselines_and_targets_of_their_own(tmp_path: Path) -> None:
    aims = {"targets": {"place=North": 3, "place=South, kind=a": 1}}
    found = results(tmp_path, {**aims, "baselines": {"place=North": 1}})
    north = found.figure("1").part("place", "North")
    assert (north.baseline, north.target, north.variance) == (1, 3, -1)
    assert found.figure("1").part("place", "South").baseline is None
    both = {one.id: one.target for one in found.cross("1", ["place", "kind"])}
    assert both["1[place=South, kind=a]"] == 1
    assert both["1[place=North, kind=a]"] is None
    assert kept(north) == north
    with pytest.raises(FigureError, match="names no part"):
        figure(tmp_path, targets={"place": 3})
    with pytest.raises(FigureError, match='there is no column "plce"'):
        figure(tmp_path, baselines={"plce=North": 3})


def test_what_is_achieved_may_be_a_text(tmp_path: Path) -> None:
    said = {"kind": "text", "measure": "max_by(place, day)", "disaggregate": []}
    one = figure(tmp_path, **said, baseline="None", target="East", baseline_year=2019)
    assert (one.value, one.text, one.variance) == (None, "East", None)
    assert cells(one)[1:4] == ["None (2019)", "East", "East"]
    assert kept(one) == one


@pytest.mark.parametrize("measure", ["count(*)", "sum(amount)", "count(distinct grant)"])
def test_zero_is_a_number(tmp_path: Path, measure: str) -> None:
    report = '\n[[report]]\nid = "r"\nnotebook = "programme.toml"\n'
    report += 'for_each = { place = "places.place" }\n'
    asked = {"measure": measure, "disaggregate": ["place", "kind"]}
    found = results(tmp_path, asked, more=report)
    one = found.figure("1")
    for part in (one.part("place", "West"), one.part("kind", "c")):
        assert (part.value, part.text, part.derivation.records) == (0, "0", 0)
        assert found.records.query(part.derivation.sql) == [(0,)]
        assert found.named(part.key) == part
        assert kept(part) == part
    assert [part.label for part in one.breakdown["place"]] == ["East", "North", "South"]
    with pytest.raises(FigureError, match='no place is "Wst"'):
        one.part("place", "Wst")


def test_of_nothing_an_average_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match='no kind is "c"'):
        figure(tmp_path, measure="avg(amount)", disaggregate=["kind"]).part("kind", "c")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"measure": "4912345678", "scale": "billion"}, "4.91 billion"),
        ({"measure": "4912345678", "scale": "billion", "unit": "USD", "decimals": 1},
         "USD\N{NO-BREAK SPACE}4.9 billion"),
        ({"measure": "1234567", "scale": "thousand"}, "1,234.57 thousand"),
        ({"measure": "2", "decimals": 2}, "2.00"),
        ({"measure": "2.345", "decimals": 0}, "2"),
    ],
)  # fmt: skip
def test_decimals_and_scale_are_declared(tmp_path: Path, given: dict[str, Any], text: str) -> None:
    one = figure(tmp_path, **given)
    assert one.text == text
    assert kept(one) == one


@given(st.decimals(0, 10**6, places=5, allow_nan=False))
def test_what_is_declared_is_printed_as_it_is(value: Decimal) -> None:
    shown = ENGLISH.number(float(value), declared=True).replace(",", "")
    assert Decimal(shown) == value


@pytest.mark.parametrize("value", [0.05, 0.125, 0.0375, 12.3456])
def test_rounding_does_not_change_a_target(tmp_path: Path, value: float) -> None:
    one = figure(tmp_path, target=value, baseline=value, published=value, decimals=1)
    assert one.target_text == one.baseline_text == one.published_text == f"{value}"


@pytest.mark.parametrize(
    ("spec", "text"), [(",.0f", "65"), (".2f", "64.50"), ("", "64.5"), (",d", "65"), (",", "64.5")]
)
def test_formats_keep_the_derivation(tmp_path: Path, spec: str, text: str) -> None:
    one = figure(tmp_path, measure="sum(amount)", unit="USD k")
    said = format(one, spec)
    assert said == text
    record = said._repr_mimebundle_()[mime.FIGURE]  # type: ignore[attr-defined]
    assert record["text"] == text
    assert FigureRecord.from_json(record).derivation == one.derivation
    assert round(one, 1).derivation == one.derivation


def test_a_format_that_figures_do_not_take_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='not "x"'):
        format(figure(tmp_path), "x")


def test_figures_sort_and_compare(tmp_path: Path) -> None:
    found = results(tmp_path, {"measure": "3"}, {"measure": "7"}, {"measure": "5"}, {"unit": "USD"})
    one, two, three, money = map(found.figure, "1234")
    assert [each.value for each in sorted([two, three, one])] == [3, 5, 7]
    assert heapq.nlargest(2, [one, two, three]) == [two, three]
    assert (one < two, two <= one, two > 5, one >= 3) == (True, False, True, True)
    with pytest.raises(FigureError, match="are of one unit"):
        sorted([one, money])


def test_the_largest_and_the_rest(tmp_path: Path) -> None:
    one = figure(tmp_path, measure="sum(amount)", disaggregate=["place"], unit="USD")
    north, *others = one.top("place", 1)
    assert (north.value, [each.value for each in others]) == (30.5, [34])
    assert others[0].title == "Grants: 2 others"
    assert others[0].key.formula is not None
    with speaking(Wording("fr", {"Grants": "Dons"})):
        assert others[0].name == "Dons\N{NO-BREAK SPACE}: 2 autres"
    table = breakdown_table(one, "place", top=1)
    assert [row.cells[0].text for row in table.table.rows] == ["North", "2 others", "Total"]
    assert len(one.top("place", 3)) == 3


def test_the_tables_of_subqueries_stand_in_the_derivation(tmp_path: Path) -> None:
    one = figure(tmp_path, where="place in (select place from places where active)", target=5)
    (other,) = one.derivation.further
    assert (one.value, other.table, other.source) == (3, "places", "data/places.csv")
    assert len(other.digest) == 64
    assert kept(one) == one


def test_many_indicators_are_measured_in_one_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = [f"place = '{place}' and kind = 'a'" for place in ("North", "South", "East", "West")]
    usual = {"measure": "sum(amount)", "disaggregate": ["currency"]}
    asked = [{"where": one, **usual} for one in where]
    found = results(tmp_path, *asked)
    queries: list[str] = []
    query = found.records.query

    def counted(sql: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        queries.append(sql)
        return query(sql, *rest, **more)

    monkeypatch.setattr(found.records, "query", counted)
    assert [one.value for one in found.figures()] == [10, 30, 4, None]
    assert [one.derivation.records for one in found.figures()] == [1, 1, 1, 0]
    assert len(queries) == 3
    alone = [results(tmp_path, one).figure("1") for one in asked]
    assert [(one.value, one.derivation, one.breakdown) for one in alone] == [
        (one.value, one.derivation, one.breakdown) for one in found.figures()
    ]
