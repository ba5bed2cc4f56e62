"""No number escapes: what is typed is found with its line, what names something is let pass."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.document.blocks import FigureSource, Quote
from jpreport.document.myst import read_markdown
from jpreport.errors import Place, Problem
from jpreport.figures import (
    Derivation,
    Figure,
    FigureKey,
    FigureRecord,
    Period,
)
from jpreport.files import digest_bytes
from jpreport.forms import mime
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.notebook import frame_table, performance_table
from jpreport.notebook.output import ReportTable
from jpreport.programme.settings import read_settings
from jpreport.review.narrative.check import caption_warnings, check_narrative
from jpreport.review.narrative.consistency import check_release
from jpreport.review.narrative.numbers import Scanner
from jpreport.review.narrative.outputs import underived
from jpreport.review.narrative.programme import check_numbers
from programme_samples import edit_notebook, write_programme

UNITS = ("persons", "centres")


def found(text: str, **options: str) -> list[str]:
    return [one.text for one in Scanner(units=UNITS, **options).find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There were 277 of them.", ["277"]),
        ("4,500 and 9 000 and 1.410.000", ["4,500", "9 000", "1.410.000"]),
        ("50% or 50 per cent", ["50%", "50 per cent"]),
        ("USD 680,000, €5, US$ 5.3m, EUR5", ["USD 680,000", "€5", "$ 5.3m", "EUR5"]),
        ("USD 1,4 million", ["USD 1,4 million"]),
        ("a 29-month programme", ["29-month"]),
        ("-5 and +7", ["-5", "+7"]),
        ("2010 persons and 1990 per cent and USD 2000", ["2010", "1990 per cent", "USD 2000"]),
        ("27 may have come", ["27"]),
        ("twenty-seven", ["twenty-seven"]),
        ("two hundred and seventy-seven", ["two hundred and seventy-seven"]),
        ("hundreds of people, a dozen, half of the funds", ["hundreds", "dozen", "half of the"]),
        ("a third of all, two-thirds", ["a third of", "two-thirds"]),
        ("five per cent, the figure 277", ["277", "five per cent"][::-1]),
        ("six centres", ["six centres"]),
    ],
)
def test_quantities_are_found(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "From 1 June 2010 to 31 October 2012, in the 1990s, in 2010-2012 and 2011/12",
        "on 2010-06-01, on 1. 6. 2010, June 1, 2010, at 10:30",
        "Articles 3, 4 and 5 of Law No. 72/2009; Section 2.1, § 3, Annex 1(b), Protocol 7",
        "A/RES/55/25, SO1, R.4, COVID-19, ISO-9001, UN1325",
        "the 21st century and the twenty-first, the 2nd training, (1) and (2)",
        "two strands, one person, a third party, the first half of 2011, ten",
        "see https://example.org/277 or a277@example.org",
    ],
)
def test_names_and_dates_are_let_pass(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "Le 1er juin 2010, 277 personnes et 48,2 % des centres", ["277", "48,2 %"]),
        ("fr", "vingt et une personnes, la moitié des centres, deux volets, article 3", [
            "vingt et une", "la moitié des"]),
        ("fr", "1,4 million de dollars, une centaine de juges", ["1,4 million", "une centaine"]),
        ("sr-Cyrl", "1. јуна 2010. обучено је 277 особа, члан 3. Закона", ["277"]),
        ("sr-Cyrl", "двадесет и једна особа, половина центара, две области", [
            "двадесет и једна", "половина"]),
        ("sr-Cyrl", "1,4 милиона динара, стотине судија", ["1,4 милиона", "стотине"]),
        ("sr-Latn", "dvadeset i jedna osoba, 1,4 miliona dinara, član 3", [
            "1,4 miliona", "dvadeset i jedna"]),
    ],
)  # fmt: skip
def test_numbers_in_words_are_found_in_each_language(
    language: str, text: str, expected: list[str]
) -> None:
    assert sorted(found(text, language=language)) == sorted(expected)


def test_words_of_another_language_are_no_numbers() -> None:
    assert found("twenty persons", language="sr") == []
    assert found("1. jun 2010. i 277 osoba", language="sr") == ["277"]


def test_a_declared_literal_is_let_pass_and_remembered() -> None:
    scanner = Scanner(literals=("4 Ps", "7 Ps", "4 Ps and 3"))
    assert [one.text for one in scanner.find("the 4\nPs, 14 Ps, and 4 Psi")] == ["14", "4"]
    assert scanner.used == {"4 Ps"}


MARKDOWN = """\
# 2. Title 99 {#sec-2}

