"""Prose values: the words of what an `{eval}` role gives."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from jpreport.document.markdown_text import Role
from jpreport.errors import Place, Problem
from jpreport.forms.mime import FIGURE, LANGUAGES
from jpreport.language import current, speaking
from jpreport.language.spoken import in_further

# How Python writes values that are no literals, by the name that they are called with.
_MADE: Mapping[str, Callable[..., object]] = {
    "date": dt.date,
    "datetime": dt.datetime,
    **dict.fromkeys(("datetime64", "Timestamp"), dt.datetime.fromisoformat),
    **dict.fromkeys(("Decimal", "longdouble"), Decimal),
    **{f"{kind}{bits}": Decimal for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)},
}
_HERE = f"__import__({__name__!r}, fromlist=['spoken'])"
_NOTHING = frozenset({"None", "nan", "NaT", "<NA>", "inf", "-inf"})


def questions(roles: Sequence[Role], languages: Sequence[str]) -> list[tuple[str, Role, str]]:
    """Return what a kernel is asked for roles: language, role and expression, the own one first."""
    own, *further = languages
    asked = [(own, role, role.expression) for role in roles]
    asked += [
        (tag, role, f"{_HERE}.spoken({role.expression!r}, {tag!r})")
        for tag in further
        for role in roles
    ]
    return asked


def answered(
    roles: Sequence[Role], answers: Sequence[dict[str, Any]], languages: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the answers to `questions` as a notebook keeps them: by role, in all languages."""
    kept = []
    for place, role in enumerate(roles):
        own, *further = answers[place :: len(roles)]
        own.get("data", {}).pop(LANGUAGES, None)
        entry = {"expression": role.expression, "result": own}
        said = {tag: one.get("data", {}) for tag, one in zip(languages[1:], further, strict=True)}
        kept.append({**entry, **({"languages": said} if said else {})})
    return kept


def unlike(entry: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    """Yield why an answer is not one and the same in all languages: it quotes another figure."""
    own = _quoted(entry["result"].get("data", {}))
    for tag, data in entry.get("languages", {}).items():
        if data and _quoted(data) != own:
            message = f'gives another figure when it is evaluated again, in the language "{tag}"'
            yield Problem(place, message, "let the expression read values, and change none")


def _quoted(data: Mapping[str, Any]) -> tuple[object, ...]:
    record = data.get(FIGURE, {})
    return tuple(record.get(key) for key in ("id", "value", "period"))


def put_into_words(
    answer: dict[str, Any], place: Place, expression: str, language: str, *, quiet: bool
) -> Iterator[Problem]:
    """Give the plain value in an answer the words of a language; yield why it has none.

    If `quiet`, no text of a failure is told.
    """
    if answer["status"] != "ok":
        told = "" if quiet else f": {answer['evalue']}"
        message = f'fails in the language "{language}", {answer["ename"]}{told}'
        yield Problem(place, message, "let the expression give a text in each language")
        return
    try:
        with speaking(language):
            answer["data"] = worded(answer["data"], expression)
    except ValueError as error:
        yield Problem(place, str(error), "let the expression return a text that says it")


def worded(data: Mapping[str, Any], expression: str) -> dict[str, Any]:
    """Return the MIME bundle of a value; the text of a plain one as it is worded in the language.

    What has more forms than text, such as a figure, stays as it is, and so does the text of an
    object that says itself how it reads. A whole number is a year, without a separator, where
    the expression has that word. Raises ValueError, with the reason, for what has no form in a
    sentence: None, NaN, lists.
    """
    text = "".join(data.get("text/plain", ()))
    if set(data) != {"text/plain"}:
        return dict(data)
    value = _value(text)
    if value is None or isinstance(value, str):
        return dict(data)
    year = "year" in expression.casefold() and re.fullmatch(r"\d{4}", text)
    words = text if year else current().value(value)
    return {"text/plain": text if words == text else repr(words)}


class Spoken:
    """What an expression gives in a further language: the MIME bundle of its value."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return self._data


def spoken(expression: str, language: str) -> Spoken:
    """Evaluate an expression in a further language of the report; in its kernel.

    A text that it gives is one of the programme's own, translated if that has a translation.
    """
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    with speaking(in_further(language)) as words:
        value = eval(expression, shell.user_global_ns, shell.user_ns)  # noqa: S307 - the author's
        if type(value) is str:
            value = words.term(value)
        return Spoken(shell.display_formatter.format(value)[0])


def _value(text: str) -> object:
    """Return the value that Python writes so; None for a text of another kind."""
    if text in _NOTHING:
        raise ValueError(f"is {text}, which has no form in a sentence")
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    match node:
        case ast.List() | ast.Tuple() | ast.Dict() | ast.Set():
            kind = type(node).__name__.lower()
            raise ValueError(f"is a {kind}, which has no form in a sentence")
        case ast.Constant() | ast.UnaryOp(ast.USub(), ast.Constant()):
            return ast.literal_eval(node)
        case ast.Attribute(ast.Name("np"), ("True_" | "False_") as name):
            return name == "True_"
        case ast.Call(ast.Name(name) | ast.Attribute(_, name), arguments, []) if name in _MADE:
            try:
                return _MADE[name](*(ast.literal_eval(ast.unparse(one)) for one in arguments))
            except (ArithmeticError, TypeError, ValueError):
                raise ValueError(f"is {text}, which has no form in a sentence") from None
    return None
