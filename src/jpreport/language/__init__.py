"""How values and words read in a language: numbers, days, sentences, catalogues."""

from jpreport.language.catalogue import Catalogue, catalogue_files, catalogue_of
from jpreport.language.spoken import current, in_each, speaking, wording_in
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
    "catalogue_of",
    "current",
    "in_each",
    "is_currency",
    "speaking",
    "wording_in",
]
