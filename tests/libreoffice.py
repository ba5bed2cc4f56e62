"""LibreOffice as a reviewer: opens a file in a profile of its own, edits it and saves it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

PROGRAM = shutil.which("soffice")
AUTHOR = "Ana Petrovic"

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LIBRARY = "http://openoffice.org/2000/library"
# A profile that is complete: LibreOffice would write its own macros into a new one.
_SETTINGS = (
    _XML + '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    '<item oor:path="/org.openoffice.Setup/Office"><prop oor:name="ooSetupInstCompleted" '
    'oor:op="fuse"><value>true</value></prop></item>'
    '<item oor:path="/org.openoffice.UserProfile/Data"><prop oor:name="givenname" oor:op="fuse">'
    '<value>Ana</value></prop></item><item oor:path="/org.openoffice.UserProfile/Data">'
    '<prop oor:name="sn" oor:op="fuse"><value>Petrovic</value></prop></item></oor:items>'
)
# Each step is (what, words sought, new words); the first place that has the words is changed.
_MACRO = """\
Sub Edit
  On Error GoTo Failed
  Dim arguments(0) As New com.sun.star.beans.PropertyValue
  arguments(0).Name = "Hidden" : arguments(0).Value = True
  document = StarDesktop.loadComponentFromURL("{source}", "_blank", 0, arguments())
{steps}
  Dim filter(0) As New com.sun.star.beans.PropertyValue
  filter(0).Name = "FilterName" : filter(0).Value = "MS Word 2007 XML"
  document.storeToURL("{target}", filter())
  document.close(True)
  StarDesktop.terminate()
  Exit Sub
Failed:
  number = FreeFile
  Open "{said}" For Output As #number
  Print #number, Error$ & ", line " & Erl
  Close #number
  StarDesktop.terminate()
End Sub

Function Place(document, words)
  search = document.createSearchDescriptor()
  search.SearchString = words
  search.SearchCaseSensitive = True
  Place = document.findFirst(search)
End Function

Sub Change(document, words, other, tracked)
  document.RecordChanges = tracked
  Place(document, words).setString(other)
End Sub

Sub Remark(document, words, text)
  found = Place(document, words)
  note = document.createInstance("com.sun.star.text.textfield.Annotation")
  note.Author = "{author}" : note.Content = text
  found.Text.insertTextContent(found, note, True)
End Sub

Sub Paragraph(document, words, text)
  document.RecordChanges = True
  found = Place(document, words)
  cursor = found.Text.createTextCursorByRange(found.End)
  cursor.gotoEndOfParagraph(False)
  found.Text.insertControlCharacter(cursor, 0, False)
  found.Text.insertString(cursor, text, False)
End Sub

Sub Remove(document, words)
  document.RecordChanges = True
  found = Place(document, words)
  cursor = found.Text.createTextCursorByRange(found)
  cursor.gotoStartOfParagraph(False)
  cursor.gotoEndOfParagraph(True)
  cursor.goRight(1, True)
  cursor.setString("")
End Sub
"""
_CALLS = {
    "change": "  Change(document, {}, {}, True)",
    "untracked": "  Change(document, {}, {}, False)",
    "comment": "  Remark(document, {}, {})",
    "paragraph": "  Paragraph(document, {}, {})",
    "remove": "  Remove(document, {})",
}


def edit(source: Path, target: Path, steps: Sequence[tuple[str, ...]], profile: Path) -> None:
    """Open a file, do what the steps say, and save it; without steps it is saved as it is."""
    assert PROGRAM, "install libreoffice-writer"
    calls = "\n".join(
        _CALLS[what].format(*(f'"{word.replace(chr(34), chr(34) * 2)}"' for word in words))
        for what, *words in steps
    )
    macro = _MACRO.format(
        said=profile / "failed.txt",
        source=source.as_uri(),
        target=target.as_uri(),
        steps=calls,
        author=AUTHOR,
    )
    folder = profile / "user" / "basic" / "Standard"
    folder.mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS)
    (folder.parent / "script.xlc").write_text(
        f'{_XML}<library:libraries xmlns:library="{_LIBRARY}">'
        '<library:library library:name="Standard" library:link="false"/></library:libraries>'
    )
    (folder / "script.xlb").write_text(
        f'{_XML}<library:library xmlns:library="{_LIBRARY}" library:name="Standard" '
        'library:readonly="false"><library:element library:name="Review"/></library:library>'
    )
    (folder / "Review.xba").write_text(
        f'{_XML}<script:module xmlns:script="http://openoffice.org/2000/script" '
        f'script:name="Review" script:language="StarBasic">{escape(macro)}</script:module>'
    )
    command = [
        *(PROGRAM, f"-env:UserInstallation={profile.as_uri()}", "--headless"),
        *("--norestore", "macro:///Standard.Review.Edit"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    said = profile / "failed.txt"
    assert not said.exists(), said.read_text()
