"""Who signed a PDF after it was built; what is anything but a signature is told as such."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pikepdf

from jpreport.files.pdfium import PDFIUM

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

_END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?")
# What every program that writes into a PDF may say of itself and of the day.
_PASSING = ("ModDate", "ModifyDate", "MetadataDate", "Producer", "CreatorTool")
_HIDDEN = 0b10  # of an annotation's flags (ISO 32000-2, table 167)


def revision_lengths(content: bytes) -> tuple[int, ...]:
    """Return where a revision of a PDF may end, in bytes; the last one is its own end."""
    ends = {
        length for match in _END.finditer(content) for length in (match.end(), match.start() + 5)
    }
    return tuple(sorted(ends))


def signers(content: bytes, length: int) -> tuple[str, ...]:
    """Return the common names of those who signed a PDF behind its first `length` bytes.

    What was appended is compared object by object (ISO 32000-2, 12.8.2.2: changes that a
    signature may make), and each signature with what it covers. Whether a certificate is to be
    trusted is not looked into. Raises ValueError, with the reason, for anything else that was
    appended, a signature that does not fit, or one whose mark covers what was printed.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    original = content[:length]
    try:
        reader = PdfFileReader(io.BytesIO(content))
        before = PdfFileReader(io.BytesIO(original)).xrefs.total_revisions
        _refuse_changes(reader, before - 1)
        found = [one for one in reader.embedded_signatures if one.signed_revision >= before]
        names = tuple(_signer(one) for one in found)
        for one in found:
            _refuse_covering(one, original)
    except ValueError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever a hostile file makes a parser raise)
        raise ValueError(f"what was appended cannot be read: {error}") from None
    if not names:
        raise ValueError("what was appended is no signature")
    if _said(original) != _said(content):
        raise ValueError("what the file says of itself was changed with the signature")
    return names


def _refuse_changes(reader: PdfFileReader, base: int) -> None:
    """Raise ValueError where a later revision changes more than a signature may."""
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name
    from pyhanko.sign import diff_analysis as diff
    from pyhanko.sign.fields import MDPPerm

    update = diff.ModificationLevel.LTA_UPDATES
    passing = (diff.DocInfoRule, diff.XrefStreamRule, diff.ObjectStreamRule, diff.DSSCompareRule)
    policy = diff.StandardDiffPolicy(
        [
            diff.CatalogModificationRule(),
            *(rule().as_qualified(update) for rule in passing),
            diff.MetadataUpdateRule().as_qualified(update),
        ],
        # A report has no form: no other field may be made or filled in.
        diff.FormUpdatingRule(
            [
                diff.SigFieldCreationRule(allow_new_visible_after_certify=True),
                diff.SigFieldModificationRule(),
            ]
        ),
    )
    for revision in range(base + 1, reader.xrefs.total_revisions):
        old, new = map(reader.get_historical_resolver, (base, revision))
        if "/AcroForm" not in old.root and "/AcroForm" in new.root:
            # The comparison wants a form on both sides; that of a report is empty.
            flags = new.root["/AcroForm"].get("/SigFlags", NumberObject(3))
            fields = {pdf_name("/Fields"): ArrayObject(), pdf_name("/SigFlags"): flags}
            old.root[pdf_name("/AcroForm")] = DictionaryObject(fields)
        try:
            policy.apply(old, new, doc_mdp=MDPPerm.FILL_FORMS)
        except diff.SuspiciousModification as error:
            raise ValueError(f"more than a signature was appended: {error}") from None


def _signer(signature: EmbeddedPdfSignature) -> str:
    """Return whose signature it is; raises ValueError where it does not fit what it covers."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    name = signature.signer_cert.subject.native.get("common_name") or "somebody without a name"
    covered = signature.evaluate_signature_coverage()
    intact, valid = validate_sig_integrity(
        signature.signer_info,
        signature.signer_cert,
        expected_content_type="data",
        actual_digest=signature.compute_digest(),
    )
    if not (intact and valid) or covered < SignatureCoverageLevel.ENTIRE_REVISION:
        raise ValueError(f"the signature of {name} does not fit the file")
    return str(name)


def _refuse_covering(signature: EmbeddedPdfSignature, original: bytes) -> None:
    """Raise ValueError where a signature's mark lies over anything that was printed."""
    import pypdfium2  # type: ignore[import-untyped]

    field = signature.sig_field
    left, bottom, right, top = map(float, field.get("/Rect", (0, 0, 0, 0)))
    if left == right or bottom == top or int(field.get("/F", 0)) & _HIDDEN:
        return
    if "/P" not in field:
        raise ValueError("a signature's mark is on no page that can be told")
    page = field.raw_get("/P").idnum
    with pikepdf.open(io.BytesIO(original)) as pdf:
        numbers = [one.objgen[0] for one in pdf.pages]
    with PDFIUM, pypdfium2.PdfDocument(original) as document:
        printed = document[numbers.index(page)].get_objects()
        places = [one.get_bounds() for one in printed]
    if any(x < right and left < to_x and y < top and bottom < to_y for x, y, to_x, to_y in places):
        raise ValueError(
            f"a signature's mark covers what is printed on page {numbers.index(page) + 1}"
        )


def _said(content: bytes) -> dict[str, list[str]]:
    """Return the metadata of a PDF, without what says who wrote it last, and when."""

    def said(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
        yield from ((str(key), value) for key, value in pdf.docinfo.items())
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            yield from meta.items()

    def plain(value: Any) -> list[str]:  # noqa: ANN401
        items = value if isinstance(value, list | set) else [value]
        return sorted(text for item in items if (text := str(item or "").strip()))

    with pikepdf.open(io.BytesIO(content)) as pdf:
        told = {key: plain(value) for key, value in said(pdf) if not key.endswith(_PASSING)}
    return {key: texts for key, texts in told.items() if texts}
