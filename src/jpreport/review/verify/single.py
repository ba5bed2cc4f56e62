"""Build one report again that lies apart from its release, from what it says of itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from jpreport.document.formats import format_of, signed_copy
from jpreport.document.provenance import Provenance, read_provenance
from jpreport.errors import OutputError, Place, Problem
from jpreport.figures import FigureRecord
from jpreport.files import is_intact, seal_of
from jpreport.files.private import private_folder
from jpreport.review.changes import changed_figures
from jpreport.review.verify.causes import Recorded, find_causes
from jpreport.review.verify.rebuild import build_again, manifest_of, set_as_recorded
from jpreport.review.verify.verdict import UNAFFECTED, FileVerdict, Verdict, first_difference

_ALTERED = "was altered after it was built"
_AGAIN = "Another build gives the original."
_NOT_AGAIN = "The original cannot be built again, so that the place cannot be told."


def verify_alone(path: Path, root: Path) -> Verdict:
    """Build one report again, of any format, and compare it; changes nothing.

    Its seal tells an altered file from a changed input, whatever else differs; what it says
    of its inputs tells which of them differ. Raises OutputError where it says neither.
    """
    content = path.read_bytes()
    try:
        content, names = signed_copy(path, content, is_intact) or (content, ())
    except ValueError as error:
        return Verdict((FileVerdict(path.name, "altered", f"{_ALTERED}: {error}"),))
    try:
        provenance = read_provenance(path)
    except OutputError as error:
        if seal_of(content) is None or is_intact(content):
            raise
        reason = f"{_ALTERED}: {error.problems[0].message}"
        return Verdict((FileVerdict(path.name, "altered", reason),))
    made_from = provenance.made_from
    if not made_from:
        hint = "jpreport build writes that into a report"
        raise OutputError(Problem(Place(str(path)), "does not say what it was made from", hint))
    slug, stem = provenance.front.slug, provenance.front.stems[provenance.front.language]
    suffix = format_of(path).suffix
    with private_folder() as private:
        fresh = private / "fresh"
        problems = tuple(build_again(root, fresh, {slug: (suffix,)}, made_from["audience"]))
        environment = {
            **{key: made_from["execution"][key] for key in ("environment", "jpreport")},
            "templates": made_from["rendering"]["templates"],
        }
        recorded = Recorded({slug: made_from}, environment)
        causes = tuple(find_causes(recorded, manifest_of(fresh), root))
        built = fresh / f"{stem}.{suffix}"
        then = built.read_bytes() if built.is_file() else None
        likely: bytes | None = None
        if causes and then is not None:
            name = built.name.partition(".")[2]
            likely = set_as_recorded(fresh, slug, made_from, (name,), root).get(name)
        file = _file(path.name, content, then, likely, differ=bool(causes))
        # Without another input other figures can only be altered ones.
        compared = causes and then is not None
        after = read_provenance(built) if compared else provenance
        figures = changed_figures(_quoted(provenance), _quoted(after))
    return Verdict((replace(file, signed_by=names),), causes, figures, problems)


def _quoted(provenance: Provenance) -> list[FigureRecord]:
    return [source.record for source in provenance.sources if source.quotes]


def _file(
    name: str, content: bytes, then: bytes | None, recorded: bytes | None, *, differ: bool
) -> FileVerdict:
    """Return what became of a file; `recorded` is another build with the digests that it states."""
    if content == then:
        return FileVerdict(name, "reproduced")
    if content == recorded:
        return FileVerdict(name, "unaffected", UNAFFECTED)
    if not is_intact(content):
        return _altered(name, content, then, recorded, differ=differ)
    if then is None:
        return FileVerdict(name, "differs", "could not be built again")
    if differ:
        hint = "it is as it was sealed; who sealed it can be told from the same inputs only"
        return FileVerdict(name, "differs", hint)
    detail = f"{_ALTERED} and sealed anew; {first_difference(content, then)}. {_AGAIN}"
    return FileVerdict(name, "altered", detail)


def _altered(
    name: str, content: bytes, then: bytes | None, recorded: bytes | None, *, differ: bool
) -> FileVerdict:
    """Return where a file was altered, if the original can be built: its seal tells that."""
    sealed = (one for one in (then, recorded) if one and seal_of(one) == seal_of(content))
    original = next(sealed, None if differ else then)
    if original is None:
        return FileVerdict(name, "altered", f"{_ALTERED}. {_NOT_AGAIN}")
    place = first_difference(content, original)
    return FileVerdict(name, "altered", f"{_ALTERED}; {place}. {_AGAIN}")
