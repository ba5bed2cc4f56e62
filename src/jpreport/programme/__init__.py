"""A programme folder: its settings, its results framework, how its reports look."""
