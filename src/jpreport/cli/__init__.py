"""The command line: arguments, progress, errors to exit codes; the only catch-all."""

from jpreport.cli.main import main, run

__all__ = ["main", "run"]
