"""Narrative: no number escapes, neither one typed into the text nor one printed by code."""

from jpreport.review.narrative.check import TO_WRITE
from jpreport.review.narrative.consistency import check_release
from jpreport.review.narrative.numbers import Found, Scanner
from jpreport.review.narrative.outputs import underived
from jpreport.review.narrative.programme import Findings, check_numbers, scanner_for

__all__ = [
    "TO_WRITE",
    "Findings",
    "Found",
    "Scanner",
    "check_numbers",
    "check_release",
    "scanner_for",
    "underived",
]
