"""Big JSON files, such as the manifest of very many reports, without all of it in memory."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from jpreport.files.atomic import to_json_bytes

_MOST = 1024 * 1024
_KEY = re.compile(rb'\s*("(?:[^"\\]|\\.)*": )(\{\n)?')


def joined(value: Mapping[str, object], name: str, items: Iterable[tuple[str, object]]) -> bytes:
    """Return what `to_json_bytes` gives for a value with one more object, from its sorted items."""
    place = b"\n " + json.dumps(name, ensure_ascii=False).encode() + b": {"
    before, _, after = to_json_bytes({**value, name: {}}).partition(place + b"}")
    out = io.BytesIO()
    out.write(before + place)
    end = b"}"
    for number, (key, item) in enumerate(items):
        member = to_json_bytes({key: item})[1:-3]
        out.write(b"," * (number > 0) + member.replace(b"\n", b"\n "))
        end = b"\n }"
    out.write(end + after)
    return out.getvalue()


def parts(content: bytes) -> Iterator[bytes]:
    """Yield a JSON file as smaller objects that are together what it is, if it is big.

    A member of it that is big is yielded item by item. A file that `to_json_bytes` has not
    written is yielded as it is.
    """
    try:
        big = len(content) > _MOST and all(isinstance(json.loads(p), dict) for p in _split(content))
    except ValueError:
        big = False
    yield from _split(content) if big else (content,)


def _split(content: bytes) -> Iterator[bytes]:
    small = []
    for start, end in _members(content, 0, content.rindex(b"\n}"), 1):
        key = _KEY.match(content, start, end)
        if key and key[2] and end - start > _MOST:
            for inner in _members(content, key.end() - 1, content.rindex(b"\n }", start, end), 2):
                yield b"{" + key[1] + b"{" + _member(content, *inner) + b"}}"
        else:
            small.append(_member(content, start, end))
    yield b"{" + b",".join(small) + b"}"


def _members(content: bytes, start: int, end: int, depth: int) -> Iterator[tuple[int, int]]:
    """Yield from where to where the members of an object go, by how far they are indented."""
    found = re.compile(rb'\n {%d}"' % depth).finditer(content, start, end)
    return pairwise([*(one.start() for one in found), end])


def _member(content: bytes, start: int, end: int) -> bytes:
    return content[start:end].strip().removesuffix(b",")
