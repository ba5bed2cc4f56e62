from __future__ import annotations

import base64
import gzip
import io
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit_samples import (
    DAYS,
    PERSONS,
    STORY,
    data_url,
    package_of,
    pdf,
    png,
    protected,
    write_house,
    write_json,
    write_release,
)
from export_samples import code, markdown, printed, shown
from export_samples import notebook as executed
from jpreport.audit import Auditor, Release
from jpreport.audit.traces import traces_here
from jpreport.data import Package
from jpreport.document.reading import read_document
from jpreport.errors import Problem
from jpreport.export.html import render_html

CODE = "VX-7411"
ROW = next(line for line in PERSONS.splitlines() if line.startswith(CODE)).split(",")
SIGN = '<svg xmlns="http://www.w3.org/2000/svg"><title>{}</title><text>{}</text></svg>'


def find_leaks(output: Path, package: Package, root: Path) -> tuple[Problem, ...]:
    """Return what an output folder tells, and see that it is found without its places as well."""
    found = []
    for placed in (True, False):
        auditor = Auditor(Release(output), package, root, placed=placed)
        auditor.rest(Release(output))
        found.append(auditor.leaks)
    assert bool(found[0]) is bool(found[1])
    return found[0]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_house(tmp_path_factory.mktemp("programme") / "house")


@pytest.fixture(scope="module")
def clean(house: Path) -> Path:
    return write_release(house / "outputs", house, protected(house))


@pytest.fixture
def leaks(house: Path, tmp_path: Path) -> Callable[[str, bytes | str], list[Problem]]:
    """What is found in a folder with this one file."""

    def leaks_of(name: str, content: bytes | str) -> list[Problem]:
        path = tmp_path / "outputs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(find_leaks(tmp_path / "outputs", package_of(house), house))

    return leaks_of


def notebook_with(*outputs: object) -> str:
    return json.dumps(executed(markdown("# T"), code("x", *outputs)))  # type: ignore[arg-type]


def test_a_clean_release_tells_nothing(house: Path, clean: Path) -> None:
    assert find_leaks(clean, package_of(house), house) == ()


