"""Frozen settings of a programme folder."""

from jpreport.project.settings import (
    SETTINGS_FILE,
    Organization,
    Programme,
    Report,
    Settings,
    find_programme,
    read_settings,
)

__all__ = [
    "SETTINGS_FILE",
    "Organization",
    "Programme",
    "Report",
    "Settings",
    "find_programme",
    "read_settings",
]
