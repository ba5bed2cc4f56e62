"""Audit a release: leaks in its files, its numbers against the protected cubes, attacks on them.

Nothing here is loaded with jpreport itself: PDF readers and solvers are for release builds.
"""

from jpreport.audit.auditor import Audit, Release, TableAudit, audit_release, find_leaks

__all__ = ["Audit", "Release", "TableAudit", "audit_release", "find_leaks"]
