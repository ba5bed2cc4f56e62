"""PDFs that were signed, or pretend to be, after they were built."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.generic import (
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, fields, sign_pdf


@cache
def signer(name: str) -> SimpleSigner:
    """Return somebody who signs with a certificate of their own."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    packed = serialization.pkcs12.serialize_key_and_certificates(
        None, key, certificate, None, serialization.NoEncryption()
    )
    found = SimpleSigner.load_pkcs12_data(packed, [], None)
    assert found is not None
    return found


def signed(pdf: bytes, name: str, box: tuple[int, int, int, int] | None = None) -> bytes:
    """Return a PDF with one more signature, shown in a box on its first page, if one is given."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    field = f"by {name}"
    fields.append_signature_field(writer, fields.SigFieldSpec(field, on_page=0, box=box))
    out = io.BytesIO()
    metadata = PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
    sign_pdf(writer, metadata, signer=signer(name), output=out)
    return out.getvalue()


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], Any]) -> bytes:
    """Return a PDF with an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_another_page(writer: IncrementalPdfFileWriter) -> None:
    """Make a page stand on its head."""
    page, _ = writer.find_page_for_modification(0)
    page.get_object()["/Rotate"] = NumberObject(180)
    writer.update_container(page.get_object())


def with_a_note(writer: IncrementalPdfFileWriter) -> None:
    """Put a note over what is printed."""
    page, _ = writer.find_page_for_modification(0)
    note = DictionaryObject({pdf_name("/Type"): pdf_name("/Annot")})
    note[NameObject("/Subtype")] = NameObject("/FreeText")
    writer.register_annotation(page, writer.add_object(note))


def without_attachments(writer: IncrementalPdfFileWriter) -> None:
    """Take away what the report carries."""
    names = writer.root["/Names"]
    del names["/EmbeddedFiles"]
    writer.update_container(names)


def with_another_title(writer: IncrementalPdfFileWriter) -> None:
    """Call the report something else."""
    old = writer.root["/Metadata"].data
    said = re.sub(rb"(title>.*?)(</[\w:]*li>)", rb"\1, altered\2", old, count=1, flags=re.DOTALL)
    assert said != old
    made = StreamObject(stream_data=said)
    made[NameObject("/Type")] = NameObject("/Metadata")
    made[NameObject("/Subtype")] = NameObject("/XML")
    writer.root["/Metadata"] = writer.add_object(made)
    writer.update_root()


CHANGES = {
    "a page": with_another_page,
    "a note": with_a_note,
    "the attachments": without_attachments,
    "the title": with_another_title,
}


def box_of_the_title(pdf: bytes) -> tuple[int, int, int, int]:
    """Return a box around the first text of the first page, in points."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        kinds = (one for one in document[0].get_objects() if one.type == 1)
        left, bottom, right, top = next(kinds).get_bounds()
    finally:
        document.close()
    return int(left) - 20, int(bottom) - 20, int(right) + 20, int(top) + 20


def rebuilt(pdf: bytes) -> bytes:
    """Return a PDF that another program saved as a whole."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(out)
    return out.getvalue()
