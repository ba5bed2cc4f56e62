"""A programme's catalogues as files: written from its texts, read, and brought up to date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import denormalize, escape, normalize

from jpreport.data import Package
from jpreport.errors import (
    NOWHERE,
    NotebookError,
    Place,
    Problem,
    ProjectError,
    TranslationError,
    did_you_mean,
)
from jpreport.execute.check import load_notebook
from jpreport.files.atomic import write_atomic
from jpreport.language import TERMS, catalogue_path, cyrillic_of, read_catalogue, tag_of
from jpreport.programme.settings import Settings
from jpreport.translate.texts import Text, prose, terms, unmarked

_WIDTH = 79
_FREE = "A value of the records; may stay as it is."
_FOLDER = Path("notebooks")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class Wanted:
    """One catalogue of a language: its file, and the texts that it is to have, in their `own`.

    `root` is the programme's folder.
    """

    language: str
    own: str
    path: Path
    texts: tuple[Text, ...]
    root: Path

    def named(self, file: Path | None = None) -> str:
        """Return its file, or another of its files, as it is called below the programme."""
        return (file or self.path).relative_to(self.root).as_posix()


def wanted(
    settings: Settings,
    package: Package,
    reports: Iterable[str] = (),
    language: str = "",
    *,
    free: bool = True,
) -> list[Wanted]:
    """Return the catalogues of the further languages of reports, by language, then file.

    Without `reports` of all; with `language` of that one, whether or not a report has it yet; with
    `free`, also with values of records. Raises NotebookError or DataError where texts cannot be
    read, ProjectError for a report or language that is none.
    """
    _refuse_unknown(settings, reports, language)
    chosen = [one for one in settings.report if not reports or one.id in {*reports}]
    asked: dict[str, set[str]] = {}
    for report in chosen:
        for tag in (language,) if language else report.languages[1:]:
            if tag != report.languages[0]:
                asked.setdefault(tag, set()).add(report.notebook)
    names = sorted(set().union(*asked.values())) if asked else []
    notebooks = {name: load_notebook(settings.root / name, Place(name)) for name in names}
    if problems := [*_doubles(names), *unmarked(notebooks)]:
        raise NotebookError(problems)
    said = {name: tuple(prose(notebook, Place(name))) for name, notebook in notebooks.items()}
    found: list[Wanted] = []

    def add(folder: Path, tag: str, own: str, name: str, texts: Iterable[Text]) -> None:
        path = catalogue_path(folder, tag, name)
        found.append(Wanted(tag, own, path, tuple(texts), settings.root))

    for tag, files in sorted(asked.items()):
        # What other notebooks of the language say is a term of its catalogue as well.
        of_tag = {one.notebook for one in settings.report if tag in one.languages} | files
        every = {
            name: notebooks.get(name) or load_notebook(settings.root / name, Place(name))
            for name in sorted(of_tag)
        }
        own = settings.programme.language
        add(settings.root / _FOLDER, tag, own, TERMS, terms(settings, package, every, free=free))
        for name in sorted(files):
            own = next(one.languages[0] for one in settings.report if one.notebook == name)
            path = settings.root / name
            add(path.parent, tag, own, path.stem, said[name])
    return found


def _refuse_unknown(settings: Settings, reports: Iterable[str], language: str) -> None:
    known = [one.id for one in settings.report]
    problems = [
        Problem(NOWHERE, f'there is no report "{name}"', did_you_mean(name, known))
        for name in reports
        if name not in known
    ]
    try:
        Locale.parse(language or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        hint = 'a tag such as "fr" or "sr-Latn"'
        problems.append(Problem(NOWHERE, f'nothing is known of the language "{language}"', hint))
    if problems:
        raise ProjectError(problems)


def _doubles(names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        if Path(name).parent == _FOLDER and Path(name).stem == TERMS:
            hint = f"{TERMS}.po has the terms of the programme: give the notebook another name"
            yield Problem(Place(name), "its catalogue would have a name in use", hint)


def extract(found: Sequence[Wanted]) -> list[tuple[Path, bool]]:
    """Write catalogues, or bring them up to date; return each file, and whether it has changed.

    Translations stay. That of a sentence that has changed is marked fuzzy, with the sentence as it
    was; those of sentences that are gone are kept at the end. Latin Serbian gets a file only where
    nothing makes it from Cyrillic. Raises TranslationError with all files that cannot be read,
    before any is written.
    """
    contents: dict[Path, bytes] = {}
    problems: list[Problem] = []
    paths = {one.path for one in found}
    for one in found:
        if not one.path.is_file() and cyrillic_of(one.path) in paths - {one.path}:
            continue
        try:
            contents[one.path] = _content(one)
        except TranslationError as error:
            problems += error.problems
    if problems:
        raise TranslationError(problems)
    written = []
    for path, content in contents.items():
        changed = not path.is_file() or path.read_bytes() != content
        if changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(path, content)
        written.append((path, changed))
    return written


def _content(one: Wanted) -> bytes:
    tag = one.language.replace("-", "_")
    catalog = read_catalogue(one.path) if one.path.is_file() else Catalog(tag, header_comment="")
    template = Catalog(tag)
    needed = {text.text for text in one.texts if not text.free}
    for text in one.texts:
        free = [] if text.text in needed else [_FREE]
        template.add(text.text, locations=[(text.reference, 0)], auto_comments=free)
    before = {str(message.id): message for message in catalog if message.id}
    previous = {name: old for name, message in before.items() if (old := _previous(message))}
    for text in one.texts:
        if text.text in catalog.obsolete:  # it has come back
            catalog[text.text] = catalog.obsolete.pop(text.text)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    gone = [name for name, message in before.items() if name in catalog.obsolete and message.string]
    for message in catalog:
        name = str(message.id)
        if name in before or message.string:
            continue
        for near in get_close_matches(name, gone, n=1):
            gone.remove(near)
            message.string = catalog.obsolete.pop(near).string
            if previous.pop(near, "") != name:  # else a change was taken back
                message.flags.add("fuzzy")
                previous[name] = near
    return _written(catalog, previous)


def retold(path: Path, texts: Mapping[str, str]) -> bytes:
    """Return a catalogue's file with texts translated so; other entries stay as they are.

    Raises TranslationError where the file is there and cannot be read.
    """
    tag = tag_of(path)
    catalog = read_catalogue(path) if path.is_file() else Catalog(tag, header_comment="")
    previous = {str(one.id): old for one in catalog if one.id and (old := _previous(one))}
    for name, text in texts.items():
        message = catalog.get(name) or catalog.add(name)
        message.string = text
        message.flags.discard("fuzzy")
        previous.pop(name, None)
    return _written(catalog, previous)


def _written(catalog: Catalog, previous: Mapping[str, str]) -> bytes:
    parts = [_header(catalog)]
    parts += [_entry(said, previous.get(str(said.id), "")) for said in catalog if said.id]
    parts += [_entry(said, "", "#~ ") for said in catalog.obsolete.values() if said.string]
    return "\n".join(parts).encode()


def _previous(message: Message) -> str:
    """Return the sentence that a translation was made for, which Babel takes for a comment."""
    lines = [comment for comment in message.user_comments if comment.startswith("|")]
    return denormalize("\n".join(_QUOTED.findall(" ".join(lines)))) if message.fuzzy else ""


def _header(catalog: Catalog) -> str:
    """Return the head of a file, without the times that would change it each time."""
    kept = {
        name: value
        for name, value in catalog.mime_headers
        if name in ("Language", "Plural-Forms", "MIME-Version", "Content-Type")
        or (name in ("Last-Translator", "Language-Team") and "@" in value and "LL@" not in value)
    }
    kept.pop("Last-Translator" if "EMAIL@ADDRESS" in kept.get("Last-Translator", "") else "", "")
    lines = "".join(f"{name}: {value}\n" for name, value in kept.items())
    comment = [catalog.header_comment] if catalog.header_comment else []
    return "\n".join((*comment, 'msgid ""', f"msgstr {normalize(lines, width=_WIDTH)}", ""))


def _entry(message: Message, previous: str, mark: str = "") -> str:
    """Return a message as it stands in a file; `mark` begins the lines of one that is gone."""
    lines = [f"# {one}" for one in message.user_comments if not one.startswith("|")]
    lines += [f"#. {one}" for one in message.auto_comments]
    for reference, _ in () if mark else message.locations:
        lines.append(f"#: \u2068{reference}\u2069" if " " in reference else f"#: {reference}")
    if message.fuzzy:
        lines.append("#, fuzzy")
    if previous:  # on one line: of lines that are alike, Babel's reader keeps one
        lines.append(f"#| msgid {escape(previous)}")
    for name, text in (("msgid", message.id), ("msgstr", message.string or "")):
        lines.append(f"{mark}{name} {normalize(str(text), prefix=mark, width=_WIDTH)}")
    return "\n".join((*lines, ""))
