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
    """Who and what the programme is; dates are its first and last day, in `timezone` (IANA).

    `previous_releases` are the folders of the releases that are out already, below the
    programme's: no comparison with them may single out a person either. Where it is left out,
    they are all that `jpreport publish` recorded.
    """

    title: Text
    short_title: str = ""
    country: str = ""
    start: dt.date
    end: dt.date
    status: str = ""
    language: Tag = "en"
    objective: str = ""
    source: str = ""
    package: Text = "data/datapackage.json"
    timezone: str = "UTC"
    contributions: Identifier | None = None
    previous_releases: Annotated[tuple[Text, ...] | None, Field(strict=False)] = None

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
    """One template and the editions made from it; `timeout` is seconds a cell.

    `languages` (BCP 47) are those that it is rendered in, the notebook's own first; without any,
    that is the programme's.

    An edition for a "restricted" audience may show records of persons; it is no part of a release.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    notebook: Text
    formats: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] = ("html", "pdf")
    for_each: dict[str, Source] = Field(default_factory=dict)
    parameters: dict[str, Value] = Field(default_factory=dict)
    languages: Annotated[tuple[Tag, ...], Field(strict=False)] = ()
    date: dt.date | None = None
    audience: Literal["public", "restricted"] = "public"
    timeout: Annotated[int, Field(gt=0)] = 600

    def slug(self, values: Sequence[object]) -> str:
        """Return the name of an edition's files: the report's id and its `for_each` values."""
        return slugify("-".join([self.id, *map(str, values)]))


class DeclaredNumber(Declared):
    """A number that may be typed into narrative: the words as they stand, and why."""

    text: Text
    reason: Text


class Settings(Declared):
    """All that `programme.toml` says; `root` is the folder that it stands in."""

    root: Path
    programme: Programme
    organization: Annotated[tuple[Organization, ...], Field(strict=False)] = ()
    objective: Annotated[tuple[Objective, ...], Field(strict=False)] = ()
    indicator: Annotated[tuple[Indicator, ...], Field(strict=False)] = ()
    report: Annotated[tuple[Report, ...], Field(strict=False)] = ()
    literal: Annotated[tuple[DeclaredNumber, ...], Field(strict=False)] = ()
    style: Branding = Branding()
    framework: Framework | None = None
    currencies: Currencies | None = None

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
