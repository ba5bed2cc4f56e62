"""The command line: exit codes, clear words, nothing heavy for `--help`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jpreport import __version__
from jpreport.cli import main
from programme_samples import edit_notebook, write_programme

RUN = [sys.executable, "-m", "jpreport"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_programme(tmp_path / "programme")


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RUN, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_help_has_examples_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from jpreport.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'duckdb', 'nbformat', 'papermill', 'matplotlib', 'pydantic', 'rich'}\n"
        "print('LOADED', sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "jpreport build donor --format pdf" in done.stdout
    assert "LOADED []" in done.stdout


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"jpreport {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: VERB"),
        (["biuld"], "invalid choice"),
        (["build", "--jobs", "0"], "not a number from 1 upward"),
        (["build", "--format", "rtf"], "choose from "),
        (["build", "--cluster", "local:0"], "not a number from 1 upward"),
        (["build", "--cluster", "tcp:host"], "no address of a scheduler"),
    ],
)
def test_wrong_usage_is_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_check_says_that_all_is_well(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--project", str(root)]) == 0
    assert capsys.readouterr().out == "2 tables, 2 indicators, 3 reports: all as declared\n"
    assert not list((root / "outputs").glob("*.html"))


def test_check_warns_of_what_does_not_reconcile(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_notebook(root / "programme.toml", "published = 5", "published = 6")
    assert main(["check", "--project", str(root)]) == 0
    where = 'programme.toml, line 15, [[indicator]] "1.1", published'
    said = f"warning: {where}: Visits made: computed 5, published 6"
    assert said in capsys.readouterr().err


def test_check_warns_of_a_notebook_that_no_report_is_made_from(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--project", str(root)]) == 0  # what is found is kept
    assert not capsys.readouterr().err
    for name in ("draft.ipynb", ".ipynb_checkpoints/summary-checkpoint.ipynb"):
        (root / "notebooks" / name).parent.mkdir(exist_ok=True)
        (root / "notebooks" / name).write_text("{}", encoding="utf-8")
    assert main(["check", "--project", str(root)]) == 0
    assert capsys.readouterr().err.splitlines()[:1] == [
        "warning: notebooks/draft.ipynb: no report is made from this notebook"
    ]
    (root / "notebooks/draft.ipynb").unlink()
    assert main(["check", "--project", str(root)]) == 0
    assert not capsys.readouterr().err


def test_figures_in_json_carry_their_derivation(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["figures", "--json", "--project", str(root)]) == 0
    visits, money = json.loads(capsys.readouterr().out)
    assert (visits["value"], visits["reconciles"]) == (5, True)
    assert visits["derivation"]["source"] == "data/visits.csv"
    assert (money["text"], money["published"]) == ("EUR\u00a0300.50", None)


def test_figures_as_a_table(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", "--project", str(root)]) == 0
    out = capsys.readouterr().out
    assert "1.1  Visits made (visits)" in out
    assert "not stated" in out


def test_trace_prints_the_derivation_and_the_records(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", "1.1", "--project", str(root)]) == 0
    out = capsys.readouterr().out
    assert "SELECT count(*) AS value" in out
    assert "data/visits.csv" in out
    assert "eve" in out


def test_trace_writes_the_records(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = root / "records.csv"
    assert main(["trace", "1.1", "--project", str(root), "--csv", str(target)]) == 0
    assert "5 records written" in capsys.readouterr().out
    assert target.read_text(encoding="utf-8") == (root / "data/visits.csv").read_text(
        encoding="utf-8"
    )


def test_faults_go_to_standard_error_with_exit_code_1(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_notebook(root / "programme.toml", 'measure = "count(*)"', 'measure = "count(*"')
    assert main(["check", "--project", str(root)]) == 1
    captured = capsys.readouterr()
    assert (
        'programme.toml, line 13, [[indicator]] "1.1", measure: is not an SQL expression'
        in captured.err
    )
    assert "jpreport: 1 problem" in captured.err
    assert "Traceback" not in captured.err + captured.out


def test_unknown_figure_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "R.2", "--project", str(root)]) == 1
    assert 'did you mean "R.1"?' in capsys.readouterr().err


def test_no_programme_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    assert "holds programme.toml" in capsys.readouterr().err


def test_fault_of_ours_is_exit_code_3(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr("jpreport.cli.verbs.check", broken)
    assert main(["check", "--project", str(root)]) == 3
    err = capsys.readouterr().err
    assert "RuntimeError: broken" in err
    assert "This is a fault of jpreport" in err
    with pytest.raises(RuntimeError):
        main(["check", "--debug", "--project", str(root)])


def test_dry_run_shows_the_plan_and_builds_nothing(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--dry-run", "--project", str(root)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "summary: not built before",
        "donor-ada: not built before",
        "donor-b-and-c: not built before",
    ]
    assert not list((root / "outputs").glob("*.html"))


def test_output_folder_that_cannot_be_written(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "outputs").write_text("in the way", encoding="utf-8")
    assert main(["build", "--project", str(root)]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.slow
def test_build_ends_with_a_table_and_exit_code(root: Path) -> None:
    done = run("build", "--project", root, "--format", "html")
    assert done.returncode == 0, done.stderr
    header, first, *_ = done.stdout.splitlines()
    assert header.split() == ["report", "state", "figures", "pages", "seconds"]
    assert first.split()[:2] == ["summary", "built"]
    assert "summary: running 6 cells" in done.stderr
    assert "summary: built" in done.stderr
    again = run("build", cwd=root / "notebooks")
    assert "summary  " in again.stdout


@pytest.mark.slow
def test_failing_cell_is_told_with_cell_and_line(root: Path) -> None:
    edit_notebook(root / "notebooks/summary.ipynb", "answer = 42", "answer = missing")
    done = run("build", "summary", "--project", root)
    assert done.returncode == 1
    assert "notebooks/summary.ipynb, cell 3, line 1: NameError" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_interruption_leaves_no_process_and_no_file(root: Path, ending: signal.Signals) -> None:
    marker = f"jpreport-test-{os.getpid()}-{ending.value}"
    edit_notebook(
        root / "notebooks/summary.ipynb",
        "answer = 42",
        f"import time; open('started', 'w').close(); time.sleep(600)  # {marker}",
    )
    process = subprocess.Popen(
        [*RUN, "build", "--project", str(root), "--output", str(root / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MARKER": marker},
    )
    started = root / "notebooks/started"
    deadline = time.monotonic() + 60
    while not started.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert started.exists()
    process.send_signal(ending)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "jpreport: interrupted" in err
    assert "Traceback" not in err
    assert not list((root / "out").glob("summary*"))
    assert not [path for path in (root / "out").rglob(".*") if path.is_file()]
    deadline = time.monotonic() + 5
    while marked(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert marked(marker) == []


def marked(marker: str) -> list[str]:
    """Return the processes that carry the marker in their environment."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"MARKER={marker}".encode() in environ.read_bytes():
                found.append(environ.parent.name)
        except OSError:
            continue
    return found


