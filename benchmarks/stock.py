"""The stock tool chain: papermill, then nbconvert, in an environment of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from measure import Run, run, together

from programme import ROOT

# With its marker: a lock for every platform may hold several versions of a package.
_PIN = re.compile(r"^([A-Za-z0-9._-]+==[^\\\n]+)", re.MULTILINE)


def make_environment(folder: Path) -> None:
    """Install what the stock chain needs, in the versions of our lock, all compiled.

    jpreport is there for the notebooks' imports, by a path file, and so are its formats, which
    settings name: were it installed, papermill would load its engine at every start.
    """
    python = folder / "bin" / "python"
    done = folder / "installed.txt"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pins = "\n".join(_PIN.findall((ROOT / "requirements.lock").read_text("utf-8")))
    need = "\n".join(settings["project"]["dependencies"])
    if done.is_file() and done.read_text("utf-8") == f"{need}\n{pins}":
        return
    print(f"Setting up the stock chain in {folder.name} (once, about a minute)", flush=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603
    (folder / ".gitignore").write_text("*\n", "utf-8")
    (folder / "pins.txt").write_text(pins, "utf-8")
    (folder / "needs.txt").write_text(need, "utf-8")
    files = ["-c", str(folder / "pins.txt"), "-r", str(folder / "needs.txt")]
    subprocess.run([python, "-m", "pip", "install", "-q", *files], check=True)  # noqa: S603
    [packages] = (folder / "lib").glob("python*/site-packages")
    (packages / "jpreport.pth").write_text(f"{ROOT / 'src'}\n", "utf-8")
    formats = settings["project"]["entry-points"]["jpreport.formats"]
    listed = "\n".join(f"{name} = {module}" for name, module in formats.items())
    about = packages / "jpreport_formats-1.dist-info"
    about.mkdir(exist_ok=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: jpreport-formats\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[jpreport.formats]\n{listed}\n", "utf-8")
    done.write_text(f"{need}\n{pins}", "utf-8")


@dataclass(frozen=True, slots=True)
class Stock:
    """The stock chain of one environment, on one programme."""

    environment: Path
    programme: Path
    notebook: str

    def one(self, output: Path, name: str) -> Run:
        """Make one report: HTML alone, which is all that the stock chain does."""
        notebooks, programs = self.programme / "notebooks", self.environment / "bin"
        made = output / f"{name}.ipynb"
        quiet = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        source = notebooks / self.notebook
        kernel = ("-k", "python3", "--cwd", notebooks, "--no-progress-bar")
        commands = [
            (programs / "papermill", source, made, *kernel),
            (programs / "jupyter", "nbconvert", "--to", "html", made),
        ]
        return together([run(command, cwd=output, env=quiet) for command in commands])

    def many(self, output: Path, names: list[str], at_a_time: int) -> Run:
        """Make several reports, some at a time."""
        begun = time.perf_counter()
        with ThreadPoolExecutor(at_a_time) as pool:
            runs = list(pool.map(lambda name: self.one(output, name), names))
        return together(runs, time.perf_counter() - begun)
