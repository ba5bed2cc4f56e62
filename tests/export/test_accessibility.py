"""axe-core finds nothing on a report's page, at three widths, in both schemes, and in print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from browser_reading import findings
from export_samples import chart, code, markdown, notebook, sample, shown
from figure_samples import report
from jpreport.document.reading import read_document
from jpreport.export.html import render_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("html") / "report.html"
    path.write_text(render_html(read_document(sample())), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1440])
def test_axe_finds_nothing(
    browser: Browser, page_file: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url))
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # Nothing but the page and what is in it was asked for, and the policy stopped nothing.
    assert [text for text in said if not text.startswith(("data:", page_file.as_uri()))] == []
    assert page.evaluate("[...document.fonts].some(f => f.status === 'loaded')")
    page.close()


def test_axe_finds_nothing_in_print(browser: Browser, page_file: Path) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    assert findings(page) == []
    # Ink on paper, whatever the screen's scheme.
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()


def test_every_printed_page_carries_the_mark(browser: Browser, tmp_path: Path) -> None:
    import pypdfium2

    path = tmp_path / "long.html"
    text = "\n\n".join(["Long paragraphs make long reports. " * 30] * 20)
    nb = notebook(markdown(f"# Long\n\n{text}"))
    path.write_text(render_html(read_document(nb)), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    pdf = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    pages = [sheet.get_textpage().get_text_range() for sheet in pdf]
    pdf.close()
    assert len(pages) > 3
    assert all("Illustrative records." in text for text in pages)
    page.close()


def test_all_can_be_reached_with_the_keyboard(browser: Browser, page_file: Path) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(page_file.as_uri())
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        place = page.evaluate(
            "(() => { const e = document.activeElement; const r = e.getBoundingClientRect();"
            " return [e.className || e.tagName, r.top >= 0 && r.bottom <= innerHeight + 1]; })()"
        )
        reached.append(place)
        if place[0] == "BODY":
            break
    names = [name for name, _ in reached]
    assert names[0] == "skip"
    assert {"scroll", "SUMMARY", "reference", "footnote-back"} <= set(names)
    # What has the focus can be seen; a region may be taller than the window.
    assert [name for name, seen in reached if not seen and name not in {"scroll", "BODY"}] == []
    page.close()


def test_a_bare_notebook_passes_too(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "bare.html"
    nb = notebook(markdown("# Title\n\nText."), code("x", shown(chart("A bar."))), front=None)
    path.write_text(render_html(read_document(nb)), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert findings(page) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1440])
def test_sources_of_figures_pass_too(
    browser: Browser, tmp_path: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    path = tmp_path / "figures.html"
    path.write_text(render_html(read_document(report())), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    # The entry that a link has led to stands out; its contrast must do as well.
    page.goto(f"{path.as_uri()}#jp-figure-1.1")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.querySelector(':target').getBoundingClientRect().top") >= 0
    page.close()


def test_the_checker_sees_a_fault(browser: Browser, page_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "broken.html"
    path.write_text(page_file.read_text("utf-8").replace(' alt="', ' data-alt="'), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert [found.partition(":")[0] for found in findings(page)] == ["image-alt"]
    page.close()
