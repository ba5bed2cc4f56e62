"""How values and words read in a language: numbers, days, sentences, catalogues."""

from jpreport.language.catalogue import (
    TERMS,
    Catalogue,
    catalogue_files,
    catalogue_path,
    cyrillic_of,
    read_catalogue,
    tag_of,
)
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
    "TERMS",
    "Catalogue",
    "Stated",
    "Wording",
    "catalogue_files",
    "catalogue_path",
    "current",
    "cyrillic_of",
    "in_each",
    "is_currency",
    "read_catalogue",
    "speaking",
    "tag_of",
]
