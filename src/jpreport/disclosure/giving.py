"""Give back what hides nothing: of cells chosen to be hidden, and of all, on another core."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from jpreport.disclosure.argus_worker import die_with_parent
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.plan import cell_cost
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.restore import Hidden, by_importance, restored
from jpreport.disclosure.work import Work

# Cubes of more cells are large: to give back costs more time than it gains, and the attack has too
# many unknowns for empty cells to cover others; they are published.
LARGE = 700
# Attacks while suppressed numbers are given back, times the square of the cube's cells: 1,000 for
# 200 cells, 80 for 700.
_MOST_WORK = 40_000_000
# Of fewer cells it is found out sooner than a process starts.
_SMALL = 150


class Giving:
    """Gives back what hides nothing, within an amount of work that the cube's size sets."""

    def __init__(self, work: Work) -> None:
        self.work, cube = work, work.cube
        self.order = by_importance(cube, cube.cells.keys() - work.must)
        size = len(cube.cells)
        self.most = 0 if size > LARGE else _MOST_WORK // size**2

    def back(self, hidden: Hidden) -> Hidden:
        """Return what must stay hidden of these cells."""
        tables = self.work.tables()
        return restored(
            self.order, hidden, lambda some: self.work.findings(some, tables), self.most
        )

    def back_from_all(self) -> Hidden | None:
        """Return what must stay hidden of all cells; None where that takes too long to find out."""
        everything = frozenset(self.work.cube.cells) - {key for _, key in self.work.always}
        if len(self.order) > self.most or self.work.findings(everything, self.work.tables()):
            return None
        return self.back(everything)

    def cost(self, hidden: Hidden) -> int:
        """Return what it costs readers that cells are hidden."""
        cells = self.work.cube.cells
        return sum(cell_cost(key, cells[key].value) for key in hidden)


@contextmanager
def given_back_from_all(
    cube: Cube, declaration: Sensitive, previous: ProtectedCube | None
) -> Iterator[Callable[[], Hidden | None]]:
    """Find out beside the block what `back_from_all` does, in a process that ends with the block.

    What is yielded waits for the answer. The counts go through a pipe, and lie in no file.
    """

    def found_here() -> Hidden | None:
        return Giving(Work(cube, declaration, previous)).back_from_all()

    if not _SMALL <= len(cube.cells) <= LARGE:
        yield found_here
        return
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "jpreport.disclosure.giving"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def answered() -> Hidden | None:
        assert process.stdout is not None  # noqa: S101 (it was asked for)
        try:
            answer: Hidden | None = pickle.load(process.stdout)  # noqa: S301 (our own program's)
        except (EOFError, pickle.UnpicklingError):
            return found_here()
        return answer

    with process:
        try:
            assert process.stdin is not None  # noqa: S101
            with suppress(BrokenPipeError), process.stdin as question:
                pickle.dump((cube, declaration, previous), question)
            yield answered
        finally:
            process.kill()


def main() -> None:
    """Answer the one question on standard input."""
    die_with_parent()
    cube, declaration, previous = pickle.load(sys.stdin.buffer)  # noqa: S301 (our caller's)
    answer = Giving(Work(cube, declaration, previous)).back_from_all()
    pickle.dump(answer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
