"""The law of leaks: whatever is planted, in whatever container, in whatever format, is found."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from audit_samples import PERSONS, package_of, pdf, protected, true_cube, write_house, write_release
from export_samples import chart, code, markdown, printed, shown, table
from export_samples import notebook as executed
from jpreport.audit import Auditor, Release, audit_release
from jpreport.document.formats import load_format
from jpreport.document.reading import read_document
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.programme.formats import registered_formats
from workbook_samples import excel_book, open_book, sheet_of

CODE = "VX-7411"
assert CODE in PERSONS


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The programme, built by somebody on a machine with a secret in its environment."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("getpass.getuser", lambda: "mjovanovic")
        patched.setenv("DB_PASSWORD", "swordfish")
        yield write_house(tmp_path_factory.mktemp("programme") / "house")


def planted(house: Path) -> dict[str, str]:
    """Return a text of each kind that must not be told."""
    return {
        "a person": CODE,
        "a path": f"{house}/data/persons.csv",
        "the user": "mjovanovic",
        "the environment": "swordfish",
    }


def found(house: Path, folder: Path) -> bool:
    release = Release(folder)
    auditor = Auditor(release, package_of(house), house)
    auditor.rest(release)
    return bool(auditor.leaks)


def spot(name: str, text: str) -> list[NotebookNode]:
    """Return a notebook's cells with a text in one spot."""
    title = markdown("# Report\n\n## Results")
    cells = Table((Column("Place"), Column("n", "number")), (Row((Cell("x"), Cell("7"))),))
    spoiled = Table((Column("Place"), Column("n", "number")), (Row((Cell(text), Cell("7"))),))
    return {
        "title": [markdown(f"# Report of {text}")],
        "heading": [title, markdown(f"### On {text}")],
        "paragraph": [title, markdown(f"As {text} said.")],
        "list": [title, markdown(f"- one\n- {text}")],
        "note": [title, markdown(f"Text.[^1]\n\n[^1]: By {text}.")],
        "link": [title, markdown(f"[here](https://example.org/?by={quote(text)})")],
        "code": [title, markdown(f"```\n{text}\n```")],
        "formula": [title, markdown(f"$\\text{{{text}}}$")],
        "output": [title, code("x", printed(text))],
        "caption": [title, code(f"#| label: tbl-x\n#| caption: Of {text}\nx", shown(table(cells)))],
        "cell": [title, code("#| label: tbl-x\n#| caption: C\nx", shown(table(spoiled)))],
        "header": [
            title,
            code("#| label: tbl-x\n#| caption: C\nx", shown(table(Table((Column(text),), ())))),
        ],
        "alternative text": [
            title,
            code("#| label: cht-x\n#| caption: C\nx", shown(chart(f"A chart of {text}"))),
        ],
    }[name]


SPOTS = (
    *("title", "heading", "paragraph", "list", "note", "link", "code", "output", "caption"),
    *("cell", "header", "alternative text"),
)


# What a workbook holds of a report: its title, its tables, and the data behind its charts.
IN_TABLES = ("title", "caption", "cell", "header", "alternative text")


@pytest.mark.parametrize("name", registered_formats())
@pytest.mark.parametrize("where", SPOTS)
def test_what_a_report_tells_is_found_in_every_format(
    name: str, where: str, house: Path, tmp_path: Path
) -> None:
    render = load_format(name).render
    for number, (kind, text) in enumerate(planted(house).items()):
        if number and where != "paragraph":
            break  # one kind in each spot, all of them in the usual one
        folder = tmp_path / str(number)
        folder.mkdir()
        document = read_document(executed(*spot(where, text)))
        (folder / f"report.{name}").write_bytes(render(document, None).content)
        told = where in IN_TABLES or not load_format(name).tables_only
        assert found(house, folder) == told, kind


def _zip(content: bytes, member: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return out.getvalue()


def _attached(content: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as book:
        book.add_blank_page()
        book.attachments["a.bin"] = pikepdf.AttachedFileSpec(book, content)
        book.save(out)
    return out.getvalue()


def _url(content: bytes) -> str:
    return f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}"


def _coded(content: bytes) -> bytes:
    """Return bytes within JSON; base64 of fewer than 18 is not looked into, as words are."""
    return json.dumps({"a": base64.b64encode(content.ljust(18)).decode()}).encode()


def _in_notebook(**cell: Any) -> str:  # noqa: ANN401 (JSON)
    plain = {"cell_type": "code", "metadata": {}, "source": "", "outputs": [], "id": "a"}
    nb = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{**plain, **cell}]}
    return json.dumps(nb)


