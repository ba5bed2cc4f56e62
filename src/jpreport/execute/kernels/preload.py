"""What the fork server imports for all kernels, such that a fork cannot tell."""

from __future__ import annotations

import builtins
import gc
import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

_DOOR = "jpreport.notebook"
_LATER = (f"{_DOOR}.", "matplotlib_inline.")
_AGAIN = {_DOOR, f"{_DOOR}.inline", "matplotlib_inline", "matplotlib_inline.backend_inline"}
# None of them may start a thread.
_MODULES = (
    "ipykernel_launcher",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "ipykernel.zmqshell",
    "pyarrow.csv",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "openpyxl",
    "pandas",
    "pandas.core.reshape.reshape",
    "duckdb",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
    "jpreport.disclosure",
    "jpreport.figures.protected",
    _DOOR,
)
_BACKEND = "module://matplotlib_inline.backend_inline"


class _Later(MetaPathFinder, Loader):
    """Gives a kernel loaded modules when it imports them, and not before.

    What is to happen to the kernel with the import (the inline backend takes hold of the shell,
    the door sets matplotlib up) happens then, for which the code of some modules runs again.
    """

    def __init__(self) -> None:
        names = [name for name in sys.modules if f"{name}.".startswith(_LATER)]
        self._modules = {name: sys.modules.pop(name) for name in names}
        self._specs = {name: module.__spec__ for name, module in self._modules.items()}

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to import a module of the door, once."""
        spec = copy(self._specs.get(fullname))
        if spec is not None:
            spec.loader = self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module that is loaded already."""
        return self._modules.pop(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it as it was, or run its code."""
        own = module.__spec__ = self._specs.pop(module.__name__)
        if own is not None and own.loader is not None and own.name in _AGAIN:
            own.loader.exec_module(module)


def _import_all() -> None:
    for name in _MODULES[:-1]:
        # What is not there now is looked for when a notebook asks for it.
        with suppress(ImportError):
            import_module(name)
    from matplotlib.font_manager import fontManager

    # The door adds the report's fonts when it is imported, and will do so in the kernel.
    fonts = list(fontManager.ttflist)
    import_module(_DOOR)
    fontManager.ttflist[:] = fonts
    sys.meta_path.insert(0, _Later())


def preload() -> bool:
    """Import what reports need; False if something warns, which has to happen in a notebook."""
    shown: list[Any] = []
    # Filters that modules add have to stay, so warnings are caught where they are shown.
    original, warnings.showwarning = warnings.showwarning, lambda *told, **_: shown.append(told)
    # What modules look at when they are imported, to see whether they are in a kernel.
    os.environ["MPLBACKEND"] = _BACKEND
    vars(builtins)["get_ipython"] = lambda: SimpleNamespace(kernel=None)
    console, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), encoding="UTF-8")
    try:
        _import_all()
    finally:
        sys.stdout = console
        del os.environ["MPLBACKEND"], vars(builtins)["get_ipython"]
        warnings.showwarning = original
    # What is there now is not looked at again, so that forks go on sharing its memory.
    gc.collect()
    gc.freeze()
    return not shown
