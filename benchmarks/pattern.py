"""Play the intruder who runs this software, on 300 small cubes: `python benchmarks/pattern.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from disclosure_samples import intruder, protect, rules, sampled


def main(first: int, last: int) -> None:
    """Print how many of the cubes were told, exactly or more closely than promised."""
    exact = narrow = listed = blank = 0
    for seed in range(first, last):
        cube = sampled(seed)
        found = protect(cube, rules())
        told = intruder(cube, found.cube)
        exact += bool(told.exact)
        narrow += bool(told.narrow)
        listed += told.listed
        blank += not any(found.cube.published.values())
        if told.narrow:
            print(seed, told, flush=True)
    print(
        f"{last - first} cubes: {exact} with exact cells, {narrow} with narrow ones; "
        f"of {listed} all tables were listed; of {blank} nothing is published"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:] or ("0", "300")))
