"""The typefaces of the PDF, from wheels: one file a face, whatever else is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from jpreport.export.branding import FontFile, font_bytes
from jpreport.files.private import private_folder

# (package, folder in it, faces). The Source wheels hold each face as OTF and as TTF; which of two
# files of one face Typst takes depends on the order of the folder, so it gets only one.
_FACES = (
    ("font_source_sans_pro", "files", "SourceSansPro-*.otf"),
    ("font_source_serif_pro", "files", "SourceSerifPro-*.otf"),
    # Their next versions, for Cyrillic italics: those of the two have none.
    ("fontpkg_source_sans_3", "files", "SourceSans3-Italic*.ttf"),
    ("fontpkg_source_serif_4", "files", "SourceSerif4-Italic*.ttf"),
    # For what these lack: Arabic, Armenian, arrows, signs. Its bold and oblique faces have
    # fewer characters, and where they are present Typst looks no further.
    ("matplotlib", "mpl-data/fonts/ttf", "DejaVuSans.ttf"),
)
RESERVE = "DejaVuSans.ttf"
_TEXT = ("SourceSansPro-Regular.otf", "SourceSerifPro-Regular.otf")


def _files() -> list[Path]:
    found: list[Path] = []
    for package, folder, pattern in _FACES:
        spec = find_spec(package)  # does not import it
        if spec is None or spec.origin is None:
            raise RuntimeError(f"the package {package} is not installed")
        found += sorted((Path(spec.origin).parent / folder).glob(pattern))
    return found


def text_fonts(folder: Path) -> list[Path]:
    """Return the faces of a folder that text is set in, where they have its letters."""
    return sorted(folder.glob("programme-*")) or [folder / name for name in _TEXT]


@contextmanager
def font_folder(fonts: Sequence[FontFile] = ()) -> Iterator[Path]:
    """Yield a folder that holds exactly the typefaces of the report: links, and `fonts`.

    What a programme's typeface lacks comes from the usual ones, so those are always there.
    """
    with private_folder() as folder:
        for file in _files():
            (folder / file.name).symlink_to(file)
        for number, font in enumerate(fonts):
            (folder / f"programme-{number}{font.path.suffix}").write_bytes(font_bytes(font))
        yield folder
