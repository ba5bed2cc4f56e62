"""How values and words read in a language: numbers, days, sentences, catalogues."""

from jpreport.language.catalogue import Catalogue, catalogue_files, catalogue_of
from jpreport.language.spoken import TERMS, current, in_each, speaking, wording_in
from jpreport.language.wording import (
    DASH,
    ENGLISH,
    MINUS,
    SHARE,
    Stated,
    Terms,
    Wording,
    is_currency,
)

__all__ = [
    "DASH",
    "ENGLISH",
    "MINUS",
    "SHARE",
    "TERMS",
    "Catalogue",
    "Stated",
    "Terms",
    "Wording",
    "catalogue_files",
    "catalogue_of",
    "current",
    "in_each",
    "is_currency",
    "speaking",
    "wording_in",
]
