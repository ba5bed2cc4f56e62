"""What tells of the machine that built a release: its folders, its user, its environment."""

from __future__ import annotations

import getpass
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jpreport.audit.words import words
from jpreport.files.inputs import read_input

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
_SECRET = re.compile(
    r"(^|_)(AUTH|AUTHORIZATION|CREDENTIALS?|PASS|PASSPHRASE|PWD|SIGNATURE|COOKIE|DSN)(_|$)"
    r"|(KEY|TOKEN|SECRET|PASSWORD|PASSWD)S?(_|$)",
    re.IGNORECASE,
)
_SWITCH = re.compile(
    r"enabled?|disabled?|default|required|optional|always|inherit|system|prompt|manual|automatic|"
    r"keyring|unknown|undefined",
    re.IGNORECASE,
)
_SHORTEST = 6
# Shorter or more uniform values, and such forms, stand in documents by chance: MIME types and
# other pairs of words, addresses of sites without more, locales.
_LONG, _DIFFERENT = 8, 5
_USUAL = re.compile(
    r"[\w.+-]+/[a-z.+-]+|https?://[\w.-]+/?|[a-z]{2}[_-][A-Z]{2}\.?[\w-]*|[a-z]+[-_]?v?[\d.]+",
)
# Paths of other machines, as a file that was copied from there would have them.
_ELSEWHERE = (
    r"(?<![\w.])/(?:home|Users)/[^/\s\"'<>,;:)\]]{2,}/",
    r"\b[A-Za-z]:\\{1,2}Users\\{1,2}[^\\\s\"'<>,;:)\]]{2,}\\",
    r"/(?:site|dist)-packages/\w",
)
_HINTS = ("/home/", "Users", "-packages/")


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
    """Whether a value is hardly to be found in a document by chance.

    That is: letters with digits or signs among them, long and varied, of no usual form.
    """
    return (
        len(value) >= _LONG
        and len(set(value)) >= _DIFFERENT
        and any(character.isalpha() for character in value)
        and not value.replace(" ", "").isalpha()
        and not _USUAL.fullmatch(value)
    )


def _trivial(trace: Trace, known: set[str]) -> bool:
    if trace.kind == "path":
        return False
    own = words(trace.text)
    if trace.kind == "secret" and _SWITCH.fullmatch(trace.text):
        return True
    if trace.kind == "word" and (len(trace.text) < _SHORTEST_NAME or _NOBODY.fullmatch(trace.text)):
        return True
    # What the programme says itself is no trace of the machine; of a secret, one plain word.
    return not own or (set(own) <= known and (trace.kind != "secret" or len(own) == 1))


class Traces:
    """Finds traces of this machine in texts.

    `said` tells whether jpreport or the programme's own files say a text: then it is no trace,
    unless it is a path or a secret.
    """

    def __init__(
        self, traces: Iterable[Trace], said: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._what: dict[str, Trace] = {}
        for trace in traces:
            if len(trace.text) > 1:
                self._what.setdefault(trace.text, trace)
        self._said = cache(said)
        longest = sorted(self._what, key=len, reverse=True)
        listed = "|".join(map(re.escape, longest)) or r"(?!)"
        # What has to stand before it would be tried at each character.
        self._hint = re.compile(f"(?:{listed})")
        self._own = re.compile(rf"(?<![\w-])(?:{listed})(?![\w])")
        self._other = re.compile("|".join(_ELSEWHERE))

    def found(self, text: str) -> Iterator[str]:
        """Yield what stands in a text, in words that do not repeat it."""
        found = self._own.finditer(text) if self._hint.search(text) else ()
        hits = (self._what[match[0]] for match in found)
        own = [
            one.what for one in hits if one.kind in {"path", "secret"} or not self._said(one.text)
        ]
        yield from own
        if not own and any(hint in text for hint in _HINTS) and self._other.search(text):
            yield "a path of a machine"


def _stands_in(files: Sequence[Path]) -> Callable[[str], bool]:
    """Return what tells whether a text stands in one of some files, or in jpreport's own."""

    def said(text: str) -> bool:
        own = Path(__file__).parents[1].rglob("*")
        sources = (path for path in own if path.suffix in {".py", ".j2", ".css", ".typ"})
        return any(text.encode() in read_input(path) for path in (*files, *sources))

    return said


def traces_here(
    root: Path,
    programme: Sequence[str],
    environment: Mapping[str, str] | None = None,
    open_files: Sequence[Path] = (),
) -> Traces:
    """Return the traces of this machine: folders, user, host, values of the environment.

    Names and values that consist of words of the `programme` (its settings and notebooks), or
    stand in its `open_files`, are left out, and so are accounts that every build machine has.
    """
    known = {word for text in programme for word in words(text)}
    variables = os.environ if environment is None else environment
    everything = (*_folders(root), *_names(), *_variables(variables))
    return Traces(
        (trace for trace in everything if not _trivial(trace, known)), _stands_in(open_files)
    )
