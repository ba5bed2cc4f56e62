"""Reading executed notebooks: what a document holds, and everything that is refused."""

from __future__ import annotations

import base64
import io
from typing import Any

import pandas as pd
import pytest
from nbformat import NotebookNode, v4
from PIL import Image

from export_samples import (
    CHART_SVG,
    FRAME_HTML,
    FRONT,
    PERFORMANCE,
    chart,
    code,
    figure,
    markdown,
    notebook,
    picture,
    printed,
    sample,
    shown,
    table,
)
from jpreport.document.blocks import ChartBlock, CodeBlock, Document, Prose, TableBlock, TextBlock
from jpreport.document.cover import FrontMatter
from jpreport.document.markdown import plain_text
from jpreport.document.reading import read_document
from jpreport.errors import ExportError
from jpreport.forms.tables import Cell, Column

TITLE = markdown("# Title")


def read(*cells: NotebookNode) -> Document:
    return read_document(notebook(TITLE, *cells))


def problems(*cells: NotebookNode, title: bool = True) -> list[str]:
    with pytest.raises(ExportError) as caught:
        read_document(notebook(*([TITLE] if title else []), *cells))
    return [str(problem) for problem in caught.value.problems]


def only(document: Document) -> Any:  # noqa: ANN401 - each test knows its kind of block
    (block,) = document.blocks
    return block


def words(document: Document) -> str:
    return " ".join(
        plain_text(list(block.blocks)) for block in document.blocks if isinstance(block, Prose)
    )


def nodes(value: Any, kind: str) -> list[Any]:  # noqa: ANN401 - any part of a tree
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in nodes(item, kind)]
    if isinstance(value, dict) and "t" in value:
        return [value] * (value["t"] == kind) + nodes(value.get("c"), kind)
    return []


def test_a_sample_has_one_of_everything() -> None:
    document = read_document(sample())
    assert document.title == "Final report on Ruritania"
    assert document.front == FRONT
    kinds = [type(block) for block in document.blocks]
    assert {Prose, TableBlock, ChartBlock, CodeBlock, TextBlock} == set(kinds)
    tables = [block for block in document.blocks if isinstance(block, TableBlock)]
    assert [block.number for block in tables] == [1, None, 2]
    assert tables[0].table == PERFORMANCE
    # 1.1 and 2.1 stand in prose and in the table, and count once.
    assert document.figures == len({"1.1", "1.1.share", "2.1", "1.2", "R.1", "R.2", "R.4"})


def test_a_notebook_without_front_matter_is_read() -> None:
    document = read_document(notebook(markdown("# Only a title"), front=None))
    assert (document.title, document.front, document.blocks) == ("Only a title", FrontMatter(), ())


def test_front_matter_of_another_version_is_refused() -> None:
    nb = notebook(TITLE)
    nb.metadata["jpreport"]["version"] = 99
    with pytest.raises(ExportError, match="cannot be read"):
        read_document(nb)


