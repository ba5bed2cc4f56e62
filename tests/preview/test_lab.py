"""Where a preview finds the notebook that is being written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jpreport.preview.lab import lab_address


def test_a_running_lab_that_serves_the_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir()
    notebook = tmp_path / "programme" / "notebooks" / "a b.ipynb"
    assert lab_address(notebook) == ""
    running = {"pid": os.getpid(), "url": "http://localhost:8888/x/", "token": "secret"}
    servers = {
        "jpserver-1.json": {**running, "root_dir": str(tmp_path / "elsewhere")},
        "jpserver-2.json": {**running, "root_dir": str(tmp_path), "pid": 2**22 + 1},
        "jpserver-3.json": {**running, "root_dir": str(tmp_path / "programme")},
    }
    for name, server in servers.items():
        (tmp_path / "runtime" / name).write_text(json.dumps(server))
    (tmp_path / "runtime" / "jpserver-0.json").write_text("{")
    assert lab_address(notebook) == "http://localhost:8888/x/lab/tree/notebooks/a%20b.ipynb"
