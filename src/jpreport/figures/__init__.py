"""Figures: the results framework computed from records, each value with its derivation."""

from jpreport.figures.compute import PROTECTED, Results, share
from jpreport.figures.figure import (
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
    "NOT_STATED",
    "NO_RECORDS",
    "PROTECTED",
    "SHARE",
    "SUPPRESSED",
    "Derivation",
    "Figure",
    "Part",
    "Period",
    "Results",
    "describe",
    "format_value",
    "is_currency",
    "share",
]
