"""Tables of the notebook door: what they say, how numbers read, that no text can break them."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.errors import FigureError
from jpreport.figures import (
    Derivation,
    Figure,
    FigureKey,
    Part,
    Period,
)
from jpreport.forms import mime
from jpreport.forms.tables import Table
from jpreport.language import MINUS
from jpreport.notebook.frame_display import frame_html
from jpreport.notebook.frames import frame_table
from jpreport.notebook.html import table_text
from jpreport.notebook.labels import clean
from jpreport.notebook.sources import sources_table
from jpreport.notebook.tables import (
    breakdown_table,
    contributions_table,
    performance_table,
    reconciliation_table,
)
from jpreport.programme.framework import Objective

WHOLE = Period(dt.date(2010, 6, 1), dt.date(2012, 10, 31))
TRAINED = Figure(
    FigureKey("1.1"), "Persons trained", "persons", 277, WHOLE, Derivation(), objective="SO1"
)

anything = st.text(max_size=20)
hostile = st.sampled_from(
    ["<script>alert(1)</script>", "a & b", "]]>", '"quoted"', "$x$", "#read('x')", "\\", "\x00",
     "مرحبا", "a|b", "&amp;", "-->", "\ud800", "x" * 300, "line\nline", "\r", "=1+1"]
)  # fmt: skip


class Reader(HTMLParser):
    """Collects the texts of cells as a browser would, and every tag it meets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.cells: list[str] = []
        self.tags: set[str] = set()
        self.scopes: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in {"td", "th"}:
            self.inside = True
            self.cells.append("")
            self.scopes.append(dict(attrs).get("scope") or "")
        if tag == "br":
            self.cells[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.cells[-1] += data


def read_html(table: object) -> Reader:
    reader = Reader()
    reader.feed(table._repr_mimebundle_()["text/html"])  # type: ignore[attr-defined]
    reader.close()
    return reader


def texts(table: Table, column: int) -> list[str]:
    return [row.cells[column].text for row in table.rows if row.role == "body"]


# Any text


@given(st.lists(st.tuples(anything | hostile, anything | hostile), min_size=1, max_size=5))
def test_any_text_comes_out_of_the_html_as_it_went_in(rows: list[tuple[str, str]]) -> None:
    made = frame_table(pd.DataFrame(rows, columns=["one", "two"], dtype=object))
    reader = read_html(made)
    assert reader.tags <= {"table", "thead", "tbody", "tr", "th", "td", "br"}
    shown = [cell.text for row in made.table.rows for cell in row.cells]
    assert reader.cells[2:] == shown
    assert shown == [clean(text) for row in rows for text in row]


@given(anything | hostile)
def test_a_cleaned_text_can_stand_in_any_document(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert not [c for c in cleaned if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert clean(cleaned) == cleaned


@given(anything | hostile, anything | hostile)
def test_headers_and_notes_are_escaped_too(label: str, note: str) -> None:
    frame = pd.DataFrame({"a": ["x"], "n": [1]})
    made = frame_table(frame, labels={"a": label}, units={"n": label}, notes=[note])
    assert read_html(made).tags <= {"table", "thead", "tbody", "tr", "th", "td", "br", "p"}
    json.dumps(made._repr_mimebundle_()[mime.TABLE]).encode()


def test_right_to_left_text_turns_only_its_own_cell() -> None:
    html = frame_table(pd.DataFrame({"a": ["مرحبا", "Niš"]}))._repr_mimebundle_()["text/html"]
    assert html.count('dir="auto"') == 1


# Numbers


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8))
def test_a_total_is_the_sum_of_what_stands_above_it(values: list[int]) -> None:
    made = frame_table(pd.DataFrame({"a": "x", "n": values}), total=True).table
    *body, total = [row.cells[1].text for row in made.rows]
    numbers = [int(text.replace(",", "").replace(MINUS, "-")) for text in body]
    assert numbers == values
    assert int(total.replace(",", "").replace(MINUS, "-")) == sum(values)


@given(st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=8))
def test_the_numbers_of_a_column_have_equally_many_decimals(values: list[Decimal]) -> None:
    frame = pd.DataFrame({"a": "x", "n": [float(value) for value in values]})
    made = frame_table(frame, total=True).table
    shown = [row.cells[1].text for row in made.rows]
    assert len({len(text.partition(".")[2]) for text in shown}) == 1
    exact = [Decimal(text.replace(",", "").replace(MINUS, "-")) for text in shown]
    assert exact[:-1] == values
    assert exact[-1] == sum(values)


