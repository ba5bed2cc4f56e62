"""What an executed notebook quotes: every figure in its prose, tables and outputs, as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jpreport.figures import ENGLISH, Figure
from jpreport.forms.mime import CHART, FIGURE, TABLE
from jpreport.forms.tables import Table

_ROLE = re.compile(r"\{eval\}(`+)(.+?)\1", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Quote:
    """One place where a figure stands: the cell (from 1, as its author counts), and the words.

    `figure` is the figure's JSON, empty where the notebook does not hold it; `context` is the
    paragraph or the row around the quote. A published report on its own knows no cells, but what
    its readers call the `place`.
    """

    id: str
    text: str
    cell: int
    kind: str
    context: str = ""
    figure: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""

    @property
    def where(self) -> str:
        """Where it stands, in words."""
        return self.place or f"cell {self.cell} ({'text' if self.kind == 'prose' else self.kind})"


def text_of(value: Any) -> str:  # noqa: ANN401 - notebooks hold a text or its lines
    """Return a text that a notebook may hold as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def numbered_cells(notebook: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield an executed notebook's cells with the numbers that they have in their source."""
    number = 0
    for cell in notebook["cells"]:
        # The cell with the parameters' values is the engine's own.
        if "injected-parameters" not in cell["metadata"].get("tags", ()):
            number += 1
            yield number, cell


def values_of(cell: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the MIME bundles of a Markdown cell's values by expression (white space folded)."""
    return {
        " ".join(entry["expression"].split()): entry["result"].get("data", {})
        for entry in cell["metadata"].get("user_expressions") or ()
    }


def shown_text(data: Mapping[str, Any]) -> str:
    """Return how a value reads in a sentence: a text without its quotation marks."""
    text = text_of(data.get("text/plain", ""))
    if FIGURE not in data and len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def prose_of(cell: Mapping[str, Any]) -> str:
    """Return a Markdown cell's source with its values in place."""
    values = values_of(cell)

    def value(match: re.Match[str]) -> str:
        data = values.get(" ".join(match[2].split()))
        return match[0] if data is None else shown_text(data)

    return _ROLE.sub(value, text_of(cell["source"]))


def quotes(notebook: Mapping[str, Any]) -> tuple[Quote, ...]:
    """Return every quote of a figure in an executed notebook, in its order."""
    found: list[Quote] = []
    for number, cell in numbered_cells(notebook):
        if "hide" in cell["metadata"].get("tags", ()):
            continue
        if cell["cell_type"] == "markdown":
            found += _in_prose(number, cell)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if TABLE in data:
                found += _in_table(number, "table", data[TABLE], data[TABLE].get("figures", ()))
            elif data.get(CHART, {}).get("table"):
                chart = data[CHART]
                found += _in_table(number, "chart", chart["table"], chart.get("figures", ()))
            elif FIGURE in data:
                figure = data[FIGURE]
                found.append(Quote(figure["id"], figure["text"], number, "output", "", figure))
    return tuple(found)


def _in_prose(number: int, cell: Mapping[str, Any]) -> Iterator[Quote]:
    values = values_of(cell)
    for paragraph in re.split(r"\n\s*\n", text_of(cell["source"])):
        context = prose_of({**cell, "source": paragraph})
        for match in _ROLE.finditer(paragraph):
            data = values.get(" ".join(match[2].split()), {})
            if FIGURE in data:
                figure = data[FIGURE]
                yield Quote(figure["id"], figure["text"], number, "prose", context, figure)


def _in_table(
    number: int, kind: str, data: Mapping[str, Any], held: Iterable[Mapping[str, Any]]
) -> Iterator[Quote]:
    table = Table.from_json(data)
    figures: dict[str, list[Mapping[str, Any]]] = {}
    for figure in held:
        for name in names_of(figure):
            if figure not in figures.setdefault(name, []):
                figures[name].append(figure)
    for row in table.rows:
        if row.role == "section":
            continue
        context = " ".join(cell.text for cell in row.cells)
        for column, cell in zip(table.columns, row.cells, strict=True):
            if cell.figure and column.kind == "number" and ENGLISH.read(cell.text):
                for figure in _meant(cell.text, figures.get(cell.figure, [])):
                    name = str(figure.get("id", cell.figure))
                    yield Quote(name, cell.text, number, kind, context, figure)


def names_of(figure: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a cell may call a figure: its id, or that with the days that it covers."""
    days = figure["period"]
    return figure["id"], f"{figure['id']}@{days['start']}/{days['end']}"


def _meant(text: str, figures: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return which figures of one id a cell may show; an empty one where that cannot be told.

    One id may stand for several periods: then the text decides. Where two of them read alike,
    both are quoted.
    """
    if len(figures) == 1:
        return figures
    return [figure for figure in figures if figure["text"] == text] or [{}]


def figures_quoted(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures that a report quotes, for the manifest: sorted, each once a period.

    Of a table's cell whose figure the notebook does not hold, `value`, `period` and
    `derivation` are None.
    """
    entries: dict[tuple[str, str, str], dict[str, Any]] = {}
    for quote in quotes(notebook):
        entry = figure_entry(quote.figure) if quote.figure else {"id": quote.id, **_UNKNOWN}
        start, end = (str((entry["period"] or {}).get(key, "")) for key in ("start", "end"))
        kept = entries.setdefault((entry["id"], start, end), {**entry, "quoted": []})
        place = {"cell": quote.cell, "in": quote.kind, "text": quote.text}
        if place not in kept["quoted"]:
            kept["quoted"].append(place)
    return [entries[key] for key in sorted(entries)]


_UNKNOWN: Mapping[str, Any] = {
    "title": "", "unit": "", "qualifier": "", "text": "", "value": None, "published": None,
    "published_in": "", "period": None, "derivation": None,
}  # fmt: skip


_SAID = ("id", "title", "unit", "qualifier", "text", "value", "published", "published_in")


def figure_entry(figure: Mapping[str, Any] | Figure) -> dict[str, Any]:
    """Return what a manifest says of a figure: value, period and derivation."""
    value = figure.to_json() if isinstance(figure, Figure) else figure
    derivation = value["derivation"]
    return {
        **{key: value[key] for key in _SAID},
        "period": dict(value["period"]),
        "derivation": {**derivation, "parents": list(derivation["parents"])},
    }


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that is not the same in two releases; an entry is None where it is not there."""

    id: str
    period: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def title(self) -> str:
        """What the figure counts, as the later release has it."""
        return str((self.after or self.before or {}).get("title", ""))

    @property
    def texts(self) -> tuple[str, str]:
        """How it reads before and after; "" where it is not there."""
        before, after = (str(entry["text"]) if entry else "" for entry in (self.before, self.after))
        return before, after

    @property
    def difference(self) -> float | int | None:
        """After minus before, in the figure's unit; None where either has no value."""
        old, new = (entry["value"] if entry else None for entry in (self.before, self.after))
        return None if old is None or new is None else new - old


_COMPARED = ("text", "value", "unit", "qualifier")


def changed_figures(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> tuple[FigureChange, ...]:
    """Return the figures whose value, wording or rule differs, by id and period.

    That a file has another digest is no change of a figure whose value and records are the same.
    """
    old, new = _by_period(before), _by_period(after)
    return tuple(
        FigureChange(*key, old.get(key), new.get(key))
        for key in dict.fromkeys((*old, *new))
        if _told(old.get(key)) != _told(new.get(key))
    )


def _by_period(
    entries: Iterable[Mapping[str, Any]],
) -> dict[tuple[str, str], Mapping[str, Any]]:
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for entry in entries:
        if entry["period"] is not None:
            period = f"{entry['period']['start']} to {entry['period']['end']}"
            found.setdefault((entry["id"], period), entry)
    return found


def _told(entry: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    derivation = entry["derivation"]
    # What is made from other figures counts no records of its own.
    left_out = ("digest", "records") if derivation["parents"] else ("digest",)
    rule = {key: value for key, value in derivation.items() if key not in left_out}
    return {**{key: entry[key] for key in _COMPARED}, "rule": rule}
