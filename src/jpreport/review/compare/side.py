"""One side of a comparison: a release, the programme folder behind it, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jpreport.errors import JpreportError, OutputError, Place, Problem
from jpreport.figures import FigureRecord
from jpreport.files import Store
from jpreport.programme.folder import MANIFEST, OUTPUTS, SETTINGS_FILE, state_folder
from jpreport.release.survey import survey_programme
from jpreport.review.verify.manifest import executed_in, indicators_of, quoted_in, read_manifest


@dataclass(frozen=True, slots=True)
class Side:
    """What is known of one release.

    `indicators` has every declared one for the whole programme; `root` is the programme folder,
    where that is at hand; `output` the folder of its reports.
    """

    name: str
    indicators: tuple[FigureRecord, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    root: Path | None = None
    output: Path | None = None

    @property
    def reports(self) -> Mapping[str, Mapping[str, Any]]:
        """What the manifest says of each report, by slug."""
        reports: Mapping[str, Mapping[str, Any]] = self.manifest.get("reports", {})
        return reports

    @property
    def inputs(self) -> Mapping[str, str]:
        """The digests of the files that went in, by their names in the programme folder."""
        inputs: Mapping[str, str] = self.manifest.get("inputs", {})
        return inputs

    @property
    def closed(self) -> Mapping[str, str]:
        """The digests of files with records of persons, known only where the release was made."""
        if not self.root or not self.output:
            return {}
        return Store(state_folder(self.root, self.output)).closed()

    @property
    def quoted(self) -> tuple[FigureRecord, ...]:
        """Every figure that a report quotes."""
        return tuple(one.record for report in self.reports.values() for one in quoted_in(report))

    def threshold(self, table: str) -> int | None:
        """Return the threshold of a sensitive table; None where its cube is not at hand."""
        from jpreport.disclosure.cubes import published_cube

        cube = published_cube(self.output, table) if self.output else None
        return cube.threshold if cube else None

    def executed(self, slug: str) -> Mapping[str, Any] | None:
        """Return a report's executed notebook; None where it is not there as it was built."""
        if self.output is None or slug not in self.reports:
            return None
        return executed_in(self.output, self.reports[slug])


def open_side(target: Path, project: Path | None = None) -> Side:
    """Return a release by its folder, its manifest, or the programme folder that it was built in.

    A programme folder without a release is computed as it is now. `project` names the
    programme folder where it is not the one around the release. Raises OutputError where
    there is nothing to compare, and ProjectError, DataError or FigureError for a programme
    folder that cannot be computed.
    """
    manifest = target if target.is_file() else target / MANIFEST
    if not manifest.is_file() and (target / OUTPUTS / MANIFEST).is_file():
        manifest = target / OUTPUTS / MANIFEST
    near = (target, manifest.parent.parent) if manifest.is_file() else (target,)
    root = project or next((one for one in near if (one / SETTINGS_FILE).is_file()), None)
    if manifest.is_file():
        read = read_manifest(manifest)
        return Side(str(target), indicators_of(read), read, root, manifest.parent)
    if root is None:
        hint = "name a folder of reports, its manifest.json, or a programme folder"
        raise OutputError(Problem(Place(str(target)), "is no release", hint))
    survey = survey_programme(root)
    if survey.problems:
        raise JpreportError(survey.problems)
    return Side(str(target), tuple(map(FigureRecord.of, survey.figures)), root=root)
