"""What the process of a kernel is given: its environment variables and its private folder."""

from __future__ import annotations

import os
import site
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

# Settings of a person's shell that would show in a report, or stop the kernel.
_DROPPED = (
    "JPY_API_TOKEN",
    "JPY_SESSION_NAME",
    "MPLBACKEND",
    "PYTHONDEVMODE",
    "PYTHONINSPECT",
    "PYTHONOPTIMIZE",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
)
# Libraries start no threads of their own: they would not survive a fork, and the sums of linear
# algebra would depend on the number of cores.
THREADLESS = {
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_FIXED = {
    **THREADLESS,
    "LC_ALL": "C.UTF-8",
    "MATPLOTLIBRC": os.devnull,  # a person's own matplotlibrc stays out
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger warns at every start
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "315532800",  # 1980-01-01, the first date that a ZIP file can hold
    "TZ": "UTC",
}


def fixed_environment() -> dict[str, str]:
    """Return the environment that all kernels share: ours, less what differs between people."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    found = find_spec("ipykernel")
    home = site.getusersitepackages()
    if not (found and found.origin and Path(found.origin).is_relative_to(home)):
        kept["PYTHONNOUSERSITE"] = "1"
    return {**kept, **_FIXED}


def kernel_environment(folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the kernel that has this private folder, with `extra` on top."""
    return {**fixed_environment(), "IPYTHONDIR": str(folder / "ipython"), **extra}


def private_folder(limit: int) -> Path:
    """Return a new folder that only we can enter, its path at most `limit` bytes if possible."""
    folder = Path(tempfile.mkdtemp(prefix="jpreport-")).resolve()
    short = Path("/tmp")  # noqa: S108 (mkdtemp makes the private folder in it)
    if len(os.fsencode(folder)) > limit and short.is_dir():
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="jpreport-", dir=short)).resolve()
    return folder
