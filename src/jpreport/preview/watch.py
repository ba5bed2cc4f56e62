"""Which saved files may change a report: those of the programme and the exporters' templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from watchfiles import Change, DefaultFilter, watch

from jpreport.errors import OutputError, Place, Problem

_GATHER = 20  # milliseconds in which files saved together come as one
_STEP = 10  # milliseconds without a further one that end them
_GLANCE = 100  # milliseconds until the order to stop is seen


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


@dataclass(frozen=True, slots=True)
class Watch:
    """Watches a programme and the templates; `built` are folders of outputs."""

    root: Path
    templates: Path
    built: tuple[Path, ...]

    def follow(self, tell: Callable[[frozenset[Path]], None], ready: Event, stop: Event) -> None:
        """Tell of files that were saved, until told to stop.

        Nothing that is saved when it is `ready` is missed. Raises OutputError where the system
        cannot watch so many folders.
        """
        try:
            for changes in self._changes(stop):
                ready.set()
                if changes:
                    tell(frozenset(Path(path) for _, path in changes))
        except (OSError, RuntimeError) as error:
            where, message = Place(str(self.root)), f"cannot be watched: {error}"
            hint = "raise the system's limit of watched folders (fs.inotify.max_user_watches)"
            raise OutputError(Problem(where, message, hint)) from error

    def _changes(self, stop: Event) -> Iterator[set[tuple[Change, str]]]:
        return watch(
            self.root,
            self.templates,
            watch_filter=_Inputs(self.root, self.built),
            debounce=_GATHER,
            step=_STEP,
            stop_event=stop,
            rust_timeout=_GLANCE,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
