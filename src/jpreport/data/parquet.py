"""Read a Parquet file as an Arrow table of the few types that cells can have."""

from __future__ import annotations

import re
from typing import Any

# pandas keeps a row index of its own in the files it writes.
_PANDAS_INDEX = re.compile(r"__index_level_\d+__")


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


def is_nested(column: Any) -> bool:  # noqa: ANN401 (pyarrow has no types)
    """Whether a column's cells are lists or structures."""
    import pyarrow as pa

    return bool(pa.types.is_nested(column.type))


def read_parquet(content: bytes) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return an Arrow table; raises ParquetError where the bytes are no Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        # A single thread: the machine is shared by several reports.
        table = parquet.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise ParquetError from error
    names = [name for name in table.column_names if not _PANDAS_INDEX.fullmatch(name)]
    kept = [
        index for index, name in enumerate(table.column_names) if not _PANDAS_INDEX.fullmatch(name)
    ]
    return pa.Table.from_arrays([_plain(table.column(index)) for index in kept], names=names)
