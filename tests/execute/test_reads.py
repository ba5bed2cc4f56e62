"""What is read is seen: files, listings, other programs; not what is written or installed."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from jpreport.execute.reads import watching
from jpreport.files.inputs import inputs_read_once, read_input
from programme_samples import edit_notebook, write_programme

# Python decodes the names of files as ASCII, byte by byte where they are not.
ASCII = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_files_read_in_any_usual_way_are_seen(tmp_path: Path) -> None:
    for name in ("a.csv", "b.txt", "sub/c.csv", "unread.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x,y\n1,2\n", encoding="utf-8")
    here = Path.cwd()
    with watching(str(tmp_path)) as seen:
        pd.read_csv(tmp_path / "a.csv")
        (tmp_path / "b.txt").read_text(encoding="utf-8")
        os.chdir(tmp_path)
        try:
            pd.read_csv("sub/../sub/c.csv")
        finally:
            os.chdir(here)
    assert seen == {"a.csv", "b.txt", "sub/c.csv"}


def test_what_was_read_before_and_is_held_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x\n1\n", encoding="utf-8")
    with inputs_read_once():
        read_input(file)
        with watching(str(tmp_path)) as seen:
            assert read_input(file) == b"x\n1\n"
    assert seen == {"a.csv"}


def test_module_is_seen_whether_it_is_compiled_or_not(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("WORD = 1\n", encoding="utf-8")
    code = (
        "import sys; from jpreport.execute import reads as watch\n"
        "watch.begin(sys.argv[1]); sys.path.insert(0, sys.argv[1])\n"
        "import helper; print(watch.seen())"
    )
    compiling = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    for _ in range(2):
        run = [sys.executable, "-c", code, str(tmp_path)]
        done = subprocess.run(run, capture_output=True, text=True, check=True, env=compiling)
        assert done.stdout == "['helper.py']\n"
    assert list(tmp_path.glob("__pycache__/helper*.pyc"))


def test_listings_are_seen(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    with watching(str(tmp_path)) as seen:
        list((tmp_path / "sub").glob("*.csv"))
    assert seen == {"sub"}


def test_writing_hidden_files_and_other_folders_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").touch()
    with watching(str(tmp_path)) as seen:
        (tmp_path / "new").write_text("x", encoding="utf-8")
        (tmp_path / ".git/config").read_text(encoding="utf-8")
        Path(__file__).read_text(encoding="utf-8")
    assert seen == set()


def test_network_and_programs_are_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, watching(str(tmp_path)) as seen:
        socket.create_connection(server.getsockname()).close()
        subprocess.run([sys.executable, "-c", ""], check=True)
    assert {"network", "process"} <= seen


def test_nothing_is_seen_afterwards(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with watching(str(tmp_path)) as seen:
        pass
    (tmp_path / "a").read_bytes()
    assert seen == set()


def run(*arguments: str | Path, env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, check=False)


def test_a_folder_is_the_same_in_every_spelling_of_its_name(tmp_path: Path) -> None:
    root = tmp_path / "Извештај é"
    root.mkdir()
    (root / "a.csv").touch()
    as_bytes = os.fsencode(root)
    elsewhere_decoded = as_bytes.decode("ascii", "surrogateescape")
    with watching(elsewhere_decoded) as first, watching(str(root)) as second:
        (root / "a.csv").read_bytes()
    with watching(str(root)) as third:
        Path(elsewhere_decoded, "a.csv").read_bytes()
        open(as_bytes + b"/a.csv").close()  # noqa: PTH123 (a path of bytes)
    assert first == second == third == {"a.csv"}


@pytest.mark.slow
def test_a_run_from_a_process_with_another_encoding_sees_what_is_read(tmp_path: Path) -> None:
    root = write_programme(tmp_path / "Извештај é")
    (root / "data/Извор.txt").write_text("42", encoding="utf-8")
    answer = "answer = open('../data/Извор.txt').read()"
    edit_notebook(root / "notebooks/summary.ipynb", "answer = 42", answer)
    code = (
        "import json, sys; from pathlib import Path\n"
        "from jpreport.execute.run import run_notebook\n"
        "assert sys.getfilesystemencoding() == 'ascii'\n"
        "root = Path(sys.argv[1]); env = {'JPREPORT_PROJECT': str(root)}\n"
        "path = root / 'notebooks/summary.ipynb'\n"
        "done = run_notebook(path, {}, cwd=path.parent, env=env)\n"
        "print(json.dumps(done.metadata['jpreport_read']))"
    )
    done = run("-c", code, root, env=ASCII)
    assert done.returncode == 0, done.stderr
    expected = {"data/Извор.txt", "data/datapackage.json", "data/visits.csv", "programme.toml"}
    assert expected <= set(json.loads(done.stdout))


@pytest.mark.slow
@pytest.mark.parametrize("legacy", [ASCII, {**ASCII, "PYTHONUTF8": ""}], ids=["off", "default"])
def test_a_changed_file_is_noticed_in_a_locale_without_utf8(
    tmp_path: Path, legacy: dict[str, str]
) -> None:
    root = write_programme(tmp_path / "Извештај é")
    (root / "data/Извор.txt").write_text("42", encoding="utf-8")
    answer = "answer = open('../data/Извор.txt').read()"
    edit_notebook(root / "notebooks/summary.ipynb", "answer = 42", answer)
    build = ("-m", "jpreport", "build", "--project", root)
    first = run(*build, env=legacy)
    assert first.returncode == 0, first.stderr
    again = run(*build, env={**os.environ, "PYTHONUTF8": "1"})
    assert again.stdout == b"3 reports are up to date\n"
    (root / "data/Извор.txt").write_text("43", encoding="utf-8")
    explained = run(*build, "--dry-run", "--explain", env=legacy).stdout.decode()
    assert "data/Извор.txt" in explained


def test_a_build_that_could_not_find_its_files_again_is_refused(tmp_path: Path) -> None:
    root = write_programme(tmp_path / "Извештај é")
    code = (
        "import sys; from pathlib import Path\n"
        "from jpreport.release.request import Request; from jpreport.release.spine import build\n"
        "root = Path(sys.argv[1])\n"
        "build(Request(root, root / 'outputs'))"
    )
    done = run("-c", code, root, env=ASCII)
    assert b"decodes the names of files as ascii" in done.stderr
    assert b"set PYTHONUTF8=1" in done.stderr
    assert [path.name for path in (root / "outputs").rglob("*.*") if path.suffix == ".html"] == []
