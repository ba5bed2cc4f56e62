"""What the cells of a column mean: type, how numbers and days are written, missing words, lists."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from jpreport.data.cells import UnreadableError, cell_reader
from jpreport.data.contract import Cell, Field, Value
from jpreport.data.styles import NumberStyle, day_formats, number_styles
from jpreport.language import is_currency

# Words for "nothing is known", and those that are so in a column of texts as well.
_MISSING = frozenset(
    ("", "-", "--", "\u2013", "\u2014", ".", "..", "...", "n/a", "na", "n.a.", "#n/a", "nd", "n.d.",
     "null", "none", "nil", "nan", "missing", "no data", "not available", "unknown", "tbd", "tbc")
)  # fmt: skip
_MISSING_TEXT = frozenset(("", "-", "--", "\u2013", "\u2014", "n/a", "n.a.", "#n/a", "null", "nan"))
_YES = frozenset(("yes", "true", "y", "oui", "s\u00ed", "si", "da", "ja", "sim", "tak", "evet"))
_NO = frozenset(("no", "false", "n", "non", "nein", "ne", "n\u00e3o", "nie", "hay\u0131r"))
_MORE_DAYS = (
    *("%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%B-%Y", "%b %d, %Y", "%B %d, %Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%y", "%d.%m.%Y.", "%d. %m. %Y.", "%d. %m. %Y"),
)
_MOMENTS = tuple(
    f"{day} {time}"
    for day in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d")
    for time in ("%H:%M", "%H:%M:%S", "%I:%M %p")
)
_AFFIXED = re.compile(r"([^\d+\-.,]*?)\s*([+-]?\d[\d.,' \u00a0\u202f]*?)\s*([^\d.,]*)")
# Money may stand before a number: with other words in front, "P1" and "Phase 2" are names.
_MONEY = re.compile(r"(?i)[a-z]{0,3}[$\u20ac\u00a3\u00a5\u20b9]|rs\.?|km|ksh|ush|din\.?|birr")
_ORDINAL = re.compile(r"(?i)st|nd|rd|th|er|e|\.")
# As accounts write what is less than nothing: (300), 300-, and a minus that is no hyphen.
_NEGATIVE = re.compile(r"\(\s*([^()]*\d)\s*\)|([^()]*\d)\s*[-\u2212]|[\u2212\u2013]\s*(.*\d)")
_SERIALS = range(25_569, 73_051)  # 1970 to 2099, as days that Excel counts
_DAY_NAME = re.compile(r"(?i)(^|_)(date|day|datum|jour|fecha)(_|$)")
_ID = re.compile(r"(?i)(^|_)(id|code|uuid|no|number|ref|key|index|nr|sifra|kod)(_|$)")
_YEAR = re.compile(r"(?i)(^|_)(year|annee|godina|ano|jahr)(_|$)")
_UNIT = re.compile(r"[(\[]\s*([^)\]]{1,20})\s*[)\]]\s*$")
_CURRENCY = re.compile(r"(?:^|_)(usd|eur|gbp|chf|rsd|kes|sek|nok|bam|xof|xaf|mad|ugx|etb)(?:_|$)")
_LISTED, _LISTED_LENGTH, _FEW = 25, 60, 4
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it would be declared; `doubts` are what somebody should look at.

    `signed` is how a text writes numbers below nothing as accounts do, which are computed of it.
    """

    raw: str
    field: Field
    values: tuple[Value, ...] = ()
    doubts: tuple[str, ...] = ()
    person: str = ""
    signed: NumberStyle | None = None

    @property
    def name(self) -> str:
        """Its name in the contract."""
        return self.field.name

    @property
    def known(self) -> list[Value]:
        """The values that are not missing."""
        return [value for value in self.values if value is not None]

    @property
    def distinct(self) -> int:
        """How many different values it has."""
        return len(set(self.known))

    @property
    def is_code(self) -> bool:
        """Whether its name says that its values name something."""
        return bool(_ID.search(self.name))


@dataclass(frozen=True, slots=True)
class _Guess:
    """What is guessed of one column: its declaration, and what to look at."""

    field: Field
    doubts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Habits:
    """How a table's columns of one reading write days and numbers; it decides those of two."""

    day_first: bool | None = None
    decimal: str = "."


def column_of(raw: str, name: str, cells: Sequence[Cell], habits: Habits) -> Column:
    """Return a column as its cells want it declared."""
    unit = _UNIT.search(raw)
    currency = _CURRENCY.search(name)
    start = Field(name, title=raw if raw != name else "", column=raw if raw != name else "")
    start = replace(start, unit=unit[1] if unit else currency[1].upper() if currency else "")
    for guess in (_empty, _booleans, _days, _numbers):
        found = guess(start, cells, habits)
        if found and (values := _read(found.field, cells)) is not None:
            return _constrained(Column(raw, found.field, values, tuple(found.doubts)))
    text = replace(start, missing_values=_missing(cells, _MISSING_TEXT))
    values = _read(text, cells) or ()
    if signed := _signed(cells, habits):
        return Column(raw, text, values, signed=signed)
    return _constrained(Column(raw, text, values, tuple(_unread(start, cells))))


