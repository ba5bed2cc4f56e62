"""Read the results framework from a table, CSV or XLSX: a row is an indicator or a part of one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from jpreport.errors import Place, Problem, ProjectError, did_you_mean
from jpreport.files.inputs import read_input
from jpreport.files.sheets import Sheet
from jpreport.files.workbook import BROKEN, read_sheet
from jpreport.programme.framework import Declared, Indicator, Level, Text

# What columns are often called, in small letters; others bear the name of their key.
_CALLED: Mapping[str, str] = {
    "code": "id", "no": "id", "no.": "id", "indicator id": "id", "indicator code": "id",
    "indicator": "title", "indicator title": "title", "description": "title",
    "result level": "level", "outcome/output": "level", "unit of measure": "unit",
    "base line": "baseline", "baseline value": "baseline", "baseline year": "baseline_year",
    "target value": "target", "final target": "target", "upper target": "target_upper",
    "source of verification": "verification", "means of verification": "verification",
    "reason for variance": "variance_reason", "reason of variance": "variance_reason",
    "published in": "published_in", "breakdown": "disaggregate",
}  # fmt: skip
_NUMBERS = ("baseline", "target", "target_upper", "published")
_WHOLE = ("baseline_year", "decimals")
_LISTS = ("disaggregate",)
_OWN = ("part",)
_KEYS = (*Indicator.model_fields.keys() - {"milestones", "targets"}, *_OWN)
_UNSTATED = frozenset(("", "-", "\N{EN DASH}", "n/a", "na", "not stated", "tbd"))
_MILESTONE = re.compile(r"(?:target|milestone)\s+(\d{4}(?:-\d\d-\d\d/\d{4}-\d\d-\d\d)?)")
_RANGE = re.compile(r"(.+?)\s*(?:\bto\b|\N{EN DASH}|(?<=\d)\s?-)\s*(.+)")


class FrameworkFile(Declared):
    """Where the results framework stands, and what holds for rows that state nothing else."""

    file: Text
    """XLSX or CSV."""
    sheet: str | int = 1
    """Its sheet, by name or number."""
    level: Level = "output"
    """The level of rows that state none."""
    table: str = ""
    """The table of rows that state none."""
    where: str = ""
    """The condition of rows that state none; "{id}" is the row's own."""
    measure: str = ""
    """The measure of rows that state none; "{id}" is the row's own."""
    unit: str = ""
    """The unit of rows that state none."""


def _in_file(value: object) -> object:
    return {"file": value} if isinstance(value, str) else value


Framework = Annotated[FrameworkFile, BeforeValidator(_in_file)]


