"""Tables as people really keep them: a number is right, or somebody is told."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from jpreport.cli.main import main
from jpreport.data import Records, programme_package
from jpreport.data.cells import UnreadableError, cell_reader
from jpreport.data.contract import Field
from jpreport.figures import Results
from jpreport.programme.framework import Indicator
from jpreport.programme.settings import read_settings
from jpreport.scaffold.columns import Habits, column_of
from jpreport.scaffold.start import look, start
from scaffold_samples import activityinfo

WORDS = st.sampled_from(("P", "D", "Phase ", "Camp ", "Q", "SO", "Zone-", "R. "))
MONEY = st.sampled_from(("$", "USD ", "€", "US$", "KES "))
NUMBERS = st.lists(st.integers(1, 999_999), min_size=4, max_size=9)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(("North", "South", "East")), st.integers(1, 900), st.integers(1, 900)
    ),
    min_size=4,
    max_size=14,
)


def book(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Write rows into the first sheet of a workbook."""
    made = Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def begun(path: Path) -> tuple[Path, list[str]]:
    """Start a programme from a file; return its folder and what somebody is to look at."""
    found = look([path])
    root = path.parent / "programme"
    start(found, root)
    assert main(["check", "--project", str(root)]) == 0
    return root, [one.what for _, several in found.findings for one in several if one.look]


def values(root: Path) -> dict[str, object]:
    opened = read_settings(root)
    with Records(programme_package(opened)) as records:
        results = Results(opened, records)
        return {one.title: results.figure(one.id).value for one in opened.indicator}


@given(WORDS, NUMBERS)
def test_a_name_with_a_number_is_a_name(word: str, numbers: list[int]) -> None:
    cells = [f"{word}{number}" for number in numbers]
    assert column_of("x", "x", cells, Habits()).known == cells


@given(MONEY, NUMBERS)
def test_money_is_a_number(money: str, numbers: list[int]) -> None:
    cells = [f"{money}{number:,}" for number in numbers] + [f"{money}1,234.50"]
    found = column_of("x", "x", cells, Habits())
    assert (found.known[:-1], found.field.unit) == (numbers, money.strip())


@given(st.sampled_from(("({})", "{}-", "\u2212{}", "\u2013{}", "$ ({})")), st.integers(1, 99_999))
def test_no_number_changes_its_sign(form: str, number: int) -> None:
    """Affixes are stripped where the contract says so, a minus never is."""
    read = cell_reader(Field("x", "number", bare_number=False))
    with pytest.raises(UnreadableError):
        read(form.format(number))
    assert read(f"-{number}") == -number
    assert read(f"{number} (est.)") == number


def test_accounts_write_what_is_below_nothing_in_parentheses(tmp_path: Path) -> None:
    rows = [["Line", "Amount (USD)"], ["a", "1,250.00"], ["b", "(300.00)"], ["c", "2,000.50"]]
    root, _ = begun(book(tmp_path / "budget.xlsx", [*rows, ["d", "\u221212.25"]]))
    assert values(root)["Amount"] == 2938.25


# Without shrinking: each example is a programme of its own.
@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(ROWS, st.sampled_from(("none", "sub", "top", "bottom", "all")))
def test_sums_are_no_records(rows: list[tuple[str, int, int]], where: str) -> None:
    """Subtotals, a first row of all and a last row without a word count nothing twice."""
    rows = sorted(rows)
    whole = [sum(one) for one in list(zip(*rows, strict=True))[1:]]
    lines: list[list[object]] = [["Region", "Women", "Men"]]
    if where in {"top", "all"}:
        lines.append(["All regions", *whole])
    for region in sorted({one for one, *_ in rows}):
        mine = [one for one in rows if one[0] == region]
        lines += [list(one) for one in mine]
        if where in {"sub", "all"} and len(mine) > 1:
            lines.append([f"Subtotal {region}", sum(o[1] for o in mine), sum(o[2] for o in mine)])
    if where in {"bottom", "all"}:
        lines.append([None, *whole])
    with tempfile.TemporaryDirectory() as folder:
        root, _ = begun(book(Path(folder) / "reach.xlsx", lines))
        found = values(root)
    assert [found["Women"], found["Men"]] == whole
    assert found["Reach: records"] == len(rows)


