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
from jpreport.language.sentence import Sentence
from jpreport.language.spoken import current, in_each, speaking, wording_in
from jpreport.language.wording import (
    DASH,
    ENGLISH,
    MINUS,
    SHARE,
    Stated,
    Terms,
    Wording,
    every_wording,
    in_every_language,
    is_currency,
    phrase,
    phrases,
)

__all__ = [
    "DASH",
    "ENGLISH",
    "MINUS",
    "SHARE",
    "TERMS",
    "Catalogue",
    "Sentence",
    "Stated",
    "Terms",
    "Wording",
    "catalogue_files",
    "catalogue_path",
    "current",
    "cyrillic_of",
    "every_wording",
    "in_each",
    "in_every_language",
    "is_currency",
    "phrase",
    "phrases",
    "read_catalogue",
    "speaking",
    "tag_of",
    "wording_in",
]
