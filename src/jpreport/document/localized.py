"""An executed notebook in one of the languages that it was run for."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from jpreport.document.reading import named_cells
from jpreport.document.translation import Translations, translated
from jpreport.errors import Place
from jpreport.forms.cell_options import SAID, is_hidden, read_options
from jpreport.forms.mime import FRONT_MATTER, FRONTS, LANGUAGES, MADE_FROM

# How what a rendering is made from calls a notebook's translation.
TRANSLATION = "translation "


def localized(nb: Any, language: str, catalogue: Translations | None) -> Any:  # noqa: ANN401
    """Return an executed notebook as if it had been written and run in a language.

    Without a catalogue, it is the notebook's own; what a catalogue lacks stays as it is.
    """
    own = copy.copy(nb)
    own.metadata = copy.copy(nb.metadata)
    if catalogue is not None:
        own.cells = [_own(cell, language) for cell in nb.cells]
        front = dict(own.metadata.pop(FRONTS, {}).get(language) or {})
        own.metadata[FRONT_MATTER] = {**own.metadata.get(FRONT_MATTER, {}), **front}
        for where, cell in named_cells(own):
            if cell["cell_type"] != "raw" and not is_hidden(cell):
                _translate(where, cell, catalogue)
    if made_from := own.metadata.get(MADE_FROM):
        others = {f"{TRANSLATION}{tag}" for tag in _tags(made_from)} - {f"{TRANSLATION}{language}"}
        rendering = {k: v for k, v in made_from["rendering"].items() if k not in others}
        own.metadata[MADE_FROM] = {**made_from, "rendering": rendering}
    return own


def _tags(made_from: Mapping[str, Any]) -> Iterator[str]:
    for name in made_from["rendering"]:
        if name.startswith(TRANSLATION):
            yield name.removeprefix(TRANSLATION)


def _translate(where: Place, cell: Any, catalogue: Translations) -> None:  # noqa: ANN401
    """Put a cell's texts into a language."""
    if cell["cell_type"] == "markdown":
        cell["source"], _ = translated(str(cell["source"]), catalogue)
        return
    options, _ = read_options(cell, where)
    texts = {"caption": options.caption, "alt": options.alt, "credit": options.credit}
    cell["metadata"][SAID] = {key: catalogue.get(text) or text for key, text in texts.items()}


def _own(cell: Any, language: str) -> Any:  # noqa: ANN401
    """Return a cell that shares what is not changed, with its values and outputs in a language."""
    own = copy.copy(cell)
    own.metadata = copy.copy(cell.metadata)
    if values := own.metadata.get("user_expressions"):
        own.metadata["user_expressions"] = [_value(one, language) for one in values]
    if outputs := cell.get("outputs"):
        own.outputs = [_output(one, language) for one in outputs]
    return own


def _value(entry: Any, language: str) -> Any:  # noqa: ANN401
    own = {key: one for key, one in entry.items() if key != "languages"}
    if language in (said := entry.get("languages", {})):
        own["result"] = {**entry["result"], "data": said[language]}
    return own


def _output(output: Any, language: str) -> Any:  # noqa: ANN401
    said = output.get("data", {}).get(LANGUAGES)
    if said is None:
        return output
    data = said.get(language) or {k: v for k, v in output["data"].items() if k != LANGUAGES}
    return type(output)({**output, "data": data})
