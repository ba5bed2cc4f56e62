"""Where a programme keeps what its builds remember: never in what is sent."""

import shutil
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jpreport.programme.folder import STATE, state_folder

parts = st.text(st.characters(categories=["L", "N"]) | st.sampled_from("-_@ "), min_size=1).map(
    lambda text: text.strip()[:40] or "x"
)
outputs = st.lists(parts, min_size=1, max_size=3).map("/".join)


@given(outputs, outputs, st.booleans())
def test_every_output_folder_has_a_state_of_its_own_outside_of_it(
    one: str, other: str, outside: object
) -> None:
    root = Path("/programmes/ours")
    first, second = root / one, (Path("/elsewhere") if outside else root) / other
    state = state_folder(root, first)
    assert state.parent == root / STATE
    assert len(state.name.encode()) < 255
    assert not state.is_relative_to(first)
    assert (state == state_folder(root, second)) is (first == second)


def test_a_programme_that_moves_takes_the_state_of_its_outputs_along(tmp_path: Path) -> None:
    here, there = tmp_path / "a", tmp_path / "b"
    state = state_folder(here, here / "out/deep")
    state.mkdir(parents=True)
    shutil.copytree(here, there)
    assert state_folder(there, there / "out/deep").is_dir()
