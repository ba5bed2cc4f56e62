"""The facts on a report's first page, kept in the executed notebook's metadata."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from jpreport.design.style import Brand, Face, Logo, Role, Slope
from jpreport.files import digest_file
from jpreport.language import Wording, current, phrase
from jpreport.programme.framework import Qualifier, Scale

if TYPE_CHECKING:
    from jpreport.figures import Results
    from jpreport.programme.settings import Report, Settings


@dataclass(frozen=True, slots=True)
class Organization:
    """A body that takes part; `role` is participating, government, implementing or other."""

    name: str
    short_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, its unit and how it is printed; None for one that is not stated."""

    value: float | None
    unit: str = ""
    qualifier: Qualifier = "exact"
    decimals: int | None = None
    scale: Scale = ""

    @property
    def text(self) -> str:
        """The amount as it is printed, with its currency."""
        words = current()
        if self.value is None:
            return words.say("not stated")
        number = words.number(self.value, self.unit, decimals=self.decimals, scale=self.scale)
        return words.qualified(number, self.qualifier)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one donor gave; "" is one that is not stated."""

    donor: str
    amount: Amount

    @property
    def text(self) -> str:
        """The amount as it is printed."""
        return self.amount.text


# A mark: its first words and the rest.
ILLUSTRATIVE = (
    phrase("Illustrative records"),
    phrase("The records behind this report are synthetic."),
)
RESTRICTED = (
    phrase("RESTRICTED"),
    phrase("Contains records of persons; not for publication."),
)
DRAFT = (phrase("Draft"), phrase("Not audited, not for publication."))


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Everything that a cover, a running header or a file's metadata says of a report.

    It keeps facts, which are worded in the current language. Dates are ISO 8601 strings; "" and
    None mean "not stated". `illustrative` is the Data Package's own word that its records are
    synthetic; a `restricted` edition may show records of persons; a `draft` is what no build made,
    and so no audit has read, or what is not translated as a whole. `languages` are all that it is
    there in, its notebook's own first. The logo is in `brand` as a whole; of typefaces it has the
    names of their files.
    """

    report_id: str = ""
    slug: str = ""
    programme: str = ""
    short_title: str = ""
    country: str = ""
    start: str = ""
    end: str = ""
    status: str = ""
    objective: str = ""
    language: str = "en"
    languages: tuple[str, ...] = ()
    period_start: str = ""
    period_end: str = ""
    date: str = ""
    illustrative: bool = False
    restricted: bool = False
    draft: bool = False
    organizations: tuple[Organization, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    total: Amount | None = None
    brand: Brand = field(default_factory=Brand)

    @property
    def stems(self) -> dict[str, str]:
        """What the names of its files begin with, by language."""
        own, *further = self.languages or (self.language,)
        return {own: self.slug, **{tag: f"{self.slug}.{tag}" for tag in further}}

    @property
    def editions(self) -> list[tuple[str, str, str]]:
        """Tag, own name and what names of files begin with, of each language if of several."""
        stems = self.stems.items() if len(self.languages) > 1 else ()
        return [(tag, Wording(tag).name, stem) for tag, stem in stems]

    @property
    def duration(self) -> str:
        """How long the programme takes, in words; "" where that is not known."""
        try:
            start, end = map(dt.date.fromisoformat, (self.start, self.end))
        except ValueError:
            return ""
        return current().duration(start, end)

    @property
    def mark(self) -> tuple[str, str] | None:
        """What must be read on every page, as its first words and the rest; None for nothing."""
        marks = [
            mark
            for mark, holds in (
                (RESTRICTED, self.restricted),
                (DRAFT, self.draft),
                (ILLUSTRATIVE, self.illustrative),
            )
            if holds
        ]
        if not marks:
            return None
        say = current().say
        return say(marks[0][0]), " ".join(say(why) for _, why in marks)

    def to_json(self) -> dict[str, Any]:
        """Return the front matter as plain JSON values."""
        return {"version": 2, **asdict(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> FrontMatter:
        """Return the front matter that `to_json` wrote; raises ValueError for another version."""
        values = dict(value)
        if values.pop("version", None) != 2:  # noqa: PLR2004 - the number of this form
            raise ValueError("front matter of an unknown version; this release reads 2")
        values["languages"] = tuple(values["languages"])
        values["organizations"] = tuple(Organization(**o) for o in values["organizations"])
        values["contributions"] = tuple(
            Contribution(c["donor"], Amount(**c["amount"])) for c in values["contributions"]
        )
        values["total"] = Amount(**values["total"]) if values["total"] else None
        if "brand" in values:
            values["brand"] = Brand.from_json(values["brand"])
        return cls(**values)


def front_matter(
    settings: Settings,
    results: Results,
    *,
    report: Report | None = None,
    slug: str = "",
) -> FrontMatter:
    """Return what the cover of one report says in the language that is spoken.

    Raises FigureError for the contributions.

    The date is the report's own, else the day that the Data Package was created.
    """
    words = current()
    programme, package = settings.programme, results.records.package
    whole = results.figure(programme.contributions) if programme.contributions is not None else None
    parts = next(iter(whole.breakdown.values()), ()) if whole else ()
    stated = report.date if report else None
    return FrontMatter(
        report_id=report.id if report else "",
        slug=slug,
        programme=words.term(programme.title),
        short_title=words.term(programme.short_title),
        country=words.term(programme.country),
        start=programme.start.isoformat(),
        end=programme.end.isoformat(),
        status=words.term(programme.status),
        objective=words.term(programme.objective),
        language=words.language,
        languages=report.languages if report else (),
        period_start=results.period.start.isoformat(),
        period_end=results.period.end.isoformat(),
        date=stated.isoformat() if stated else package.created[:10],
        illustrative=package.synthetic,
        restricted=report is not None and report.audience == "restricted",
        organizations=tuple(
            Organization(words.term(body.name), words.term(body.short_name), body.role)
            for body in settings.organization
        ),
        contributions=tuple(
            Contribution(words.term(part.label or ""), Amount(part.value, whole.unit))
            for part in parts
            if whole is not None and part.value is not None
        ),
        total=Amount(whole.value, whole.unit, whole.qualifier, whole.decimals, whole.scale)
        if whole
        else None,
        brand=brand_of(settings),
    )


_FACES: tuple[tuple[str, int, Slope], ...] = (
    ("regular", 400, "normal"),
    ("italic", 400, "italic"),
    ("semibold", 600, "normal"),
    ("bold", 700, "normal"),
)
_ROLES: tuple[Role, ...] = ("serif", "sans")


def brand_of(settings: Settings) -> Brand:
    """Return a programme's colours, its logo and which files its typefaces are in.

    Raises OSError for a file that is gone since the settings were read.
    """
    style = settings.style
    logo = None
    if style.logo:
        data = base64.b64encode((settings.root / style.logo.file).read_bytes()).decode()
        png = style.logo.file.lower().endswith(".png")
        logo = Logo("image/png" if png else "image/svg+xml", data, style.logo.alt)
    faces = tuple(
        Face(role, face.family, weight, slope, file, digest_file(settings.root / file))
        for role in _ROLES
        if (face := getattr(style, role)) is not None
        for name, weight, slope in _FACES
        if (file := face.files.get(name))
    )
    return Brand(style.accent, style.all_series, logo, faces)
