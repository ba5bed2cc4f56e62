"""Find rows that add up others: as records they would count everything twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jpreport.data.contract import Field
from jpreport.data.doubts import BEGINNINGS, TOTALS, says_total
from jpreport.data.form import Fault
from jpreport.data.reading import ROW

_SPACE = r"[\t-\r\x1c-\x20]"


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern for those of some words that are written in ASCII."""
    plain = sorted(word for word in words if word.isascii())
    return f"(?:{'|'.join(f'{_SPACE}+'.join(map(re.escape, one.split())) for one in plain)})"


# What `says_total` is true of is among these, where it is ASCII.
_WORDED = (
    f"(?i)^{_SPACE}*{_any_of(BEGINNINGS)}(?:{_SPACE}|[:.]|$)"
    f"|{_SPACE}{_any_of(TOTALS)}(?:{_SPACE}|[:.])*$"
)
_SAME = 1e-12  # relative; sums of floats are rounded


def totals(fields: Sequence[Field], table: Any) -> Iterator[Fault]:  # noqa: ANN401 (pyarrow has no types)
    """Find rows that add up the others.

    A row is one if a text says so ("Total") that the contract does not list, and a number of it
    is the sum of the others, or it lacks what all others state.
    """
    texts = [
        field.name
        for field in fields
        if field.type == "string" and not field.enum and field.name in table.column_names
    ]
    named = {place: name for name in texts for place in _worded(table[name])}
    last = len(table) - 1
    if texts and last > 0 and all(not table[name][last].is_valid for name in texts):
        named[last] = texts[0]  # a row of sums without a word
    if not named or len(named) == len(table):
        return
    places = np.array(sorted(named))
    others = np.setdiff1d(np.arange(len(table)), places)
    sums = {
        name: _sums(table[name], places, others)
        for name in (one.name for one in fields)
        if name in table.column_names
    }
    for place, name in named.items():
        at = int(np.searchsorted(places, place))
        worded = table[name][place].is_valid
        if any(sums[one][at] for one in sums if worded or table[one][place].is_valid):
            message = "adds up other rows: as a record it would count everything twice"
            hint = "remove the row, or list its label under enum if it is a value like others"
            yield Fault(message, hint, table[ROW][place].as_py(), name)


def _worded(column: Any) -> list[int]:  # noqa: ANN401 (pyarrow has no types)
    """Return the places of texts that mean a total."""
    found: list[int] = []
    before = 0
    for chunk in column.chunks:
        foreign = pc.invert(pc.string_is_ascii(chunk))
        maybe = pc.or_(foreign, pc.match_substring_regex(chunk, _WORDED))
        at = pc.indices_nonzero(pc.fill_null(maybe, False))  # noqa: FBT003
        if len(at):
            encoded = chunk.take(at).dictionary_encode()
            said = list(map(says_total, encoded.dictionary.to_pylist()))
            sure = pa.array(said, pa.bool_()).take(encoded.indices)
            found += pc.add(at.filter(sure), pa.scalar(before, pa.uint64())).to_pylist()
        before += len(chunk)
    return found


def _numbers(column: Any) -> Any:  # noqa: ANN401 (numpy)
    """Return numbers for adding up, none as 0: exact ones as whole numbers, of one scale."""
    blocks = [np.zeros(0, np.int64)]
    for chunk in column.chunks:
        if pa.types.is_decimal(chunk.type):
            # The lower half of each: 18 digits fit into it.
            words = np.frombuffer(chunk.buffers()[1], np.int64)
            block = words[2 * chunk.offset : 2 * (chunk.offset + len(chunk)) : 2].copy()
            block[chunk.is_null().to_numpy(zero_copy_only=False)] = 0
        else:
            block = pc.fill_null(chunk, 0).to_numpy(zero_copy_only=False)
        blocks.append(block.astype(np.longdouble) if block.dtype.kind == "f" else block)
    return np.concatenate(blocks[1:] or blocks)


def _sums(column: Any, places: Any, others: Any) -> Any:  # noqa: ANN401 (numpy)
    """Whether the cells at some places are sums of others, or empty where none of these is."""
    empty = column.take(pa.array(places)).is_null().to_numpy(zero_copy_only=False)
    found = empty & (column.null_count == empty.sum())
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind)):
        return found
    numbers = _numbers(column)
    known = len(others) - (column.null_count - empty.sum())
    sums = np.concatenate([[0], np.cumsum(numbers[others])]).astype(numbers.dtype)
    order = np.argsort(sums, kind="stable")
    for at in np.flatnonzero(~empty):
        value = numbers[places[at]]
        near = abs(value) * _SAME if value.dtype.kind == "f" else 0
        # A subtotal is the sum of two or more directly above it.
        above = int(np.searchsorted(others, places[at]))
        before = sums[above] - value
        first = np.searchsorted(sums, before - near, sorter=order)
        last = np.searchsorted(sums, before + near, side="right", sorter=order)
        some = order[first : last if near else min(last, first + 1)]
        found[at] = (some <= above - 2).any() or (known > 1 and abs(sums[-1] - value) <= near)
    return found
