"""Sensitive tables leave only as protected cubes, attacked before they are let go."""
