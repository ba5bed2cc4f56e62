"""Give the plain matplotlib figures of a notebook the report's look, as SVG of the same bytes."""

from __future__ import annotations

import sys
import traceback
import warnings
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import matplotlib as mpl
from IPython.core.getipython import get_ipython
from matplotlib_inline.config import InlineBackend

from jpreport.design.style import Brand
from jpreport.errors import short_traceback
from jpreport.notebook import svg, theme
from jpreport.notebook.drawn import show_in_languages
from jpreport.notebook.frame_display import show_frames
from jpreport.notebook.stills import show_stills

_BACKEND = "matplotlib_inline.backend_inline"


def configure() -> None:
    """Set matplotlib up for the kernel that this runs in; elsewhere do nothing.

    `pyplot` need not be loaded, and is not loaded: its inline backend finds the settings when an
    analyst imports it. An analyst's own settings, made later, win.
    """
    shell = get_ipython()
    if shell is None:
        return
    show_frames(shell)
    show_in_languages(shell)
    show_stills(shell)
    shell.set_custom_exc((ValueError,), _show_error)  # type: ignore[no-untyped-call]
    svg.register_fonts()
    mpl.rcParams.update(theme.settings())  # type: ignore[arg-type]
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


def _show_error(
    shell: Any,  # noqa: ANN401 - IPython's, which is untyped here
    kind: type[BaseException],
    error: Any,  # noqa: ANN401
    trace: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """Show in few lines what the notebook's door refuses, and all else as IPython does."""
    *_, (frame, _) = traceback.walk_tb(trace)
    if Path(frame.f_code.co_filename).is_relative_to(Path(__file__).parent):
        error._render_traceback_ = partial(short_traceback, error)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def dress(brand: Brand, folder: Path) -> None:
    """Let charts, and plain figures in a kernel, take a programme's colours and typeface.

    `folder` is the programme's. An analyst's own settings, made later, win.
    """
    if brand.style() == theme.style():
        return
    sans = [face for face in brand.faces if face.role == "sans" and face.slope == "normal"]
    if sans:
        svg.register_family(sans[0].family, {face.weight: folder / face.file for face in sans})
    theme.use(brand.style())
    if get_ipython() is not None:
        settings = theme.settings()
        mpl.rcParams["font.family"] = settings["font.family"]
        mpl.rcParams["axes.prop_cycle"] = settings["axes.prop_cycle"]
