"""What was signed since it was built: no reason to build again, and nothing to write over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from jpreport.document.formats import signed_copy
from jpreport.errors import Place, Problem
from jpreport.files import FileDigests, Store, digest_bytes
from jpreport.release.gate import place_of

_HINT = "move it to where it is kept, and build again; --force replaces it"


def signers(path: Path, built: str) -> tuple[str, ...]:
    """Return who signed a file that was built with a digest; nobody if it is anything else."""
    try:
        content = path.read_bytes()
        found = signed_copy(path, content, lambda original: digest_bytes(original) == built)
    except (OSError, ValueError):
        return ()  # gone, or changed otherwise
    return found[1] if found else ()


def digest_as_built(path: Path, built: str, digests: FileDigests) -> str:
    """Return the digest of an output; of one that was signed, the digest that it was built with."""
    digest = digests.digest(path)
    return built if digest not in {"", built} and signers(path, built) else digest


def refused(output: Path, store: Store, slugs: Iterable[str]) -> Iterator[Problem]:
    """Yield the signed files of editions, which a build would write over or remove."""
    for slug in sorted(slugs):
        record = store.edition(slug)
        for name, built in sorted(record.outputs.items()) if record else ():
            path = place_of(output, name)
            if store.digests.digest(path) not in {"", built} and (who := signers(path, built)):
                message = f"is signed by {' and '.join(who)}, and its report is not the same now"
                yield Problem(Place(f"{output.name}/{name}"), message, _HINT)
