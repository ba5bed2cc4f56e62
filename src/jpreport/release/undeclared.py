"""Find copies of records that nobody declared: files that hold the codes of persons."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jpreport.audit.codes import among, built_alike, chosen, labels_of
from jpreport.audit.watchlist import distinctive
from jpreport.audit.words import words
from jpreport.data import Package, Records
from jpreport.data.contract import Resource
from jpreport.disclosure.declared import read_sensitive
from jpreport.errors import Place, Problem

_WORD = re.compile(r"\w+")
_PROOF = 5


@dataclass(frozen=True, slots=True)
class _Codes:
    """The codes of one table's persons.

    `shape` finds what looks like one of those that hardly stand anywhere by chance; `short` tells
    that there are others, which count only in a table with a column of the unit's name. `known`
    says which of some texts are codes, `proof` how many of them between other bytes prove one.
    """

    resource: Resource
    unit: str
    known: Callable[[Collection[str]], set[str]]
    proof: int
    short: bool
    shape: re.Pattern[str]
    anywhere: re.Pattern[str]
    header: re.Pattern[str]

    def in_text(self, text: str) -> set[str]:
        """Return the codes that stand in a text."""
        near = {match[1] for match in self.shape.finditer(text)}
        cells: set[str] = set()
        if self.short and self.header.search(text.partition("\n")[0]):
            cells = {cell.strip('" \r') for cell in re.split(r"[,;\t|\n]", text)}
        loose: set[str] = set()
        if "\0" in text:
            # Between other bytes a text has no ends; a few that look like codes prove nothing.
            loose = {match[1] for match in self.anywhere.finditer(text)}
        known = self.known(near | cells | loose)
        rare = {code for code in known if _rare(code)}
        loose &= rare
        return (
            (near & rare) | (cells & known - rare) | (loose if len(loose) >= self.proof else set())
        )


def _rare(code: str) -> bool:
    return distinctive(tuple(words(code)))


def find_codes(folder: Path, package: Package, declared: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for every file below a staged folder that holds codes of persons.

    Codes are the values of the unit of a sensitive table. The tables of the package, `declared`
    by the names of their files, are left out. Texts, what is packed into ZIP or gzip (so also
    Excel's), Parquet and Feather files are read; of other files, the bytes.
    """
    with Records(package, persons=True) as records:
        all_codes = [
            _codes(resource, package, records)
            for resource in package.resources.values()
            if resource.sensitive
        ]
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if name in declared or not path.is_file():
                continue
            texts = list(_texts(path.read_bytes()))
            for codes in all_codes:
                if found := {code for text in texts for code in codes.in_text(text)}:
                    yield _problem(name, codes, len(found))


def _problem(name: str, codes: _Codes, count: int) -> Problem:
    said = "1 code" if count == 1 else f"{count} codes"
    return Problem(
        Place(name),
        f'holds {said} of persons of the table "{codes.resource.name}" (its column "{codes.unit}")'
        " and is no table of the data package",
        "move the file out of the programme's folder, or declare it as a sensitive table",
    )


def _codes(resource: Resource, package: Package, records: Records) -> _Codes:
    unit = read_sensitive(resource.sensitive or {}, resource, package.place).unit
    alike: set[str] = set()
    few: set[str] = set()
    for block in records.blocks(resource.name, unit):
        labels = labels_of(block)
        same = built_alike(labels)
        alike.update(same.dictionary.to_pylist())
        if len(few) < _PROOF:
            few.update(chosen(labels, same, _rare).unique().to_pylist())
    # One pattern for all codes that are built alike, so that their number does not matter.
    shapes = sorted({_shape(value) for value in alike if _rare(value)}, key=lambda s: (-len(s), s))
    any_of = "|".join(shapes) or r"(?!)"
    return _Codes(
        resource,
        unit,
        lambda texts: among(records.blocks(resource.name, unit), texts),
        min(_PROOF, len(few)),
        not all(map(_rare, alike)),
        re.compile(rf"(?<!\w)(?=({any_of})(?!\w))"),
        re.compile(rf"(?=({any_of}))"),
        re.compile(rf"(?<!\w){re.escape(unit)}(?!\w)", re.IGNORECASE),
    )


def _shape(value: str) -> str:
    """Return a pattern for what has words of the same lengths, and the same between them."""
    shape, end = "", 0
    for match in _WORD.finditer(value):
        shape += re.escape(value[end : match.start()]) + rf"\w{{{len(match[0])}}}"
        end = match.end()
    return shape + re.escape(value[end:])


def _texts(content: bytes, depth: int = 0) -> Iterator[str]:
    """Yield what bytes say: themselves, or what is packed into them."""
    unpack = next((one for start, one in _PACKED.items() if content.startswith(start)), None)
    # What cannot be unpacked is searched as it is.
    if unpack is not None and depth < _DEEPEST:
        with suppress(OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, RuntimeError):
            for inner in list(unpack(content)):
                yield from _texts(inner, depth + 1)
            return
    yield content.decode("utf-8", "replace")
    if b"\0" in content:
        # UTF-16, and texts between numbers.
        yield content.replace(b"\0", b"").decode("utf-8", "replace")


def _zipped(content: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield from (archive.read(entry) for entry in archive.infolist() if not entry.is_dir())


def _parquet(content: bytes) -> Iterator[bytes]:
    import pyarrow.parquet

    yield _as_csv(pyarrow.parquet.read_table(io.BytesIO(content)))


def _feather(content: bytes) -> Iterator[bytes]:
    import pyarrow as pa

    yield _as_csv(pa.ipc.open_file(io.BytesIO(content)).read_all())


def _as_csv(table: Any) -> bytes:  # noqa: ANN401 (pyarrow has no types)
    import pyarrow.csv

    out = io.BytesIO()
    pyarrow.csv.write_csv(table, out)
    return out.getvalue()


def _unzipped(content: bytes) -> Iterator[bytes]:
    yield gzip.decompress(content)


_DEEPEST = 3
_PACKED: dict[bytes, Callable[[bytes], Iterator[bytes]]] = {
    b"PK\x03\x04": _zipped,
    b"\x1f\x8b\x08": _unzipped,
    b"PAR1": _parquet,
    b"ARROW1": _feather,
}
