"""Read a Parquet file block by block, in the few types that cells can have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

# pandas keeps a row index of its own in the files it writes.
_PANDAS_INDEX = re.compile(r"__index_level_\d+__")
_AT_ONCE = 1 << 16


class ParquetError(ValueError):
    """The file is not a Parquet file."""


def _plain(column: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        # By way of text, 0.1 stays 0.1 and does not become 0.10000000149.
        return column.cast(pa.string()).cast(pa.float64())
    if pa.types.is_timestamp(kind):
        # Python's moments end at microseconds.
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    return column


def open_parquet(file: BinaryIO) -> tuple[Any, Iterator[list[Any]]]:
    """Return the Arrow schema, and the columns block by block.

    Raises ParquetError where it is no Parquet file, also while blocks are read.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        opened = parquet.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise ParquetError from error
    names = opened.schema_arrow.names
    kept = [at for at, name in enumerate(names) if not _PANDAS_INDEX.fullmatch(name)]

    def blocks() -> Iterator[list[Any]]:
        try:
            # A single thread: the machine is shared by several reports.
            for block in opened.iter_batches(_AT_ONCE, use_threads=False):
                yield [_plain(block.column(at)) for at in kept]
        except (pa.ArrowException, OSError) as error:
            raise ParquetError from error

    return pa.schema([opened.schema_arrow.field(at) for at in kept]), blocks()
