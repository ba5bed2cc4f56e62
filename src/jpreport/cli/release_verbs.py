"""The verbs that keep a release clean, and record that it is out: audit, publish, strip."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jpreport.cli.folders import output_of, root_of
from jpreport.programme.folder import AUDIT_RECORD, MANIFEST, RELEASES, STATE

if TYPE_CHECKING:
    from jpreport.audit import Audit


def add_release_verbs(verbs: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Add audit, publish and strip to the verbs of a parser."""
    audit = verbs.add_parser(
        "audit",
        parents=[common],
        help="attack a release: can anybody be singled out?",
        description="Read every file of a release for what tells of persons or of this machine, "
        "compare each number about a sensitive table with its protected cube, and attack the "
        "cubes as an intruder would. Exit code 0 if nothing is found, 1 if something is.",
    )
    audit.add_argument(
        "release",
        nargs="?",
        type=Path,
        metavar="OUTPUT",
        help="folder of reports (default: the programme's outputs)",
    )
    audit.add_argument(
        "--previous",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="earlier releases, which an intruder has as well (default: previous_releases of "
        "programme.toml, or all that jpreport publish recorded)",
    )
    audit.add_argument("--json", action="store_true", help="print JSON")
    audit.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="write by which rules and versions it was judged, and the verdicts, as JSON without "
        "sensitive values, for the release's file",
    )
    publish = verbs.add_parser(
        "publish",
        parents=[common],
        help="record that a release is out, so that later ones are protected together with it",
        description="Audit the release and record it as published: its manifest, its "
        f"protected cubes and the record of the audit go to {RELEASES}/NAME, to be committed. "
        "Later releases are protected, and attacked, together with all that are recorded.",
        epilog="example: jpreport publish 2026-midterm",
    )
    publish.add_argument("name", metavar="NAME", help="what to call it, such as 2026-midterm")
    strip = verbs.add_parser(
        "strip",
        parents=[common],
        help="take out what runs left in the notebooks",
        description="Bring notebooks into their canonical form: no outputs, counts or values of "
        "an earlier run, no state of an editor; cells and their ids stay.",
        epilog="example: jpreport strip --check notebooks/donor.ipynb",
    )
    strip.add_argument(
        "notebooks",
        nargs="*",
        type=Path,
        metavar="NOTEBOOK",
        help="notebook files (default: all of the programme)",
    )
    strip.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 if anything would change"
    )


def audit(options: argparse.Namespace) -> int:
    """Audit a release and say what was looked at and what was found."""
    root = root_of(options)
    output = options.release.resolve() if options.release else output_of(options, root)
    result, record = _audited(root, output, options.previous or ())
    if options.record:
        from jpreport.files import to_json_bytes, write_atomic

        write_atomic(options.record, to_json_bytes(record))
    if options.json:
        print(json.dumps(result.to_json(), indent=1, ensure_ascii=False))
    else:
        _show(result)
    return 1 if result.problems else 0


def _audited(
    root: Path, output: Path, previous: Sequence[Path] = ()
) -> tuple[Audit, dict[str, Any]]:
    """Audit a release together with previous ones: those that the programme knows, or others.

    Returns what was found, and the record for the release's file.
    """
    from jpreport.audit import audit_record, audit_release
    from jpreport.data import programme_package
    from jpreport.disclosure.differences import cubes_in, unnamed
    from jpreport.programme.settings import read_settings

    settings = read_settings(root)
    package = programme_package(settings)
    known = [one.resolve() for one in previous or settings.previous_releases]
    result = audit_release(output, package, settings.root, previous=known)
    names = [one.resolve() for one in settings.recorded]
    others = [(f"{RELEASES}/{one.name}", cubes_in(one)) for one in names if one not in known]
    told = unnamed(cubes_in(output), others, known)
    result = replace(result, notes=(*result.notes, *map(str, told)))
    return result, audit_record(result, output, known)


