"""A preview as its author meets it: the command, a browser, saved changes, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser_reading import findings
from programme_samples import edit_notebook
from sensitive_samples import programme

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Locator, Page

pytestmark = pytest.mark.slow
NOTEBOOK, DONOR = "notebooks/summary.ipynb", "notebooks/donor.ipynb"
SAID = "notebooks/locale/fr/summary.po"
LONG = "\\n\\n".join(f"Paragraph {number} of a long report." for number in range(60))


@dataclass(frozen=True, slots=True)
class Preview:
    """A running preview of a programme, and the browser's page of it."""

    root: Path
    temporary: Path
    process: subprocess.Popen[str]
    page: Page
    said: list[str]

    @property
    def report(self) -> FrameLocator:
        return self.page.frame_locator("#report")

    def text(self, words: str) -> Locator:
        return self.report.get_by_text(words).first

    def state(self, state: str) -> None:
        self.page.locator(f"body[data-state={state}]").wait_for()


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Preview]:
    folder = tmp_path_factory.mktemp("preview")
    root, temporary = programme(folder / "programme"), folder / "tmp"
    edit_notebook(root / NOTEBOOK, "## Results", f"## Before\\n\\n{LONG}\\n\\n## Results")
    edit_notebook(root / NOTEBOOK, "answer = 42", "answer = 42\\nloose = 1")
    report = 'id = "summary"\n'
    edit_notebook(root / "programme.toml", report, f'{report}languages = ["en", "fr"]\n')
    (root / SAID).parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (root / SAID).write_text(f'{head}msgid "Results"\nmsgstr "Résultats"\n', "utf-8")
    (root / "outputs").mkdir()
    (root / "outputs" / "summary.html").write_text("the release")
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "jpreport", "preview", "--no-browser", "--project", root],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert process.stdout
    page, said = browser.new_page(viewport={"width": 1200, "height": 800}), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(process.stdout.readline().strip())
    page.locator("body[data-state=current]").wait_for()
    yield Preview(root, temporary, process, page, said)
    process.kill()
    process.wait()
    process.stdout.close()


def test_it_is_a_draft_and_says_so(preview: Preview) -> None:
    assert "token" not in preview.page.url
    preview.text("Draft.").wait_for()
    assert preview.page.title() == "Visits – preview"
    assert preview.page.inner_text("#status") == "Up to date"


def test_a_sentence_changes_in_place(preview: Preview) -> None:
    kept = preview.text("Paragraph 30 of a long report.")
    kept.scroll_into_view_if_needed()
    kept.evaluate("node => { node.ownerDocument.defaultView.kept = node }")
    before = kept.evaluate("node => node.getBoundingClientRect().top")
    edit_notebook(preview.root / NOTEBOOK, "Paragraph 3 of", "More words\\n\\nParagraph 3b of")
    preview.text("Paragraph 3b of").wait_for()
    assert kept.evaluate("node => node === node.ownerDocument.defaultView.kept")
    assert abs(kept.evaluate("node => node.getBoundingClientRect().top") - before) < 2
    preview.page.get_by_role("button", name="Show the change").click()
    assert preview.text("More words").evaluate("node => node.getBoundingClientRect().top") > 0


def test_a_value_and_a_cell_are_computed_again(preview: Preview) -> None:
    edit_notebook(preview.root / NOTEBOOK, "visits; see", "visits, {eval}`answer` times; see")
    preview.text("42 times").wait_for()
    edit_notebook(preview.root / NOTEBOOK, "answer = 42", "answer = 43")
    preview.text("43 times").wait_for()
    preview.state("current")


def test_another_language_is_a_choice_and_its_translation_shows(preview: Preview) -> None:
    preview.page.select_option("#languages", "fr")
    preview.text("Résultats").wait_for()
    preview.state("current")
    preview.report.locator("body").evaluate(
        "node => node.ownerDocument.defaultView.scrollTo(0, 900)"
    )
    edit_notebook(preview.root / SAID, "Résultats", "Les résultats")
    preview.text("Les résultats").wait_for()
    untold = preview.page.locator("#problems li.warning").first
    assert 'missing in "fr"' in untold.inner_text()
    assert preview.page.inner_text("#problems-title") == "Warnings"
    assert findings(preview.page) == []
    preview.report.locator("nav.languages a[hreflang=en]").click()
    preview.text("43 times").wait_for()
    preview.state("current")
    assert preview.page.locator("#languages").input_value() == "en"


