"""Every word of ours on a page goes through the catalogue: a made-up language marks each of them.

All that is the author's, the programme's or the data's is Greek here, and so is what CLDR words.
The made-up catalogue of Greek has each English message in marks: a Latin letter outside of marks
is a word that no translation reaches.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

import jpreport.notebook.charts.canvas as canvas_module
from export_samples import code, markdown, notebook, shown
from jpreport.document.blocks import Document
from jpreport.document.cover import Amount, Contribution, FrontMatter, Organization
from jpreport.document.reading import read_document
from jpreport.export.html import render_html
from jpreport.export.index import render_index
from jpreport.export.pdf import render_pdf
from jpreport.export.typst import project
from jpreport.figures import Derivation, Figure, FigureKey, Part, Period, average, difference, share
from jpreport.files import EditionRecord
from jpreport.language import Sentence, catalogue, speaking
from jpreport.notebook import (
    bar_chart,
    breakdown_table,
    contributions_table,
    cumulative_chart,
    frame_table,
    performance_table,
    progress_chart,
    reconciliation_table,
    share_chart,
    small_multiples,
    stacked_bar_chart,
)
from jpreport.notebook.breakdown import Breakdown
from jpreport.notebook.tables import breakdowns_table
from language_messages import house_messages
from pdf_reading import opened, pages

TAG = "el"
OPEN, CLOSE = "\u2039", "\u203a"
WHOLE = Period(dt.date(2010, 6, 1), dt.date(2012, 10, 31))
# Names of files, of a digest and of currencies, and the letters by which notes are called.
TECHNICAL = re.compile(
    r"figures\.zip|indicators\.csv|provenance\.json|\.csv|SHA-256|\b[0-9a-f]{12}\b|USD|SQL|PDF|HTML"
    r"|\[c\]"
)
HIDDEN = re.compile(r"<(style|pre)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SPOKEN = re.compile(r'\s(?:alt|aria-label|title|aria-description)="([^"]*)"')


@pytest.fixture(autouse=True)
def _marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    made = Catalog(locale=TAG)
    for said in house_messages():
        texts = [f"{OPEN}{one}{CLOSE}" for one in ([said] if isinstance(said, str) else said)]
        made.add(said, texts[0] if isinstance(said, str) else tuple(texts))
    folder = tmp_path / "locale"
    folder.mkdir()
    with (folder / f"{TAG}.po").open("wb") as out:
        write_po(out, made)
    monkeypatch.setattr(catalogue, "CATALOGUES", folder)
    catalogue.house.cache_clear()
    yield
    catalogue.house.cache_clear()


def unmarked(text: str) -> list[str]:
    """Return the Latin words that stand outside of marks."""
    out, depth = [], 0
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        out.append(letter if depth == 0 else " ")
    assert depth == 0, text
    return re.findall(r"[A-Za-z]\w*", TECHNICAL.sub(" ", "".join(out)))


def counted(name: str, title: str, value: float | None, **changes: Any) -> Figure:  # noqa: ANN401
    origin = Derivation(
        table="άτομα",
        where="φύλο = 'Γ' and έτος > 3 and πόλη in ('Α', 'Β') and not σχολή is null",
        measure="count(distinct άτομο)",
        dated_by="ημέρα",
        sql='SELECT count(*) FROM "άτομα"',
        records=3,
        source="άτομα.csv",
        digest="1f5736eed35de539dafaa7c7e362598f527688d9f2d79f62752ae12e83906740",
    )
    values = {"unit": "πρόσωπα", "period": WHOLE, "derivation": origin, **changes}
    return Figure(FigureKey(name), title, value=value, **values)


PARTS = {
    "φύλο": (
        Part("Γ", 2, 2, "\"φύλο\" = 'Γ'"),
        Part("Α", 1, 1, "\"φύλο\" = 'Α'"),
        Part(None, 1, 1, '"φύλο" IS NULL'),
    )
}
ALL = counted("1.1", "Όλα", 4, breakdown=PARTS, published=5, published_in="Σελίδα", target=6)
LEAST = counted("1.2", "Λίγα", 2, qualifier="at least", objective="Α")
NONE = counted("1.3", "Κενά", None, derivation=Derivation(records=0))
CLOSED = counted(
    "1.4",
    "Κλειστά",
    None,
    suppressed=True,
    objective="Β",
    derivation=replace(
        ALL.derivation,
        source="protected cube of άτομα.csv",
        protection=(Sentence("Sums of rounded counts add up."),),
    ),
)
LESS = counted("1.5", "Κάτω", 3, direction="decreasing", target=2, qualifier="estimated")
MONEY = counted("1.6", "Λεφτά", 7_000_000, unit="USD", scale="million", breakdown=PARTS)
EVERY = (ALL, LEAST, NONE, CLOSED, LESS, MONEY)
FRONT = FrontMatter(
    programme="Πρόγραμμα",
    short_title="Π",
    country="Χώρα",
    start="2010-06-01",
    end="2012-10-31",
    status="Έτοιμο",
    objective="Σκοπός.",
    language=TAG,
    period_start="2010-06-01",
    period_end="2011-10-31",
    date="2012-12-15",
    illustrative=True,
    restricted=True,
    draft=True,
    organizations=tuple(
        Organization(f"Ο{number}", "", role)
        for number, role in enumerate(("participating", "government", "implementing", "other"))
    ),
    contributions=(Contribution("Δότης", Amount(5, "USD")), Contribution("", Amount(None))),
    total=Amount(5, "USD", "at least"),
)


EDITION = EditionRecord(
    *("α", "α", {}, "Α", 1, (), 2, {}, {}, {}, "α.ipynb", {"α.html": "", "α.ipynb": ""})
)


def charts() -> Iterator[Any]:
    frame = pd.DataFrame({"πόλη": ["Α", "Α", "Β"], "φύλο": ["Γ", "Δ", "Γ"], "τιμή": [3, 4, None]})
    whole = pd.DataFrame({"πόλη": ["Α", "Β"], "τιμή": [3, 5]})
    hidden = pd.DataFrame({"πόλη": ["Α", "Β"], "τιμή": [CLOSED, ALL]})
    days = pd.DataFrame({"ημέρα": pd.to_datetime(["2010-06-01", "2012-01-31"]), "φύλο": ["Γ", "Δ"]})
    yield bar_chart(whole, "πόλη", "τιμή")
    yield bar_chart(hidden, "πόλη", "τιμή", horizontal=False)
    yield stacked_bar_chart(frame, "πόλη", "τιμή", "φύλο", unit="πρόσωπα")
    yield small_multiples(frame, "πόλη", "τιμή", "φύλο")
    yield share_chart(whole, "πόλη", "τιμή")
    yield share_chart(hidden, "πόλη", "τιμή")
    yield share_chart(pd.DataFrame({"πόλη": ["Α"], "τιμή": [0]}), "πόλη", "τιμή")
    yield cumulative_chart(days, "ημέρα", by="φύλο")
    yield cumulative_chart(days, "ημέρα")
    yield progress_chart(EVERY)
    yield progress_chart([ALL, LEAST], title="Τίτλος")
    yield bar_chart(hidden.head(0), "πόλη", "τιμή")
    yield bar_chart(hidden.head(1), "πόλη", "τιμή")
    many = pd.DataFrame({"πόλη": [f"Π{n}" for n in range(20)], "τιμή": [None, *range(19)]})
    yield bar_chart(many, "πόλη", "τιμή")


def tables() -> Iterator[Any]:
    yield performance_table([*EVERY, replace(LESS, target_upper=4, target=3)])
    yield reconciliation_table(
        [*EVERY, replace(ALL, published=4), replace(CLOSED, published=4),
         replace(ALL, period=replace(WHOLE, whole=False)), replace(NONE, published=1)]
    )  # fmt: skip
    yield breakdown_table(ALL, "φύλο")
    yield breakdown_table(ALL, "φύλο", top=1)
    yield breakdown_table(replace(ALL, key=FigureKey("2.1"), value=3), "φύλο")
    yield breakdown_table(replace(ALL, key=FigureKey("2.2"), value=9), "φύλο")
    yield breakdowns_table([ALL])
    yield contributions_table(MONEY)
    yield frame_table(pd.DataFrame({"τιμή": [True, False], "άλλο": [1, 2]}), total=True)
    yield frame_table(pd.DataFrame({"τιμή": [CLOSED], "ημέρα": [dt.date(2010, 1, 1)]}))
    yield frame_table(pd.DataFrame({"τιμή": []}))
    yield Breakdown(("φύλο",), {("Γ",): ALL}, {"": ALL}).shown()


def document() -> Document:
    made = share(ALL.part("φύλο", "Γ"), ALL), difference(ALL, LEAST), average([ALL, LEAST])
    quoted = (*EVERY, *made, ALL.part("φύλο", None))
    values = {f"f{n}": one._repr_mimebundle_() for n, one in enumerate(quoted)}
    said = " ".join(f"{{eval}}`{name}`" for name in values)
    callouts = "\n\n".join(f":::{{{k}}}\nΑ\n:::" for k in ("note", "important", "warning", "tip"))
    cells = [
        markdown("# Τίτλος"),
        markdown(f"{said}[^α]\n\n[](#tbl-a)\n\n[^α]: Σημείωση.\n\n{callouts}", values),
        markdown("## Μέρος\n\n[](#cht-a) [](#μέρος)\n\n| Α | Β |\n|---|---|\n| Γ | Δ |"),
        markdown("(μέρος)=\n### Άλλο\n\n{eval}`f0`", values),
    ]
    for place, one in enumerate([*tables(), *charts()]):
        kind = "cht" if hasattr(one, "svg") else "tbl"
        label = f"#| label: {kind}-{'a' if kind == 'tbl' else place}\n#| caption: Α\n"
        first = place == 0 or (kind == "cht" and place % 2)
        cells.append(code(label if first else "x", shown(one._repr_mimebundle_())))
    cells[2].source = cells[2].source.replace("cht-a", next(
        c.source.split("label: ")[1].split("\n")[0] for c in cells if "label: cht" in c.source
    ))  # fmt: skip
    return read_document(notebook(*cells, front=FRONT))


def test_every_word_of_a_page_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    draw = canvas_module.Canvas.text

    def noted(self: Any, at: Any, text: str, **options: Any) -> None:  # noqa: ANN401
        drawn.append(text)
        draw(self, at, text, **options)

    monkeypatch.setattr(canvas_module.Canvas, "text", noted)
    with speaking(TAG):
        made = document()
    assert unmarked(" ".join(drawn)) == []  # lines of one text stand in their order
    page = HIDDEN.sub("", render_html(made))
    assert [found for text in SPOKEN.findall(page) if (found := unmarked(text))] == []
    assert unmarked(html.unescape(re.sub(r"<[^>]*>", " ", page))) == []
    index = HIDDEN.sub("", render_index(FRONT, {"α": EDITION}))
    texts = [*SPOKEN.findall(index), html.unescape(re.sub(r"<[^>]*>", " ", index))]
    assert [found for text in texts if (found := unmarked(text))] == []
    assert set(sayings(json.loads(project(made)["data.json"])["words"])) == set()


def sayings(words: dict[str, str]) -> Iterator[str]:
    yield from (text for text in words.values() if not text.startswith(OPEN))


@pytest.mark.slow
def test_every_word_of_a_pdf_is_said() -> None:
    with speaking(TAG):
        made = document()
    pdf = render_pdf(made).content
    text = " ".join(pages(pdf)).replace("\r\n", " ")
    assert unmarked(HIDDEN.sub("", text.replace('SELECT count(*) FROM "άτομα"', ""))) == []
    assert unmarked(str(opened(pdf).docinfo.get("/Title", ""))) == []
