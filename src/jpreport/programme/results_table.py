"""Read the results framework from a table, CSV or XLSX: a row is an indicator or a part of one."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from jpreport.errors import Place, Problem, ProjectError, did_you_mean
from jpreport.files.inputs import read_input
from jpreport.files.sheets import Sheet
from jpreport.files.workbook import BROKEN, read_sheet
from jpreport.programme.framework import Declared, Indicator, Level, Names, Text
from jpreport.programme.headings import direction_of, is_per_cent, level_of, objective_of, part_of

_NUMBERS = ("baseline", "target", "target_upper", "published")
_WHOLE = ("baseline_year", "decimals")
_LISTS = ("disaggregate",)
_OWN = ("part",)
_KEYS = (*Indicator.model_fields.keys() - {"milestones", "baselines", "targets"}, *_OWN)
_UNSTATED = frozenset(("", "-", "\N{EN DASH}", "n/a", "na", "not stated", "tbd"))
_MILESTONE = re.compile(r"(?:target|milestone)\s+(\d{4}(?:-\d\d-\d\d/\d{4}-\d\d-\d\d)?)")
_RANGE = re.compile(r"(.+?)\s*(?:\bto\b|\N{EN DASH}|(?<=\d)\s?-)\s*(.+)")


class FrameworkFile(Declared):
    """Where the results framework stands, and what holds for rows that state nothing else."""

    file: Text
    """XLSX, ODS or CSV."""
    sheet: str | int = 1
    """Its sheet, by name or number."""
    header_row: Annotated[int, Field(gt=0)] = 1
    """The row that names the columns; those above it are titles."""
    ignore: Names = ()
    """Columns that say nothing of this, such as what was achieved."""
    decimal: Literal[".", ","] = "."
    """The decimal sign of numbers that are text."""
    group: str = ""
    """The sign between their thousands."""
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
    stated = raw.get("objective")
    objectives = stated if isinstance(stated, list) else []
    titles = {str(one.get("id")): str(one.get("title")) for one in objectives if one is not None}
    rows = read_framework(file, root, {str(one.get("id")): one for one in entries}, titles)
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
    framework: FrameworkFile,
    root: Path,
    declared: Mapping[str, Mapping[str, Any]],
    objectives: Mapping[str, str],
) -> list[Indicator]:
    """Return the indicators of a framework's table, in its order.

    `declared` is what `programme.toml` says of indicators, by id: it is added to what the table
    says of them, which may not say another thing. A row with a `part`, such as "sex=Female", has
    the target of that part, and its baseline. `objectives` are titles by id. Raises ProjectError
    with every problem, by row and column.
    """
    problems: list[Problem] = []
    merged: dict[str, dict[str, Any]] = {}
    rows: dict[str, _Row] = {}
    for row in _rows(framework, root):
        said = _said(row, problems, framework, objectives)
        name = str(said.get("id", ""))
        if part := said.pop("part", ""):
            _add_part(row, part, said, merged.get(name), problems)
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


def _add_part(
    row: _Row,
    part: str,
    said: Mapping[str, Any],
    whole: dict[str, Any] | None,
    problems: list[Problem],
) -> None:
    """Add what a row says of a part to the indicator above it, which is the whole."""
    stated = {f"{key}s": said[key] for key in ("baseline", "target") if key in said}
    if whole is None or not stated:
        message = "needs an indicator above, and a baseline or a target"
        problems.append(Problem(row.at("part"), message))
        return
    for key, value in stated.items():
        whole.setdefault(key, {})[part] = value


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


def _said(
    row: _Row, problems: list[Problem], framework: FrameworkFile, objectives: Mapping[str, str]
) -> dict[str, Any]:
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
                said |= _numbers(key, cell, framework)
            elif key in _WHOLE:
                said[key] = int(cell)
            else:
                said[key] = _worded(key, cell, objectives)
        except (ValueError, InvalidOperation):
            problems.append(Problem(row.at(key), f'"{cell}" is not a number', "such as 1234.5"))
    for days, cell in row.milestones.items():
        try:
            if cell.casefold() not in _UNSTATED:
                said.setdefault("milestones", {})[days] = _number(cell, framework)
        except InvalidOperation:
            where = row.at(f"target {days}")
            problems.append(Problem(where, f'"{cell}" is not a number', "such as 1234.5"))
    return said


def _worded(key: str, cell: str, objectives: Mapping[str, str]) -> str:
    """Return what a text says in the words of its key, as far as these are known."""
    match key:
        case "objective":
            return objective_of(cell, objectives)
        case "level":
            return level_of(cell) or cell.casefold()
        case "direction":
            return direction_of(cell) or cell.casefold()
        case "unit":
            return "share" if is_per_cent(cell) else cell
    return cell.casefold() if key == "qualifier" else cell


def _numbers(key: str, cell: str, framework: FrameworkFile) -> dict[str, int | float]:
    ends = _RANGE.fullmatch(cell) if key == "target" else None
    if ends:
        said = (_number(end, framework) for end in ends.groups())
        return dict(zip(("target", "target_upper"), said, strict=True))
    return {key: _number(cell, framework)}


def _number(cell: str, framework: FrameworkFile) -> int | float:
    """Return a number as it is written, "12.5%" as a share; raises InvalidOperation."""
    percent, text = cell.endswith("%"), cell.removesuffix("%").strip()
    point, group = re.escape(framework.decimal), re.escape(framework.group)
    if framework.group and framework.group in text:
        if not re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}({group}\d{{3}})+({point}\d+)?", text):
            raise InvalidOperation
        text = text.replace(framework.group, "")
    if "_" in text or (framework.decimal != "." and "." in text):
        raise InvalidOperation
    value = Decimal(text.replace(framework.decimal, ".")).scaleb(-2 if percent else 0)
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
    header, *body = lines[framework.header_row - 1 :] or [[]]
    keys = [_key(name) if name not in framework.ignore else "" for name in header]
    at = place.at(row=framework.header_row)
    problems = [
        Problem(at.at(column=name), f'there is no "{name}"', _cure(name, key))
        for name, key in zip(header, keys, strict=True)
        if name and key and key not in _KEYS and not _MILESTONE.fullmatch(key)
    ]
    problems += [
        Problem(at, f'the column "{name}" is missing', f"name one of them {name}")
        for name in ("id", "title")
        if name not in keys
    ]
    problems += [
        Problem(at.at(column=key), f"{count} columns are its", "list the others under ignore")
        for key, count in Counter(filter(None, keys)).items()
        if count > 1
    ]
    if problems:
        raise ProjectError(problems)
    for number, line in enumerate(body, start=framework.header_row + 1):
        if any(line):
            pairs = [(key, cell) for key, cell in zip(keys, line, strict=False) if key]
            dated = {m[1]: cell for key, cell in pairs if (m := _MILESTONE.fullmatch(key))}
            cells = {key: cell for key, cell in pairs if key in _KEYS}
            yield _Row(place.at(row=number), cells, dated)


def _cure(name: str, key: str) -> str:
    return f'{did_you_mean(key, _KEYS)}; else say ignore = ["{name}"] under [framework]'


def _key(name: str) -> str:
    plain = " ".join(name.replace("_", " ").casefold().split())
    key = plain.replace(" ", "_")
    return key if key in _KEYS else part_of(name) or plain


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
            sign = max(",;\t", key=text.partition("\n")[0].count)
            lines = csv.reader(io.StringIO(text), delimiter=sign)
            return [[cell.strip() for cell in line] for line in lines]
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
    return [[_text(cell, framework.decimal) for cell in line] for line in sheet.lines]


def _text(cell: object, decimal: str) -> str:
    """Return a cell as a text would say it."""
    if isinstance(cell, float):
        digits = format(Decimal(str(cell)), "f").replace(".", decimal)
        return str(int(cell)) if cell.is_integer() else digits
    return "" if cell is None else str(cell).strip()