PLANTED: dict[str, tuple[str, bytes | str]] = {
    "words of a page": ("a.html", f"<p>As {CODE} said</p>"),
    "words with a tag in them": ("a.html", f"<p>As {CODE[:5]}<b>{CODE[5:]}</b> said</p>"),
    "other case and hyphen": ("a.html", "<p>vx\N{NON-BREAKING HYPHEN}7411</p>"),
    "character references": ("a.html", "<p>VX&#45;7411</p>"),
    "an attribute": ("a.html", f'<p data-person="{CODE}">x</p>'),
    "an alternative text": ("a.html", f'<img src="x.png" alt="Case {CODE}">'),
    "a comment": ("a.html", f"<p>x</p><!-- {CODE} -->"),
    "a script": ("a.html", f"<script>let x = ['{CODE}']</script>"),
    "a data: URL": ("a.html", f'<a href="{data_url(f"row {CODE} of the table")}">x</a>'),
    "a percent-encoded URL": ("a.html", '<a href="data:text/csv,id%0AVX%2D7411">x</a>'),
    "a page in a page": ("a.html", f'<iframe srcdoc="&lt;p&gt;{CODE}&lt;/p&gt;"></iframe>'),
    "the title of a picture": ("a.svg", SIGN.format(CODE, "x")),
    "the text of a picture": ("a.svg", SIGN.format("x", CODE)),
    "a picture in a page": (
        "a.html",
        f'<img alt="x" src="{data_url(SIGN.format("x", CODE), "image/svg+xml")}">',
    ),
    "base64 in lines": (
        "a.txt",
        base64.encodebytes(f"some words before {CODE} and a great many after".encode() * 4),
    ),
    "a CSV": ("a.csv", f"id;sex\r\n{CODE};Female\r\n"),
    "JSON": ("a.json", json.dumps({"a": [{"b": CODE}]})),
    "the keys of JSON": ("a.json", json.dumps({CODE: 1})),
    "JSON in JSON": ("a.json", json.dumps({"a": r'{"b": "\u0056X-7411"}'})),
    "text in UTF-16": ("a.txt", CODE.encode("utf-16")),
    "a compressed file": ("a.csv.gz", gzip.compress(CODE.encode())),
    "the name of a file": (f"person-{CODE.lower()}.html", "<p>x</p>"),
    "what a cell printed": ("executed/a.ipynb", notebook_with(printed(f"checking {CODE}\n"))),
    "an error of a failed notebook": (
        "failed/a.ipynb",
        notebook_with(
            {
                "output_type": "error",
                "ename": "KeyError",
                "evalue": f"'{CODE}'",
                "traceback": ["x"],
            }
        ),
    ),
    "a value in the text": (
        "executed/a.ipynb",
        json.dumps(executed(markdown("{eval}`x`", {"x": {"text/plain": f"'{CODE}'"}}))),
    ),
    "metadata of a notebook": (
        "executed/a.ipynb",
        json.dumps({"cells": [], "metadata": {"papermill": {"parameters": {"p": CODE}}}}),
    ),
    **{
        f"a PNG picture's {name}": (
            "executed/a.ipynb",
            notebook_with(shown({"image/png": base64.b64encode(content).decode()})),
        )
        for name, content in {
            "text": png((b"tEXt", b"Comment\0of " + CODE.encode())),
            "compressed text": png((b"zTXt", b"Comment\0\0" + zlib.compress(CODE.encode()))),
            "international text": png(
                (b"iTXt", b"Title\0\1\0sr\0Naslov\0" + zlib.compress(CODE.encode()))
            ),
            "EXIF data": png((b"eXIf", b"II*\0\x08\0\0\0" + CODE.encode())),
            "wide EXIF data": png((b"eXIf", b"II*\0" + CODE.encode("utf-16-le"))),
            "end": png(after=b"after all: " + CODE.encode()),
        }.items()
    },
    "a JPEG picture": ("a.jpg", b"\xff\xd8\xff\xe1\0\x20Exif\0\0" + CODE.encode() + b"\xff\xd9"),
    "a PDF's page": ("a.pdf", pdf(f"Of {CODE} we know")),
    "a PDF's broken line": ("a.pdf", pdf("Of VX-\n7411 we know")),
    "a PDF's title": ("a.pdf", pdf(info={"Title": f"Report on {CODE}"})),
    "a PDF's own key": ("a.pdf", pdf(info={"Case": CODE})),
    "a PDF's metadata": ("a.pdf", pdf(xmp=f"Case {CODE}")),
    "a PDF's alternative text": ("a.pdf", pdf(alt=f"Photo of {CODE}")),
    "a PDF's replacement text": ("a.pdf", pdf(marked=CODE)),
    "a PDF's bookmark": ("a.pdf", pdf(bookmark=f"Case {CODE}")),
    "a PDF's note": ("a.pdf", pdf(note=f"See {CODE}")),
    "a PDF's attachment": ("a.pdf", pdf(attached={"a.csv": f"id\n{CODE}\n".encode()})),
    "an attachment's name": ("a.pdf", pdf(attached={f"{CODE}.csv": b"id\n"})),
    "a PDF in a PDF": ("a.pdf", pdf(attached={"b.pdf": pdf(f"Of {CODE}")})),
    "a PDF in a page": (
        "a.html",
        f'<a href="data:application/pdf;base64,{base64.b64encode(pdf(CODE)).decode()}">x</a>',
    ),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_code_is_found(
    kind: str, leaks: Callable[[str, bytes | str], list[Problem]]
) -> None:
    name, content = PLANTED[kind]
    problems = leaks(name, content)
    assert problems
    for problem in problems:
        assert str(problem.where).startswith(name[:4])
        assert 'of "person_id" in "persons"' in problem.message
        assert problem.hint
        # Whoever reads the problem learns no more than where to look.
        assert "7411" not in problem.message
        assert "7411" not in str(problem.where)


def test_a_place_is_told(leaks: Callable[[str, bytes | str], list[Problem]]) -> None:
    text = "<p>one</p>\n<p>two</p>\n<img alt='VX-7411' src='x'>"
    assert [str(p.where) for p in leaks("a.html", text)] == [
        'a.html, line 3, attribute "alt" of <img>'
    ]
    other = pdf("Nothing here", attached={"b.json": json.dumps({"list": ["x", CODE]}).encode()})
    assert "a.pdf, attachment b.json, list 2" in [str(p.where) for p in leaks("a.pdf", other)]
    page = pdf(f"Of {CODE}")
    assert "b.pdf, page 1" in [str(p.where) for p in leaks("b.pdf", page)]
    nb = notebook_with(shown({"text/html": f"<p>{CODE}</p>", "text/plain": "x"}))
    places = [str(p.where) for p in leaks("executed/a.ipynb", nb)]
    assert any("executed/a.ipynb, cell 2, output 1, data, text/html" in place for place in places)


def test_an_archive_is_looked_into(leaks: Callable[[str, bytes | str], list[Problem]]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:t>{CODE}</w:t>")
    (problem,) = {p.message for p in leaks("a.docx", out.getvalue())}
    assert "person_id" in problem


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("we met Milena Vasic in spring", "name"),
        ("we met MILENA  VASIĆ in spring", "name"),
        (f"She {STORY}.", "story"),
        ("a girl found by a driver near the bridge at dawn, they say", "story"),
        ("she is from Moldova", "country"),
    ],
)
def test_names_and_free_text_are_found(
    text: str, column: str, leaks: Callable[[str, bytes | str], list[Problem]]
) -> None:
    problems = leaks("a.html", f"<p>{text}</p>")
    assert {p.message.split('"')[1] for p in problems} == {column}


