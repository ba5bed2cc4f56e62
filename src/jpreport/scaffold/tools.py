"""Exports of survey and monitoring tools: which tool wrote a table, and its own columns in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from jpreport.scaffold.columns import Column

# By the names of columns of which two tell the tool.
_TOOLS = {
    "KoboToolbox": {"_id", "_uuid", "_submission_time", "_index", "_parent_index", "__version__"},
    "ODK": {"KEY", "PARENT_KEY", "SubmissionDate", "meta-instanceID", "instanceID", "SubmitterID"},
    "ActivityInfo": {"RecordId", "FormId", "FormName", "Date1", "Date2", "Axe", "@id", "@parent"},
}
# What such tools say of a record, and no programme counts, adds up or divides by.
_OWN = re.compile(
    r"_(?!gps).*|meta[-/].*|formhub/uuid|(PARENT_)?KEY|SET-OF-.*|SubmissionDate|instance(ID|Name)"
    r"|Submitter(ID|Name)|Attachments(Present|Expected)|ReviewState|DeviceID|Edits|FormVersion"
    r"|@(id|parent)|(Record|Form|Database|Site|Location|Indicator|Activity|Partner)Id|Code \S.*"
    r"|deviceid|subscriberid|simserial|simid|phonenumber|username|audit|today"
)


# How tools name a file: themselves before, the moment behind.
_NAMED = re.compile(r"^ActivityInfo_Export_(?=\D)|[_ -]+\d{4}-\d\d-\d\d[-_ T\d:]*$")


def stem_of(path: Path) -> str:
    """Return what a file is called, without what a tool adds to its name."""
    return _NAMED.sub("", path.stem) or path.stem


def is_own(column: Column) -> bool:
    """Whether a column is the tool's own, about the record and not about what was recorded."""
    return bool(_OWN.fullmatch(column.raw.rpartition("/")[2] or column.raw))


def tool_of(columns: Sequence[Column], file: str) -> str:
    """Return the tool that wrote a table, by two of its columns or the file's name, else ""."""
    raws = {column.raw for column in columns}
    found = (name for name, own in _TOOLS.items() if len(own & raws) > 1)
    return next(found, "ActivityInfo" if file.startswith("ActivityInfo") else "")
