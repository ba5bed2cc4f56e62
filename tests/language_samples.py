"""The tiny programme with one report in several languages, its translations made by rule."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from jpreport.data import programme_package
from jpreport.language import catalogue_path
from jpreport.programme.settings import read_settings
from jpreport.translate.catalogues import wanted
from programme_samples import notebook, write_programme

GRANTS = "donor,amount\nAda,1000.50\nB and C,200\n"

LANGUAGES = ("en", "fr", "sr-Cyrl")
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
    (
        "code",
        (
            "#| alt: A line\nimport matplotlib.pyplot as plt\nfrom jpreport.notebook import _\n"
            'plt.plot([1, 2])\nplt.title(_("Growth"))\nplt.show()'
        ),
    ),
]


def said(text: str, language: str) -> str:
    """Return a text in a made-up form of a language."""
    return f"{text} ({language})"


def write_catalogue(path: Path, language: str, texts: list[str]) -> None:
    catalog = Catalog(locale=language.replace("-", "_"))
    for text in texts:
        catalog.add(text, said(text, language))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_po(out, catalog)


def prose_in(path: Path, language: str) -> Path:
    """Return where a notebook's translation is."""
    return catalogue_path(path.parent, language, path.stem)


def translate(root: Path, language: str) -> None:
    """Write the translation of the report, and that of the programme's words."""
    settings = read_settings(root)
    for one in wanted(settings, programme_package(settings), ["summary"], language):
        write_catalogue(one.path, language, [text.text for text in one.texts])


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
        translate(root, tag)
    speak(root, *LANGUAGES)
    return root
