"""A tiny programme with a sensitive table, and releases of it that tests may spoil."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pikepdf
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from pikepdf import Dictionary, Name

from export_samples import code, markdown, shown
from export_samples import notebook as executed
from jpreport.data import Package, Records, read_package
from jpreport.disclosure.cube import Cube, build_cube
from jpreport.disclosure.cubes import Cubes
from jpreport.disclosure.protect import protect
from jpreport.disclosure.protected import ProtectedCube
from jpreport.document.cover import FrontMatter
from jpreport.document.localized import localized
from jpreport.document.reading import read_document
from jpreport.export.html import render_html
from jpreport.figures import (
    Figure,
    FigureRecord,
    Results,
)
from jpreport.forms.mime import FRONT_MATTER, FRONTS
from jpreport.language import catalogue_path, wording_in
from jpreport.notebook.tables import breakdown_table
from jpreport.programme.folder import LANGUAGES_VARIABLE, PROJECT_VARIABLE
from jpreport.programme.settings import read_settings

PROGRAMME = """\
[programme]
title = "Safe house"
start = 2020-01-01
end = 2021-12-31
package = "data/datapackage.json"

[[indicator]]
id = "1.1"
level = "output"
title = "Persons admitted"
unit = "persons"
table = "persons"
measure = "count(distinct person_id)"
disaggregate = ["sex", "age_group"]

[[indicator]]
id = "2.1"
level = "output"
title = "Visits"
unit = "visits"
table = "visits"
measure = "count(*)"

