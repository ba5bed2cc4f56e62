"""A sentence with its values, kept as data: said when it is known in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jpreport.language.spoken import current

Value = int | float | str | list[str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of our English sentences with values for its braces; `str` says it as is spoken now.

    Numbers are worded, of a list each is a term of the programme's. The `count` among the values
    tells which of the two forms it has: `message`, for one thing, or `many`.
    """

    message: str
    values: Mapping[str, Value] = field(default_factory=dict)
    many: str = ""

    def __str__(self) -> str:
        """Return the sentence in the language that is spoken."""
        words = current()
        values = {name: self._worded(value) for name, value in self.values.items()}
        if not self.many:
            return words.say(self.message, **values)
        count = self.values["count"]
        return words.counted(self.message, self.many, int(str(count)), **values)

    @staticmethod
    def _worded(value: Value) -> str:
        words = current()
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return words.listing([words.term(one) for one in value])
        return words.number(value)
