"""Audit a release: leaks in its files, its numbers against the protected cubes, attacks on them.

Nothing here is loaded with jpreport itself: PDF readers and solvers are for release builds.
"""

from jpreport.audit.auditor import Audit, Auditor, Release, TableAudit, audit_release

__all__ = ["Audit", "Auditor", "Release", "TableAudit", "audit_release"]