@pytest.mark.parametrize(
    "text",
    [
        "a driver stood near the bridge",  # less than would tell the story
        "Serbia",  # too many persons share it
        "Female, 26 and over, 2021",  # what the cube says
        "an analysis of 12 cases by Ana and others",  # three letters stand anywhere
        "VX-741 and VX-74110",
        "held on 1 June 2020 in Niš",
    ],
)
def test_what_tells_nobody_apart_may_stand(
    text: str, leaks: Callable[[str, bytes | str], list[Problem]]
) -> None:
    assert leaks("a.html", f"<p>{text}</p>") == []


def test_short_values_are_found_where_they_stand_alone(
    leaks: Callable[[str, bytes | str], list[Problem]],
) -> None:
    (problem,) = leaks("a.html", "<table><tr><th>Who</th></tr><tr><td>Ana</td></tr></table>")
    assert '"name"' in problem.message
    assert any('"case"' in p.message for p in leaks("b.csv", "sex,case\nFemale,17\n"))
    assert any('"case"' in p.message for p in leaks("c.json", json.dumps([{"case": 17}])))


def test_days_are_found_under_their_name(
    leaks: Callable[[str, bytes | str], list[Problem]],
) -> None:
    table = f"<table><tr><th>Admitted on</th></tr><tr><td>{DAYS[0]}</td></tr></table>"
    (problem,) = leaks("a.html", table)
    assert "admitted_on" in problem.message
    assert DAYS[0] not in str(problem)


def test_days_are_found_when_they_are_too_many(
    leaks: Callable[[str, bytes | str], list[Problem]],
) -> None:
    assert (
        leaks("a.html", f"<p>The law is of {DAYS[0]}; it came into force on {DAYS[1]}.</p>") == []
    )
    (problem,) = leaks("a.html", "".join(f"<p>{day}</p>" for day in DAYS))
    assert str(problem.where) == "a.html"
    assert f'{len(DAYS)} days of "admitted_on"' in problem.message


def test_a_record_is_found_by_its_day_and_what_else_it_says(
    leaks: Callable[[str, bytes | str], list[Problem]],
) -> None:
    _, _, _, sex, age, _, day, _ = ROW
    row = f"<tr><td>{day}</td><td>{sex}</td><td>{age}</td></tr>"
    (problem,) = leaks("a.html", f"<table><tr><th>When</th><th>a</th><th>b</th></tr>{row}</table>")
    assert 'shows a record of "persons"' in problem.message


