"""Measure jpreport against the stock tool chain, on this machine, in one run."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from many_records import PLAIN, programme_of
from measure import Run, median, run
from results import Row, cases_table, machine, table, write
from stock import Stock, make_environment

from preview import measure
from programme import (
    ROOT,
    change_a_table,
    copies_of_one,
    edit_a_notebook,
    editions_of_one,
    one_a_table,
)

HERE = Path(__file__).resolve().parent
NOTEBOOK, SMALL = "end_of_programme.ipynb", "donor.ipynb"
MANY = 12
LONG_ROUNDS = 3
AT_ONCE = 0.25  # seconds
MOST_MEMORY = 3072  # MiB, of all processes together
STATE = ".jpreport"
_HEAVY = re.compile(r"\|\s+(pandas|numpy|nbformat|nbclient|nbconvert|papermill|jupyter_\w+|zmq)$")
# Our programs run what stands in this folder, wherever the environment's is.
_OWN = {"PYTHONPATH": str(ROOT / "src")}
_RUNNING = re.compile(r"^(\S+): running \d+ cells", re.MULTILINE)


class Bench:
    """The cases, each on a fresh programme in a folder that is thrown away."""

    def __init__(self, work: Path, stock: Path, rounds: int) -> None:
        self._work, self._stock, self._rounds = work, stock, rounds
        self._number = 0
        self.rows: list[Row] = []
        self.details: list[tuple[str, str]] = []

    def _folder(self) -> Path:
        self._number += 1
        folder = self._work / str(self._number)
        folder.mkdir()
        return folder

    def _build(self, programme: Path, *more: str, env: Mapping[str, str] | None = None) -> Run:
        return self._jpreport("build", programme, *more, env=env)

    def _jpreport(
        self, verb: str, programme: Path, *more: str, env: Mapping[str, str] | None = None
    ) -> Run:
        command = (sys.executable, "-m", "jpreport", verb, "--project", str(programme), *more)
        return run(command, cwd=programme, env=_OWN | (env or {}))

    def cold(self) -> None:
        """Measure one report and many from nothing, and what a report costs beyond its cells."""
        one, many, out = self._folder(), self._folder(), self._folder()
        copies_of_one(one, NOTEBOOK, 1)
        names = copies_of_one(many, NOTEBOOK, MANY)
        stock = Stock(self._stock, one, NOTEBOOK)
        runs: dict[str, list[Run]] = {}

        def measure(case: str, what: Callable[[], Run]) -> None:
            # From nothing: the notebook protects records of persons in both chains.
            for folder in (one / "outputs", one / STATE, many / "outputs", many / STATE):
                shutil.rmtree(folder, ignore_errors=True)
            runs.setdefault(case, []).append(what())
            _tell(case, runs[case][-1])

        for number in range(self._rounds):
            measure("1 report, stock", lambda: stock.one(out, "one"))
            measure("1 report, ours", lambda: self._build(one))
            # What takes longest is measured less often, so that all of it stays below ten minutes.
            if number < LONG_ROUNDS:
                measure(f"{MANY} reports, ours", lambda: self._build(many))
            if number == 0:
                measure(f"{MANY} reports, stock, 2 at a time", lambda: stock.many(out, names, 2))
                measure(f"{MANY} reports, stock", lambda: stock.many(out, names, 1))
        cells, prose = self._cells(one)
        first, all_of_them = runs["1 report, ours"], runs[f"{MANY} reports, ours"]
        self._add_ratio("one report, cold start", first, runs["1 report, stock"], 0.6, cells)
        for case, limit in ((f"{MANY} reports, stock", 0.2), ("2 at a time", 0.35)):
            [other] = [name for name in runs if name.endswith(case)]
            title = f"{MANY} reports, cold start, against {other.partition(', ')[2]}"
            self._add_ratio(title, all_of_them, runs[other], limit, MANY * cells)
        self._add_cost(runs, cells, prose)
        rows = [
            [case, *(f"{median(done, of):.2f}" for of in (_wall, _cpu)),
             f"{median(done, lambda r: r.memory):.0f}", " ".join(f"{r.wall:.2f}" for r in done)]
            for case, done in runs.items()
        ]  # fmt: skip
        head = ["case", "wall s", "CPU s", "peak memory MiB", "wall of each round s"]
        self.details.append(("Cold starts", table(head, rows)))

    def _add_ratio(
        self, case: str, ours: list[Run], stock: list[Run], limit: float, cells: float
    ) -> None:
        mine, theirs = median(ours, _wall), median(stock, _wall)
        ratio, cpu, cores = mine / theirs, median(ours, _cpu), os.cpu_count() or 1
        self.rows.append(
            Row(
                case,
                f"{ratio:.2f} ({mine:.1f} s against {theirs:.1f} s)",
                f"{limit} of the stock chain's wall time",
                ratio <= limit,
                ours,
                f"{mine - limit * theirs:.1f} s over {limit * theirs:.1f} s; its {cpu:.1f} s of "
                f"CPU ({cells:.1f} s the cells' own) take {cpu / cores:.1f} s where no core of "
                f"{cores} ever waits; the stages below say where they go",
            )
        )

    def _cells(self, programme: Path) -> tuple[float, float]:
        """Return the CPU seconds of all cells in a plain Python, and of the prose among them."""
        notebook = programme / "notebooks" / NOTEBOOK
        command = (sys.executable, HERE / "cells.py", notebook)
        self._build(programme)  # the cubes are kept, as they are for a kernel
        told = [run(command, cwd=notebook.parent, env=_OWN).said for _ in range(self._rounds)]
        cells, code = (statistics.median(float(x.split()[at]) for x in told) for at in (-2, -1))
        return cells, cells - code

    def _add_cost(self, runs: Mapping[str, list[Run]], cells: float, prose: float) -> None:
        first, all_of_them = (
            median(runs[f"{n}, ours"], _cpu) for n in ("1 report", f"{MANY} reports")
        )
        each = (all_of_them - first) / (MANY - 1)
        self.rows.append(
            Row(
                "cost of a report beyond its cells' own time",
                f"{each - cells:.2f} s of CPU ({each:.2f} s each after the first, HTML and PDF "
                f"included; its cells {cells:.2f} s, of which {prose:.2f} s are the values "
                "in its prose)",
                "0.6 s of CPU",
                each - cells <= 0.6,  # noqa: PLR2004
                runs[f"{MANY} reports, ours"],
                "its kernel, pandoc, HTML, PDF and the audit of its files are part of it; the "
                "stages below say what each takes",
            )
        )

    def again(self) -> None:
        """Edit a notebook whose records are checked and protected already, in both chains."""
        programme, out = self._folder(), self._folder()
        copies_of_one(programme, NOTEBOOK, 1)
        stock = Stock(self._stock, programme, NOTEBOOK)
        self._build(programme)
        ours, theirs = [], []
        for number in range(self._rounds):
            edit_a_notebook(programme, NOTEBOOK, f"Edited {number + 1} times.")
            theirs.append(stock.one(out, "again"))
            ours.append(self._build(programme))
            _tell("edited, stock", theirs[-1])
            _tell("edited, ours", ours[-1])
        self._add_ratio("a sentence edited, its report again", ours, theirs, 0.35, 0.0)

    def nothing_changed(self) -> None:
        """Measure a build with nothing to do, and what it imports."""
        programme = self._folder()
        copies_of_one(programme, NOTEBOOK, 2)
        self._build(programme, "--strict")
        self._jpreport("check", programme)
        runs = [self._build(programme) for _ in range(self._rounds)]
        for verb, *more in (
            ("build", "r002"), ("build", "--dry-run"), ("build", "--strict"), ("check",),
        ):  # fmt: skip
            case = f"nothing changed, `{' '.join((verb, *more))}`"
            again = [self._jpreport(verb, programme, *more) for _ in range(self._rounds)]
            wall = median(again, _wall)
            _tell(case, again[-1])
            limit = f"{AT_ONCE} s"
            why = "see what it imports"
            self.rows.append(Row(case, f"{wall:.3f} s", limit, wall <= AT_ONCE, again, why))
        command = (sys.executable, "-X", "importtime", "-m", "jpreport", "build")
        said = run((*command, "--project", programme), cwd=programme, env=_OWN).said
        heavy = sorted(
            {found.group(1) for line in said.splitlines() if (found := _HEAVY.search(line))}
        )
        wall = median(runs, _wall)
        _tell("nothing changed", runs[-1])
        self.rows.append(
            Row(
                "nothing changed",
                f"{wall:.3f} s; imports {', '.join(heavy) or 'none of pandas, nbformat, Jupyter'}",
                f"{AT_ONCE} s, and no import of pandas, nbformat or Jupyter",
                wall <= AT_ONCE and not heavy,
                runs,
                "see what it imports",
            )
        )

    def one_table(self) -> None:
        """Change one table of many; see which reports run."""
        programme = self._folder()
        tables = one_a_table(programme)
        self._build(programme)
        change_a_table(programme, "students.csv")
        done = self._build(programme)
        ran = sorted(set(_RUNNING.findall(done.said)))
        _tell("one table changed", done)
        self.rows.append(
            Row(
                "one table of many changed",
                f"{len(ran)} of {len(tables)} reports ran ({done.wall:.2f} s)",
                "only the reports that read it run",
                ran == ["students"],
                [done],
                "a run is taken to read every table that its plan opens",
            )
        )

    def a_template(self) -> None:
        """Change a template of the exporters, in a copy of the package."""
        programme, source = self._folder(), self._folder()
        names = copies_of_one(programme, SMALL, 4)
        shutil.copytree(ROOT / "src", source, dirs_exist_ok=True)
        env = {"PYTHONPATH": str(source)}
        self._build(programme, env=env)
        style = source / "jpreport" / "export" / "templates" / "report.css"
        style.write_text(style.read_text("utf-8") + "\n/* changed */\n", "utf-8")
        done = self._build(programme, env=env)
        ran = _RUNNING.findall(done.said)
        rendered = len(re.findall(r"^\S+: built", done.said, re.MULTILINE))
        each = done.wall / len(names)
        _tell("a template changed", done)
        self.rows.append(
            Row(
                "a template changed",
                f"{len(ran)} kernels started, {rendered} of {len(names)} reports rendered, "
                f"{each:.2f} s a report ({done.wall:.2f} s in all)",
                "no kernel starts; 0.4 s a report",
                not ran and rendered == len(names) and each <= 0.4,  # noqa: PLR2004
                [done],
                "rendering takes longer, or kernels were started",
            )
        )

    def very_many(self, count: int) -> None:
        """Build so many editions of one template, and twice as many: CPU, memory of the parent."""
        done: list[Run] = []
        for number in (count, 2 * count):
            programme = self._folder()
            editions_of_one(programme, SMALL, number)
            done.append(self._build(programme))
            _tell(f"{number} editions", done[-1])
        first, second = (one.cpu for one in done)
        slope, each = (second - first) / count, first / count
        held = [max(memory for _, memory in one.samples) for one in done]
        self.rows.append(
            Row(
                f"{count} and {2 * count} editions of one template, HTML",
                f"{each:.2f} s of CPU each, {slope:.2f} s each of the second half; "
                f"{done[0].wall:.0f} and {done[1].wall:.0f} s; the parent holds at most "
                f"{held[0]:.0f} and {held[1]:.0f} MiB",
                "linear (within a tenth); the parent under 400 MiB",
                slope <= 1.1 * each and max(held) < 400,  # noqa: PLR2004
                done[1:],
                "more editions took more each, or were held in memory",
            )
        )

    def forms(self) -> None:
        """Measure what Word, workbooks and a further language add to one report that runs."""
        page = '"html", "pdf"'
        asked = {
            "HTML and PDF": (page, '"en"', 0.0),
            "Word": (f'{page}, "docx"', '"en"', 0.5),
            "ODS and XLSX": (f'{page}, "ods", "xlsx"', '"en"', 0.3),
            "a further language": (page, '"en", "sr-Cyrl"', 0.5),
        }
        folders = {name: self._folder() for name in asked}
        for name, (formats, languages, _) in asked.items():
            copies_of_one(folders[name], NOTEBOOK, 1)
            settings = folders[name] / "programme.toml"
            more = f"formats = [{formats}]\nlanguages = [{languages}]\n"
            settings.write_text(settings.read_text("utf-8") + more, "utf-8")
            self._build(folders[name])  # the cubes are kept, as they are for most builds
        runs: dict[str, list[Run]] = {name: [] for name in asked}
        for _ in range(self._rounds):
            for name, folder in folders.items():
                runs[name].append(self._build(folder, "--force"))
                _tell(name, runs[name][-1])
        base = median(runs["HTML and PDF"], _cpu)
        for name, (_, _, limit) in list(asked.items())[1:]:
            added = median(runs[name], _cpu) - base
            self.rows.append(
                Row(
                    f"{name}, beside HTML and PDF",
                    f"{added:.2f} s of CPU more than {base:.2f} s",
                    f"{limit} s of CPU",
                    added <= limit,
                    runs[name],
                    "the biggest report, its charts and tables made and audited once more",
                )
            )

    def records(self) -> None:
        """Measure builds over very many records, beside a plain pandas script of the same work."""
        for count, rounds in ((10**5, self._rounds), (10**6, 1), (10**7, 1)):
            for kind in (".csv", ".parquet"):
                self._records(f"{count:,} records, {kind[1:].upper()}", count, kind, rounds)
        for count in (10**6, 10**7):
            self._records(f"{count:,} records of persons, CSV", count, ".csv", 1, sensitive=True)

    def _records(
        self, case: str, count: int, kind: str, rounds: int, *, sensitive: bool = False
    ) -> None:
        programme = self._folder()
        path = programme_of(programme, count, kind, sensitive=sensitive)
        ours, plain = [], []
        for _ in range(rounds):
            for folder in (programme / "outputs", programme / STATE):
                shutil.rmtree(folder, ignore_errors=True)
            ours.append(self._build(programme))
            _tell(f"{case}, ours", ours[-1])
            if not sensitive:
                plain.append(run((sys.executable, PLAIN, path), cwd=HERE))
                _tell(f"{case}, plain pandas", plain[-1])
        again = self._build(programme, "--force")
        _tell(f"{case}, run again", again)
        shutil.rmtree(programme)
        mine, memory = median(ours, _cpu), median(ours, _memory)
        said, ahead, limit = "", True, f"{MOST_MEMORY} MiB"
        if plain:
            theirs = median(plain, _cpu)
            said = f" (plain pandas: {theirs:.1f} s, {median(plain, _memory):.0f} MiB)"
            if kind == ".csv" and count >= 10**6:
                ahead, limit = mine <= theirs, f"{limit}, and the CPU of plain pandas"
        self.rows.append(
            Row(
                case,
                f"{mine:.1f} s of CPU, {memory:.0f} MiB{said}; run again {again.cpu:.1f} s",
                limit,
                memory <= MOST_MEMORY and ahead,
                ours,
                "the report itself, HTML and PDF with their audit, is part of ours",
            )
        )

    def preview(self, rounds: int) -> None:
        """Measure what an author waits for: a change on the page of a preview."""
        limits = {"value": 1.0, "cell": 1.0}  # of all others, half a second
        for name, waited in measure(self._folder(), self._folder(), rounds).items():
            shown, done, cpu = (
                statistics.median(getattr(one, what) for one in waited)
                for what in ("shown", "done", "cpu")
            )
            own = ", and its own run time" if name == "cell" else ""
            self.rows.append(
                Row(
                    f"preview, {name} changed",
                    f"{shown:.2f} s until it shows, {done:.2f} s until all is up to date "
                    f"(medians of {rounds}; {cpu:.2f} s of CPU)",
                    f"{limits.get(name, 0.5)} s{own}",
                    shown <= limits.get(name, 0.5),
                    why="the cells behind it run again; other work on the machine shows here",
                )
            )

    def stages(self) -> None:
        """See where one report's time goes."""
        programme = self._folder()
        copies_of_one(programme, NOTEBOOK, 1)
        done = []
        for _ in range(self._rounds):
            shutil.rmtree(programme / STATE, ignore_errors=True)
            command = (sys.executable, HERE / "stages.py", programme, self._folder())
            done.append(json.loads(run(command, cwd=programme, env=_OWN).said.splitlines()[-1]))
        rows = [
            [
                name,
                *(f"{statistics.median(one[name][kind] for one in done):.2f}" for kind in (0, 1)),
            ]
            for name in done[0]
        ]
        text = table(["stage (within and beside each other)", "wall s", "CPU s"], rows)
        self.details.append(("Where one report's time goes", text))


