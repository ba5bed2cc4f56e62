"""What a cell shows: a table or a chart as data beside the picture of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from jpreport.forms import mime
from jpreport.forms.tables import Table
from jpreport.language import current, in_each, speaking
from jpreport.notebook.html import table_html, table_text

if TYPE_CHECKING:
    from jpreport.figures import Figure, Period


P = ParamSpec("P")
Shown = TypeVar("Shown", "ReportTable", "ReportChart")


def in_languages(build: Callable[P, Shown]) -> Callable[P, Shown]:
    """Let a builder build the same in every language of the report, from the same arguments."""

    @wraps(build)
    def built(*args: P.args, **options: P.kwargs) -> Shown:
        # What can be gone through only once is needed for each language.
        given: Any = [list(one) if isinstance(one, Iterator) else one for one in args]
        with speaking(current()):
            made = build(*given, **options)
        others = in_each(lambda _: build(*given, **options))
        return replace(made, others=others) if others else made

    return built


def _in_languages(bundle: Mapping[str, Any], others: Mapping[str, Shown]) -> dict[str, Any]:
    """Return a MIME bundle with those of other languages, in which nothing is for the screen."""
    said = in_each(lambda tag: others[tag].bundle() if tag in others else None)
    further = {tag: one for tag, one in said.items() if one}
    return {**bundle, **({mime.LANGUAGES: further} if further else {})}


def _records(figures: Collection[Figure]) -> list[dict[str, Any]]:
    """Return each figure as JSON, without its breakdown: a part that is shown is one of them."""
    from jpreport.figures import FigureRecord

    return [FigureRecord.of(figure, parts=False).to_json() for figure in figures]


def several_periods(figures: Collection[Figure]) -> frozenset[str]:
    """Return the ids that figures of more than one period have: a cell has to say which."""
    periods: dict[str, Period] = {}
    return frozenset(
        one.id for one in figures if periods.setdefault(one.id, one.period) != one.period
    )


def cell_name(figure: Figure, doubled: Collection[str]) -> str:
    """Return what a cell calls its figure: its id, dated where `doubled` has it."""
    return str(figure.dated) if figure.id in doubled else figure.id


def _titles(figures: Collection[Figure]) -> dict[str, str]:
    """Return where each figure comes from, by the names that a cell may give it."""
    return {
        name: figure.description for figure in figures for name in (figure.id, str(figure.dated))
    }


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table that a cell shows; exporters read `table`.

    `figures` are those that its cells name: an id alone does not say where a number comes from.
    `derived` marks a table whose builder took every number from figures or from the contract,
    also those that name no figure: targets, published values, numbers of records. `others` are
    the same in the report's further languages.
    """

    table: Table
    figures: tuple[Figure, ...] = ()
    derived: bool = False
    others: Mapping[str, ReportTable] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        """Return the table as plain text."""
        return table_text(self.table)

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        shown = {
            "text/html": table_html(self.table, _titles(self.figures)),
            "text/plain": table_text(self.table),
        }
        return _in_languages({**self.bundle(), **shown}, self.others)

    def bundle(self) -> dict[str, Any]:
        """Return what a report reads of it, by MIME type."""
        table = {
            **self.table.to_json(),
            "figures": _records(self.figures),
            "derived": self.derived,
        }
        return {mime.TABLE: table}


@dataclass(frozen=True, slots=True)
class ReportChart:
    """A chart that a cell shows: SVG, the text that stands for it, the data behind it.

    `figures` are those that the cells of the data name; `derived` and `others` are as in a
    ReportTable.
    """

    svg: str
    alt: str
    table: Table
    figures: tuple[Figure, ...] = ()
    derived: bool = False
    others: Mapping[str, ReportChart] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        """Return the alternative text."""
        return self.alt

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        return _in_languages({**self.bundle(), "text/plain": self.alt}, self.others)

    def bundle(self) -> dict[str, Any]:
        """Return what a report reads of it, by MIME type."""
        chart = {
            "version": 1,
            "alt": self.alt,
            "table": self.table.to_json(),
            "figures": _records(self.figures),
            "derived": self.derived,
        }
        return {mime.CHART: chart, "image/svg+xml": self.svg}
