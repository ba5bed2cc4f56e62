"""A programme's own design: checked, carried to charts and both formats, gone without its files."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pikepdf
import pytest

from export_samples import markdown, notebook
from jpreport.design.style import DEFAULT, Brand
from jpreport.document.cover import FrontMatter, brand_of
from jpreport.document.reading import read_document
from jpreport.errors import ExportError, ProjectError
from jpreport.export.branding import appearance_of
from jpreport.export.exporters import HTMLReportExporter, PDFReportExporter
from jpreport.export.html import render_html
from jpreport.forms.mime import FRONT_MATTER
from jpreport.notebook import bar_chart, grouped_bar_chart, open_report, theme
from jpreport.programme.settings import read_settings
from jpreport.release.request import Request
from jpreport.release.spine import build
from pdf_reading import elements, opened
from programme_samples import write_programme
from style_samples import LOGO, add_style

FRAME = pd.DataFrame({"place": ["North", "South"], "persons": [3, 4]})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return add_style(write_programme(tmp_path / "programme"))


@pytest.fixture(autouse=True)
def usual_look() -> Iterator[None]:
    yield
    theme.use(DEFAULT)


def faults(root: Path, old: str, new: str) -> str:
    settings = root / "programme.toml"
    settings.write_text(settings.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(ProjectError) as caught:
        read_settings(root)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"#7a1f3d"', '"crimson"', 'accent: "crimson" is no colour'),
        ('"#7a1f3d"', '"#3399cc"', "#3399cc on white paper (#ffffff) has a contrast of 3.20 to 1"),
        ('"#7a1f3d"', '"#3399cc"', "the nearest shade that has it everywhere is #"),
        ("\naccent", "\nacent", 'did you mean "accent"'),
        ('alt = "Example Agency"', "", "style.logo.alt: is missing"),
        ("logo.svg", "loga.svg", 'did you mean "style/logo.svg"'),
        ("style/logo.svg", "programme.toml", "neither *.svg nor *.png"),
        ("style/logo.svg", "../logo.svg", "is not in the programme folder"),
        ('"Own Sans"', '"Own; Sans"', "must be of Latin letters"),
        ('"Own Sans"', '"Source Sans Pro"', "is in every report already"),
        ("style/DejaVuSans.ttf", "style/logo.svg", "is no font that can be read"),
    ],
)
def test_what_is_wrong_with_a_design(root: Path, old: str, new: str, said: str) -> None:
    text = faults(root, old, new).replace("[style], ", "style.")
    assert said in text
    assert "programme.toml, line " in text


def test_all_faults_of_a_design_come_at_once(root: Path) -> None:
    (root / "style/logo.svg").write_text("<svg><text>Agency</text></svg>", encoding="utf-8")
    series = ["#a03030", "#777777", "#5a6420", "#ffffff", "#306090", "#101010"]
    text = faults(root, "accent =", f"series = {series}\naccent =".replace("'", '"'))
    assert "text on #777777, white or #16232e, has a contrast of 4.48 to 1" in text
    assert "series 1 (#a03030) and series 3 (#5a6420) of charts look alike with " in text
    assert "style/logo.svg has <text> in it" in text


def test_usual_series_stay_where_the_accent_looks_like_one_of_them(root: Path) -> None:
    assert read_settings(root).style.all_series == DEFAULT.series
    settings = root / "programme.toml"
    settings.write_text(settings.read_text("utf-8").replace("#7a1f3d", "#00504a"), "utf-8")
    assert read_settings(root).style.all_series == ("#00504a", *DEFAULT.series[1:])


def test_front_matter_carries_the_design(root: Path) -> None:
    front = FrontMatter(brand=brand_of(read_settings(root)))
    again = FrontMatter.from_json(front.to_json())
    assert again == front
    assert again.brand.logo is not None
    assert base64.b64decode(again.brand.logo.data).decode() == LOGO
    assert [face.weight for face in again.brand.faces] == [400, 400, 600] * 2
    assert FrontMatter.from_json({**FrontMatter().to_json()}).brand == Brand()


@pytest.mark.parametrize(
    "bad",
    [
        {"accent": "red;}</style><script>"},
        {"series": ["#ffffff"]},
        {"faces": [{"role": "sans", "family": '"}', "weight": 400, "slope": "normal"}]},
    ],
)
def test_front_matter_cannot_smuggle_anything_into_a_sheet(bad: dict[str, object]) -> None:
    nb = notebook(markdown("# T\n\nText"))
    nb.metadata[FRONT_MATTER]["brand"] = {**nb.metadata[FRONT_MATTER]["brand"], **bad}
    with pytest.raises(ExportError, match="cannot be read"):
        read_document(nb)


def test_page_takes_the_design(root: Path) -> None:
    front = FrontMatter(programme="P", brand=brand_of(read_settings(root)))
    page = render_html(read_document(notebook(markdown("# T\n\nText"), front=front)), root)
    assert "--accent:#7a1f3d" in page
    assert '--serif:"Own Serif";--sans:"Own Sans"' in page
    assert page.count('font-family:"Own Sans"') == 2
    assert page.count('font-family:"Own Serif"') == 3
    assert 'alt="Example Agency"' in page


def test_without_its_folder_a_page_takes_the_usual_typefaces(root: Path) -> None:
    brand = brand_of(read_settings(root))
    assert appearance_of(brand, None).style.sans == DEFAULT.sans
    assert appearance_of(brand, None).style.accent == "#7a1f3d"
    shutil.copy(root / "style/DejaVuSerif.ttf", root / "style/DejaVuSans.ttf")
    appearance = appearance_of(brand, root)
    assert (appearance.style.serif, appearance.style.sans) == ("Own Serif", DEFAULT.sans)


def test_charts_take_the_design_and_leave_it(root: Path) -> None:
    before = bar_chart(FRAME, "place", "persons").svg
    open_report(project=root)
    own = bar_chart(FRAME, "place", "persons").svg
    assert "#7a1f3d" in own
    assert "#7a1f3d" not in before
    assert theme.families() == ["Own Sans", "Source Sans Pro", "DejaVu Sans"]
    by = FRAME.assign(sex=["f", "m"])
    assert DEFAULT.series[1] in grouped_bar_chart(by, "place", "persons", "sex").svg
    open_report(project=write_programme(root.parent / "other"))
    assert bar_chart(FRAME, "place", "persons").svg == before


def fonts_of(pdf: pikepdf.Pdf) -> set[str]:
    return {
        str(font.BaseFont).partition("+")[2]
        for page in pdf.pages
        for font in page.Resources.get("/Font", {}).values()
    }


@pytest.mark.slow
def test_a_build_carries_the_design_into_both_formats(root: Path) -> None:
    output = root / "outputs"
    build(Request(root, output, workers=2))
    pdf = opened((output / "summary.pdf").read_bytes())
    fonts = fonts_of(pdf)
    assert {"DejaVuSans", "DejaVuSerif"} <= fonts
    assert not any("Source" in font for font in fonts)
    assert "Example Agency" in [str(one.Alt) for one in elements(pdf, "Figure")]
    assert "Example Agency" in (output / "index.html").read_text("utf-8")
    executed = str(output / "executed/summary.ipynb")
    # nbconvert's exporters make a draft in the same design.
    assert fonts_of(opened(PDFReportExporter().from_filename(executed)[0])) == fonts
    drafted = HTMLReportExporter().from_filename(executed)[0]
    built = (output / "summary.html").read_text("utf-8")
    for page in (drafted, built):
        assert 'font-family:"Own Sans"' in page
        assert "#7a1f3d" in page


@pytest.mark.slow
def test_a_changed_design_renders_again(root: Path) -> None:
    request = Request(root, root / "outputs", reports=("donor-ada",))
    seen = set()

    def built() -> str:
        [outcome] = build(request)
        seen.add((root / "outputs/donor-ada.pdf").read_bytes())
        return outcome.state

    def replace(file: str, old: str, new: str) -> None:
        text = (root / file).read_text("utf-8")
        (root / file).write_text(text.replace(old, new), "utf-8")

    assert [built(), built()] == ["built", "unchanged"]
    replace("style/logo.svg", "26", "20")
    assert built() == "built"
    replace("programme.toml", "Example Agency", "Other Agency")
    assert built() == "built"
    replace("programme.toml", "#7a1f3d", "#00504a")
    assert built() == "built"
    shutil.copy(root / "style/DejaVuSans-Bold.ttf", root / "style/DejaVuSans.ttf")
    assert built() == "built"
    assert len(seen) == 5
