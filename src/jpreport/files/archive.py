"""ZIP archives that say nothing of a day or a machine, sealed where they are a report."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from jpreport.files.seal import seal_at

_UNIX = 3  # as ZIP knows systems; Python notes the one that it runs on
# Readers of OpenDocument find its kind at a fixed place, uncompressed.
_STORED = "mimetype"


def zipped(members: Mapping[str, bytes], *, sealed: bool = False) -> bytes:
    """Return files by name as a ZIP archive, in their order; `sealed`: with a seal as comment."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system = _UNIX
            kind = zipfile.ZIP_STORED if name == _STORED else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, kind, 9)
        # The comment stands at the very end, its length before it.
        archive.comment = bytes(len(seal_at(b""))) if sealed else b""
    content = out.getvalue()
    return seal_at(content.removesuffix(archive.comment)) if sealed else content
