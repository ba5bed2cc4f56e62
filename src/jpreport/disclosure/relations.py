"""Numbers that are tied together: linear relations, and what they leave to find out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from jpreport.disclosure.error import DisclosureError
from jpreport.errors import NOWHERE, Problem

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Relation(Generic[K]):
    """`lower` <= sum of coefficient x cell <= `upper`; None leaves a side open.

    The default, 0 on both sides, is an equation such as "total - north - south = 0".
    """

    terms: tuple[tuple[K, int], ...]
    lower: int | None = 0
    upper: int | None = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A relation between unknowns, which are columns 0, 1, ...; constants are in its sides."""

    columns: tuple[int, ...]
    coefficients: tuple[int, ...]
    lower: int | None
    upper: int | None


@dataclass(frozen=True, slots=True)
class Component(Generic[K]):
    """Unknowns that hang together; nothing outside tells anything about them.

    Column j stands for the cells `cells[j]`, which are known to be equal to each other, within
    `lower[j]` and `upper[j]`.
    """

    cells: tuple[tuple[K, ...], ...]
    lower: tuple[int, ...]
    upper: tuple[int | None, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Reduced(Generic[K]):
    """What simple arithmetic leaves: cells that follow exactly, and components to search."""

    known: dict[K, int]
    components: tuple[Component[K], ...]


Bounds = Mapping[K, tuple[int, int | None]]


class _Reduction(Generic[K]):
    """Substitution by hand: what one pen and patience can do before linear programming."""

    def __init__(
        self, known: Mapping[K, int], relations: Iterable[Relation[K]], bounds: Bounds[K]
    ) -> None:
        self.known = dict(known)
        self.bounds = bounds
        self.same: dict[K, K] = {}
        self.relations = list(relations)
        self.uses: defaultdict[K, set[int]] = defaultdict(set)
        for number, relation in enumerate(self.relations):
            for cell, _ in relation.terms:
                self.uses[cell].add(number)

    def head(self, cell: K) -> K:
        """Return the cell that stands for all that are known to equal this one."""
        root = cell
        while root in self.same:
            root = self.same[root]
        while cell != root:
            self.same[cell], cell = root, self.same[cell]
        return root

    def simplified(self, relation: Relation[K]) -> Relation[K]:
        """Return the relation between unknown heads, constants moved to its sides."""
        sums: dict[K, int] = {}
        constant = 0
        for cell, coefficient in relation.terms:
            head = self.head(cell)
            if head in self.known:
                constant += coefficient * self.known[head]
            else:
                sums[head] = sums.get(head, 0) + coefficient
        return Relation(
            tuple((head, coefficient) for head, coefficient in sums.items() if coefficient),
            None if relation.lower is None else relation.lower - constant,
            None if relation.upper is None else relation.upper - constant,
        )

    def _settle(self, cell: K, value: int) -> list[int]:
        if self.known.setdefault(cell, value) != value:
            raise contradiction()
        return list(self.uses[cell])

    def _merge(self, one: K, other: K) -> list[int]:
        self.same[other] = one
        self.uses[one] |= self.uses[other]
        return list(self.uses[one])

    def _learn(self, relation: Relation[K]) -> list[int]:
        """Take what one relation says outright; return the relations that gain by it."""
        if not relation.terms:
            if (relation.lower or 0) > 0 or (relation.upper or 0) < 0:
                raise contradiction()
            return []
        if relation.lower is None or relation.lower != relation.upper:
            return []
        (cell, coefficient), *others = relation.terms
        if not others:
            value, remainder = divmod(relation.lower, coefficient)
            if remainder:
                raise contradiction()
            return self._settle(cell, value)
        if len(others) == 1 and relation.lower == 0 and coefficient == -others[0][1]:
            return self._merge(cell, others[0][0])
        return []

    def run(self) -> None:
        """Substitute until no relation says anything outright."""
        waiting = set(range(len(self.relations)))
        while waiting:
            number = waiting.pop()
            self.relations[number] = self.simplified(self.relations[number])
            waiting.update(self._learn(self.relations[number]))

    def limits(self, cells: Iterable[K]) -> tuple[int, int | None]:
        """Return the bounds that hold for all of some equal cells."""
        pairs = [self.bounds.get(cell, (0, None)) for cell in cells]
        uppers = [upper for _, upper in pairs if upper is not None]
        return max(lower for lower, _ in pairs), min(uppers) if uppers else None


def contradiction() -> DisclosureError:
    """Return the error for numbers that no table has."""
    return DisclosureError(
        Problem(NOWHERE, "the published numbers contradict each other: no table has them all")
    )


def _components(heads: Iterable[K], relations: Sequence[Relation[K]]) -> dict[K, list[K]]:
    """Return the heads that hang together through relations, by the first of them."""
    leader = {head: head for head in heads}

    def find(head: K) -> K:
        while leader[head] != head:
            leader[head] = leader[leader[head]]
            head = leader[head]
        return head

    for relation in relations:
        for (one, _), (other, _) in zip(relation.terms, relation.terms[1:], strict=False):
            leader[find(other)] = find(one)
    groups: dict[K, list[K]] = {}
    for head in leader:
        groups.setdefault(find(head), []).append(head)
    return groups


def reduce(
    known: Mapping[K, int], relations: Iterable[Relation[K]], bounds: Bounds[K]
) -> Reduced[K]:
    """Return what follows from known cells by substitution alone, and the rest in components.

    `bounds` limits cells that are not known (default: 0 and up). Raises DisclosureError where
    the known cells contradict the relations.
    """
    work = _Reduction(known, relations, bounds)
    everything = dict.fromkeys(work.uses) | dict.fromkeys(bounds)
    work.run()
    classes: dict[K, list[K]] = {}
    settled = dict(known)
    for cell in everything:
        head = work.head(cell)
        if head in work.known:
            settled[cell] = work.known[head]
            lower, upper = bounds.get(cell, (0, None))
            if cell not in known and not lower <= settled[cell] <= (upper or settled[cell]):
                raise contradiction()
        else:
            classes.setdefault(head, []).append(cell)
    left = {}
    for relation in work.relations:
        simple = work.simplified(relation)
        if simple.terms:
            key = (frozenset(simple.terms), simple.lower, simple.upper)
            left[key] = simple
    groups = _components(classes, list(left.values()))
    member = {head: name for name, heads in groups.items() for head in heads}
    rows: dict[K, list[Relation[K]]] = {name: [] for name in groups}
    for relation in left.values():
        rows[member[relation.terms[0][0]]].append(relation)
    components = []
    for name, heads in groups.items():
        column = {head: number for number, head in enumerate(heads)}
        limits = [work.limits(classes[head]) for head in heads]
        components.append(
            Component(
                cells=tuple(tuple(classes[head]) for head in heads),
                lower=tuple(lower for lower, _ in limits),
                upper=tuple(upper for _, upper in limits),
                rows=tuple(
                    Row(
                        tuple(column[head] for head, _ in relation.terms),
                        tuple(coefficient for _, coefficient in relation.terms),
                        relation.lower,
                        relation.upper,
                    )
                    for relation in rows[name]
                ),
            )
        )
    return Reduced(settled, tuple(components))
