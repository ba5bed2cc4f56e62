"""What the tests of an audit share: what the records of one programme say is found once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jpreport.audit import auditor
from jpreport.files import digest_bytes


@pytest.fixture(autouse=True, scope="module")
def _one_basis() -> Iterator[None]:
    """Find what records say once for the same records, contract and cubes."""
    known: dict[str, Any] = {}
    find = auditor._basis

    def basis(package: Any, root: Path, release: Any = None, *rest: Any) -> Any:  # noqa: ANN401
        files = (*root.glob("*.toml"), *(root / "data").rglob("*"))
        said = [f"{one}{digest_bytes(one.read_bytes())}" for one in sorted(files) if one.is_file()]
        cubes = [
            repr(release.cube(name)) if release else "" for name in auditor._declarations(package)
        ]
        key = repr((root, said, cubes))
        if key not in known:
            known[key] = find(package, root, release, *rest)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auditor, "_basis", basis)
        yield
