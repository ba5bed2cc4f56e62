"""Which folders a command line means."""

from __future__ import annotations

import argparse
from pathlib import Path

from jpreport.files import Store
from jpreport.programme.folder import OUTPUTS, find_programme, state_folder


def root_of(options: argparse.Namespace) -> Path:
    """Return the programme folder; raises ProjectError."""
    return options.project.resolve() if options.project else find_programme(Path.cwd())


def restricted_output_of(options: argparse.Namespace, root: Path) -> Path:
    """Return the folder of restricted editions: beside that of the release, never in it."""
    output = output_of(options, root)
    return output.with_name(f"{output.name}-restricted")


def output_of(options: argparse.Namespace, root: Path) -> Path:
    """Return the output folder."""
    return options.output.resolve() if options.output else root / OUTPUTS


def checked_of(options: argparse.Namespace, root: Path) -> Path:
    """Return the folder that keeps which records passed their contract, and open tables."""
    return Store(state_folder(root, output_of(options, root))).checked
