"""An executed notebook in one of the languages that it was run for."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jpreport.document.reading import named_cells
from jpreport.document.translation import Translations, translated
from jpreport.errors import Place, Problem
from jpreport.forms.cell_options import SAID, is_hidden, read_options
from jpreport.forms.mime import FRONT_MATTER, FRONTS, LANGUAGES, MADE_FROM
from jpreport.language import Wording

# How what a rendering is made from calls a notebook's translation.
TRANSLATION = "translation "
_HINT = "translate it (jpreport translate status lists all), or build with --draft"


@dataclass(frozen=True, slots=True)
class Localized:
    """A notebook in one language; `missing` are the sentences that stay in its own."""

    notebook: Any
    missing: tuple[Problem, ...] = ()


def localized(nb: Any, language: str, catalogue: Translations | None) -> Localized:  # noqa: ANN401
    """Return an executed notebook as if it had been written and run in a language.

    Without a catalogue, it is the notebook's own.
    """
    own = copy.copy(nb)
    own.metadata = copy.copy(nb.metadata)
    missing: list[Problem] = []
    if catalogue is not None:
        own.cells = copy.deepcopy(nb.cells)
        front = dict(own.metadata.pop(FRONTS, {}).get(language) or {})
        own.metadata[FRONT_MATTER] = {**own.metadata.get(FRONT_MATTER, {}), **front}
        for where, cell in named_cells(own):
            if cell["cell_type"] != "raw" and not is_hidden(cell):
                missing += _missing(where, _translate(where, cell, catalogue), language)
            _choose(cell, language)
    if made_from := own.metadata.get(MADE_FROM):
        others = {f"{TRANSLATION}{tag}" for tag in _tags(made_from)} - {f"{TRANSLATION}{language}"}
        rendering = {k: v for k, v in made_from["rendering"].items() if k not in others}
        own.metadata[MADE_FROM] = {**made_from, "rendering": rendering}
    return Localized(own, tuple(missing))


def _tags(made_from: Mapping[str, Any]) -> Iterator[str]:
    for name in made_from["rendering"]:
        if name.startswith(TRANSLATION):
            yield name.removeprefix(TRANSLATION)


def _translate(where: Place, cell: Any, catalogue: Translations) -> list[str]:  # noqa: ANN401
    """Put a cell's texts into a language; return those that the catalogue lacks."""
    if cell["cell_type"] == "markdown":
        cell["source"], missing = translated(str(cell["source"]), catalogue)
        return missing
    options, _ = read_options(cell, where)
    texts = [text for text in (options.caption, options.alt) if text and options.output]
    said = {text: catalogue.get(text) for text in texts}
    cell["metadata"][SAID] = {
        key: said.get(text) or text
        for key, text in (("caption", options.caption), ("alt", options.alt))
    }
    return [text for text, found in said.items() if found is None]


def _missing(where: Place, texts: list[str], language: str) -> Iterator[Problem]:
    name = Wording(language).name
    for text in texts:
        start = text if len(text) <= 70 else f"{text[:69]}\N{HORIZONTAL ELLIPSIS}"  # noqa: PLR2004
        yield Problem(where, f'has no {language} ({name}) for "{start}"', _HINT)


def _choose(cell: Any, language: str) -> None:  # noqa: ANN401
    """Leave of a cell's values and outputs those of one language."""
    for entry in cell["metadata"].get("user_expressions", ()):
        if language in (said := entry.pop("languages", {})):
            entry["result"]["data"] = said[language]
    for output in cell.get("outputs", ()):
        if language in (said := output.get("data", {}).pop(LANGUAGES, {})):
            output["data"] = said[language]