[[report]]
id = "final"
notebook = "notebooks/final.ipynb"
"""

PACKAGE: dict[str, Any] = {
    "name": "house",
    "created": "2022-01-31T00:00:00Z",
    "resources": [
        {
            "name": "persons",
            "path": "persons.csv",
            "jpreport": {
                "date": "admitted_on",
                "sensitive": {
                    "unit": "person_id",
                    "threshold": 5,
                    "dimensions": [
                        "sex",
                        "age_group",
                        {"name": "year", "column": "admitted_on", "derive": "year"},
                    ],
                },
            },
            "schema": {
                "fields": [
                    {"name": "person_id", "constraints": {"required": True, "unique": True}},
                    {"name": "name"},
                    {"name": "case", "type": "integer", "constraints": {"unique": True}},
                    {"name": "sex", "constraints": {"enum": ["Female", "Male"]}},
                    {
                        "name": "age_group",
                        "constraints": {"enum": ["0-17", "18-25", "26 and over"]},
                    },
                    {"name": "country"},
                    {"name": "admitted_on", "type": "date"},
                    {"name": "story"},
                ]
            },
        },
        {
            "name": "visits",
            "path": "visits.csv",
            "schema": {
                "fields": [
                    {"name": "place"},
                    {"name": "held_on", "type": "date"},
                ]
            },
        },
    ],
}
NAMES = ("Milena Vasić", "Ana", "Dragana Ilić", "Ružica Ćosić")
STORY = "was found by a driver near the bridge at dawn and did not speak for two days"
# How many persons there are, by sex, age group and year.
COUNTS = {
    ("Female", "0-17", 2020): 8,
    ("Female", "0-17", 2021): 2,
    ("Female", "18-25", 2020): 14,
    ("Female", "18-25", 2021): 16,
    ("Female", "26 and over", 2020): 9,
    ("Female", "26 and over", 2021): 12,
    ("Male", "0-17", 2020): 6,
    ("Male", "0-17", 2021): 3,
    ("Male", "18-25", 2020): 4,
    ("Male", "18-25", 2021): 7,
    ("Male", "26 and over", 2020): 11,
    ("Male", "26 and over", 2021): 10,
}


def _persons() -> str:
    lines = ["person_id,name,case,sex,age_group,country,admitted_on,story"]
    number = 0
    for (sex, age, year), count in COUNTS.items():
        for place in range(count):
            day = dt.date(year, 1, 1) + dt.timedelta(days=number * 37 % 365)
            name = NAMES[number] if number < len(NAMES) else f"Person {number:03d}x"
            story = STORY if number == 1 else ""
            country = "Moldova" if number == 3 else "Serbia"
            lines.append(
                f"VX-{7400 + number},{name},{number + 1},{sex},{age},{country},{day},{story}"
            )
            number += 1
            assert place < count
    return "\n".join(lines) + "\n"


PERSONS = _persons()
VISITS = "place,held_on\nBelgrade,2020-06-01\nNiš,2020-09-12\n"
# Days of the table; the first of them all is the day on which the programme began.
DAYS = tuple(sorted({line.split(",")[6] for line in PERSONS.splitlines()[1:]}))[1:7]


def write_house(root: Path) -> Path:
    """Write the programme into a folder that need not be there, and return it."""
    (root / "data").mkdir(parents=True)
    (root / "notebooks").mkdir()
    (root / "data/persons.csv").write_text(PERSONS, encoding="utf-8")
    (root / "data/visits.csv").write_text(VISITS, encoding="utf-8")
    (root / "data/datapackage.json").write_text(json.dumps(PACKAGE), encoding="utf-8")
    (root / "programme.toml").write_text(PROGRAMME, encoding="utf-8")
    (root / "notebooks/final.ipynb").write_text('{"cells": []}', encoding="utf-8")
    return root


SECRET = bytes(range(32))


def package_of(root: Path) -> Package:
    return read_package(root / "data/datapackage.json", root)


def true_cube(root: Path) -> Cube:
    package = package_of(root)
    declaration = Cubes(package, root, root / "work").declaration("persons")
    with Records(package, persons=True) as records:
        return build_cube(declaration, package.resources["persons"], records)


def protected(root: Path, *, secondary: bool = True) -> ProtectedCube:
    declaration = Cubes(package_of(root), root, root / "work").declaration("persons")
    truth = true_cube(root)
    found = protect(truth, declaration, secret=SECRET).cube
    if secondary:
        return found
    small = {
        key: None if declaration.fewest <= cell.persons < declaration.threshold else cell.value
        for key, cell in truth.cells.items()
    }
    return replace(found, cells=small)


def figures(root: Path, cube: ProtectedCube) -> dict[str, Figure]:
    """Return the programme's figures as a release has them."""
    package = package_of(root)
    stage = root / "stage"
    (stage / "cubes").mkdir(parents=True, exist_ok=True)
    (stage / "cubes/persons.json").write_text(json.dumps(cube.to_json()), encoding="utf-8")
    with Records(package) as records:
        results = Results(
            read_settings(root),
            records,
            cubes=Cubes(package, stage, root / "work"),
        )
        return {figure.id: figure for figure in results.figures()}


# The words of the programme in another language.
WORDS = {
    "Persons admitted": "Примљене особе",
    "Sex": "Пол",
    "Age group": "Старост",
    "Female": "Женски",
    "Male": "Мушки",
    "0-17": "до 17",
    "18-25": "од 18 до 25",
    "26 and over": "26 и више",
}


def speak_serbian(root: Path) -> None:
    """Let the report be made in Serbian as well."""
    settings = root / "programme.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace('id = "final"\n', 'id = "final"\nlanguages = ["en", "sr-Cyrl"]\n')
    settings.write_text(text, encoding="utf-8")
    catalog = Catalog(locale="sr_Cyrl")
    for one, other in WORDS.items():
        catalog.add(one, other)
    path = catalogue_path(root / "notebooks", "sr-Cyrl")
    path.parent.mkdir(parents=True)
    with path.open("wb") as out:
        write_po(out, catalog)


