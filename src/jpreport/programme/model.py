"""What `programme.toml` says, as typed and frozen tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator
from slugify import slugify

from jpreport.errors import did_you_mean
from jpreport.programme.branding import Branding
from jpreport.programme.folder import MANIFEST, RELEASES
from jpreport.programme.framework import (
    Currencies,
    Declared,
    Identifier,
    Indicator,
    Objective,
    Organization,
    Source,
    Text,
)
from jpreport.programme.results_table import Framework

Tag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Value = str | int | float | bool | dt.date | list[str] | list[int] | list[float]


class Programme(Declared):
    """Who and what the programme is."""

    title: Text
    """Its full name, on the cover."""
    short_title: str = ""
    """Its name in running heads and file metadata, where the full one is long."""
    country: str = ""
    """Where it works."""
    start: dt.date
    """Its first day."""
    end: dt.date
    """Its last day."""
    status: str = ""
    """Such as "Completed"."""
    language: Tag = "en"
    """The language of its notebooks (BCP 47)."""
    objective: str = ""
    """Its overall objective, on the cover."""
    source: str = ""
    """Where the facts about it are published."""
    package: Text = "data/datapackage.json"
    """The contract of its records, a Data Package."""
    timezone: str = "UTC"
    """The time zone (IANA) in which days are told."""
    contributions: Identifier | None = None
    """The indicator of the donors' contributions, for the cover."""
    previous_releases: Annotated[tuple[Text, ...] | None, Field(strict=False)] = None
    """Folders of the releases that are out; without it, those that `jpreport publish` recorded. No
    comparison with them may single out a person."""

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
            raise ValueError(f'"{value}" is no name of a time zone') from None
        except KeyError:
            hint = did_you_mean(value, available_timezones()).partition(",")[0]
            raise ValueError(f'"{value}" is no time zone (IANA); {hint}') from None
        return value

    @model_validator(mode="after")
    def _runs_forward(self) -> Programme:
        if self.end < self.start:
            raise ValueError(f"ends on {self.end}, before it starts on {self.start}")
        return self

    @property
    def name(self) -> str:
        """The short title where there is one."""
        return self.short_title or self.title


class Report(Declared):
    """One template and the editions made from it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    """Its name, and the beginning of the names of its files."""
    notebook: Text
    """Its template."""
    formats: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] = ("html", "pdf")
    """The formats that it is made in."""
    for_each: dict[str, Source] = Field(default_factory=dict)
    """Parameters that have one edition a value: a column ("contributions.donor"), a list, or
    `source`, `where`, `label`, `limit`."""
    parameters: dict[str, Value] = Field(default_factory=dict)
    """Values of the notebook's parameters."""
    languages: Annotated[tuple[Tag, ...], Field(strict=False)] = ()
    """Languages (BCP 47) that it is set in, the notebook's own first; without any, the
    programme's."""
    date: dt.date | None = None
    """The day on its cover; without one, the day that the records were created."""
    audience: Literal["public", "restricted"] = "public"
    """A "restricted" edition may show records of persons, and is no part of a release."""
    timeout: Annotated[int, Field(gt=0)] = 600
    """Seconds that its run may take."""

    def slug(self, values: Sequence[object]) -> str:
        """Return the name of an edition's files: the report's id and its `for_each` values."""
        return slugify("-".join([self.id, *map(str, values)]))


class DeclaredNumber(Declared):
    """A number that may be typed into narrative: the words as they stand, and why."""

    text: Text
    """The words as they stand, in notebooks or captions."""
    reason: Text
    """Why no figure says it."""


class Settings(Declared):
    """All that `programme.toml` says; `root` is the folder that it stands in."""

    root: Path
    programme: Programme
    """The programme."""
    organization: Annotated[tuple[Organization, ...], Field(strict=False)] = ()
    """Bodies that take part."""
    objective: Annotated[tuple[Objective, ...], Field(strict=False)] = ()
    """Specific objectives."""
    indicator: Annotated[tuple[Indicator, ...], Field(strict=False)] = ()
    """Indicators."""
    report: Annotated[tuple[Report, ...], Field(strict=False)] = ()
    """Reports."""
    literal: Annotated[tuple[DeclaredNumber, ...], Field(strict=False)] = ()
    """Numbers that may be typed."""
    style: Branding = Branding()
    """Colours, logo, typefaces."""
    framework: Framework | None = None
    """A table that has indicators."""
    currencies: Currencies | None = None
    """Rates of exchange."""

    @property
    def indicators(self) -> Mapping[str, Indicator]:
        """Indicators by id, in declared order."""
        return {indicator.id: indicator for indicator in self.indicator}

    @property
    def previous_releases(self) -> tuple[Path, ...]:
        """The folders of the releases that are out already, in their declared order, or by name."""
        named = self.programme.previous_releases
        return self.recorded if named is None else tuple(self.root / name for name in named)

    @property
    def recorded(self) -> tuple[Path, ...]:
        """The folders of the releases that `jpreport publish` recorded, by name."""
        return tuple(sorted(path.parent for path in self.root.glob(f"{RELEASES}/*/{MANIFEST}")))
