"""Audit a release as a whole: leaks, numbers against the protected cubes, an intruder's attack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from threading import Lock

from jpreport.audit.attack import attack
from jpreport.audit.contents import Reader, names_in
from jpreport.audit.items import Item, Text, Unread
from jpreport.audit.leaks import Search
from jpreport.audit.numbers import Case, Comparison, Numbers
from jpreport.audit.result import Audit, TableAudit
from jpreport.audit.traces import Traces, traces_here
from jpreport.audit.watchlist import Watchlist, watchlist
from jpreport.data import Package, Records
from jpreport.disclosure.cube import Cube, build_cube
from jpreport.disclosure.cubes import published_cube, read_cube
from jpreport.disclosure.declaration import P_PERCENT, Sensitive
from jpreport.disclosure.declared import read_sensitive
from jpreport.disclosure.groups import concentrated
from jpreport.disclosure.primary import protection_level
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.secret import programme_secret
from jpreport.errors import OutputError, Place, Problem
from jpreport.files import digest_bytes, read_json
from jpreport.files.inputs import read_input
from jpreport.language import wording_in
from jpreport.programme.folder import MANIFEST, PUBLISHED_CUBES, SETTINGS_FILE, STATE
from jpreport.programme.settings import read_settings

# What of a declaration decides how well its table is protected.
_RULES = (
    "unit", "threshold", "count", "keep", "zeros", "groups", "method", "base", "width",
    "insider_width", "sums",
    "p_percent", "dominance",
)  # fmt: skip
# Where a programme keeps that an attack found nothing.
VERDICTS = f"{STATE}/verdicts"


@dataclass(frozen=True, slots=True)
class Release:
    """The files that an audit reads: `names` in `folder` (None: all that is there).

    `pending` holds contents that are not written yet, by name. In files that are `clean`, an
    earlier audit found no leak in comparison with the same records: only their numbers are read.
    """

    folder: Path
    names: frozenset[str] | None = None
    pending: Mapping[str, bytes] = field(default_factory=dict)
    clean: frozenset[str] = frozenset()

    def cube(self, table: str) -> ProtectedCube | None:
        """Return the protected cube of a table; None where the release has none."""
        pending = self.pending.get(f"{PUBLISHED_CUBES}/{table}.json")
        return published_cube(self.folder, table) if pending is None else read_cube(pending)


@dataclass(slots=True)
class _Basis:
    """What the outputs are compared with; `truths` only of tables whose records are at hand."""

    declarations: Mapping[str, Sensitive]
    truths: dict[str, Cube] = field(default_factory=dict)
    secrets: Watchlist = field(default_factory=Watchlist)


def _declarations(package: Package) -> dict[str, Sensitive]:
    return {
        name: read_sensitive(resource.sensitive, resource, package.place)
        for name, resource in package.resources.items()
        if resource.sensitive
    }


def _basis(
    package: Package, root: Path, release: Release | None = None, kept: Path | None = None
) -> _Basis:
    """Return what the records say; raises DisclosureError, or DataError.

    Values that are not told one by one are those of the `release`, as far as it tells.
    """
    basis = _Basis(_declarations(package))
    if not basis.declarations:
        return basis
    with Records(package, kept=kept, persons=True) as records:
        for table, declaration in basis.declarations.items():
            cube = release.cube(table) if release else None
            basis.truths[table] = build_cube(
                declaration, package.resources[table], records, [cube.axes] if cube else ()
            )
        settings = [
            read_input(path).decode("utf-8", "replace") for path in _settings(package, root)
        ]
        basis.secrets = watchlist(package, records, basis.declarations, basis.truths, settings)
    return basis


def _settings(package: Package, root: Path) -> list[Path]:
    return [path for path in (root / SETTINGS_FILE, package.path) if path.is_file()]


def _traces(package: Package, root: Path) -> Traces:
    """Return the traces of this machine, without the words of the programme itself."""
    notebooks = {root / report.notebook for report in read_settings(root).report}
    files = [*_settings(package, root), *(path for path in notebooks if path.is_file())]
    closed = {one.path for one in package.resources.values() if one.sensitive}
    tables = {one.path for one in package.resources.values()} - closed
    return traces_here(
        root,
        [read_input(path).decode("utf-8", "replace") for path in files],
        open_files=[*files, *sorted(path for path in tables if path.is_file())],
    )


def _dominated(case: Case) -> int:
    """Return how many numbers are published that the p% rule, at its default, would not let."""
    if case.truth is None or case.truth.count == "persons":
        return 0
    cells = (case.truth.cells[cell] for cell in case.cube.published)
    return sum(bool(protection_level(cell, P_PERCENT, 0, 100)) for cell in cells)


def _audited(case: Case, compared: int, found: int) -> TableAudit:
    """Return what was audited of a case: how many numbers compared, and what the attack found."""
    rules = asdict(case.declaration)
    return TableAudit(
        case.table,
        case.cube.threshold,
        len(case.cube.cells),
        len(case.cube.suppressed),
        compared,
        case.truth is not None,
        0 if case.column else len(concentrated(case.cube)),
        _dominated(case),
        case.cube.digest(),
        {name: rules[name] for name in _RULES},
        found,
    )


def _agrees(cube: ProtectedCube, truth: Cube) -> bool:
    """Whether a protected cube can have been made from these counts."""
    if cube.axes != truth.axes:
        return False
    if cube.base:
        inner = product(*(axis.leaves for axis in truth.axes))
        return all(
            abs((cube.cells[cell] or 0) - truth.cells[cell].value) < cube.base for cell in inner
        )
    pairs = ((cube, truth), *((cube.of(one), truth.of(one)) for one in cube.sums))
    return all(
        true.cells[cell].value == value
        for told, true in pairs
        for cell, value in told.published.items()
    )


def _case(
    release: Release, declaration: Sensitive, truth: Cube
) -> tuple[Case | None, list[Problem], list[str]]:
    """Return a table's case, what is wrong with its cube, and what to note."""
    table = declaration.table
    where = Place(f"{PUBLISHED_CUBES}/{table}.json")
    cube = release.cube(table)
    if cube is None:
        problem = Problem(where, "the release has no protected cube of this table", "build it")
        return None, [problem], []
    problems = []
    if cube.threshold < declaration.threshold or cube.width < declaration.width:
        problems.append(
            Problem(where, "was protected by weaker rules than are declared now", "build it again")
        )
    if missing := set(declaration.sums) - cube.sums.keys():
        what = f"has no sums of {' and '.join(sorted(missing))}"
        problems.append(Problem(where, what, "build it again"))
    cube = replace(cube, sums={one: cube.sums[one] for one in truth.sums.keys() - missing})
    if _agrees(cube, truth):
        return Case(declaration, cube, truth), problems, []
    note = (
        f"{table}: the records are not those that the release was made from; single persons "
        "were not played, and tables without figures not recognized"
    )
    return Case(declaration, cube), problems, [note]


