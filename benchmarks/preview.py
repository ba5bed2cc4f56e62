"""Measure a preview in a real browser: from a saved change to the page that shows it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from measure import family_cpu

from programme import ROOT, shipped

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOTEBOOK = "end_of_programme.ipynb"
_PATIENCE = 60  # seconds
# Notes when a word stands in the report, and when that is up to date, each time it was painted. It
# looks when something has changed: a page that is asked again and again has less time for its own.
_WATCH = """([word, part]) => {
  const report = document.getElementById('report').contentDocument, seen = window.seen = {};
  const note = (name) =>
    requestAnimationFrame(() => setTimeout(() => { seen[name] ??= Date.now() }));
  const look = () => {
    if (!report[part].textContent.includes(word)) return;
    note('first');
    if (document.body.dataset.state === 'current') { note('last'); watch.disconnect(); }
  };
  window.watching?.disconnect();
  const watch = window.watching = new MutationObserver(look);
  watch.observe(report, {childList: true, characterData: true, subtree: true});
  watch.observe(document.body, {attributes: true, attributeFilter: ['data-state']});
}"""


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds from a saved change until it shows, until the page is up to date, and of CPU."""

    shown: float
    done: float
    cpu: float


class Changes:
    """The changes that are measured, in a programme of one report and a copy of the package."""

    def __init__(self, programme: Path, package: Path) -> None:
        self._notebook = programme / "notebooks" / NOTEBOOK
        self._settings = programme / "programme.toml"
        self._style = package / "export" / "templates" / "report.css"
        self._said = programme / "notebooks" / "locale" / "sr_Cyrl" / f"{self._notebook.stem}.po"
        self._was = {
            path: path.read_text("utf-8")
            for path in (self._notebook, self._settings, self._style, self._said)
        }

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

    def translation(self, word: str) -> None:
        """Change a translated sentence, which its page shows."""
        text = self._was[self._said]
        _write(self._said, text.replace('msgstr "Сажетак"', f'msgstr "Сажетак {word}"'))

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


def measure(programme: Path, source: Path, rounds: int) -> dict[str, list[Waited]]:
    """Return, for each change of the shipped report, what its rounds took; tells as it goes."""
    shipped(programme)
    shutil.copytree(ROOT / "src" / "jpreport", source / "jpreport")
    changes = Changes(programme, source / "jpreport")
    found: dict[str, list[Waited]] = {}
    words = 100
    with _previewed(programme, source) as (page, pid):
        for name in ("text", "value", "cell", "template", "colours", "translation"):
            if name == "translation":
                page.select_option("#languages", "sr-Cyrl")
                _up_to_date(page)
            # The first of a place is an author's coming there: it is not one of the rounds.
            for number in range(rounds + 1):
                words += 1
                waited = _timed(page, pid, changes, name, f"Zq{words}x")
                print(f"preview, {name}: {waited.shown:.2f} s, {waited.done:.2f} s", flush=True)
                if number:
                    found.setdefault(name, []).append(waited)
    return found


def _colour(word: str) -> str:
    return f"#{int(word[2:-1]) % 256:02x}3f5d"


def _timed(page: Page, pid: int, changes: Changes, change: str, word: str) -> Waited:
    sought = _colour(word) if change == "colours" else word
    page.evaluate(_WATCH, [sought, "head" if change in ("template", "colours") else "body"])
    cpu, saved = family_cpu(pid), time.time()
    getattr(changes, change)(word)
    while "last" not in (seen := page.evaluate("() => window.seen")):
        time.sleep(0.05)
        if time.time() - saved > _PATIENCE:
            raise TimeoutError(page.inner_text("body"))
    waited = (seen[name] / 1000 - saved for name in ("first", "last"))
    spent = family_cpu(pid) - cpu
    time.sleep(2.0)  # an author reads
    return Waited(*waited, spent)


def _up_to_date(page: Page) -> None:
    """Wait until all that was asked for is shown, and what runs ahead of time stands."""
    time.sleep(1)
    page.locator("body[data-state=current]").wait_for(timeout=_PATIENCE * 1000)
    time.sleep(3)


@contextmanager
def _previewed(programme: Path, source: Path) -> Iterator[tuple[Page, int]]:
    """Yield the browser's page of a preview of a programme, up to date, and its process."""
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
            _up_to_date(page)
            yield page, process.pid
            browser.close()
    finally:
        # What runs in the background of a shell, as this may, is deaf to Ctrl-C with its children.
        process.terminate()
        process.wait()