# Frames


def test_columns_are_typed_by_what_they_hold() -> None:
    frame = pd.DataFrame(
        {
            "place": pd.Categorical(["Niš", "Belgrade"], ["Niš", "Belgrade"]),
            "held_on": pd.to_datetime(["2010-06-01", None]),
            "at": pd.to_datetime(["2010-06-01 14:30", "2011-01-31 00:00"]),
            "year": [2010, 2011],
            "persons": pd.array([1200, None], dtype="Int64"),
            "rate": [0.5, float("nan")],
            "done": [True, False],
            "mixed": [1, "two"],
        }
    )
    made = frame_table(frame, units={"persons": "persons", "rate": "share"}, total=["persons"])
    table = made.table
    assert [column.label for column in table.columns][:2] == ["Place", "Held on"]
    kinds = "".join("n" if column.kind == "number" else "t" for column in table.columns)
    assert kinds == "ttttnntt"
    first, second, total = [[cell.text for cell in row.cells] for row in table.rows]
    assert first == ["Niš", "1 June 2010", "1 June 2010, 14:30", "2010", "1,200", "50%", "yes", "1"]
    assert second == ["Belgrade", "–", "31 January 2011", "2011", "–", "–", "no", "two"]
    assert total == ["Total", "", "", "", "1,200", "", "", ""]
    assert table.rows[1].cells[4].state == "empty"
    assert table.columns[4].unit == "persons"


def test_column_groups_come_from_column_levels() -> None:
    columns = pd.MultiIndex.from_tuples([("trained", "women"), ("trained", "men"), ("all", "")])
    frame = pd.DataFrame([[1, 2, 3]], columns=columns, index=pd.Index(["Niš"], name="town"))
    made = frame_table(frame)
    assert made.table.groups == (("", 1), ("Trained", 2), ("", 1))
    assert [column.label for column in made.table.columns] == ["Town", "Women", "Men", "All"]
    assert read_html(made).scopes.count("colgroup") == 1


def test_an_index_is_shown_where_it_says_something() -> None:
    frame = pd.DataFrame({"n": [1, 2, 3]})
    assert len(frame_table(frame).table.columns) == 1
    assert len(frame_table(frame[frame["n"] > 1]).table.columns) == 1
    named = pd.DataFrame({"town": ["a", "a"], "sex": ["f", "m"], "n": [1, 2]})
    table = frame_table(named.set_index(["town", "sex"])).table
    assert (len(table.columns), table.stub) == (3, 2)


def test_names_that_no_column_has_are_refused() -> None:
    frame = pd.DataFrame({"region": ["a"], "persons": [1]})
    for options in ({"labels": {"regoin": "x"}}, {"units": {"regoin": "x"}}, {"total": ["regoin"]}):
        with pytest.raises(ValueError, match='no column "regoin"; did you mean "region"'):
            frame_table(frame, **options)
    with pytest.raises(ValueError, match="no columns"):
        frame_table(pd.DataFrame())
    with pytest.raises(ValueError, match="stub is 3"):
        frame_table(frame, stub=3)


def test_an_empty_frame_keeps_its_header() -> None:
    made = frame_table(pd.DataFrame({"region": pd.Series(dtype=str), "n": pd.Series(dtype=int)}))
    assert made.table.rows == ()
    assert read_html(made).cells == ["Region", "N"]


def test_plain_text_lines_up() -> None:
    frame = pd.DataFrame({"place": ["Niš", "Novi Sad"], "persons": [7, 1234]})
    lines = table_text(frame_table(frame, total=True).table).splitlines()
    assert lines[0].split() == ["Place", "Persons"]
    assert len({len(line) for line in lines[2:]}) == 1
    assert repr(frame_table(frame)).splitlines()[2].startswith("Niš")


# Performance and reconciliation


