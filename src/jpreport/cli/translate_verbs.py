"""The verb for other languages: translate extract, translate status."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from jpreport.cli.folders import root_of
from jpreport.errors import Place

if TYPE_CHECKING:
    from jpreport.translate.standing import Standing

_EPILOG = """\
examples:
  jpreport translate extract                      catalogues of all languages that reports name
  jpreport translate extract donor --language fr  begin a language, or bring it up to date
  jpreport translate status                       what is translated, stale and missing, by cell
  jpreport translate status --json                the same for another program, text by text

Catalogues are gettext's PO files, in notebooks/locale/TAG: one for each notebook, and
programme.po for the terms of settings, contract and code (mark those in code with _("...")).
Roles such as {eval}`rp["1.1"]`, references, footnote marks and typed numbers stand in a
translation as in the sentence. Latin Serbian is made from Cyrillic; what is to read otherwise
goes into a file of its own: jpreport translate extract --language sr-Latn.

exit codes: 0 all is well; 1 a translation lacks what it has to keep, and for status also: something
is stale or missing
"""


def add_translate_verb(verbs: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401
    """Add translate to the verbs of a parser."""
    translate = verbs.add_parser(
        "translate",
        parents=[common],
        help="write catalogues for translators, or say how far they are",
        description="Write what is to be translated into catalogues, keeping the translations "
        "that are there, or say which sentences of which cells are still to be translated.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    translate.add_argument("what", choices=("extract", "status"))
    translate.add_argument("reports", nargs="*", metavar="REPORT", help="report id (default: all)")
    translate.add_argument(
        "--language", metavar="TAG", default="", help="one language (default: all of the reports)"
    )
    translate.add_argument("--json", action="store_true", help="print JSON")


def translate(options: argparse.Namespace) -> int:
    """Write catalogues, or say how far they are."""
    from jpreport.cli.problems import print_problems
    from jpreport.data import programme_package
    from jpreport.programme.settings import read_settings
    from jpreport.translate.catalogues import extract, wanted
    from jpreport.translate.standing import standing

    root = root_of(options)
    settings = read_settings(root)
    package = programme_package(settings)
    found = wanted(settings, package, options.reports, options.language)
    if not found:
        print("No report has a further language: name them in programme.toml, languages = [...]")
        return 0
    if options.what == "extract":
        written = extract(found)
        for path, changed in () if options.json else written:
            print(f"{path.relative_to(settings.root)}: {'written' if changed else 'up to date'}")
    told = [standing(one) for one in found]
    if options.json:
        print(json.dumps([one.to_json() for one in told], ensure_ascii=False, indent=1))
    else:
        for one in told:
            _tell(one)
    faults = tuple(dict.fromkeys(fault for one in told for fault in one.faults))
    if not options.json:
        print_problems(faults, root=root)
    still = any(one.open for one in told) if options.what == "status" else False
    return 1 if faults or still else 0


def _tell(one: Standing) -> None:
    counts = {"translated": len(one.texts["translated"])}
    counts |= Counter(state for state, _ in one.open)
    if one.texts["free"]:
        counts["values of records as they are"] = len(one.texts["free"])
    said = ", ".join(f"{number} {state}" for state, number in counts.items())
    print(f"{one.wanted.language}  {one.wanted.named()}: {said}")
    if not one.texts["translated"]:
        return  # nothing is begun
    places = Counter(
        (str(Place(text.where.file, text.where.steps[:1])), state) for state, text in one.open
    )
    for (place, state), number in places.items():
        print(f"  {place}: {number} {state}")
