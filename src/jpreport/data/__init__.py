"""Records opened against their contract, validated and digested."""

from jpreport.data.contract import Field, ForeignKey, Package, Resource
from jpreport.data.package import programme_package, read_package
from jpreport.data.records import Records
from jpreport.data.validation import check_records, record_doubts

__all__ = [
    "Field",
    "ForeignKey",
    "Package",
    "Records",
    "Resource",
    "check_records",
    "programme_package",
    "read_package",
    "record_doubts",
]