class TestProse:
    def test_headings_move_up_and_are_numbered(self) -> None:
        document = read(
            markdown("## One\n\n### Deep\n\n## Two {#own}\n\n## Aside {.unnumbered}\n\n## One")
        )
        found = [node["c"] for node in nodes(only(document).blocks, "Header")]
        assert [(level, attributes) for level, attributes, _ in found] == [
            (1, ["one", [], [["data-number", "1"]]]),
            (2, ["deep", [], [["data-number", "1.1"]]]),
            (1, ["own", [], [["data-number", "2"]]]),
            (1, ["aside", ["unnumbered"], []]),
            (1, ["one-2", [], [["data-number", "3"]]]),
        ]

    def test_values_stand_where_their_roles_were(self) -> None:
        values = {
            'rp["1.1"]': figure("1.1", "at least 277"),
            "donor": {"text/plain": '"It\'s Belgium"'},
            "n": {"text/plain": "3"},
        }
        text = '({eval}`rp["1.1"]`) {eval}`donor` **{eval}`n`**'
        document = read(markdown(text, values))
        assert words(document) == "(at least 277) It's Belgium 3"
        (span,) = nodes(only(document).blocks, "Span")
        keys = [["data-figure", "1.1"], ["data-source", "jp-figure-1.1"]]
        assert span["c"][0] == ["jp-quote-1", ["figure"], keys]
        assert span["c"][1] == [{"t": "Str", "c": "at least 277"}]
        assert document.figures == 1

    def test_a_role_in_code_is_code(self) -> None:
        assert words(read(markdown("```\n{eval}`x`\n```"))) == "{eval}`x`"

    def test_references_get_words_and_links(self) -> None:
        document = read(
            markdown("[](#t) [](#c) [](#here) [these](#t)\n\n(here)=\n## There"),
            code("#| label: t\n#| caption: T\nx", shown(table(PERFORMANCE))),
            code("#| label: c\n#| caption: C\nx", shown(chart("alt"))),
        )
        assert words(document).startswith("Table 1 Chart 1 Section 1 these")
        links = nodes(document.blocks[0].blocks, "Link")
        assert [link["c"][2][0] for link in links] == ["#t", "#c", "#here", "#t"]

    @pytest.mark.parametrize(
        ("source", "kind", "title"),
        [
            (":::{note} A *title*\nBody\n:::", "note", "A title"),
            (":::{tip}\n:class: dropdown\nBody\n:::", "tip", "Tip"),
            ("```{warning} Mind\nBody\n```", "warning", "Mind"),
            ("::::{important}\nBody\n::::", "important", "Important"),
            (":::{danger} X\nBody\n:::", "warning", "X"),
        ],
    )
    def test_callouts(self, source: str, kind: str, title: str) -> None:
        (div,) = nodes(only(read(markdown(source))).blocks, "Div")
        assert div["c"][0] == ["", ["callout", kind], []]
        heading, body = div["c"][1]
        assert (heading["t"], plain_text(heading), plain_text(body)) == ("Plain", title, "Body")

    def test_callouts_nest_and_leave_code_alone(self) -> None:
        source = "::::{note}\nA\n:::{tip}\nB\n:::\nC\n```\n:::{note}\n```\n::::\n\nD"
        document = read(markdown(source))
        outer, inner = nodes(only(document).blocks, "Div")
        assert plain_text(outer["c"][1]) == "NoteATipBC:::{note}"
        assert plain_text(inner["c"][1]) == "TipB"
        assert plain_text(only(document).blocks[-1]) == "D"

    @pytest.mark.parametrize(
        "tag", ["<script>", "<div onclick='x'>", "<b>", "<a href='x'>", "</u>"]
    )
    @pytest.mark.parametrize("form", ["a {} b", "{}\n\nb", "- {}", "| {} |\n|---|\n| b |"])
    def test_html_is_refused(self, tag: str, form: str) -> None:
        with pytest.raises(ExportError, match=f"HTML in Markdown, {tag}"):
            read(markdown(form.format(tag)))

    @pytest.mark.parametrize(
        ("source", "kind"),
        [
            ("H<sub>2</sub>O", "Subscript"),
            ("m<SUP>2</SUP>", "Superscript"),
            ("a <b>*b*</b> c", "Strong"),
            ("a <em>b <u>c</u></em>", "Emph"),
            ("a <em>b <u>c</u></em>", "Underline"),
            ("<del>gone</del>", "Strikeout"),
        ],
    )
    def test_plain_tags_are_what_they_say(self, source: str, kind: str) -> None:
        blocks = only(read(markdown(source))).blocks
        assert nodes(blocks, kind)
        assert "<" not in plain_text(list(blocks))

    @pytest.mark.parametrize("mark", ["^", "~"])
    def test_lone_marks_are_no_raised_words(self, mark: str) -> None:
        for source in (f"km{mark}2 and m{mark}3", f"2{mark}10 or\n3{mark}4"):
            said = plain_text(list(only(read(markdown(source))).blocks))
            assert said == source.replace("\n", " ")
        assert plain_text(list(only(read(markdown(f"x{mark}2{mark}"))).blocks)) == "x2"

    def test_nothing_raw_passes(self) -> None:
        source = (
            "An \\<script>alert(1)\\</script> a<br>b <!-- gone -->\n\n"
            '`x`{=html} [s]{style="a" onclick="b"}\n\n```{=typst}\n#read(1)\n```\n'
        )
        with pytest.raises(ExportError, match="unknown directive"):
            read(markdown(source))
        blocks = only(read(markdown(source.split("```", maxsplit=1)[0]))).blocks
        assert not nodes(blocks, "RawInline")
        assert not nodes(blocks, "RawBlock")
        assert "An <script>alert(1)</script> a b" in plain_text(list(blocks))
        assert "gone" not in str(blocks)
        assert "style" not in str(blocks)

    def test_cells_do_not_reach_into_each_other(self) -> None:
        document = read(markdown("A[^1]\n\n[^1]: one\n\n```\nopen"), markdown("B[^1]\n\n[^1]: two"))
        assert [plain_text(n["c"]) for b in document.blocks for n in nodes(b.blocks, "Note")] == [
            "one",
            "two",
        ]