def publish(options: argparse.Namespace) -> int:
    """Record a release as published, if nothing is found in it."""
    import tempfile

    from jpreport.errors import OutputError, Place, Problem
    from jpreport.files import prepare_private_folder, read_json, to_json_bytes, write_atomic

    root = root_of(options)
    output, target = output_of(options, root), root / RELEASES / options.name
    if target.parent != root / RELEASES or options.name in {"", ".", ".."}:
        raise OutputError(Problem(Place(options.name), "is no name", "use letters and digits"))
    if target.exists():
        hint = "a release that is out does not change: choose another name"
        raise OutputError(Problem(Place(f"{RELEASES}/{options.name}"), "is there already", hint))
    result, record = _audited(root, output)
    _show(result)
    if result.problems:
        return 1
    prepare_private_folder(root / STATE)
    # It is there whole or not at all: what is interrupted leaves nothing under its name.
    with tempfile.TemporaryDirectory(dir=root / STATE) as folder:
        made = Path(folder) / "release"
        for name in (*read_json(output / MANIFEST).get("cubes", ()), MANIFEST):
            write_atomic(made / name, (output / name).read_bytes())
        write_atomic(made / AUDIT_RECORD, to_json_bytes(record))
        target.parent.mkdir(exist_ok=True)
        made.rename(target)
    print(f"recorded in {RELEASES}/{options.name}; commit that folder")
    return 0


def _show(result: Audit) -> None:
    from jpreport.cli.problems import print_problems
    from jpreport.language import ENGLISH

    number = ENGLISH.number
    for note in result.notes:
        print(f"note: {note}")
    print(
        f"{number(result.files)} files read for values of identifying columns and for traces of "
        f"this machine: {_found(len(result.leaks))}"
    )
    for table in result.tables:
        print(
            f"{table.table}: {number(table.cells)} counts, {number(table.suppressed)} of them "
            f"suppressed (threshold {table.threshold} persons); {number(table.compared)} numbers "
            "of the release compared with them; groups of which everybody has one value of a "
            f"dimension: {_found(table.groups)}; numbers that two persons make nearly all of: "
            f"{_found(table.dominated)}"
        )
    if result.tables:
        print(f"numbers that are not the protected cubes': {_found(len(result.numbers))}")
        before = {0: "the release", 1: "the release and the one before it"}
        release = before.get(result.previous, f"the release and {result.previous} before it")
        print(f"attack on {release}: {_found(len(result.attacks))}")
        if not result.previous:
            print("no earlier release was given; if there is one, name it with --previous DIR")
        print("not looked at: numbers that an author typed into the text (see jpreport check)")
    else:
        print("no table is declared sensitive: there are no protected cubes to attack")
    if result.problems:
        print_problems(result.problems)


def _found(count: int) -> str:
    from jpreport.language import ENGLISH

    return f"{ENGLISH.number(count)} found" if count else "nothing found"


def strip(options: argparse.Namespace) -> int:
    """Bring notebooks into their canonical form, or name those that are not in it."""
    from jpreport.errors import NotebookError, Place, Problem
    from jpreport.execute.check import load_notebook
    from jpreport.files import write_atomic
    from jpreport.files.canonical import canonical
    from jpreport.programme.settings import read_settings

    paths = list(options.notebooks)
    if not paths:
        root = root_of(options)
        names = dict.fromkeys(report.notebook for report in read_settings(root).report)
        paths = [root / name for name in names]
    problems: list[Problem] = []
    changed = []
    for path in paths:
        try:
            load_notebook(path, Place(str(path)))
        except NotebookError as error:
            problems += error.problems
            continue
        content = path.read_bytes()
        if (clean := canonical(content)) != content:
            changed.append(path)
            if not options.check:
                write_atomic(path, clean)
    for path in changed:
        print(f"{path}: {'is not stripped' if options.check else 'stripped'}")
    if problems:
        raise NotebookError(problems)
    return 1 if changed and options.check else 0
