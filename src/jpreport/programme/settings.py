"""Read `programme.toml`: typed, frozen, every problem at once."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jpreport.errors import Place, Problem, ProjectError, did_you_mean
from jpreport.files.inputs import read_input
from jpreport.programme.branding import Branding, Fault, LogoFile, Typeface, faults
from jpreport.programme.folder import SETTINGS_FILE
from jpreport.programme.formats import registered_formats
from jpreport.programme.framework import (
    Currencies,
    Indicator,
    Objective,
    Organization,
)
from jpreport.programme.model import DeclaredNumber, Programme, Report, Settings, Value
from jpreport.programme.results_table import FrameworkFile, with_rows
from jpreport.programme.toml_lines import line_of

__all__ = ["DeclaredNumber", "Programme", "Report", "Settings", "Value", "read_settings"]


_PARTS: Mapping[str, type[BaseModel]] = {
    "programme": Programme,
    "organization": Organization,
    "objective": Objective,
    "indicator": Indicator,
    "report": Report,
    "literal": DeclaredNumber,
    "framework": FrameworkFile,
    "currencies": Currencies,
    "style": Branding,
    "style.logo": LogoFile,
    "style.serif": Typeface,
    "style.sans": Typeface,
}


def _not_toml(error: str) -> Problem:
    """Return what `tomllib` says, its line and column as a place."""
    told = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", error)
    place, message = Place(SETTINGS_FILE), error
    if told:
        place, message = place.at(line=int(told[2]), column=int(told[3])), told[1]
    return Problem(place, f"is not valid TOML: {message}", "correct it in the file")


def _where(location: tuple[str | int, ...], text: str, raw: Mapping[str, Any]) -> Place:
    """Return the place of a fault: file, line, table with its id, key."""
    place = Place(SETTINGS_FILE).at(line=line_of(text, location))
    if location:
        part = str(location[0])
        entry = raw.get(part)
        if len(location) > 1 and isinstance(location[1], int) and isinstance(entry, list):
            item = entry[location[1]]
            name = item.get("id", item.get("name")) if isinstance(item, dict) else None
            part = f'[[{part}]] "{name}"' if name else f"[[{part}]] number {location[1] + 1}"
            keys, inner = list[str](), item
            for step in location[2:]:
                # As deep as it is written: behind that, pydantic names alternatives of a type.
                if keys and not (isinstance(inner, dict) and step in inner):
                    break
                keys.append(str(step))
                inner = inner.get(step) if isinstance(inner, dict) else None
            return place.at(part).at(key=".".join(keys))
        keys = [str(key) for key in location[1:] if isinstance(key, str)]
        key = ".".join(keys if part == "style" else keys[:1])
        return place.at(f"[{part}]" if isinstance(entry, dict) else part, key=key)
    return place


def _place(location: tuple[str | int, ...], settings: Settings) -> Place | None:
    """Return the place of a fault in the framework's table; None of one in programme.toml."""
    match location:
        case ("indicator", int(index), *keys):
            place = settings.indicator[index].place
            return place.at(column=str(keys[0])) if place and keys else place
    return None


def _known_keys(location: tuple[str | int, ...]) -> list[str]:
    table = ".".join(part for part in location[:-1] if isinstance(part, str))
    model = _PARTS.get(table) if len(location) > 1 else Settings
    return [key for key in (model.model_fields if model else ()) if key != "root"]


def _invalid(details: ErrorDetails, text: str, raw: Mapping[str, Any]) -> Problem:
    """Turn one of pydantic's findings into a problem in our words."""
    # Alternatives of a union are told apart by a type name at the end of the location.
    location = tuple(part for part in details["loc"] if part != "function-after")
    where = _where(location, text, raw)
    if details["type"] == "extra_forbidden":
        hint = did_you_mean(str(location[-1]), _known_keys(location))
        return Problem(where, f'unknown key "{location[-1]}"', hint)
    if details["type"] == "missing":
        return Problem(where, "is missing", f"add `{location[-1]} = ...`")
    message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
    given = details["input"]
    if isinstance(given, str | int | float | dt.date):
        message = f"{message}, not {given!r}" if "Value error" not in details["msg"] else message
    return Problem(where, message[0].lower() + message[1:])


def _doubled(settings: Settings) -> Iterator[Fault]:
    for part in ("objective", "indicator", "report"):
        entries = getattr(settings, part)
        counts = Counter(entry.id for entry in entries)
        for index, entry in enumerate(entries):
            if counts[entry.id] > 1:
                yield (part, index, "id"), f'"{entry.id}" is declared twice', "give it its own id"


def _ratio_cycles(settings: Settings) -> Iterator[Fault]:
    indicators = settings.indicators
    for index, start in enumerate(settings.indicator):
        reached: set[str] = set()
        front = [start.numerator, start.denominator] if start.is_ratio else []
        while front:
            name = front.pop()
            if name in reached or name not in indicators:
                continue
            reached.add(name)
            front += [indicators[name].numerator, indicators[name].denominator]
        if start.id in reached:
            yield (
                ("indicator", index, "numerator"),
                "the ratio is made from itself",
                "divide two indicators that are measured",
            )