def _read(declared: Field, cells: Sequence[Cell]) -> tuple[Value, ...] | None:
    """Return the values of cells by a declaration; None where one of them has none."""
    from jpreport.data.cells import plain_cell

    read = cell_reader(declared)
    try:
        return tuple(read(plain_cell(cell, declared, excel=True)) for cell in cells)
    except (UnreadableError, ValueError):
        return None


def _missing(cells: Iterable[Cell], words: frozenset[str]) -> tuple[str, ...]:
    found = {cell for cell in cells if isinstance(cell, str) and cell.strip().lower() in words}
    return tuple(sorted({"", *found}))


def _stated(cells: Iterable[Cell]) -> list[Cell]:
    return [
        cell
        for cell in cells
        if cell is not None and not (isinstance(cell, str) and cell.strip().lower() in _MISSING)
    ]


def _empty(start: Field, cells: Sequence[Cell], _: Habits) -> _Guess | None:
    if _stated(cells):
        return None
    return _Guess(replace(start, missing_values=_missing(cells, _MISSING)), ["holds nothing"])


def _booleans(start: Field, cells: Sequence[Cell], _: Habits) -> _Guess | None:
    stated = _stated(cells)
    if all(isinstance(cell, bool) for cell in stated):
        return _Guess(replace(start, type="boolean"))
    words = {cell for cell in stated if isinstance(cell, str)}
    lower = {word.lower() for word in words}
    if len(words) < len(set(map(str, stated))) or not lower <= _YES | _NO or not lower & _YES:
        return None
    true = tuple(sorted(word for word in words if word.lower() in _YES))
    false = tuple(sorted(words - {*true})) or ("no",)
    missing = _missing(cells, _MISSING)
    return _Guess(
        replace(start, type="boolean", true_values=true, false_values=false, missing_values=missing)
    )


def _days(start: Field, cells: Sequence[Cell], habits: Habits) -> _Guess | None:
    stated = _stated(cells)
    texts = {cell for cell in stated if isinstance(cell, str)}
    typed = [cell for cell in stated if isinstance(cell, dt.date)]
    if len(typed) + sum(isinstance(cell, str) for cell in stated) < len(stated):
        return None
    declared = replace(start, type="date", missing_values=_missing(cells, _MISSING))
    if any(isinstance(cell, dt.datetime) and cell.time() != dt.time.min for cell in typed):
        return _Guess(replace(declared, type="datetime")) if not texts else None
    if not texts:
        return _Guess(declared)
    if typed:
        told = f"{len(typed)} of {len(stated)} days are typed and the others text: look at both"
    formats = day_formats(texts) or _fitting(texts, _MORE_DAYS)
    doubts = [told] if typed else []
    if formats:
        chosen = formats[0]
        if len(formats) > 1:
            wanted = "%d" if habits.day_first is not False else "%m"
            chosen = next((one for one in formats if one.startswith(wanted)), chosen)
            example = min(texts)
            meant = dt.datetime.strptime(example, chosen).strftime("%-d %B %Y")  # noqa: DTZ007
            doubts.append(f"days can be read in two ways: {example} is taken as {meant}")
        plain = "default" if chosen == "%Y-%m-%d" else chosen
        return _Guess(replace(declared, format=plain), doubts)
    moment = replace(declared, type="datetime")
    if _read(moment, cells) is not None:
        return _Guess(moment, doubts)
    found = _fitting(texts, _MOMENTS)
    return _Guess(replace(moment, format=found[0]), doubts) if found else None


