"""A report as a DOCX with its notebook, and what Word makes of it in the hands of a reviewer."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import nbformat

from export_samples import sample
from jpreport.document.localized import localized
from jpreport.document.reading import read_document
from jpreport.export.docx import FORMAT
from jpreport.files import to_json_bytes
from jpreport.files.canonical import canonical
from jpreport.forms.mime import FRONTS
from jpreport.language import Catalogue
from programme_samples import write_programme

# Of the XML of a part; raises LookupError where its words are not there.
Change = Callable[[str], str]
WHEN = "2026-11-25T10:00:00Z"
_MARK = f'w:author="Ana Petrović" w:date="{WHEN}"'
_RUN = r"<w:r(?: [^>]*)?>(<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t[^>]*>([^<]*)"
_TEXTS = ("word/document.xml", "word/footnotes.xml", "word/header2.xml", "word/footer2.xml")
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def report(root: Path, language: str = "") -> Path:
    """Write a programme with one built report, "final"; return its DOCX.

    With a further `language`, the report has that as well.
    """
    write_programme(root)
    built = sample()
    if language:
        built.metadata[FRONTS] = {language: {"language": language}}
    # The cell with the parameters' values, and what a run adds, are not in the notebook.
    (root / "notebooks/final.ipynb").write_bytes(canonical(json.dumps(built).encode()))
    output = root / "outputs"
    (output / "executed").mkdir(parents=True)
    (output / "executed/final.ipynb").write_text(json.dumps(built), encoding="utf-8")
    record = {"notebook": "notebooks/final.ipynb", "executed": "executed/final.ipynb", "quoted": []}
    manifest = {"version": 2, "indicators": [], "reports": {"final": record}}
    (output / "manifest.json").write_bytes(to_json_bytes(manifest))
    document = output / "final.docx"
    document.write_bytes(rendered(root))
    return document


def rendered(root: Path, language: str = "") -> bytes:
    """Return the report as a DOCX, in its own language or a further one."""
    built = nbformat.read(root / "outputs/executed/final.ipynb", as_version=4)
    if language:
        known = Catalogue.read(root / f"notebooks/locale/{language}/final.po")
        built = localized(built, language, known)
    return FORMAT.render(read_document(built), root).content


def cells(root: Path) -> list[str]:
    """Return the sources of the notebook's cells."""
    notebook: dict[str, Any] = json.loads((root / "notebooks/final.ipynb").read_bytes())
    return ["".join(cell["source"]) for cell in notebook["cells"]]


def changed(source: Path, target: Path, *changes: Change, **parts: str) -> Path:
    """Write a DOCX with changes, each in its text or its footnotes, and with further parts."""
    with zipfile.ZipFile(source) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    for change in changes:
        for name in _TEXTS:
            try:
                files[name] = change(files[name].decode()).encode()
            except LookupError as error:
                missing = error
            else:
                break
        else:
            raise missing
    name = "word/_rels/document.xml.rels"
    for part, text in parts.items():
        files[f"word/{part}.xml"] = text.encode()
        link = f'<Relationship Id="rIdR{part}" Type="{_OFFICE}/{part}" Target="{part}.xml"/>'
        end = b"</Relationships>"
        files[name] = files[name].replace(end, link.encode() + end)
    target.write_bytes(packed(files))
    return target


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tracked(old: str, new: str) -> Change:
    """Return the change that puts words in place of others, tracked as Word does it."""
    return _replaced(old, _taken_out(old) + (_put_in(new) if new else ""))


def typed(old: str, new: str) -> Change:
    """Return the change that puts words in place of others while nothing is tracked."""

    def change(xml: str) -> str:
        found = re.search(rf">[^<]*?(?={re.escape(escape(old))})", xml)
        if not found:
            raise LookupError(old)
        return xml[: found.end()] + escape(new) + xml[found.end() + len(escape(old)) :]

    return change


def _taken_out(words: str) -> str:
    text = f'<w:delText xml:space="preserve">{escape(words)}</w:delText>'
    return f'<w:del w:id="901" {_MARK}><w:r w:rsidDel="00AB12CD">{text}</w:r></w:del>'


def _put_in(words: str) -> str:
    text = f'<w:t xml:space="preserve">{escape(words)}</w:t>'
    return f'<w:ins w:id="902" {_MARK}><w:r w:rsidR="00AB12CD">{text}</w:r></w:ins>'


def _replaced(old: str, between: str) -> Change:
    """Return the change that splits the run which holds words, and puts XML in their place."""

    def change(xml: str) -> str:
        for match in re.finditer(_RUN, xml):
            before, found, after = match[2].partition(escape(old))
            if found:
                looks = match[1] or ""
                run = f'<w:r w:rsidRPr="00FF00FF">{looks}<w:t xml:space="preserve">'
                text = f"{run}{before}</w:t></w:r>{between}{run}{after}"
                return xml[: match.start()] + text + xml[match.end() :]
        raise LookupError(old)

    return change