def test_an_exported_page_is_searched_like_any_other(
    leaks: Callable[[str, bytes | str], list[Problem]],
) -> None:
    nb = executed(markdown(f"# T\n\nText with {CODE} in it."))
    assert leaks("a.html", render_html(read_document(nb)))


@pytest.mark.slow
def test_an_exported_pdf_is_searched_like_any_other(
    leaks: Callable[[str, bytes | str], list[Problem]],
) -> None:
    from pdf_reading import pdf_of

    long = f"# T\n\n## A {CODE}\n\n{'Words and more words. ' * 20}{CODE} {'and others ' * 30}"
    places = {str(p.where) for p in leaks("a.pdf", pdf_of(read_document(executed(markdown(long)))))}
    assert "a.pdf, title or bookmark" in places
    assert any(place.startswith("a.pdf, page ") for place in places)


@pytest.mark.parametrize("path", ["home", "programme", "temporary"])
def test_paths_of_this_machine_are_found(
    path: str,
    house: Path,
    leaks: Callable[[str, bytes | str], list[Problem]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "somebody"))
    text = {
        "home": f"{tmp_path}/somebody/notes.txt",
        "programme": f'File "{house}/notebooks/a.py", line 3',
        "temporary": f"{tempfile.gettempdir()}/ipykernel_12/1.py",
    }[path]
    assert any("tells the path of" in p.message for p in leaks("a.html", f"<p>{text}</p>"))
    assert all(text not in str(p) for p in leaks("a.html", f"<p>{text}</p>"))


@pytest.mark.parametrize(
    "text",
    [
        "/home/milica/reports/x.csv",
        r"C:\Users\milica\reports\x.csv",
        "/opt/venv/lib/python3.11/site-packages/pandas/core/frame.py",
    ],
)
def test_paths_of_other_machines_are_found(
    text: str, leaks: Callable[[str, bytes | str], list[Problem]]
) -> None:
    (problem,) = leaks("failed/a.ipynb", notebook_with(printed(text)))
    assert problem.message == "tells a path of a machine"


def test_user_host_and_environment_are_found(
    leaks: Callable[[str, bytes | str], list[Problem]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "mjovanovic")
    monkeypatch.setattr("platform.node", lambda: "lab-42.example.org")
    monkeypatch.setenv("DB_PASSWORD", "swordfish")
    monkeypatch.setenv("GRANT_FILE", "grant-2020-final")
    for text, what in {
        "by mjovanovic": "the name of the user",
        "on lab-42": "the name of the machine",
        "with swordfish": "the value of the environment variable DB_PASSWORD",
        "from grant-2020-final": "the value of the environment variable GRANT_FILE",
    }.items():
        found = leaks("a.pdf", pdf(info={"Author": text}))
        assert [p.message for p in found] == [f"tells {what}"]
        assert all(text.split()[1] not in str(p) for p in found)


def test_what_the_programme_says_itself_is_no_trace(house: Path) -> None:
    here = traces_here(
        house,
        ["A joint programme with a grant of 2020, built by Grant"],
        {"CI_PROJECT": "joint-programme", "LANG": "en_GB.UTF-8", "VERSION": "3.11.14"},
    )
    assert list(here.found("the joint-programme, charset en_GB.UTF-8, Python 3.11.14")) == []


ODD = {
    "USER": "root",
    "LOGNAME": "report",
    "HOME": "/",
    "CI": "true",
    "ONE": "1",
    "LANGUAGE_OF_REPORT": "en",
    "DEBUG": "Female",
    "STAGE": "production",
    "ACCEPT": "text/html",
    "FONT": "sans-serif",
    "MODE": "noninteractive",
    "CHARSET": "utf-8",
    "ARCH": "x86_64",
    "IMAGE": "python-3.11",
    "AUTH": "enabled",
    "GIT_AUTHOR_NAME": "Final report",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "house/final-report",
    "GITHUB_WORKFLOW": "Persons admitted",
    "SITE": "persons-by-age_group",
    "PS_COLOUR": "0;32",
    "EMPTY": "",
    "NAMESPACE": "http://www.w3.org/2000/svg",
    "KERNEL": "Python 3 (ipykernel)",
}


@pytest.mark.parametrize("home", ["/", "/root", "/github/home"])
def test_odd_environments_of_build_machines_are_no_traces(
    home: str, house: Path, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in {**ODD, "HOME": home}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("platform.node", lambda: "main")
    assert find_leaks(clean, package_of(house), house) == ()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SLACK_TOKEN", "abcdef", True),
        ("PGPASSWORD", "belgrade", True),
        ("DATABASE_URL", "postgres://anna:pw@db/persons", True),
        ("BUILD_TAG", "jenkins-house-7741", True),
        ("MONITOR", "aaaaaaa-1", False),
        ("AUTHOR", "belgrade", False),
        ("SITE", "Niš", False),
    ],
)
def test_a_value_counts_by_its_name_and_its_form(
    house: Path, name: str, value: str, *, told: bool
) -> None:
    found = list(traces_here(house, [], {name: value}).found(f"seen: {value}."))
    assert found == ([f"the value of the environment variable {name}"] if told else [])


