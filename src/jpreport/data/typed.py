"""Give the cells of a column their meaning, block by block: Arrow's types, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from jpreport.data.cellcheck import EMPTY, Finding, Verdict, cell_judge
from jpreport.data.cells import plain_cell
from jpreport.data.contract import Cell, Field, Resource

# Money and rates have at most this many decimals; more are measurements, kept as floats.
_DECIMALS = 6
_DIGITS = 18
_WIDE = pa.decimal128(_DIGITS + _DECIMALS, _DECIMALS)
# As many different cells of a column are remembered from one block to the next.
_REMEMBERED = 100_000
_BYTE = 127
_ISO_SECONDS = len("2010-06-01T00:00:00")
KINDS: Final = {
    "string": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "year": pa.int64(),
}
_LIMITS: Final[Mapping[str, Callable[[Any, Any, Any], bool]]] = {
    "minimum": lambda least, _most, limit: least >= limit,
    "maximum": lambda _least, most, limit: most <= limit,
    "exclusive_minimum": lambda least, _most, limit: least > limit,
    "exclusive_maximum": lambda _least, most, limit: most < limit,
}

# A place in a block, and what is wrong with its cell.
Bad = tuple[int, Finding]


def _places(value: Decimal) -> tuple[int, int]:
    """Return the digits before the point and the decimals that are not trailing zeros."""
    if not value:
        return 0, 0
    _, digits, exponent = value.as_tuple()
    power = int(exponent)  # of a finite number
    decimals = max(-power, 0)
    for digit in reversed(digits):
        if digit or not decimals:
            break
        decimals -= 1
    return max(len(digits) + power, 0), decimals


def cast(column: Any, kind: pa.DataType) -> Any:  # noqa: ANN401 (arrays and chunked ones)
    """Return a typed column as another part of its table has it."""
    if column.type == kind:
        return column
    if pa.types.is_decimal(column.type) and pa.types.is_floating(kind):
        # By way of text: Arrow's own cast of a decimal may miss the nearest float.
        column = column.cast(pa.string())
    return column.cast(kind)


class _Numbers:
    """How the numbers of a column are kept: exact where they look like money, else as floats."""

    def __init__(self) -> None:
        self._whole = self._decimals = 0

    @property
    def kind(self) -> pa.DataType:
        """The type that all numbers seen so far have."""
        exact = self._decimals <= _DECIMALS and self._whole + self._decimals <= _DIGITS
        return pa.decimal128(_DIGITS, self._decimals) if exact else pa.float64()

    def _note(self, whole: int, decimals: int) -> None:
        self._whole, self._decimals = max(self._whole, whole), max(self._decimals, decimals)

    def of_values(self, values: Sequence[Decimal | None]) -> pa.Array:
        """Return numbers in the column's type."""
        for value in values:
            if value is not None:
                self._note(*_places(value))
        if pa.types.is_decimal(self.kind):
            return pa.array(values, self.kind)
        return pa.array([None if one is None else float(one) for one in values], pa.float64())

    def of_texts(self, texts: pa.Array) -> pa.Array:
        """Return numbers that are written in the usual way; raises ArrowInvalid for others."""
        if pa.types.is_floating(self.kind):
            found = texts.cast(pa.float64())
            if not pc.all(pc.is_finite(found)).as_py() and found.null_count < len(found):
                raise pa.ArrowInvalid
            return found
        wide = texts.cast(_WIDE)
        ends = pc.min_max(wide).as_py().values()
        self._note(max((_places(one)[0] for one in ends if one), default=0), 0)
        while pa.types.is_decimal(self.kind):
            try:
                return wide.cast(self.kind)
            except pa.ArrowInvalid:
                self._note(0, self._decimals + 1)
        return texts.cast(pa.float64())


