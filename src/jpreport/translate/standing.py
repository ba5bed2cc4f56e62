"""How far a language is: which of its texts are translated, stale or missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jpreport.language import catalogue_files, read_catalogue
from jpreport.translate.catalogues import Wanted
from jpreport.translate.texts import Text

State = Literal["translated", "free", "stale", "missing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The texts of one catalogue by their state.

    What is `stale` was translated from other words; `free` are values of records that stay as
    they are.
    """

    wanted: Wanted
    texts: dict[State, tuple[Text, ...]]

    @property
    def open(self) -> tuple[tuple[State, Text], ...]:
        """What keeps the language from being released."""
        return tuple((state, one) for state in ("stale", "missing") for one in self.texts[state])

    def to_json(self, root: Path) -> dict[str, Any]:
        """Return the counts, and each text that keeps the language from being released."""
        still = [
            {
                "state": state,
                "text": one.text,
                "where": str(one.where),
                "place": one.where.to_json(),
            }
            for state, one in self.open
        ]
        counts = {str(state): len(texts) for state, texts in self.texts.items()}
        file = self.wanted.path.relative_to(root).as_posix()
        return {"language": self.wanted.language, "file": file, **counts, "open": still}


def standing(wanted: Wanted) -> Standing:
    """Return the state of each text of a catalogue; raises TranslationError for one unreadable."""
    catalogs = [read_catalogue(file) for file in catalogue_files(wanted.path)]
    needed = {text.text for text in wanted.texts if not text.free}
    found: dict[State, dict[str, Text]] = {"translated": {}, "free": {}, "stale": {}, "missing": {}}
    for text in wanted.texts:
        messages = [catalog.get(text.text) for catalog in catalogs]
        said = [message for message in messages if message is not None and message.string]
        state: State = "missing" if text.text in needed else "free"
        if said:
            state = "translated" if any(not message.fuzzy for message in said) else "stale"
        found[state].setdefault(text.text, text)
    return Standing(wanted, {state: tuple(texts.values()) for state, texts in found.items()})
