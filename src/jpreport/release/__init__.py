"""A release: the spine from a programme folder to its published reports."""
