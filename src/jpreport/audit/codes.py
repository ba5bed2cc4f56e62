"""Very many codes of persons: found in texts without holding each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jpreport.audit.words import words
from jpreport.disclosure.axes import label_of


def labels_of(block: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return an Arrow array of values as the texts by which they are named, none of them empty."""
    if pa.types.is_integer(block.type) or pa.types.is_string(block.type):
        texts = block.cast(pa.string()).drop_null()
    else:
        values = (label_of(value) for value in block.to_pylist() if value is not None)
        texts = pa.array(list(values), pa.string())
    texts = pc.utf8_trim_whitespace(texts)
    return texts.filter(pc.not_equal(texts, ""))


def worded(texts: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return the words of each text, folded, with a space between them."""
    plain = pc.replace_substring_regex(pc.ascii_lower(texts), "[^0-9a-z]+", " ")
    plain = pc.ascii_trim(plain, " ")
    foreign = pc.invert(pc.string_is_ascii(texts))
    if not pc.any(foreign).as_py():
        return plain
    told = [" ".join(words(text)) for text in texts.filter(foreign).to_pylist()]
    return pc.replace_with_mask(plain, foreign, pa.array(told, pa.string()))


def built_alike(texts: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return texts with one letter for all letters, one digit for all digits, as a dictionary.

    There are few different ones, however many codes there are.
    """
    texts = pc.replace_substring_regex(texts, "[A-Za-z]", "a")
    return pc.replace_substring_regex(texts, "[0-9]", "1").dictionary_encode()


def chosen(texts: Any, alike: Any, fits: Callable[[str], bool]) -> Any:  # noqa: ANN401 (pyarrow)
    """Return the texts of which that is true which they are built like."""
    mask = pa.array(list(map(fits, alike.dictionary.to_pylist())), pa.bool_())
    return texts.filter(mask.take(alike.indices))


def among(blocks: Iterator[Any], texts: Collection[str]) -> set[str]:
    """Return those of some texts that are labels of values in a column."""
    if not texts:
        return set()
    wanted, found = pa.array(list(texts), pa.string()), set[str]()
    for block in blocks:
        labels = labels_of(block)
        found |= set(labels.filter(pc.is_in(labels, wanted)).to_pylist())
    return found