def typed_values(field: Field, values: Sequence[Any], numbers: _Numbers | None = None) -> pa.Array:
    """Return values of a column with the type of its field; `numbers` are those before them."""
    if field.type == "number":
        return (numbers or _Numbers()).of_values(values)
    return pa.array(values, KINDS[field.type])


class Column:
    """The cells of one column, read block by block as its contract says.

    `unread` tells whether some cell that needs a value has none, `broken` whether one has no
    meaning.
    """

    def __init__(self, field: Field, resource: Resource) -> None:
        self.field, self._resource = field, resource
        self._numbers = _Numbers()
        self._known: dict[tuple[type, Cell], Verdict] = {}
        self._pattern = re.compile(field.pattern) if field.pattern else None
        self.unread = self.broken = False

    @property
    def kind(self) -> pa.DataType:
        """The type of all that was read so far."""
        return self._numbers.kind if self.field.type == "number" else KINDS[self.field.type]

    def read(self, cells: Any) -> tuple[pa.Array, Iterator[Bad]]:  # noqa: ANN401 (Arrow, or cells)
        """Return the values of a block and what is wrong with its cells, in their order."""
        quick = self._usual(cells) if isinstance(cells, pa.Array) else None
        if quick is not None and self._fits(quick):
            return self._listed(quick), iter(())
        return self._one_by_one(cells)

    def _one_by_one(self, cells: Any) -> tuple[pa.Array, Iterator[Bad]]:  # noqa: ANN401 (as above)
        """Judge every different cell once; how the column is written, by the cells of the block."""
        kinds, at = self._different(cells)
        judge = cell_judge(self.field, self._resource, [cell for _, cell in kinds])
        verdicts = [self._known.get(kind) or judge(kind[1]) for kind in kinds]
        if len(self._known) < _REMEMBERED:
            pairs = zip(kinds, verdicts, strict=True)
            self._known |= {kind: verdict for kind, verdict in pairs if not verdict[1]}
        values = [value for value, _ in verdicts]
        bad = {place: found for place, (_, found) in enumerate(verdicts) if found}
        self.unread |= any(values[place] is None for place in bad)
        self.broken |= any(bad[p] != (EMPTY,) and values[p] is None for p in bad)
        column = self._listed(typed_values(self.field, values, self._numbers).take(at))

        def findings() -> Iterator[Bad]:
            found = pc.is_in(at, pa.array(list(bad), at.type))
            for place in pc.indices_nonzero(found).to_pylist():
                yield from ((place, finding) for finding in bad[at[place].as_py()])

        return column, findings() if bad else iter(())

    def _different(self, cells: Any) -> tuple[list[tuple[type, Cell]], pa.Array]:  # noqa: ANN401 (as above)
        """Return the different cells with their types, and which of them stands where."""
        if isinstance(cells, pa.Array):
            try:
                encoded = cells.dictionary_encode(null_encoding="encode")
            except pa.ArrowNotImplementedError:
                cells = [plain_cell(cell, self.field) for cell in cells.to_pylist()]
            else:
                plain = (plain_cell(cell, self.field) for cell in encoded.dictionary.to_pylist())
                return [(cell.__class__, cell) for cell in plain], encoded.indices
        # 1 and True are equal, but not the same cell.
        places: dict[tuple[type, Cell], int] = {}
        at = [places.setdefault((cell.__class__, cell), len(places)) for cell in cells]
        return [*places], pa.array(at, pa.int32())

    def _listed(self, column: pa.Array) -> pa.Array:
        """Return a column of a closed list of texts by place in the list, if all stand in it."""
        if self.field.type != "string" or not self.field.enum:
            return column
        listed = pa.array(self.field.enum, pa.string())
        at = pc.index_in(column, listed, skip_nulls=True)
        if at.null_count > column.null_count:
            return column
        few = pa.int8() if len(listed) <= _BYTE else pa.int32()
        return pa.DictionaryArray.from_arrays(at.cast(few), listed)

    def _usual(self, column: pa.Array) -> pa.Array | None:
        """Return a block of cells of the usual forms; None where one may be of another."""
        field = self.field
        if pa.types.is_string(column.type):
            missing = pc.is_in(column, pa.array(field.missing_values, pa.string()))
            if pc.any(missing).as_py():
                column = pc.if_else(missing, pa.scalar(None, pa.string()), column)
        elif field.missing_values != ("",):
            return None
        try:
            match field.type:
                case "integer":
                    return self._integers(column)
                case "number":
                    return self._decimals(column)
                case "string" | "date" | "datetime" if pa.types.is_string(column.type):
                    return self._texts(column) if field.format == "default" else None
                case "date" | "datetime" | "boolean" if column.type == self.kind:
                    return column
        except pa.ArrowException:
            pass
        return None

    def _integers(self, column: pa.Array) -> pa.Array | None:
        if pa.types.is_string(column.type):
            # Arrow reads 0x1F too.
            hexadecimal = pc.any(pc.match_substring(column, "x", ignore_case=True)).as_py()
            if hexadecimal or self.field.group_char or not self.field.bare_number:
                return None
        elif not pa.types.is_integer(column.type):
            return None
        return column.cast(pa.int64())

    def _decimals(self, column: pa.Array) -> pa.Array | None:
        kind = column.type
        if pa.types.is_string(kind):
            return self._numbers.of_texts(self._digits(column)) if self.field.bare_number else None
        if pa.types.is_floating(kind):
            no_number = pc.fill_null(pc.is_nan(column), True)  # noqa: FBT003
            column = pc.if_else(no_number, pa.scalar(None, kind), column)
        elif not (pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
            return None
        return self._numbers.of_texts(column.cast(pa.string()))

    def _texts(self, column: pa.Array) -> pa.Array | None:
        """Return texts, and days and moments that are written in the usual way."""
        if self.field.type == "datetime":
            shortest = pc.min(pc.utf8_length(column)).as_py()
            if shortest is not None and shortest < _ISO_SECONDS:
                return None
        return column.cast(self.kind)

    def _digits(self, column: pa.Array) -> pa.Array:
        """Return texts of numbers with the usual signs; raises ArrowInvalid for what has both."""
        field = self.field
        if field.group_char:
            column = pc.replace_substring(column, field.group_char, "")
        if field.decimal_char != ".":
            if pc.any(pc.match_substring(column, ".")).as_py():
                raise pa.ArrowInvalid
            column = pc.replace_substring(column, field.decimal_char, ".")
        return column

    def _fits(self, column: pa.Array) -> bool:
        """Whether all values of a block surely keep the constraints."""
        if self.field.required and column.null_count:
            return False
        stated = column.drop_null()
        if not len(stated):
            return True
        return self._fits_text(stated) if self.field.type == "string" else self._fits_limits(stated)

    def _fits_text(self, column: pa.Array) -> bool:
        field = self.field
        listed = pa.array(field.enum, pa.string())
        if field.enum and not pc.all(pc.is_in(column, listed)).as_py():
            return False
        if self._pattern and not all(map(self._pattern.fullmatch, column.to_pylist())):
            return False
        if field.min_length is None and field.max_length is None:
            return True
        least, most = map(int, pc.min_max(pc.utf8_length(column)).as_py().values())
        return least >= (field.min_length or 0) and most <= (field.max_length or most)

    def _fits_limits(self, column: pa.Array) -> bool:
        limits: dict[str, Any] = {
            name: limit for name in _LIMITS if (limit := getattr(self.field, name)) is not None
        }
        if self.field.enum or not limits:
            return not self.field.enum
        least, most = pc.min_max(column).as_py().values()
        if pa.types.is_floating(column.type) and {least, most} & set(map(float, limits.values())):
            return False  # what was rounded may have been on the other side
        return all(_LIMITS[name](least, most, limit) for name, limit in limits.items())
