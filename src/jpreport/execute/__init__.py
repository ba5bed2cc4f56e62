"""Run a notebook: its parameters, its cells, and the values in its prose."""