(label-1)=
First **USD 680,000** [27](http://x.org/277) `5` {eval}`rp["1.1"]`[^1]
and 12 <https://a.b/2>. <!-- 5 -->

| a | b |
|---|---|
| x | 13 |

:::{note} Title 14
:class: w50
Body 15
:::

```{note} Heading 16
inner 17
```

```python
18
```

1. point
2. point 19

[^1]: note 20

<div>21</div>

Term
: means 22
"""


def test_markdown_is_read_as_myst_reads_it() -> None:
    scanner = Scanner()
    lines = [
        (passage.line + passage.text.count("\n", 0, one.start), one.text)
        for passage in read_markdown(MARKDOWN).passages
        for one in scanner.find(passage.text, heading=passage.heading)
    ]
    assert lines == [
        (1, "99"), (4, "USD 680,000"), (4, "27"), (5, "12"), (9, "13"), (11, "14"), (13, "15"),
        (16, "16"), (17, "17"), (25, "19"), (27, "20"), (29, "21"), (32, "22"),
    ]  # fmt: skip


@given(
    st.integers(0, 10**9).filter(lambda n: not 1900 <= n <= 2099),
    st.sampled_from(["{}", "{:,}", "{} %", "USD {:,}", "**{}**", "{}-fold"]),
    st.sampled_from(["{}", "Then {} came.", "- {}", "> {}", "a[^1]\n\n[^1]: {}", "## On {} of x"]),
)
def test_no_typed_number_escapes(number: int, form: str, around: str) -> None:
    markdown = "# Title\n\n" + around.format(form.format(number))
    cell = {"cell_type": "markdown", "metadata": {}, "source": markdown}
    [problem] = check_narrative({"cells": [cell]}, Place("n.ipynb"), Scanner())
    line = markdown[: markdown.rindex(form.format(number))].count("\n") + 1
    assert str(problem.where) == f"n.ipynb, cell 1, line {line}"
    assert str(number) in problem.message.replace(",", "")


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    for passage in read_markdown(text).passages:
        for one in Scanner(units=UNITS).find(passage.text):
            assert one.text


def cell(kind: str, source: str, **more: object) -> dict[str, Any]:
    return {"cell_type": kind, "source": source, "metadata": {}, **more}


def narrative(*cells: dict[str, Any]) -> list[str]:
    return [
        str(problem) for problem in check_narrative({"cells": cells}, Place("n.ipynb"), Scanner())
    ]


def test_captions_and_alternative_texts_are_narrative() -> None:
    source = "#| label: tbl-a\n#| caption: The 277 trained\n#| alt: A bar of 5\nf()"
    one, two = narrative(cell("code", source))
    assert 'n.ipynb, cell 1 (tbl-a): the number "277" is typed into the caption' in one
    assert 'the number "5" is typed into the alternative text' in two


def test_hidden_cells_and_code_are_not_narrative() -> None:
    hidden = {"tags": ["hide"]}
    assert narrative(
        cell("code", "x = 277"), {**cell("markdown", "277"), "metadata": hidden}, cell("raw", "277")
    ) == []  # fmt: skip


def test_outputs_left_in_a_notebook_are_told() -> None:
    shown = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    [problem] = narrative(cell("code", "f()", outputs=shown), cell("code", "", execution_count=3))
    assert "n.ipynb: cells 1, 2 hold what an earlier run left" in problem


def test_a_label_needs_a_caption_and_a_plot_words() -> None:
    [problem] = narrative(cell("code", "#| label: tbl-a\nf()"))
    assert "a label without a caption" in problem
    cells = [
        cell("code", "bar_chart(x)"),
        cell("code", "#| caption: c\nplt.plot(x)"),
        cell("code", "#| caption: c\nbreakdown_table(x)"),
    ]
    warnings = [problem.message for problem in caption_warnings({"cells": cells}, Place("n.ipynb"))]
    assert warnings == ["bar_chart without a caption", "a plot without alternative text"]


def result(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": data, "metadata": {}}


def value(expression: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"expression": expression, "result": {"status": "ok", "data": data, "metadata": {}}}


def table(*cells: Cell) -> dict[str, Any]:
    columns = (Column("Name"), *(Column("n", "number") for _ in cells[1:]))
    return Table(columns, (Row(cells),)).to_json()


def loose(*cells: dict[str, Any]) -> list[str]:
    return [problem.message for problem in underived({"cells": cells}, Place("r.ipynb"), Scanner())]


def test_printed_numbers_and_data_frames_have_no_derivation() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "277 trained, in 2010\n"}
    frame = "<table><tr><th>1</th><td>5</td><td>4,500.5</td><td>Niš</td></tr></table>"
    assert loose(
        cell("code", "print(x)", outputs=[stream]),
        cell("code", "df", outputs=[result({"text/html": frame, "text/plain": "..."})]),
        cell("code", "x", outputs=[result({"text/plain": "277"})]),
        cell("code", "d", outputs=[result({"text/plain": "'1 June 2010'"})]),
    ) == [
        "printed text has 1 number without derivation",
        "a data frame has 2 numbers without derivation",
        "shown text has 1 number without derivation",
    ]


def test_tables_made_of_figures_pass_and_others_do_not() -> None:
    named = table(Cell("a"), Cell("5", figure="1.1"), Cell("50%", figure="1.1 / 1"))
    about = table(Cell("a", figure="1.1"), Cell("5"), Cell("50%"))
    half = table(Cell("a"), Cell("5", figure="1.1"), Cell("50%"))
    bare = table(Cell("a"), Cell("5"), Cell("6"))
    assert loose(
        cell("code", "x", outputs=[result({mime.TABLE: named})]),
        cell("code", "x", outputs=[result({mime.TABLE: about})]),
        cell("code", "x", outputs=[result({mime.TABLE: half})]),
        cell("code", "x", outputs=[result({mime.TABLE: {**bare, "derived": True}})]),
        cell("code", "sources_table(rp)", outputs=[result({mime.TABLE: bare})]),
        cell("code", "frame_table(df)", outputs=[result({mime.TABLE: bare})]),
    ) == [
        "a table has 1 number without derivation",
        "the table of sources_table has 2 numbers without derivation",
        "the table of frame_table has 2 numbers without derivation",
    ]


def test_prose_values_that_are_no_figures_are_told() -> None:
    markdown = cell("markdown", "{eval}`goal` {eval}`day` {eval}`fig`")
    markdown["metadata"]["user_expressions"] = [
        value("goal", {"text/plain": "'90%'"}),
        value("day", {"text/plain": "'1 June 2010'"}),
        value("fig", {"text/plain": "277", mime.FIGURE: {"id": "1.1"}}),
    ]
    assert loose(markdown) == ['{eval}`goal` gives the number "90%" and no figure']


def entry(name: str, number: float, *texts: str, **said: Any) -> dict[str, Any]:  # noqa: ANN401
    period = Period(dt.date(2010, 1, 1), dt.date(2010, 12, 31))
    figure = Figure(FigureKey(name), name, "u", number, period, Derivation())
    quotes = tuple(Quote("the opening", n, "prose", text) for n, text in enumerate(texts, 1))
    return FigureSource(FigureRecord.of(replace(figure, **said)), quotes=quotes).to_json()


def release(
    folder: Path, reports: dict[str, list[dict[str, Any]]], *cells: dict[str, Any]
) -> tuple[Problem, ...]:
    records = {}
    for slug, quoted in reports.items():
        content = json.dumps({"cells": cells}).encode()
        (folder / f"{slug}.ipynb").write_bytes(content)
        records[slug] = {
            "notebook": "n.ipynb",
            "executed": f"{slug}.ipynb",
            "outputs": {f"{slug}.ipynb": digest_bytes(content)},
            "quoted": quoted,
        }
    return check_release({"reports": records}, folder, Scanner())[0]


def test_one_report_rounds_a_figure_in_one_way(tmp_path: Path) -> None:
    quoted = [
        entry("1.3", 0.798, "79.8%", "80%", unit="share"),
        entry("1.1", 4500, "at least 4,500", "4,500", qualifier="at least"),
    ]
    [problem] = release(tmp_path, {"a": quoted})
    assert str(problem.where) == "a"
    assert '1.3 is quoted with different rounding: "79.8%" (cell 1), "80%" (cell 2)' in str(problem)


def test_a_figure_formatted_by_hand_is_compared_too(tmp_path: Path) -> None:
    markdown = cell("markdown", "x")
    markdown["metadata"]["user_expressions"] = [
        value('f"{rp["1.3"].value:.0%}"', {"text/plain": "'80%'"}),
        value('rp["1.3"].title', {"text/plain": "'Share of 3'"}),
    ]
    [problem] = release(tmp_path, {"a": [entry("1.3", 0.798, "79.8%", unit="share")]}, markdown)
    assert '"80%" (cell 1)' in problem.message


def test_one_figure_has_one_value_in_all_reports(tmp_path: Path) -> None:
    [problem] = release(tmp_path, {"a": [entry("1.1", 5, "5")], "b": [entry("1.1", 6, "6")]})
    assert str(problem.where) == "1.1"
    assert '"5" in a, "6" in b' in problem.message
    assert not release(tmp_path, {"a": [entry("1.1", 5, "5")], "b": [entry("1.1", 5, "5")]})


def test_unused_literals_and_indicators_are_reported(tmp_path: Path) -> None:
    root = write_programme(tmp_path)
    settings = root / "programme.toml"
    spare = '[[indicator]]\nid = "9.9"\nlevel = "output"\ntitle = "t"\nunit = "u"\n'
    spare += 'table = "visits"\nmeasure = "count(*)"\n'
    literals = '[[literal]]\ntext = "4 Ps"\nreason = "a name"\n'
    settings.write_text(settings.read_text() + spare + literals, encoding="utf-8")
    findings = check_numbers(read_settings(root), root / "outputs")
    assert [str(problem) for problem in findings.problems] == [
        'programme.toml, [[literal]] "4 Ps": stands in no notebook\n  remove it'
    ]
    # A table of all figures may hold it: only a build can tell.
    assert findings.warnings == ()
    edit_notebook(root / "notebooks/summary.ipynb", "rp.figures()", '[rp[\\"1.1\\"]]')
    edit_notebook(root / "notebooks/summary.ipynb", "# Visits", "# Visits and the 4 Ps")
    findings = check_numbers(read_settings(root), root / "outputs")
    assert findings.problems == ()
    assert [str(problem.where) for problem in findings.warnings] == [
        'programme.toml, [[indicator]] "9.9"'
    ]


def test_a_literal_needs_a_reason(tmp_path: Path) -> None:
    settings = write_programme(tmp_path) / "programme.toml"
    settings.write_text(settings.read_text() + '[[literal]]\ntext = "4 Ps"\n', encoding="utf-8")
    with pytest.raises(Exception, match="reason: is missing"):
        read_settings(tmp_path)


def test_a_table_of_the_authors_own_is_not_derived_whatever_its_function_is_called() -> None:
    def sources_table() -> ReportTable:
        return frame_table(pd.DataFrame({"place": ["North"], "n": [4711]}))

    one = Figure(
        FigureKey("1.1"),
        "n",
        "persons",
        7,
        Period(dt.date(2020, 1, 1), dt.date(2020, 12, 31)),
        Derivation(),
    )
    shown = [sources_table(), performance_table([one])]
    cells = [
        cell("code", "sources_table()", outputs=[result(table._repr_mimebundle_())])
        for table in shown
    ]
    assert loose(*cells) == ["the table of sources_table has 1 number without derivation"]
