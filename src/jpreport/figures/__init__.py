"""Figures: the results framework computed from records, each value with its derivation."""

from jpreport.figures.arithmetic import (
    Operation,
    average,
    difference,
    operation_of,
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
    SUPPRESSED,
    Derivation,
    Figure,
    Part,
    Period,
    describe,
)
from jpreport.figures.wording import ENGLISH, SHARE, Stated, Wording, is_currency

__all__ = [
    "ENGLISH",
    "FROM_CUBE",
    "NOT_STATED",
    "NO_RECORDS",
    "PROTECTED",
    "SHARE",
    "SUPPRESSED",
    "Derivation",
    "Figure",
    "Operation",
    "Part",
    "Period",
    "Results",
    "Stated",
    "Wording",
    "average",
    "describe",
    "difference",
    "is_currency",
    "operation_of",
    "quotient",
    "ratio",
    "share",
    "total",
]
