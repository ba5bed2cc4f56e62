"""A release as an RO-Crate, which archives understand: its files, and the runs that made them.

RO-Crate 1.2 with the profile Process Run Crate 0.5 of Workflow Run RO-Crate: a release is made by
several runs of several notebooks, and none of these is its main workflow, which the other two
profiles ask for. https://w3id.org/ro/wfrun/process/0.5
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from platform import python_version
from typing import Any

from slugify import slugify

from jpreport.document.cover import FrontMatter
from jpreport.document.formats import Format, load_format
from jpreport.files import EditionRecord, digest_bytes, to_json_bytes
from jpreport.files.canonical import canonical_or_same
from jpreport.files.inputs import read_input
from jpreport.programme.folder import MANIFEST, STAGED_CUBES
from jpreport.programme.formats import registered_formats

NAME = "ro-crate-metadata.json"
_SPECIFICATION = "https://w3id.org/ro/crate/1.2"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_NO_LICENCE = "#licence-not-stated"
_PYTHON = "#python"
_LISTS = {
    "index.html": ("Reports", "The page that lists the reports of this release."),
    MANIFEST: ("Manifest", "Digests of all that went in and came out, and every figure quoted."),
}
_CUBE = "The counts of a sensitive table that may be published; null where one is suppressed."
_EXECUTED = "The notebook as it was executed, with its outputs."
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Entity = dict[str, Any]
Records = Mapping[str, EditionRecord]


def crate_files(
    output: Path,
    root: Path,
    reports: Records,
    fronts: Mapping[str, FrontMatter],
    published: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Return what makes a folder of reports a crate: its metadata file, and their notebooks.

    `root` is the programme folder, `reports` are the manifest's, `published` are the contents of
    the files that are written beside the reports. The same give the same bytes; the only dates
    are those that the reports bear. Inputs are named with their digests and are not part of the
    crate; of a sensitive table that is its protected cube.
    """
    templates = {
        name: canonical_or_same(read_input(root / name))
        for name in sorted({record.notebook for record in reports.values()})
        # Who builds into the programme folder itself has them there.
        if (output / name).resolve() != (root / name).resolve()
    }
    there = {slug: replace(one, outputs=_there(output, one)) for slug, one in reports.items()}
    metadata = to_json_bytes(_metadata(output, there, fronts, dict(published), templates))
    return {**templates, NAME: metadata}


def _metadata(
    output: Path,
    reports: Records,
    fronts: Mapping[str, FrontMatter],
    published: dict[str, bytes],
    templates: dict[str, bytes],
) -> dict[str, Any]:
    digests = {name: digest_bytes(content) for name, content in templates.items()}
    entities = [
        *_software(),
        *(
            entity
            for slug, record in reports.items()
            for entity in _run(slug, record, _instrument(record, digests))
        ),
        *(entity for front in list(fronts.values())[:1] for entity in _bodies(front)),
        *(entity for record in reports.values() for entity in _inputs(record)),
        _entity(
            _NO_LICENCE,
            "CreativeWork",
            name="not stated",
            description="The sources of the programme state no licence for its reports.",
        ),
        _entity(_PROFILE, ["CreativeWork", "Profile"], name="Process Run Crate", version="0.5"),
        *_standards(reports),
    ]
    files = [
        *(_notebook(name, content) for name, content in templates.items()),
        *_report_files(output, reports, fronts),
        *(
            _file(name, *_said_of(name), len(content), digest_bytes(content))
            for name, content in published.items()
        ),
    ]
    parts = sorted(files, key=_id)
    contexts = {entity["@id"]: entity for entity in sorted(entities, key=_id)}
    root = _entity("./", "Dataset", **_root(fronts, entities), hasPart=_links(map(_id, parts)))
    descriptor = _entity(
        NAME, "CreativeWork", about={"@id": "./"}, conformsTo={"@id": _SPECIFICATION}
    )
    return {
        "@context": f"{_SPECIFICATION}/context",
        "@graph": [root, descriptor, *parts, *contexts.values()],
    }


def _said_of(name: str) -> tuple[str, str]:
    """Return the title and the description of a file beside the reports."""
    table = PurePosixPath(name).stem
    return _LISTS.get(name, (f"Protected cube of {table}", _CUBE))


def _id(entity: Entity) -> str:
    return str(entity["@id"])


def _entity(key: str, kind: str | list[str], /, **properties: object) -> Entity:
    said = {name: value for name, value in properties.items() if value not in ("", [], None)}
    return {"@id": key, "@type": kind, **said}


def _links(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"@id": name} for name in dict.fromkeys(names)]


def _root(fronts: Mapping[str, FrontMatter], entities: list[Entity]) -> dict[str, Any]:
    front = next(iter(fronts.values()), FrontMatter())
    synthetic = "The records behind the reports are synthetic. " if front.illustrative else ""
    roles = {"author": "participating", "contributor": "government implementing other"}
    bodies = {
        key: _links(_body(one.name) for one in front.organizations if one.role in role.split())
        for key, role in roles.items()
    }
    actions = _links(_id(entity) for entity in entities if entity["@type"] == "CreateAction")
    return {
        "name": f"{front.programme}: reports",
        "description": f"{synthetic}{front.objective or 'Reports of the programme.'}",
        # A report without a date is dated by the end of what it reports on.
        "datePublished": max((one.date or one.end for one in fronts.values()), default=""),
        "license": {"@id": _NO_LICENCE},
        "conformsTo": {"@id": _PROFILE},
        "temporalCoverage": f"{front.start}/{front.end}",
        "inLanguage": front.language,
        "mentions": actions,
        **{key: links for key, links in bodies.items() if links},
        **({"funder": funders} if (funders := _funders(front)) else {}),
    }


