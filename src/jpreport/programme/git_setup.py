"""What a programme's folder tells Git: what is kept out, how notebooks are compared and merged."""

# Notebooks are kept in their canonical form, whose lines Git merges by itself. Where nbdime is
# set up (`nbdime config-git --enable`), it shows and merges them cell by cell; where it is not,
# Git takes its own way.
ATTRIBUTES = """\
# Records are kept byte for byte.
data/* -text
*.ipynb text eol=lf diff=jupyternotebook merge=jupyternotebook
"""

IGNORED = """\
.jpreport/
.ipynb_checkpoints/
.venv/
__pycache__/
outputs/
outputs-restricted/
"""

# JupyterLab saves the canonical form by itself; other editors do not.
PRE_COMMIT = r"""repos:
  - repo: local
    hooks:
      - id: jpreport-strip
        name: strip what runs left in notebooks
        entry: jpreport strip
        language: system
        files: \.ipynb$
"""

# By the file's name in the folder of a programme.
GIT_FILES = {
    ".gitattributes": ATTRIBUTES,
    ".gitignore": IGNORED,
    ".pre-commit-config.yaml": PRE_COMMIT,
}
