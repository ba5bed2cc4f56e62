"""`python -m jpreport`: the command line."""

from jpreport.cli import run

run()