def write_release(output: Path, root: Path, cube: ProtectedCube, *, serbian: bool = False) -> Path:
    """Write a release as a build leaves it, its PDF excepted, and return its folder."""
    made = figures(root, cube)
    whole = made["1.1"]
    tags = "en,sr-Cyrl" if serbian else "en"
    with patch.dict(os.environ, {LANGUAGES_VARIABLE: tags, PROJECT_VARIABLE: str(root)}):
        nb = executed(
            markdown(
                "# Final report\n\nWe admitted {eval}`rp` persons from 1 June 2020.",
                {"rp": whole._repr_mimebundle_()},
            ),
            code("breakdown", shown(breakdown_table(whole, "sex")._repr_mimebundle_())),
            code("breakdown", shown(breakdown_table(whole, "age_group")._repr_mimebundle_())),
        )
    output.mkdir(parents=True)
    (output / "executed").mkdir()
    (output / "cubes").mkdir(parents=True)
    (output / "executed/final.ipynb").write_text(json.dumps(nb), encoding="utf-8")
    (output / "final.html").write_text(render_html(read_document(nb)), encoding="utf-8")
    if serbian:
        spoken = in_serbian(nb)
        terms = wording_in("sr-Cyrl", root).terms
        page = render_html(read_document(spoken, terms))
        (output / "final.sr-Cyrl.html").write_text(page, encoding="utf-8")
    entries = [FigureRecord.of(figure).alone.to_json() for figure in made.values()]
    write_json(output / "manifest.json", {"version": 2, "indicators": entries, "reports": {}})
    write_json(output / "cubes/persons.json", cube.to_json())
    return output


def in_serbian(nb: Any) -> Any:  # noqa: ANN401
    """Return an executed notebook in Serbian, its prose as it is."""
    nb.metadata[FRONT_MATTER] = FrontMatter().to_json()
    nb.metadata[FRONTS] = {"sr-Cyrl": {"language": "sr-Cyrl"}}
    return localized(nb, "sr-Cyrl", {})


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def data_url(text: str, kind: str = "text/plain") -> str:
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def png(*chunks: tuple[bytes, bytes], after: bytes = b"") -> bytes:
    """Return a picture of one pixel with further chunks."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        *chunks,
        (b"IDAT", zlib.compress(b"\0\0")),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts) + after


def pdf(  # noqa: PLR0913 (each place that a PDF has for texts)
    words: str = "A page",
    *,
    info: Mapping[str, str] | None = None,
    alt: str = "",
    bookmark: str = "",
    note: str = "",
    attached: Mapping[str, bytes] | None = None,
    xmp: str = "",
    marked: str = "",
) -> bytes:
    """Return a PDF of one page with texts in the places where a PDF may have them."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = Dictionary(Font=Dictionary(F1=font))
    lines = "".join(f"({line}) Tj 0 -20 Td " for line in words.split("\n"))
    mark = f"/Span <</ActualText ({marked})>> BDC " if marked else ""
    end = " EMC" if marked else ""
    page.Contents = document.make_stream(
        f"{mark}BT /F1 12 Tf 72 700 Td {lines}ET{end}".encode("latin-1")
    )
    for key, value in (info or {}).items():
        document.docinfo[Name(f"/{key}")] = value
    if alt:
        document.Root.StructTreeRoot = document.make_indirect(
            Dictionary(Type=Name.StructTreeRoot, K=Dictionary(S=Name.Figure, Alt=alt))
        )
    if bookmark:
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(bookmark, 0))
    if note:
        page.Annots = document.make_indirect(
            pikepdf.Array([Dictionary(Subtype=Name.Text, Contents=note, Rect=[0, 0, 1, 1])])
        )
    for name, content in (attached or {}).items():
        document.attachments[name] = pikepdf.AttachedFileSpec(document, content)
    if xmp:
        packet = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
            'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" rdf:about=""><dc:source>'
            f"{xmp}</dc:source></rdf:Description></rdf:RDF></x:xmpmeta>"
        )
        stream = document.make_stream(packet.encode())
        stream.Type, stream.Subtype = Name.Metadata, Name.XML
        document.Root.Metadata = stream
    out = io.BytesIO()
    document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    document.close()
    return out.getvalue()
