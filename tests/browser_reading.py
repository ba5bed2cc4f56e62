"""How tests look at a page in a browser: what axe-core finds on it, what it asks for."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]

WIDTHS = (320, 768, 1440)
RUN_AXE = (
    "() => axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
    " 'best-practice'], resultTypes: ['violations']})"
)


def findings(page: Page) -> list[str]:
    """Return what axe-core finds: the rule, and the element it is about."""
    # The page's own policy forbids scripts; DevTools may still evaluate one.
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    result: dict[str, Any] = page.evaluate(RUN_AXE)
    return [
        f"{found['id']}: {node['html'][:200]}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


def opened(browser: Browser, path: Path, width: int, scheme: Scheme) -> tuple[Page, list[str]]:
    """Return a file as a page with all its parts unfolded; what it says and asks for is listed."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("data:", path.as_uri()))
            else said.append(f"asked for {request.url}")
        ),
    )
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    return page, said


def overflowing(page: Page) -> list[str]:
    """Return the elements that make a page wider than its window."""
    found: list[str] = page.evaluate(
        """() => {
          if (document.documentElement.scrollWidth <= innerWidth) return [];
          return [...document.querySelectorAll('body *')]
            .filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => e.outerHTML.slice(0, 120));
        }"""
    )
    return found or (["the page"] if page.evaluate(_WIDER) else [])


_WIDER = "document.documentElement.scrollWidth > innerWidth"
