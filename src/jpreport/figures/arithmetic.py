"""Arithmetic of figures: what is made from figures is a figure that keeps them, or is refused.

How firm a result is follows from what it is made from. A sum or an average is as firm as its
weakest term. In a difference and a quotient, "at least" keeps its direction only above: 100 less
at least 20 is at most 80, and half of at least 10 may be less than half. Such results have no
known side on which they err, so they are "estimated". What is made from a suppressed figure is
suppressed; what is made from one without a value is not stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import combinations

from jpreport.errors import NOWHERE, FigureError, Problem
from jpreport.figures.derivation import Derivation, Number, Period
from jpreport.figures.figure import Figure, weakest
from jpreport.figures.key import FigureKey, Formula, Operation
from jpreport.figures.titles import made_title
from jpreport.language import SHARE
from jpreport.programme.framework import Qualifier

POINTS = "percentage points"


def total(figures: Iterable[Figure]) -> Figure:
    """Return the sum of some figures; that of a single one is itself.

    What two figures both count, such as a person trained in two years, counts twice. Raises
    FigureError for no figures, for different units, for direct and indirect beneficiaries, for
    shares of different wholes, and where one figure holds another or the same days twice.
    """
    terms = tuple(term for figure in figures for term in _terms(figure))
    if not terms:
        raise _refusal("there are no figures to add up")
    if len(terms) == 1:
        return terms[0]
    _check_alike(terms, "added up")
    _check_wholes(terms)
    for one, other in combinations(terms, 2):
        _check_apart(one, other)
    return _made("sum", terms, weakest([one.qualifier for one in terms]))


def difference(one: Figure, other: Figure) -> Figure:
    """Return one figure less another; that of two shares is in percentage points.

    Raises FigureError for different units, and for direct and indirect beneficiaries.
    """
    terms = one, other
    _check_alike(terms, "subtracted from one another")
    unit = POINTS if one.unit == SHARE else one.unit
    return _made("difference", terms, _directed(one, other), unit)


def average(figures: Iterable[Figure]) -> Figure:
    """Return the arithmetic mean of some figures; each counts alike.

    Raises FigureError where `total` does, and for shares: the mean of shares is not the share of
    all, unless their wholes are equal.
    """
    terms = tuple(figures)
    if not terms:
        raise _refusal("there are no figures to take the average of")
    _check_alike(terms, "averaged")
    if terms[0].unit == SHARE:
        raise _refusal(
            f"the average of {_listed(terms)} is not the share of all of them",
            "divide the sum of the parts by the sum of the wholes",
        )
    return _made("average", terms, weakest([one.qualifier for one in terms]))


def share(part: Figure, whole: Figure) -> Figure:
    """Return the share of `part` in `whole`, however it is rounded in print.

    Raises FigureError where their units differ, and for direct and indirect beneficiaries.
    """
    if part.unit != whole.unit:
        raise _refusal(
            f"{part.id} counts {part.unit}, {whole.id} counts {whole.unit}",
            "a share needs two figures of one unit",
        )
    _check_alike((part, whole), "divided")
    return ratio(part, whole, SHARE)


def ratio(above: Figure, below: Figure, unit: str = "") -> Figure:
    """Return above / below, a rate where their units differ: "USD / persons".

    Its value is None where `below` is zero or unknown. Two figures of one unit are a share of
    each other only if `share` finds that they are alike.
    """
    per = SHARE if above.unit == below.unit else f"{above.unit} / {below.unit}"
    return _made("ratio", (above, below), _directed(above, below), unit or per)


def quotient(above: Figure, below: Figure) -> Figure:
    """Return above / below: a share where the units are one, else a rate.

    Raises FigureError where `share` does.
    """
    return share(above, below) if above.unit == below.unit else ratio(above, below)


def _made(
    operation: Operation,
    parents: Sequence[Figure],
    qualifier: Qualifier,
    unit: str = "",
) -> Figure:
    period = _spanned(parents)
    terms = tuple(one.key if one.period.days == period.days else one.dated for one in parents)
    key = FigureKey(formula=Formula(operation, terms))
    return Figure(
        key=key,
        title=made_title(
            operation, [one.title for one in parents], alike=parents[0].unit == parents[-1].unit
        ),
        unit=unit or parents[0].unit,
        value=value_of(operation, parents),
        suppressed=any(parent.suppressed for parent in parents),
        period=period,
        qualifier=qualifier,
        beneficiaries=next((one.beneficiaries for one in parents if one.beneficiaries), None),
        derivation=Derivation(
            measure=str(key),
            records=sum(parent.derivation.records for parent in parents),
            parents=tuple(map(str, terms)),
        ),
        parents=tuple(parents),
    )


def _spanned(parents: Sequence[Figure]) -> Period:
    """Return the days from the first to the last that any of the figures covers."""
    periods = [parent.period for parent in parents]
    start, end = min(one.start for one in periods), max(one.end for one in periods)
    return Period(start, end, whole=all(one.whole for one in periods))


def _terms(figure: Figure) -> tuple[Figure, ...]:
    """Return what a sum is made from, so that a + b + c has three terms; another is its own."""
    formula = figure.key.formula
    return figure.parents if formula and formula.operation == "sum" else (figure,)


def value_of(operation: Operation, terms: Sequence[Figure]) -> Number | None:
    """Return what an operation gives; None where a term has no value, and for a share of zero.

    The difference of two shares is in percentage points.
    """
    values = [term.value for term in terms if term.value is not None and not term.suppressed]
    if len(values) < len(terms):
        return None
    exact = [Decimal(str(value)) for value in values]
    match operation:
        case "sum":
            return _exact(sum(exact, Decimal()))
        case "average":
            return _exact(sum(exact, Decimal()) / len(exact))
        case "difference":
            return _exact((exact[0] - exact[1]) * (100 if terms[0].unit == SHARE else 1))
        case "ratio":
            return values[0] / values[1] if values[1] else None


def _exact(value: Decimal) -> Number:
    """Return a decimal as a whole number where it is one: sums of money stay exact."""
    return int(value) if value == int(value) else float(value)


def _directed(above: Figure, below: Figure) -> Qualifier:
    """Return how firm a difference or a quotient is: a lower bound below gives no bound."""
    under: Qualifier = "estimated" if below.qualifier == "at least" else below.qualifier
    return weakest([above.qualifier, under])


def _check_alike(figures: Sequence[Figure], done: str) -> None:
    """Refuse different units, and direct beneficiaries beside indirect ones."""
    first = figures[0]
    for other in figures[1:]:
        if other.unit != first.unit:
            raise _refusal(
                f"{first.id} counts {first.unit}, {other.id} counts {other.unit}: "
                f"they cannot be {done}",
                "only figures of one unit can",
            )
    kinds = {one.beneficiaries: one.id for one in figures if one.beneficiaries}
    if len(kinds) > 1:
        raise _refusal(
            f"{kinds['direct']} counts direct beneficiaries, {kinds['indirect']} indirect ones: "
            f"they cannot be {done}",
            "they measure different things: quote them side by side",
        )


def _check_wholes(figures: Sequence[Figure]) -> None:
    """Refuse shares of different wholes; those of one whole add up."""
    if figures[0].unit != SHARE:
        return
    wholes = {
        (one.parents[-1].id, one.parents[-1].period) if one.parents else (one.id, one.period)
        for one in figures
    }
    if len(wholes) > 1:
        raise _refusal(
            f"{_listed(figures)} are shares of different wholes: they cannot be added up",
            "add up the parts and the wholes, then divide",
        )


def _check_apart(one: Figure, other: Figure) -> None:
    """Refuse to add what counts the same twice: the whole and its part, parts that overlap."""
    meet = one.period.start <= other.period.end and other.period.start <= one.period.end
    if not meet or one.key.whole != other.key.whole:
        return
    if one.key == other.key:
        raise _refusal(f"{one.id} would be added up twice", "name each figure once")
    columns = [{name for name, _ in figure.at} for figure in (one, other)]
    if columns[0] != columns[1]:
        raise _refusal(
            f"{one.id} and {other.id} count some of the same records: they cannot be added up",
            "add up parts by one dimension only",
        )


def _listed(figures: Sequence[Figure]) -> str:
    return " and ".join(figure.id for figure in figures)


def _refusal(message: str, hint: str = "") -> FigureError:
    return FigureError(Problem(NOWHERE, message, hint))


def combine(operation: Operation, terms: Sequence[Figure]) -> Figure:
    """Return the figure that a formula makes; raises FigureError as its operation does."""
    match operation:
        case "sum":
            return total(terms)
        case "difference":
            return difference(*terms)
        case "ratio":
            return quotient(*terms)
        case "average":
            return average(terms)


Figure.operations = {
    "+": lambda one, other: total([one, other]),
    "-": difference,
    "/": quotient,
}
