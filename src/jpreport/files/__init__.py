"""Digests, atomic writes, the manifest, and the record of the last build."""

from jpreport.files.atomic import (
    locked,
    prepare_folder,
    prepare_private_folder,
    read_json,
    to_json_bytes,
    write_atomic,
)
from jpreport.files.digests import (
    digest_bytes,
    digest_code,
    digest_file,
    digest_json,
    environment_digests,
    installed,
)
from jpreport.files.file_digests import FileDigests
from jpreport.files.seal import is_intact, seal_at, seal_of
from jpreport.files.store import CleanFiles, EditionRecord, Store, Verdict, WholeBuild, record_json

__all__ = [
    "CleanFiles",
    "EditionRecord",
    "FileDigests",
    "Store",
    "Verdict",
    "WholeBuild",
    "digest_bytes",
    "digest_code",
    "digest_file",
    "digest_json",
    "environment_digests",
    "installed",
    "is_intact",
    "locked",
    "prepare_folder",
    "prepare_private_folder",
    "read_json",
    "record_json",
    "seal_at",
    "seal_of",
    "to_json_bytes",
    "write_atomic",
]
