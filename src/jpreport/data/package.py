"""Read `datapackage.json` (Frictionless Data Package v2): typed, frozen, every problem at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

from jpreport.data.cleaning import cleaning_of, unfit_steps
from jpreport.data.contract import Field, ForeignKey, Match, Package, Resource
from jpreport.data.descriptor import Faults, Node, read_json
from jpreport.data.dialect import dialect_of, encoding_of, format_of, source_of, table_file
from jpreport.data.fields import read_field
from jpreport.errors import DataError, Place, did_you_mean
from jpreport.programme.folder import STAGED_CUBES
from jpreport.programme.settings import Settings

__all__ = ["Field", "ForeignKey", "Package", "Resource", "read_package"]

_PACKAGE = (
    "$schema", "name", "id", "title", "description", "homepage", "version", "created", "keywords",
    "image", "licenses", "sources", "contributors", "resources", "profile", "jpreport",
)  # fmt: skip
_RESOURCE = (
    "$schema", "name", "path", "data", "type", "title", "description", "format", "mediatype",
    "encoding", "bytes", "hash", "licenses", "sources", "homepage", "schema", "dialect", "profile",
    "jpreport",
)  # fmt: skip
_SCHEMA = ("$schema", "fields", "fieldsMatch", "missingValues", "primaryKey", "uniqueKeys",
           "foreignKeys", "title", "description")  # fmt: skip
# What the standard has, and nobody would notice that we do not do.
_NOT_DONE = {
    "uniqueKeys": 'use "primaryKey", or "unique" in constraints',
    "hash": "leave it out: jpreport keeps digests of its own",
    "bytes": "leave it out: jpreport keeps digests of its own",
}

# Words that SQL keeps for itself: a table of that name could never be asked for.
SQL_WORDS = (
    "all analyse analyze and any array as asc asymmetric both case cast check collate column "
    "constraint create default deferrable desc describe distinct do else end except false fetch "
    "for foreign from group having in initially intersect into lambda lateral leading limit not "
    "null offset on only or order pivot pivot_longer pivot_wider placing primary qualify "
    "references returning select show some summarize symmetric table then to trailing true union "
    "unique unpivot using variadic when where window with"
)


def _schema(node: Node, folder: Path, root: Path) -> Node | None:
    schema = node.raw.get("schema")
    if isinstance(schema, str):
        path = folder / schema
        if "://" in schema or not path.resolve().is_relative_to(folder.resolve()):
            node.fault(f'the schema "{schema}" leads out of the folder of the package')
            return None
        try:
            schema = read_json(path, Place(source_of(path, root)))
        except DataError as error:
            node.faults.problems += error.problems
            return None
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not fields or not isinstance(fields, list):
        node.fault("has no schema", 'add "schema": {"fields": [{"name": …, "type": …}, …]}')
        return None
    if not all(isinstance(field, dict) for field in fields):
        node.fault('"fields" holds something other than objects')
        return None
    return Node(schema, node.place, node.faults)


def _known_fields(node: Node, names: tuple[str, ...], known: list[str], what: str) -> None:
    for name in names:
        if name not in known:
            node.fault(
                f'{what} names the field "{name}", which is not there', did_you_mean(name, known)
            )


def _foreign_keys(schema: Node, table: str) -> Iterator[ForeignKey]:
    for number, raw in enumerate(schema.get("foreignKeys", list, []), start=1):
        place = schema.place.at(f"foreign key {number}")
        if not isinstance(raw, dict) or not isinstance(raw.get("reference"), dict):
            schema.faults.add(place, 'needs "fields" and "reference"')
            continue
        key, reference = (
            Node(raw, place, schema.faults),
            Node(raw["reference"], place, schema.faults),
        )
        fields, references = key.texts("fields"), reference.texts("fields")
        if not fields or len(fields) != len(references):
            key.fault(f"has {len(fields)} fields here and {len(references)} in the reference")
            continue
        yield ForeignKey(fields, reference.get("resource", str, "") or table, references)


def _name_faults(node: Node, name: str) -> None:
    if not name.isidentifier():
        node.fault(
            f'"{name}" cannot name a table',
            "use letters, digits and underscores, no spaces or hyphens",
        )
    elif name.lower() in SQL_WORDS.split():
        node.fault(
            f'"{name}" is a word of SQL and cannot name a table', f'such as "{name}_records"'
        )


def _match(node: Node, schema: Node) -> Match:
    """Return which columns the file may have; what would be left undone is refused."""
    for key, hint in _NOT_DONE.items():
        if schema.raw.get(key) or node.raw.get(key):
            node.fault(f'"{key}" is not supported', hint)
    match = "".join(schema.texts("fieldsMatch", ("equal",)))
    if match not in get_args(Match):
        node.fault(f'"fieldsMatch" cannot be "{match}"', did_you_mean(match, get_args(Match)))
        return "equal"
    return cast(Match, match)


def _resource(  # noqa: PLR0913, PLR0917
    raw: Any,  # noqa: ANN401 (JSON)
    number: int,
    folder: Path,
    root: Path,
    package: Node,
    zone: str,
) -> Resource | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
        package.faults.add(package.place.at(f"resource number {number}"), 'needs a "name"')
        return None
    name: str = raw["name"]
    node = Node(raw, package.place.at(f"resource {name}"), package.faults)
    _name_faults(node, name)
    node.near_misses(_RESOURCE)
    file = table_file(node, folder, root)
    schema = _schema(node, folder, root)
    kind = format_of(node, file[0]) if file else None
    delimiter, sheet = dialect_of(node, kind or "xlsx")
    encoding = encoding_of(node)
    own = node.child("jpreport")
    own.only(("date", "sensitive", "clean"), 'in "jpreport", the property')
    if schema is None:
        return None
    schema.near_misses(_SCHEMA)
    match = _match(node, schema)
    missing = schema.texts("missingValues", ("",))
    fields = tuple(
        replace(read_field(field, node.place, node.faults, missing), zone=zone)
        for field in schema.raw["fields"]
    )
    known = [field.name for field in fields]
    for field, count in Counter(map(str.lower, known)).items():
        if count > 1:
            node.fault(f'the field "{field}" is declared {count} times', "give each its own name")
    primary_key = schema.texts("primaryKey")
    _known_fields(node, primary_key, known, "the primary key")
    foreign_keys = tuple(_foreign_keys(schema, name))
    for key in foreign_keys:
        _known_fields(node, key.fields, known, "a foreign key")
    date = own.get("date", str, "") or None
    if date is not None:
        dates = [field.name for field in fields if field.type in {"date", "datetime"}]
        _known_fields(node, (date,), known, '"jpreport.date"')
        if date in known and date not in dates:
            hint = f"columns of dates: {', '.join(dates)}" if dates else "it has no column of dates"
            node.fault(f'"jpreport.date" names "{date}", which holds no dates', hint)
    if file is None or kind is None:
        return None
    resource = Resource(
        name=name,
        path=file[0],
        source=file[1],
        format=kind,
        fields=fields,
        title=node.get("title", str, ""),
        description=node.get("description", str, ""),
        sheet=sheet,
        primary_key=primary_key,
        foreign_keys=foreign_keys,
        missing_values=missing,
        date=date,
        match=match,
        cleaning=cleaning_of(node, own),
        delimiter=delimiter,
        encoding=encoding,
        schema=schema.raw,
        sensitive=own.get("sensitive", dict, {}) or None,
    )
    unfit_steps(node, resource)
    return resource


def _references(package: Mapping[str, Resource], declared: list[str], root: Node) -> None:
    """Check where foreign keys lead; tables with faults of their own are not blamed twice."""
    for resource in package.values():
        node = Node({}, root.place.at(f"resource {resource.name}"), root.faults)
        for key in resource.foreign_keys:
            if key.table not in declared:
                message = f'a foreign key refers to the table "{key.table}", which is not there'
                node.fault(message, did_you_mean(key.table, declared))
                continue
            target = package.get(key.table)
            if target is None:
                continue
            known = list(target.field_names)
            _known_fields(node, key.references, known, f'a foreign key to "{key.table}"')
            for name, reference in zip(key.fields, key.references, strict=True):
                if name in resource.field_names and reference in known:
                    own, other = resource.field(name).type, target.field(reference).type
                    if own != other:
                        node.fault(
                            f'"{name}" is of type {own}, but refers to "{key.table}.{reference}" '
                            f"of type {other}",
                            "declare both with one type",
                        )


def _named(node: Node, key: str) -> tuple[str, ...]:
    """Return licenses or sources by title, name or path, whichever they have."""
    entries = [entry for entry in node.get(key, list, []) if isinstance(entry, dict)]
    names = (entry.get("title") or entry.get("name") or entry.get("path") for entry in entries)
    return tuple(str(name) for name in names if name)


def _created(node: Node) -> str:
    created = node.get("created", str, "")
    try:
        if created:
            dt.datetime.fromisoformat(created)
    except ValueError:
        node.fault(f'"created" is "{created}", not a moment', 'such as "2012-12-01T00:00:00Z"')
    return created


def _resources(node: Node, folder: Path, root: Path, zone: str) -> dict[str, Resource]:
    raw = node.get("resources", list, [])
    if not raw:
        node.fault("has no resources", 'list each table under "resources"')
    names = [entry["name"] for entry in raw if isinstance(entry, dict) and "name" in entry]
    # SQL does not tell capitals from small letters.
    for name, count in Counter(str(name).lower() for name in names).items():
        if count > 1:
            node.fault(f'the resource "{name}" is declared {count} times', "give each its own name")
    found = (
        _resource(entry, number, folder, root, node, zone) for number, entry in enumerate(raw, 1)
    )
    resources = {resource.name: resource for resource in found if resource is not None}
    _references(resources, names, node)
    for resource in resources.values():
        # A folder that was staged for a release has the cube in place of the records.
        if resource.sensitive and (root / STAGED_CUBES / f"{resource.name}.json").is_file():
            continue
        if not resource.path.is_file():
            near = [
                source_of(path, root) for path in resource.path.parent.glob("*") if path.is_file()
            ]
            message = f"the file {resource.source} is not there"
            node.faults.add(
                node.place.at(f"resource {resource.name}"),
                message,
                did_you_mean(resource.source, near),
            )
    return resources


def programme_package(settings: Settings) -> Package:
    """Return the package of a programme, as `read_package` does."""
    programme = settings.programme
    return read_package(settings.root / programme.package, settings.root, programme.timezone)


def read_package(path: Path, root: Path, timezone: str = "UTC") -> Package:
    """Return the package declared in a `datapackage.json`; no table is opened.

    `path` is absolute or relative to `root`, the programme folder. Moments are told in `timezone`
    (IANA). Raises DataError with every
    problem: malformed JSON, types and properties that are not supported, tables without a
    schema, keys and dates that name unknown columns, files that are missing or stand outside.
    """
    root = root.absolute()
    path = root / path
    faults, place = Faults(), Place(source_of(path, root))
    node = Node(read_json(path, place), place, faults)
    node.near_misses(_PACKAGE)
    own = node.child("jpreport")
    own.only(("synthetic",), 'in "jpreport", the property')
    package = Package(
        path=path,
        place=place,
        title=node.get("title", str, "") or node.get("name", str, ""),
        resources=_resources(node, path.parent, root, timezone),
        description=node.get("description", str, ""),
        synthetic=own.get("synthetic", bool, False),
        created=_created(node),
        version=node.get("version", str, ""),
        licenses=_named(node, "licenses"),
        sources=_named(node, "sources"),
    )
    if faults.problems:
        raise DataError(dict.fromkeys(faults.problems))
    return package