def _wall(one: Run) -> float:
    return one.wall


def _cpu(one: Run) -> float:
    return one.cpu


def _memory(one: Run) -> float:
    return one.memory


def _tell(case: str, one: Run) -> None:
    print(f"{case}: {one.wall:.2f} s, {one.cpu:.2f} s of CPU, {one.memory:.0f} MiB", flush=True)


def main() -> None:
    """Run the cases that were asked for, print their rows, and write them down."""
    cases = ("cold", "again", "stages", "nothing_changed", "one_table", "a_template", "forms",
             "records", "preview", "very_many")  # fmt: skip
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of the cases that are repeated")
    parser.add_argument(
        "--reports", type=int, default=200, help="editions of one template, and twice as many"
    )
    parser.add_argument("--preview", type=int, default=20, help="rounds of each change in it")
    parser.add_argument("--stock", type=Path, default=ROOT / ".venv-bench", help="its environment")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    parser.add_argument("--case", action="append", choices=cases, help="only this (repeatable)")
    options = parser.parse_args()
    about = [*machine(), f"{options.rounds} rounds; notebook `{NOTEBOOK}`, `{SMALL}` where small"]
    # Very many take minutes, and only their growth is of interest.
    chosen = options.case or [case for case in cases if case != "very_many"]
    if {"cold", "again"} & set(chosen):
        make_environment(options.stock)
    # The measured programs see no settings of this one's.
    os.environ.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory(prefix="jpreport-bench-") as work:
        bench = Bench(Path(work), options.stock, options.rounds)
        begun = time.perf_counter()
        for case in chosen:
            print(f"{case} (after {time.perf_counter() - begun:.0f} s)", flush=True)
            counts = {"very_many": options.reports, "preview": options.preview}
            more = (counts[case],) if case in counts else ()
            getattr(bench, case)(*more)
    print(f"\n{cases_table(bench.rows)}")
    write(options.output, about, bench.rows, bench.details)


if __name__ == "__main__":
    main()