def _fitting(texts: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Return the patterns by which all texts are days or moments."""

    def fits(pattern: str) -> bool:
        try:
            return all(dt.datetime.strptime(text, pattern) for text in texts)  # noqa: DTZ007
        except ValueError:
            return False

    return list(filter(fits, patterns))


def _numbers(start: Field, cells: Sequence[Cell], habits: Habits) -> _Guess | None:
    stated = _stated(cells)
    texts = {cell for cell in stated if isinstance(cell, str)}
    declared = replace(start, type="number", missing_values=_missing(cells, _MISSING))
    codes = _ID.search(start.name) and any(re.search(r"\D", text) for text in texts)
    # Telephone numbers, and codes: 1.1 and 1.10 are two.
    if codes or any(re.match(r"[+]|0\d", text) for text in texts):
        return None
    guess = _written(declared, texts, habits) if texts else _Guess(declared)
    values = None if guess is None else _read(guess.field, cells)
    if guess is None or values is None or any(isinstance(cell, bool | dt.date) for cell in stated):
        return None
    known = [value for value in values if value is not None]
    whole = all(isinstance(value, Decimal) and value == int(value) for value in known)
    integer = replace(guess.field, type="integer", decimal_char=".")
    if _DAY_NAME.search(start.name) and all(value in _SERIALS for value in known):
        told = "may be days that Excel keeps as numbers: format the cells as dates"
        return _Guess(integer, [told])
    if not whole or _read(integer, cells) is None:
        return guess
    if _YEAR.search(start.name) and all(int(str(value)) in _YEARS for value in known):
        return _Guess(replace(integer, type="year", bare_number=True, group_char=""))
    return replace(guess, field=integer)


def _written(declared: Field, texts: set[str], habits: Habits) -> _Guess | None:
    """Return how texts write numbers: signs, and a unit that all of them have; None for others."""
    parts = {text: part for text in texts if (part := _AFFIXED.fullmatch(text))}
    affixes = {(part[1].strip(), part[3].strip()) for part in parts.values()} - {("", "")}
    styles = number_styles({part[2].strip() for part in parts.values()})
    fits = len(affixes) <= 1 and all(_is_unit(before, after) for before, after in affixes)
    if len(parts) < len(texts) or not fits or not styles:
        return None
    style = next((one for one in styles if one.decimal == habits.decimal), styles[0])
    doubts = []
    if len(styles) > 1:
        example = min(text for text in texts if re.search(r"\d[^\d]+\d", text))
        meant = style.read(parts[example][2].strip())
        doubts.append(f"numbers can be read in two ways: {example} is taken as {meant}")
    declared = replace(declared, decimal_char=style.decimal, group_char=style.group)
    for before, after in affixes:
        declared = replace(declared, bare_number=False, unit=declared.unit or before or after)
    return _Guess(declared, doubts)


def _is_unit(before: str, after: str) -> bool:
    """Whether what stands around a number is its unit, and no part of a name or of its sign."""
    if before and not (_MONEY.fullmatch(before) or is_currency(before)):
        return False
    return (
        len(after) <= _FEW
        and not re.search(r"[-()<>~\u2212]", after)
        and not _ORDINAL.fullmatch(after)
    )


def _signed(cells: Sequence[Cell], habits: Habits) -> NumberStyle | None:
    """Return how numbers are written some of which are negative as accounts have it, else None."""
    stated = _stated(cells)
    texts = {cell.strip() for cell in stated if isinstance(cell, str)}
    negative = {text: found for text in texts if (found := _NEGATIVE.fullmatch(text))}
    if not negative or len(texts) < len(set(map(str, stated))):
        return None
    plain = {
        next(filter(None, negative[text].groups())) if text in negative else text for text in texts
    }
    styles = number_styles({text.strip() for text in plain})
    return next((one for one in styles if one.decimal == habits.decimal), next(iter(styles), None))


def _unread(start: Field, cells: Sequence[Cell]) -> Iterator[str]:
    """Yield what is odd in a column of texts most of which are numbers."""
    stated = _stated(cells)
    others = [
        cell for cell in stated if isinstance(cell, str) and not number_styles({cell.strip()})
    ]
    if len(stated) >= _FEW and 0 < len(others) <= len(stated) / 2 and not _ID.search(start.name):
        told = f"{len(others)} of {len(stated)} are no numbers, so that none are added up"
        yield f'{told}: "{min(others)}"'


def _constrained(column: Column) -> Column:
    """Return the column with what holds for all its values: required, unique, a closed list."""
    declared, known = column.field, column.known
    required = bool(known) and len(known) == len(column.values)
    unique = required and column.distinct == len(known) and len(known) > 1 and column.is_code
    listed: tuple[Value, ...] = ()
    if declared.type == "string" and known and not column.is_code:
        repeated = column.distinct <= max(2, len(known) // 2)
        short = all(len(str(value)) <= _LISTED_LENGTH for value in known)
        if repeated and short and column.distinct <= _LISTED:
            listed = tuple(sorted(set(known), key=_natural))
    return replace(column, field=replace(declared, required=required, unique=unique, enum=listed))


def _natural(value: Value) -> list[tuple[int, object]]:
    parts = re.split(r"(\d+)", str(value))
    return [(0, int(one)) if one.isdecimal() else (1, one.casefold()) for one in parts if one]


def habits_of(columns: Iterable[Sequence[Cell]], delimiter: str = "") -> Habits:
    """Return how columns of one reading write days and numbers.

    Where none says, the decimal sign is a point; a comma in a file of semicolons, which are used
    because commas are taken.
    """
    day_first, decimals = set(), set()
    for cells in columns:
        texts = {cell.strip() for cell in _stated(cells) if isinstance(cell, str)}
        found = day_formats(texts) if texts else []
        if len(found) == 1 and "%d" in found[0] and not found[0].startswith("%Y"):
            day_first.add(found[0].startswith("%d"))
        bare = {part[2] for text in texts if (part := _AFFIXED.fullmatch(text))}
        styles = number_styles(bare) if bare and len(bare) == len(texts) else []
        if len(styles) == 1 and any(re.search(r"\d[.,]\d", text) for text in bare):
            decimals.add(styles[0].decimal)
    return Habits(
        day_first.pop() if len(day_first) == 1 else None,
        decimals.pop() if len(decimals) == 1 else "," if delimiter == ";" else ".",
    )