def with_rows(raw: dict[str, Any], root: Path) -> tuple[dict[str, Any], list[Indicator]]:
    """Return settings as they are written, without the indicators of the framework's table; these.

    What is wrong with the settings themselves is left to who reads them. Raises ProjectError as
    `read_framework` does.
    """
    entries = raw.get("indicator", [])
    written = isinstance(entries, list) and all(isinstance(one, dict) for one in entries)
    try:
        file: FrameworkFile = TypeAdapter(Framework).validate_python(raw.get("framework"))
    except ValidationError:
        return raw, []
    if not written:
        return raw, []
    rows = read_framework(file, root, {str(one.get("id")): one for one in entries})
    known = {one.id for one in rows}
    return {**raw, "indicator": [one for one in entries if one.get("id") not in known]}, rows


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as it stands in the file: the texts of its cells by key, and its milestones."""

    place: Place
    cells: Mapping[str, str]
    milestones: Mapping[str, str]

    def at(self, key: str) -> Place:
        return self.place.at(column=key)


def read_framework(
    framework: FrameworkFile, root: Path, declared: Mapping[str, Mapping[str, Any]]
) -> list[Indicator]:
    """Return the indicators of a framework's table, in its order.

    `declared` is what `programme.toml` says of indicators, by id: it is added to what the table
    says of them, which may not say another thing. A row with a `part`, such as "sex=Female", has
    the target of that part. Raises ProjectError with every problem, by row and column.
    """
    problems: list[Problem] = []
    merged: dict[str, dict[str, Any]] = {}
    rows: dict[str, _Row] = {}
    for row in _rows(framework, root):
        said = _said(row, problems)
        name = str(said.get("id", ""))
        part = said.pop("part", "")
        if part:
            if name in merged and "target" in said:
                merged[name].setdefault("targets", {})[part] = said["target"]
            else:
                problems.append(Problem(row.at("part"), "needs an indicator above, and a target"))
            continue
        if name in merged:
            problems.append(Problem(row.at("id"), f'"{name}" stands in a row above already'))
            continue
        for key, value in declared.get(name, {}).items():
            if key != "id" and said.get(key, value) != value:
                message = f'programme.toml says another {key} of "{name}": {value!r}'
                problems.append(Problem(row.at(key), message, "say it in one place"))
            said[key] = value
        merged[name], rows[name] = _filled(framework, said), row
    found = []
    for name, said in merged.items():
        try:
            indicator = Indicator.model_validate(said)
        except ValidationError as error:
            problems += [_problem(rows[name], details) for details in error.errors()]
            continue
        indicator._place = rows[name].place  # noqa: SLF001 (only said here)
        found.append(indicator)
    if problems:
        raise ProjectError(dict.fromkeys(problems))
    return found


def _filled(framework: FrameworkFile, said: dict[str, Any]) -> dict[str, Any]:
    """Return a row with what holds for all rows."""
    usual = {key: getattr(framework, key) for key in ("table", "where", "measure")}
    if said.get("numerator"):
        usual = {}
    filled = {"level": framework.level, "unit": framework.unit, **usual}
    filled |= {key: value for key, value in said.items() if value not in ("", None)}
    own = str(said.get("id", "")).replace("'", "''")
    for key in ("where", "measure"):
        if key in filled:
            filled[key] = str(filled[key]).replace("{id}", own)
    return filled


def _problem(row: _Row, details: Any) -> Problem:  # noqa: ANN401 (pydantic's)
    key = next((str(part) for part in details["loc"] if str(part) in _KEYS), "")
    message = details["msg"].removeprefix("Value error, ")
    if details["type"] == "missing":
        message = "is missing"
    return Problem(row.at(key) if key else row.place, message[:1].lower() + message[1:])


def _said(row: _Row, problems: list[Problem]) -> dict[str, Any]:
    """Return what a row says, each value of the type that its key has."""
    said: dict[str, Any] = {}
    text = row.cells.get("kind") == "text"
    for key, cell in row.cells.items():
        if cell.casefold() in _UNSTATED:
            continue
        try:
            if key in _LISTS:
                said[key] = [one.strip() for one in re.split("[;,]", cell) if one.strip()]
            elif key in _NUMBERS and not text:
                said |= _numbers(key, cell)
            elif key in _WHOLE:
                said[key] = int(cell)
            else:
                said[key] = cell.casefold() if key in {"level", "direction", "qualifier"} else cell
        except (ValueError, InvalidOperation):
            problems.append(Problem(row.at(key), f'"{cell}" is not a number', "such as 1234.5"))
    for days, cell in row.milestones.items():
        try:
            if cell.casefold() not in _UNSTATED:
                said.setdefault("milestones", {})[days] = _number(cell)
        except InvalidOperation:
            where = row.at(f"target {days}")
            problems.append(Problem(where, f'"{cell}" is not a number', "such as 1234.5"))
    return said


def _numbers(key: str, cell: str) -> dict[str, int | float]:
    ends = _RANGE.fullmatch(cell) if key == "target" else None
    if ends:
        return {"target": _number(ends[1]), "target_upper": _number(ends[2])}
    return {key: _number(cell)}


def _number(cell: str) -> int | float:
    """Return a number as it is written, "12.5%" as a share; raises InvalidOperation."""
    percent = cell.endswith("%")
    if "_" in cell:
        raise InvalidOperation
    value = Decimal(cell.removesuffix("%").strip()).scaleb(-2 if percent else 0)
    if not value.is_finite():
        raise InvalidOperation
    return int(value) if value == value.to_integral_value() else float(value)


def _rows(framework: FrameworkFile, root: Path) -> Iterator[_Row]:
    """Yield the rows of the file that hold something; raises ProjectError."""
    place = Place(framework.file)
    path = (root / framework.file).resolve()
    lines = _lines(framework, path, place) if path.is_relative_to(root.resolve()) else None
    if lines is None:
        raise ProjectError(
            Problem(place, "is not in the programme folder", "copy it there"),
        )
    if not lines:
        raise ProjectError(Problem(place, "is empty", "its first row names the columns"))
    header, *body = lines
    keys = [_key(name) for name in header]
    problems = [
        Problem(place.at(row=1, column=name), f'there is no "{name}"', did_you_mean(key, _KEYS))
        for name, key in zip(header, keys, strict=True)
        if name and key not in _KEYS and not _MILESTONE.fullmatch(key)
    ]
    problems += [
        Problem(place.at(row=1), f'the column "{name}" is missing', f"name one of them {name}")
        for name in ("id", "title")
        if name not in keys
    ]
    if problems:
        raise ProjectError(problems)
    for number, line in enumerate(body, start=2):
        if any(line):
            pairs = [(key, cell) for key, cell in zip(keys, line, strict=False) if key]
            dated = {m[1]: cell for key, cell in pairs if (m := _MILESTONE.fullmatch(key))}
            cells = {key: cell for key, cell in pairs if key in _KEYS}
            yield _Row(place.at(row=number), cells, dated)


def _key(name: str) -> str:
    plain = " ".join(name.replace("_", " ").casefold().split())
    called = _CALLED.get(plain, plain)
    return called.replace(" ", "_") if called.replace(" ", "_") in _KEYS else called


def _lines(framework: FrameworkFile, path: Path, place: Place) -> Sequence[Sequence[str]]:
    try:
        content = read_input(path)
    except OSError:
        near = [p.relative_to(path.parent).as_posix() for p in path.parent.glob("*.*")]
        hint = did_you_mean(path.name, near)
        raise ProjectError(Problem(place, "is not there", hint)) from None
    if path.suffix.lower() not in {".xlsx", ".ods"}:
        try:
            text = content.decode("utf-8-sig")
            return [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text))]
        except (UnicodeDecodeError, csv.Error) as error:
            message = f"is no CSV file in UTF-8: {error}"
            raise ProjectError(Problem(place, message, 'save it as "CSV UTF-8"')) from None
    try:
        sheet = read_sheet(content, framework.sheet)
    except BROKEN:
        raise ProjectError(Problem(place, "is no workbook", "save it as .xlsx or .ods")) from None
    if not isinstance(sheet, Sheet):
        message = f'has no sheet "{framework.sheet}"; its sheets are: {", ".join(sheet)}'
        raise ProjectError(Problem(place, message))
    if sheet.merged or sheet.uncalculated:
        what = "merged cells" if sheet.merged else "formulas without their results"
        hint = "unmerge them" if sheet.merged else "open and save it in Excel"
        raise ProjectError(Problem(place.at(sheet=sheet.name), f"has {what}", hint))
    return [[_text(cell) for cell in line] for line in sheet.lines]


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()