def test_performance_says_what_is_not_stated() -> None:
    table = performance_table([TRAINED]).table
    assert [column.label for column in table.columns] == [
        "Indicator",
        "Baseline",
        "Target",
        "Achieved",
        "Reason for variance",
        "Source of verification",
    ]
    (row,) = table.rows
    assert [cell.text for cell in row.cells] == [
        "1.1 Persons trained (persons)",
        "not stated",
        "not stated",
        "277",
        "–",
        "not stated",
    ]
    assert [cell.state for cell in row.cells[1:3]] == ["not stated"] * 2
    assert row.cells[3].figure == "1.1"
    assert table.notes == ("Where no target is stated, no variance can be given.",)


def test_performance_carries_variance_where_a_target_is_stated() -> None:
    missed = replace(
        TRAINED, key=FigureKey("1.2"), target=300, baseline=0, variance_reason="Late start"
    )
    passed = replace(TRAINED, key=FigureKey("1.3"), target=270)
    met = replace(TRAINED, key=FigureKey("1.4"), target=277)
    table = performance_table([TRAINED, missed, passed, met]).table
    assert texts(table, 4) == ["–", "−23", "+7", "0"]
    assert texts(table, 5) == ["–", "Late start", "not stated", "–"]
    assert texts(table, 1) == ["not stated", "0", "not stated", "not stated"]


def test_performance_groups_by_objective() -> None:
    wide = replace(TRAINED, key=FigureKey("P"), objective=None)
    second = replace(TRAINED, key=FigureKey("2.1"), objective="SO2")
    objectives = [Objective(id="SO1", title="Capacities")]
    table = performance_table([TRAINED, second, wide], objectives=objectives).table
    sections = [row.cells[0].text for row in table.rows if row.role == "section"]
    assert sections == ["SO1 Capacities", "SO2", "Programme-wide"]
    assert not [r for r in performance_table([TRAINED]).table.rows if r.role == "section"]
    with pytest.raises(ValueError, match="no figures"):
        performance_table([])


def test_reconciliation_says_how_the_two_compare() -> None:
    rough = replace(TRAINED, key=FigureKey("2"), value=4500, qualifier="at least", published=4500)
    part = replace(TRAINED, key=FigureKey("4"), published=277, period=replace(WHOLE, whole=False))
    table = reconciliation_table(
        [
            replace(TRAINED, published=277, published_in="Page"),
            rough,
            replace(TRAINED, key=FigureKey("3"), published=280),
            part,
            TRAINED,
            replace(TRAINED, value=None, published=277),
        ]
    ).table
    assert texts(table, 1)[1] == texts(table, 2)[1] == "at least 4,500"
    assert texts(table, 3) == [
        "agrees",
        "agrees",
        "differs by 3",
        "not compared (part of the programme)",
        "not published",
        "no records to compare with",
    ]
    assert table.rows[4].cells[2].state == "empty"


# Breakdowns


def divided(figure: Figure, *parts: tuple[str | None, float | None]) -> Figure:
    cells = tuple(Part(label, value, 1, "") for label, value in parts)
    return replace(figure, breakdown={"sex": cells})


def test_a_breakdown_that_adds_up_has_shares_and_a_total() -> None:
    table = breakdown_table(divided(TRAINED, ("women", 200), ("men", 77)), "sex").table
    shown = [[cell.text for cell in row.cells] for row in table.rows]
    assert shown == [["women", "200", "72.2%"], ["men", "77", "27.8%"], ["Total", "277", "100%"]]
    assert [column.label for column in table.columns] == ["Sex", "Persons", "Share"]
    assert table.notes == ()


def test_overlapping_parts_have_no_total() -> None:
    distinct = replace(TRAINED, derivation=Derivation(measure="count(DISTINCT person)"))
    table = breakdown_table(divided(distinct, ("women", 200), (None, 100)), "sex").table
    assert [row.role for row in table.rows] == ["body", "body"]
    assert [column.label for column in table.columns] == ["Sex", "Persons"]
    assert texts(table, 0) == ["women", "not recorded"]
    assert table.notes == (
        "The rows add up to more than the total of 277: one can stand in several.",
    )


@pytest.mark.parametrize("measure", ["avg(days)", "max(days)", "median(days)", "a / b"])
@pytest.mark.parametrize("parts", [(200, 100), (20, 10)])
def test_nothing_is_said_of_rows_that_do_not_add_up_by_nature(
    measure: str, parts: tuple[int, int]
) -> None:
    figure = replace(TRAINED, derivation=Derivation(measure=measure))
    made = breakdown_table(divided(figure, ("women", parts[0]), ("men", parts[1])), "sex")
    assert made.table.notes == ()


