"""Read what pictures and other binary files say beside their pixels."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from jpreport.audit.items import Item, Text, Unread
from jpreport.errors import Place

PNG = b"\x89PNG\r\n\x1a\n"
_MOST = 16 * 1024 * 1024
_PRINTABLE = re.compile(rb"[\x20-\x7e\x80-\xff\t]{4,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")


def read_strings(where: Place, content: bytes) -> Iterator[Item]:
    """Yield the runs of readable characters in bytes of any kind, also of two bytes each."""
    for match in _PRINTABLE.finditer(content):
        yield Text(where, match[0].decode("utf-8", "replace"))
    for match in _WIDE.finditer(content):
        yield Text(where, match[0].decode("utf-16-le"))


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, _MOST)


def _png_text(kind: bytes, data: bytes) -> tuple[str, str]:
    """Return keyword and text of a chunk of text."""
    keyword, _, rest = data.partition(b"\0")
    if kind == b"zTXt":
        text = _inflated(rest[1:]).decode("latin-1")
    elif kind == b"iTXt":
        compressed, rest = rest[0], rest[2:]
        language, _, rest = rest.partition(b"\0")
        translated, _, raw = rest.partition(b"\0")
        words = (_inflated(raw) if compressed else raw).decode("utf-8", "replace")
        text = " ".join((language.decode("latin-1"), translated.decode("utf-8", "replace"), words))
    else:
        text = rest.decode("latin-1")
    return keyword.decode("latin-1"), text


def read_png(where: Place, content: bytes) -> Iterator[Item]:
    """Yield the texts, the EXIF data and whatever follows the end of a PNG picture."""
    at = len(PNG)
    while at + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        data = content[at + 8 : at + 8 + size]
        at += size + 12
        place = where.at(f"chunk {kind.decode('latin-1')}")
        if kind in {b"tEXt", b"zTXt", b"iTXt"}:
            try:
                keyword, text = _png_text(kind, data)
            except (zlib.error, IndexError):
                yield Unread(place, "the text is damaged")
            else:
                yield Text(place.item(f"({keyword})"), f"{keyword} {text}")
                yield Text(place.item(f"({keyword})"), text, keyword)
        elif kind not in {b"IDAT", b"PLTE", b"IHDR"}:
            yield from read_strings(place, data)
        if kind == b"IEND":
            break
    yield from read_strings(where.at("after the picture's end"), content[at:])
