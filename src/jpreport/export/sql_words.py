"""The measure and the filter of an indicator in words, where they are of a usual form."""

from __future__ import annotations

import re

_NAME = r'[a-z_]\w*|"[^"]+"'
_TEXT = r"'(?:[^']|'')*'"
_TOKEN = re.compile(
    rf"\s*(?:(?P<name>{_NAME})|(?P<value>{_TEXT}|-?\d+(?:\.\d+)?)|(?P<sign><=|>=|<>|!=|[=<>(),]))",
    re.IGNORECASE,
)
_MEASURES = (
    (r"count\s*\(\s*\*\s*\)", "number of records"),
    (rf"count\s*\(\s*distinct\s+(?P<name>{_NAME})\s*\)", "number of different values of {}"),
    (rf"count\s*\(\s*(?P<name>{_NAME})\s*\)", "number of records that state {}"),
    (rf"sum\s*\(\s*(?P<name>{_NAME})\s*\)", "sum of {}"),
    (rf"(?:avg|mean)\s*\(\s*(?P<name>{_NAME})\s*\)", "average of {}"),
    (rf"median\s*\(\s*(?P<name>{_NAME})\s*\)", "median of {}"),
    (rf"max\s*\(\s*(?P<name>{_NAME})\s*\)", "largest {}"),
    (rf"min\s*\(\s*(?P<name>{_NAME})\s*\)", "smallest {}"),
)
_SIGNS = {
    "=": "is",
    "<>": "is not",
    "!=": "is not",
    "<": "is less than",
    ">": "is more than",
    "<=": "is at most",
    ">=": "is at least",
}
_RESERVED = frozenset(
    (
        *("and", "or", "not", "in", "is", "null", "between", "like", "ilike", "case", "when"),
        *("then", "else", "end", "exists", "select", "from", "where", "interval", "date"),
        *("timestamp", "true", "false", "any", "all", "some", "as", "collate"),
    )
)


def name_words(name: str) -> str:
    """Return a column's or table's name as words: `participant_id` reads "participant id"."""
    return name.strip('"').replace("_", " ").strip()


def measure_words(measure: str) -> str:
    """Return an aggregate in words; "" where it is of no usual form."""
    for pattern, words in _MEASURES:
        match = re.fullmatch(pattern, measure.strip(), re.IGNORECASE)
        if match:
            return words.format(name_words(match["name"])) if "{}" in words else words
    return ""


class _Reader:
    """Reads conditions joined by "and" or by "or"; ValueError where there is more to them."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        text = text.strip()
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise ValueError(text)
            word = match[match.lastgroup]
            kind = match.lastgroup
            if kind == "name" and word.lower() in _RESERVED:
                kind, word = "key", word.lower()
            self.tokens.append((kind, word))
            at = match.end()
        self.at = 0

    def _next(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def _take(self, *wanted: str) -> str:
        """Return the next token, which must be of a kind or say a word that is wanted."""
        kind, word = self._next()
        if kind not in wanted and word not in wanted:
            raise ValueError(word)
        self.at += 1
        return word

    def _took(self, word: str) -> bool:
        found = self._next() == (("sign" if not word.isalpha() else "key"), word)
        self.at += found
        return found

    def _value(self) -> str:
        if self._next()[1] in {"true", "false", "date"}:
            word = self._take("true", "false", "date")
            return self._take("value").strip("'") if word == "date" else word
        word = self._take("value")
        if word.startswith("'"):
            return "\u201c" + word[1:-1].replace("''", "'") + "\u201d"
        return word

    def _list(self) -> str:
        self._take("(")
        values = [self._value()]
        while self._took(","):
            values.append(self._value())
        self._take(")")
        return " or ".join([", ".join(values[:-1]), values[-1]] if len(values) > 1 else values)

    def _condition(self) -> str:
        if self._took("not"):
            return f"not {name_words(self._take('name'))}"
        name = name_words(self._take("name"))
        kind, word = self._next()
        if kind == "sign" and word in _SIGNS:
            self.at += 1
            return f"{name} {_SIGNS[word]} {self._value()}"
        if self._took("is"):
            negated = self._took("not")
            self._take("null")
            return f"{name} is stated" if negated else f"{name} is not stated"
        negated = self._took("not")
        verb = "is not" if negated else "is"
        if self._took("in"):
            return f"{name} {verb} {self._list()}"
        if self._took("between"):
            low = self._value()
            self._take("and")
            return f"{name} {verb} from {low} to {self._value()}"
        if negated:
            raise ValueError(name)
        return name

    def _group(self, end: str) -> tuple[str, list[str]]:
        """Return what joins the conditions up to `end` ("" where there is one), and each of them.

        Words have no brackets: what needs them is refused.
        """
        found: list[str] = []
        joints: set[str] = set()
        while True:
            if self._took("("):
                joint, inner = self._group(")")
                self._take(")")
                joints.update(filter(None, [joint]))
                found += inner
            else:
                found.append(self._condition())
            word = self._next()[1]
            if word not in {"and", "or"}:
                break
            self.at += 1
            joints.add(word)
        if word != end or len(joints) > 1:
            raise ValueError(word)
        return "".join(joints), found

    def words(self) -> str:
        """Return the whole text in words."""
        joint, found = self._group("")
        comma = any(" or " in one for one in found)
        return (f", {joint} " if comma else f" {joint} ").join(found)


def condition_words(where: str) -> str:
    """Return a condition in words; "" where it is of no usual form."""
    try:
        return _Reader(where).words()
    except ValueError:
        return ""
