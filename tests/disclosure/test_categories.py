"""A value that no list has does not tell by standing in a table that somebody exists."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import FIELDS, RESOURCE, Rows, declared, protect
from jpreport.disclosure.axes import unlisted
from jpreport.disclosure.cube import Cube, build_cube
from jpreport.disclosure.protected import ProtectedCube

PLACE = {"name": "place", "column": "note", "parents": ["region"]}
# (person, place, region): a place lies in one region, so its name begins with that.
RECORDS = st.lists(
    st.tuples(st.integers(0, 25), st.sampled_from("NSW"), st.sampled_from("abcd")), max_size=45
)


def cube(records: Iterable[tuple[int, str, str]], *before: Cube, **raw: object) -> Cube:
    rows = [
        {"person_id": str(n), "sex": "Female", "note": f"{region}{place}", "region": f"{region}~"}
        for n, region, place in records
    ]
    rule = {"dimensions": ["sex", PLACE], "keep": {"row": "last"}, **raw}
    source = Rows(rows)
    return build_cube(declared(**rule), RESOURCE, source, [one.axes for one in before])


def persons(records: Iterable[tuple[int, str, str]]) -> dict[str, set[int]]:
    """Who has each place and each region, by the last record of each."""
    found: dict[str, set[int]] = defaultdict(set)
    for person, (region, place) in {n: own for n, *own in records}.items():
        found[region + place].add(person)
        found[f"{region}~"].add(person)
    return found


@settings(max_examples=30)
@given(RECORDS, st.sampled_from(["persons", "records"]))
def test_no_cube_tells_of_an_unlisted_value_of_few_persons(
    records: list[tuple[int, str, str]], count: str
) -> None:
    found = cube(records, count=count)
    axis = found.axes[1]
    labels = unlisted(declared(dimensions=[PLACE]).dimensions[0], RESOURCE, axis)
    names = {f"{region}{place}" for region in "NSW" for place in "abcd~"}
    assert labels == names & set(axis.labels)
    for label in labels:
        assert found.cells["total", label].persons >= 5
    # Nobody is lost: what is merged still counts, in its group where that stands.
    parts = [found.cells["total", leaf] for leaf in axis.leaves]
    everybody = {n for n, *_ in records} if count == "persons" else records
    assert sum(part.value for part in parts) == len(everybody)
    if count == "persons":
        for name, own in persons(records).items():
            if name in labels:
                assert found.cells["total", name].value == len(own)
            elif name in names:
                assert len(own) < 5 or f"{name[0]}~" not in axis.labels


@settings(max_examples=30)
@given(RECORDS, RECORDS)
def test_what_was_merged_once_is_not_told_by_a_later_release(
    records: list[tuple[int, str, str]], more: list[tuple[int, str, str]]
) -> None:
    first = cube(records)
    second = cube([*records, *more], first)
    old, new = first.axes[1], second.axes[1]
    # Told already: it stands as before, as long as somebody is there.
    there = persons([*records, *more])
    assert all(one in new.labels for one in old.labels if one in there)
    # A value that may have been among the merged ones is not told apart from them later.
    for label in set(new.labels) - set(old.labels):
        above = new.parents.get(label, "total")
        other = "other" if above == "total" else f"other in {above}"
        assert other not in old.merged
    assert cube([*records, *more], second).axes == second.axes


def test_a_protected_cube_names_no_merged_value() -> None:
    records = [(n, "N", "a") for n in range(8)] + [(20, "N", "b"), (21, "S", "c")]
    released = protect(cube(records), declared(dimensions=["sex", PLACE])).cube
    assert released.axes[1].labels == ("Na", "other in N~", "N~", "other", "total")
    assert released.axes[1].merged == ("other in N~", "other")
    text = json.dumps(released.to_json())
    assert "Nb" not in text
    assert "Sc" not in text
    assert ProtectedCube.from_json(json.loads(text)) == released


def test_values_that_are_listed_stand_whoever_is_there() -> None:
    rows = Rows([{"person_id": "1", "sex": "Male", "shelter": "Niš", "region": "South"}])
    assert {field.name for field in FIELDS if field.enum} == {"sex", "shelter"}
    place = {"name": "place", "column": "shelter", "parents": ["region"]}
    found = build_cube(declared(dimensions=["sex", place]), RESOURCE, rows)
    assert found.axes[0].leaves == ("Female", "Male")
    assert found.axes[1].labels == ("Niš", "South", "total")
    assert not any(axis.merged for axis in found.axes)