def _funders(front: FrontMatter) -> list[dict[str, str]]:
    return _links(_body(one.donor) for one in front.contributions if one.donor)


def _body(name: str) -> str:
    return f"#organization-{slugify(name)}"


def _bodies(front: FrontMatter) -> Iterator[Entity]:
    for donor in filter(None, (one.donor for one in front.contributions)):
        yield _entity(_body(donor), "Organization", name=donor)
    for body in front.organizations:
        short = body.short_name if body.short_name != body.name else ""
        yield _entity(_body(body.name), "Organization", name=body.name, alternateName=short)


def _software() -> Iterator[Entity]:
    """Yield the programs that a run needs; the manifest tells by its digests which jpreport."""
    yield _entity(
        _PYTHON,
        "ComputerLanguage",
        name="Python",
        url="https://www.python.org/",
        version=python_version(),
    )
    addresses = {"jpreport": {"@id": MANIFEST}, "papermill": "https://papermill.readthedocs.io/"}
    for package, address in addresses.items():
        yield _entity(
            f"#{package}",
            "SoftwareApplication",
            name=package,
            url=address,
            version=version(package),
        )


def _notebook(name: str, content: bytes) -> Entity:
    title, about = f"Template: {name}", "Parameterised notebook that reports are made from."
    return _file(name, title, about, len(content), digest_bytes(content)) | {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "programmingLanguage": {"@id": _PYTHON},
        "softwareRequirements": _links(("#jpreport", "#papermill")),
    }


def _run(slug: str, record: EditionRecord, instrument: str) -> Iterator[Entity]:
    parameters = [
        _entity(
            f"#{slug}-{name}",
            "PropertyValue",
            name=name,
            value="not stated" if value is None else value,
        )
        for name, value in sorted(record.parameters.items())
    ]
    yield from parameters
    yield _entity(
        f"#run-{slug}",
        "CreateAction",
        name=f"Making of {slug}",
        description="The notebook is executed by papermill and set by jpreport.",
        instrument={"@id": instrument},
        object=_links([*map(_id, _inputs(record)), *map(_id, parameters)]),
        result=_links(sorted(record.outputs)),
    )


def _instrument(record: EditionRecord, templates: Mapping[str, str]) -> str:
    """Return the notebook that was run; where it changed since, what ran it."""
    name = record.notebook
    ran = record.rendering.get(f"notebook {name}")
    return name if templates.get(name) == ran else "#jpreport"


def _inputs(record: EditionRecord) -> Iterator[Entity]:
    """Yield the files that a run read; what leaves no digest is not told."""
    for name, digest in sorted(record.read.items()):
        path = PurePosixPath(name)
        if digest and path.suffix:
            cube = path.parts[0] == STAGED_CUBES
            yield _entity(
                # Reports that were built at different times may have read different contents.
                f"#{name}-{digest[:12]}",
                "CreativeWork",
                name=f"protected cube of {path.stem}" if cube else name,
                encodingFormat=_media_type(name),
                sha256=digest,
            )


def _report_files(
    output: Path, reports: Records, fronts: Mapping[str, FrontMatter]
) -> Iterator[Entity]:
    for slug, record in reports.items():
        own = fronts[slug].language if slug in fronts else ""
        for name, digest in record.outputs.items():
            executed = name == record.executed
            tag = name.partition(".")[2].rpartition(".")[0]
            language = tag or own
            title = record.translations[tag]["title"] if tag else record.title
            about = _EXECUTED if executed else f"The report, as {PurePosixPath(name).suffix[1:]}."
            size = (output / name).stat().st_size
            file = _file(name, f"{title} ({slug})", about, size, digest)
            yield {**file, "inLanguage": language} if language else file


def _there(output: Path, record: EditionRecord) -> dict[str, str]:
    return {name: one for name, one in record.outputs.items() if (output / name).is_file()}


def _file(name: str, title: str, about: str, size: int, digest: str) -> Entity:
    media_type = _media_type(name)
    standard = made.standard if (made := _format(name)) else None
    return _entity(
        name,
        "File",
        name=title,
        description=about,
        encodingFormat=[media_type, {"@id": standard[0]}] if standard else media_type,
        contentSize=str(size),
        sha256=digest,
    )


def _format(name: str) -> Format | None:
    """Return the format of a file of a report; None for any other file."""
    suffix = PurePosixPath(name).suffix[1:]
    return load_format(suffix) if suffix in registered_formats() else None


def _standards(reports: Records) -> Iterator[Entity]:
    for name in (name for record in reports.values() for name in record.outputs):
        if (made := _format(name)) and made.standard:
            yield _entity(made.standard[0], ["WebPage", "Standard"], name=made.standard[1])


def _media_type(name: str) -> str:
    # Records need no exporter, which takes time to load.
    known = _MEDIA_TYPES.get(PurePosixPath(name).suffix.lower())
    made = None if known else _format(name)
    return known or (made.media_type if made else "application/octet-stream")