def test_one_warning_is_one_line_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_programme(tmp_path)
    more = "".join(
        f'\n[[indicator]]\nid = "9.{n}"\nlevel = "output"\ntitle = "T"\nunit = "visits"\n'
        f'table = "visits"\nmeasure = "count(*)"\npublished = 4\n'
        for n in range(30)
    )
    with (root / "programme.toml").open("a", encoding="utf-8") as file:
        file.write(more)
    main(["check", "--project", str(root)])
    lines = [one for one in capsys.readouterr().err.splitlines() if one.startswith("warning")]
    (line,) = [one for one in lines if "computed 5, published 4" in one]
    assert line.endswith("(and 29 more: 9.1, 9.2, 9.3, 9.4, 9.5, ...)")
    edit_notebook(root / "notebooks/summary.ipynb", "rp.figures()", '[rp["1.1"]]')
    main(["check", "--project", str(root)])
    lines = [one for one in capsys.readouterr().err.splitlines() if "no report uses it" in one]
    assert [one.rpartition(" (")[2] for one in lines] == [
        "so for 30 more: 9.0, 9.1, 9.2, 9.3, 9.4, ...)"
    ]


@pytest.mark.parametrize("folder", ["gone", "file", "closed"])
def test_a_folder_for_temporary_files_that_is_none_is_named(
    tmp_path: Path,
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = write_programme(tmp_path / "programme")
    (tmp_path / "file").touch()
    (tmp_path / "closed").mkdir()
    writable = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: "closed" not in str(path) and writable(path, mode)
    )
    monkeypatch.setenv("TMPDIR", str(tmp_path / folder))
    assert main(["build", "--project", str(root)]) == 1
    assert capsys.readouterr().err.startswith(f"TMPDIR: {tmp_path / folder}")
    assert not (root / "outputs").exists()


LONG = "n" * 300


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('notebook = "notebooks/summary.ipynb"', f'notebook = "notebooks/{LONG}.ipynb"'),
        ('id = "summary"', f'id = "{LONG}"'),
        ('for_each = { donor = "grants.donor" }', f'for_each = {{ donor = ["{LONG}"] }}'),
        ("contributions =", f'package = "data/{LONG}.json"\ncontributions ='),
        ("[programme]", f'framework = "data/{LONG}.csv"\n[programme]'),
        ("[programme]", f'[style.logo]\nfile = "{LONG}.svg"\nalt = "x"\n[programme]'),
    ],
)
def test_names_of_three_hundred_letters_are_the_users_to_mend(
    tmp_path: Path, old: str, new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_programme(tmp_path)
    path = root / "programme.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert main(["check", "--project", str(root)]) == 1
    assert "fault of jpreport" not in capsys.readouterr().err
