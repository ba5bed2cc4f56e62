"""Closed records: a cell in JupyterLab, where they lie beside it, meets them as in a build."""

from __future__ import annotations

import ast
import os
import re
from pathlib import PurePath

from IPython.core.error import InputRejected
from IPython.core.getipython import get_ipython

from jpreport.data import Package
from jpreport.errors import DataError
from jpreport.execute import reads
from jpreport.files.closed import ClosedFile, closed, keys_of
from jpreport.programme.folder import AUDIENCE_VARIABLE

_NO_PATH = re.compile(r"""['"\s(),;|]+""")


class ClosedRecordsError(DataError, InputRejected):
    """A cell names a file that stays closed: it is not run."""


class _Refusing(ast.NodeTransformer):
    """Refuses a cell with a text that names a closed file, in SQL or in a command as well."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        files = {PurePath(file.name).name: file for file in closed()}
        words = _NO_PATH.split(node.value) if isinstance(node.value, str) else ()
        if named := [files[name] for word in words if (name := PurePath(word).name) in files]:
            raise ClosedRecordsError(file.problem for file in dict.fromkeys(named))
        return node


def close_records(package: Package) -> None:
    """Close the records of persons to the cells of a kernel, for the rest of its life.

    Python is refused when it opens them; DuckDB, Arrow and other programs, which open files by
    themselves, when a cell names one. They stay open where JPREPORT_AUDIENCE is "restricted", and
    outside of kernels.
    """
    shell = get_ipython()
    if shell is None or os.environ.get(AUDIENCE_VARIABLE) == "restricted":
        return
    persons = [one for one in package.resources.values() if one.sensitive]
    if persons and not closed():
        # A kernel of a release has had them closed from its first moment on.
        shell.ast_transformers.append(_Refusing())
    reads.close(ClosedFile(one.source, one.closed, keys_of(one.path)) for one in persons)
