"""How far a language is: which of its texts are translated, stale, missing, or at fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from babel.messages.catalog import Message

from jpreport.data import Package
from jpreport.errors import JpreportError, Place, Problem
from jpreport.language import Catalogue, catalogue_files, cyrillic_of, read_catalogue, tag_of
from jpreport.programme.settings import Settings
from jpreport.translate.catalogues import Wanted, wanted
from jpreport.translate.kept import unkept
from jpreport.translate.texts import Text

State = Literal["translated", "free", "stale", "missing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The texts of one catalogue by their state.

    What is `stale` was translated from other words; `free` are values of records that stay as
    they are. `faults` are translations that do not keep what they have to.
    """

    wanted: Wanted
    texts: dict[State, tuple[Text, ...]]
    faults: tuple[Problem, ...] = ()

    @property
    def open(self) -> tuple[tuple[State, Text], ...]:
        """What keeps the language from being released, beside faults."""
        return tuple((state, one) for state in ("stale", "missing") for one in self.texts[state])

    def to_json(self) -> dict[str, Any]:
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
        file = self.wanted.named()
        faults = [one.to_json() for one in self.faults]
        language = self.wanted.language
        return {"language": language, "file": file, **counts, "open": still, "faults": faults}


def standing(wanted: Wanted) -> Standing:
    """Return the state of each text of a catalogue; raises TranslationError for one unreadable."""
    catalogs = [(file, read_catalogue(file)) for file in catalogue_files(wanted.path)]
    by_rule = Catalogue(latin=cyrillic_of(wanted.path) != wanted.path)
    needed = {text.text for text in wanted.texts if not text.free}
    found: dict[State, dict[str, Text]] = {"translated": {}, "free": {}, "stale": {}, "missing": {}}
    faults: list[Problem] = []
    for text in wanted.texts:
        # The first file that has a text counts: Latin Serbian's own before the Cyrillic.
        given = [(file, m) for file, one in catalogs if (m := one.get(text.text)) and m.string]
        file, message = next((one for one in given if not one[1].fuzzy), (None, None))
        state: State = "missing" if text.text in needed else "free"
        if file and message:
            state = "translated"
            faults += _faults(text, message, wanted, file)
        elif given:
            state = "stale"
        elif by_rule.get(text.text):
            state = "translated"
        found[state].setdefault(text.text, text)
    texts = {state: tuple(texts.values()) for state, texts in found.items()}
    return Standing(wanted, texts, tuple(dict.fromkeys(faults)))


def _faults(text: Text, message: Message, wanted: Wanted, file: Path) -> Iterator[Problem]:
    where = Place(wanted.named(file)).at(line=message.lineno)
    for what, hint in unkept(
        text.text, str(message.string), wanted.own, tag_of(file).replace("_", "-")
    ):
        yield Problem(where, f"the translation of {text.where} {what}", hint)


def untranslated(settings: Settings, package: Package) -> Iterator[Problem]:
    """Yield what keeps the further languages of a programme's reports from being released."""
    try:
        told = [standing(one) for one in wanted(settings, package, free=False)]
    except JpreportError as error:
        yield from error.problems
        return
    for one in told:
        yield from one.faults
        if one.open:
            counts = Counter(state for state, _ in one.open)
            said = " and ".join(f"{number} {state}" for state, number in counts.items())
            first = one.open[0][1].where
            yield Problem(
                Place(one.wanted.named()),
                f'{said} in "{one.wanted.language}", first {first}',
                "jpreport translate extract writes what is to be translated, status lists it",
            )
