"""A big JSON file in parts says what it says as a whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.files import json_parts, to_json_bytes

KEYS = st.text(max_size=5)
VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)


@given(OBJECTS, KEYS, OBJECTS)
def test_one_object_more_is_written_as_the_whole_would_be(
    value: dict[str, Any], name: str, items: dict[str, Any]
) -> None:
    whole = to_json_bytes({**value, name: items})
    assert json_parts.joined(value, name, sorted(items.items())) == whole


@given(OBJECTS, st.booleans())
def test_the_parts_of_a_file_are_together_the_file(value: dict[str, Any], ours: bool) -> None:  # noqa: FBT001
    content = to_json_bytes(value) if ours else json.dumps(value).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_parts, "_MOST", 0)
        found = [json.loads(part) for part in json_parts.parts(content)]
    together: dict[str, Any] = {}
    for part in found:
        for name, item in part.items():
            if name in together:
                together[name] |= item
            else:
                together[name] = item
    # An object without items has no part.
    assert together == {name: one for name, one in value.items() if one != {} or name in together}
    assert all(value[name] == {} for name in value.keys() - together)
