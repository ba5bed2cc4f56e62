"""A design for the tiny programme: colours, a logo, and typefaces that travel with matplotlib."""

import shutil
from pathlib import Path

import matplotlib as mpl

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60">'
    '<circle cx="30" cy="30" r="26" fill="#7a1f3d"/></svg>'
)
STYLE = """
[style]
accent = "#7a1f3d"

[style.logo]
file = "style/logo.svg"
alt = "Example Agency"

[style.serif]
family = "Own Serif"
regular = "style/DejaVuSerif.ttf"
italic = "style/DejaVuSerif-Italic.ttf"
semibold = "style/DejaVuSerif-Bold.ttf"

[style.sans]
family = "Own Sans"
regular = "style/DejaVuSans.ttf"
italic = "style/DejaVuSans-Oblique.ttf"
semibold = "style/DejaVuSans-Bold.ttf"
"""


def add_style(root: Path, style: str = STYLE) -> Path:
    """Give a programme the design, and return its folder."""
    folder = root / "style"
    folder.mkdir()
    (folder / "logo.svg").write_text(LOGO, encoding="utf-8")
    for font in (Path(mpl.get_data_path()) / "fonts/ttf").glob("DejaVuS*.ttf"):
        if f"style/{font.name}" in style:
            shutil.copy(font, folder)
    with (root / "programme.toml").open("a", encoding="utf-8") as file:
        file.write(style)
    return root
