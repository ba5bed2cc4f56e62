"""A report as a workbook: its tables as sheets, for Excel and for LibreOffice."""
