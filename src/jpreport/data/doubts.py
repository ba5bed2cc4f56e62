"""What breaks no rule of the contract and is likely to be wrong all the same."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jpreport.data.cellcheck import quoted as in_quotes
from jpreport.data.contract import Resource, quoted
from jpreport.data.form import Fault
from jpreport.data.kept import Opened
from jpreport.data.keys import Asking
from jpreport.data.reading import ROW

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
BEGINNINGS = frozenset(map(skeleton, (*_TOTALS, *_WHOLES)))
_BEGUN = tuple(f"{one} " for one in BEGINNINGS)
_ENDED = tuple(f" {one}" for one in TOTALS)


def says_total(text: str) -> bool:
    """Whether a text may say that its row adds up others: "Total", "Subtotal North", "All"."""
    said = skeleton(text).rstrip(" :.")
    return f"{said} ".startswith(_BEGUN) or said.endswith(_ENDED)


def look_alikes(values: Iterable[str]) -> list[list[str]]:
    """Return the groups of different texts that look alike."""
    groups: Mapping[str, list[str]] = defaultdict(list)
    for text in values:
        groups[skeleton(text)].append(text)
    return [group for group in groups.values() if len(group) > 1]


def _skeletons(column: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return the skeletons of an Arrow column of different texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = pa.chunked_array(column).combine_chunks()
    plain = pc.match_substring_regex(column, r"^[!-~]+(?: [!-~]+)*$")
    other = list(map(skeleton, column.filter(pc.invert(plain)).to_pylist()))
    lower = pc.ascii_lower(column)
    return pc.replace_with_mask(lower, pc.invert(plain), pa.array(other, pa.string()))


def _groups(name: str, opened: Opened, ask: Asking) -> Iterator[Counter[str]]:
    """Yield the groups of texts of a column that look alike, with their numbers of cells."""
    column = quoted(name)
    ask.function("skeleton_of", _skeletons)
    rows = ask(
        f"SELECT list(x ORDER BY first), list(n ORDER BY first) FROM (SELECT {column} AS x, "  # noqa: S608 (quoted)
        f"count(*) AS n, min({quoted(ROW)}) AS first FROM t WHERE x IS NOT NULL GROUP BY x) "
        "GROUP BY skeleton_of(x) HAVING count(*) > 1 ORDER BY min(first)",
        t=opened,
    )
    yield from (Counter(dict(zip(texts, counts, strict=True))) for texts, counts in rows.fetchall())


def doubts_of(resource: Resource, opened: Opened, ask: Asking) -> Iterator[Fault]:
    """Find look-alike values, and records without the date by which periods select them."""
    table = opened.reading.table
    for field in resource.fields:
        if field.type != "string" or field.name not in table.column_names:
            continue
        name, groups = field.name, list(_groups(field.name, opened, ask))
        for group in groups[:_LISTED] if not resource.sensitive else ():
            listed = ", ".join(f"{_spelled(text)} ({count})" for text, count in group.most_common())
            message = f"{len(group)} values look alike and count apart: {listed}"
            yield Fault(message, "write them alike, or list the values under enum", None, name)
        more = len(groups) - (0 if resource.sensitive else _LISTED)
        if more > 0:
            plural = "" if more == 1 else "s"
            message = f"{more} group{plural} of values look alike and count apart"
            yield Fault(message, "write them alike, or list the values under enum", None, name)
    dates = resource.date or ""
    if dates in table.column_names and (undated := table[dates].null_count):
        sql = f"SELECT min({quoted(ROW)}) FROM t WHERE {quoted(dates)} IS NULL"  # noqa: S608 (quoted)
        ((first,),) = ask(sql, t=opened).fetchall()
        message = f"{undated} of {len(table)} records have no date: they count in no period"
        yield Fault(message, f"fill them in, first in row {first}", None, dates)


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
    return in_quotes(text) + (f" [{', '.join(told)}]" if told else "")
