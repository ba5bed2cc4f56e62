"""A catalogue of translations, in gettext's PO form; Latin Serbian is made from Cyrillic."""

from __future__ import annotations

import codecs
import io
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING

from babel.core import get_global
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from jpreport.errors import Place, Problem, ProjectError, TranslationError
from jpreport.files.inputs import read_input
from jpreport.language.latin import in_latin
from jpreport.programme.folder import find_programme

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

# The catalogue of a programme's terms, beside one for each notebook.
TERMS = "programme"
# Those of our own sentences, one a language.
CATALOGUES = Path(__file__).with_name("locale")
_QUOTED = re.compile(r'\s*(msg\w+(\[\d+\])?)?\s*"(\\.|[^"\\])*"\s*')
_QUOTES = 'a text stands between quotes, which are written \\" within it: msgstr "..."'
_LATIN, _CYRILLIC = "sr_Latn", "sr_Cyrl"


class _Missing(NullTranslations):
    """Says nothing where a catalogue has nothing, so that "as in English" is told from it."""

    def gettext(self, _message: str) -> str:
        return ""

    def ngettext(self, _one: str, _many: str, _number: int) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What has texts in another language; without an entry, Latin Serbian is the Cyrillic by rule.

    An entry that is empty or marked fuzzy counts as missing.
    """

    own: NullTranslations = field(default_factory=_Missing)
    cyrillic: NullTranslations = field(default_factory=_Missing)
    latin: bool = False

    @classmethod
    def read(cls, path: Path) -> Catalogue:
        """Read a PO file, `.../TAG/NAME.po` or `locale/TAG.po`; one that is not there has nothing.

        For Latin Serbian the Cyrillic file beside it is read too, and may stand alone. Raises
        TranslationError for a file that cannot be read.
        """
        read = {file: _compiled(file, _content(file)) for file in catalogue_files(path)}
        cyrillic = cyrillic_of(path)
        known = (read.get(path, _Missing()), read.get(cyrillic, _Missing()))
        return cls(*known, latin=cyrillic != path)

    def get(self, text: str) -> str | None:
        """Return a text in the other language, None where it is missing.

        A text in Cyrillic is not missing in Latin.
        """
        if not text:  # the header of a PO file
            return None
        said = self.own.gettext(text) or in_latin(self.cyrillic.gettext(text))
        if not said and self.latin and (said := in_latin(text)) == text:
            return None
        return said or None

    def count(self, one: str, many: str, number: int) -> str | None:
        """Return the form of a text that a number of things asks for, None where it is missing."""
        own = self.own.ngettext(one, many, number)
        return own or in_latin(self.cyrillic.ngettext(one, many, number)) or None


def catalogue_path(folder: Path, language: str, name: str = TERMS) -> Path:
    """Return where the catalogue of a notebook in a folder stands, by the notebook's stem.

    That of the programme's terms is beside those of the notebooks in the folder `notebooks`.
    """
    return folder / "locale" / language.replace("-", "_") / f"{name}.po"


def catalogue_files(path: Path) -> tuple[Path, ...]:
    """Return the files that a catalogue is read from, of those that are there."""
    return tuple(file for file in dict.fromkeys((path, cyrillic_of(path))) if file.is_file())


def read_catalogue(path: Path) -> Catalog:
    """Return a PO file as Babel has it; raises TranslationError where it cannot be read."""
    return _parsed(path, _content(path))


def _content(path: Path) -> bytes:
    try:
        return read_input(path).removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        problem = Problem(_place(path), f"cannot be read: {error.strerror}")
        raise TranslationError(problem) from error


def _parsed(path: Path, content: bytes) -> Catalog:
    where = _place(path)
    hint = "gettext's tools check it: msgfmt --check FILE"
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), start=1):
        # Babel takes the first and the last letter for the quotes, whatever they are.
        if line.lstrip().startswith(("msg", '"')) and not _QUOTED.fullmatch(line):
            raise TranslationError(Problem(where.at(line=number), "cannot be read", _QUOTES))
    try:
        return read_po(io.BytesIO(content), locale=tag_of(path), abort_invalid=True)
    except ValueError as error:
        problem = Problem(where, f"cannot be read: {error}", hint)
    except PoFileError as error:
        place = where.at(line=error.lineno + 1)
        problem = Problem(place, f"cannot be read: {error}", hint)
    except (IndexError, AttributeError):  # what Babel's reader does with a file out of order
        problem = Problem(where, "cannot be read: a line stands where none can", hint)
    raise TranslationError(problem)


def _place(path: Path) -> Place:
    """Return where a file is, within its programme if it is of one."""
    with suppress(ProjectError, ValueError):
        own = path.resolve()
        return Place(own.relative_to(find_programme(own.parent)).as_posix())
    return Place(str(path))


def tag_of(path: Path) -> str:
    """Return the language of a catalogue's file as the file names it: "sr_Latn"."""
    return path.stem if path.parent.name == "locale" else path.parent.name


def cyrillic_of(path: Path) -> Path:
    """Return the Cyrillic file of Latin Serbian, any other as it is."""
    if tag_of(path) != _LATIN:
        return path
    if path.stem == _LATIN:
        return path.with_stem(_CYRILLIC)
    return path.parent.with_name(_CYRILLIC) / path.name


@lru_cache(maxsize=64)
def _compiled(path: Path, content: bytes) -> NullTranslations:
    """Return what a file says; reading one takes longer than most of what is done with it."""
    compiled = io.BytesIO()
    write_mo(compiled, _parsed(path, content))
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(_Missing())
    return translations


@cache
def house(tag: str) -> Catalogue:
    """Return our messages in a language, whatever its country; those that it lacks are English."""
    full = get_global("likely_subtags").get(tag, tag)
    script, language = "_".join(full.split("_")[:2]), full.split("_")[0]
    files = [CATALOGUES / f"{name}.po" for name in (tag, script, language)]
    return next((Catalogue.read(one) for one in files if catalogue_files(one)), Catalogue())


def phrase(text: str) -> str:
    """Return an English sentence as it is: one that stands in a table, and is said later."""
    return text


def phrases(one: str, many: str) -> tuple[str, str]:
    """Return the two forms of such a sentence as they are."""
    return one, many
