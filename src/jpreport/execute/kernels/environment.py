"""The environment variables of a kernel's process."""

from __future__ import annotations

import os
import re
import site
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from jpreport.programme.folder import SECRET_VARIABLE

# Settings of a person's shell that would show in a report, or stop the kernel; the secret of a
# programme is none of a notebook's business.
_DROPPED = (
    SECRET_VARIABLE,
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


_PLACES = ("PWD", "OLDPWD")  # of the shell that started us


def fixed_environment(hidden: Path | None = None) -> dict[str, str]:
    """Return the environment that all kernels share: ours, less what differs between people.

    Nothing in it names the folder `hidden`, the programme of a release, nor a Git repository.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    if hidden is not None:
        kept = _without(kept, hidden)
    found = find_spec("ipykernel")
    home = site.getusersitepackages()
    if not (found and found.origin and Path(found.origin).is_relative_to(home)):
        kept["PYTHONNOUSERSITE"] = "1"
    return {**kept, **_FIXED}


def _without(variables: Mapping[str, str], hidden: Path) -> dict[str, str]:
    """Return variables less those that lead to a folder; of a search path, less its entries."""
    names = {str(hidden), str(hidden.absolute()), str(hidden.resolve())} - {os.sep}
    leads = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(names)))})(?![\w.-])")
    kept = {}
    for name, value in variables.items():
        if name in _PLACES or name.startswith("GIT_"):
            continue
        if names and leads.search(value):
            parts = value.split(os.pathsep) if name.endswith("PATH") else ()
            if not (clean := os.pathsep.join(part for part in parts if not leads.search(part))):
                continue
            kept[name] = clean
        else:
            kept[name] = value
    return kept


def kernel_environment(
    folder: Path, extra: Mapping[str, str], hidden: Path | None = None
) -> dict[str, str]:
    """Return the environment of the kernel that has this private folder, with `extra` on top."""
    return {**fixed_environment(hidden), "IPYTHONDIR": str(folder / "ipython"), **extra}
