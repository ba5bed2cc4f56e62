"""How values and words read in a language: numbers, days, sentences, catalogues."""

from jpreport.language.catalogue import (
    TERMS,
    Catalogue,
    catalogue_files,
    catalogue_path,
    cyrillic_of,
    read_catalogue,
)
from jpreport.language.spoken import current, in_each, speaking, wording_in
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
    "catalogue_path",
    "current",
    "cyrillic_of",
    "in_each",
    "is_currency",
    "read_catalogue",
    "speaking",
    "wording_in",
]
