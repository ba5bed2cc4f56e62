"""A programme as a notebook sees it: its settings, its records, its figures for a period."""

from __future__ import annotations

import datetime as dt
import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.getipython import get_ipython

from jpreport.data import Records, programme_package
from jpreport.document.cover import brand_of
from jpreport.errors import NOWHERE, FigureError, Problem, did_you_mean
from jpreport.figures import (
    Figure,
    FigureKey,
    Period,
    Results,
    average,
    share,
    total,
)
from jpreport.notebook.breakdown import Breakdown, divided
from jpreport.notebook.closing import close_records
from jpreport.notebook.inline import dress
from jpreport.notebook.listing import Indicators, Shown
from jpreport.notebook.output import ReportTable
from jpreport.programme.folder import (
    AUDIENCE_VARIABLE,
    LANGUAGES_VARIABLE,
    PROJECT_VARIABLE,
    TABLES_VARIABLE,
    find_programme,
)
from jpreport.programme.framework import Objective, Organization
from jpreport.programme.settings import Programme, Settings, read_settings

if TYPE_CHECKING:
    import pandas as pd

    from jpreport.disclosure.protected import ProtectedCube

# A frame of so many records is more than a report needs, and takes seconds to make.
_VERY_MANY = 1_000_000


class Report(Shown):
    """What a report is made from; `report["1.1"]` is a figure. A cell shows its indicators.

    Made by `open_report`. Every figure and every frame covers the report's period.
    """

    def __init__(self, settings: Settings, records: Records, results: Results) -> None:
        self._settings = settings
        self._records = records
        self._results = results

    def __repr__(self) -> str:
        """Return the programme, the period and the indicators."""
        period = f"{self.period.start} to {self.period.end}"
        return f"{self.programme.name}, {period}\n\n{self.indicators!r}"

    def shown(self) -> ReportTable:
        """Return the indicators as a table."""
        return self.indicators.shown()

    @property
    def programme(self) -> Programme:
        """The `[programme]` table of programme.toml."""
        return self._settings.programme

    @property
    def period(self) -> Period:
        """The days that the report covers."""
        return self._results.period

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """The bodies that take part, in declared order."""
        return self._settings.organization

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """The specific objectives, in declared order."""
        return self._settings.objective

    @property
    def indicators(self) -> Indicators:
        """The indicators by id, in declared order."""
        return Indicators(self._settings.indicators)

    @cached_property
    def illustrative(self) -> bool:
        """Whether the Data Package says that its records are synthetic."""
        return self._records.package.synthetic

    @property
    def records(self) -> Records:
        """The tables as DuckDB sees them, for what figures and frames do not answer."""
        return self._records

    def objective(self, name: str) -> Objective:
        """Return a specific objective; raises FigureError if there is none of that id."""
        known = {objective.id: objective for objective in self.objectives}
        if name not in known:
            raise FigureError(
                Problem(NOWHERE, f'there is no objective "{name}"', did_you_mean(name, known))
            )
        return known[name]

    def figure(self, name: str) -> Figure:
        """Return the figure of an indicator; raises FigureError if it cannot be computed."""
        return replace(self._results.figure(name), divided=self._divided)

    __getitem__ = figure

    def _ipython_key_completions_(self) -> list[str]:
        """Return what stands after `rp["` and Tab."""
        return list(self.indicators)

    def figures(self, objective: str | None = None, level: str | None = None) -> tuple[Figure, ...]:
        """Return figures in declared order, of one objective and level where given."""
        return tuple(
            self.figure(indicator.id)
            for indicator in self.indicators.values()
            if objective in (None, indicator.objective) and level in (None, indicator.level)
        )

    def share(self, part: Figure | str, whole: Figure | str) -> Figure:
        """Return the share of one figure in another; raises FigureError where they differ in kind.

        Figures of two units divide by `/`: `rp["R.4"] / rp["1.1"]` is a rate.
        """
        return share(self._named(part), self._named(whole))

    def total(self, *figures: Figure | str) -> Figure:
        """Return the sum of figures; raises FigureError where they cannot be added up.

        Persons and sessions cannot, direct and indirect beneficiaries cannot, a whole and its
        part cannot. One "at least" makes the sum "at least".
        """
        return total(map(self._named, figures))

    def average(self, *figures: Figure | str) -> Figure:
        """Return the mean of figures, each counting alike; raises FigureError as `total` does."""
        return average(map(self._named, figures))

    def _named(self, figure: Figure | str) -> Figure:
        return self.figure(figure) if isinstance(figure, str) else figure

    def _divided(self, figure: Figure, columns: Sequence[str]) -> Breakdown:
        if figure.key != FigureKey(figure.key.indicator):
            hint = f'divide the indicator: rp["{figure.key.indicator}"].by(...)'
            raise FigureError(Problem(NOWHERE, f"{figure.id} is divided already", hint))
        return divided(self._results, figure.key.indicator, columns)

    def by_year(self, *names: str) -> pd.DataFrame:
        """Return indicators in each calendar year of the period: a row each, a column a year.

        A row is called by title and unit. Raises FigureError for an unknown indicator.
        """
        import pandas as pd

        start, end = self.period.start, self.period.end
        years = {
            str(year): self._results.over(
                max(start, dt.date(year, 1, 1)), min(end, dt.date(year, 12, 31))
            )
            for year in range(start.year, end.year + 1)
        }
        rows = [[results.figure(name) for results in years.values()] for name in names]
        titles = [f"{one.title} ({one.unit})" for one in map(self._results.figure, names)]
        index = pd.Index(titles, name="Indicator")
        return pd.DataFrame(rows, index=index, columns=list(years), dtype=object)

    def cross(self, name: str, *columns: str) -> Breakdown:
        """Return an indicator at every combination of columns of its table, the first slowest.

        Of a sensitive table, the columns are dimensions of its protected cube, and a suppressed
        cell is a figure without a value. Raises FigureError where there is no such column.
        """
        return divided(self._results, name, columns)

    def cube(self, name: str) -> ProtectedCube:
        """Return the protected cube of a sensitive table, for the whole programme.

        Raises DisclosureError where the table is not sensitive or cannot be protected.
        """
        return self._results.cubes.cube(name)

    def table(self, name: str) -> pd.DataFrame:
        """Return the records of a table that fall into the period, as a fresh frame.

        A table without a date column is returned whole. A column with a closed list of values is
        an ordered categorical, in the order of the contract. Of very many records, a warning says
        what the frame takes: `sql` answers without one. Raises DataError for an unknown table, and
        for a sensitive one, whose records stay closed.
        """
        import pandas as pd

        if (count := self._records.count(name)) >= _VERY_MANY:
            size = self._records.frame_size(name) / 2**20
            warnings.warn(
                f'"{name}" has {count:,} records, which take about {size:,.0f} MiB as a frame; '
                f'rp.sql("SELECT ...") of "{name}" counts them where they are',
                stacklevel=2,
            )
        frame: pd.DataFrame = self._records.frame(name)
        resource = self._records.package.resources[name]
        for field in resource.fields:
            if field.enum:
                frame[field.name] = pd.Categorical(frame[field.name], field.enum, ordered=True)
        if resource.date is None:
            return frame
        inside = frame[resource.date].dt.date.between(self.period.start, self.period.end)
        chosen: pd.DataFrame = frame.loc[inside]
        return chosen.reset_index(drop=True)

    def sql(self, select: str) -> pd.DataFrame:
        """Return the answer to a SELECT over the open tables, of any period, as a frame.

        Records are counted where they are, however many there are. Raises DataError for SQL that
        is wrong or reaches for anything else.
        """
        return self._records.frame_of(select)


