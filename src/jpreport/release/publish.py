"""The manifest, the index and the crate of a release, if the audit lets it pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from jpreport import __version__
from jpreport.data import Records
from jpreport.errors import Problem
from jpreport.execute.kernels.confinement import isolation
from jpreport.figures import FigureRecord
from jpreport.files import (
    EditionRecord,
    Store,
    WholeBuild,
    digest_bytes,
    record_json,
    write_atomic,
)
from jpreport.files.json_parts import joined
from jpreport.programme.folder import RELEASES
from jpreport.release.auditing import EarlyAudit, cube_files
from jpreport.release.gate import Candidate, pass_gate
from jpreport.release.planning import BuildPlan
from jpreport.release.request import Request
from jpreport.release.staleness import Edition
from jpreport.release.unchanged import edition_key


def publish(
    request: Request, plan: BuildPlan, store: Store, early: EarlyAudit | None = None
) -> tuple[Problem, ...]:
    """Write the manifest and the index, if the audit finds nothing; else return what it found."""
    survey = plan.survey
    current = plan.slugs(request)
    # What reports quote, which is nearly all of it, is read again one by one.
    records = ((slug, store.edition(slug)) for slug in current)
    entries = {slug: replace(one, quoted=()) for slug, one in records if one is not None}
    published = _published(request, plan, store, entries)
    _tidy(request.output, store, published)
    store.keep_closed({name: plan.read.get(name, "") for name in survey.closed})
    outputs = tuple(name for record in entries.values() for name in record.outputs)
    if request.audited and not request.restricted:
        made = Candidate(survey, request.output, outputs, published, plan.read, plan.environment)
        if found := pass_gate(made, store, early):
            return found
    else:
        for name, content in published.items():
            write_atomic(request.output / name, content)
    asked = [job.edition.slug for job in plan.jobs]
    whole = all(_is_whole(job.edition, entries) for job in plan.jobs)
    if request.formats is None and whole and not survey.faults and not request.draft:
        # What is out already is no input of a report, but of the cubes.
        out = {RELEASES: store.digests.digest(survey.settings.root / RELEASES)}
        store.keep_whole_build(
            WholeBuild(
                {**plan.read, **out},
                plan.environment,
                [(slug, edition_key(entries[slug])) for slug in asked],
                {name: digest_bytes(one) for name, one in published.items()},
                complete=len(asked) == len(current),
            )
        )
    store.digests.save()
    return ()


def _is_whole(edition: Edition, entries: Mapping[str, EditionRecord]) -> bool:
    """Whether an edition is there in all its formats and languages."""
    record = entries.get(edition.slug)
    suffixes = edition.suffixes(edition.report.formats)
    return record is not None and {f"{edition.slug}.{one}" for one in suffixes} <= {*record.outputs}


def _published(
    request: Request, plan: BuildPlan, store: Store, entries: Mapping[str, EditionRecord]
) -> dict[str, bytes]:
    """Return the files of a release beside its reports, by name."""
    from jpreport.export.index import render_index
    from jpreport.release.crate import crate_files

    survey = plan.survey
    cubes = {} if request.restricted else cube_files(survey)
    published = dict(cubes)
    slugs = plan.slugs(request)
    front = next((survey.fronts[slug] for slug in slugs if slug in survey.fronts), None)
    if front is not None:
        index = render_index(front, entries, survey.settings.root)
        published["index.html"] = index.encode()
    manifest = {
        "version": 2,
        "jpreport": __version__,
        "programme": survey.settings.programme.title,
        "synthetic": survey.package.synthetic,
        "inputs": _input_digests(request, plan),
        "protected": sorted(survey.closed),
        "cubes": {name: digest_bytes(content) for name, content in cubes.items()},
        "environment": {**plan.environment, **_confined(request, plan)},
        "indicators": [FigureRecord.of(one).alone.to_json() for one in survey.figures],
    }
    if cleaned := _cleaned(request, plan):
        manifest["cleaned"] = cleaned
    if request.restricted:
        manifest["audience"] = "restricted"
    whole = ((slug, store.edition(slug)) for slug in sorted(entries))
    reports = ((slug, record_json(one)) for slug, one in whole if one is not None)
    published["manifest.json"] = joined(manifest, "reports", reports)
    if not request.restricted:
        root = survey.settings.root
        published |= crate_files(request.output, root, entries, survey.fronts, published)
    return published


def _cleaned(request: Request, plan: BuildPlan) -> dict[str, str]:
    """Return the digests of open tables that are not their file as it is."""
    package = plan.survey.package
    with Records(package, kept=request.store.checked) as records:
        return {
            name: records.cleaned_digest(name)
            for name, resource in package.resources.items()
            if not (resource.plain or resource.sensitive)
        }


def _confined(request: Request, plan: BuildPlan) -> dict[str, str]:
    """Return what kept the kernels from records of persons, where there are any."""
    return {"isolation": isolation()} if plan.survey.cubes and not request.restricted else {}


def _input_digests(request: Request, plan: BuildPlan) -> dict[str, str]:
    """Return the digests of the inputs as a manifest has them.

    Those of records of persons are not told, nor the notebooks of another audience named.
    """
    editions = plan.survey.editions
    own = {edition.report.notebook for edition in editions if request.takes(edition)}
    others = {edition.report.notebook for edition in editions} - own
    inputs = {**plan.read, **plan.survey.closed}
    return {name: digest for name, digest in inputs.items() if digest and name not in others}


def _tidy(output: Path, store: Store, published: Mapping[str, bytes]) -> None:
    """Remove what the last build published and this one does not: a notebook no longer used."""
    before = store.whole_build()
    for name in (before.published if before else {}).keys() - published.keys():
        (output / name).unlink(missing_ok=True)
