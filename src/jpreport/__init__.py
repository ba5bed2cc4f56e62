"""Reproducible, accessible end-of-programme reports from Jupyter notebooks."""

__version__ = "0.1.0"