def test_what_an_open_table_says_is_no_trace(house: Path) -> None:
    here = {"SITE": "station-77-north"}
    table = house / "data/sites.csv"
    table.write_text("site\nstation-77-north\n", encoding="utf-8")
    assert list(traces_here(house, [], here).found("at station-77-north")) != []
    assert list(traces_here(house, [], here, [table]).found("at station-77-north")) == []
    table.unlink()


def test_what_cannot_be_read_is_no_clean_release(
    leaks: Callable[[str, bytes | str], list[Problem]],
) -> None:
    (problem,) = leaks("a.parquet", b"PAR1\x15\x04\x15\xff\xfe\x80" * 9)
    assert "is of a kind that is not read" in problem.message
    assert any("cannot be read" in p.message for p in leaks("b.pdf", b"%PDF-1.7 and no more"))
    assert any("cannot be unpacked" in p.message for p in leaks("c.zip", b"PK\x03\x04 no more"))


def test_a_programme_without_sensitive_tables_is_searched_for_traces(tmp_path: Path) -> None:
    open_house = tmp_path / "open"
    write_house(open_house)
    raw = json.loads((open_house / "data/datapackage.json").read_text())
    del raw["resources"][0]["jpreport"]["sensitive"]
    write_json(open_house / "data/datapackage.json", raw)
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs/a.html").write_text(f"<p>{CODE} at {open_house}/data</p>")
    (problem,) = find_leaks(tmp_path / "outputs", package_of(open_house), open_house)
    assert "the path of" in problem.message


def wrapped(text: str) -> st.SearchStrategy[str]:
    """Return ways to write a text into another one."""
    coded = base64.b64encode(f"some words before {text} and after".encode()).decode()
    bare = base64.b64encode(text.encode()).decode()
    ways = (
        text,
        bare,
        f"see {bare}.",
        f"<p>{text}</p>",
        json.dumps({"a": text}),
        f"data:text/plain;base64,{coded}",
    )
    return st.sampled_from(ways)


JSON = st.recursive(
    st.sampled_from([1, None, "a", "b", "<p>a</p>", '{"a": "b"}']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@settings(max_examples=12)
@given(data=st.data(), before=st.lists(JSON, max_size=3))
def test_a_value_is_found_whatever_was_read_before(
    data: st.DataObject, before: list[object], house: Path, clean: Path
) -> None:
    telling = {"a": data.draw(wrapped(CODE).flatmap(wrapped))}

    def found(*values: object) -> bool:
        auditor = Auditor(Release(clean), package_of(house), house)
        for number, value in enumerate(values):
            auditor.file(f"{number}.json", json.dumps([value]).encode())
        return bool(auditor.leaks)

    assert not found(*before)
    assert found(*before, telling)
    assert found(*before, [*before, telling])
