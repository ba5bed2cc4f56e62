"""What a kernel of a release cannot reach: the programme's folder, and records of persons."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jpreport.execute import reads
from jpreport.execute.kernels import landlock
from jpreport.files.closed import ClosedFile

# The environment variable that names the file with a kernel's confinement, until it has read it.
VARIABLE = "JPREPORT_CONFINEMENT"

# What systems keep programs, libraries, fonts, certificates and their settings in.
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/proc", "/sys"),
    *("/nix/store", "/gnu/store", "/run/systemd/resolve", "/run/resolvconf"),
    *("/var/cache/fontconfig", "/var/lib/ca-certificates"),
)
_DEVICES = (
    *("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"),
    *("/dev/pts", "/dev/shm"),  # noqa: S108 (semaphores of multiprocessing)
)
# What a person's own fonts and matplotlib's list of them are in.
_PERSONAL = (".cache/matplotlib", ".config/matplotlib", ".fonts", ".local/share/fonts")
# Variables that name a machine's own certificates.
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

Isolation = Literal["landlock", "audit hook"]


@dataclass(frozen=True, slots=True)
class Confinement:
    """How a kernel is kept from the records: `hidden` is the programme's own folder.

    The kernel works in the folder `stage`. Python code of it cannot open what is `closed`; by
    "landlock", neither it nor what it starts can open anything of the programme's folder, nor of
    the machine but what a kernel needs.
    """

    hidden: Path
    stage: Path
    closed: tuple[ClosedFile, ...]
    by: Isolation


def isolation() -> Isolation:
    """Return what keeps the kernels of a release on this machine from the records."""
    return "landlock" if landlock.version() else "audit hook"


def keep(confinement: Confinement, folder: Path) -> dict[str, str]:
    """Write what confines the kernel that has this private folder; return its variables."""
    file = folder / "confinement"
    file.write_bytes(pickle.dumps(confinement))
    own = folder / "tmp"
    own.mkdir()
    return {VARIABLE: str(file), "TMPDIR": str(own)}


def confine() -> None:
    """Confine this process, which has one thread, as its environment says; undone never.

    Raises OSError where the system cannot do it.
    """
    named = os.environ.pop(VARIABLE, "")
    if not named:
        return
    file = Path(named)
    confinement: Confinement = pickle.loads(file.read_bytes())  # noqa: S301 (our parent wrote it)
    file.unlink()
    if confinement.by == "landlock":
        hidden = {confinement.hidden.resolve()}
        readable = [part for one in _needed() for part in _without(one, hidden)]
        writable = (confinement.stage, file.parent, *map(Path, _DEVICES))
        landlock.restrict(dict.fromkeys(readable), writable)
    reads.close(confinement.closed, for_good=True)


def _needed() -> Iterator[Path]:
    """Yield what a kernel reads beside its stage: the system, Python, what is installed."""
    yield from map(Path, _SYSTEM)
    installed: Iterable[str] = (sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path)
    yield from (path for path in map(Path, installed) if path.is_absolute())
    yield Path(reads.__file__).parents[1]
    yield from (Path(os.environ[name]) for name in _CERTIFICATES if os.environ.get(name))
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (raises nothing where there is no home)
    yield from (home / name for name in _PERSONAL)


def _without(folder: Path, hidden: set[Path]) -> Iterator[Path]:
    """Yield a folder, or of one that a hidden folder lies in, all else that is in it."""
    real = folder.resolve()
    if real in hidden:
        return
    if not any(one.is_relative_to(real) for one in hidden):
        yield real
        return
    for inner in real.iterdir():
        yield from _without(inner, hidden)
