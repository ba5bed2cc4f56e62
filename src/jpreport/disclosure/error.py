"""What goes wrong in disclosure control: nothing is published then."""

from __future__ import annotations

from jpreport.errors import JpreportError


class DisclosureError(JpreportError):
    """A sensitive table cannot be declared, protected or audited as asked."""