class TestOutputs:
    def test_the_richest_form_is_taken(self) -> None:
        both = {**table(PERFORMANCE), **chart("alt")}
        assert isinstance(only(read(code("x", shown(both)))), TableBlock)
        bundle = {"image/svg+xml": "<svg/>", "text/html": "<p>", "text/plain": "x"}
        block = only(read(code("#| alt: A line\nx", shown(bundle))))
        assert block == ChartBlock("image/svg+xml", b"<svg/>", "A line")

    def test_the_authors_words_replace_the_charts(self) -> None:
        block = only(read(code("#| alt: 'Mine: better'\nx", shown(chart("made")))))
        assert (block.alt, block.image) == ("Mine: better", CHART_SVG.encode())
        assert block.data.columns[0] == Column("Region")

    def test_png(self) -> None:
        data = {"image/png": base64.b64encode(picture("PNG", "RGB")).decode() + "\n"}
        block = only(read(code("#| alt: Dots\nx", shown(data))))
        assert (block.media_type, block.image) == ("image/png", picture("PNG", "RGB"))

    def test_a_figure_is_prose(self) -> None:
        document = read(code("rp['1.1']", shown(figure("1.1", "277"))))
        assert words(document) == "277"
        assert document.figures == 1

    def test_markdown_output_is_prose(self) -> None:
        data = {"text/markdown": "Some *words*", "text/plain": "<Markdown>"}
        assert words(read(code("x", shown(data)))) == "Some words"

    def test_text_and_streams(self) -> None:
        document = read(
            code("x", printed("a\n"), printed("\x1b[31mb\x1b[0m\n"), printed("w", "stderr")),
            code("x", shown({"text/plain": "[1, 2]"})),
            code("x", shown({"text/plain": "None"})),
            code("x", printed("hidden"), tags=("hide",)),
            v4.new_raw_cell("raw"),
        )
        assert document.blocks == (TextBlock("a\nb"), TextBlock("[1, 2]"))

    def test_what_drawing_returns_is_left_out(self) -> None:
        line = shown({"text/plain": "[<matplotlib.lines.Line2D at 0x7f00>]"})
        document = read(code("#| alt: A line\nx", line, shown({"image/svg+xml": "<svg/>"})))
        assert isinstance(only(document), ChartBlock)

    def test_code_is_hidden_unless_it_is_to_be_seen(self) -> None:
        document = read(code("a = 1"), code("#| echo: true\nb = 2", tags=("show-code",)))
        assert document.blocks == (CodeBlock("b = 2", "python"),)


