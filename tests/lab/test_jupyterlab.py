"""JupyterLab in a browser: values at the first run, references, what is saved, what is exported."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat import v4

from jpreport import lab
from jpreport.export.exporters import HTMLReportExporter
from jpreport.files.canonical import canonical
from jpreport.release.request import Request
from jpreport.release.spine import build
from programme_samples import write_programme

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ENTRY = "static/remoteEntry.js"
TOKEN = "for-tests"  # noqa: S105 - of a server that lives as long as the test

# The title comes first; a name is given two values, one after the other.
CELLS = [
    ("markdown", "# Visits\n\nNothing was counted yet[^1].\n\n[^1]: A note of the *report*."),
    ("code", "from jpreport.notebook import open_report, reconciliation_table\nrp = open_report()"),
    ("code", "n = 1"),
    ("markdown", "## First {eval}`n`\n\nSee [](#tbl-r), by {eval}`rp.programme.title`."),
    ("code", "import time\ntime.sleep(1)\nn = 2"),
    ("markdown", ':::{note} Second {eval}`n`\nOf {eval}`rp["1.1"]` visits, {eval}`1234567`.\n:::'),
    (
        "code",
        "#| label: tbl-r\n#| caption: Published, {eval}`n`\nreconciliation_table(rp.figures())",
    ),
]


def get(address: str) -> bytes:
    with urllib.request.urlopen(f"{address}token={TOKEN}", timeout=60) as answer:  # noqa: S310
        return bytes(answer.read())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """JupyterLab on the tiny programme: its address, and the notebook."""
    installed = Path(sys.prefix, "share/jupyter/labextensions/jpreport", ENTRY)
    own = Path(lab.__file__).parent / "labextension" / ENTRY
    assert installed.read_bytes() == own.read_bytes(), "the extension has changed: install jpreport"
    root = write_programme(tmp_path / "programme")
    template = root / "notebooks/summary.ipynb"
    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    cells = [make[kind](text, id=f"c{n}") for n, (kind, text) in enumerate(CELLS)]
    template.write_bytes(canonical(json.dumps(v4.new_notebook(cells=cells)).encode()))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    command = [
        str(Path(sys.executable).with_name("jupyter-lab")), "--no-browser", "--allow-root",
        "--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={TOKEN}",
        f"--notebook-dir={root}",
    ]  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **home})
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(240):
                try:
                    get(f"{address}/api?")
                    break
                except urllib.error.URLError:
                    time.sleep(0.25)
            yield address, template
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def page() -> Iterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        assert not os.environ.get("CI"), "CI has chromium"
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        opened = started.new_page(viewport={"width": 1300, "height": 1800})
        opened.set_default_timeout(60_000)
        yield opened
        started.close()


def opened(page: Page, address: str) -> Locator:
    """Open the notebook, and return its cells."""
    page.goto(f"{address}/lab/tree/notebooks/summary.ipynb?token={TOKEN}&reset")
    cells = page.locator(".jp-Notebook .jp-Cell")
    cells.nth(len(CELLS) - 1).wait_for()
    return cells


def choose(page: Page, menu: str, entry: str) -> None:
    page.click(f'.lm-MenuBar-itemLabel:has-text("{menu}")')
    page.click(f'.lm-Menu-itemLabel:text-is("{entry}")')


def prose(cell: Locator, has_text: str) -> str:
    """Return a cell's prose once it has these words."""
    shown = cell.locator(".jpreport-prose").filter(has_text=has_text)
    shown.wait_for()
    return shown.inner_text()


@pytest.mark.slow
def test_jupyterlab_is_as_the_report_will_be(server: tuple[str, Path], page: Page) -> None:
    address, template = server
    before = template.read_bytes()

    # Run at once, while the kernel still starts.
    cells = opened(page, address)
    choose(page, "Run", "Run All Cells")
    assert prose(cells.nth(0), "A note").split() == (
        ["Visits", "Nothing", "was", "counted", "yet1.", "A", "note", "of", "the", "report.↩︎"]
    )
    # Values are those of their place in the notebook.
    text = prose(cells.nth(3), "Table 1").replace("\xa0", " ")
    assert "First 1" in text
    assert "See Table 1, by Visits." in text
    assert "Second 2\nOf 5 visits, 1,234,567." in prose(cells.nth(5), "5 visits").replace(
        "\n\n", "\n"
    )
    caption = cells.nth(6).locator(".jpreport-caption")
    assert caption.inner_text().split() == ["Table", "1", "Published,", "2"]
    assert page.locator(".jpreport-prose .no-value").count() == 0
    assert page.locator(".jpreport-problem").count() == 0
    cells.nth(3).get_by_role("link", name="Table 1").click()
    assert caption.evaluate("line => line.id") == "tbl-r"

    # What is saved is the canonical form, whatever ran.
    page.keyboard.press("Control+s")
    page.get_by_text("Saving completed").wait_for()
    assert template.read_bytes() == before

    # A new cell has its value at the first Shift+Enter, and says what is wrong with it.
    cells.last.click()
    page.keyboard.press("Escape")
    for source in ('Again {eval}`rp["1.1"]`.', "Lost {eval}`nowhere`."):
        page.keyboard.press("b")
        page.keyboard.press("m")
        page.keyboard.press("Enter")
        page.keyboard.insert_text(source)
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Escape")
    prose(cells.filter(has_text="Again"), "Again 5.")
    assert "NameError: name 'nowhere' is not defined" in prose(
        cells.filter(has_text="Lost"), "raised"
    )

    # So does a cell of code with an option that nobody knows.
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text("#| captoin: C\n1")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Escape")
    assert "did you mean" in page.locator(".jpreport-faults").inner_text()

    # To open a notebook changes nothing in it.
    page.on("dialog", lambda dialog: dialog.accept())
    opened(page, address)
    page.get_by_text("| Idle").wait_for()
    prose(page.locator(".jp-Notebook .jp-Cell").nth(3), "First 1")
    assert page.locator(".lm-DockPanel .jp-mod-dirty").count() == 0

    # It exports what a build makes, marked as a draft: run from the start.
    exported = get(f"{address}/nbconvert/jpreport_html/notebooks/summary.ipynb?").decode()
    root = template.parent.parent
    build(Request(root, root / "outputs", reports=("summary",)))
    executed = nbformat.read(root / "outputs/executed/summary.ipynb", as_version=4)
    for key in [key for key in executed.metadata if key.startswith("jpreport")]:
        del executed.metadata[key]
    place = {"metadata": {"path": str(root / "notebooks"), "name": "summary"}}
    assert exported == HTMLReportExporter().from_notebook_node(executed, place)[0]
    assert "Not audited, not for publication." in exported
