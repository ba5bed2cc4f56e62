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

__all__ = [
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
    "average",
    "describe",
    "difference",
    "format_value",
    "is_currency",
    "operation_of",
    "quotient",
    "ratio",
    "share",
    "total",
]
