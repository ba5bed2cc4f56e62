"""Compare two releases: figures, the records that explain them, and the prose."""