class TestFrames:
    def test_header_rows_and_row_headers_are_kept(self) -> None:
        made = only(read(code("x", shown({"text/html": FRAME_HTML})))).table
        assert made.stub == 1
        assert made.columns == (Column("year"), Column("sessions", "number"), Column("place"))
        assert made.rows[1].cells == (Cell("2011"), Cell("", "empty"), Cell("a<b"))

    def test_levels_become_groups(self) -> None:
        frame = pd.DataFrame(
            [[1, 2, 3], [4, 5, 6]],
            columns=pd.MultiIndex.from_tuples([("A", "x"), ("A", "y"), ("B", "z")]),
            index=pd.MultiIndex.from_tuples([("p", "q"), ("p", "r")], names=["i", "j"]),
        )
        made = only(read(code("x", shown({"text/html": frame._repr_html_()})))).table
        assert (made.stub, made.groups) == (2, (("", 2), ("A", 2), ("B", 1)))
        assert [column.label for column in made.columns] == ["i", "j", "x", "y", "z"]
        # A row that pandas spans over two is said twice: each cell is found by its own row.
        assert [[cell.text for cell in row.cells] for row in made.rows] == [
            ["p", "q", "1", "2", "3"],
            ["p", "r", "4", "5", "6"],
        ]

    def test_a_counter_of_rows_is_left_out(self) -> None:
        frame = pd.DataFrame({"place": ["North", "South"], "n": [1.5, None]})
        made = only(read(code("x", shown({"text/html": frame._repr_html_()})))).table
        assert [column.label for column in made.columns] == ["place", "n"]
        assert (made.stub, made.columns[1].kind) == (1, "number")

    def test_a_frame_that_pandas_cut_is_refused(self) -> None:
        frame = pd.DataFrame({"a": range(100)})
        with pd.option_context("display.max_rows", 4):
            text = frame._repr_html_()
        (problem,) = problems(code("x", shown({"text/html": text})))
        assert "cell 2: pandas has cut a frame of 100 rows \u00d7 1 columns" in problem

    def test_names_that_look_like_missing_values_stay(self) -> None:
        html = "<table><tr><th>a</th></tr>" + "".join(
            f"<tr><td>{name}</td></tr>" for name in ("None", "Nan", "Null", "null", "NaN", "")
        )
        made = only(read(code("x", shown({"text/html": f"{html}</table>"})))).table
        assert [row.cells[0].text for row in made.rows] == ["None", "Nan", "Null", "null", "", ""]

    def test_words_around_a_table_stay_in_their_order(self) -> None:
        html = (
            "<h3>Before</h3><p>One</p><table><tr><td>x</td><td>y</td></tr></table><ul><li>Two</ul>"
        )
        document = read(code("x", shown({"text/html": f"<div>{html}</div>"})))
        before, table, behind = document.blocks
        assert isinstance(table, TableBlock)
        assert [plain_text(list(one.blocks)) for one in (before, behind)] == ["BeforeOne", "Two"]

    def test_a_cell_keeps_its_paragraphs_items_and_addresses_apart(self) -> None:
        cell = '<p>One</p><p>Two</p><ul><li>a<li>b</ul><a href="https://x.org/">site</a>'
        html = (
            f"<table><tr><th>h</th><th>i</th></tr><tr><td>{cell}</td><td>c<br>d</td></tr></table>"
        )
        made = only(read(code("x", shown({"text/html": html})))).table
        assert [one.text for one in made.rows[0].cells] == [
            "One Two a; b site (https://x.org/)",
            "c d",
        ]

    def test_titles_groups_and_source_notes_of_a_table_are_said_once(self) -> None:
        html = (
            "<table><thead><tr><td colspan=2>Title</td></tr><tr><th>a</th><th>b</th></tr></thead>"
            "<tbody><tr><th colspan=2>Group</th></tr><tr><td>x</td><td>1</td></tr></tbody>"
            "<tfoot><tr><td colspan=2>Source: us</td></tr></tfoot></table>"
        )
        made = only(read(code("x", shown({"text/html": html})))).table
        assert made.notes == ("Title", "Source: us")
        assert [(row.role, row.cells[0].text) for row in made.rows] == [
            ("section", "Group"),
            ("body", "x"),
        ]
        assert [column.group for column in made.columns] == ["", ""]

    def test_other_html_is_refused(self) -> None:
        (problem,) = problems(code("x", shown({"text/html": "<div>hello</div>"})))
        assert "cell 2: an HTML output that is not a table" in problem