def paragraph_of(xml: str, words: str) -> re.Match[str]:
    """Return where the paragraph with some words stands."""
    for match in re.finditer(r"<w:p[ >](?:(?!</w:p>).)*</w:p>", xml, re.DOTALL):
        if escape(words) in re.sub(r"<[^>]*>", "", match[0]):
            return match
    raise LookupError(words)


def new_paragraph(after: str, words: str, properties: str = "") -> Change:
    """Return the change that writes a paragraph behind the one with some words, tracked."""

    def change(xml: str) -> str:
        found = paragraph_of(xml, after)
        own = f'<w:pPr>{properties}<w:rPr><w:ins w:id="903" {_MARK}/></w:rPr></w:pPr>'
        return f"{xml[: found.end()]}<w:p>{own}{_put_in(words)}</w:p>{xml[found.end() :]}"

    return change


def without_paragraph(words: str) -> Change:
    """Return the change that takes a paragraph out, tracked, its end too."""

    def change(xml: str) -> str:
        found = paragraph_of(xml, words)
        inside = found[0].replace("<w:t>", "<w:delText>").replace("<w:t ", "<w:delText ")
        inside = inside.replace("</w:t>", "</w:delText>")
        inside = re.sub(r"(<w:r>.*?</w:r>)", rf'<w:del w:id="904" {_MARK}>\1</w:del>', inside)
        end = f'<w:rPr><w:del w:id="905" {_MARK}/></w:rPr></w:pPr>'
        inside = inside.replace("</w:pPr>", end, 1)
        assert end in inside
        return xml[: found.start()] + inside + xml[found.end() :]

    return change


def moved(words: str, behind: str) -> Change:
    """Return the change that cuts a paragraph and puts it behind another, nothing tracked."""

    def change(xml: str) -> str:
        found = paragraph_of(xml, words)
        xml = xml[: found.start()] + xml[found.end() :]
        place = paragraph_of(xml, behind).end()
        return xml[:place] + found[0] + xml[place:]

    return change


def commented(words: str) -> Change:
    """Return the change that sets the comments 0 and 1 (its reply) around some words."""
    start = '<w:commentRangeStart w:id="0"/><w:commentRangeStart w:id="1"/>'
    end = (
        '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>'
        '<w:commentRangeEnd w:id="1"/><w:r><w:commentReference w:id="1"/></w:r>'
    )
    run = f'<w:r><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'
    return _replaced(words, start + run + end)


COMMENTS = (
    f'<w:comments xmlns:w="{_WORD}" xmlns:w14="{_W14}">'
    f'<w:comment w:id="0" {_MARK} w:initials="AP"><w:p w14:paraId="11111111"><w:r><w:t>Which ones?'
    '</w:t></w:r></w:p><w:p w14:paraId="22222222"><w:r><w:t>All?</w:t></w:r></w:p></w:comment>'
    f'<w:comment w:id="1" w:author="Marko" w:date="{WHEN}"><w:p w14:paraId="33333333"><w:r>'
    "<w:t>The first ones.</w:t></w:r></w:p></w:comment></w:comments>"
)
EXTENDED = (
    '<w15:commentsEx xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">'
    '<w15:commentEx w15:paraId="22222222" w15:done="1"/>'
    '<w15:commentEx w15:paraId="33333333" w15:paraIdParent="22222222" w15:done="1"/>'
    "</w15:commentsEx>"
)


def as_word_saves(xml: str) -> str:
    """Return a text as Word would have saved it: revision ids, marks of spelling, split runs."""
    xml = re.sub(r"<w:p>", '<w:p w:rsidR="00A1B2C3" w14:paraId="0ABCDEF0">', xml)
    if "xmlns:w14=" not in xml:
        xml = re.sub(r"<w:(document|footnotes) ", rf'<w:\1 xmlns:w14="{_W14}" ', xml, count=1)

    def split(match: re.Match[str]) -> str:
        looks, text = match[1] or "", match[2]
        middle = next((n for n in range(len(text) // 2, len(text)) if text[n] == " "), 0)
        if not middle:
            return match[0]
        run = f'<w:r w:rsidRPr="00C3B2A1">{looks}<w:t xml:space="preserve">'
        proof = '<w:proofErr w:type="spellStart"/>'
        return f"{run}{text[:middle]}</w:t></w:r>{proof}{run}{text[middle:]}</w:t></w:r>"

    pattern = r"<w:r>(<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t[^>]*>([^<]*)</w:t></w:r>"
    return re.sub(pattern, split, xml)