def test_two_tables_in_a_sheet_are_two(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Region", "Reached"], ["N", 10], ["S", 20], ["E", 30], []]
    rows += [["Donor", "Amount USD"], ["X", 500], ["Y", 700]]
    root, told = begun(book(tmp_path / "two.xlsx", rows))
    assert values(root) == {"Two: records": 2, "Reached": 60, "Amount USD": 1200}
    assert [*programme_package(read_settings(root)).resources] == ["two", "two_2"]
    assert "another table from row 6 on" in told


def test_a_table_at_the_right_is_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Region", "Reached", None, "Region", "Cost (USD)"]]
    rows += [["N", 10, None, "N", 5], ["S", 20, None, "S", 6], ["E", 30]]
    root, told = begun(book(tmp_path / "beside.xlsx", rows))
    assert values(root) == {"Beside: records": 3, "Reached": 60}
    assert "another table at the right: Region, Cost (USD)" in told


def test_an_empty_column_only_sets_columns_apart(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Region", None, "Reached"], ["N", None, 10], ["S", None, 20]]
    root, _ = begun(book(tmp_path / "apart.xlsx", rows))
    assert values(root)["Reached"] == 30


def test_currencies_never_add_up(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Partner", "Amount", "Currency"]]
    rows += [[f"P{n % 3}", 100 + n, ("USD", "EUR", "KES")[n % 3]] for n in range(9)]
    root, _ = begun(book(tmp_path / "grants.xlsx", rows))
    found = values(root)
    assert {k: v for k, v in found.items() if "Amount" in k} == {
        "Amount in EUR": 312,
        "Amount in KES": 315,
        "Amount in USD": 309,
    }


def test_what_a_file_of_semicolons_means_by_a_point(tmp_path: Path) -> None:
    path = tmp_path / "orte.csv"
    path.write_text("Ort;Personen\n" + "".join(f"O{n};{n}.200\n" for n in range(1, 6)), "utf-8")
    root, told = begun(path)
    assert values(root)["Personen"] == 16000
    assert "personen: numbers can be read in two ways: 1.200 is taken as 1200" in told


def test_columns_of_numbers_and_words_are_told_and_read(tmp_path: Path) -> None:
    rows = [["District", "Cases"], *([f"D{n}", v] for n, v in enumerate((12, "<5", 7.5, 3)))]
    _, told = begun(book(tmp_path / "cases.xlsx", rows))
    assert 'cases: 1 of 4 are no numbers, so that none are added up: "<5"' in told


def test_a_logframe_has_numbers_shares_and_words(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Result", "Indicator", "Baseline", "Target", "Achieved", "Unit"],
        ["Outcome 1: Safe water", "% of households with safe water", 0.2, 0.6, 0.45, "%"],
        ["Outcome 1: Safe water", "Wells drilled", 0, 20, "12", "wells"],
        ["Output 1.1", "Children under 5 vaccinated", "0", "1,500", "1,610", "children"],
        ["Output 1.1", "Maternal deaths", 30, 10, 12, "deaths"],
        ["Output 1.2", "Policy adopted", "No", "Yes", "Drafted", "status"],
    ]
    root, _ = begun(book(tmp_path / "logframe.xlsx", rows))
    assert [*values(root).values()] == [0.45, 12, 1610, 12, None]
    water, _, _, deaths, policy = read_settings(root).indicator
    assert (water.unit, water.baseline, water.target) == ("share", 0.2, 0.6)
    assert (deaths.direction, policy.kind, policy.target) == ("decreasing", "text", "Yes")


def test_indicators_with_a_column_a_year_are_no_records(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Indicator", "Target 2022", "Target 2023", "2022", "2023"]]
    rows += [["Wells", 10, 20, 9, 19], ["Pumps", 1, 2, 3, 4]]
    root, told = begun(book(tmp_path / "iptt.xlsx", rows))
    assert values(root) == {"Wells": 28, "Pumps": 7}
    assert "numbers of several periods: Wells, Pumps" in told


def test_a_framework_stays_in_its_file_where_that_says_the_same(tmp_path: Path) -> None:
    head = ["Code", "Objective", "Indicator", "Direction", "Unit", "Target", "Achieved", "Notes"]
    rows: list[list[object]] = [["Our results"], head]
    rows += [["1.1", "SO1: Water", "Wells", "Increase", "wells", "1,200", 900, "x"]]
    rows += [["1.2", "SO1: Water", "Deaths", "Reduce", "deaths", 5, 9, None]]
    path = book(tmp_path / "results.xlsx", rows)
    made = look([path]).draft.framework
    assert made.file is not None
    root, _ = begun(path)
    text = (root / "programme.toml").read_text("utf-8")
    assert "[[indicator]]" not in text
    read = [one.model_dump() for one in read_settings(root).indicator]
    assert read == [Indicator.model_validate(one).model_dump() for one in made.indicators]
    assert values(root) == {"Wells": 900, "Deaths": 9}
    # A row that the file cannot say by itself, such as 45 for 45%, is written out.
    percent = ["1.3", "SO1: Water", "Safe", "Increase", "%", 60, 45, None]
    assert look([book(path, [*rows, percent])]).draft.framework.file is None


def test_exports_of_activityinfo_are_known(tmp_path: Path) -> None:
    files = activityinfo(tmp_path)
    found = {name: look([path]) for name, path in files.items()}
    for one in found.values():
        assert "an export of ActivityInfo" in [f.what for f in one.findings[0][1]]
    titles = {
        name: [(one["title"], one["unit"]) for one in one.draft.framework.indicators]
        for name, one in found.items()
    }
    assert titles["table"][1:] == [("Kits distributed", "kits")]
    assert titles["sites"][1:3] == [
        ("Output Wells drilled", "wells"),
        ("Output Pumps installed", "pumps"),
    ]
    # A row a measure: measures are never added up, and shares not at all.
    assert titles["long"] == [("Wells drilled", "units")]
    start(found["sites"], tmp_path / "programme")
    assert values(tmp_path / "programme")["Output Wells drilled"] == 15
