"""Measure a preview in a real browser: from a saved change to the page that shows it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from programme import ROOT, copies_of_one

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOTEBOOK = "end_of_programme.ipynb"
_PATIENCE = 60  # seconds
# Notes when a word stands in the report, and when that is up to date, each time it was painted.
_WATCH = """word => {
  const seen = window.seen = {};
  const note = (name) => requestAnimationFrame(() => { seen[name] ??= Date.now() });
  const look = () => {
    const report = document.getElementById('report').contentDocument;
    if (report.body.textContent.includes(word) || report.head.textContent.includes(word)) {
      note('first');
      if (document.body.dataset.state === 'current') note('last');
    }
    if (!seen.last) setTimeout(look, 4);
  };
  look();
}"""


class Changes:
    """The changes that are measured, in a programme of one report and a copy of the package."""

    def __init__(self, programme: Path, package: Path) -> None:
        self._notebook = programme / "notebooks" / NOTEBOOK
        self._settings = programme / "programme.toml"
        self._style = package / "export" / "templates" / "report.css"
        self._was = {p: p.read_text("utf-8") for p in (self._notebook, self._settings, self._style)}

    def text(self, word: str) -> None:
        """Change a sentence at the beginning."""
        self._edit("brought UNHCR, UNODC", f"brought {word}, UNODC")

    def value(self, word: str) -> None:
        """Ask for another value in a sentence, a fifth down the report."""
        self._edit("In all, ", f"In all, {{eval}}`'{word} ' + rp['1.1'].text` and ")

    def cell(self, word: str) -> None:
        """Change the code of a table, in the middle of the report."""
        table = 'rp[\\"3.1\\"].by(\\"profession\\", \\"sex\\").table()'
        self._edit(table, f"print('{word}')\\n{table}")

    def template(self, word: str) -> None:
        """Change the exporters' style sheet."""
        _write(self._style, f"{self._was[self._style]}\n.{word} {{ color: red }}\n")

    def colours(self, word: str) -> None:
        """Change the programme's colour, of which every chart is drawn."""
        colour = _colour(word)
        _write(self._settings, f'{self._was[self._settings]}\n[style]\naccent = "{colour}"\n')

    def _edit(self, old: str, new: str) -> None:
        text = self._was[self._notebook]
        if old not in text:
            raise ValueError(f"the notebook has no {old}")
        _write(self._notebook, text.replace(old, new, 1))


def _write(path: Path, text: str) -> None:
    """Save a file as editors do: as a whole."""
    new = path.with_name(f".{path.name}")
    new.write_text(text, "utf-8")
    new.replace(path)


def measure(
    programme: Path, source: Path, rounds: int
) -> dict[str, tuple[list[float], list[float]]]:
    """Return, for each change, the seconds until it shows and until the page is up to date."""
    copies_of_one(programme, NOTEBOOK, 1)
    shutil.copytree(ROOT / "src" / "jpreport", source / "jpreport")
    changes = Changes(programme, source / "jpreport")
    found: dict[str, tuple[list[float], list[float]]] = {}
    words = 100
    with _previewed(programme, source) as page:
        for name in ("text", "value", "cell", "template", "colours"):
            first, last = found.setdefault(name, ([], []))
            # The first of a place is an author's coming there: it is not one of the rounds.
            for number in range(rounds + 1):
                words += 1
                shown, done = _timed(page, changes, name, f"Zq{words}x")
                if number:
                    first.append(shown)
                    last.append(done)
    return found


def _colour(word: str) -> str:
    return f"#{int(word[2:-1]) % 100:02x}3f5d"


def _timed(page: Page, changes: Changes, change: str, word: str) -> tuple[float, float]:
    page.evaluate(_WATCH, _colour(word) if change == "colours" else word)
    saved = time.time()
    getattr(changes, change)(word)
    while "last" not in (seen := page.evaluate("() => window.seen")):
        time.sleep(0.02)
        if time.time() - saved > _PATIENCE:
            raise TimeoutError(page.inner_text("body"))
    time.sleep(2.5)  # an author reads
    return seen["first"] / 1000 - saved, seen["last"] / 1000 - saved


@contextmanager
def _previewed(programme: Path, source: Path) -> Iterator[Page]:
    """Yield the browser's page of a preview of a programme, when it is up to date."""
    from playwright.sync_api import sync_playwright

    command = (sys.executable, "-m", "jpreport", "preview", "--no-browser", "--project", programme)
    process = subprocess.Popen(  # noqa: S603 (what we measure)
        [str(part) for part in command],
        env={**os.environ, "PYTHONPATH": str(source)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            assert process.stdout  # noqa: S101
            page.goto(process.stdout.readline().strip())
            page.locator("body[data-state=current]").wait_for(timeout=_PATIENCE * 1000)
            time.sleep(3)
            yield page
            browser.close()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
