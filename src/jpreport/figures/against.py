"""What was achieved against what was planned and published, read by the figure's direction."""

from __future__ import annotations

import math

from jpreport.figures.derivation import Number, Period
from jpreport.language import Stated, current
from jpreport.programme.framework import Direction


class AgainstPlan:
    """What a figure says of its baseline, target and published value."""

    __slots__ = ()

    value: Number | None
    period: Period
    direction: Direction
    baseline: Number | None
    baseline_year: int | None
    baseline_statement: str
    target: Number | None
    target_upper: Number | None
    target_statement: str
    published: Number | None

    def worded(self, value: Number, *, declared: bool = False, bare: bool = False) -> str:
        """Return a value of this figure's kind, as it is printed; what is declared in full."""
        raise NotImplementedError

    @property
    def baseline_text(self) -> str:
        """The baseline with its year, as it was declared; "" where there is none."""
        text = current().term(self.baseline_statement)
        if self.baseline is not None:
            text = self.worded(self.baseline, declared=True)
        return f"{text} ({self.baseline_year})" if text and self.baseline_year else text

    @property
    def target_text(self) -> str:
        """The target, or the range of it, as it was declared; "" where there is none."""
        if self.target is None:
            return current().term(self.target_statement)
        if self.target_upper is None:
            return self.worded(self.target, declared=True)
        ends = (self.worded(one, declared=True) for one in (self.target, self.target_upper))
        return current().say("{low} to {high}", low=next(ends), high=next(ends))

    @property
    def variance(self) -> Number | None:
        """Achieved minus target, in the figure's unit; None where either is not there.

        Within a range it is nothing, outside of it what the nearer end is missed by. What two
        floats of one value differ by in their last digit is nothing.
        """
        if self.value is None or self.target is None:
            return None
        upper = self.target if self.target_upper is None else self.target_upper
        nearest = min(max(self.value, self.target), upper)
        same = math.isclose(self.value, nearest, rel_tol=1e-12)
        return 0 if same else self.value - nearest

    @property
    def better(self) -> bool | None:
        """Whether it is better than its target, by its direction; None where it is as the target.

        Outside of a range it never is.
        """
        if not self.variance:
            return None
        if self.target_upper is not None:
            return False
        return (self.variance < 0) == (self.direction == "decreasing")

    @property
    def progress(self) -> float | None:
        """The share of the way from the baseline to the target that was gone; None if unknown.

        Without a baseline, more is better: achieved by target. Where less is better there is no
        share without a baseline that lies above the target.
        """
        if self.value is None or self.target is None or self.target_upper is not None:
            return None
        start = self.baseline if self.direction == "decreasing" else 0
        way = 0 if start is None else self.target - start
        if not way or (way > 0) == (self.direction == "decreasing"):
            return None
        return (self.value - (start or 0)) / way

    @property
    def reconciles(self) -> bool | None:
        """Whether the computed value is the published one, at the published precision.

        None where nothing is published or the period covers only part of the programme.
        """
        if self.published is None or self.value is None or not self.period.whole:
            return None
        return Stated.of(self.published).fits(self.value)
