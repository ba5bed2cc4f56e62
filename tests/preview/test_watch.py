"""Which saved files are told of."""

from __future__ import annotations

from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

import pytest

from jpreport.errors import OutputError
from jpreport.preview.watch import Watch


def test_what_may_change_a_report_is_told_and_nothing_else(tmp_path: Path) -> None:
    root, templates = tmp_path / "programme", tmp_path / "templates"
    for folder in (root / "data", root / "outputs", root / ".jpreport", templates):
        folder.mkdir(parents=True)
    told: SimpleQueue[frozenset[Path]] = SimpleQueue()
    ready, stop = Event(), Event()
    watch = Watch(root, templates, (root / "outputs",))
    thread = Thread(target=watch.follow, args=(told.put, ready, stop))
    thread.start()
    ready.wait()
    for unheard in (root / "outputs" / "a.html", root / ".jpreport" / "x", root / ".~a.ipynb"):
        unheard.write_text("x")
    heard = {root / "data" / "a.csv", root / "programme.toml", templates / "report.css"}
    for path in heard:
        path.write_text("x")
    seen: set[Path] = set()
    while not heard <= seen:
        seen |= told.get(timeout=30)
    stop.set()
    thread.join()
    assert seen == heard


def test_what_cannot_be_watched_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be watched"):
        Watch(tmp_path / "gone", tmp_path, ()).follow(lambda _: None, Event(), Event())
