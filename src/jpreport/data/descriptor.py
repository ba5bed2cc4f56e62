"""Read JSON descriptors by hand: every fault is noted with its place, none stops the reading."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from jpreport.errors import DataError, Place, Problem, did_you_mean
from jpreport.files.inputs import read_input

T = TypeVar("T")

# Data Package allows properties of one's own; one this close to a standard one is a slip.
_NEAR = 0.8

_JSON_NAMES = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    dict: "an object",
    list: "a list",
}


class Faults:
    """Collects what is wrong in one file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, place: Place, message: str, hint: str = "") -> None:
        """Note a fault."""
        self.problems.append(Problem(place, message, hint))


class Node:
    """One object of a descriptor together with its place, read key by key."""

    def __init__(self, raw: Mapping[str, Any], place: Place, faults: Faults) -> None:
        self.raw = raw
        self.place = place
        self.faults = faults

    def fault(self, message: str, hint: str = "") -> None:
        """Note a fault of this object."""
        self.faults.add(self.place, message, hint)

    def get(self, key: str, kind: type[T], default: T) -> T:
        """Return the value of a key; one of another kind is a fault and gives the default."""
        value = self.raw.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(f'"{key}" is {json.dumps(value)[:60]}, not {_JSON_NAMES[kind]}')
            return default
        return value

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a text or a list of texts as a tuple."""
        value = self.raw.get(key)
        if value is None:
            return default
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            self.fault(f'"{key}" is {json.dumps(value)[:60]}, not a text or a list of texts')
            return default
        return tuple(values)

    def child(self, key: str) -> Node:
        """Return the object under a key; an absent one is empty."""
        return Node(self.get(key, dict, {}), self.place, self.faults)

    def only(self, known: Iterable[str], what: str) -> None:
        """Refuse keys other than the known ones."""
        for key in self.raw:
            if key not in known:
                self.fault(f'{what} "{key}" is not supported', did_you_mean(key, known))

    def near_misses(self, known: Iterable[str]) -> None:
        """Refuse keys that are nearly a known one; others are the author's own."""
        names = {name.lower(): name for name in known}
        for key in self.raw:
            if key in names.values():
                continue
            near = difflib.get_close_matches(key.lower(), names, n=1, cutoff=_NEAR)
            if near:
                hint = f'did you mean "{names[near[0]]}"?'
                self.fault(f'there is no property "{key}"', hint)


def read_json(path: Path, place: Place) -> dict[str, Any]:
    """Return the object in a JSON file; raises DataError, which calls the file `place`."""
    try:
        raw = json.loads(read_input(path).decode("utf-8-sig"))
    except FileNotFoundError:
        raise DataError(
            Problem(
                place,
                "is not there",
                "write one, or correct `package` in programme.toml",
            )
        ) from None
    except OSError as error:
        raise DataError(Problem(place, f"cannot be read: {error.strerror or error}")) from None
    except UnicodeDecodeError as error:
        raise DataError(
            Problem(place, f"is not UTF-8 (byte {error.start + 1})", "save it as UTF-8")
        ) from None
    except json.JSONDecodeError as error:
        place = place.at(line=error.lineno, column=error.colno)
        message = error.msg[0].lower() + error.msg[1:]
        hint = "look at this line and the one above: a comma, quote or bracket too many or too few"
        raise DataError(Problem(place, f"is not valid JSON: {message}", hint)) from None
    if not isinstance(raw, dict):
        raise DataError(
            Problem(place, "does not hold an object", "it starts with { and ends with }")
        )
    return raw
