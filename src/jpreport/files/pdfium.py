"""PDFium may be entered by one thread at a time: two of them end the whole process."""

from threading import RLock

PDFIUM = RLock()
