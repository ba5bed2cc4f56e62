"""Frozen settings of a programme folder."""

from jpreport.folder import SETTINGS_FILE, find_programme
from jpreport.project.settings import (
    Organization,
    Programme,
    Report,
    Settings,
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
