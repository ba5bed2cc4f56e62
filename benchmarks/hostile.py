"""Build programmes that are damaged at random, and kill builds at random moments.

    python benchmarks/hostile.py --programmes 1000 --kills 200 [--seed 1] [--jobs 2] [--keep DIR]

A damaged programme must be built, or refused with problems that its author can mend: exit code 0
or 1, no traceback, nothing half-written, no folder left for temporary files. After a kill the next
build must give what an undisturbed one gives, byte for byte, and leave no folder either. Prints one
line for each that does otherwise, and counts; exits with 1 if there are any.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from programme_samples import write_programme

Damage = Callable[[Path, random.Random], None]

_PATIENCE = 180  # seconds
_SELDOM = 0.2
_TEXTS = (
    "", " ", "0", "-1", "1e400", "1_2", "NaN", "null", "true", "2020-02-30", "2020-01-01T25:00:00Z",
    "'", '"', "\\", "a" * 300, "x" * 5000, "\N{NO-BREAK SPACE}", "é", "e\N{COMBINING ACUTE ACCENT}",
    "\u202e", "\x00", "\x1b[31m", "\ufeff", "<script>", "{{ x }}", '#read("x")', "$(id)", "../..",
    "/etc/passwd", "1,234", "1.234,5", "TOTAL", "select 1", "count(*)", "sum(cost", "1/0", "None",
    "Ω≈ç√", "北京", "\U0001f600", "[[indicator]]", "%s", "C:\\x", "CON", "%d.%m.%Y",
)  # fmt: skip
_CELLS = (
    "1 / 0", "raise SystemExit(3)", "print('x' * 10**6)", "import os; os._exit(1)", "rp['9.9']",
    "x = float('nan'); x", "display({'a': object()})", "import sys; print('e', file=sys.stderr)",
    "open('out.txt', 'w').write('x')", "rp.table('visits')", "rp.table('nope')", "None", "rp",
    "import os; print(os.environ)", "[rp['1.1']] * 3", "rp['1.1'] + rp['R.1']", "while False: pass",
    "from IPython.display import HTML; HTML('<b>x')", "import signal, os; os.kill(os.getpid(), 11)",
    "#| label: tbl-x\n1", "#| caption: c\nrp.table('visits')", "%%bash\necho 1", "!ls", "def f(:",
    "# Heading\n\n{eval}`rp['1.1']` and {eval}`nope`", "$$\\frac{1}{2}$$", "![x](nope.png)",
    "[](#nope)", "| a |\n", "# a\n#### b", "text[^1]", "Reached 4,500 persons.",
    "<table><tr><td>1</table>",
)  # fmt: skip


def _damage_text(path: Path, chance: random.Random) -> None:
    lines = path.read_text("utf-8", "replace").split("\n")
    at = chance.randrange(len(lines))
    line, text = lines[at], chance.choice(_TEXTS)
    words = line.split(chance.choice(("=", ",", " ", '"')))
    words[chance.randrange(len(words))] = text
    lines[at] = chance.choice((text, line + text, line[: len(line) // 2], text.join(words), ""))
    if chance.random() < _SELDOM:
        lines.insert(at, lines[chance.randrange(len(lines))])
    path.write_text("\n".join(lines), "utf-8", "surrogatepass")


def _damage_bytes(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(content) + 1)
        content[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    path.write_bytes(bytes(content[: chance.choice((len(content), len(content) // 2))]))


def _damage_json(path: Path, chance: random.Random) -> None:
    try:
        whole = json.loads(path.read_bytes())
    except ValueError:
        return
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:  # noqa: ANN401 (JSON)
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in list(items):
            places.append((value, key))
            if isinstance(one, dict | list):
                walk(one)

    walk(whole)
    holder, key = chance.choice(places)
    other = chance.choice(places)
    new = chance.choice((chance.choice(_TEXTS), None, -1, 1.5, [], {}, True, other[0]))
    if chance.random() < _SELDOM:
        del holder[key]
    else:
        try:
            holder[key] = json.loads(json.dumps(new))
        except ValueError:
            return
    path.write_text(json.dumps(whole), encoding="utf-8")


def _damage_cell(path: Path, chance: random.Random) -> None:
    try:
        notebook = json.loads(path.read_bytes())
        cell = chance.choice(notebook["cells"])
        cell["source"] = chance.choice(
            (chance.choice(_CELLS), cell["source"] + chance.choice(_CELLS))
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _damage_place(path: Path, chance: random.Random) -> None:
    match chance.randrange(4):
        case 0:
            path.unlink()
        case 1:
            path.write_bytes(b"")
        case 2:
            path.rename(path.with_name(path.name.upper()))
        case _:
            path.unlink()
            path.mkdir()


def _damaged(root: Path, chance: random.Random) -> str:
    """Damage a programme in one to four places; return what was done."""
    done = []
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        files = [path for path in sorted(root.rglob("*")) if path.is_file()]
        if not files:
            break
        path = chance.choice(files)
        kinds: list[Damage] = [_damage_text, _damage_text, _damage_bytes]
        if path.suffix in {".json", ".ipynb"}:
            kinds += [_damage_json, _damage_json]
        if path.suffix == ".ipynb":
            kinds += [_damage_cell] * 6
        if chance.random() < _SELDOM / 2:
            kinds = [_damage_place]
        kind = chance.choice(kinds)
        kind(path, chance)
        done.append(f"{kind.__name__.removeprefix('_damage_')} of {path.relative_to(root)}")
    return "; ".join(done)


def _start(root: Path, temporary: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 (this Python)
        [sys.executable, "-m", "jpreport", "build", "--project", str(root), "--jobs", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"TMPDIR": str(temporary), "JPREPORT_SECRET": "00" * 32},
        start_new_session=True,
    )


def _leftovers(root: Path, temporary: Path) -> list[str]:
    """Return what no build should leave: temporary folders, half-written files."""
    half = [path for path in (root / "outputs").rglob(".*.*") if path.is_file()]
    return [path.name for path in (*temporary.iterdir(), *half)]


def _fuzz(seed: int, keep: Path | None) -> str:
    """Build one damaged programme; return "built", "refused" or what is wrong."""
    chance = random.Random(seed)  # noqa: S311 (damage, no secret)
    with tempfile.TemporaryDirectory() as name:
        root, temporary = Path(name) / "programme", Path(name) / "tmp"
        temporary.mkdir()
        write_programme(root)
        done = _damaged(root, chance)
        process = _start(root, temporary)
        try:
            said = process.communicate(timeout=_PATIENCE)[0].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return _wrong(seed, "hangs", done, root, keep)
        if process.returncode not in {0, 1}:
            last = said.strip().splitlines()[-4:]
            return _wrong(seed, f"exit {process.returncode}: {' / '.join(last)}", done, root, keep)
        if "Traceback (most recent call last)" in said:
            return _wrong(seed, "a traceback", done, root, keep)
        if left := _leftovers(root, temporary):
            return _wrong(seed, f"leaves {left}", done, root, keep)
        return "refused" if process.returncode else "built"


def _wrong(seed: int, what: str, done: str, root: Path, keep: Path | None) -> str:
    if keep:
        shutil.copytree(root, keep / str(seed), dirs_exist_ok=True, symlinks=True)
    return f"seed {seed}: {what} ({done})"


def _tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _kill(seed: int, clean: dict[str, bytes], seconds: float) -> str:
    """Kill a build at a random moment, build again; return "same" or what is wrong."""
    chance = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as name:
        root, temporary = write_programme(Path(name) / "programme"), Path(name) / "tmp"
        temporary.mkdir()
        process = _start(root, temporary)
        time.sleep(chance.uniform(0, seconds))
        process.kill()
        process.communicate()
        again = _start(root, temporary)
        said = again.communicate(timeout=_PATIENCE)[0].decode("utf-8", "replace")
        if again.returncode:
            return f"seed {seed}: the next build fails: {said.strip().splitlines()[-1]}"
        if left := _leftovers(root, temporary):
            return f"seed {seed}: the next build leaves {left}"
        made = _tree(root / "outputs")
        differ = sorted(one for one in {*made, *clean} if made.get(one) != clean.get(one))
        return f"seed {seed}: other bytes in {differ}" if differ else "same"


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--programmes", type=int, default=100)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.programmes)
    with ThreadPoolExecutor(options.jobs) as pool:
        found = list(pool.map(lambda seed: _fuzz(seed, options.keep), seeds))
    if options.kills:
        with tempfile.TemporaryDirectory() as name:
            root = write_programme(Path(name) / "programme")
            started = time.perf_counter()
            _start(root, Path(name)).communicate()
            seconds, clean = time.perf_counter() - started, _tree(root / "outputs")
        seeds = range(options.seed, options.seed + options.kills)
        with ThreadPoolExecutor(options.jobs) as pool:
            found += pool.map(lambda seed: _kill(seed, clean, seconds * options.jobs), seeds)
    counts = Counter(one if one in {"built", "refused", "same"} else "wrong" for one in found)
    print(*(one for one in found if one.startswith("seed")), sep="\n")
    print(", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