class TestProblems:
    def test_all_are_told_at_once(self) -> None:
        found = problems(
            markdown("### Deep\n\n[](#nowhere) {eval}`x` {evil}`y`"),
            code("#| label: a\nx", shown(table(PERFORMANCE))),
            code("#| label: a\n#| caption: Twice\nx", shown(chart(""))),
            code("#| label: t\n#| caption: T\nx", shown(table(PERFORMANCE))),
            code("#| label: t\n#| caption: T\nx", shown(table(PERFORMANCE))),
            title=False,
        )
        text = "\n".join(found)
        for expected in (
            "the report has no title",
            'cell 1: "### Deep" skips a level',
            "cell 1, line 3: {eval}`x` has no value",
            'cell 1, line 3: unknown role "evil"',
            'cell 1: a reference to "nowhere", which is not there',
            "cell 2 (a): a label without a caption",
            "cell 3 (a): a chart without alternative text",
            'cell 5 (t): the label "t" is used twice',
        ):
            assert expected in text
        assert len(found) == 8

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            (markdown("# Another"), "cell 2: a second title"),
            (markdown("![x](a.png)"), 'a picture in Markdown ("a.png")'),
            (markdown("[x](java\tscript:alert(1))\n\n[y](<javascript:z>)"), "a link to"),
            (markdown("[x](data:text/html,y)"), "a link to"),
            (markdown(":::{figure} x\ny\n:::"), 'unknown directive "figure"'),
            (markdown(":::{note}\nopen"), "a callout is not closed"),
            (markdown("[](#tytle)\n\n## Title"), 'did you mean "title"?'),
            (markdown("## X {#fn1}"), 'the label "fn1" is one that the exporters give'),
            (code("#| label: 1 x\n#| caption: c\nx", shown(chart("a"))), "cannot be a label"),
            (code("#| caption: a: b\nx", shown(chart("a"))), "cell options cannot be read"),
            (code("#| lable: a\nx"), 'did you mean "label"?'),
            (code("#| caption: a\nx"), "a caption, but no table or chart"),
            (
                code("#| caption: a\nx", shown(chart("a")), shown(chart("b"))),
                "one caption for 2 tables or charts",
            ),
            (code("x", shown({"image/svg+xml": "<svg/>"})), "#| alt:"),
            (code("#| alt: chart.png\nx", shown(chart(""))), "is a file name"),
            (code("x", shown({"text/plain": "<X at 0x7f00>"})), "names an object in memory"),
            (code("x", shown({"text/latex": "\\foo"})), "LaTeX that is no formula"),
            (
                code("x", shown({"text/latex": "$\\foo{x}$"})),
                "the formula $$\\foo{x}$$ cannot be set",
            ),
            (code("x", shown({"text/plain": "<X object>"})), "is a Python object, <X object>"),
            (
                code("x", shown({"application/json": {}, "text/plain": "x"})),
                "(application/json, text",
            ),
            (
                code("x", shown({"application/vnd.plotly.v1+json": {}, "text/plain": "x"})),
                "install the package kaleido",
            ),
            (
                code(
                    "x",
                    shown({"text/html": "<table><tr><td><img alt=q src=a.png></td></tr></table>"}),
                ),
                "no table",
            ),
            (code("x", printed("a\n" * 2000)), "the cell prints 2,000 lines"),
            (code("x", printed("a" * 200_000)), "200,000 characters"),
            (
                code(
                    "x",
                    shown({"application/vnd.jupyter.widget-view+json": {}, "text/plain": "HBox()"}),
                ),
                "cannot be printed",
            ),
            (
                code("x", v4.new_output("error", ename="KeyError", evalue="'a'", traceback=[])),
                "the cell raised KeyError: 'a'",
            ),
            (
                code("x", shown({"application/vnd.jpreport.table+json": {"version": 7}})),
                "the table cannot be read",
            ),
        ],
    )
    def test_each_is_told(self, cell: NotebookNode, expected: str) -> None:
        found = "\n".join(problems(cell))
        assert expected in found
        assert "cell 2" in found

    @pytest.mark.parametrize(
        "tex", ["$x$", "$\\displaystyle x$", "$$x$$", "\\begin{align}x\\end{align}"]
    )
    def test_a_formula_that_code_shows_is_set(self, tex: str) -> None:
        document = read(code("x", shown({"text/latex": tex, "text/plain": "<Math object>"})))
        assert only(document).blocks[0]["c"][0]["t"] == "Math"

    def test_pictures_of_the_web_become_png(self) -> None:
        content = io.BytesIO()
        Image.new("RGB", (8, 8), "red").save(content, "WEBP")
        encoded = base64.b64encode(content.getvalue()).decode()
        document = read(code("#| alt: A\nx", shown({"image/webp": encoded, "text/plain": "<I>"})))
        block = only(document)
        assert (block.media_type, block.image[:4]) == ("image/png", b"\x89PNG")

    def test_a_value_that_raised(self) -> None:
        cell = markdown("{eval}`1/0`", {"1/0": {}})
        cell["metadata"]["user_expressions"][0]["result"] = {
            "status": "error",
            "ename": "ZeroDivisionError",
            "evalue": "division by zero",
            "traceback": [],
        }
        assert problems(cell) == [
            "cell 2, line 1: {eval}`1/0` raised ZeroDivisionError: division by zero"
        ]

    def test_a_table_in_a_sentence(self) -> None:
        (problem,) = problems(markdown("{eval}`t`", {"t": table(PERFORMANCE)}))
        assert "cannot stand in a sentence" in problem
