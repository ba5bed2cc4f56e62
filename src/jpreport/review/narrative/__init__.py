"""Narrative: no number escapes, neither one typed into the text nor one printed by code."""
