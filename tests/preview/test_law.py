"""The law of a preview: after any edits, its page is that of a build but for the mark."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import nbformat
import pytest
from nbformat import v4

from jpreport.export.html import render_html
from jpreport.preview.board import View
from jpreport.preview.messages import Chosen, Message, Saved, Spoken
from jpreport.preview.serve import TEMPLATES
from jpreport.preview.session import Session
from jpreport.release.languages import in_languages
from jpreport.release.request import Request
from jpreport.release.spine import build
from programme_samples import edit_notebook
from sensitive_samples import programme

pytestmark = pytest.mark.slow
NOTEBOOK = "notebooks/summary.ipynb"
SAID, TERMS = (f"notebooks/locale/fr/{name}.po" for name in ("summary", "programme"))
HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
Edit = Callable[[Path], str]


class Watched(Session):
    """A session that counts what was saved and chosen."""

    taken = 0

    def _take(self, message: Message) -> None:
        super()._take(message)
        self.taken += isinstance(message, Saved | Chosen | Spoken)


class Desk:
    """A programme with a preview of it, and a folder to build it into."""

    def __init__(self, root: Path, output: Path) -> None:
        self.root = programme(root)
        in_file("programme.toml", 'id = "summary"', 'id = "summary"\nlanguages = ["en", "fr"]')(
            root
        )
        (root / SAID).parent.mkdir(parents=True)
        for name, (text, said) in {
            SAID: ("Results", "Résultats"),
            TERMS: ("Visits made", "Visites faites"),
        }.items():
            (root / name).write_text(f'{HEAD}msgid "{text}"\nmsgstr "{said}"\n', "utf-8")
        edit_notebook(root / NOTEBOOK, "## Results", '## Results\\n\\nOf {eval}`rp[\\"2.1\\"]`.')
        self._output = output
        self.session = Watched(Request(root, root / "outputs", ("summary",)), TEMPLATES)
        self.thread = Thread(target=self.session.run)
        self.thread.start()
        self.settled()

    def settled(self, taken: int = 0) -> View:
        """Return the view when all that was told is done."""
        version = 0
        while True:
            now, view = self.session.board.after(version, 60)
            assert now > version, "nothing happens"
            if view.state != "working" and self.session.taken >= taken:
                return view
            # What is taken is counted when it has been shown: look again soon.
            version = now if self.session.taken >= taken else now - 1
            time.sleep(0.01)

    def tell(self, *messages: Message) -> View:
        taken = self.session.taken + 1
        for message in messages:
            self.session.tell(message)
        return self.settled(taken)

    def edit(self, *changes: Edit) -> View:
        files = [self.root / change(self.root) for change in changes]
        return self.tell(*(Saved(frozenset({file})) for file in files))

    def built(self, slug: str, language: str) -> str:
        """Return the page of a build as that of a draft, made anew from what the build wrote."""
        request = Request(self.root, self._output, (slug,), ("html",), audited=False, draft=True)
        [outcome] = build(request)
        assert outcome.state in {"built", "unchanged"}, outcome.problems
        executed = (self._output / "executed" / f"{slug}.ipynb").read_text("utf-8")
        documents, refused = in_languages(
            nbformat.reads(executed, as_version=4), self.root, draft=True
        )
        assert refused == []
        document = documents[language]
        draft = render_html(replace(document, front=replace(document.front, draft=True)), self.root)
        page = self._output / f"{document.front.stems[language]}.html"
        assert page.read_text("utf-8") in (render_html(document, self.root), draft)
        return draft

    def assert_law(self, view: View, slug: str = "summary") -> None:
        assert view.state == "current", view.problems
        assert view.page
        assert view.pending == ()
        assert view.page.html == self.built(slug, view.language)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("law")
    desk = Desk(folder / "programme", folder / "built")
    yield desk
    desk.session.tell(None)
    desk.thread.join()
    desk.session.close()


def in_notebook(old: str, new: str, name: str = NOTEBOOK) -> Edit:
    def edit(root: Path) -> str:
        edit_notebook(root / name, json.dumps(old)[1:-1], json.dumps(new)[1:-1])
        return name

    return edit


def cells(change: Callable[[list[nbformat.NotebookNode]], object]) -> Edit:
    def edit(root: Path) -> str:
        notebook = nbformat.read(root / NOTEBOOK, as_version=4)
        change(notebook.cells)
        nbformat.write(notebook, root / NOTEBOOK)
        return NOTEBOOK

    return edit


def in_file(name: str, old: str, new: str) -> Edit:
    def edit(root: Path) -> str:
        path = root / name
        text = path.read_text("utf-8") if path.exists() else ""
        assert old in text
        path.write_text(text.replace(old, new, 1) if old else new, "utf-8")
        return name

    return edit


IMPORT = "import helper\nanswer = helper.ANSWER"
WRITES = (
    "from pathlib import Path\nseen = Path('seen')\n"
    "answer = helper.ANSWER + 100 * seen.exists()\nseen.touch()"
)
EDITS: dict[str, tuple[Edit, ...]] = {
    "a sentence, and a value in it": (
        in_notebook("There were", "We counted"),
        in_notebook("visits; see", "visits, {eval}`answer`; see"),
    ),
    "what that value rests on": (in_notebook("answer = 42", "answer = 43"),),
    "new cells": (
        cells(lambda all_: all_.append(v4.new_markdown_cell("## Thanks\n\nTo all.", id="thanks"))),
        cells(lambda all_: all_.insert(3, v4.new_code_cell("answer += 1", id="more"))),
    ),
    "a table, and the caption of a chart": (
        in_notebook("rp.figures()", "rp.figures()[:1]"),
        in_notebook("Visits by sex", "Visits, by sex"),
    ),
    "records": (in_file("data/visits.csv", "2,2020-02-02,bob,male", "2,2020-02-03,bob,female"),),
    "records of persons": (in_file("data/cases.csv", "P-000,male,north", "P-000,male,south"),),
    "a module": (
        in_file("notebooks/helper.py", "", "ANSWER = 7\n"),
        in_notebook("answer = 43", "import helper; answer = helper.ANSWER"),
        in_file("notebooks/helper.py", "7", "8"),
    ),
    "a colour": (in_file("programme.toml", "[[rep", '[style]\naccent = "#7a1f3d"\n\n[[rep'),),
    "the order of cells": (
        cells(lambda all_: all_.insert(4, all_.pop(5))),
        cells(lambda all_: all_.pop(3)),
    ),
    "a cell that writes a file": (in_notebook("answer = helper.ANSWER", WRITES),),
    "what stands behind it": (
        in_notebook("We counted", "There were"),
        in_notebook("Visits, by sex", "Visits by sex"),
    ),
    "a value less": (in_notebook(", {eval}`answer`", ""),),
}


@pytest.mark.parametrize("what", EDITS)
def test_the_page_is_that_of_a_build_after(what: str, desk: Desk) -> None:
    for change in EDITS[what]:
        view = desk.edit(change)
    desk.assert_law(view)


def test_it_is_so_after_a_failure_and_after_many_changes_at_once(desk: Desk) -> None:
    view = desk.edit(in_notebook("There were", "{eval}`nothing` were"))
    assert view.state == "failed"
    assert [str(one.where) for one in view.problems] == [f"{NOTEBOOK}, cell 5, {{eval}}`nothing`"]
    # A run is on its way when the next change comes, and takes it in or is given up.
    desk.session.tell(Saved(frozenset({desk.root / in_notebook("nothing", "answer")(desk.root)})))
    time.sleep(0.3)
    view = desk.edit(
        in_notebook("by sex", "by SEX"), in_notebook("{eval}`answer` were", "{eval}`-answer` were")
    )
    while (view := desk.settled()).page and "by SEX" not in view.page.html:
        time.sleep(0.01)
    desk.assert_law(view)


def test_a_cell_that_runs_when_it_is_changed_is_not_waited_for(desk: Desk) -> None:
    change = in_notebook("answer = ", "while True: pass\nanswer = ")
    desk.session.tell(Saved(frozenset({desk.root / change(desk.root)})))
    version = 0
    while not desk.session.board.view.waiting.startswith("cell 3"):
        version, _ = desk.session.board.after(version, 60)
    time.sleep(0.2)  # it runs by now
    desk.assert_law(desk.edit(in_notebook("while True: pass\nanswer = ", "answer = ")))


def test_it_is_so_for_another_edition_and_back_again(desk: Desk) -> None:
    for slug in ("donor-b-and-c", "summary"):
        view = desk.tell(Chosen(slug))
        assert view.edition == slug
        desk.assert_law(view, slug)


def test_it_is_so_in_another_language_and_back_again(desk: Desk) -> None:
    view = desk.tell(Spoken("fr"))
    assert view.page
    assert "Résultats" in view.page.html
    assert "Visites faites" in view.page.html
    desk.edit(in_file(SAID, "Résultats", "Les résultats"))
    desk.edit(in_notebook("answer = ", "answer = 1 + "))
    desk.assert_law(desk.edit(in_file(TERMS, "Visites faites", "Visites")))
    # What is not translated is told.
    view = desk.edit(in_notebook("## Results", "## All results"))
    assert any("All results" in one.message for one in view.warnings)
    desk.tell(Spoken("en"))
    desk.assert_law(desk.edit(in_notebook("answer = 1 + ", "answer = ")))
    # What another language says makes nothing run.
    ran = desk.session._results["summary"].notebook
    desk.assert_law(desk.edit(in_file(TERMS, '"Visites"', '"Visites faites"')))
    assert desk.session._results["summary"].notebook is ran
