"""Audit a release: leaks in its files, its numbers against the protected cubes, attacks on them.

Nothing here is loaded with jpreport itself: PDF readers and solvers are for release builds.
"""

from jpreport.audit.auditor import Auditor, Release, audit_release
from jpreport.audit.record import audit_record
from jpreport.audit.result import Audit, TableAudit

__all__ = ["Audit", "Auditor", "Release", "TableAudit", "audit_record", "audit_release"]
