"""What tells of the machine that built a release: its folders, its user, its environment."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jpreport.audit.words import words

# Accounts of build machines and containers: who bears such a name is nobody.
_NOBODY = re.compile(
    r"root|users?|admin|administrator|ubuntu|debian|runner|builder|build|nobody|guest|jovyan|"
    r"docker|vagrant|vscode|codespace|gitlab|github|jenkins|circleci|travis|azureuser|ec2|"
    r"localhost|localdomain|local|default|container",
    re.IGNORECASE,
)
_SHORTEST_NAME = 4
# Variables whose values stand in any document: languages, terminals, programs of the system.
_COMMON = re.compile(
    r"^(LANG|LANGUAGE|LC_.*|TERM|TERM_.*|COLORTERM|LS_COLORS|SHELL|PAGER|EDITOR|VISUAL|MAIL|TZ|"
    r"_|SHLVL|PS\d|IFS|HOSTTYPE|OSTYPE|MACHTYPE|MPLBACKEND|CLICOLOR.*|FORCE_COLOR|NO_COLOR|"
    r"PYTHON(HASHSEED|WARNINGS|UNBUFFERED|DONTWRITEBYTECODE|UTF8|IOENCODING)|PYTEST_.*|"
    r"SOURCE_DATE_EPOCH|MAKE.*|DEBIAN_FRONTEND|XDG_(SESSION|CURRENT)_.*|DESKTOP_SESSION|"
    r"LESS.*|OMP_.*|[A-Z]+_NUM_THREADS|GPG_KEY|JPY_.*)$"
)
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|PWD|AUTH|CREDENTIAL|SIGNATURE", re.IGNORECASE)
_SHORTEST = 6
_LONG = 12
# Paths of other machines, as a file that was copied from there would have them.
_ELSEWHERE = (
    r"(?<![\w.])/(?:home|Users)/[^/\s\"'<>,;:)\]]{2,}/",
    r"\b[A-Za-z]:\\{1,2}Users\\{1,2}[^\\\s\"'<>,;:)\]]{2,}\\",
    r"/(?:site|dist)-packages/\w",
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A text that must not stand in an output, and what it is (never the text itself)."""

    text: str
    what: str
    kind: str


def _folders(root: Path) -> Iterator[Trace]:
    named = {
        "the programme folder": [root, root.resolve()],
        "the working folder": [Path.cwd()],
        "the home folder": [Path.home(), Path(os.environ.get("HOME", "/"))],
        "the folder of temporary files": [
            Path(tempfile.gettempdir()),
            Path("/tmp"),  # noqa: S108 (looked for, not used)
            Path("/var/tmp"),  # noqa: S108
            Path("/dev/shm"),  # noqa: S108
        ],
        "the environment's folder": [Path(sys.prefix), Path(sys.base_prefix)],
    }
    for what, paths in named.items():
        for path in paths:
            # The top of a disk, and the system's own folders, tell nothing.
            if len(path.parts) > 1 and path.as_posix() not in {"/usr", "/usr/local"}:
                yield Trace(str(path), f"the path of {what}", "path")
                yield Trace(path.as_posix(), f"the path of {what}", "path")


def _names() -> Iterator[Trace]:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    for text in (user, Path.home().name):
        yield Trace(text, "the name of the user", "word")
    host = platform.node()
    for text in (host, host.partition(".")[0]):
        yield Trace(text, "the name of the machine", "word")


def _variables(environment: Mapping[str, str]) -> Iterator[Trace]:
    for name, whole in environment.items():
        if _COMMON.match(name):
            continue
        parts = whole.split(os.pathsep) if name.endswith("PATH") else [whole]
        for value in (part.strip() for part in parts):
            if len(value) < _SHORTEST or value in {"/usr/bin", "/usr/sbin", "/usr/local"}:
                continue
            what = f"the value of the environment variable {name}"
            if value.startswith(("/", "~")) and "\n" not in value:
                # The system's own folders are the same everywhere.
                if not re.match(r"/(usr|bin|sbin|lib|etc|opt|proc|sys|dev)(/|$)", value):
                    yield Trace(value, what, "path")
            elif _SECRET.search(name):
                yield Trace(value, what, "secret")
            elif _telling(value):
                yield Trace(value, what, "value")


def _telling(value: str) -> bool:
    """Whether a value is more than a number, a version or a plain word."""
    if not any(character.isalpha() for character in value):
        return False
    return not value.isalpha() or len(value) >= _LONG


def _trivial(trace: Trace, known: set[str]) -> bool:
    if trace.kind == "path":
        return False
    own = words(trace.text)
    if trace.kind == "word" and (len(trace.text) < _SHORTEST_NAME or _NOBODY.fullmatch(trace.text)):
        return True
    # What the programme says itself is no trace of the machine; of a secret, one plain word.
    return not own or (set(own) <= known and (trace.kind != "secret" or len(own) == 1))


class Traces:
    """Finds traces of this machine in texts."""

    def __init__(self, traces: Iterable[Trace]) -> None:
        self._what: dict[str, str] = {}
        for trace in traces:
            if len(trace.text) > 1:
                self._what.setdefault(trace.text, trace.what)
        longest = sorted(self._what, key=len, reverse=True)
        listed = "|".join(map(re.escape, longest)) or r"(?!)"
        self._own = re.compile(rf"(?<![\w-])(?:{listed})(?![\w])")
        self._other = re.compile("|".join(_ELSEWHERE))

    def found(self, text: str) -> Iterator[str]:
        """Yield what stands in a text, in words that do not repeat it."""
        own = [self._what[match[0]] for match in self._own.finditer(text)]
        yield from own
        if not own and self._other.search(text):
            yield "a path of a machine"


def traces_here(
    root: Path, programme: Sequence[str], environment: Mapping[str, str] | None = None
) -> Traces:
    """Return the traces of this machine: folders, user, host, values of the environment.

    Names and values that consist of words of the `programme` (its settings and notebooks) are
    left out, and so are accounts that every build machine has.
    """
    known = {word for text in programme for word in words(text)}
    everything = (*_folders(root), *_names(), *_variables(environment or os.environ))
    return Traces(trace for trace in everything if not _trivial(trace, known))
