"""Figures: the results framework computed from records, each value with its derivation."""

from jpreport.figures.arithmetic import average, combine, difference, quotient, ratio, share, total
from jpreport.figures.compute import PROTECTED, Results
from jpreport.figures.derivation import FROM_CUBE, Derivation, Part, Period
from jpreport.figures.doubts import filter_doubts
from jpreport.figures.figure import NO_RECORDS, SUPPRESSED, Figure
from jpreport.figures.key import Days, FigureKey, Formula, Operation
from jpreport.figures.record import FigureRecord
from jpreport.figures.titles import NOT_STATED

__all__ = [
    "FROM_CUBE",
    "NOT_STATED",
    "NO_RECORDS",
    "PROTECTED",
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
    "difference",
    "filter_doubts",
    "quotient",
    "ratio",
    "share",
    "total",
]