def _word(part: str, content: str) -> bytes:
    """Return a Word file with a part beside an empty document."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    return _zip(f"<w:x {space}>{content}</w:x>".encode(), part)


def _in_runs(text: str) -> str:
    """Return a text of which Word has its own opinion where it is one."""
    runs = "".join(f"<w:r><w:t>{html.escape(part)}</w:t></w:r>" for part in (text[:3], text[3:]))
    return f"<w:p>{runs}</w:p>"


# What holds a text, with the suffix of its file.
HOLDERS: dict[str, tuple[str, Callable[[str], bytes | str]]] = {
    "text": ("txt", lambda text: f"by {text}, as was said in the records"),
    "JSON": ("json", lambda text: json.dumps({"a": [{"b": text}]})),
    "a JSON key": ("json", lambda text: json.dumps({text: "as was said in the records"})),
    "JSON within JSON": ("json", lambda text: json.dumps({"a": json.dumps([text])})),
    "CSV": ("csv", lambda text: f'place,said by\nBelgrade,"{text}"\n'),
    "a page": ("html", lambda text: f"<p>By {html.escape(text)}</p>"),
    "an attribute": ("html", lambda text: f'<p title="{html.escape(text)}">x</p>'),
    "a comment": ("html", lambda text: f"<!-- {html.escape(text)} -->"),
    "a style": ("html", lambda text: f"<style>/* {text} */</style>"),
    "a picture": ("svg", lambda text: f'<svg xmlns="http://www.w3.org/2000/svg"><desc>{html.escape(text)}</desc></svg>'),
    "the author of a PDF": ("pdf", lambda text: pdf(info={"Author": text})),
    "a cell's source": ("ipynb", lambda text: _in_notebook(source=f"x = '{text}'")),
    "a cell's metadata": ("ipynb", lambda text: _in_notebook(metadata={"a": {"b": text}})),
    "a cell of a workbook": ("xlsx", lambda text: excel_book(cell=text)),
    "a sheet's name": ("xlsx", lambda t: excel_book(**{"cell" if "/" in t else "sheet": t})),
    "the format of a number": ("xlsx", lambda text: excel_book(format=f'0"{text}"')),
    "the author of a workbook": ("xlsx", lambda text: excel_book(author=text)),
    "a name in a workbook": ("xlsx", lambda text: excel_book(name=text)),
    "an ODS file's contents": ("ods", open_book),
    "an ODS file's properties": ("ods", lambda text: open_book(text, "meta.xml")),
    "an ODS file's formats": ("ods", lambda text: open_book(text, "styles.xml")),
    "Word's text": ("docx", lambda text: _word("word/document.xml", _in_runs(text))),
    "Word's comments": ("docx", lambda text: _word("word/comments.xml", _in_runs(text))),
    "Word's header": ("docx", lambda text: _word("word/header1.xml", _in_runs(text))),
    "text that Word shows as deleted": (
        "docx",
        lambda text: _word("word/document.xml", f"<w:delText>{html.escape(text)}</w:delText>"),
    ),
    "an attribute of Word": (
        "docx", lambda text: _word("word/document.xml", f'<wp:docPr descr="{html.escape(text)}"/>')
    ),
    "the properties of Word": (
        "docx",
        lambda text: _word("docProps/core.xml", f"<dc:title>{html.escape(text)}</dc:title>"),
    ),
    "a custom property of Word": (
        "docx",
        lambda text: _word(
            "docProps/custom.xml", f'<property name="a"><v>{html.escape(text)}</v></property>'
        ),
    ),
    "Word's footer": ("docx", lambda text: _word("word/footer2.xml", _in_runs(text))),
    "Word's footnotes": ("docx", lambda text: _word("word/footnotes.xml", _in_runs(text))),
    "text that Word shows as moved": (
        "docx",
        lambda text: _word(
            "word/document.xml", f"<w:moveTo w:author='x'>{_in_runs(text)}</w:moveTo>"
        ),
    ),
    "the author of a change": (
        "docx",
        lambda text: _word("word/document.xml", f'<w:ins w:author="{html.escape(text)}"/>'),
    ),
    "a chart in Word": (
        "docx",
        lambda text: _zip(
            f'<svg xmlns="http://www.w3.org/2000/svg"><text>{html.escape(text)}</text></svg>'
            .encode(),
            "word/media/chart-1.svg",
        ),
    ),
    "where a link of Word leads": (
        "docx",
        lambda text: _zip(
            f'<Relationships><Relationship Target="https://example.org/?by={quote(text)}"/>'
            "</Relationships>".encode(),
            "word/_rels/document.xml.rels",
        ),
    ),
    "a hidden sheet": ("xlsx", lambda text: excel_book(hidden=text)),
    "a remark in a workbook": ("xlsx", lambda text: excel_book(remark=text)),
    "the foot of a sheet": ("xlsx", lambda text: excel_book(foot=text)),
    "custom XML": ("docx", lambda text: _word("customXml/item1.xml", html.escape(text))),
    "an archive's names": ("zip", lambda text: _zip(b"x", f"by {text}.txt")),
}  # fmt: skip
# What holds bytes, with its suffix.
CARRIERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gz", gzip.compress),
    "an archive": ("zip", _zip),
    "base64": ("json", _coded),
    "a data: URL": ("html", lambda inner: f'<a href="{_url(inner)}">x</a>'.encode()),
    "an attachment of a PDF": ("pdf", _attached),
    "a notebook's attachment": (
        "ipynb",
        lambda inner: _in_notebook(
            attachments={"a": {"image/png": base64.b64encode(inner.ljust(18)).decode()}}
        ).encode(),
    ),
}


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(["a person", "a path", "the user", "the environment"]),
    holder=st.sampled_from([*HOLDERS]),
    carriers=st.lists(st.sampled_from([*CARRIERS]), max_size=3),
)
def test_what_is_planted_is_found_in_every_container(
    kind: str,
    holder: str,
    carriers: list[str],
    house: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    suffix, hold = HOLDERS[holder]
    held = hold(planted(house)[kind])
    content = held.encode() if isinstance(held, str) else held
    for name in carriers:
        suffix, carry = CARRIERS[name]
        content = carry(content)
    folder = tmp_path_factory.mktemp("release")
    (folder / f"a.{suffix}").write_bytes(content)
    assert found(house, folder)


COUNTS: dict[str, tuple[str, Callable[[list[list[str]]], str | bytes]]] = {
    "an XLSX file": ("xlsx", sheet_of("xlsx")),
    "an ODS file": ("ods", sheet_of("ods")),
    "CSV": ("csv", lambda rows: "\n".join(map(",".join, rows))),
    "a page": (
        "html",
        lambda rows: "<table>{}</table>".format(
            "".join(f"<tr>{''.join(f'<td>{one}</td>' for one in row)}</tr>" for row in rows)
        ),
    ),
    "a table of Word": (
        "xml",
        lambda rows: "<w:tbl>{}</w:tbl>".format(
            "".join(
                f"<w:tr>{''.join(f'<w:tc>{_in_runs(one)}</w:tc>' for one in row)}</w:tr>"
                for row in rows
            )
        ),
    ),
    "a notebook": (
        "ipynb",
        lambda rows: json.dumps(
            executed(
                code(
                    "x",
                    shown(
                        table(
                            Table(
                                tuple(map(Column, rows[0])),
                                tuple(Row(tuple(map(Cell, row))) for row in rows[1:]),
                            )
                        )
                    ),
                )
            )
        ),
    ),
}


@pytest.mark.parametrize("holder", COUNTS)
@pytest.mark.parametrize("carrier", [None, *CARRIERS])
def test_a_count_that_the_cube_hides_is_found_in_every_container(
    holder: str, carrier: str | None, house: Path, tmp_path: Path
) -> None:
    output = write_release(tmp_path / "outputs", house, protected(house))
    cells = true_cube(house).cells
    rows = [["sex", "age", "year", "n"]] + [
        ["Male", age, year, str(cells["Male", age, year].value)]
        for age in ("0-17", "18-25", "26 and over")
        for year in ("2020", "2021")
    ]
    suffix, hold = COUNTS[holder]
    held = hold(rows)
    content = held.encode() if isinstance(held, str) else held
    if carrier:
        suffix, carry = CARRIERS[carrier]
        content = carry(content)
    (output / f"other.{suffix}").write_bytes(content)
    problems = audit_release(output, package_of(house), house).problems
    assert any(str(problem.where).startswith("other.") for problem in problems)


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_holder_without_anything_planted_is_let_go(
    holder: str, house: Path, tmp_path: Path
) -> None:
    suffix, hold = HOLDERS[holder]
    held = hold("nothing")
    (tmp_path / f"a.{suffix}").write_bytes(held.encode() if isinstance(held, str) else held)
    assert not found(house, tmp_path)
