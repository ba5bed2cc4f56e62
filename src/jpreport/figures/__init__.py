"""Figures: the results framework computed from records, each value with its derivation."""

from jpreport.figures.arithmetic import (
    average,
    combine,
    difference,
    quotient,
    ratio,
    share,
    total,
)
from jpreport.figures.compute import PROTECTED, Results
from jpreport.figures.figure import (
    FROM_CUBE,
    NO_RECORDS,
    NOT_STATED,
    SHARE,
    SUPPRESSED,
    Derivation,
    Figure,
    Part,
    Period,
    describe,
    format_value,
    is_currency,
)
from jpreport.figures.key import Days, FigureKey, Formula, Operation
from jpreport.figures.record import FigureRecord

__all__ = [
    "FROM_CUBE",
    "NOT_STATED",
    "NO_RECORDS",
    "PROTECTED",
    "SHARE",
    "SUPPRESSED",
    "Days",
    "Derivation",
    "Figure",
    "FigureKey",
    "FigureRecord",
    "Formula",
    "Operation",
    "Part",
    "Period",
    "Results",
    "average",
    "combine",
    "describe",
    "difference",
    "format_value",
    "is_currency",
    "quotient",
    "ratio",
    "share",
    "total",
]