class Auditor:
    """The audit of one release, file by file as they are made or lie in their folder.

    `kept` is the folder of the open tables that a build keeps.
    Raises OutputError where there is no release, DisclosureError or DataError where the records
    cannot be read. Without `placed`, what is found does not say where.
    """

    def __init__(
        self,
        release: Release,
        package: Package,
        root: Path,
        *,
        placed: bool = False,
        kept: Path | None = None,
    ) -> None:
        self._package, self._root = package, root
        basis = _basis(package, root, release, kept)
        self._cases: list[Case] = []
        self._attacks: list[Problem] = []
        self._notes: list[str] = []
        for table, declaration in basis.declarations.items():
            case, problems, noted = _case(release, declaration, basis.truths[table])
            if case:
                self._cases += [case, *map(case.of, case.cube.sums)]
            self._attacks += problems
            self._notes += noted
        self._search = Search(basis.secrets, _traces(package, root))
        settings = read_settings(root)
        tags = {tag for report in settings.report for tag in report.languages[1:]}
        languages = [wording_in(tag, root) for tag in sorted(tags)]
        self._comparison = Comparison(self._cases, settings.indicators, languages)
        self._whole = Reader(self._take, placed=placed)
        self._numbers = Reader(self._compare, placed=placed)
        self._name = ""
        self._lock = Lock()
        self.read: dict[str, str] = {}

    def _take(self, item: Item) -> bool:
        harmless = self._search.item(self._name, item)
        self._compare(item)
        return harmless

    def _compare(self, item: Item) -> bool:
        if self._cases:
            self._comparison.item(item)
        return isinstance(item, Text)

    def file(self, name: str, content: bytes, *, clean: bool = False) -> None:
        """Read one file, of a `clean` one only the numbers; several threads may."""
        with self._lock:
            self._name = name
            self.read[name] = digest_bytes(content)
            (self._numbers if clean else self._whole).file(name, content)

    def rest(self, release: Release) -> None:
        """Read the files of a release that have not been read."""
        names = names_in(release.folder) if release.names is None else release.names
        skipped = frozenset() if self._cases else release.clean
        for name in sorted(names - release.pending.keys() - self.read.keys() - skipped):
            try:
                content = (release.folder / name).read_bytes()
            except OSError as error:
                where, why = Place(name), f"cannot be read: {error.strerror or error}"
                self._take(Text(where.at("its name"), name))
                self._take(Unread(where, why))
            else:
                self.file(name, content, clean=name in release.clean)
        for name, content in release.pending.items():
            if name not in skipped:
                self.file(name, content, clean=name in release.clean)

    @cached_property
    def leaks(self) -> tuple[Problem, ...]:
        """Where the files tell what they must not."""
        return self._search.finish()

    @cached_property
    def numbers(self) -> Numbers:
        """What was found of the numbers of sensitive tables."""
        return self._comparison.finish()

    def finish(self, previous: Sequence[Path]) -> Audit:
        """Attack the cubes, and return what was found; `previous` are earlier releases."""
        numbers = self.numbers
        attacks, tables = self._attacks, list[TableAudit]()
        synthetic = self._package.synthetic
        secret = programme_secret(self._root, synthetic=synthetic) if self._cases else b""
        for case in self._cases:
            given = numbers.given_away.get(case.table, {})
            resource = self._package.resources[case.declaration.table]
            found = [*attack(case, resource, previous, given, self._root / VERDICTS, secret)]
            attacks += found
            tables.append(_audited(case, numbers.compared.get(case.table, 0), len(found)))
        return Audit(
            files=len(self.read),
            tables=tuple(tables),
            leaks=self.leaks,
            numbers=tuple(sorted(numbers.problems)),
            attacks=tuple(attacks),
            notes=tuple(self._notes),
            previous=len(previous),
        )


