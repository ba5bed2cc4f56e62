"""What is read is seen: files, listings, other programs; not what is written or installed."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd

from jpreport.watch import watching


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


def test_module_is_seen_whether_it_is_compiled_or_not(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("WORD = 1\n", encoding="utf-8")
    code = (
        "import sys; from jpreport import watch\n"
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
