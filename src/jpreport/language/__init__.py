"""How values and words read in a language: numbers, days, sentences, catalogues."""

from jpreport.language.catalogue import Catalogue, catalogue_files
from jpreport.language.spoken import current, in_each, speaking
from jpreport.language.wording import (
    DASH,
    ENGLISH,
    MINUS,
    SHARE,
    Stated,
    Wording,
    is_currency,
)

__all__ = [
    "DASH",
    "ENGLISH",
    "MINUS",
    "SHARE",
    "Catalogue",
    "Stated",
    "Wording",
    "catalogue_files",
    "current",
    "in_each",
    "is_currency",
    "speaking",
]