def _outside(settings: Settings) -> Iterator[Fault]:
    for index, before in enumerate(settings.previous_releases):
        if not before.resolve().is_relative_to(settings.root.resolve()):
            yield (
                ("programme", "previous_releases", index),
                f"{before.name} is not in the programme's folder",
                'keep releases below it, such as "releases/first-draft"',
            )


def _dangling(settings: Settings) -> Iterator[Fault]:
    objectives = {objective.id for objective in settings.objective}
    indicators = set(settings.indicators)
    given = settings.programme.contributions
    if given is not None and given not in indicators:
        yield (
            ("programme", "contributions"),
            f'there is no indicator "{given}"',
            did_you_mean(given, indicators),
        )
    yield from _outside(settings)
    for index, indicator in enumerate(settings.indicator):
        if indicator.objective is not None and indicator.objective not in objectives:
            yield (
                ("indicator", index, "objective"),
                f'there is no objective "{indicator.objective}"',
                did_you_mean(indicator.objective, objectives),
            )
        for key in ("numerator", "denominator"):
            name = getattr(indicator, key)
            if name and name not in indicators:
                yield (
                    ("indicator", index, key),
                    f'there is no indicator "{name}"',
                    did_you_mean(name, indicators),
                )
    for index, report in enumerate(settings.report):
        if not (settings.root / report.notebook).is_file():
            folder = (settings.root / report.notebook).parent
            near = [path.relative_to(settings.root).as_posix() for path in folder.glob("*.ipynb")]
            yield (
                ("report", index, "notebook"),
                f"there is no file {report.notebook}",
                did_you_mean(report.notebook, near),
            )
        for name in sorted(set(report.for_each) & set(report.parameters)):
            yield (
                ("report", index, "parameters"),
                f'"{name}" is given in `parameters` and in `for_each`',
                "keep one of the two",
            )


def _unknown_formats(settings: Settings) -> Iterator[Fault]:
    known = registered_formats()
    for index, report in enumerate(settings.report):
        for name in dict.fromkeys(report.formats):
            if name not in known:
                hint = f"there are {', '.join(known)}; a package can bring more"
                yield ("report", index, "formats"), f'there is no format "{name}"', hint


def _unknown_languages(settings: Settings) -> Iterator[Fault]:
    """Find languages that nothing is known of, and such as are named twice."""
    places: list[tuple[tuple[str | int, ...], tuple[str, ...]]] = [
        (("programme", "language"), (settings.programme.language,))
    ]
    places += [
        (("report", index, "languages"), report.languages)
        for index, report in enumerate(settings.report)
    ]
    for place, tags in places:
        for tag, count in Counter(tags).items():
            if count > 1:
                yield place, f'"{tag}" is named twice', "each language is rendered once"
            try:
                Locale.parse(tag, sep="-")
            except (UnknownLocaleError, ValueError):
                hint = 'give its tag (BCP 47), such as "fr" or "sr-Latn"'
                yield place, f'there is no language "{tag}"', hint


def read_settings(root: Path) -> Settings:
    """Return the settings of a programme folder.

    Raises ProjectError with every problem: malformed TOML, unknown or missing keys, wrong
    types, references to what is not declared, files that are not there, colours that cannot be
    read.
    """
    file = root / SETTINGS_FILE
    try:
        text = read_input(file).decode()
        raw = tomllib.loads(text)
    except FileNotFoundError:
        raise ProjectError(
            Problem(Place(str(file)), "is not there", "name a programme folder with --project DIR")
        ) from None
    except UnicodeDecodeError as error:
        raise ProjectError(
            Problem(Place(SETTINGS_FILE), f"is not UTF-8 (byte {error.start})", "save it as UTF-8")
        ) from None
    except OSError as error:
        raise ProjectError(Problem(Place(str(file)), f"cannot be read: {error.strerror}")) from None
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(_not_toml(str(error))) from None
    try:
        raw, rows = with_rows(raw, root)
        settings = Settings.model_validate({**raw, "root": root.resolve()})
        settings = settings.model_copy(
            update={
                "indicator": (*settings.indicator, *rows),
                "report": tuple(
                    one.model_copy(
                        update={"languages": one.languages or (settings.programme.language,)}
                    )
                    for one in settings.report
                ),
            }
        )
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise ProjectError(
            dict.fromkeys(_invalid(details, text, raw) for details in found)
        ) from None
    problems = [
        Problem(_place(location, settings) or _where(location, text, raw), message, hint)
        for check in (_doubled, _dangling, _ratio_cycles, _unknown_formats, _unknown_languages)
        for location, message, hint in check(settings)
    ]
    problems += [
        Problem(_where(location, text, raw), message, hint)
        for location, message, hint in faults(settings.style, settings.root)
    ]
    if problems:
        raise ProjectError(problems)
    return settings