def test_a_failing_cell_is_shown_with_its_place_and_remedy(preview: Preview) -> None:
    edit_notebook(preview.root / NOTEBOOK, "loose = 1", "loose = rp.table('vists')")
    preview.state("failed")
    problem = preview.page.locator("#problems li")
    assert "notebooks/summary.ipynb, cell 3" in problem.inner_text()
    assert "visits" in problem.locator(".hint").inner_text()
    assert preview.page.inner_text("#status") == "Not up to date: 1 problem"
    assert not preview.page.locator("#go").is_visible()
    assert "stale" in (preview.page.get_attribute("#report", "class") or "")
    edit_notebook(preview.root / NOTEBOOK, "loose = rp.table('vists')", "loose = 1")
    preview.state("current")


def test_what_check_finds_is_shown(preview: Preview) -> None:
    edit_notebook(preview.root / NOTEBOOK, "More words", "Some 277 persons")
    problem = preview.page.locator("#problems li.problem")
    problem.wait_for()
    assert "277" in problem.inner_text()
    assert "quote a figure" in problem.inner_text()
    problem.get_by_role("button", name="Show cell 4").click()
    assert "Cell 4 of notebooks/summary.ipynb" in preview.page.inner_text("#cell")
    edit_notebook(preview.root / NOTEBOOK, "Some 277 persons", "More words")
    problem.wait_for(state="hidden")
    edit_notebook(preview.root / "programme.toml", 'unit = "visits"', "unit = 1")
    preview.state("failed")
    assert "programme.toml" in preview.page.inner_text("#problems li")
    edit_notebook(preview.root / "programme.toml", "unit = 1", 'unit = "visits"')
    preview.state("current")


def test_a_click_names_the_cell_and_a_figure_leads_to_its_source(preview: Preview) -> None:
    preview.text("43 times").click(position={"x": 2, "y": 2})
    assert "of notebooks/summary.ipynb" in preview.page.inner_text("#cell")
    assert "Cell 4 " in preview.page.inner_text("#cell")
    preview.report.locator("#cht-sex").click(position={"x": 5, "y": 5})
    assert "Cell 6 (cht-sex) of" in preview.page.inner_text("#cell")
    preview.report.locator('#jp-main a.figure[data-figure="1.1"]').first.click()
    source = preview.report.locator("div.source").first
    assert source.evaluate("node => node.getBoundingClientRect().top") < 800


def test_the_pages_of_the_pdf_stand_beside_it(preview: Preview) -> None:
    preview.page.get_by_role("button", name="PDF pages").click()
    picture = preview.page.locator("#pages img").first
    picture.wait_for()
    assert picture.evaluate("node => node.decode().then(() => node.naturalWidth)") > 500
    first = picture.get_attribute("src")
    edit_notebook(preview.root / NOTEBOOK, "# Visits", "# All visits")
    preview.page.locator(f'#pages img:not([src="{first}"])').first.wait_for()
    assert findings(preview.page) == []
    preview.page.get_by_role("button", name="PDF pages").click()


def test_another_edition_can_be_chosen(preview: Preview) -> None:
    preview.text("43 times").scroll_into_view_if_needed()
    preview.page.select_option("#editions", "donor-b-and-c")
    preview.text("To B and C").wait_for()
    scrolled = preview.report.locator("body")
    assert scrolled.evaluate("node => node.ownerDocument.defaultView.scrollY") == 0
    edit_notebook(preview.root / DONOR, "You gave", "You kindly gave")
    preview.text("You kindly gave").wait_for()
    preview.page.select_option("#editions", "summary")
    preview.text("43 times").wait_for()
    preview.state("current")
    assert scrolled.evaluate("node => node.ownerDocument.defaultView.scrollY") > 0
    assert "P-0" not in preview.report.locator("body").inner_html()
    # The browser tells of what was refused and asked for in vain.
    assert preview.said == []


def test_ctrl_c_leaves_nothing_behind(preview: Preview) -> None:
    assert list(preview.temporary.iterdir()) != []
    while len(family := _family(preview.process.pid)) < 3:
        time.sleep(0.1)  # the fork server comes first, then a kernel that stands by
    preview.process.send_signal(signal.SIGINT)
    assert preview.process.wait(30) == 0
    assert [pid for pid in family if Path(f"/proc/{pid}").exists()] == []
    assert list(preview.temporary.iterdir()) == []
    assert (preview.root / "outputs" / "summary.html").read_text() == "the release"
    assert [one.name for one in (preview.root / "outputs").iterdir()] == ["summary.html"]
    preview.state("ended")


def _family(pid: int) -> list[int]:
    """Return a process with all that descend from it."""
    told = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True)
    parents = dict(map(int, line.split()) for line in told.stdout.splitlines()[1:])
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sorted(family)
