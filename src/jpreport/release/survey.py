"""Read and check a whole programme folder; builds nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from jpreport.data import Package, Records, check_records, programme_package, record_doubts
from jpreport.document.cover import FrontMatter, brand_of, front_matter
from jpreport.errors import (
    DataError,
    JpreportError,
    NotebookError,
    Place,
    Problem,
    ProjectError,
    did_you_mean,
)
from jpreport.execute.check import check_notebook, load_notebook, tag_doubts
from jpreport.execute.parameters import Declaration, check_parameters, read_declaration
from jpreport.figures import (
    PROTECTED,
    Figure,
    Period,
    Results,
    filter_doubts,
)
from jpreport.files import digest_json
from jpreport.language import speaking, wording_in
from jpreport.programme.folder import SETTINGS_FILE
from jpreport.programme.framework import ForEach
from jpreport.programme.settings import Settings, read_settings
from jpreport.release.staleness import Edition, expand

if TYPE_CHECKING:
    from jpreport.disclosure.cubes import Cubes
    from jpreport.disclosure.protected import ProtectedCube


_Declared = tuple[Declaration | None, tuple[Problem, ...]]

# Seconds for threads to come out of DuckDB, after which they only wait for the engine.
_PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class Survey:
    """A programme folder, read and checked.

    `problems` keep everything from being built; `faults` only the edition (by slug) that they
    are listed under. `fronts` are in each edition's own language, `further` has those in others,
    by tag. `figures` cover the whole programme, in declared order. `cubes` are the
    protected cubes of the sensitive tables.
    """

    settings: Settings
    package: Package
    problems: tuple[Problem, ...] = ()
    figures: tuple[Figure, ...] = ()
    editions: tuple[Edition, ...] = ()
    fronts: Mapping[str, FrontMatter] = field(default_factory=dict)
    faults: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    cubes: Mapping[str, ProtectedCube] = field(default_factory=dict)
    further: Mapping[str, Mapping[str, FrontMatter]] = field(default_factory=dict)

    @property
    def closed(self) -> Mapping[str, str]:
        """What is published in place of the digests of the files with records of persons, by name.

        Whoever knows nearly all of the records could confirm a guess by the digest of the file;
        by that of what is published anyway, nobody can.
        """
        tables: dict[str, dict[str, str]] = {}
        for table, cube in self.cubes.items():
            tables.setdefault(self.package.resources[table].source, {})[table] = cube.digest()
        return {name: digest_json(cubes) for name, cubes in tables.items()}

    def doubts(self, kept: Path | None = None) -> Iterator[Problem]:
        """Yield warnings: what is likely wrong with records, tags that do nothing."""
        yield from record_doubts(self.package, kept)
        faulty = {one.where.file for problems in self.faults.values() for one in problems}
        for name in dict.fromkeys(one.notebook for one in self.settings.report):
            if name not in faulty:
                yield from tag_doubts(self.settings.root / name, Place(name))
        with Records(self.package, kept=kept) as records:
            yield from filter_doubts(self.settings, records)

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """Every problem once, whatever it keeps from being built."""
        faults = (problem for problems in self.faults.values() for problem in problems)
        return tuple(dict.fromkeys((*self.problems, *faults)))


def survey_programme(
    root: Path,
    cache: Path | None = None,
    meanwhile: Callable[[], None] = lambda: None,
    on_cells: Callable[[str, int, int], None] = lambda _table, _done, _of: None,
) -> Survey:
    """Return a programme folder with all that is wrong with it.

    `cache` remembers which records have passed their contract. `meanwhile` is called if there
    is nothing to do but wait, `on_cells` with a table, how many of its cells protection has
    tried, and of how many. Raises ProjectError or DataError where settings or contract cannot be
    read at all.
    """
    settings = read_settings(root)
    package = programme_package(settings)
    work = cache.parent / "protected" if cache else settings.root / PROTECTED
    cubes = _cubes(package, settings, work, on_cells)
    with _protecting(cubes, meanwhile):
        problems = (*check_records(package, cache), *_shared(package))
    if problems:
        return Survey(settings, package, problems)
    with Records(package, kept=cache) as records:
        results = Results(settings, records, cubes=cubes)
        editions, unmakeable = expand(
            settings.report, lambda each: _values(each, settings, records)
        )
        problems = (*results.problems(), *unmakeable)
        if problems:
            return Survey(settings, package, problems)
        fronts: dict[str, FrontMatter] = {}
        further: dict[str, dict[str, FrontMatter]] = {}
        # Editions of one period share their figures: each is measured once.
        periods = {results.period: results}
        faults: dict[str, tuple[Problem, ...]] = {}
        # So is what editions share of their notebook and of their covers.
        declared = lru_cache(partial(_declared, settings.root))
        covers: dict[tuple[str, Period, str], FrontMatter] = {}
        for place, edition in enumerate(editions):
            try:
                editions[place] = _typed(edition, declared)
                own, *others = edition.report.languages
                front = partial(_front, editions[place], results, periods, covers)
                fronts[edition.slug] = front(own)
                further[edition.slug] = {tag: front(tag) for tag in others}
            except JpreportError as error:
                faults[edition.slug] = error.problems
        return Survey(
            settings,
            package,
            (),
            results.figures(),
            tuple(editions),
            fronts,
            faults,
            {table: cubes.cube(table) for table in cubes.tables} if cubes else {},
            further,
        )


def retyped(survey: Survey, notebook: str) -> Survey | None:
    """Return a survey with one notebook read again; None where more has to be."""
    faults = dict(survey.faults)
    declared = lru_cache(partial(_declared, survey.settings.root))
    for edition in survey.editions:
        if edition.report.notebook != notebook:
            continue
        faults.pop(edition.slug, None)
        try:
            if _typed(edition, declared) != edition:
                return None
        except JpreportError as error:
            faults[edition.slug] = error.problems
        if edition.slug not in {*survey.fronts, *faults}:
            return None
    return replace(survey, faults=faults)


def restyled(survey: Survey) -> Survey | None:
    """Return a survey with the programme's style read again; None where more has to be.

    Raises ProjectError where the settings cannot be read.
    """
    settings = read_settings(survey.settings.root)
    if settings.model_copy(update={"style": survey.settings.style}) != survey.settings:
        return None
    brand = brand_of(settings)
    fronts = {slug: replace(one, brand=brand) for slug, one in survey.fronts.items()}
    further = {
        slug: {tag: replace(one, brand=brand) for tag, one in each.items()}
        for slug, each in survey.further.items()
    }
    return replace(survey, settings=settings, fronts=fronts, further=further)


def _shared(package: Package) -> Iterator[Problem]:
    """Find open tables in a file that is closed because records of persons stand in it."""
    closed = {one.path: name for name, one in package.resources.items() if one.sensitive}
    for name, resource in package.resources.items():
        if resource.path in closed and not resource.sensitive:
            yield Problem(
                Place(resource.source),
                f'the table "{name}" stands in one file with "{closed[resource.path]}", which '
                "holds records of persons and stays closed",
                "put the two into files of their own, or declare both sensitive",
            )


def _cubes(
    package: Package, settings: Settings, work: Path, on_cells: Callable[[str, int, int], None]
) -> Cubes | None:
    """Return what protects the sensitive tables, if there are any."""
    if not any(resource.sensitive for resource in package.resources.values()):
        return None
    from jpreport.disclosure.cubes import Cubes

    return Cubes(package, settings.root, work, settings.previous_releases, on_cells)


@contextmanager
def _protecting(cubes: Cubes | None, meanwhile: Callable[[], None]) -> Iterator[None]:
    """Work the protected cubes out beside what the block does; their engine has its own process.

    Where that takes longer than the block, `meanwhile` is called.
    A cube that cannot be made is asked for again by who needs it, and fails there.
    """
    if cubes is None:
        yield
        return

    def protect(table: str) -> None:
        # Of records that break their contract anything can be raised; the check tells of them.
        with suppress(Exception):
            cubes.cube(table)

    # Imports that meet in two threads can go wrong: what reads records is imported before.
    for name in ("duckdb", "pandas", "pyarrow.csv", "pyarrow.parquet", "pyarrow.pandas_compat"):
        import_module(name)
    # Daemons: Ctrl-C does not wait for the engine, which ends when this process does.
    threads = [Thread(target=protect, args=(table,), daemon=True) for table in cubes.tables]
    for thread in threads:
        thread.start()
    patience: float | None = _PATIENCE
    try:
        yield
        if any(thread.is_alive() for thread in threads):
            meanwhile()
        patience = None
    finally:
        for thread in threads:
            thread.join(patience)


def _typed(edition: Edition, declared: Callable[[str], _Declared]) -> Edition:
    """Return the edition with its parameters as its notebook declares them."""
    where = Place(edition.report.notebook)
    declaration, problems = declared(edition.report.notebook)
    if declaration is not None:
        parameters, problems = check_parameters(declaration, edition.parameters, where)
    if problems:
        raise NotebookError(problems)
    return replace(edition, parameters=parameters)


def _declared(root: Path, notebook: str) -> _Declared:
    """Return what a notebook declares, or what is wrong with it."""
    path, where = root / notebook, Place(notebook)
    if problems := check_notebook(path, where):
        return None, problems
    try:
        return read_declaration(load_notebook(path, where), where), ()
    except NotebookError as error:
        return None, error.problems


def _front(
    edition: Edition,
    whole: Results,
    periods: dict[Period, Results],
    covers: dict[tuple[str, Period, str], FrontMatter],
    language: str,
) -> FrontMatter:
    start, end = edition.parameters.get("period_start"), edition.parameters.get("period_end")
    results = whole.over(start, end)
    results = periods.setdefault(results.period, results)
    report = edition.report
    key = report.id, results.period, language
    if key not in covers:
        own = language == report.languages[0]
        with speaking(language if own else wording_in(language, whole.settings.root)):
            covers[key] = front_matter(whole.settings, results, report=report)
    return replace(covers[key], slug=edition.slug)


def _values(each: ForEach, settings: Settings, records: Records) -> Mapping[Any, object]:
    """Return the values of a `for_each`, each once, in their order, with what names their files."""
    pairs: Iterable[tuple[object, object]] = ((value, value) for value in each.values)
    if each.source:
        pairs = _sourced(each, settings, records)
    found: dict[Any, object] = {}
    for value, label in pairs:
        if value not in (None, ""):
            found.setdefault(value, label)
    return dict(islice(found.items(), each.limit))


def _sourced(
    each: ForEach, settings: Settings, records: Records
) -> Iterator[tuple[object, object]]:
    """Yield the values of a source with their labels."""
    table, _, column = each.source.partition(".")
    names = (column, each.label or column)
    declared: Mapping[str, Sequence[Any]] = {
        "objective": settings.objective,
        "organization": settings.organization,
        "indicator": settings.indicator,
    }
    where = Place(SETTINGS_FILE).at(f'for_each = "{each.source}"')
    if table in declared:
        known = {name for entry in declared[table] for name in type(entry).model_fields}
        _known(where, f"[[{table}]]", names, known or {*names})
        if each.where:
            raise ProjectError(Problem(where, "`where` goes with a table of records"))
        yield from ((getattr(one, column), getattr(one, names[1])) for one in declared[table])
        return
    resources = records.package.resources
    if table not in resources:
        hint = did_you_mean(table, [*resources, *declared])
        raise ProjectError(Problem(where, f'there is no table "{table}"', hint))
    _known(where, f'"{table}"', names, set(resources[table].field_names))
    # The names were found in the contract; a line end keeps a comment to itself.
    condition = f" WHERE ({each.where}\n)" if each.where else ""
    sql = f'SELECT "{column}", "{names[1]}" FROM "{table}"{condition}'  # noqa: S608
    try:
        yield from records.query(sql)
    except DataError as error:
        raise ProjectError(
            replace(one, where=one.where or where) for one in error.problems
        ) from None


def _known(where: Place, what: str, names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ProjectError(Problem(where, f'{what} has no "{name}"', hint))
