"""Give the plain matplotlib figures of a notebook the report's look, as SVG of the same bytes."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import matplotlib as mpl
from IPython.core.getipython import get_ipython
from matplotlib_inline.config import InlineBackend

from jpreport.notebook import svg
from jpreport.notebook.theme import settings

_BACKEND = "matplotlib_inline.backend_inline"


def configure() -> None:
    """Set matplotlib up for the kernel that this runs in; elsewhere do nothing.

    `pyplot` need not be loaded, and is not loaded: its inline backend finds the settings when an
    analyst imports it. An analyst's own settings, made later, win.
    """
    shell = get_ipython()
    if shell is None:
        return
    svg.register_fonts()
    mpl.rcParams.update(settings())  # type: ignore[arg-type]
    # Analysts call tight_layout() out of habit, which is one way of having room for labels.
    warnings.filterwarnings("ignore", message="The figure layout has changed to tight")
    backend = InlineBackend.instance(parent=shell)
    # Our canvas leaves out what differs from run to run; "tight" would draw every figure twice.
    options: dict[str, Any] = {"bbox_inches": None, "backend": svg.BACKEND}
    backend.print_figure_kwargs = options
    backend.figure_formats = {"svg"}
    if _BACKEND in sys.modules:
        # A kernel forked from one that has pyplot: the backend was loaded without a shell.
        sys.modules[_BACKEND].configure_inline_support(shell, f"module://{_BACKEND}")
