"""Which saved files may change a report: those of the programme and the exporters' templates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from watchfiles import Change, DefaultFilter, watch

_GATHER = 20  # milliseconds in which files saved together come as one
_STEP = 10  # milliseconds without a further one that end them
_GLANCE = 200  # milliseconds until the order to stop is seen


class _Inputs(DefaultFilter):
    """What a report may be made from: no hidden file, no environment, nothing that is built."""

    def __init__(self, root: Path, built: tuple[Path, ...]) -> None:
        super().__init__(ignore_paths=built)
        self._root = root

    def __call__(self, change: Change, path: str) -> bool:
        file = Path(path)
        inside = file.relative_to(self._root).parts if file.is_relative_to(self._root) else ()
        hidden = any(part.startswith(".") for part in inside)
        return not hidden and super().__call__(change, path)


def watch_inputs(
    root: Path,
    templates: Path,
    built: tuple[Path, ...],
    tell: Callable[[frozenset[Path]], None],
    stop: Event,
) -> None:
    """Tell of files that were saved, until told to stop; `built` are folders of outputs."""
    for changes in watch(
        root,
        templates,
        watch_filter=_Inputs(root, built),
        debounce=_GATHER,
        step=_STEP,
        stop_event=stop,
        rust_timeout=_GLANCE,
        raise_interrupt=False,
    ):
        tell(frozenset(Path(path) for _, path in changes))
