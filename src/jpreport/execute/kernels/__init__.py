"""Kernels: start one, warm where that is to be had, and leave nothing of it behind."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jpreport.execute.kernels.opening import (
        Kernel,
        OpenKernel,
        cause_of_death,
        exit_code,
        open_kernel,
        stop_all,
        what_to_do,
    )
    from jpreport.execute.kernels.warm import prewarm

__all__ = [
    "Kernel",
    "OpenKernel",
    "cause_of_death",
    "exit_code",
    "open_kernel",
    "prewarm",
    "stop_all",
    "what_to_do",
]


def __getattr__(name: str) -> object:
    """Load Jupyter's client with the first name that needs it: `prewarm` has to be quick."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = "warm" if name == "prewarm" else "opening"
    return getattr(import_module(f"{__name__}.{room}"), name)
