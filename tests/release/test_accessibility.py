"""The reports that ship with the repository, each of them, measured for those who cannot see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pdfua
import pikepdf
import pytest

from browser_reading import WIDTHS, Scheme, findings, opened, overflowing
from pdf_reading import opened as opened_pdf
from pdf_reading import pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

REPORTS = (
    "donor-government-of-belgium",
    "donor-government-of-switzerland",
    "donor-un-global-initiative-to-fight-human-trafficking-un-gift",
    "end-of-programme",
    "objective-so1",
    "objective-so2",
    "objective-so3",
    "objective-so4",
)
PAGES = (*REPORTS, "index")
# What they are called in their further languages.
TRANSLATED = tuple(
    f"{name}.{tag}"
    for name in REPORTS
    for tag in (("fr",) if name.startswith("donor") else ("sr-Cyrl", "sr-Latn"))
)
SPACE = 40  # points that a heading stands below the text before it
MOST_BYTES = 300_000  # of a page beside its pictures
PICTURE = re.compile(r'(?<=src=")data:image/[^"]*')


def test_these_are_all_the_reports(shipped: Path) -> None:
    assert sorted(path.stem for path in shipped.glob("*.pdf")) == sorted((*REPORTS, *TRANSLATED))
    assert sorted(path.stem for path in shipped.glob("*.html")) == sorted((*PAGES, *TRANSLATED))


@pytest.mark.parametrize("name", [*PAGES, *TRANSLATED])
def test_what_a_page_leads_to_is_there(shipped: Path, name: str) -> None:
    html = (shipped / f"{name}.html").read_text("utf-8")
    files = set(re.findall(r'href="([^"#:]+)"', html))
    assert {one for one in files if not (shipped / one).is_file()} == set()


@pytest.mark.parametrize("name", [*REPORTS, *TRANSLATED])
def test_an_independent_checker_finds_nothing_in_a_pdf(shipped: Path, name: str) -> None:
    assert list(pdfua.validate(str(shipped / f"{name}.pdf")).findings) == []


def test_the_contents_have_one_page_to_themselves(shipped: Path) -> None:
    said = pages((shipped / "end-of-programme.pdf").read_bytes())
    assert "Contents" in said[1]
    assert "Share of each donor" in said[1]
    assert "Executive summary" in said[2]


@pytest.mark.parametrize("name", [*REPORTS, *TRANSLATED])
def test_the_annex_begins_in_the_upper_half_of_a_page(shipped: Path, name: str) -> None:
    with opened_pdf((shipped / f"{name}.pdf").read_bytes()) as pdf:
        target = pikepdf.NameTree(pdf.Root.Names.Dests)["to:jp-sources"]
        where = target.D if isinstance(target, pikepdf.Dictionary) else target
        assert float(where[3]) > float(pdf.pages[0].mediabox[3]) / 2 - SPACE


@pytest.mark.parametrize(("number", "name"), [*enumerate((*PAGES, *TRANSLATED))])
def test_axe_finds_nothing_on_a_page(
    shipped: Path, browser: Browser, number: int, name: str
) -> None:
    # Pages of one template take turns: together they are seen at each width in both schemes.
    turn, widths = number % 2, WIDTHS if name in PAGES else (min(WIDTHS), max(WIDTHS))
    schemes: tuple[Scheme, ...] = ("light", "dark", "light", "dark")[turn : turn + len(widths)]
    page, said = opened(browser, shipped / f"{name}.html", widths[0], schemes[0])
    for width, scheme in zip(widths, schemes, strict=True):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert findings(page) == [], (width, scheme)
        assert overflowing(page) == [], (width, scheme)
    # Nothing was asked for outside of the page, and its policy stopped nothing.
    assert said == []
    if name not in PAGES:
        page.close()
        return
    page.set_viewport_size({"width": 768, "height": 900})
    page.emulate_media(media="print", color_scheme="dark")
    # Nobody presses a link on paper: how far two of them are apart counts on screens, above.
    assert [one for one in findings(page) if not one.startswith("target-size")] == []
    page.close()


@pytest.mark.parametrize("name", [*PAGES, *TRANSLATED])
def test_a_page_is_small_and_closed(shipped: Path, name: str) -> None:
    html = (shipped / f"{name}.html").read_text("utf-8")
    # A Cyrillic letter has two bytes, and the page brings the typefaces of two scripts.
    most = MOST_BYTES * 4 // 3 if "Cyrl" in name else MOST_BYTES
    assert len(PICTURE.sub("", html).encode()) < most
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    rules = policy[1].replace("&#39;", "'")
    assert rules.startswith("default-src 'none';")
    assert "unsafe" not in rules
    assert "script" not in rules
    assert not re.search(r"<(script|iframe|object|embed)\b", html)
    # A link to the page in another language asks for nothing.
    assert set(re.findall(r'<link rel="(\w+)"|<link', html)) <= {"alternate"}


@pytest.mark.parametrize("name", ["end-of-programme", "index"])
def test_all_is_reached_and_left_with_the_keyboard(
    shipped: Path, browser: Browser, name: str
) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto((shipped / f"{name}.html").as_uri())
    # Shown elements that answer a click or scroll; what a closed part holds is not shown.
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
          .filter(e => e.checkVisibility())
          .map((e, n) => { e.dataset.stop = n; return e.dataset.stop; })"""
    )
    reached: list[str] = []
    hidden: list[str] = []
    for _ in range(len(wanted) + 1):
        page.keyboard.press("Tab")
        stop, seen, ring, text = page.evaluate(
            """() => { const e = document.activeElement, r = e.getBoundingClientRect();
              const seen = r.bottom > 0 && r.top < innerHeight && r.width > 0;
              return [e.dataset.stop ?? '', seen, getComputedStyle(e).outlineStyle != 'none',
                      e.outerHTML.slice(0, 90)]; }"""
        )
        if not stop:
            break
        reached.append(stop)
        hidden += [] if seen and ring else [text]
    assert reached == wanted
    assert hidden == []
    page.close()


def test_the_first_stop_leads_past_the_cover(shipped: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto((shipped / "end-of-programme.html").as_uri())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    page.close()


def test_the_data_of_a_chart_unfolds_with_the_keyboard(shipped: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto((shipped / "end-of-programme.html").as_uri())
    page.focus("summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")
    assert page.locator("details table").first.is_visible()
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_at_400_per_cent_one_scrolls_in_one_direction_only(
    shipped: Path, browser: Browser, name: str
) -> None:
    # A window of 1280 by 1024 at 400 % is one of 320 by 256 (WCAG 2.2, 1.4.10).
    page = browser.new_page(viewport={"width": 320, "height": 256}, device_scale_factor=4)
    page.goto((shipped / f"{name}.html").as_uri())
    assert overflowing(page) == []
    # What stays in place while one scrolls leaves room to read.
    covered = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
          .filter(e => ['sticky', 'fixed'].includes(getComputedStyle(e).position))
          .filter(e => !e.closest('table') && e.checkVisibility())
          .map(e => e.getBoundingClientRect())
          .filter(r => r.width > 160).reduce((sum, r) => sum + r.height, 0)"""
    )
    assert covered <= 256 / 2
    page.close()
