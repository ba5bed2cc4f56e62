"""Digests, atomic writes, the manifest, and the record of the last build."""

from jpreport.provenance.digests import (
    digest_bytes,
    digest_file,
    digest_json,
    environment_digests,
)
from jpreport.provenance.files import (
    locked,
    prepare_folder,
    prepare_private_folder,
    read_json,
    to_json_bytes,
    write_atomic,
)
from jpreport.provenance.store import Store

__all__ = [
    "Store",
    "digest_bytes",
    "digest_file",
    "digest_json",
    "environment_digests",
    "locked",
    "prepare_folder",
    "prepare_private_folder",
    "read_json",
    "to_json_bytes",
    "write_atomic",
]
