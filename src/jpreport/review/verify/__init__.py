"""Build a release, or one report on its own, again, and say whether it is the same."""

from pathlib import Path

from jpreport.review.verify.manifest import listed
from jpreport.review.verify.release import verify_release
from jpreport.review.verify.single import verify_alone
from jpreport.review.verify.verdict import Verdict


def verify(target: Path, root: Path, workers: int = 1) -> Verdict:
    """Build again from the programme folder `root`, and compare; changes neither.

    `target` is the folder of a release, one file in it, or a report apart from any release,
    which says itself what it was made from. Raises OutputError where that cannot be read.
    """
    if target.is_file() and listed(target) is None:
        return verify_alone(target, root)
    return verify_release(target, root, workers)
