"""Word: the order that its schema asks for, locked figures, marks that lead back to cells."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from export_samples import FRONT, chart, code, figure, markdown, notebook, picture, sample
from export_samples import shown as shown_output
from export_samples import table as table_of
from jpreport.document.attachments import attachments
from jpreport.document.blocks import Document
from jpreport.document.cover import FrontMatter
from jpreport.document.provenance import NAME
from jpreport.document.reading import read_document
from jpreport.errors import ExportError
from jpreport.export import docx
from jpreport.export.accounting import squeezed
from jpreport.export.docx_marks import anchor, figure_mark, short
from jpreport.export.rendering import render
from jpreport.files import is_intact
from jpreport.forms.mime import CHART
from jpreport.forms.tables import Cell, Column, Row, Table

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# ISO/IEC 29500-1, transitional (annex A): Word takes these children in this order only.
ORDER = {
    "pPr": (
        "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers "
        "pBdr shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE "
        "autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents "
        "suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle "
        "rPr sectPr pPrChange"
    ),
    "rPr": (
        "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint "
        "noProof snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u "
        "effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath"
    ),
    "tblPr": (
        "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc "
        "tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption "
        "tblDescription"
    ),
    "tcPr": (
        "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText "
        "vAlign hideMark"
    ),
    "sdtPr": (
        "rPr alias tag id lock placeholder temporary showingPlcHdr dataBinding label tabIndex "
        "docPartObj docPartList date text richText"
    ),
    "sdt": "sdtPr sdtEndPr sdtContent",
    "tbl": "tblPr tblGrid tr",
    "tr": "tblPrEx trPr tc",
    "pBdr": "top left bottom right between bar",
    "tcBorders": "top start left bottom end right insideH insideV",
    "sectPr": (
        "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders "
        "lnNumType pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter "
        "docGrid printerSettings"
    ),
    "style": (
        "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed "
        "qFormat locked personal rsid pPr rPr tblPr trPr tcPr tblStylePr"
    ),
    "abstractNum": "nsid multiLevelType tmpl name styleLink numStyleLink lvl",
    "numbering": "numPicBullet abstractNum num numIdMacAtCleanup",
    "lvl": "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
    "numPr": "ilvl numId",
    "settings": (
        "embedTrueTypeFonts trackRevisions defaultTabStop characterSpacingControl footnotePr "
        "endnotePr compat themeFontLang"
    ),
    "font": (
        "altName panose1 charset family notTrueType pitch sig embedRegular embedBold embedItalic"
    ),
}


def parts_of(content: bytes) -> dict[str, etree._Element]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: etree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xml", ".rels"))
        }


def made(document: Document) -> dict[str, etree._Element]:
    return parts_of(render("docx", document).content)


@pytest.fixture(scope="module")
def document() -> Document:
    formula = markdown("Then $x^2$ and\n\n$$y = \\frac{1}{2}$$\n\n---\n")
    photo = {"image/png": picture("PNG", "RGB"), CHART: {"version": 1, "alt": "A square."}}
    nb = sample()
    nb.cells += [formula, code("photo", shown_output(_coded(photo)))]
    return read_document(nb)


def _coded(bundle: dict[str, object]) -> dict[str, object]:
    import base64

    png = bundle["image/png"]
    assert isinstance(png, bytes)
    return {**bundle, "image/png": base64.b64encode(png).decode()}


@pytest.fixture(scope="module")
def content(document: Document) -> bytes:
    return render("docx", document).content


@pytest.fixture(scope="module")
def parts(content: bytes) -> dict[str, etree._Element]:
    return parts_of(content)


@pytest.fixture(scope="module")
def body(parts: dict[str, etree._Element]) -> etree._Element:
    return parts["word/document.xml"]


def words(element: etree._Element) -> str:
    return "".join(one.text or "" for one in element.iter(f"{W}t"))


def values(root: etree._Element, element: str, attribute: str) -> list[str]:
    return [one.get(f"{W}{attribute}", "") for one in root.iter(f"{W}{element}")]


def test_children_stand_in_the_order_of_the_schema(parts: dict[str, etree._Element]) -> None:
    seen = set()
    for part, root in parts.items():
        for element in root.iter(f"{W}*"):
            name = etree.QName(element).localname
            if name not in ORDER:
                continue
            seen.add(name)
            order = ORDER[name].split()
            children = [etree.QName(child).localname for child in element]
            places = [order.index(child) for child in children if child in order]
            assert set(children) <= {*order, "bookmarkStart", "bookmarkEnd"}, (part, name)
            assert places == sorted(places), (part, name, children)
    assert {*ORDER} - {"settings"} <= seen | {"settings"}


def test_all_that_is_referred_to_is_there(parts: dict[str, etree._Element]) -> None:
    styles = set(values(parts["word/styles.xml"], "style", "styleId"))
    known = {one.get("Id") for one in parts["word/_rels/document.xml.rels"]}
    body = parts["word/document.xml"]
    for part in ("document", "footnotes", "header1", "header2", "footer1", "footer2", "numbering"):
        root = parts[f"word/{part}.xml"]
        for kind in ("pStyle", "rStyle", "tblStyle"):
            assert {*values(root, kind, "val")} <= styles, (part, kind)
    used = {value for e in body.iter() for key, value in e.attrib.items() if key.startswith(R)}
    assert used <= known
    names = values(body, "bookmarkStart", "name")
    fields = "".join(one.text or "" for one in body.iter(f"{W}instrText"))
    targets = {*values(body, "hyperlink", "anchor"), *re.findall(r" REF (\S+)", fields)} - {""}
    assert targets <= {*names}
    assert {*values(body, "numId", "val")} - {"0"} <= {
        *values(parts["word/numbering.xml"], "num", "numId")
    }


def test_names_and_numbers_are_what_word_takes(body: etree._Element) -> None:
    names = values(body, "bookmarkStart", "name")
    assert len(names) == len({*names})
    assert all(re.fullmatch(r"[A-Za-z_]\w{0,39}", name, re.ASCII) for name in names)
    starts, ends = values(body, "bookmarkStart", "id"), values(body, "bookmarkEnd", "id")
    assert len(starts) == len({*starts})
    assert sorted(starts) == sorted(ends)
    for kind in ("tag", "alias"):
        assert all(len(value) <= 64 for value in values(body, kind, "val"))
    tips = [one.get(f"{W}tooltip", "") for one in body.iter(f"{W}hyperlink")]
    assert any(tips)
    assert all(len(tip) <= 260 for tip in tips)


@given(st.text(max_size=90), st.text(max_size=90))
def test_two_names_are_two_bookmarks(one: str, other: str) -> None:
    names = [anchor(text) for text in (one, other) if text.isprintable()]
    assert len({*names}) == len({text for text in (one, other) if text.isprintable()})
    assert all(re.fullmatch(r"_[A-Za-z0-9_]{1,39}", name) for name in names)
    assert len(short(one)) <= 64


def test_every_figure_is_locked_and_says_its_source(
    document: Document, body: etree._Element
) -> None:
    controls = [one for one in body.iter(f"{W}sdt") if one.find(f"{W}sdtPr/{W}lock") is not None]
    said = [(one.find(f"{W}sdtPr/{W}tag").get(f"{W}val"), words(one)) for one in controls]
    assert said[:3] == [("1.1", "277"), ("1.1.share", "62%"), ("2.1", "at least 4,500")]
    assert ("R.4", "880,000") in said  # in a table
    quoted = [quote for source in document.sources for quote in source.quotes]
    assert len(quoted) == 3
    for control in controls:
        assert control.find(f"{W}sdtPr/{W}lock").get(f"{W}val") == "sdtContentLocked"
    links = [one.find(f".//{W}hyperlink") for one in controls[:3]]
    for source, link in zip(document.sources, links, strict=True):
        assert link.get(f"{W}anchor") == anchor(source.name)
        assert source.record.title in link.get(f"{W}tooltip")


def test_each_paragraph_is_marked_with_its_cell() -> None:
    value = {"x": figure("1.1", "277")}
    frame = Table((Column("a"), Column("b", "number")), (Row((Cell("x"), Cell("1"))),))
    cells = [
        markdown("# Title"),
        markdown("## One\n\nText {eval}`x`.[^n]\n\n[^n]: Note.\n\n- a\n- b\n\n> c\n", value),
        code("#| label: tbl-a\n#| caption: A table\nx", shown_output(table_of(frame))),
        markdown(":::{note} Said\nSo.\n:::\n\nTerm\n: Means\n\n| h | i |\n|---|---|\n| j |  |\n"),
        code("a = 1\nb = 2", tags=("show-code",)),
    ]
    found = made(read_document(notebook(*cells, front=None)))
    texts = {}
    for part in ("document", "footnotes"):
        root = found[f"word/{part}.xml"]
        for start in root.iter(f"{W}bookmarkStart"):
            name = start.get(f"{W}name", "")
            if re.fullmatch(r"jp_(\d+_\d+|title)", name):
                texts[name] = words(next(start.iterancestors(f"{W}p")))
    assert texts == {
        "jp_title": "Title",
        "jp_2_1": "One",
        "jp_2_2": "Text 277.",
        "jp_2_3": " Note.",
        "jp_2_4": "a",
        "jp_2_5": "b",
        "jp_2_6": "c",
        "jp_3_1": "Table 1  A table",
        "jp_3_2": "a",
        "jp_4_1": "Said",
        "jp_4_2": "So.",
        "jp_4_3": "Term",
        "jp_4_4": "Means",
        "jp_4_5": "h",
        "jp_4_6": "i",
        "jp_4_7": "j",
        "jp_4_8": "",
        "jp_5_1": "a = 1b = 2",
    }


def test_fields_of_word_are_filled_in_and_none_asks_to_be_updated(
    parts: dict[str, etree._Element], body: etree._Element
) -> None:
    fields = [one.text.strip() for one in body.iter(f"{W}instrText")]
    assert [one for one in fields if one.startswith("SEQ")] == [
        "SEQ Table \\* ARABIC", "SEQ Chart \\* ARABIC", "SEQ Table \\* ARABIC"
    ]  # fmt: skip
    assert sum(one.startswith("TOC") for one in fields) == 3
    assert sum(one.startswith("REF") for one in fields) == 2
    kinds = values(body, "fldChar", "fldCharType")
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") == len(fields)
    raw = b"".join(etree.tostring(part) for part in parts.values())
    assert b"updateFields" not in raw
    assert b"dirty" not in raw
    lines = [words(p) for p in body.iter(f"{W}p") if p.find(f"{W}pPr/{W}pStyle") is not None]
    assert "1Purpose" in lines
    assert "Table 1  Indicator-based performance assessment" in lines
    assert "Chart 1  Teachers trained, by region" in lines


def test_headings_are_headings_and_numbered_as_in_the_other_formats(body: etree._Element) -> None:
    found = {}
    for p in body.iter(f"{W}p"):
        style = p.find(f"{W}pPr/{W}pStyle")
        if style is not None and style.get(f"{W}val", "").startswith("Heading"):
            number = p.find(f"{W}pPr/{W}numPr/{W}numId")
            found[words(p)] = (style.get(f"{W}val"), number is None)
    assert found["Purpose"] == ("Heading1", True)
    assert found["What was agreed"] == ("Heading2", True)
    assert found["Data and method"] == ("Heading1", False)
    assert found["Sources of figures"] == ("Heading1", False)


def test_all_of_a_callout_looks_like_one() -> None:
    text = markdown("# T\n\n:::{tip} Said\nOne.\n\n- a\n- b\n:::\n")
    root = made(read_document(notebook(text)))["word/document.xml"]
    styles = {words(p): values(p, "pStyle", "val") for p in root.iter(f"{W}p")}
    assert styles["Said"] == ["CalloutTipTitle"]
    assert styles["One."] == styles["a"] == styles["b"] == ["CalloutTip"]


def test_tables_repeat_their_heads_and_are_described(body: etree._Element) -> None:
    tables = [*body.iter(f"{W}tbl")]
    assert values(body, "tblCaption", "val")[1] == "Indicator-based performance assessment"
    assert len(values(body, "tblDescription", "val")) == len(tables)
    for table in tables:
        assert table.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None
        widths = [int(one.get(f"{W}w")) for one in table.iter(f"{W}gridCol")]
        assert all(width > 0 for width in widths)
        for row in table.iter(f"{W}tr"):
            spans = [one.find(f"{W}tcPr/{W}gridSpan") for one in row.iter(f"{W}tc")]
            assert sum(1 if s is None else int(s.get(f"{W}val")) for s in spans) == len(widths)
    assert not [*body.iter(f"{W}vMerge")]


def test_charts_have_alternative_text_and_both_kinds_of_picture(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        media = [name for name in archive.namelist() if "/media/" in name]
        text = archive.read("word/document.xml").decode()
    assert [name.rpartition(".")[2] for name in media] == ["png", "svg", "png"]
    assert 'descr="Bars: North 120, South 97 and Capital 60 teachers."' in text
    assert text.count("svgBlip") == 1


def test_the_mark_stands_on_every_page_and_the_file_says_what_it_is(
    document: Document, parts: dict[str, etree._Element]
) -> None:
    for number in (1, 2):
        assert words(parts[f"word/header{number}.xml"]).endswith(
            "Illustrative records. The records behind this report are synthetic."
        )
    assert words(parts["word/footer2.xml"]) == "Page 1 of 1"
    restricted = made(replace(document, front=replace(FRONT, illustrative=False, restricted=True)))
    assert "RESTRICTED" in words(restricted["word/header1.xml"])
    core = " ".join(parts["docProps/core.xml"].itertext())
    assert "Final report on Ruritania" in core
    assert "International Organization for Migration" in core
    (lang,) = parts["word/styles.xml"].iter(f"{W}lang")
    assert lang.get(f"{W}val") == "en-GB"


@pytest.mark.parametrize(
    ("tag", "word"),
    [
        ("en", "en-GB"),
        ("fr", "fr-FR"),
        ("sr-Cyrl", "sr-Cyrl-RS"),
        ("sr-Latn", "sr-Latn-RS"),
        ("pt-BR", "pt-BR"),
    ],
)
def test_languages_are_called_what_word_calls_them(tag: str, word: str) -> None:
    assert docx.word_language(tag) == word


def test_the_same_bytes_twice_with_seal_and_provenance(document: Document, content: bytes) -> None:
    assert render("docx", document).content == content
    assert is_intact(content)
    assert not is_intact(content.replace(b"word/document.xml", b"word/docament.xml"))
    (carried,) = (one.content for one in attachments(document) if one.name == NAME)
    assert docx.FORMAT.provenance(content) == carried
    with pytest.raises(ValueError, match="Word file"):
        docx.texts(b"no archive")


@settings(deadline=None, max_examples=25)
@given(st.text(min_size=1, max_size=40))
def test_whatever_is_said_makes_a_file_that_says_it(text: str) -> None:
    frame = Table((Column(text),), (Row((Cell(text),)),), notes=(text,))
    front = replace(FRONT, programme=text, objective=text, short_title=text)
    cells = [markdown("# Title"), code("x", shown_output(table_of(frame)))]
    content = render("docx", read_document(notebook(*cells, front=front))).content
    parts_of(content)
    said = squeezed("".join(docx.texts(content)))
    assert squeezed(text).replace("\N{REPLACEMENT CHARACTER}", "") in said or not text.isprintable()


def test_a_picture_that_is_none_is_refused() -> None:
    spoiled = code("x", shown_output(chart("A chart", svg="<svg")))
    with pytest.raises(ExportError, match="cannot be drawn"):
        render("docx", read_document(notebook(markdown("# T"), spoiled)))


@pytest.fixture(scope="module")
def resaved(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file as LibreOffice reads it: saved again, and printed."""
    assert shutil.which("soffice"), "install libreoffice-writer"
    folder = tmp_path_factory.mktemp("office")
    (folder / "in").mkdir()
    (folder / "in" / "report.docx").write_bytes(content)
    for kind in ("docx", "pdf"):
        subprocess.run(
            [
                "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
                "--convert-to", kind, "--outdir", str(folder), str(folder / "in" / "report.docx"),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    return folder


def _between(root: etree._Element, name: str) -> str:
    """Return the words within a bookmark."""
    said, number = "", None
    for element in root.iter():
        if element.tag == f"{W}bookmarkStart" and element.get(f"{W}name") == name:
            number = element.get(f"{W}id")
        elif element.tag == f"{W}bookmarkEnd" and element.get(f"{W}id") == number:
            return said
        elif element.tag == f"{W}t" and number:
            said += element.text or ""
    raise AssertionError(name)


@pytest.mark.slow
def test_libreoffice_reads_all_of_it_and_keeps_the_marks(
    content: bytes, body: etree._Element, resaved: Path
) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(resaved / "report.pdf") as printed:
        pages = [page.get_textpage().get_text_bounded() for page in printed]
    assert "Final report on Ruritania" in pages[0]
    assert all("Illustrative records." in page for page in pages)
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]
    assert "What was agreed" in pages[1]  # the contents
    again = (resaved / "report.docx").read_bytes()
    kept = parts_of(again)["word/document.xml"]
    before = values(body, "bookmarkStart", "name")
    assert {*before} <= {*values(kept, "bookmarkStart", "name")}
    figures = [name for name in before if name.startswith("jp_figure_")]
    assert figures[0] == figure_mark("1.1", 1)
    assert len(figures) == len([*body.iter(f"{W}lock")])
    said = {name: _between(kept, name) for name in figures}
    assert said == {name: _between(body, name) for name in figures}
    assert said[figures[0]] == "277"
    assert docx.FORMAT.provenance(again) == docx.FORMAT.provenance(content)


@pytest.mark.parametrize("text", ["Words", "Љубазни фењерџија чађавог лица хоће да ми покаже штос"])
def test_the_typefaces_are_in_the_file(text: str) -> None:
    made = render("docx", Document(text, FrontMatter(language="sr")), None)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        table = archive.read("word/fontTable.xml").decode()
        related = archive.read("word/_rels/fontTable.xml.rels").decode()
        found = {}
        for slot, name, key in re.findall(
            r'<w:embed(\w+) r:id="([^"]+)" w:fontKey="\{([^}]+)\}"', table
        ):
            part = re.search(rf'Id="{name}" [^>]*Target="([^"]+)"', related)
            assert part
            hidden = archive.read(f"word/{part[1]}")
            mixed = bytes.fromhex(key.replace("-", ""))[::-1]
            shown = bytes(one ^ mixed[n % 16] for n, one in enumerate(hidden[:32]))
            font = TTFont(io.BytesIO(shown + hidden[32:]))
            found[str(font["name"].getDebugName(1)), slot] = font
    assert {*found} == {
        *(("Source Sans Pro", slot) for slot in ("Regular", "Bold")),
        *(("Source Serif Pro", slot) for slot in ("Regular", "Bold", "Italic")),
    }
    for font in found.values():
        assert font["OS/2"].fsType == 0  # it may be passed on
        assert {*map(ord, text)} <= font.getBestCmap().keys()
