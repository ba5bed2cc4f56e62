"""The verb that takes a Word document back: review."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from jpreport.cli.folders import output_of, root_of

_EXAMPLES = """\
examples:
  jpreport review end-of-programme-AP.docx           what changed, against the notebook's cells
  jpreport review end-of-programme-AP.docx --apply   write the words into the notebook
  jpreport review back.docx --author "Ana Petrović"  what one person tracked
  jpreport review back.docx --output ../sent         against the release that was sent out
"""


def add_word_verbs(verbs: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Add review to the verbs of a parser."""
    review = verbs.add_parser(
        "review",
        parents=[common],
        help="take back a Word document that reviewers have changed",
        description="Compare a Word document that came back with the one that was built: what "
        "was changed, tracked or\nnot, as a diff against the notebook's Markdown; numbers that "
        "somebody typed, which are never\napplied; comments by section; and what has no place in "
        "the notebook. Exit code 1 when\nsomething needs a person.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    review.add_argument("document", type=Path, metavar="FILE.docx", help="the returned document")
    review.add_argument(
        "--apply",
        action="store_true",
        help="write the changed words into the notebook, where its cells are still those that "
        "the document was made from",
    )
    review.add_argument("--author", metavar="NAME", default="", help="only what NAME tracked")
    review.add_argument("--json", action="store_true", help="print JSON")


def review(options: argparse.Namespace) -> int:
    """Show what a returned document changes; write it into the notebook where that is asked."""
    from jpreport.review.word.review import apply_review, review_document
    from jpreport.review.word.told import lines

    root = root_of(options)
    found = review_document(options.document, root, output_of(options, root), options.author)
    if options.apply:
        found = apply_review(found, root)
    if options.json:
        print(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
    else:
        print("\n".join(lines(found)))
    return 1 if found.left else 0
