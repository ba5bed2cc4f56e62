"""Narrative: no number escapes, neither one typed into the text nor one printed by code."""

from jpreport.narrative.numbers import Found, Scanner
from jpreport.narrative.outputs import underived
from jpreport.narrative.programme import Findings, check_numbers, scanner_for
from jpreport.narrative.release import check_release, executed_notebooks

__all__ = [
    "Findings",
    "Found",
    "Scanner",
    "check_numbers",
    "check_release",
    "executed_notebooks",
    "scanner_for",
    "underived",
]
