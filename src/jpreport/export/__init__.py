"""Executed notebooks to documents: one reader, an exporter a format."""