def test_the_shares_of_a_breakdown_have_equally_many_decimals() -> None:
    parts = [("a", 30), ("b", 85), ("c", 79), ("d", 83)]
    table = breakdown_table(divided(TRAINED, *parts), "sex").table
    assert [row.cells[2].text for row in table.rows] == ["10.8%", "30.7%", "28.5%", "30.0%", "100%"]


def test_a_breakdown_says_that_its_shares_are_rounded() -> None:
    thirds = divided(replace(TRAINED, value=3), ("a", 1), ("b", 1), ("c", 1))
    table = breakdown_table(thirds, "sex").table
    assert texts(table, 2) == ["33.3%"] * 3
    assert table.notes == ("Shares are rounded and may not add up to 100%.",)


def test_a_breakdown_keeps_the_qualifier() -> None:
    rough = divided(replace(TRAINED, qualifier="at least"), ("women", 200), ("men", 77))
    assert "at least 277" in breakdown_table(rough, "sex").table.notes[0]


def test_an_unknown_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match='by "sexx"; did you mean "sex"'):
        breakdown_table(divided(TRAINED, ("women", 1)), "sexx")
    with pytest.raises(ValueError, match="not disaggregated at all"):
        breakdown_table(TRAINED, "sex")


def test_contributions_start_with_the_largest() -> None:
    money = replace(TRAINED, unit="USD", value=1_410_000)
    figure = divided(money, ("B", 680_000), ("S", 200_000), ("U", 530_000))
    table = contributions_table(figure).table
    assert texts(table, 0) == ["B", "U", "S"]
    assert texts(table, 1) == ["680,000", "530,000", "200,000"]
    assert (table.columns[1].label, table.columns[1].unit) == ("Amount", "USD")
    assert table.rows[-1].cells[1].text == "1,410,000"
    with pytest.raises(ValueError, match="not disaggregated"):
        contributions_table(money)


def test_sources_name_files_records_and_digests() -> None:
    records = SimpleNamespace(
        package=SimpleNamespace(
            resources={"campaign_events": SimpleNamespace(source="data/e.csv", sensitive=None)}
        ),
        count=lambda _: 1234,
        digest=lambda _: "0123456789abcdef" * 4,
    )
    report = SimpleNamespace(records=records, illustrative=True)
    table = sources_table(report).table  # type: ignore[arg-type]
    assert [cell.text for cell in table.rows[0].cells] == [
        "Campaign events",
        "data/e.csv",
        "1,234",
        "illustrative (synthetic)",
        "0123456789ab",
    ]


def test_a_table_reads_back_from_its_output() -> None:
    made = performance_table([TRAINED])
    bundle = made._repr_mimebundle_()
    assert Table.from_json(json.loads(json.dumps(bundle[mime.TABLE]))) == made.table
    assert {"text/html", "text/plain"} <= set(bundle)
    assert read_html(made).scopes[:6] == ["col"] * 6
    assert read_html(made).scopes[6] == "row"


def test_a_suppressed_figure_is_a_sign_with_a_note_in_every_table() -> None:
    part = Part("Male", None, 0, "\"sex\" = 'Male'", suppressed=True)
    whole = replace(TRAINED, breakdown={"sex": (Part("Female", 221, 224, ""), part)})
    hidden = replace(whole.part("sex", "Male"), published=3, target=9)
    frame = pd.DataFrame({"sex": ["Male"], "persons": [hidden]})
    tables = {
        "performance": performance_table([hidden]),
        "reconciliation": reconciliation_table([hidden]),
        "breakdown": breakdown_table(whole, "sex"),
        "frame": frame_table(frame),
    }
    for name, made in tables.items():
        signs = [c for row in made.table.rows for c in row.cells if c.state == "suppressed"]
        assert signs, name
        assert {(cell.text, cell.figure) for cell in signs} == {("[c]", None)}, name
        assert made.table.notes[-1].startswith("[c] suppressed: "), name
        shown = made._repr_mimebundle_()
        assert '<abbr title="suppressed">[c]</abbr>' in shown["text/html"], name
    agreement = tables["reconciliation"].table.rows[0].cells[3].text
    assert agreement == "not compared (suppressed)"
    # In a sentence it is a word.
    assert str(hidden) == "suppressed"


# Figures in tables


