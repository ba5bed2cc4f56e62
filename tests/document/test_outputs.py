"""What cells show: all of it is set, or refused by the name of its cell."""

from __future__ import annotations

import base64
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode

from export_samples import (
    chart,
    code,
    figure,
    markdown,
    notebook,
    picture,
    printed,
    shown,
)
from jpreport.document.blocks import ChartBlock, Document, Prose, TableBlock
from jpreport.document.markdown import plain_text
from jpreport.document.reading import read_document
from jpreport.errors import ExportError
from jpreport.notebook.frame_display import frame_html, series_html


def read(*cells: NotebookNode) -> Document:
    return read_document(notebook(markdown("# Title"), *cells))


def refused(*cells: NotebookNode) -> str:
    with pytest.raises(ExportError) as caught:
        read(*cells)
    return "\n".join(map(str, caught.value.problems))


def html(text: str) -> NotebookNode:
    return code("x", shown({"text/html": text, "text/plain": "<X object>"}))


def the_table(text: str) -> list[list[str]]:
    (block,) = read(html(text)).blocks
    assert isinstance(block, TableBlock)
    return [
        [column.label for column in block.table.columns],
        *([cell.text for cell in row.cells] for row in block.table.rows),
    ]


class TestHtml:
    @pytest.mark.parametrize("tag", ["script", "iframe", "canvas", "video", "select"])
    def test_what_pandoc_would_drop_is_refused(self, tag: str) -> None:
        told = refused(html(f"<table><tr><td>x</td></tr></table><{tag}></{tag}>"))
        assert f"cell 2: HTML with <{tag}> cannot be printed" in told


_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="\u00ad"),
    min_size=1,
    max_size=8,
).filter(lambda text: text.strip() == text)
_WORDS = st.sampled_from(["None", "Nan", "NaN", "Null", "<NA>", "NaT", "nan", "...", "null"])


class TestFrames:
    def test_line_ends_in_cells_are_spaces(self) -> None:
        frame = pd.DataFrame({"a": ["one\ntwo", "three \r\n four\u00a0five"]})
        assert the_table(frame_html(frame))[1:] == [["one two"], ["three four\u00a0five"]]

    @given(st.lists(st.one_of(_WORDS, _TEXTS, st.none()), min_size=1, max_size=5))
    def test_texts_are_kept_and_what_is_missing_is_empty(self, values: list[str | None]) -> None:
        frame = pd.DataFrame({"place": ["p"] * len(values), "said": values}, dtype=object)
        found = [row[1] for row in the_table(frame_html(frame))[1:]]
        assert [" ".join(text.split()) for text in found] == [text or "" for text in values]

    @pytest.mark.parametrize("index", [[2010, 2011], [1, 2], [0, 1]])
    def test_an_index_that_is_data_is_kept(self, index: list[int]) -> None:
        found = the_table(frame_html(pd.DataFrame({"n": [5, 6]}, index=index)))
        assert found[1:] == [[str(index[0]), "5"], [str(index[1]), "6"]]

    def test_a_counter_is_left_out(self) -> None:
        assert the_table(frame_html(pd.DataFrame({"a": ["x", "y"]}))) == [["a"], ["x"], ["y"]]

    def test_the_names_of_the_columns_of_a_pivot_table_are_kept(self) -> None:
        frame = pd.DataFrame({"place": ["A", "B"], "kind": ["x", "y"], "n": [1, 2]})
        table = frame.pivot_table(index="place", columns="kind", values="n", aggfunc=["sum"])
        assert the_table(frame_html(table)) == [
            ["place / kind", "x", "y"],
            ["A", "1.0", ""],
            ["B", "", "2.0"],
        ]

    def test_display_options_cut_nothing(self) -> None:
        frame = pd.DataFrame({f"c{i}": ["w" * 300] * 80 for i in range(30)})
        with pd.option_context("display.max_rows", 4, "display.max_colwidth", 9):
            found = the_table(frame_html(frame))
        assert (len(found), len(found[0]), set(found[5])) == (81, 30, {"w" * 300})

    def test_a_series_is_kept_whole(self) -> None:
        found = the_table(series_html(pd.Series(range(100), name="n")))
        assert len(found) == 101

    def test_a_frame_without_end_is_refused(self) -> None:
        text = frame_html(pd.DataFrame({"a": range(1_001)}))
        assert "cell 2: pandas has cut a frame" in refused(html(text))


