"""How values and words read in a language: numbers, days, sentences, catalogues."""

from jpreport.language.catalogue import Catalogue, catalogue_files
from jpreport.language.wording import (
    DASH,
    ENGLISH,
    MINUS,
    SHARE,
    Stated,
    Wording,
    current,
    in_every_language,
    is_currency,
    phrase,
    speaking,
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
    "in_every_language",
    "is_currency",
    "phrase",
    "speaking",
]