def audit_release(
    release: Release | Path,
    package: Package,
    root: Path,
    *,
    previous: Sequence[Path] = (),
    begun: Auditor | None = None,
) -> Audit:
    """Audit a built release in every way: leaks, numbers, and the attack on each cube.

    `release` is an output folder, or the files of one. `root` is the programme folder,
    `previous` the folders of earlier releases, which an intruder has as well; `begun` has read
    some of the files, as they are. Keeps in the programme's state folder that an attack found
    nothing. Raises OutputError where there is no release, DisclosureError or DataError where the
    records cannot be read.
    """
    if isinstance(release, Path):
        release = Release(release)
    output = release.folder
    if MANIFEST not in release.pending and not (output / MANIFEST).is_file():
        raise OutputError(
            Problem(Place(str(output)), "holds no release", "run jpreport build first")
        )
    if read_json(output / MANIFEST).get("audience") == "restricted":
        what = "holds restricted editions: they may show records of persons, and are no release"
        hint = "there is nothing to audit; they must not be published"
        raise OutputError(Problem(Place(str(output)), what, hint))
    auditor = begun or Auditor(release, package, root)
    auditor.rest(release)
    if auditor.leaks or auditor.numbers.problems:
        # Seldom, so that only then it is told where.
        auditor = Auditor(release, package, root, placed=True)
        auditor.rest(release)
    return auditor.finish(previous)