class TestPictures:
    @pytest.mark.parametrize(
        ("kind", "mode"),
        [
            *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
            *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        ],
    )
    def test_every_true_png_and_jpeg_is_taken(self, kind: str, mode: str) -> None:
        data = {f"image/{kind.lower()}": base64.b64encode(picture(kind, mode)).decode()}
        (block,) = read(code("#| alt: Dots\nx", shown(data))).blocks
        assert isinstance(block, ChartBlock)

    @pytest.mark.parametrize("content", [b"\x89PNG", b"", b"GIF89a", b"\xff\xd8\xff"])
    def test_what_is_no_picture_is_refused(self, content: bytes) -> None:
        data = {"image/png": base64.b64encode(content).decode()}
        assert "cell 2: the picture cannot be read" in refused(code("#| alt: Dots\nx", shown(data)))

    @pytest.mark.parametrize(
        "kind",
        [
            "application/json",
            "application/vnd.plotly.v1+json",
            "application/vnd.vegalite.v5+json",
            "application/javascript",
            "application/vnd.jupyter.widget-view+json",
        ],
    )
    def test_other_forms_are_refused_by_name(self, kind: str) -> None:
        data: dict[str, Any] = {kind: "x", "text/plain": "<IPython.core.display.X object>"}
        assert f"cell 2: an output that cannot be printed ({kind}, text/plain)" in refused(
            code("x", shown(data))
        )

    def test_a_photograph_has_a_caption_with_its_credit(self) -> None:
        data = {"image/jpeg": base64.b64encode(picture("JPEG", "RGB")).decode()}
        cell = code("#| caption: A school.\n#| alt: Dots\n#| credit: A. B.\nx", shown(data))
        (block,) = read(cell).blocks
        assert isinstance(block, ChartBlock)
        assert block.caption == "A school. Photograph: A. B."


class TestPrinted:
    @pytest.mark.parametrize("value", ["<X at 0x7f00>", "b'x'", "Timestamp('2020-01-01')"])
    def test_what_nobody_reads_is_refused_in_tables(self, value: str) -> None:
        rows = pd.DataFrame({"a": ["x", value]})
        told = refused(code("x", shown({"text/html": frame_html(rows), "text/plain": ""})))
        assert "a cell of the table shows Python's own notation" in told

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("np.float64(3.25)", "Python's own notation, np.float64("),
            ("[datetime.date(2020, 6, 30)]", "Python's own notation, datetime.date("),
            ("{'a': Decimal('1')}", "Python's own notation, Decimal('"),
            ("Timestamp('2020-01-01')", "Python's own notation, Timestamp('"),
            ("a <IPython.core.display.Math object>", "Python's own notation, <IPython"),
            ("<X at 0x7f00>", "names an object in memory"),
            ("array([1, 2])", "Python's own notation, array("),
            ("Index(['a'], dtype='object')", "Python's own notation, Index("),
            ("a Counter({'a': 1})", "Python's own notation, Counter("),
            ("PosixPath('x')", "Python's own notation, PosixPath("),
            ("0  1\n1  2\nName: x, dtype: int64", "Python's own notation, Name: x, dtype: int64"),
            ("a b\n.. ..\n\n[90 rows x 2 columns]", "has cut a frame of 90 rows x 2 columns"),
            ("x" * 2_001, "prints a word of 2,001 characters"),
        ],
    )
    def test_what_nobody_reads_is_refused(self, text: str, problem: str) -> None:
        told = refused(code("x", printed(text)))
        assert "cell 2: " in told
        assert problem in told

    @pytest.mark.parametrize(
        "text", ["line\n" * 900, "x" * 2_000 + " x" * 49_000, "max(1, 2) at 3", "a Counter (a)"]
    )
    def test_within_the_limits_all_is_kept(self, text: str) -> None:
        (block,) = read(code("x", printed(text))).blocks
        assert getattr(block, "text", "") == text.rstrip()


