"""The manifest, the index and the crate of a release, if the audit lets it pass."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jpreport import __version__
from jpreport.errors import Problem
from jpreport.figures import FigureRecord
from jpreport.files import Store, digest_bytes, to_json_bytes, write_atomic
from jpreport.release.gate import Candidate, pass_gate
from jpreport.release.planning import Plan
from jpreport.release.request import Request
from jpreport.release.unchanged import edition_key


def publish(request: Request, plan: Plan, store: Store) -> tuple[Problem, ...]:
    """Write the manifest and the index, if the audit finds nothing; else return what it found."""
    survey = plan.survey
    current = plan.slugs(request)
    records = {slug: store.edition(slug) for slug in current}
    entries = {slug: record for slug, record in records.items() if record}
    published = _published(request, plan, entries)
    _tidy(request.output, store, published)
    for table, cube in survey.cubes.items():
        # What the audit holds every published number against.
        write_atomic(store.cubes / f"{table}.json", to_json_bytes(cube.to_json()))
    store.keep_closed({name: plan.read.get(name, "") for name in survey.closed})
    outputs = tuple(name for record in entries.values() for name in record["outputs"])
    if request.audited and not request.restricted:
        made = Candidate(survey, request.output, outputs, published, plan.read, plan.environment)
        if found := pass_gate(made, store):
            return found
    else:
        for name, content in published.items():
            write_atomic(request.output / name, content)
    whole = not request.reports and request.formats is None
    if whole and len(entries) == len(current) and not survey.faults.keys() & set(current):
        store.keep_survey(
            {
                "read": dict(plan.read),
                "environment": dict(plan.environment),
                "editions": {slug: edition_key(record) for slug, record in entries.items()},
                "published": {name: digest_bytes(one) for name, one in published.items()},
            }
        )
    store.save_digests()
    return ()


def _published(
    request: Request, plan: Plan, entries: Mapping[str, Mapping[str, Any]]
) -> dict[str, bytes]:
    """Return the files of a release beside its reports, by name."""
    from jpreport.export.index import render_index
    from jpreport.release.crate import crate_files

    survey = plan.survey
    published: dict[str, bytes] = {}
    slugs = plan.slugs(request)
    front = next((survey.fronts[slug] for slug in slugs if slug in survey.fronts), None)
    if front is not None:
        listed = [{**record, "slug": slug} for slug, record in entries.items()]
        index = render_index(front, listed, survey.settings.root)
        published["index.html"] = index.encode()
    manifest = {
        "version": 2,
        "jpreport": __version__,
        "programme": survey.settings.programme.title,
        "synthetic": survey.package.synthetic,
        "inputs": _input_digests(request, plan),
        "protected": sorted(survey.closed),
        "environment": dict(plan.environment),
        "indicators": [FigureRecord.of(one).alone.to_json() for one in survey.figures],
        "reports": entries,
    }
    if request.restricted:
        manifest["audience"] = "restricted"
    published["manifest.json"] = to_json_bytes(manifest)
    if not request.restricted:
        root = survey.settings.root
        published |= crate_files(request.output, root, entries, survey.fronts, published)
    return published


def _input_digests(request: Request, plan: Plan) -> dict[str, str]:
    """Return the digests of the inputs as a manifest has them.

    Those of records of persons are not told, nor the notebooks of another audience named.
    """
    editions = plan.survey.editions
    own = {edition.report.notebook for edition in editions if request.takes(edition)}
    others = {edition.report.notebook for edition in editions} - own
    inputs = {**plan.read, **plan.survey.closed}
    return {name: digest for name, digest in inputs.items() if name not in others}


def _tidy(output: Path, store: Store, published: Mapping[str, bytes]) -> None:
    """Remove what the last build published and this one does not: a notebook no longer used."""
    for name in store.survey().get("published", {}).keys() - published.keys():
        (output / name).unlink(missing_ok=True)
