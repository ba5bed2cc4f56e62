"""The tiny programme with one report in several languages, its translations made by rule."""

from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from jpreport.document.translation import messages
from jpreport.errors import NOWHERE
from jpreport.forms.cell_options import read_options
from jpreport.language import TERMS, catalogue_of
from programme_samples import notebook, write_programme

GRANTS = "donor,amount\nAda,1000.50\nB and C,200\n"

LANGUAGES = ("en", "fr", "sr-Cyrl")
# The words of the programme that its report shows.
WORDS = ("Visits", "Visits made", "Contributions", "visits", "female", "male", "Annual letter")
CELLS = [
    ("parameters", "from datetime import date\n\nperiod_start: date | None = None"),
    (
        "code",
        (
            "from jpreport.notebook import open_report, bar_chart, reconciliation_table\n"
            "rp = open_report(period_start)\n"
            'open("../../runs.txt", "a").write("run")'
        ),
    ),
    (
        "markdown",
        (
            '# Visits\n\n## Results\n\nThere were {eval}`rp["1.1"]` {eval}`rp["1.1"].unit` from '
            '{eval}`rp.period.start`, for {eval}`rp["R.1"]`; see [](#tbl-r).[^1]\n\n[^1]: A note.\n'
        ),
    ),
    (
        "code",
        "#| label: tbl-r\n#| caption: Computed and published\nreconciliation_table(rp.figures())",
    ),
    (
        "code",
        (
            '#| label: cht-sex\n#| caption: Visits, {eval}`rp["1.1"]`, by sex\n'
            'rp["1.1"].by("sex").bars()'
        ),
    ),
    ("code", 'rp["1.1"].by("sex").table()'),
    ("code", 'rp["R.1"]'),
]


def said(text: str, language: str) -> str:
    """Return a text in a made-up form of a language."""
    return f"{text} ({language})"


def texts_of(path: Path) -> list[str]:
    """Return what a notebook's translation has to have."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:  # type: ignore[no-untyped-call]
        if cell.cell_type == "markdown":
            found += [one.text for one in messages(cell.source)]
        else:
            options, _ = read_options(cell, NOWHERE)
            found += filter(None, (options.caption, options.alt))
    return found


def write_catalogue(path: Path, language: str, texts: list[str]) -> None:
    catalog = Catalog(locale=language.replace("-", "_"))
    for text in texts:
        catalog.add(text, said(text, language))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_po(out, catalog)


def translate(path: Path, language: str) -> None:
    """Write the translation of a notebook, and that of the programme's words."""
    write_catalogue(catalogue_of(path, language), language, texts_of(path))
    write_catalogue(catalogue_of(path, language, TERMS), language, list(WORDS))


def speak(root: Path, *languages: str) -> None:
    """Let the report be made in some languages."""
    settings = root / "programme.toml"
    head, _, tail = settings.read_text(encoding="utf-8").partition('id = "summary"\n')
    tail = tail[tail.index("notebook") :]
    listed = ", ".join(f'"{tag}"' for tag in languages)
    settings.write_text(f'{head}id = "summary"\nlanguages = [{listed}]\n{tail}', encoding="utf-8")


def write_spoken(root: Path) -> Path:
    """Write the programme into a folder that need not be there, and return it."""
    write_programme(root)
    notebook(root / "notebooks/summary.ipynb", CELLS)
    (root / "data/grants.csv").write_text(GRANTS, "utf-8")
    for tag in LANGUAGES[1:]:
        translate(root / "notebooks/summary.ipynb", tag)
    speak(root, *LANGUAGES)
    return root