class TestCaptions:
    def cell(self, options: str, **values: Any) -> NotebookNode:  # noqa: ANN401
        cell = code(f"{options}\nx", shown(chart("bars")))
        cell["metadata"]["user_expressions"] = [
            {"expression": name, "result": {"status": "ok", "data": data, "metadata": {}}}
            for name, data in values.items()
        ]
        return cell

    def test_values_in_captions_and_alternative_texts_are_set(self) -> None:
        options = "#| caption: Reached {eval}`n` teachers\n#| alt: Bars of {eval}`m`"
        data = figure("1.1", "277")
        (block,) = (document := read(self.cell(options, n=data, m={"text/plain": "'six'"}))).blocks
        assert isinstance(block, ChartBlock)
        assert (block.caption, block.alt) == ("Reached 277 teachers", "Bars of six")
        (source,) = document.sources
        assert [(quote.place, quote.text) for quote in source.quotes] == [("Chart 1", "277")]

    def test_values_that_are_not_there_are_told(self) -> None:
        assert "cell 2, line 1: {eval}`n` has no value" in refused(
            self.cell("#| caption: Reached {eval}`n`")
        )

    @pytest.mark.parametrize("text", ["% of girls", "- 5 $x^2$", "1. *a* `b`", "[a] #", "~ \\ $"])
    def test_the_rest_of_a_caption_is_as_it_is_written(self, text: str) -> None:
        (block,) = read(self.cell(f"#| caption: '{text}'")).blocks
        assert isinstance(block, ChartBlock)
        assert block.caption == text


class TestMarkup:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("call[^a]", "line 1: the footnote [^a] is not in its cell"),
            ("x\n\n[^a]: words", "line 3: no word calls the footnote [^a]"),
            ("see [a][b]", "a link whose address is not in its cell"),
            ("{eval} `x`", "{eval} without an expression"),
            ("a $$ b", "$$ that ends no formula"),
            ("a \\begin{equation} b", "LaTeX that is no formula"),
            ("(t)=\nwords", "(t)= stands above no heading"),
        ],
    )
    def test_what_is_left_of_markup_is_refused(self, source: str, expected: str) -> None:
        assert expected in refused(markdown(source))

    @pytest.mark.parametrize(
        "source", ["`{eval} x`", "`[^a]`", "\\[^a]", "a[^b]\n\n[^b]: words", "\\$\\$", "\\{eval} x"]
    )
    def test_what_is_code_or_escaped_is_kept(self, source: str) -> None:
        assert read(markdown(source)).blocks

    def test_comments_are_not_printed(self) -> None:
        source = (
            "a\n% hidden\n% hidden\nb 50 % c\n\n> % hidden\n> d\n\n- e\n  % hidden\n- f\n\n+++ g"
        )
        (block,) = read(markdown(source)).blocks
        assert isinstance(block, Prose)
        said = plain_text(list(block.blocks))
        assert "hidden" not in said
        assert "+++" not in said
        assert said.replace(" ", "") == "ab50%cdef"

    @pytest.mark.parametrize("inner", ["x", "\nx\n", "\nx\n\\\\ y\n"])
    def test_an_equation_over_lines_leaves_nothing_behind(self, inner: str) -> None:
        source = f"a\n\n\\begin{{align}}{inner}\\end{{align}}\n\nb"
        (block,) = read(markdown(source)).blocks
        assert isinstance(block, Prose)
        assert [one["t"] for node in block.blocks for one in node["c"]] == ["Str", "Math", "Str"]

    def test_a_footnote_within_a_callout_is_found(self) -> None:
        assert read(markdown(":::{note}\nhi[^n]\n:::\n\n[^n]: note")).blocks