def open_report(
    period_start: dt.date | None = None,
    period_end: dt.date | None = None,
    *,
    project: str | Path | None = None,
) -> Report:
    """Open the programme for a period; None takes the programme's first or last day.

    The programme is `project`, else the folder that the environment variable
    JPREPORT_PROJECT names, else the nearest folder upward that holds programme.toml. What is
    drawn afterwards takes its colours and typeface.

    Records of persons stay closed, in a kernel also to all other Python code that opens their
    files, unless JPREPORT_AUDIENCE is "restricted", as it is for the notebooks of restricted
    editions; figures come from the protected cubes all the same. Raises ProjectError, DataError
    or FigureError with all problems at once.
    """
    named = project or os.environ.get(PROJECT_VARIABLE)
    root = Path(named) if named else find_programme(Path.cwd())
    settings = read_settings(root)
    dress(brand_of(settings), settings.root)
    if get_ipython() is not None:
        # In JupyterLab no job says in which language the report will be.
        os.environ.setdefault(LANGUAGES_VARIABLE, settings.programme.language)
    restricted = os.environ.get(AUDIENCE_VARIABLE) == "restricted"
    package = programme_package(settings)
    # JupyterLab is to be as a build is, where the records are not even there.
    close_records(package)
    tables = os.environ.get(TABLES_VARIABLE)
    kept = Path(tables) if tables else None
    records = Records(package, persons=restricted, kept=kept)
    return Report(settings, records, Results(settings, records, period_start, period_end))
