"""What breaks no rule of the contract and is likely to be wrong all the same."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jpreport.data.cellcheck import quoted
from jpreport.data.contract import Field, Resource, Value
from jpreport.data.scan import Fault

# As many groups of look-alikes of one column are named; then only how many more there are.
_LISTED = 5
# Letters of other scripts that are drawn as Latin ones.
_DRAWN_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",  # noqa: RUF001
    "ABESIJKMHOPCTYXaesijopcyxABEZHIKMNOPTYXo",
)
_TOTALS = (
    *("total", "totals", "grand total", "subtotal", "sub-total", "sum", "overall total"),
    *("sub total", "sous-total", "sous total", "total général", "total general", "zbir", "збир"),
    *("ukupno", "svega", "укупно", "всего", "итого", "всього", "разом", "razem", "suma", "сума"),
    *("gesamt", "summe", "insgesamt", "totale", "toplam", "totalt", "subtotale", "zwischensumme"),
    *("المجموع", "الإجمالي", "合计", "总计", "合計", "jumla"),
)
# These say so too, if the numbers do.
_WHOLES = ("all", "overall", "tous", "toutes", "todos", "alle", "svi", "sve", "все", "ensemble")


def skeleton(text: str) -> str:
    """Return what a reader takes a text for: two values of one skeleton look alike."""
    plain = unicodedata.normalize("NFKC", text).translate(_DRAWN_ALIKE)
    seen = "".join(one for one in plain if unicodedata.category(one) != "Cf")
    return " ".join(seen.split()).casefold()


TOTALS = frozenset(map(skeleton, _TOTALS))
_BEGUN = tuple(f"{skeleton(one)} " for one in (*_TOTALS, *_WHOLES))
_ENDED = tuple(f" {one}" for one in TOTALS)


def says_total(text: str) -> bool:
    """Whether a text may say that its row adds up others: "Total", "Subtotal North", "All"."""
    said = skeleton(text).rstrip(" :.")
    return f"{said} ".startswith(_BEGUN) or said.endswith(_ENDED)


def look_alikes(values: Sequence[Value]) -> list[Counter[str]]:
    """Return the groups of different texts that look alike, each text with its number of cells."""
    counts = Counter(value for value in values if isinstance(value, str))
    groups: Mapping[str, Counter[str]] = defaultdict(Counter)
    for text, count in counts.items():
        groups[skeleton(text)][text] = count
    return [group for group in groups.values() if len(group) > 1]


def doubts_of(
    resource: Resource, values: Mapping[str, Sequence[Value]], rows: Sequence[int]
) -> Iterator[Fault]:
    """Find look-alike values, and records without the date by which periods select them."""
    for name, column in values.items():
        groups = look_alikes(column)
        for group in groups[:_LISTED] if not resource.sensitive else ():
            listed = ", ".join(f"{_spelled(text)} ({count})" for text, count in group.most_common())
            message = f"{len(group)} values look alike and count apart: {listed}"
            yield Fault(message, "write them alike, or list the values under enum", None, name)
        more = len(groups) - (0 if resource.sensitive else _LISTED)
        if more > 0:
            plural = "" if more == 1 else "s"
            message = f"{more} group{plural} of values look alike and count apart"
            yield Fault(message, "write them alike, or list the values under enum", None, name)
    dates = values.get(resource.date or "", ())
    undated = [row for row, value in zip(rows, dates, strict=False) if value is None]
    if undated:
        message = f"{len(undated)} of {len(dates)} records have no date: they count in no period"
        yield Fault(message, f"fill them in, first in row {undated[0]}", None, resource.date or "")


def _spelled(text: str) -> str:
    """Return a text in quotes, with what cannot be seen of it in words."""
    told = []
    if text != text.strip():
        told.append("space at an end")
    if any(unicodedata.category(one) == "Zs" and one != " " for one in text):
        told.append("no-break or other space")
    if "  " in text:
        told.append("two spaces")
    if any(unicodedata.category(one) == "Cf" for one in text):
        told.append("invisible character")
    if unicodedata.normalize("NFC", text) != text:
        told.append("accents as characters of their own")
    foreign = dict.fromkeys(one for one in text if ord(one) in _DRAWN_ALIKE)
    if foreign:
        told.append("; ".join(unicodedata.name(one).capitalize() for one in [*foreign][:2]))
    return quoted(text) + (f" [{', '.join(told)}]" if told else "")


def totals(
    fields: Sequence[Field], values: Mapping[str, Sequence[Value]], rows: Sequence[int]
) -> Iterator[Fault]:
    """Find rows that add up the others: as records they would count everything twice.

    A row is one if a text says so ("Total") that the contract does not list, and a number of it
    is the sum of the others, or it lacks what all others state.
    """
    texts = {
        field.name: values[field.name]
        for field in fields
        if field.type == "string" and not field.enum and field.name in values
    }
    named = {
        place: name
        for name, column in texts.items()
        for place, value in enumerate(column)
        if isinstance(value, str) and says_total(value)
    }
    last = len(rows) - 1
    if texts and last > 0 and all(column[last] is None for column in texts.values()):
        named[last] = next(iter(texts))  # a row of sums without a word
    others = [place for place in range(len(rows)) if place not in named]
    for place, name in named.items():
        worded = values[name][place] is not None
        columns = [one for one in values.values() if worded or one[place] is not None]
        if others and any(_is_sum(column, place, others) for column in columns):
            message = "adds up other rows: as a record it would count everything twice"
            hint = "remove the row, or list its label under enum if it is a value like others"
            yield Fault(message, hint, rows[place], name)


def _is_sum(column: Sequence[Value], place: int, others: Sequence[int]) -> bool:
    """Whether a cell is the sum of the others of its column, or empty where none of them is."""
    if column[place] is None:
        return all(column[other] is not None for other in others)
    numbers = [column[other] for other in others if column[other] is not None]
    if isinstance(column[place], bool | str) or any(isinstance(one, bool | str) for one in numbers):
        return False
    try:
        # A subtotal is the sum of those directly above it.
        above = [column[other] for other in others if other < place][::-1]
        partial: Any = 0
        for count, one in enumerate(above, start=1):
            partial += one or 0
            if count > 1 and partial == column[place]:
                return True
        return len(numbers) > 1 and sum(numbers) == column[place]  # type: ignore[arg-type]
    except TypeError:  # days
        return False