def rows_of(table: Table) -> list[list[tuple[str, str | None]]]:
    return [[(cell.text, cell.figure) for cell in row.cells] for row in table.rows]


def test_shares_of_a_breakdown_are_figures_that_keep_their_parents() -> None:
    made = breakdown_table(divided(TRAINED, ("women", 200), ("men", 77)), "sex")
    women = rows_of(made.table)[0]
    assert women[2] == ("72.2%", "1.1[sex=women] / 1.1")
    held = {figure.id: figure for figure in made.figures}
    share = held["1.1[sex=women] / 1.1"]
    assert [parent.value for parent in share.parents] == [200, 277]
    assert made._repr_mimebundle_()[mime.TABLE]["figures"]


def test_a_column_of_figures_adds_up_to_a_figure() -> None:
    parts = [divided(TRAINED, ("a", 1), ("b", 2)).part("sex", label) for label in "ab"]
    made = frame_table(pd.DataFrame({"sex": ["a", "b"], "persons": parts}), total=True)
    total = rows_of(made.table)[-1]
    assert total == [("Total", None), ("3", "1.1[sex=a] + 1.1[sex=b]")]
    given_total = frame_table(
        pd.DataFrame({"sex": ["a", "b"], "persons": parts}), total={"persons": TRAINED}
    )
    assert rows_of(given_total.table)[-1] == [("Total", None), ("277", "1.1")]
    assert {figure.id for figure in given_total.figures} == {
        "1.1", "1.1[sex=a]", "1.1[sex=b]",
    }  # fmt: skip


def test_a_column_of_different_units_has_no_total() -> None:
    sessions = replace(TRAINED, key=FigureKey("2"), unit="sessions")
    frame = pd.DataFrame({"n": ["a", "b"], "value": [TRAINED, sessions]})
    with pytest.raises(FigureError, match=r"1\.1 counts persons, 2 counts sessions"):
        frame_table(frame, total=True)
    assert frame_table(frame).table.rows[0].cells[1].figure == "1.1"


def test_a_total_with_a_suppressed_part_is_suppressed() -> None:
    hidden = replace(TRAINED, key=FigureKey("2"), value=None, suppressed=True)
    frame = pd.DataFrame({"n": ["a", "b"], "value": [TRAINED, hidden]})
    assert frame_table(frame, total=True).table.rows[-1].cells[1].state == "suppressed"


def test_cells_of_several_periods_say_which() -> None:
    year = Period(dt.date(2011, 1, 1), dt.date(2011, 12, 31), whole=False)
    frame = pd.DataFrame({"all": [TRAINED], "2011": [replace(TRAINED, period=year)]}, index=["n"])
    [row] = rows_of(frame_table(frame).table)
    assert [name for _, name in row[1:]] == [
        "1.1@2010-06-01/2012-10-31",
        "1.1@2011-01-01/2011-12-31",
    ]


@given(anything | hostile)
def test_a_cell_shows_its_derivation_on_hover(title: str) -> None:
    figure = replace(
        TRAINED,
        title=title,
        derivation=Derivation("t", "a = 'x'", "count(*)", records=277, source="data/t.csv"),
    )
    html = frame_table(pd.DataFrame({"n": ["a"], "v": [figure]}))._repr_mimebundle_()["text/html"]
    [shown] = re.findall(r'<td title="([^"]*)"', html)
    assert unescape(shown) == (f"{title}. count(*) of 277 records in data/t.csv where a = 'x'.")
    assert html.count("title=") == 1


def test_frames_are_shown_whole_and_nothing_that_they_say_is_taken_for_missing() -> None:
    frame = pd.DataFrame({"name": ["None", "Nan", None, "x" * 200], "n": [1.5, None, 2.0, 3.0]})
    with pd.option_context("display.max_rows", 2, "display.max_colwidth", 10):
        html = frame_html(pd.concat([frame] * 50))
    assert html.count("<td>None</td>") == html.count("<td>Nan</td>") == 50
    assert html.count("x" * 200) == 50
    assert "NaN" not in html


def test_a_frame_that_is_no_table_to_read_is_cut() -> None:
    assert "2000 rows" in frame_html(pd.DataFrame({"n": range(2000)}))


def test_years_without_a_name_are_row_headers() -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=[2011, 2012])
    assert [row.cells[0].text for row in frame_table(frame).table.rows] == ["2011", "2012"]
